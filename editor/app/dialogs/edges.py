"""How edges are found that are taken into the sketch; the canvas shows them meanwhile."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QFormLayout, QWidget

from editor.app.slider import Slider

_STEPS = 10  # of the sliders: to a pixel, to a doubling


class EdgesDialog(QDialog):
    """``changed`` whenever the lines are to be made anew, and once at the beginning."""

    changed = Signal()

    def __init__(self, title: str, name: str, parent: QWidget | None = None):
        super().__init__(parent, objectName=name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._taken = False  # as soon as they are shown
        self._form = QFormLayout(self)
        self.smoothing = self._slider("edge-smoothing", "Smoothing", 5, 60, 20,
                                      "Low: every detail becomes a line. High: only the strongest shapes do")
        self.threshold = self._slider("edge-threshold", "Threshold", -25, 25, 0,
                                      "How strong an edge has to be to become a line")
        for slider in (self.smoothing, self.threshold):
            slider.valueChanged.connect(self.ask)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._take = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._take.setText("Take the lines")
        self._take.setObjectName("take-lines")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    @property
    def sigma(self) -> float:
        """Of Canny's Gaussian, in pixels of the networks."""
        return self.smoothing.value() / _STEPS

    @property
    def strength(self) -> float:
        """Of Canny's thresholds."""
        return 2 ** (self.threshold.value() / _STEPS)

    def ask(self) -> None:
        """For lines; the first time to be called once it is connected."""
        self._take.setEnabled(False)  # until the canvas shows what is asked for
        self.changed.emit()

    def shown(self) -> None:
        """The canvas shows what was asked for last."""
        self._take.setEnabled(True)
        if self._taken:
            self.accept()

    def take(self) -> None:
        """As the button, but as soon as they are shown."""
        self._taken = True
        if self._take.isEnabled():
            self.accept()

    def _slider(self, name: str, title: str, low: int, high: int, value: int, tip: str) -> Slider:
        slider = Slider(Qt.Orientation.Horizontal, minimum=low, maximum=high, value=value, objectName=name,
                        toolTip=tip, minimumWidth=220)
        slider.setAccessibleName(title)
        self._form.addRow(title, slider)
        return slider


class TraceEdgesDialog(EdgesDialog):
    """The edges of the photo itself."""

    def __init__(self, masked: bool, parent: QWidget | None = None):
        super().__init__("Trace edges", "trace-edges-dialog", parent)
        self.place = QComboBox(objectName="edge-place", toolTip="Where edges become lines")
        if masked:
            self.place.addItem("The mask", True)
        self.place.addItem("All that is in view", False)
        self.place.currentIndexChanged.connect(self.ask)
        self._form.addRow("In", self.place)
        self._form.addRow(self._buttons)

    @property
    def in_mask(self) -> bool:
        return self.place.currentData()


class PictureEdgesDialog(EdgesDialog):
    """The edges, and if wanted the colours, of another picture, which lies on the canvas; stays beside it."""

    placed = Signal(object)  # where the user wants it laid: one of the values of ``offer``
    faded = Signal(float)  # how opaque it is to be seen

    def __init__(self, name: str, parent: QWidget | None = None):
        super().__init__(f"Edges from {name}", "picture-edges", parent)
        self.setWindowFlag(Qt.WindowType.Tool)  # above its window, and the keys go on being the canvas's
        self.place = QComboBox(objectName="edge-place", toolTip="Lay the picture over this, then move it as you like")
        self.place.activated.connect(lambda: self.placed.emit(self.place.currentData()))
        self.opacity = self._slider("edge-opacity", "Opacity", 0, 100, 50, "How opaque the picture is shown")
        self.opacity.valueChanged.connect(lambda value: self.faded.emit(value / 100))
        self.colours = QCheckBox("Its colours too", objectName="edge-colours",
                                 toolTip="Lay its colours into the mask as strokes of colour")
        self.colours.toggled.connect(self.ask)
        self._form.addRow("Laid over", self.place)
        self._form.addRow("", self.colours)
        self._form.addRow(self._buttons)

    def offer(self, title: str, value: object, chosen: bool = False) -> None:
        """One more place to lay it over."""
        self.place.addItem(title, value)
        if chosen:
            self.place.setCurrentIndex(self.place.count() - 1)
