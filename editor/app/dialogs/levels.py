"""Levels: what becomes black, what white, and how light the middle is."""

from dataclasses import replace
from math import log

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from editor.app.dialogs.adjustment import AdjustmentDialog, show_quietly
from editor.app.dialogs.histogram import Handles, Histogram
from editor.app.icons import icon
from editor.raster.adjustments import LARGEST_GAMMA, LEAST_GAMMA, Band, Levels
from editor.raster.tone_points import LEAST_SPAN, with_black, with_grey, with_white

_FULL = 255  # of the numbers shown, whatever the photo's depth
_PICKS = {"black": with_black, "grey": with_grey, "white": with_white}


class LevelsDialog(AdjustmentDialog):
    """``pick_wanted(on)`` when the next click on the canvas is for ``pick``; ``auto_wanted(keep sepia, take out the
    cast, share clipped)`` when the levels are to be measured, which ``take`` then takes.
    """

    pick_wanted = Signal(bool)
    auto_wanted = Signal(bool, bool, float)

    def __init__(self, levels: Levels, grey: bool, parent: QWidget | None = None):
        super().__init__("levels", "Levels", levels, grey, parent)
        self.histogram = Histogram()
        self.input = Handles("levels-input", "Black, middle and white of what is beneath", (0, 128, 255))
        self.output = Handles("levels-output", "What black and white become", (0, 255))
        self.black, self.white = (_number(f"levels-{name}", f"{title} becomes {name}") for name, title in (
            ("black", "This and all that is darker"), ("white", "This and all that is lighter")))
        self.gamma = QDoubleSpinBox(objectName="levels-gamma", minimum=LEAST_GAMMA, maximum=LARGEST_GAMMA, decimals=2,
                                    singleStep=0.05, toolTip="Above 1 the middle is lightened, below it is darkened")
        self.low, self.high = (_number(f"levels-{name}", tip) for name, tip in (
            ("low", "What black becomes"), ("high", "What white becomes")))
        self.gamma.setAlignment(Qt.AlignmentFlag.AlignRight)
        for field, name in ((self.black, "Black"), (self.gamma, "Gamma"), (self.white, "White"),
                            (self.low, "Output black"), (self.high, "Output white")):
            field.setAccessibleName(name)
        self.black.valueChanged.connect(lambda value: self._move_input(0, value / _FULL))
        self.white.valueChanged.connect(lambda value: self._move_input(2, value / _FULL))
        self.gamma.valueChanged.connect(lambda value: self._put(replace(self._own, gamma=value)))
        self.low.valueChanged.connect(lambda value: self._move_output(0, value / _FULL))
        self.high.valueChanged.connect(lambda value: self._move_output(1, value / _FULL))
        self._picking = False
        self.picks = {name: self._pick_button(name, grey) for name in _PICKS}
        self.input.moved.connect(self._move_input)
        self.output.moved.connect(self._move_output)
        for handles in (self.input, self.output):
            handles.clipping_wanted.connect(lambda on: self.clipping.emit(on or self.lost.isChecked()))
        self.refreshed.connect(self._show)
        self._lay_out(grey)
        self._show()

    def set_counts(self, counts: np.ndarray) -> None:
        """The histogram of what is beneath."""
        self.histogram.set_counts(counts)

    def pick(self, colour: np.ndarray) -> None:
        """This colour (c,), 0..1, of what is beneath should be what the button that is down says."""
        chosen = next((name for name, button in self.picks.items() if button.isChecked()), None)
        levels = _PICKS[chosen](self.adjustment, colour) if chosen else None
        if levels is not None:
            self.take(levels)

    def end_picking(self) -> None:
        for button in self.picks.values():
            button.setChecked(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._picking:
            self.end_picking()
        else:
            super().keyPressEvent(event)

    def _pick_button(self, name: str, grey: bool) -> QToolButton:
        button = QToolButton(objectName=f"levels-pick-{name}", icon=icon(f"pick-{name}"), checkable=True, toolTip=(
            f"Click on the photo where it should be {'neutral grey' if name == 'grey' else name}"))
        button.setAccessibleName(f"Pick {name} point")
        button.setVisible(name != "grey" or not grey)
        button.toggled.connect(lambda on: self._pick_toggled(button, on))
        return button

    def _pick_toggled(self, button: QToolButton, on: bool) -> None:
        if on:
            for other in self.picks.values():
                other.setChecked(other is button)
        picking = any(one.isChecked() for one in self.picks.values())
        if picking != self._picking:
            self._picking = picking
            self.pick_wanted.emit(picking)

    def _lay_out(self, grey: bool) -> None:
        top = QHBoxLayout()
        top.addWidget(self.channels)
        top.addStretch(1)
        for button in self.picks.values():
            top.addWidget(button)
        numbers, outputs = QHBoxLayout(), QHBoxLayout()
        for row, fields in ((numbers, (self.black, self.gamma, self.white)), (outputs, (self.low, self.high))):
            for at, field in enumerate(fields):
                row.addStretch(1 if at else 0)
                row.addWidget(field)
        self._finish_layout(top, self.histogram, self.input, numbers, QLabel("Output"), self.output, outputs,
                            self._auto_box(grey))

    def _auto_box(self, grey: bool) -> QGroupBox:
        box = QGroupBox("From the photo itself")
        self.auto = QPushButton("Auto", objectName="levels-auto", autoDefault=False, toolTip=(
            "Levels that bring a faded photo's tone back; borders and specks do not count"))
        self.balance = QCheckBox("No cast", objectName="levels-balance", checked=True, toolTip=(
            "Each channel has its own black and white, as far as the photo is faded at all"))
        self.sepia = QCheckBox("Keep sepia", objectName="levels-sepia", checked=True, toolTip=(
            "A brown or blue monochrome keeps its tone; without, it becomes neutral"))
        self.clipped = QDoubleSpinBox(
            objectName="levels-clipped", minimum=0, maximum=5, decimals=2, singleStep=0.05, value=0.1, suffix=" %",
            toolTip="How much of it may be lost to black, and to white")
        self.clipped.setAccessibleName("Clipped at each end")
        for option in (self.balance, self.sepia):
            option.setVisible(not grey)
        self.auto.clicked.connect(lambda: self.auto_wanted.emit(
            self.sepia.isChecked(), self.balance.isChecked(), self.clipped.value() / 100))
        row = QHBoxLayout(box)
        for widget in (self.auto, self.balance, self.sepia):
            row.addWidget(widget)
        row.addStretch(1)
        label = QLabel("Clip")
        label.setBuddy(self.clipped)
        row.addWidget(label)
        row.addWidget(self.clipped)
        return box

    def _show(self) -> None:
        band: Band = self._own
        for field, value in ((self.black, band.black), (self.white, band.white), (self.low, band.low),
                             (self.high, band.high)):
            show_quietly(field, value * _FULL)
        show_quietly(self.gamma, band.gamma)
        middle = band.black + (band.white - band.black) * 0.5**band.gamma
        self.input.set_values((band.black, middle, band.white))
        self.output.set_values((band.low, band.high))
        for widget in (self.histogram, self.input, self.output):
            widget.set_channel(self.channel)

    def _move_input(self, handle: int, value: float) -> None:
        band: Band = self._own
        if handle == 0:
            self._put(replace(band, black=min(value, band.white - LEAST_SPAN)))
        elif handle == 2:
            self._put(replace(band, white=max(value, band.black + LEAST_SPAN)))
        else:
            place = min(max((value - band.black) / (band.white - band.black), 1e-6), 1 - 1e-6)
            self._put(replace(band, gamma=min(max(log(place) / log(0.5), LEAST_GAMMA), LARGEST_GAMMA)))

    def _move_output(self, handle: int, value: float) -> None:
        self._put(replace(self._own, **{("low", "high")[handle]: value}))


def _number(name: str, tip: str) -> QDoubleSpinBox:
    field = QDoubleSpinBox(objectName=name, minimum=0, maximum=_FULL, decimals=1, toolTip=f"{tip} (0 to {_FULL})")
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    return field
