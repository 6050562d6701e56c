"""What the dialogs of adjustments have in common: channels, a histogram, and what of it the canvas shows."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.raster.adjustments import CHANNELS, Adjustment

_TITLES = {"master": "All channels", "red": "Red", "green": "Green", "blue": "Blue"}


class AdjustmentDialog(QDialog):
    """``changed`` whenever the adjustment is another; ``shown(on)`` when it is to be seen, or the picture without it;
    ``clipping(on)`` when what is lost to black and white is to be marked.
    """

    changed = Signal()
    refreshed = Signal()  # the controls are to show the adjustment, or another channel of it
    shown = Signal(bool)
    clipping = Signal(bool)

    def __init__(self, name: str, title: str, adjustment: Adjustment, grey: bool, parent: QWidget | None = None):
        super().__init__(parent, objectName=name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._adjustment = adjustment
        self.channels = QComboBox(objectName=f"{name}-channel", toolTip="The channels that are changed; a channel's "
                                  "own comes before that of all")
        self.channels.setAccessibleName("Channel")
        for channel in CHANNELS[:1] if grey else CHANNELS:
            self.channels.addItem(_TITLES[channel], channel)
        self.channels.setVisible(not grey)
        self.channels.currentIndexChanged.connect(self.refreshed)
        self.preview = QCheckBox("Preview", objectName=f"{name}-preview", checked=True,
                                 toolTip="Show on the canvas what comes of it")
        self.preview.toggled.connect(self.shown)
        self.lost = QCheckBox("Show clipping", objectName=f"{name}-clipping", toolTip=(
            "Mark what is pure black (blue) or pure white (red) in a channel; on grey pictures by stripes. "
            "Alt while a handle is dragged does the same"))
        self.lost.toggled.connect(self.clipping)
        self._reset = QPushButton("Reset", objectName=f"{name}-reset", toolTip="Back to doing nothing",
                                  autoDefault=False)
        self._reset.clicked.connect(lambda: self.take(type(self._adjustment)()))
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    @property
    def adjustment(self) -> Adjustment:
        return self._adjustment

    @property
    def channel(self) -> str:
        """The chosen one of CHANNELS."""
        return self.channels.currentData()

    def take(self, adjustment: Adjustment) -> None:
        """Another one, which the controls then show."""
        self._adjustment = adjustment
        self.refreshed.emit()
        self.changed.emit()

    @property
    def _own(self) -> Any:
        """What the adjustment does to the chosen channel."""
        return getattr(self._adjustment, self.channel)

    def _put(self, own: Any) -> None:
        self.take(replace(self._adjustment, **{self.channel: own}))

    def _finish_layout(self, *rows: QWidget | QLayout) -> None:
        column = QVBoxLayout(self)
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        for row in rows:
            column.addLayout(row) if isinstance(row, QLayout) else column.addWidget(row)
        below = QHBoxLayout()
        for widget in (self.preview, self.lost):
            below.addWidget(widget)
        below.addStretch(1)
        below.addWidget(self._reset)
        column.addLayout(below)
        column.addWidget(self._buttons)


def show_quietly(widget: QWidget, value: float) -> None:
    """Set a number's field without its telling of it."""
    with QSignalBlocker(widget):
        widget.setValue(value)
