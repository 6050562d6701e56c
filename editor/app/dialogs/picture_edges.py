"""How the edges of another picture are taken into the sketch; the canvas shows them meanwhile."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QWidget

from editor.app.slider import Slider

_STEPS = 10  # of the slider to one pixel


class PictureEdgesDialog(QDialog):
    """``changed(sigma, whole)`` whenever the lines are to be made anew, and once at the beginning."""

    changed = Signal(float, bool)

    def __init__(self, name: str, whole: bool, parent: QWidget | None = None):
        super().__init__(parent, objectName="picture-edges")
        self.setWindowTitle(f"Edges from {name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        tip = "Low: every detail becomes a line. High: only the strongest shapes do"
        self.smoothing = Slider(Qt.Orientation.Horizontal, minimum=5, maximum=60, value=20, objectName="edge-smoothing",
                                toolTip=tip, minimumWidth=220)
        self.smoothing.setAccessibleName("Smoothing")
        self.place = QComboBox(objectName="edge-place", toolTip="What the picture is laid over")
        self.place.addItem("The mask", False)
        self.place.addItem("The whole photograph", True)
        self.place.setCurrentIndex(self.place.findData(whole))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._take = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._take.setText("Take the lines")
        self._take.setObjectName("take-lines")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow("Smoothing", self.smoothing)
        form.addRow("Laid over", self.place)
        form.addRow(buttons)
        self.smoothing.valueChanged.connect(self._tell)
        self.place.currentIndexChanged.connect(self._tell)

    def _tell(self) -> None:
        self._take.setEnabled(False)  # until the canvas shows what is asked for
        self.changed.emit(self.smoothing.value() / _STEPS, self.place.currentData())

    def open(self) -> None:
        super().open()
        self._tell()

    def shown(self) -> None:
        """The canvas shows what was asked for last."""
        self._take.setEnabled(True)
