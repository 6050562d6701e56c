"""The question before the window closes while a batch is at work."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget


class BatchEndingDialog(QMessageBox):
    """``end_wanted`` where the batch is to end; otherwise the window stays."""

    end_wanted = Signal()

    def __init__(self, done: int, count: int, parent: QWidget | None = None):
        super().__init__(QMessageBox.Icon.Question, "Pentimento", f"A batch is at work: {done} of {count} photos are "
                         "done.", parent=parent)
        self.setObjectName("batch-ending")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setInformativeText("Ended now, File > Batch… takes it up again where it was left.")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        end = self._button("&End it and close", "batch-ending-end", "What is written stays",
                           QMessageBox.ButtonRole.DestructiveRole)
        stay = self._button("&Stay", "batch-ending-stay", "Let it go on (Esc)", QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(stay)
        self.setEscapeButton(stay)
        self.finished.connect(lambda: self.clickedButton() is end and self.end_wanted.emit())

    def _button(self, text: str, name: str, tip: str, role: QMessageBox.ButtonRole):
        button = self.addButton(text, role)
        button.setObjectName(name)
        button.setToolTip(tip)
        return button
