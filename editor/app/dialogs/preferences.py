"""The user's preferences."""

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
    QVBoxLayout,
    QWidget,
)

from editor.app.settings import Settings
from editor.app.slider import Slider


class PreferencesDialog(QDialog):
    """Every change is told by ``changed`` at once; Cancel tells the settings that it was opened with."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings, parent: QWidget | None = None):
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
        defaults.setToolTip("Put all of these back as they were at first")
        defaults.clicked.connect(self._restore_defaults)
        self.rejected.connect(lambda: self.changed.emit(self._before))
        form = QFormLayout(horizontalSpacing=14, verticalSpacing=10)
        form.addRow("Mask colour", self.colour)
        form.addRow("Mask opacity", opacity)
        form.addRow("Ground", ground)
        form.addRow("Undo memory", self.history)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addSpacing(8)
        layout.addWidget(buttons)
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
        self._change(overlay_colour=fresh.overlay_colour, overlay_opacity=fresh.overlay_opacity, ground=fresh.ground,
                     history_budget=fresh.history_budget)
        self._show()
