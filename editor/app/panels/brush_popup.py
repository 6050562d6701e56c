"""The rarer half of a brush: flow, spacing, smoothing, what pressure does; and brushes kept by a name."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from editor.app.brush_presets import BrushPresets
from editor.app.brush_preview import stroke_image
from editor.app.icons import icon
from editor.app.panels.popup import Popup
from editor.app.panels.slid_number import SlidNumber
from editor.app.theme import TEXT
from editor.app.tools.brushes import BrushTool
from editor.raster.brush import LIMITS, Brush

_PREVIEW = QSize(280, 64)
_PRESET = QSize(84, 26)
_NAME_LENGTH = 40


@dataclass(frozen=True)
class _Scale:
    """How a brush's number is shown."""

    unit: str
    shown: Callable[[float], float]
    meant: Callable[[float], float]


_PERCENT = _Scale("%", lambda value: value * 100, lambda shown: shown / 100)
_PIXELS = _Scale("px", float, float)
_STEEPEST = LIMITS["size_curve"][1]
# A curve of 1 is in the middle, and twice as steep as far from it as half as steep.
_FIRMNESS = _Scale("", lambda curve: 100 * math.log(curve) / math.log(_STEEPEST),
                   lambda shown: _STEEPEST ** (shown / 100))
_FIRM_TIP = "Left: a light touch is enough; right: it takes force"

_ROWS: tuple[tuple[str, str, _Scale | None, str], ...] = (  # field, title, scale (None: yes or no), tip
    ("flow", "Flow", _PERCENT, "How much each dab lays down; dabs that overlap build up to the stroke's opacity"),
    ("spacing", "Spacing", _PERCENT, "Distance between dabs, of the brush's size"),
    ("smoothing", "Smoothing", _PIXELS,
     "The stroke trails behind the pointer by so many pixels of the photograph, which calms the hand"),
    ("pressure_size", "Pressure changes the size", None, "The pen's pressure changes the size"),
    ("size_curve", "Firmness", _FIRMNESS, _FIRM_TIP),
    ("minimum_size", "Least size", _PERCENT, "Size at the lightest touch"),
    ("pressure_opacity", "Pressure changes the opacity", None, "The pen's pressure changes the opacity"),
    ("opacity_curve", "Firmness", _FIRMNESS, _FIRM_TIP),
)
_UNDER = {"size_curve": "pressure_size", "minimum_size": "pressure_size", "opacity_curve": "pressure_opacity"}
"""What has a meaning only while something else is on."""


class BrushPopup(Popup):
    """objectName ``brush-popup``; its controls are called ``brush-`` and the field's name."""

    def __init__(self, tool: BrushTool, presets: BrushPresets, parent: QWidget | None = None):
        super().__init__("brush-popup", parent)
        self._tool, self._presets = tool, presets
        self._preview = QLabel(objectName="brush-preview")
        self._preview.setFixedSize(_PREVIEW)
        self._controls: dict[str, SlidNumber | QCheckBox] = {}
        form = QFormLayout(horizontalSpacing=12, verticalSpacing=4)
        for name, title, scale, tip in _ROWS:
            self._add(form, name, title, scale, tip)
        layout = QVBoxLayout(self)
        layout.addWidget(self._preview, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(form)
        layout.addLayout(self._preset_rows())
        tool.brush_changed.connect(self._show_brush)
        presets.changed.connect(self._show_presets)
        self._show_presets()
        self._show_brush()

    def _add(self, form: QFormLayout, name: str, title: str, scale: _Scale | None, tip: str) -> None:
        object_name = f"brush-{name.replace('_', '-')}"
        if scale is None:
            control = QCheckBox(title, objectName=object_name, toolTip=tip)
            control.toggled.connect(lambda on: self._tool.set_brush(**{name: on}))
            form.addRow(control)
        else:
            low, high = (round(scale.shown(limit)) for limit in LIMITS[name])
            control = SlidNumber(object_name, low, high, scale.unit, title, tip)
            control.changed.connect(lambda shown: self._tool.set_brush(**{name: scale.meant(shown)}))
            form.addRow(title, control)
        self._controls[name] = control

    def _preset_rows(self) -> QVBoxLayout:
        self._list = QListWidget(objectName="brush-presets", toolTip="Brushes by name: click one to paint with it")
        self._list.setAccessibleName("Brush presets")
        self._list.setIconSize(_PRESET)
        self._list.setFixedHeight(170)
        self._list.itemClicked.connect(self._use)
        self._list.itemActivated.connect(self._use)
        self._list.currentItemChanged.connect(lambda: self._show_deletable())
        self._name = QLineEdit(objectName="preset-name", placeholderText="Name for this brush", maxLength=_NAME_LENGTH,
                               toolTip="Name to keep the present brush by")
        self._name.setAccessibleName("Name for this brush")
        self._name.returnPressed.connect(self._keep)
        keep = QToolButton(objectName="preset-keep", icon=icon("save"), toolTip="Keep the present brush by this name")
        self._delete = QToolButton(objectName="preset-delete", icon=icon("delete"),
                                   toolTip="Delete the chosen brush (built-in ones stay)")
        for button, words, do in ((keep, "Keep brush", self._keep), (self._delete, "Delete brush", self._forget)):
            button.setAccessibleName(words)
            button.clicked.connect(lambda checked=False, do=do: do())
        rows, row = QVBoxLayout(), QHBoxLayout()
        for widget in (self._name, keep, self._delete):
            row.addWidget(widget)
        rows.addWidget(self._list)
        rows.addLayout(row)
        return rows

    def _show_brush(self) -> None:
        brush = self._tool.brush
        for name, _, scale, _ in _ROWS:
            control, value = self._controls[name], getattr(brush, name)
            if scale is None:
                with QSignalBlocker(control):
                    control.setChecked(value)
            else:
                control.set_value(round(scale.shown(value)))
            if name in _UNDER:
                control.setEnabled(getattr(brush, _UNDER[name]))
        self._preview.setPixmap(self._picture(brush, _PREVIEW))

    def _show_presets(self) -> None:
        self._list.clear()
        for name, brush in self._presets.all.items():
            QListWidgetItem(QIcon(self._picture(brush, _PRESET)), name, self._list)
        self._show_deletable()

    def _show_deletable(self) -> None:
        item = self._list.currentItem()
        self._delete.setEnabled(item is not None and item.text() in self._presets.own)

    def _picture(self, brush: Brush, size: QSize) -> QPixmap:
        return QPixmap.fromImage(stroke_image(brush, size.width(), size.height(), self.devicePixelRatioF(), TEXT))

    def _use(self, item: QListWidgetItem) -> None:
        self._tool.set_brush(**asdict(self._presets.all[item.text()]))

    def _keep(self) -> None:
        name = self._name.text().strip()
        if name:
            self._presets.keep(name, self._tool.brush)
            self._name.clear()
            self._list.setCurrentItem(self._list.findItems(name, Qt.MatchFlag.MatchExactly)[0])

    def _forget(self) -> None:
        self._presets.forget(self._list.currentItem().text())
