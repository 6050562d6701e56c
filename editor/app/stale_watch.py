"""Watches which fill and filter layers are out of date: what lies beneath them is not what they were made from."""

from PySide6.QtCore import QObject, QTimer, Signal

from editor.document import fills
from editor.document.document import Document

_AFTER = 400  # milliseconds without a change before it looks


class StaleWatch(QObject):
    """Looks once nothing has changed for a moment, one layer at each turn of the event loop: each costs some 10 ms."""

    found = Signal()  # ``stale`` is of now

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._document: Document | None = None
        self._left: list[str] = []  # ids of the layers not yet looked at
        self.stale: frozenset[str] = frozenset()  # ids of the layers that were out of date at the last look
        self._found: set[str] = set()  # those of the look under way
        self._quiet = QTimer(self, singleShot=True, interval=_AFTER)
        self._quiet.timeout.connect(self._begin)
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._look)

    def set_document(self, document: Document | None) -> None:
        """Watch another document, or none."""
        if self._document is not None:
            self._document.history_changed.disconnect(self._wait)
        self._document = document
        self.stale = frozenset()
        self._wait()
        if document is not None:
            document.history_changed.connect(self._wait)

    def _wait(self) -> None:
        self._turn.stop()
        if self._document is None:
            self._quiet.stop()
        else:
            self._quiet.start()

    def _begin(self) -> None:
        self._left = [layer.id for layer in self._document.layers if layer.is_fill or layer.filtered]
        self._found = set()
        self._look()

    def _look(self) -> None:
        if not self._left:
            self.stale = frozenset(self._found)
            self.found.emit()
            return
        layer_id = self._left.pop()
        if fills.is_stale(self._document, layer_id):
            self._found.add(layer_id)
        self._turn.start()
