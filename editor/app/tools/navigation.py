"""Tools that move the view: hand and zoom."""

from PySide6.QtCore import QObject, Qt

from editor.app.canvas.canvas import Canvas
from editor.app.tools.tool import Pointer
from editor.document.document import Document

_CLICK = 4  # device pixels: a shorter drag is a click


class Hand(QObject):
    """Drags the photograph."""

    name, title, key = "hand", "Hand", "H"

    def __init__(self, canvas: Canvas, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._last: Pointer | None = None

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.OpenHandCursor

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        self._last = pointer

    def move(self, document: Document, pointer: Pointer) -> None:
        self._canvas.set_view(self._canvas.view.panned(
            pointer.device_x - self._last.device_x, pointer.device_y - self._last.device_y))
        self._last = pointer

    def release(self, document: Document, pointer: Pointer) -> None:
        self._last = None

    def cancel(self, document: Document) -> None:
        self._last = None


class Zoom(QObject):
    """Click to magnify, with Alt to reduce; drag right or left to zoom smoothly about the pressed point."""

    name, title, key = "zoom", "Zoom", "Z"

    def __init__(self, canvas: Canvas, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._start: Pointer | None = None
        self._last_x = 0.0
        self._dragged = False

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        self._start, self._last_x, self._dragged = pointer, pointer.device_x, False

    def move(self, document: Document, pointer: Pointer) -> None:
        if abs(pointer.device_x - self._start.device_x) > _CLICK:
            self._dragged = True
        if self._dragged:
            self._zoom(2 ** ((pointer.device_x - self._last_x) / 150))
            self._last_x = pointer.device_x

    def release(self, document: Document, pointer: Pointer) -> None:
        if not self._dragged:
            self._zoom(0.5 if pointer.holds(Qt.KeyboardModifier.AltModifier) else 2.0)

    def cancel(self, document: Document) -> None:
        self._dragged = True

    def _zoom(self, factor: float) -> None:
        self._canvas.set_view(self._canvas.view.zoomed(factor, self._start.device_x, self._start.device_y))
