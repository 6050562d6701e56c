"""The documents that are open, in the order of their tabs, and which of them is shown."""

from PySide6.QtCore import QObject, Signal

from editor.app.file_controller import OpenFile


class OpenFiles(QObject):
    """Knows nothing of widgets: the window shows what is shown, the tabs what there is."""

    shown = Signal(object)  # OpenFile, or None where none is left
    closed = Signal(object)  # OpenFile
    changed = Signal()  # which there are, their order, names, or what of them is unsaved

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.files: list[OpenFile] = []
        self.current: OpenFile | None = None

    def add(self, file: OpenFile, behind: bool = False) -> None:
        """Open one more, and show it, or leave the present one in sight (``behind``)."""
        self.files.append(file)
        file.document.history_changed.connect(self.changed)
        self.changed.emit()
        if not behind or self.current is None:
            self.show(file)

    def show(self, file: OpenFile) -> None:
        if file is not self.current:
            self.current = file
            self.shown.emit(file)
            self.changed.emit()

    def step(self, by: int) -> None:
        """Show the next one or the one before, round and round."""
        if self.current is not None:
            self.show(self.files[(self.files.index(self.current) + by) % len(self.files)])

    def move(self, start: int, end: int) -> None:
        self.files.insert(end, self.files.pop(start))

    def close(self, file: OpenFile) -> None:
        """It is no longer open; its neighbour is shown instead, if it was."""
        at = self.files.index(file)
        self.files.remove(file)
        file.document.history_changed.disconnect(self.changed)
        if file is self.current:
            self.current = self.files[min(at, len(self.files) - 1)] if self.files else None
            self.shown.emit(self.current)
        self.closed.emit(file)
        self.changed.emit()

    def share(self, budget: int) -> None:
        """Divide the memory for undo (bytes): half of it for all that are not in sight, as far as they need it."""
        hidden = [file.document for file in self.files if file is not self.current]
        for document in hidden:
            document.history.set_budget(budget // (2 * len(hidden)))
        if self.current is not None:
            held = sum(document.history.held for document in hidden)
            self.current.document.history.set_budget(max(budget // 2, budget - held))
