"""What went wrong, in one line."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def show_error(parent: QWidget | None, message: str) -> QMessageBox:
    """Open a dialog with a UserError's line. Does not wait; the dialog deletes itself when it is closed."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Pentimento", message, QMessageBox.StandardButton.Ok, parent)
    box.setObjectName("error")
    box.setTextFormat(Qt.TextFormat.PlainText)  # a file's name is not markup
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box
