"""Opacity of the active layer: live while it is dragged, one step of the history for each drag."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from editor.app.slider import Slider
from editor.document.document import Document, Transaction

_PAUSE_MS = 600  # keys and wheel notches closer together than this are one step


class OpacityControl(QWidget):
    """A slider and a number, 0..100 %, of one layer."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._document: Document | None = None
        self._layer: str | None = None
        self._step: Transaction | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.finish)
        self.slider = Slider(Qt.Orientation.Horizontal, objectName="layer-opacity", minimum=0, maximum=100,
                             pageStep=10, toolTip="Opacity of the layer")
        self.number = QSpinBox(objectName="layer-opacity-number", minimum=0, maximum=100, suffix=" %",
                               keyboardTracking=False, toolTip="Opacity of the layer, in per cent")
        self.slider.setAccessibleName("Layer opacity")
        self.slider.valueChanged.connect(self._set)
        self.slider.sliderReleased.connect(self.finish)
        self.number.valueChanged.connect(self.slider.setValue)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.number)

    def show_layer(self, document: Document | None, layer_id: str | None) -> None:
        """Follow a layer of a document; with neither there is nothing to set."""
        if (document, layer_id) != (self._document, self._layer):
            self.finish()
        self._document, self._layer = document, layer_id
        layer = document.layer(layer_id) if document else None
        self.setEnabled(layer is not None)
        self._show(round(layer.opacity * 100) if layer else 100)

    def finish(self) -> None:
        """End the step under way, if there is one."""
        self._pause.stop()
        step, self._step = self._step, None
        if step is not None and step.open:
            step.commit()

    def _show(self, percent: int) -> None:
        for control in (self.slider, self.number):
            blocked = control.blockSignals(True)
            control.setValue(percent)
            control.blockSignals(blocked)

    def _set(self, percent: int) -> None:
        layer = self._document.layer(self._layer) if self._document else None
        if layer is None or round(layer.opacity * 100) == percent:
            return
        if self._step is None or not self._step.open:
            self._step = self._document.change("Layer opacity")
        if not self.slider.isSliderDown():
            self._pause.start()
        self._step.update_layer(self._layer, opacity=percent / 100)
