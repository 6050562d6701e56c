"""A small window that opens beneath a button and closes with a click beside it."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget


class Popup(QFrame):
    """Deleted when it closes; Esc closes it, too."""

    def __init__(self, name: str, parent: QWidget | None = None):
        super().__init__(parent, Qt.WindowType.Popup, objectName=name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def open_below(self, button: QWidget) -> None:
        """Show beneath a button, kept on its screen."""
        self.adjustSize()
        screen = button.screen().availableGeometry()
        corner = button.mapToGlobal(QPoint(0, button.height() + 2))
        self.move(max(screen.left(), min(corner.x(), screen.right() - self.width())),
                  max(screen.top(), min(corner.y(), screen.bottom() - self.height())))
        self.show()
