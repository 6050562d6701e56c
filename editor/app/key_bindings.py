"""Gives the window's actions the keys that the user has chosen, and says so in their tooltips."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from editor.app.shortcuts import Chosen, binding_of, effective, native, plain, written

COMMAND = "command"
"""A widget's property: the name of the command whose key its tooltip tells."""


class KeyBindings(QObject):
    """Made once all actions are there, with the keys that the program gives them."""

    def __init__(self, actions: Iterable[QAction], window: QWidget):
        super().__init__(window)
        self._window = window
        self._actions = {action.objectName(): action for action in actions
                         if action.shortcutContext() == Qt.ShortcutContext.WindowShortcut
                         and action.text() and action.objectName() and not action.objectName().startswith("_q")}
        self.bindings = tuple(map(binding_of, self._actions.values()))

    def first(self) -> dict[str, str]:
        """The first key of each as it is now, to be read; "" where there is none."""
        return {name: native([written(key) for key in action.shortcuts()[:1]])
                for name, action in self._actions.items()}

    def apply(self, chosen: Chosen) -> None:
        """Give each action its keys."""
        keys = effective(self.bindings, chosen)
        for name, action in self._actions.items():
            action.setShortcuts([QKeySequence(key) for key in keys[name]])
            action.setToolTip(told(plain(action.text()), keys[name]))
        for widget in self._window.findChildren(QWidget):
            if (name := widget.property(COMMAND)) in keys:
                words = widget.property("words") or widget.toolTip()
                widget.setProperty("words", words)
                widget.setToolTip(told(words, keys[name]))


def told(words: str, keys: tuple[str, ...]) -> str:
    """A tooltip that ends with the first of the keys."""
    return f"{words} ({native(keys[:1])})" if keys else words
