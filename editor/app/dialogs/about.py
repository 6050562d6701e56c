"""What the program is."""

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def show_about(parent: QWidget) -> None:
    try:
        number = version("pentimento")
    except PackageNotFoundError:
        number = ""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "About Pentimento", f"<b>Pentimento {number}</b>", parent=parent)
    box.setInformativeText("Mends and changes photographs by hand. Apache-2.0. Nothing leaves this machine.")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
