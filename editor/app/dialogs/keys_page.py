"""The page of the preferences on which keys are changed."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from editor.app.shortcuts import HELD, Binding, Chosen, assigned, effective, holder, native, reset, written

_NAME = Qt.ItemDataRole.UserRole


class KeysPage(QWidget):
    """What there is and its keys; a new key is pressed, and what it is taken from is told before it is set."""

    changed = Signal(object)  # Chosen

    def __init__(self, bindings: Sequence[Binding], parent: QWidget | None = None):
        super().__init__(parent, objectName="keys-page")
        self._bindings = bindings
        self._chosen: Chosen = {}
        self._model = QStandardItemModel(0, 2, self)
        self._model.setHorizontalHeaderLabels(["What", "Keys"])
        for binding in sorted(bindings, key=lambda one: one.title):
            what = QStandardItem(binding.title)
            what.setData(binding.name, _NAME)
            self._model.appendRow([what, QStandardItem()])
        self._filter = QSortFilterProxyModel(self, filterKeyColumn=-1,
                                             filterCaseSensitivity=Qt.CaseSensitivity.CaseInsensitive)
        self._filter.setSourceModel(self._model)
        self.search = QLineEdit(objectName="keys-search", placeholderText="Search", clearButtonEnabled=True,
                                toolTip="Part of a name or a key")
        self.search.setAccessibleName("Search")
        self.search.textChanged.connect(self._filter.setFilterFixedString)
        self.table = QTableView(objectName="keys-table", showGrid=False, alternatingRowColors=True,
                                tabKeyNavigation=False,
                                selectionBehavior=QAbstractItemView.SelectionBehavior.SelectRows,
                                selectionMode=QAbstractItemView.SelectionMode.SingleSelection,
                                editTriggers=QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setAccessibleName("Commands and their keys")
        self.table.setModel(self._filter)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.edit = QKeySequenceEdit(objectName="new-key", toolTip="Press the new key here")
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName("New key")
        self.note = QLabel(objectName="keys-note", wordWrap=True)
        self.note.setProperty("muted", True)
        self.set_button = self._button("&Set", "keys-set", "Give it this key in the place of those it has")
        self.none_button = self._button("&None", "keys-none", "Take its keys away")
        self.reset_button = self._button("&Reset", "keys-reset", "Give it the keys it had at first")
        self.reset_all_button = self._button("Reset &all", "keys-reset-all", "Give everything the keys it had at first")
        self._lay_out()
        self.table.selectionModel().currentChanged.connect(self._choose)
        self.edit.keySequenceChanged.connect(self._look)
        self.set_button.clicked.connect(lambda: self._take(assigned(bindings, self._chosen, self._name, (self._key,))))
        self.none_button.clicked.connect(lambda: self._take(assigned(bindings, self._chosen, self._name, ())))
        self.reset_button.clicked.connect(lambda: self._take(reset(bindings, self._chosen, self._name)))
        self.reset_all_button.clicked.connect(lambda: self._take({}))
        self.show_chosen({})

    def show_chosen(self, chosen: Chosen) -> None:
        """Show these choices; ``changed`` is not told."""
        self._chosen = chosen
        keys = effective(self._bindings, chosen)
        for row in range(self._model.rowCount()):
            name = self._model.item(row, 0).data(_NAME)
            self._model.item(row, 1).setText(native(keys[name]))
            font = self._model.item(row, 0).font()
            font.setBold(name in chosen)
            for column in (0, 1):
                self._model.item(row, column).setFont(font)
        self._look()

    def choose(self, name: str) -> None:
        """Make the command of that name the one that is changed."""
        self.search.clear()
        found = self._filter.match(self._filter.index(0, 0), _NAME, name, 1, Qt.MatchFlag.MatchExactly)
        self.table.setCurrentIndex(found[0])

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        return QPushButton(text, objectName=name, toolTip=tip, autoDefault=False)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.edit, 1)
        for button in (self.set_button, self.none_button, self.reset_button):
            row.addWidget(button)
        row.addSpacing(12)
        row.addWidget(self.reset_all_button)
        self.note.setMinimumHeight(2 * self.note.fontMetrics().lineSpacing())
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        column.addLayout(row)
        column.addWidget(self.note)

    @property
    def _name(self) -> str:
        """Of the chosen command; "" without one."""
        index = self.table.currentIndex()
        return index.siblingAtColumn(0).data(_NAME) if index.isValid() else ""

    @property
    def _key(self) -> str:
        return written(self.edit.keySequence())

    def _choose(self, index: QModelIndex) -> None:
        keys = effective(self._bindings, self._chosen)[self._name] if self._name else ()
        self.edit.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())
        self._look()

    def _look(self) -> None:
        """Say what the pressed key does now."""
        name, key = self._name, self._key
        keys = effective(self._bindings, self._chosen).get(name, ())
        held = holder(self._bindings, self._chosen, key) if key and key not in keys else ""
        shown = native([key]) if key else ""
        if not name:
            words = "Choose what is to have another key."
        elif key in HELD:
            words = f"{shown} cannot be given to anything else: {HELD[key]}."
        elif held:
            words = f"{shown} is “{held}” now; setting it here takes it away there."
        else:
            words = f"{shown} is free." if key and key not in keys else "Press the new key in the field, then Set."
        self.note.setText(words)
        self.edit.setEnabled(bool(name))
        self.set_button.setEnabled(bool(name and key) and key not in HELD and tuple(keys) != (key,))
        self.none_button.setEnabled(bool(keys))
        self.reset_button.setEnabled(name in self._chosen)
        self.reset_all_button.setEnabled(bool(self._chosen))

    def _take(self, chosen: Chosen) -> None:
        self.show_chosen(chosen)
        self.changed.emit(chosen)
