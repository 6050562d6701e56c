"""By which angle to rotate."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QDoubleSpinBox, QFormLayout, QWidget


class RotationDialog(QDialog):
    """``chosen(degrees clockwise, whether all is kept)`` follows when it is accepted."""

    chosen = Signal(float, bool)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="rotation")
        self.setWindowTitle("Rotate")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.angle = QDoubleSpinBox(objectName="rotation-angle", minimum=-180.0, maximum=180.0, decimals=2,
                                    singleStep=0.1, suffix="°", toolTip="Clockwise; below 0 the other way round")
        self.keep_all = QCheckBox("Keep all, with transparent corners", objectName="rotation-keep-all",
                                  toolTip="Otherwise it is cropped to the largest upright rectangle without corners")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: self.chosen.emit(self.angle.value(), self.keep_all.isChecked()))
        layout = QFormLayout(self)
        layout.addRow("&Angle", self.angle)
        layout.addRow(self.keep_all)
        layout.addRow(buttons)
        self.angle.selectAll()
        self.angle.setFocus()
