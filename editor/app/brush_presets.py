"""Brushes with a name, to be taken up again."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from editor.raster.brush import Brush

BUILT_IN: Mapping[str, Brush] = {
    "Hard round": Brush(size=60, hardness=1.0),
    "Soft round": Brush(size=120, hardness=0.0),
    "Airbrush": Brush(size=160, hardness=0.0, flow=0.06, pressure_size=False, pressure_opacity=True),
    "Glaze": Brush(size=80, hardness=0.4, opacity=0.3, pressure_size=False, pressure_opacity=True),
    "Pencil": Brush(size=4, hardness=0.9, flow=0.6, spacing=0.15, smoothing=4, pressure_opacity=True, minimum_size=0.6),
    "Ink": Brush(size=10, hardness=1.0, smoothing=15, size_curve=1.5, minimum_size=0.05),
}


class BrushPresets(QObject):
    """The user's own presets, and the built-in ones behind them. An own one may stand in a built-in one's place."""

    changed = Signal()

    def __init__(self, own: Mapping[str, Brush], parent: QObject | None = None):
        super().__init__(parent)
        self.own: Mapping[str, Brush] = own

    @property
    def all(self) -> dict[str, Brush]:
        return {**BUILT_IN, **self.own}

    def keep(self, name: str, brush: Brush) -> None:
        """Keep a brush by a name; one of the same name is replaced."""
        self.own = {**self.own, name: brush}
        self.changed.emit()

    def forget(self, name: str) -> None:
        """Take one of the user's own away."""
        self.own = {other: brush for other, brush in self.own.items() if other != name}
        self.changed.emit()
