"""Keys that act while they are held, and what Enter means while something is typed."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget

from editor.app.canvas.canvas import Canvas

_KEY_EVENTS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class HeldKeys(QObject):
    """Space and backslash act while held, wherever in the window the focus is, but for text.

    Enter ends what is typed into a field, and fills nothing.
    """

    def __init__(self, canvas: Canvas, window: QWidget):
        super().__init__(window)
        self._canvas = canvas
        self._window = window
        QApplication.instance().installEventFilter(self)

    def close(self) -> None:
        QApplication.instance().removeEventFilter(self)

    def let_go(self) -> None:
        """The window has lost the keyboard: a release would never be heard of."""
        self._canvas.hold_space(False)
        self._canvas.show_original(False)
        self._canvas.let_go()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _KEY_EVENTS and self._canvas.document is not None and isinstance(watched, QWidget) \
                and watched.window() is self._window and self._window.isActiveWindow():
            typing = isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox)
            if event.type() == QEvent.Type.ShortcutOverride:
                if typing and event.key() in _ENTER:
                    event.accept()
                    return True
            elif not typing:
                return self._held(event)
            elif event.type() == QEvent.Type.KeyRelease and event.key() in _ENTER:
                self._canvas.setFocus()  # what was typed has been taken: keys are the tools' again
        return super().eventFilter(watched, event)

    def _held(self, event: QKeyEvent) -> bool:
        if event.key() not in (Qt.Key.Key_Space, Qt.Key.Key_Backslash):
            return False
        held = event.type() == QEvent.Type.KeyPress
        if event.key() == Qt.Key.Key_Space and not (self._canvas.space_held or held and (
                self._canvas.pointer is not None or self._canvas.hasFocus())):
            return False  # it presses the button, or hides the layer, that has the focus
        if not event.isAutoRepeat():
            if event.key() == Qt.Key.Key_Space:
                self._canvas.hold_space(held)
            else:
                self._canvas.show_original(held)
        return True
