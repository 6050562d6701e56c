"""Rectangles round the photographs in a scan: moved, turned, drawn and taken away until they are right."""

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Drawing, Line
from editor.app.tools.rectangle_handles import INSIDE, TURN, dragged, drawn, handle_at, handles, knob
from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.raster.rectangle import Rectangle

_ARROWS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
_FAR = 10  # pixels of the photo that an arrow key moves with Shift
_GONE = (Qt.Key.Key_Delete,)
_CHOSEN, _OTHER = (127, 212, 255), (255, 255, 255)


class PhotographFrames(QObject):
    """Click one to choose it; drag inside to move, a side or corner to change it, the knob to turn it (Shift: in steps
    of 15 degrees), beside all of them to draw another; arrow keys nudge, Delete takes the chosen one away. Enter takes
    them, Esc leaves, Undo takes back the last change.
    """

    name, title, key = "photograph-frames", "Photographs in the scan", ""

    changed = Signal()  # which there are, where, or which is chosen
    drawing_changed = Signal(object)  # Drawing or None
    ended = Signal(bool)  # whether they are taken

    def __init__(self, canvas: Canvas, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._there: tuple[Rectangle, ...] = ()
        self._chosen = 0
        self._earlier: list[tuple[Rectangle, ...]] = []  # that Undo brings back
        self._before: tuple[Rectangle, ...] | None = None  # where a drag began
        self._handle: str | None = None  # that is dragged; None draws another
        self._start = (0.0, 0.0)
        self._over: str | None = None
        self._busy = False
        canvas.view_changed.connect(self._draw)  # handles are as large at any scale
        canvas.hovered.connect(self._hover)
        canvas.installEventFilter(self)

    @property
    def rectangles(self) -> tuple[Rectangle, ...]:
        return self._there

    @property
    def chosen(self) -> Rectangle | None:
        return self._there[self._chosen] if self._there else None

    def begin(self, found: tuple[Rectangle, ...]) -> None:
        self._busy = True
        self._earlier.clear()
        self._chosen = 0
        self._put(found)

    def end(self) -> None:
        """They are taken, or given up."""
        self._busy = False
        self._there, self._before = (), None
        self._earlier.clear()
        self.drawing_changed.emit(None)

    # As a tool

    @property
    def busy(self) -> bool:
        return self._busy

    def cursor(self) -> Qt.CursorShape:
        shapes = {None: Qt.CursorShape.CrossCursor, TURN: Qt.CursorShape.PointingHandCursor}
        return shapes.get(self._over, Qt.CursorShape.SizeAllCursor)

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        self._before, self._start = self._there, (pointer.x, pointer.y)
        self._handle, self._chosen = self._met(pointer.x, pointer.y)
        self._draw()
        self.changed.emit()

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._before is None:
            return
        now = pointer.x, pointer.y
        if self._handle is None:
            lean = self._before[self._chosen].angle if self._before else 0.0
            new = drawn(self._start, now, lean)
            if new is not None:
                self._chosen = len(self._before)
                self._put((*self._before, new))
            return
        steps = pointer.holds(Qt.KeyboardModifier.ShiftModifier)
        self._change(dragged(self._before[self._chosen], self._handle, self._start, now, in_steps=steps))

    def release(self, document: Document, pointer: Pointer) -> None:
        if self._before is not None and self._before != self._there:
            self._earlier.append(self._before)
        self._before = None

    def cancel(self, document: Document) -> None:
        if self._before is not None:  # only the drag under the pointer
            before, self._before = self._before, None
            self._put(before)
        elif self._busy:
            self.ended.emit(False)

    def finish(self, document: Document) -> None:
        self.ended.emit(True)

    def leave(self, document: Document) -> None:
        self.ended.emit(False)

    def step_back(self, document: Document) -> None:
        if self._earlier:
            self._put(self._earlier.pop())

    def remove(self) -> None:
        """Take the chosen one away."""
        if self._there:
            self._earlier.append(self._there)
            self._put(self._there[:self._chosen] + self._there[self._chosen + 1:])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._busy or self._canvas.stroking or not self._there:
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in _GONE:
            event.accept()  # or it would take a layer away
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() in _GONE:
            self.remove()
            return True
        if event.key() in _ARROWS:
            far = _FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._earlier.append(self._there)
            self._change(self.chosen.shift(*(far * step for step in _ARROWS[event.key()])))
            return True
        return False

    def _met(self, x: float, y: float) -> tuple[str | None, int]:
        """The handle under a point, and whose: the chosen one's before others'; None where a new one begins."""
        order = sorted(range(len(self._there)), key=lambda number: number != self._chosen)
        for number in order:
            handle = handle_at(self._there[number], x, y, self._canvas.pixel)
            if handle is not None and (number == self._chosen or handle == INSIDE):
                return handle, number
        return None, self._chosen

    def _hover(self, x: float, y: float) -> None:
        if self._busy and not self._canvas.stroking and (over := self._met(x, y)[0]) != self._over:
            self._over = over
            self._canvas.update_outline()

    def _change(self, rectangle: Rectangle) -> None:
        there = list(self._there)
        there[self._chosen] = rectangle
        self._put(tuple(there))

    def _put(self, there: tuple[Rectangle, ...]) -> None:
        self._there = there
        self._chosen = min(self._chosen, max(0, len(there) - 1))
        self._draw()
        self.changed.emit()

    def _draw(self) -> None:
        if not self._busy:
            return
        lines, squares = [], ()
        for number, one in enumerate(self._there):
            chosen = number == self._chosen
            lines.append(Line(one.corners(), closed=True, colour=_CHOSEN if chosen else _OTHER,
                              width=2.0 if chosen else 1.25))
            if chosen:
                top = knob(one, self._canvas.pixel)
                lines.append(Line(np.array([handles(one)["top"], top]), colour=_CHOSEN))
                squares = (*handles(one).values(), top)
        self.drawing_changed.emit(Drawing(tuple(lines), squares))
