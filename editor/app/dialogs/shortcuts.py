"""All keys and gestures, to be searched."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QAction, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from editor.app.shortcuts import native, plain, title_of, written


class ShortcutsDialog(QDialog):
    """What each key does: the window's own actions, and ``gestures`` as (what it does, keys or pointer)."""

    change_wanted = Signal()  # of the keys

    def __init__(self, actions: Iterable[QAction], gestures: Sequence[tuple[str, str]],
                 parent: QWidget | None = None):
        super().__init__(parent, objectName="shortcuts")
        self.setWindowTitle("Keyboard and pointer")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 660)
        model = QStandardItemModel(0, 2, self)
        model.setHorizontalHeaderLabels(["What", "Keys"])
        for what, keys in (*_keyed(actions), *gestures):
            model.appendRow([QStandardItem(what), QStandardItem(keys)])
        self.filter = QSortFilterProxyModel(self, filterKeyColumn=-1,
                                            filterCaseSensitivity=Qt.CaseSensitivity.CaseInsensitive)
        self.filter.setSourceModel(model)
        self.search = QLineEdit(objectName="shortcuts-search", placeholderText="Search", clearButtonEnabled=True,
                                toolTip="Part of a name or a key")
        self.search.setAccessibleName("Search")
        self.search.textChanged.connect(self.filter.setFilterFixedString)
        self.table = QTableView(objectName="shortcuts-table", showGrid=False, alternatingRowColors=True,
                                selectionBehavior=QAbstractItemView.SelectionBehavior.SelectRows,
                                editTriggers=QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setModel(self.filter)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        change = QPushButton("&Change keys…", objectName="shortcuts-change", autoDefault=False,
                             toolTip="Give commands and tools other keys")
        change.clicked.connect(self.accept)
        change.clicked.connect(self.change_wanted)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.table)
        layout.addWidget(change, 0, Qt.AlignmentFlag.AlignLeft)


def _keyed(actions: Iterable[QAction]) -> list[tuple[str, str]]:
    """Name and keys of the actions that have keys, each once: first the menus', last what only one list acts on."""
    rows = {}
    for action in sorted(actions, key=lambda one: (_in_one_place(one), title_of(one) == plain(one.text()))):
        if keys := action.shortcuts():
            name = f"In the layers list: {plain(action.text())}" if _in_one_place(action) else title_of(action)
            rows[name] = native(map(written, keys))
    return list(rows.items())


def _in_one_place(action: QAction) -> bool:
    return action.shortcutContext() == Qt.ShortcutContext.WidgetShortcut


