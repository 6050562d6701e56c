"""Controls for settings that a dataclass declares: of engines, of tools."""

from collections.abc import Callable
from dataclasses import Field, dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from editor.app.slider import Slider

_SLIDER = 120  # logical pixels


@dataclass(frozen=True)
class Control:
    """A widget, what reads it and what writes it."""

    widget: QWidget
    read: Callable[[], Any]
    write: Callable[[Any], None]


def title_of(field: Field) -> str:
    """What a setting is called before the user."""
    return field.metadata.get("title", field.name.replace("_", " ").capitalize())


def control_for(field: Field, value: Any, changed: Callable[..., None]) -> Control:
    """A control for a setting's type that stands at ``value``; ``changed`` is called when the user changes it.

    The field's metadata may have "help", "unit", "min", "max", "choices" and, of whole numbers, "slider".
    """
    meta = field.metadata
    if "choices" in meta:
        widget = QComboBox()
        for choice in meta["choices"]:
            widget.addItem(f"{choice} {meta['unit']}" if "unit" in meta else str(choice), choice)
        control = Control(widget, widget.currentData, lambda v: widget.setCurrentIndex(widget.findData(v)))
        signal = widget.currentIndexChanged
    elif field.type is bool:
        widget = QCheckBox()
        control, signal = Control(widget, widget.isChecked, widget.setChecked), widget.toggled
    elif meta.get("slider"):
        widget = Slider(Qt.Orientation.Horizontal, minimum=meta["min"], maximum=meta["max"], minimumWidth=_SLIDER)
        control, signal = Control(widget, widget.value, widget.setValue), widget.valueChanged
    else:
        whole = field.type is int
        widget = QSpinBox() if whole else QDoubleSpinBox(decimals=2, singleStep=0.05)
        widget.setRange(meta.get("min", 0), meta.get("max", 10**6))
        widget.setSuffix(f" {meta['unit']}" if "unit" in meta else "")
        if whole and meta.get("min") == field.default == -1:
            widget.setSpecialValueText("automatic")
        control, signal = Control(widget, widget.value, widget.setValue), widget.valueChanged
    control.write(value)
    widget.setToolTip(meta.get("help", ""))
    signal.connect(changed)
    return control
