"""A slider as painters expect it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider


class Slider(QSlider):
    """A horizontal slider whose handle jumps to where it is clicked, and is dragged from there."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        groove, handle = (self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self) for part in (
            QStyle.SubControl.SC_SliderGroove, QStyle.SubControl.SC_SliderHandle))
        place = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(place):
            self.setSliderDown(True)  # the jump and the drag that may follow are one change
            self.setValue(QStyle.sliderValueFromPosition(
                self.minimum(), self.maximum(), place.x() - groove.left() - handle.width() // 2,
                groove.width() - handle.width()))
        super().mousePressEvent(event)
