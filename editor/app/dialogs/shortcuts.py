"""All keys and gestures, to be searched."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtGui import QAction, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLineEdit,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)


class ShortcutsDialog(QDialog):
    """What each key does: the window's own actions, and ``gestures`` as (what it does, keys or pointer)."""

    def __init__(self, actions: Iterable[QAction], gestures: Sequence[tuple[str, str]],
                 parent: QWidget | None = None):
        super().__init__(parent, objectName="shortcuts")
        self.setWindowTitle("Keyboard and pointer")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(520, 620)
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
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.table)


def _keyed(actions: Iterable[QAction]) -> list[tuple[str, str]]:
    """Name and keys of the actions that have keys, each once: first the menus', last what only one list acts on."""
    rows = {}
    for action in sorted(actions, key=lambda one: (_in_one_place(one), not _menu(one))):
        if keys := action.shortcuts():
            place = "In the layers list" if _in_one_place(action) else _menu(action)
            name = ": ".join(filter(None, (place, _plain(action.text()))))
            rows[name] = ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
    return list(rows.items())


def _in_one_place(action: QAction) -> bool:
    return action.shortcutContext() == Qt.ShortcutContext.WidgetShortcut


def _menu(action: QAction) -> str:
    """The menu it stands in; "Clear" alone would not say what is cleared."""
    return next((_plain(one.title()) for one in action.associatedObjects() if isinstance(one, QMenu)), "")


def _plain(title: str) -> str:
    return title.replace("&", "").removesuffix("…")
