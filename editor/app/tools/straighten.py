"""The tool that straightens: a line along what should be level, or upright."""

import math
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Drawing, Line
from editor.app.tools.options import OptionTool
from editor.app.tools.tool import Pointer
from editor.document.document import Document

CROPPED, ALL = "largest rectangle", "all of it"
_SHORTEST = 8.0  # logical pixels of the screen: a shorter line says nothing


@dataclass(frozen=True)
class StraightenOptions:
    """What is left of the photograph."""

    keep: str = field(default=CROPPED, metadata={
        "title": "Keep", "choices": (CROPPED, ALL),
        "help": "The largest upright rectangle without empty corners, or all of it, with transparent corners"})


class Straighten(OptionTool):
    """Drag along the horizon, or along a wall: the photograph is rotated until the line is level, or upright."""

    name, title, key = "straighten", "Straighten", "A"
    Options = StraightenOptions
    drawing_changed = Signal(object)
    rotation_wanted = Signal(float, bool)  # degrees clockwise, whether all is kept

    def __init__(self, canvas: Canvas, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._start: Pointer | None = None

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        self._start = pointer

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._start is not None:
            line = Line(np.array([(self._start.x, self._start.y), (pointer.x, pointer.y)]))
            self.drawing_changed.emit(Drawing((line,), words=f"{self._angle(pointer):+.2f}°".replace("-", "−")))

    def release(self, document: Document, pointer: Pointer) -> None:
        if self._start is None:
            return
        shortest = _SHORTEST * self._canvas.pixel
        long_enough = math.hypot(pointer.x - self._start.x, pointer.y - self._start.y) >= shortest
        angle = self._angle(pointer)
        self.cancel(document)
        if long_enough and angle:
            self.rotation_wanted.emit(angle, self.options.keep == ALL)

    def cancel(self, document: Document) -> None:
        self._start = None
        self.drawing_changed.emit(None)

    def _angle(self, end: Pointer) -> float:
        """By how many degrees clockwise to rotate, from -45 to 45."""
        slope = math.degrees(math.atan2(end.y - self._start.y, end.x - self._start.x))
        return 45 - (slope + 45) % 90
