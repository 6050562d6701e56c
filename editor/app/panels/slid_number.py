"""A number with a slider."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from editor.app.slider import Slider

_BOX = 78  # logical pixels


class SlidNumber(QWidget):
    """A slider and a spin box that stand at the same whole number. The box has the objectName ``name``."""

    changed = Signal(int)  # by the user

    def __init__(self, name: str, low: int, high: int, unit: str, title: str, tip: str, parent: QWidget | None = None):
        super().__init__(parent)
        self._slider = Slider(Qt.Orientation.Horizontal, objectName=f"{name}-slider", minimum=low, maximum=high)
        self._box = QSpinBox(objectName=name, minimum=low, maximum=high, suffix=f" {unit}" if unit else "",
                             keyboardTracking=False)
        self._box.setFixedWidth(_BOX)  # one beneath the other, their sliders are alike
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._slider, 1)
        row.addWidget(self._box)
        for one in (self._slider, self._box):
            one.setToolTip(tip)
            one.setAccessibleName(title)
            one.valueChanged.connect(self._take)
        self.setFocusProxy(self._box)

    def set_value(self, value: int) -> None:
        for one in (self._slider, self._box):
            with QSignalBlocker(one):
                one.setValue(value)

    def _take(self, value: int) -> None:
        self.set_value(value)
        self.changed.emit(value)
