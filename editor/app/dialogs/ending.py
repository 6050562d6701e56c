"""The question before a training that is under way ends."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget


class EndingDialog(QMessageBox):
    """Make a model of what has been learned so far, keep it for later, throw it away, or let it go on."""

    make_wanted = Signal()
    keep_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, title: str, closing: bool, learned: bool, parent: QWidget | None = None):
        """closing: the window is about to close; learned: there is something to make a model of."""
        super().__init__(QMessageBox.Icon.Question, "Pentimento", f"“{title}” is still learning from your photos.",
                         parent=parent)
        self.setObjectName("personalise-ending")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setInformativeText("Kept for later, Models > Personalise… goes on with it.")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        answers = {}
        if learned and not closing:
            answers[self._button("&Make a model of it", "ending-make", "End now, and use what it has learned so far",
                                 QMessageBox.ButtonRole.AcceptRole)] = self.make_wanted
        keep = self._button("&Keep for later", "ending-keep", "End now, and go on another time",
                            QMessageBox.ButtonRole.AcceptRole)
        answers[keep] = self.keep_wanted
        answers[self._button("&Throw away", "ending-discard", "End now, and delete what it has learned",
                             QMessageBox.ButtonRole.DestructiveRole)] = self.discard_wanted
        stay = self._button("&Stay" if closing else "&Go on", "ending-stay", "Let it go on (Esc)",
                            QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(keep if closing else stay)
        self.setEscapeButton(stay)
        self.finished.connect(lambda: self.clickedButton() in answers and answers[self.clickedButton()].emit())

    def _button(self, text: str, name: str, tip: str, role: QMessageBox.ButtonRole):
        button = self.addButton(text, role)
        button.setObjectName(name)
        button.setToolTip(tip)
        return button
