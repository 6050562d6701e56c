"""Points of the picture that should be black, grey or white."""

from PySide6.QtCore import QObject, Qt, Signal

from editor.app.tools.tool import Pointer
from editor.document.document import Document


class TonePicker(QObject):
    """A click, or a drag, picks; Esc or Enter ends it."""

    name, title, key = "tone-picker", "Black, grey or white point", ""

    picked = Signal(float, float)  # photo coordinates
    ended = Signal()
    drawing_changed = Signal(object)  # it draws nothing

    busy = True

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        self.picked.emit(pointer.x, pointer.y)

    def move(self, document: Document, pointer: Pointer) -> None:
        self.picked.emit(pointer.x, pointer.y)

    def release(self, document: Document, pointer: Pointer) -> None:
        pass  # picked while pressed

    def cancel(self, document: Document) -> None:
        self.ended.emit()

    def finish(self, document: Document) -> None:
        self.ended.emit()

    def leave(self, document: Document) -> None:
        self.ended.emit()

    def step_back(self, document: Document) -> None:
        self.ended.emit()
