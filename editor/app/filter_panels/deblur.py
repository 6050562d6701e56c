"""The deblurring filter's own controls: its blur as a small picture, drawn on the canvas, or guessed from a region."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from editor.app.filter_trial import FilterTrial
from editor.app.tool_box import ToolBox
from editor.app.tools.blur_drawing import DragTool, Point, length_and_angle, motion_line, region_box
from editor.engines.contract import Progress
from editor.jobs.latest import Work
from editor.raster.surface import Box
from editor.restoration.contract import Scan
from editor.restoration.deblurring import MOST, Settings
from editor.restoration.deconvolution.psfs import MOTION, Blur, picture

if TYPE_CHECKING:
    from editor.restoration.deconvolution.blind import Estimate

_SIDE = 72  # logical pixels of the blur's picture
_SHORTEST = 3.0  # logical pixels of the screen: less is no drag
_HOW = "Draw along the blur of something that was a point, or choose a region to guess the blur from."


class Panel(QWidget):
    """objectNames ``draw-motion``, ``guess-blur``, ``blur-picture``, ``blur-note``. See editor.app.filter_panels."""

    settings_changed = Signal(object)

    def __init__(self, trial: FilterTrial, tools: ToolBox, parent: QWidget | None = None):
        super().__init__(parent)
        self._trial, self._tools = trial, tools
        self._settings: Settings | None = None
        self._line, self._box = motion_line(self), region_box(self)
        self._guessing = trial.background("Guessing the blur")
        self._guessing.produced.connect(self._take)
        self._guessing.failed.connect(self._say)
        self._guessing.ended.connect(self._show_state)
        self._line.dragged.connect(self._on_line)
        self._box.dragged.connect(self._on_box)
        for tool in (self._line, self._box):
            tool.given_up.connect(self._give_back)
        tools.chosen.connect(self._show_state)
        trial.told.connect(self._show_guess)
        self._build()

    def follow(self, settings: Settings) -> None:
        self._settings = settings
        if settings.blur is None:
            self._picture.setText("?")
            self._show_guess()
        else:
            self._show_blur(settings.blur)

    def end(self) -> None:
        self._tools.chosen.disconnect(self._show_state)
        self._trial.told.disconnect(self._show_guess)
        self._guessing.stop()
        self._give_back()

    def _show_guess(self, *_: int) -> None:
        """What is guessed of the whole picture, once that is known."""
        guessing, found = self._trial.ground.known.get(self._trial.filter.name, (False, None))
        if not guessing or self._settings is None or self._settings.blur is not None:
            return
        if found.guess is None:
            self._say("The picture is sharp, or does not tell its blur: it is left as it is.")
        else:
            self._say(f"Guessed: {found.guess.kind}, {found.guess.size:g} px.")
            self._show_blur(found.guess)

    def _show_blur(self, blur: Blur) -> None:
        pixels = picture(blur.psf(), _SIDE)
        image = QImage(pixels.data, _SIDE, _SIDE, _SIDE, QImage.Format.Format_Grayscale8)
        self._picture.setPixmap(QPixmap.fromImage(image))

    def _build(self) -> None:
        self._picture = QLabel(objectName="blur-picture", toolTip="What a point of light has become")
        self._picture.setFixedSize(QSize(_SIDE, _SIDE))
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._draw = QPushButton("Draw the motion", objectName="draw-motion", checkable=True, autoDefault=False,
                                 toolTip="Drag along the blur on the canvas: the line is its length and angle")
        self._guess = QPushButton(objectName="guess-blur", checkable=True, autoDefault=False,
                                  toolTip="Drag a box on the canvas; what is in it should have edges or texture, "
                                          "all of it equally blurred")
        self._note = QLabel(_HOW, wordWrap=True, objectName="blur-note")
        self._note.setProperty("muted", True)
        self._note.setMinimumHeight(2 * self._note.fontMetrics().height())
        self._draw.clicked.connect(lambda on: self._lend(self._line, on))
        self._guess.clicked.connect(self._on_guess)
        buttons = QVBoxLayout()
        for button in (self._draw, self._guess):
            buttons.addWidget(button)
        row = QHBoxLayout()
        row.addWidget(self._picture)
        row.addLayout(buttons, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self._note)
        self._show_state()

    def _on_guess(self, on: bool) -> None:
        if self._guessing.busy:
            self._guessing.stop()
            self._say(_HOW)
        else:
            self._lend(self._box, on)

    def _lend(self, tool: DragTool, on: bool) -> None:
        if on:
            self._tools.lend(tool)
            self._trial.canvas.setFocus()
            self._trial.canvas.window().activateWindow()
        else:
            self._give_back()

    def _give_back(self) -> None:
        for tool in (self._line, self._box):
            self._tools.take_back(tool)

    def _on_line(self, start: Point, end: Point) -> None:
        length, angle = length_and_angle(start, end)
        if length < _SHORTEST * self._trial.canvas.pixel:
            return  # a click: the tool stays for another try
        self._give_back()
        self._say(_HOW)
        self.settings_changed.emit({"kind": MOTION, "size": round(min(length, MOST), 1), "angle": round(angle, 1)})

    def _on_box(self, start: Point, end: Point) -> None:
        (left, right), (top, bottom) = (sorted((round(start[axis]), round(end[axis]))) for axis in (0, 1))
        if min(right - left, bottom - top) < _SHORTEST * self._trial.canvas.pixel:
            return
        self._give_back()
        scan = self._trial.scan()
        self._say("Looking for the blur…")
        self._guessing.ask(lambda: _guessing(scan, Box(top, left, bottom, right)))
        self._show_state()

    def _take(self, found: "Estimate") -> None:
        blur = found.blur
        if blur is None:
            self._say(found.note)
            return
        self._say(found.note or f"The region tells a blur of {blur.size:g} px.")
        self.settings_changed.emit({"kind": blur.kind, "size": min(blur.size, MOST), "angle": blur.angle})

    def _say(self, words: str) -> None:
        self._note.setText(words)

    def _show_state(self, *_: object) -> None:
        self._draw.setChecked(self._tools.current is self._line)
        self._guess.setChecked(self._tools.current is self._box)
        self._guess.setText("Stop" if self._guessing.busy else "Guess from a region")


def _guessing(scan: Scan, box: Box) -> Work:
    """The background thread's part."""

    def work(progress: Progress) -> Iterator["Estimate"]:
        from editor.restoration.deconvolution.blind import of_region

        yield of_region(scan, box, progress)

    return work
