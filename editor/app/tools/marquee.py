"""Rectangles and ellipses into the mask."""

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import Qt

from editor.app.canvas.tool_overlay import Line
from editor.app.tools.selecting import ALT, SHIFT, SelectingOptions, SelectingTool
from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.raster.selection.shapes import between, ellipse, rectangle

RECTANGLE, ELLIPSE = "Rectangle", "Ellipse"
_OUTLINES = {RECTANGLE: rectangle, ELLIPSE: ellipse}


@dataclass(frozen=True)
class MarqueeOptions(SelectingOptions):
    shape: str = field(default=RECTANGLE, metadata={
        "title": "Shape", "choices": tuple(_OUTLINES), "help": "What a drag from corner to corner selects"})


class Marquee(SelectingTool):
    """Drag from corner to corner; Shift pressed meanwhile makes it square or a circle, Alt draws from the centre."""

    name, title, key = "marquee", "Rectangle or ellipse", "M"
    Options = MarqueeOptions

    _start: Pointer | None = None
    _spent = Qt.KeyboardModifier.NoModifier  # keys held since the press: they chose the mode
    _corners: tuple[tuple[float, float], tuple[float, float]] | None = None

    def press(self, document: Document, pointer: Pointer) -> None:
        self._start, self._spent, self._corners = pointer, pointer.modifiers, None

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._start is None:
            return
        self._spent &= pointer.modifiers
        asked = pointer.modifiers & ~self._spent
        self._corners = between((self._start.x, self._start.y), (pointer.x, pointer.y), bool(asked & SHIFT),
                                bool(asked & ALT))
        width, height = (abs(round(side)) for side in np.subtract(*self._corners))
        self._draw(Line(self._outline(), closed=True, dashed=True), words=f"{width} × {height}")

    def release(self, document: Document, pointer: Pointer) -> None:
        if self._corners is not None:
            self._select(document, self._outline(), self._mode(self._start), f"Select {self.options.shape.lower()}")
        self.cancel(document)

    def cancel(self, document: Document) -> None:
        self._start = self._corners = None
        self._draw_nothing()

    def _outline(self) -> np.ndarray:
        return _OUTLINES[self.options.shape](*self._corners)
