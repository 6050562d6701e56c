"""The chosen tool's own options, above the canvas."""

import math

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QToolButton, QWidget

from editor.app.icons import icon
from editor.app.option_row import OptionRow
from editor.app.panels.brush_popup import BrushPopup
from editor.app.panels.colour_popup import ColourPopup
from editor.app.panels.swatch import Swatch
from editor.app.slider import Slider
from editor.app.tool_box import ToolBox
from editor.app.tools.pickers import Eyedropper
from editor.raster.brush import LIMITS

_SMALLEST, _LARGEST = LIMITS["size"]

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
        self._size = self._spin("brush-size", int(_SMALLEST), int(_LARGEST), " px", "Brush size ([ and ])")
        self._hardness = self._spin("brush-hardness", 0, 100, " %", "Hardness of the edge (Shift+[ and Shift+])")
        self._opacity = self._spin("brush-opacity", 1, 100, " %", "Opacity of a whole stroke")
        self._more = QToolButton(objectName="brush-more", icon=icon("settings"), toolTip=(
            "Brush: flow, spacing, smoothing, pen pressure; brushes by name"))
        self._more.setAccessibleName("Brush")
        self._more.clicked.connect(self._open_brush)
        self._colour = Swatch(tools.palette)
        self._colour.clicked.connect(self._open_colours)
        self.own = OptionRow(self)
        self._brush_only: list[QWidget] = []
        self._lay_out()
        self._size_slider.valueChanged.connect(lambda value: self._set(size=round(_size_at(value))))
        self._size.valueChanged.connect(lambda value: self._set(size=value))
        self._hardness.valueChanged.connect(lambda value: self._set(hardness=value / 100))
        self._opacity.valueChanged.connect(lambda value: self._set(opacity=value / 100))
        tools.chosen.connect(self._show)
        tools.brush_changed.connect(self._show)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(self._title)
        # Tools without a brush, or a colour, take no less room: the canvas must not change.
        self.setMinimumHeight(max(self._size.sizeHint().height(), self._colour.sizeHint().height()))
        for label, widgets in (("Size", (self._size_slider, self._size)), ("Hardness", (self._hardness,)),
                               ("Opacity", (self._opacity, self._more))):
            text = QLabel(label, self)
            for widget in (text, *widgets):
                row.addWidget(widget)
                self._brush_only.append(widget)
        row.addWidget(self._colour)
        row.addWidget(self.own)

    def _slider(self, name: str, maximum: int, tip: str) -> Slider:
        slider = Slider(Qt.Orientation.Horizontal, self)
        slider.setObjectName(name)
        slider.setRange(0, maximum)
        slider.setFixedWidth(96)
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
        spin.setFixedWidth(76)
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
        self._colour.setVisible(self._tools.current.name == Eyedropper.name or tool is not None and tool.uses_colour)
        if tool is None:
            return
        brush = tool.brush
        for widget, value in ((self._size, round(brush.size)), (self._hardness, round(brush.hardness * 100)),
                              (self._opacity, round(brush.opacity * 100)), (self._size_slider, _slider_at(brush.size))):
            with QSignalBlocker(widget):
                widget.setValue(value)

    def _open_brush(self) -> None:
        BrushPopup(self._tools.brush_tool, self._tools.presets, self).open_below(self._more)

    def _open_colours(self) -> None:
        popup = ColourPopup(self._tools.palette, self._tools.document, self)
        popup.eyedropper_wanted.connect(lambda: self._tools.choose(Eyedropper.name))
        popup.open_below(self._colour)


def _size_at(position: int) -> float:
    return _SMALLEST * (_LARGEST / _SMALLEST) ** (position / _SLIDER)


def _slider_at(size: float) -> int:
    return round(_SLIDER * math.log(size / _SMALLEST) / math.log(_LARGEST / _SMALLEST))
