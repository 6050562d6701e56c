"""Another picture is moved, scaled and turned where it lies on the photo."""

from math import atan2, degrees, hypot

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Drawing, Line
from editor.app.tools.frame_handles import KNOB, REACH
from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.raster.placement import Placement

_ARROWS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
_SIZES = {Qt.Key.Key_PageUp: 1, Qt.Key.Key_PageDown: -1}
_TURNS = {Qt.Key.Key_Home: -1, Qt.Key.Key_End: 1}
_FAR, _LARGER, _MUCH_LARGER, _TURN, _FAR_TURN = 10, 1.01, 1.1, 1.0, 15.0  # a key does; with Shift
_STEP = 15.0  # degrees, with Shift
_INSIDE, _TURNING = -1, -2  # handles; the others are corners' numbers


class PicturePlacing(QObject):
    """Drag inside it to move, a corner to scale about the opposite one (Alt: about the middle), the knob or beside it
    to turn (Shift: in steps of 15 degrees); arrow keys move, Page Up and Down scale, Home and End turn, with Shift by
    more. Enter takes, Esc leaves; Undo takes back the last change.
    """

    name, title, key = "picture-placing", "Edges from picture", ""

    moved = Signal(object)  # Placement
    drawing_changed = Signal(object)  # Drawing or None
    ended = Signal(bool)  # whether it is taken

    def __init__(self, canvas: Canvas, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._earlier: list[Placement] = []  # that Undo brings back
        self._placement: Placement | None = None
        self._before: Placement | None = None  # where a drag began
        self._handle = _INSIDE
        self._start = (0.0, 0.0)
        canvas.view_changed.connect(self._draw)  # the knob is as far away at any scale
        canvas.installEventFilter(self)

    @property
    def placement(self) -> Placement | None:
        return self._placement

    @property
    def touched(self) -> bool:
        """Whether the user has moved it."""
        return bool(self._earlier)

    def begin(self, placement: Placement) -> None:
        self._earlier.clear()
        self._put(placement)

    def place(self, placement: Placement) -> None:
        """Lay it elsewhere; Undo brings it back."""
        self._earlier.append(self._placement)
        self._put(placement)

    def end(self) -> None:
        """There is no picture any more."""
        self._earlier.clear()
        self._placement = self._before = None
        self.drawing_changed.emit(None)

    # As a tool

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.SizeAllCursor

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        self._before, self._start = self._placement, (pointer.y, pointer.x)
        self._handle = self._met(pointer)

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._before is not None:
            self._put(self._dragged(pointer).within(document.shape))

    def release(self, document: Document, pointer: Pointer) -> None:
        if self._before is not None and self._before != self._placement:
            self._earlier.append(self._before)
        self._before = None

    def cancel(self, document: Document) -> None:
        if self._before is not None:  # only the drag under the pointer
            self._put(self._before)
            self._before = None
        elif self.busy:
            self.ended.emit(False)

    @property
    def busy(self) -> bool:
        return self._placement is not None

    def finish(self, document: Document) -> None:
        self.ended.emit(True)

    def leave(self, document: Document) -> None:
        self.ended.emit(True)  # one Undo takes the lines back; the placement would be lost

    def step_back(self, document: Document) -> None:
        if self._earlier:
            self._put(self._earlier.pop())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not self.busy or self._canvas.stroking:
            return False
        far, now = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier), self._placement
        if event.key() in _ARROWS:
            down, right = (step * (_FAR if far else 1) for step in _ARROWS[event.key()])
            now = now.shift(down, right)
        elif event.key() in _SIZES:
            now = now.scaled((_MUCH_LARGER if far else _LARGER) ** _SIZES[event.key()])
        elif event.key() in _TURNS:
            now = now.turned((_FAR_TURN if far else _TURN) * _TURNS[event.key()])
        else:
            return False
        self.place(now.within(self._canvas.document.shape))
        return True

    def _dragged(self, pointer: Pointer) -> Placement:
        before, (y, x) = self._before, self._start
        if self._handle == _INSIDE:
            return before.shift(pointer.y - y, pointer.x - x)
        middle = before.centre
        if self._handle == _TURNING:
            turn = degrees(atan2(pointer.y - middle[0], pointer.x - middle[1]) - atan2(y - middle[0], x - middle[1]))
            if pointer.holds(Qt.KeyboardModifier.ShiftModifier):
                turn = round((before.angle + turn) / _STEP) * _STEP - before.angle
            return before.turned(turn)
        corners = before.corners()[:, ::-1]
        about = middle if pointer.holds(Qt.KeyboardModifier.AltModifier) else tuple(corners[(self._handle + 2) % 4])
        # Along the diagonal: how far the pointer has come from where it took the corner.
        along = corners[self._handle] - about
        return before.scaled(1 + float(np.dot((pointer.y - y, pointer.x - x), along) / np.dot(along, along)), about)

    def _knob(self) -> np.ndarray:
        """Where the knob is, (x, y)."""
        corners = self._placement.corners()
        up = corners[0] - corners[3]
        return (corners[0] + corners[1]) / 2 + up / np.hypot(*up) * KNOB * self._canvas.pixel

    def _met(self, pointer: Pointer) -> int:
        reach, place = REACH * self._canvas.pixel, np.array([pointer.x, pointer.y])
        if hypot(*(self._knob() - place)) <= reach:
            return _TURNING
        for number, corner in enumerate(self._placement.corners()):
            if hypot(*(corner - place)) <= reach:
                return number
        return _INSIDE if self._placement.contains(pointer.y, pointer.x) else _TURNING

    def _put(self, placement: Placement) -> None:
        self._placement = placement
        self._draw()
        self.moved.emit(placement)

    def _draw(self) -> None:
        if self._placement is not None:
            corners, knob = self._placement.corners(), self._knob()
            stem = np.array([(corners[0] + corners[1]) / 2, knob])
            self.drawing_changed.emit(Drawing(
                (Line(corners, closed=True), Line(stem)), tuple(map(tuple, (*corners, knob)))))
