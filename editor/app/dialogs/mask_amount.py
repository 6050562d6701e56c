"""By how many pixels to grow, shrink or feather the mask."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from editor.app.slider import Slider

_SLIDER_MAX = 100  # finer than the whole range; the number goes further
_MAX = 500


class MaskAmountDialog(QDialog):
    """A slider and a number of photo pixels; ``chosen`` follows when it is accepted."""

    chosen = Signal(int)
    amount_changed = Signal(int)

    def __init__(self, title: str, label: str, parent: QWidget | None = None, amount: int = 8):
        super().__init__(parent, objectName="mask-amount")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.number = QSpinBox(objectName="mask-amount-number", minimum=1, maximum=_MAX, suffix=" px", value=amount,
                               toolTip="Pixels of the photograph; the arrow keys change it")
        self.slider = Slider(Qt.Orientation.Horizontal, minimum=1, maximum=_SLIDER_MAX, value=amount,
                             objectName="mask-amount-slider", toolTip="Pixels of the photograph", minimumWidth=220)
        self.slider.setAccessibleName(label)
        self.number.valueChanged.connect(self._follow)
        self.slider.valueChanged.connect(self.number.setValue)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: self.chosen.emit(self.number.value()))
        words = QLabel(label)
        words.setBuddy(self.number)
        row = QHBoxLayout()
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addLayout(row)
        layout.addWidget(buttons)
        self.number.selectAll()
        self.number.setFocus()

    def _follow(self, amount: int) -> None:
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(amount)
        self.slider.blockSignals(blocked)
        self.amount_changed.emit(amount)

