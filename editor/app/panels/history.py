"""The history panel: every step, to walk to by a click or the arrow keys."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QTreeView, QVBoxLayout, QWidget

from editor.app.icons import DISABLED
from editor.document.document import Document
from editor.errors import UserError

_MEASURE_MS = 700  # adding up what thousands of steps hold is not done at every stroke


class HistoryModel(QAbstractListModel):
    """Row 0 is the state as opened, row n the state after n steps. Nothing is copied from the history."""

    def __init__(self, document: Document, parent: QObject):
        super().__init__(parent)
        self._history = document.history
        self._rows = len(self._history.commands) + 1

    def refresh(self) -> None:
        """Steps were added, undone, redone or dropped; the view repaints what it shows."""
        rows = len(self._history.commands) + 1
        if rows > self._rows:
            self.beginInsertRows(QModelIndex(), self._rows, rows - 1)
            self._rows = rows
            self.endInsertRows()
        elif rows < self._rows:
            self.beginRemoveRows(QModelIndex(), rows, self._rows - 1)
            self._rows = rows
            self.endRemoveRows()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else self._rows

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, position = index.row(), self._history.position
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            # The view may ask between a change of the history and the news of it.
            known = row <= len(self._history.commands)
            return "Opened" if row == 0 else self._history.commands[row - 1].name if known else ""
        if role == Qt.ItemDataRole.ForegroundRole and row > position:
            return DISABLED
        if role == Qt.ItemDataRole.FontRole and row == position:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ToolTipRole:
            return "The picture as it was opened" if row == 0 else \
                f"Step {row}" + (", undone" if row > position else "") + ": click to go there"
        return None


class HistoryPanel(QWidget):
    """A document's steps; the current one is selected, later ones are grey."""

    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="history")
        self._document: Document | None = None
        self._model: HistoryModel | None = None
        # A tree view: a list view lays out all its thousands of rows again whenever one is added.
        self.list = QTreeView(objectName="history-list", uniformRowHeights=True, headerHidden=True,
                              rootIsDecorated=False, indentation=0,
                              horizontalScrollBarPolicy=Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("History")
        self.list.setToolTip("Click a step to go there; Ctrl+Z undoes, Ctrl+Shift+Z redoes")
        self.memory = QLabel(objectName="history-memory", toolTip="Memory that the steps hold; more goes to disk")
        self.memory.setProperty("muted", True)
        self._measure = QTimer(self, singleShot=True, interval=_MEASURE_MS)
        self._measure.timeout.connect(self._show_memory)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 4)
        layout.setSpacing(4)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.memory)
        self._show_memory()

    def set_document(self, document: Document | None) -> None:
        """Show another document, or none."""
        if self._document is not None:
            self._document.history_changed.disconnect(self._refresh)
        old, self._model = self._model, None
        self._document = document
        self.list.setModel(None)
        if old is not None:
            old.deleteLater()
        if document is not None:
            self._model = HistoryModel(document, self)
            self.list.setModel(self._model)
            self.list.selectionModel().currentRowChanged.connect(self._chosen)
            document.history_changed.connect(self._refresh)
            self._refresh()
        self._show_memory()

    def _refresh(self) -> None:
        selection = self.list.selectionModel()
        blocked = selection.blockSignals(True)  # rows that go are not a choice of the user
        self._model.refresh()
        selection.blockSignals(blocked)
        current = self._model.index(self._document.history.position)
        self.list.setCurrentIndex(current)
        self.list.viewport().update()
        if not self._measure.isActive():
            self._measure.start()

    def _chosen(self, current: QModelIndex) -> None:
        if current.isValid() and current.row() != self._document.history.position:
            try:
                self._document.go_to(current.row())
            except UserError as error:
                self.failed.emit(str(error))
                self._refresh()

    def _show_memory(self) -> None:
        self._measure.stop()
        if self._document is None:
            self.memory.setText("")
            return
        history = self._document.history
        steps = len(history.commands)
        self.memory.setText(f"{steps} {'step' if steps == 1 else 'steps'}, "
                            f"{history.nbytes / 2**20:.0f} of {history.budget / 2**20:.0f} MiB")
