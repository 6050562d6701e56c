"""How a filter is to work; the canvas shows meanwhile what comes of it."""

from collections.abc import Mapping
from dataclasses import Field, replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from editor.app.panels.setting_controls import Control, control_for, title_of
from editor.app.slider import Slider
from editor.restoration.contract import Filter
from editor.restoration.registry import settings_fields, settings_from

_WIDTH = 340  # logical pixels
_STEPS = 1000  # of a slider
_LARGE = "They are worked out at full resolution, from the middle outwards: zoom in to see them sooner."


class FilterDialog(QDialog):
    """``changed`` whenever the settings are others; ``shown(on)`` when the preview is wanted, or the picture before.

    Made from what the filter declares. A setting whose metadata has ``"when": (name, values)`` is only there while the
    setting ``name`` has one of these values.
    """

    changed = Signal()
    shown = Signal(bool)

    def __init__(self, filter: Filter, given: Mapping[str, Any], parent: QWidget | None = None):
        super().__init__(parent, objectName="filter-dialog")
        self.setWindowTitle(filter.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._filter = filter
        self._settings = settings_from(filter, given)
        self._fields = {field.name: field for field in settings_fields(filter) if not field.metadata.get("hidden")}
        self._controls: dict[str, Control] = {}
        self._panel: QWidget | None = None
        self._writing = False  # a control is being set: it is not the user who changes it
        self._build()
        self._show_rows()

    @property
    def settings(self) -> Any:
        """The filter's Settings."""
        return self._settings

    def sizeHint(self) -> QSize:
        """Narrow: texts are wrapped, so that the picture is seen beside it."""
        width = max(_WIDTH, self.minimumSizeHint().width())
        return QSize(width, self.layout().totalHeightForWidth(width))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.adjustSize()  # now all of it has its style

    def add_panel(self, panel: QWidget) -> None:
        """The filter's own controls, beneath the plain ones (see editor.app.filter_panels)."""
        self._panel = panel
        self._column.insertWidget(self._column.indexOf(self._below), panel)
        panel.settings_changed.connect(self.take)
        self.finished.connect(panel.end)
        panel.follow(self._settings)

    def take(self, values: Mapping[str, Any]) -> None:
        """Other values of some settings, which the controls then show."""
        self._settings = replace(self._settings, **values)
        self._writing = True
        for name in values.keys() & self._controls.keys():
            self._controls[name].write(getattr(self._settings, name))
        self._writing = False
        self._tell()

    def tell(self, done: int, wanted: int, left_out: int = 0) -> None:
        """So many tiles of those in sight are there; others that are in sight too will not be."""
        self._progress.setMaximum(max(1, wanted))
        self._progress.setValue(done if wanted else 1)
        if not self.preview.isChecked():
            self._note.setText("The picture is shown without it.")
        elif done < wanted:
            self._note.setText(f"Preview: {done} of {wanted} parts. {_LARGE if wanted > 6 else ''}".strip())
        elif left_out:
            self._note.setText("The middle of the canvas shows the result: the photo is too large for more at once.")
        else:
            self._note.setText("The canvas shows the result." if wanted else "What is filtered is not in sight.")

    def fail(self, words: str) -> None:
        self._note.setText(words)

    def _build(self) -> None:
        card = QLabel(self._filter.card, wordWrap=True)
        card.setProperty("muted", True)
        self._form = QFormLayout(horizontalSpacing=12)
        for field in self._fields.values():
            self._form.addRow(title_of(field), self._row(field))
        defaults = QPushButton("Defaults", objectName="filter-defaults", toolTip="Put all settings back",
                               autoDefault=False)
        defaults.clicked.connect(self._reset)
        self.preview = QCheckBox("Preview", objectName="filter-preview", checked=True,
                                 toolTip="Show on the canvas what comes of it")
        self.preview.toggled.connect(self.shown)
        before = QPushButton("Before", objectName="filter-before", toolTip="While held: the picture without it",
                             autoDefault=False)
        before.pressed.connect(lambda: self.shown.emit(False))
        before.released.connect(lambda: self.shown.emit(self.preview.isChecked()))
        self._below = QWidget()
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        for widget in (self.preview, before):
            below.addWidget(widget)
        below.addStretch(1)
        below.addWidget(defaults)
        self._progress = QProgressBar(objectName="filter-progress", textVisible=False, maximumHeight=4)
        self._note = QLabel(wordWrap=True, objectName="filter-note")
        self._note.setProperty("muted", True)
        self._note.setMinimumHeight(3 * self._note.fontMetrics().height())
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        apply = buttons.button(QDialogButtonBox.StandardButton.Ok)
        apply.setText("Apply")
        apply.setObjectName("apply-filter")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._column = QVBoxLayout(self)
        self._column.addWidget(card)
        self._column.addLayout(self._form)
        for widget in (self._below, self._progress, self._note, buttons):
            self._column.addWidget(widget)

    def _row(self, field: Field) -> QWidget:
        """A setting's control; a number that lies between two ends has a slider beside it."""
        control = self._controls[field.name] = control_for(
            field, getattr(self._settings, field.name), lambda *_: self._read(field.name))
        widget = control.widget
        widget.setObjectName(f"setting-{field.name}")
        widget.setAccessibleName(title_of(field))
        if not isinstance(widget, QSpinBox) and not hasattr(widget, "decimals"):
            return widget
        widget.setKeyboardTracking(False)
        if not {"min", "max"} <= field.metadata.keys():
            return widget
        low, high = field.metadata["min"], field.metadata["max"]
        slider = Slider(Qt.Orientation.Horizontal, minimum=0, maximum=_STEPS, objectName=f"slide-{field.name}",
                        toolTip=field.metadata.get("help", ""), focusPolicy=Qt.FocusPolicy.NoFocus)
        slider.setAccessibleName(title_of(field))

        def follow(value: float) -> None:
            with QSignalBlocker(slider):
                slider.setValue(round(_STEPS * (value - low) / (high - low)))

        slider.valueChanged.connect(lambda step: widget.setValue(field.type(low + (high - low) * step / _STEPS)))
        widget.valueChanged.connect(follow)
        follow(widget.value())
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(slider, 1)
        line.addWidget(widget)
        return row

    def _read(self, name: str) -> None:
        if not self._writing:
            self._settings = replace(self._settings, **{name: self._fields[name].type(self._controls[name].read())})
            self._tell()

    def _tell(self) -> None:
        self._show_rows()
        if self._panel is not None:
            self._panel.follow(self._settings)
        self.changed.emit()

    def _reset(self) -> None:
        defaults = self._filter.Settings()
        self.take({field.name: getattr(defaults, field.name) for field in settings_fields(self._filter)})

    def _show_rows(self) -> None:
        for row, field in enumerate(self._fields.values()):
            name, values = field.metadata.get("when", (field.name, None))
            self._form.setRowVisible(row, values is None or getattr(self._settings, name) in values)
        self.adjustSize()
