"""The question before work that is not saved goes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget


class UnsavedDialog(QMessageBox):
    """Save, don't save, or stay. Exactly one of the signals follows ``open()``."""

    save = Signal()
    discard = Signal()
    cancelled = Signal()

    def __init__(self, name: str, parent: QWidget | None = None):
        super().__init__(QMessageBox.Icon.Question, "Pentimento", f"Save the changes to {name}?", parent=parent)
        self.setObjectName("unsaved")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setInformativeText("What is not saved as a project is lost, the layers and their recipes included.")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        save = self.addButton("&Save", QMessageBox.ButtonRole.AcceptRole)
        discard = self.addButton("&Don’t save", QMessageBox.ButtonRole.DestructiveRole)
        cancel = self.addButton("&Cancel", QMessageBox.ButtonRole.RejectRole)
        save.setObjectName("unsaved-save")
        discard.setObjectName("unsaved-discard")
        cancel.setObjectName("unsaved-cancel")
        save.setToolTip("Save the project, then go on (Enter)")
        discard.setToolTip("Go on without saving")
        cancel.setToolTip("Stay here (Esc)")
        self.setDefaultButton(save)
        self.setEscapeButton(cancel)
        answers = {save: self.save, discard: self.discard}
        self.finished.connect(lambda: answers.get(self.clickedButton(), self.cancelled).emit())
