"""Menus and tool bars, made from the commands and the tools."""

from collections.abc import Iterable, Sequence

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenuBar, QToolBar, QWidget

from editor.app.commands import MENUS, Entry
from editor.app.theme import icon
from editor.app.tool_box import ToolBox

# Where keyboards send "{" for Shift and "[", platforms differ in whether they leave the Shift.
_BRUSH_KEYS = (
    ("smaller", ("[",), lambda tools: tools.resize_brush(1 / 1.15)),
    ("larger", ("]",), lambda tools: tools.resize_brush(1.15)),
    ("softer", ("Shift+[", "{", "Shift+{"), lambda tools: tools.harden_brush(-0.1)),
    ("harder", ("Shift+]", "}", "Shift+}"), lambda tools: tools.harden_brush(0.1)),
)


def make_menus(bar: QMenuBar, owners: Sequence[object]) -> dict[str, tuple[Entry, QAction]]:
    """All commands as menus; each is carried out by the method of its name that one of ``owners`` has."""
    actions = {}
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
            action.setChecked(entry.checkable)  # what can be switched off is on at first
            if entry.icon:
                action.setIcon(icon(entry.icon))
            action.setToolTip(_with_key(entry.title.replace("&", ""), entry.keys))
            handler = next(getattr(owner, entry.name) for owner in owners if hasattr(owner, entry.name))
            action.triggered.connect(handler if entry.checkable else lambda checked=False, do=handler: do())
            actions[entry.name] = (entry, action)
    return actions


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
        action = bar.addAction(icon(tool.name), tool.title)
        action.setObjectName(f"choose-{tool.name}")
        action.setShortcut(QKeySequence(tool.key))
        action.setToolTip(_with_key(tool.title, (tool.key,)))
        action.setCheckable(True)
        action.triggered.connect(lambda checked=False, name=tool.name: tools.choose(name))
        tools.chosen.connect(lambda name, action=action, own=tool.name: action.setChecked(name == own))
        group.addAction(action)
        bar.widgetForAction(action).setObjectName(f"tool-{tool.name}")


def add_brush_keys(window: QWidget, tools: ToolBox) -> None:
    """Keys that change the chosen brush; they stand in no menu."""
    for name, keys, do in _BRUSH_KEYS:
        action = QAction(f"Brush {name}", window)
        action.setObjectName(f"brush-{name}")
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda checked=False, do=do: do(tools))
        window.addAction(action)


def _with_key(title: str, keys: tuple[str, ...]) -> str:
    shown = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
    return f"{title.rstrip('…')} ({shown})" if shown else title.rstrip("…")
