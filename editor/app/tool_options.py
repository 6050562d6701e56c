"""The chosen tool's own options, above the canvas."""

import math

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QCheckBox, QColorDialog, QHBoxLayout, QLabel, QSpinBox, QToolButton, QWidget

from editor.app.option_row import OptionRow
from editor.app.slider import Slider
from editor.app.tool_box import ToolBox
from editor.app.tools.brushes import MAX_SIZE, MIN_SIZE, ColourStroke, PaintBrush

_SLIDER = 1000  # steps of the size slider, which is not linear: small sizes need the finer control


class ToolOptions(QWidget):
    """Size, hardness, opacity, pressure and colour of the chosen brush, and what else the tool declares."""

    def __init__(self, tools: ToolBox, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("tool-options")
        self._tools = tools
        self._title = QLabel(self)
        self._title.setMinimumWidth(92)
        self._size_slider = self._slider("brush-size-slider", _SLIDER, "Brush size ([ and ])")
        self._size = self._spin("brush-size", int(MIN_SIZE), int(MAX_SIZE), " px", "Brush size ([ and ])")
        self._hardness = self._spin("brush-hardness", 0, 100, " %", "Hardness of the edge (Shift+[ and Shift+])")
        self._opacity = self._spin("brush-opacity", 1, 100, " %", "Opacity of a whole stroke")
        self._pressure_size = QCheckBox("Size", self)
        self._pressure_size.setObjectName("brush-pressure-size")
        self._pressure_size.setToolTip("The pen's pressure changes the size")
        self._pressure_size.setAccessibleName("Pressure changes size")
        self._pressure_opacity = QCheckBox("Opacity", self)
        self._pressure_opacity.setObjectName("brush-pressure-opacity")
        self._pressure_opacity.setToolTip("The pen's pressure changes the opacity")
        self._pressure_opacity.setAccessibleName("Pressure changes opacity")
        self._colour = QToolButton(self)
        self._colour.setObjectName("paint-colour")
        self._colour.setToolTip("Colour to paint with (Alt+click on the picture picks one)")
        self._colour.clicked.connect(self._choose_colour)
        self.own = OptionRow(self)
        self._brush_only: list[QWidget] = []
        self._lay_out()
        self._size_slider.valueChanged.connect(lambda value: self._set(size=round(_size_at(value))))
        self._size.valueChanged.connect(lambda value: self._set(size=value))
        self._hardness.valueChanged.connect(lambda value: self._set(hardness=value / 100))
        self._opacity.valueChanged.connect(lambda value: self._set(opacity=value / 100))
        self._pressure_size.toggled.connect(lambda on: self._set(pressure_size=on))
        self._pressure_opacity.toggled.connect(lambda on: self._set(pressure_opacity=on))
        tools.chosen.connect(self._show)
        tools.brush_changed.connect(self._show)
        tools.palette.changed.connect(self._show_colour)
        self._show_colour()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(self._title)
        self.setMinimumHeight(self._size.sizeHint().height())  # tools without a brush take no less room
        for label, widgets in (("Size", (self._size_slider, self._size)), ("Hardness", (self._hardness,)),
                               ("Opacity", (self._opacity,)),
                               ("Pen:", (self._pressure_size, self._pressure_opacity)), ("", (self._colour,))):
            if label:
                text = QLabel(label, self)
                row.addWidget(text)
                self._brush_only.append(text)
            for widget in widgets:
                row.addWidget(widget)
                self._brush_only.append(widget)

        row.addWidget(self.own)

    def _slider(self, name: str, maximum: int, tip: str) -> Slider:
        slider = Slider(Qt.Orientation.Horizontal, self)
        slider.setObjectName(name)
        slider.setRange(0, maximum)
        slider.setFixedWidth(110)
        slider.setToolTip(tip)
        slider.setAccessibleName(tip)
        return slider

    def _spin(self, name: str, low: int, high: int, suffix: str, tip: str) -> QSpinBox:
        spin = QSpinBox(self)
        spin.setObjectName(name)
        spin.setRange(low, high)
        spin.setSuffix(suffix)
        spin.setToolTip(tip)
        spin.setAccessibleName(tip)
        spin.setKeyboardTracking(False)
        return spin

    def _set(self, **properties: float | bool) -> None:
        if tool := self._tools.brush_tool:
            tool.set_brush(**properties)

    def _show(self) -> None:
        tool = self._tools.brush_tool
        self._title.setText(self._tools.current.title)
        self.own.follow(self._tools.current)
        for widget in self._brush_only:
            widget.setVisible(tool is not None)
        if tool is None:
            return
        brush = tool.brush
        for widget, value in ((self._size, round(brush.size)), (self._hardness, round(brush.hardness * 100)),
                              (self._opacity, round(brush.opacity * 100)), (self._size_slider, _slider_at(brush.size))):
            with QSignalBlocker(widget):
                widget.setValue(value)
        for box, on in ((self._pressure_size, brush.pressure_size), (self._pressure_opacity, brush.pressure_opacity)):
            with QSignalBlocker(box):
                box.setChecked(on)
        self._colour.setVisible(tool.name in (PaintBrush.name, ColourStroke.name))

    def _show_colour(self) -> None:
        swatch = QPixmap(32, 18)
        swatch.fill(QColor(*self._tools.palette.colour))
        self._colour.setIcon(QIcon(swatch))

    def _choose_colour(self) -> None:
        dialog = QColorDialog(QColor(*self._tools.palette.colour), self)
        dialog.setObjectName("colour-dialog")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda colour: self._tools.palette.choose(colour.getRgb()[:3]))
        dialog.open()


def _size_at(position: int) -> float:
    return MIN_SIZE * (MAX_SIZE / MIN_SIZE) ** (position / _SLIDER)


def _slider_at(size: float) -> int:
    return round(_SLIDER * math.log(size / MIN_SIZE) / math.log(MAX_SIZE / MIN_SIZE))
