"""Tools that the panel of a filter lends to the canvas: a line along a blur, a box round what is to be looked at."""

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from editor.app.canvas.tool_overlay import Drawing, Line
from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.raster.selection.shapes import rectangle

Point = tuple[float, float]


class DragTool(QObject):
    """From where the pointer is pressed to where it is let go: ``dragged(start, end)``, photo coordinates (x, y)."""

    drawing_changed = Signal(object)
    dragged = Signal(object, object)
    given_up = Signal()  # Esc
    key = ""
    busy = True  # while it has the canvas, Esc gives it up

    def __init__(self, name: str, title: str, drawing: Callable[[Point, Point], Drawing],
                 parent: QObject | None = None):
        """``drawing`` makes what is drawn meanwhile of where it began and where the pointer is."""
        super().__init__(parent)
        self.name, self.title, self._drawing = name, title, drawing
        self._start: Point | None = None

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        self._start = pointer.x, pointer.y

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._start is not None:
            self.drawing_changed.emit(self._drawing(self._start, (pointer.x, pointer.y)))

    def release(self, document: Document, pointer: Pointer) -> None:
        start, self._start = self._start, None
        if start is not None:
            self.drawing_changed.emit(None)
            self.dragged.emit(start, (pointer.x, pointer.y))

    def cancel(self, document: Document) -> None:
        begun, self._start = self._start is not None, None
        self.drawing_changed.emit(None)
        if not begun:
            self.given_up.emit()

    def finish(self, document: Document) -> None:
        self.cancel(document)

    def step_back(self, document: Document) -> None:
        self.cancel(document)

    def leave(self, document: Document) -> None:
        self._start = None
        self.drawing_changed.emit(None)


def motion_line(parent: QObject) -> DragTool:
    """A line along what a point of light has become."""
    def drawing(start: Point, end: Point) -> Drawing:
        length, angle = length_and_angle(start, end)
        return Drawing((Line(np.array([start, end])),), (start, end), f"{length:.1f} px, {angle:.0f}°")

    return DragTool("motion-line", "Draw the motion", drawing, parent)


def region_box(parent: QObject) -> DragTool:
    """A box round what is to be looked at."""
    def drawing(start: Point, end: Point) -> Drawing:
        width, height = abs(end[0] - start[0]), abs(end[1] - start[1])
        return Drawing((Line(rectangle(start, end), closed=True, dashed=True),), words=f"{width:.0f} × {height:.0f}")

    return DragTool("region-box", "Choose a region", drawing, parent)


def length_and_angle(start: Point, end: Point) -> tuple[float, float]:
    """Pixels, and degrees anticlockwise from level, 0 to 180: a blur has no direction."""
    across, up = end[0] - start[0], start[1] - end[1]
    return math.hypot(across, up), math.degrees(math.atan2(up, across)) % 180
