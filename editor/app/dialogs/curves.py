"""Curves: how light each tone becomes."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QWidget

from editor.app.dialogs.adjustment import AdjustmentDialog, show_quietly
from editor.app.dialogs.curve_editor import CurveEditor
from editor.raster.adjustments import Curves

_FULL = 255  # of the numbers shown, whatever the photo's depth


class CurvesDialog(AdjustmentDialog):
    """The points of the chosen channel's curve are dragged, or moved by keys and numbers."""

    def __init__(self, curves: Curves, grey: bool, parent: QWidget | None = None):
        super().__init__("curves", "Curves", curves, grey, parent)
        self.curve = CurveEditor()
        self.curve.changed.connect(self._put)
        self.curve.chosen.connect(self._show_point)
        self.into, self.out = (QDoubleSpinBox(
            objectName=f"curves-{name}", minimum=0, maximum=_FULL, decimals=1, alignment=Qt.AlignmentFlag.AlignRight,
            toolTip=f"{tip} (0 to {_FULL})") for name, tip in (
                ("input", "The chosen point's tone in what is beneath"), ("output", "What that tone becomes")))
        for field, name in ((self.into, "Input"), (self.out, "Output")):
            field.setAccessibleName(name)
            field.valueChanged.connect(
                lambda: self.curve.move_point(self.into.value() / _FULL, self.out.value() / _FULL))
        self.remove = QPushButton("Remove point", objectName="curves-remove", autoDefault=False,
                                  toolTip="Take the chosen point away (Delete)")
        self.remove.clicked.connect(self.curve.remove_point)
        top, numbers = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.channels)
        top.addStretch(1)
        top.addWidget(self.remove)
        for field, name in ((self.into, "Input"), (self.out, "Output")):
            label = QLabel(name)
            label.setBuddy(field)
            numbers.addWidget(label)
            numbers.addWidget(field)
            numbers.addStretch(1)
        self._finish_layout(top, self.curve, numbers)
        self.refreshed.connect(self._show)
        self._show()
        self.curve.setFocus()

    def set_counts(self, counts: np.ndarray) -> None:
        """The histogram of what is beneath."""
        self.curve.set_counts(counts)

    def _show(self) -> None:
        self.curve.set_curve(self._own, self.channel)
        self._show_point()

    def _show_point(self) -> None:
        x, y = self.curve.point
        show_quietly(self.into, x * _FULL)
        show_quietly(self.out, y * _FULL)
        self.remove.setEnabled(len(self.curve.curve.points) > 2)
