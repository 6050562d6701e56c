"""The user's preferences."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from editor.app.device_box import DeviceBox
from editor.app.dialogs.keys_page import KeysPage
from editor.app.settings import Settings
from editor.app.shortcuts import Binding
from editor.app.slider import Slider

_GENERAL = ("overlay_colour", "overlay_opacity", "ground", "history_budget", "device")
SHOWN = (*_GENERAL, "shortcuts")
"""The settings that are changed here."""


class PreferencesDialog(QDialog):
    """Every change is told by ``changed`` at once; Cancel tells the settings that it was opened with."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings, parent: QWidget | None = None, bindings: Sequence[Binding] = ()):
        """``bindings`` are what keys can be given to."""
        super().__init__(parent, objectName="preferences")
        self.setWindowTitle("Preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._before = self._settings = settings
        self.colour = QPushButton(objectName="overlay-colour", autoDefault=False,
                                  toolTip="Colour in which the mask is laid over the picture")
        self.colour.clicked.connect(self._pick_colour)
        self.opacity, opacity = self._slider("overlay-opacity", 5, 95, " %", "How strongly the mask covers the picture")
        self.ground, ground = self._slider("ground", 0, 255, "", "Grey round the photograph: 0 black, 255 white")
        self.history = QSpinBox(objectName="history-budget", minimum=16, maximum=16384, singleStep=64, suffix=" MiB",
                                keyboardTracking=False,
                                toolTip="Memory for undo; older steps go to disk, none is forgotten")
        self.device = DeviceBox(settings.device)
        self.keys = KeysPage(bindings)
        self.device.chosen.connect(lambda device: self._change(device=device))
        self.keys.changed.connect(lambda chosen: self._change(shortcuts=chosen))
        self.opacity.valueChanged.connect(lambda percent: self._change(overlay_opacity=percent / 100))
        self.ground.valueChanged.connect(lambda grey: self._change(ground=grey))
        self.history.valueChanged.connect(lambda mib: self._change(history_budget=mib))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
                                   | QDialogButtonBox.StandardButton.RestoreDefaults)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        defaults = buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        defaults.setObjectName("preferences-defaults")
        defaults.setText("Defaults")
        defaults.setToolTip("Put all that is on this page back as it was at first")
        defaults.clicked.connect(self._restore_defaults)
        self.rejected.connect(lambda: self.changed.emit(self._before))
        form = QFormLayout(horizontalSpacing=14, verticalSpacing=10)
        form.addRow("Mask colour", self.colour)
        form.addRow("Mask opacity", opacity)
        form.addRow("Ground", ground)
        form.addRow("Undo memory", self.history)
        form.addRow("Device", self.device)
        general = QWidget()
        general.setLayout(form)
        self.pages = QTabWidget(objectName="preferences-pages", documentMode=True)
        self.pages.addTab(general, "&General")
        self.pages.addTab(self.keys, "&Keys")
        layout = QVBoxLayout(self)
        layout.addWidget(self.pages)
        layout.addWidget(buttons)
        self.resize(560, 520)
        self._show()

    def _slider(self, name: str, low: int, high: int, unit: str, tip: str) -> tuple[Slider, QWidget]:
        slider = Slider(Qt.Orientation.Horizontal, objectName=name, minimum=low, maximum=high, minimumWidth=180,
                        toolTip=tip)
        slider.setAccessibleName(tip)
        number = QLabel(minimumWidth=42, alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        slider.valueChanged.connect(lambda value: number.setText(f"{value}{unit}"))
        number.setText(f"{slider.value()}{unit}")
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(slider, 1)
        row.addWidget(number)
        return slider, both

    def _show(self) -> None:
        """Make the controls say what the settings say."""
        settings = self._settings
        swatch = QPixmap(40, 16)
        swatch.fill(QColor(*settings.overlay_colour))
        self.colour.setIcon(QIcon(swatch))
        self.colour.setText(QColor(*settings.overlay_colour).name())
        self.opacity.setValue(round(settings.overlay_opacity * 100))
        self.ground.setValue(settings.ground)
        self.history.setValue(settings.history_budget)
        self.device.show_choice(settings.device)
        self.keys.show_chosen(settings.shortcuts)

    def _change(self, **values: object) -> None:
        changed = replace(self._settings, **values)
        if changed != self._settings:
            self._settings = changed
            self.changed.emit(changed)

    def _pick_colour(self) -> None:
        picker = QColorDialog(QColor(*self._settings.overlay_colour), self, objectName="overlay-colour-picker")
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.colorSelected.connect(self._set_colour)
        picker.open()

    def _set_colour(self, colour: QColor) -> None:
        self._change(overlay_colour=(colour.red(), colour.green(), colour.blue()))
        self._show()

    def _restore_defaults(self) -> None:
        fresh = Settings()
        names = ("shortcuts",) if self.pages.currentWidget() is self.keys else _GENERAL
        self._change(**{name: getattr(fresh, name) for name in names})
        self._show()
