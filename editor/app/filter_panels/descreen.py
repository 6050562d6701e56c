"""The descreening filter's own controls: the scan's spectrum, in which peaks are switched off, moved and added."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from editor.app.filter_trial import FilterTrial
from editor.app.filter_work import Ground
from editor.app.panels.spectrum_view import SpectrumView
from editor.app.tool_box import ToolBox
from editor.engines.contract import Progress
from editor.jobs.latest import Work
from editor.restoration.contract import Filter
from editor.restoration.descreening import Settings, peaks_of
from editor.restoration.screens import Peak, Spectrum, written

_LOOKING = "Looking for a screen …"


class Panel(QWidget):
    """objectNames ``spectrum``, ``found-peaks``, ``screen-note``. See editor.app.filter_panels."""

    settings_changed = Signal(object)

    def __init__(self, trial: FilterTrial, tools: ToolBox, parent: QWidget | None = None):
        super().__init__(parent)
        self._trial = trial
        self._found: Spectrum | None = None
        self._settings = Settings()
        self.view = SpectrumView(self)
        self._note = QLabel(_LOOKING, wordWrap=True, objectName="screen-note")
        self._note.setProperty("muted", True)
        self._note.setMinimumHeight(2 * self._note.fontMetrics().height())
        self._again = QPushButton("Found peaks", objectName="found-peaks", autoDefault=False,
                                  toolTip="Back to the peaks that were found")
        self._again.clicked.connect(lambda: self.settings_changed.emit({"peaks": ""}))
        row = QHBoxLayout()
        row.addWidget(self._note, 1)
        row.addWidget(self._again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        column.addLayout(row)
        self.view.changed.connect(lambda peaks: self.settings_changed.emit({"peaks": written(peaks)}))
        self._looking = trial.background("Looking for a screen")
        self._looking.produced.connect(self._take)
        self._looking.failed.connect(self._note.setText)
        trial.ground_changed.connect(self._look)
        self._look()

    def follow(self, settings: Settings) -> None:
        self._settings = settings
        self._again.setEnabled(bool(settings.peaks))
        if self._found is not None:
            peaks = peaks_of(self._found, settings)
            # What is dragged is known more exactly than it is written.
            if written(peaks) != written(self.view.peaks):
                self.view.show_peaks(peaks)
            self._note.setText(self._words(peaks))

    def end(self) -> None:
        self._looking.stop()

    def _look(self) -> None:
        ground, filter, settings = self._trial.ground, self._trial.filter, self._settings
        self._note.setText(_LOOKING)
        self._looking.ask(lambda: _looking(ground, filter, settings))

    def _take(self, found: Spectrum) -> None:
        self._found = found
        self.view.show_spectrum(found.decibels)
        self.follow(self._settings)

    def _words(self, peaks: tuple[Peak, ...]) -> str:
        used = [peak for peak in peaks if peak.on]
        if not used:
            return ("All peaks are switched off." if peaks else
                    "No screen is found: nothing is changed. Click on a peak to take it out.")
        strongest = max(used, key=lambda peak: peak.strength)
        resolution = self._trial.ground.snapshot.photo.metadata.resolution
        lines = f", {strongest.fineness * sum(resolution) / 2:.0f} lines per inch" if resolution else ""
        every = f"repeats every {1 / strongest.fineness:.1f} px{lines}."
        return f"One peak; it {every}" if len(used) == 1 else f"{len(used)} peaks; the strongest {every}"


def _looking(ground: Ground, filter: Filter, settings: Any) -> Work:
    """The background thread's part."""

    def work(progress: Progress) -> Iterator[Spectrum]:
        yield ground.prepared(filter, settings, progress)

    return work
