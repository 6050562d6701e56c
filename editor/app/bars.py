"""Menus and tool bars, made from the commands and the tools."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenuBar, QSizePolicy, QToolBar, QToolButton, QWidget

from editor.app.commands import MENUS, Entry
from editor.app.theme import icon
from editor.app.tool_box import ToolBox
from editor.app.tool_grid import ToolGrid

# Where keyboards send "{" for Shift and "[", platforms differ in whether they leave the Shift.
_BRUSH_KEYS = (
    ("smaller", ("[",), lambda tools: tools.resize_brush(1 / 1.15)),
    ("larger", ("]",), lambda tools: tools.resize_brush(1.15)),
    ("softer", ("Shift+[", "{", "Shift+{"), lambda tools: tools.harden_brush(-0.1)),
    ("harder", ("Shift+]", "}", "Shift+}"), lambda tools: tools.harden_brush(0.1)),
)


def make_menus(bar: QMenuBar, owners: Sequence[object]) -> dict[str, tuple[Entry, QAction]]:
    """All commands as menus; each is carried out by the method of its name that one of ``owners`` has."""
    actions, groups = {}, {}
    for title, entries in MENUS.items():
        menu = bar.addMenu(title)
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            action = menu.addAction(entry.title)
            action.setObjectName(entry.name)
            action.setShortcuts([QKeySequence(key) for key in entry.keys])
            action.setCheckable(entry.checkable)
            action.setAutoRepeat(not entry.checkable)  # a key that is held must not switch to and fro
            action.setChecked(entry.checkable and entry.on)
            if entry.group:
                group = groups.setdefault(entry.group, QActionGroup(bar))
                group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
                group.addAction(action)
            if entry.icon:
                action.setIcon(icon(entry.icon))
            action.setToolTip(_with_key(entry.title.replace("&", ""), entry.keys))
            handler = next(getattr(owner, entry.name) for owner in owners if hasattr(owner, entry.name))
            if entry.checkable:
                action.toggled.connect(handler)
            else:
                action.triggered.connect(lambda checked=False, do=handler: do())
            actions[entry.name] = (entry, action)
    return actions


def toggles(actions: dict[str, tuple[Entry, QAction]], names: Iterable[str], parent: QWidget) -> list[QToolButton]:
    """Buttons for commands that are switched on and off."""
    buttons = []
    for name in names:
        button = QToolButton(parent)
        button.setObjectName(name.replace("toggle_", "").replace("_", "-"))
        button.setDefaultAction(actions[name][1])
        button.setAccessibleName(actions[name][1].toolTip())
        buttons.append(button)
    return buttons


def add_to_menu(bar: QMenuBar, title: str, actions: Iterable[QAction], after: str = "") -> None:
    """More actions for a menu: behind the command named ``after``, else at its end."""
    menu = next(action.menu() for action in bar.actions() if action.text() == title)
    names = [action.objectName() for action in menu.actions()]
    behind = menu.actions()[names.index(after) + 1] if after else None
    for action in actions:
        menu.insertAction(behind, action)


def add_tools(bar: QToolBar, tools: ToolBox) -> None:
    """A button for each tool; the chosen one is down."""
    group = QActionGroup(bar)
    for tool in tools.tools.values():
        action = QAction(icon(tool.name), tool.title, group)
        action.setObjectName(f"choose-{tool.name}")
        action.setShortcut(QKeySequence(tool.key))
        action.setToolTip(_with_key(tool.title, (tool.key,)))
        action.setCheckable(True)
        action.triggered.connect(lambda checked=False, name=tool.name: tools.choose(name))
        tools.chosen.connect(lambda name, action=action, own=tool.name: action.setChecked(name == own))
    bar.addWidget(ToolGrid(list(zip(tools.tools, group.actions(), strict=True)), bar))


def add_brush_keys(window: QWidget, tools: ToolBox) -> None:
    """Keys that change the chosen brush; they stand in no menu."""
    for name, keys, do in _BRUSH_KEYS:
        action = QAction(f"Brush {name}", window)
        action.setObjectName(f"brush-{name}")
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda checked=False, do=do: do(tools))
        window.addAction(action)


class TopRow(QWidget):
    """The tool's options at the left, what fills at the right; in a narrow window the one stands above the other."""

    def __init__(self, left: QWidget, right: Iterable[QWidget], parent: QWidget | None = None):
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._left, self._right = left, QWidget()
        row = QHBoxLayout(self._right)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in right:
            row.addWidget(widget)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(left, 0, 0)
        self._grid.addWidget(self._right, 0, 2)
        self._wanted = 0  # by the widest tool so far: the canvas must not jump with every tool

    def minimumSizeHint(self) -> QSize:
        return QSize(max(self._left.minimumSizeHint().width(), self._right.minimumSizeHint().width()),
                     super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        self._wanted = max(self._wanted, self._left.sizeHint().width() + self._right.sizeHint().width())
        below = self._wanted > self.width()
        if below != (self._grid.rowCount() > 1 and self._grid.itemAtPosition(1, 0) is not None):
            self._grid.removeWidget(self._right)
            self._grid.addWidget(self._right, *((1, 0, 1, 3, Qt.AlignmentFlag.AlignRight) if below else (0, 2)))


def _with_key(title: str, keys: tuple[str, ...]) -> str:
    shown = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
    return f"{title.rstrip('…')} ({shown})" if shown else title.rstrip("…")
