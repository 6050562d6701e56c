"""Edges that are proposed, to be chosen from; the canvas shows the one that is selected."""

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from editor.app.cards import IMAGE, VALUE, CardView

_SIDE = 150  # of a picture


class EdgeProposalsDialog(QDialog):
    """A gallery that fills while the engines are at work; ``shown(value)`` tells which one the user looks at."""

    shown = Signal(object)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="edge-proposals")
        self.setWindowTitle("Proposed edges")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = CardView(QSize(_SIDE, _SIDE), "proposal-list")
        self.list.setAccessibleName("Proposed edges")
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.list.doubleClicked.connect(self.accept)
        words = QLabel("Choose the lines to go on with: change them with pen and eraser, then press Fill.",
                       wordWrap=True)
        words.setProperty("muted", True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._take = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._take.setText("Take the lines")
        self._take.setObjectName("take-lines")
        self._take.setEnabled(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        self.resize(560, 460)

    def add(self, image: QImage, value: object) -> None:
        """One more, with its picture; the first is selected."""
        card = self.list.add_card(f"{self.list.cards.rowCount() + 1}", "Click or arrow keys show it on the photograph",
                                  value, "sketch-pen")
        card.setData(image, IMAGE)
        if card.row() == 0:
            self.list.setCurrentIndex(card.index())

    @property
    def chosen(self) -> object:
        """The value of the one that is selected."""
        return self.list.currentIndex().data(VALUE)

    def _choose(self, current: QModelIndex) -> None:
        self._take.setEnabled(current.isValid())
        if current.isValid():
            self.shown.emit(current.data(VALUE))
