"""The question before a mask of another size is scaled."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

_SAME_PROPORTIONS = 0.01  # share by which width to height may differ and still be what the photograph has


def ask_to_scale(parent: QWidget, mask: tuple[int, int], photo: tuple[int, int], then: Callable[[], object]) -> None:
    """Go on with ``then`` if the user wants a mask of (height, width) to be scaled to the photograph's."""
    box = QMessageBox(QMessageBox.Icon.Question, "Pentimento", f"The mask has {mask[1]} × {mask[0]} pixels, the "
                      f"photograph {photo[1]} × {photo[0]}. Scale the mask to fit?", parent=parent)
    box.setObjectName("scale-mask")
    if abs(mask[1] * photo[0] / (mask[0] * photo[1]) - 1) > _SAME_PROPORTIONS:
        box.setInformativeText("Its proportions differ: it will be stretched.")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    scale = box.addButton("&Scale", QMessageBox.ButtonRole.AcceptRole)
    scale.setObjectName("scale-mask-yes")
    scale.setToolTip("Scale the mask to the photograph's size (Enter)")
    leave = box.addButton(QMessageBox.StandardButton.Cancel)
    leave.setObjectName("scale-mask-no")
    leave.setToolTip("Leave the mask as it is (Esc)")
    box.setDefaultButton(scale)
    box.setEscapeButton(leave)
    box.finished.connect(lambda: then() if box.clickedButton() is scale else None)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.open()
