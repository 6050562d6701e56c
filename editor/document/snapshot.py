"""A document as a value."""

from dataclasses import dataclass

from editor.document.layers import Layer
from editor.document.photo import Photo
from editor.document.picture import Picture, Sheet
from editor.raster.frame import Frame
from editor.raster.surface import Surface


@dataclass(frozen=True)
class Snapshot:
    """A document as it was at one moment; safe to read in another thread."""

    photo: Photo
    layers: tuple[Layer, ...]
    active: str | None
    surfaces: dict[str, Surface]
    base: Surface
    frame: Frame | None = None

    def picture(self, below: str | None = None) -> Picture:
        """The composite of the photograph and the visible layers (only those below the layer ``below``)."""
        return composite(self.base, self.layers, self.surfaces, below)


def sheet_of(layer: Layer, surfaces: dict[str, Surface]) -> Sheet:
    """A layer as the compositor sees it."""
    return Sheet(surfaces[layer.id], layer.opacity, layer.mode, surfaces.get(layer.hidden_by), layer.adjustment)


def composite(base: Surface, layers: tuple[Layer, ...], surfaces: dict[str, Surface], below: str | None) -> Picture:
    """The photograph and its visible layers (only those below the layer ``below``)."""
    sheets = []
    for layer in layers:
        if layer.id == below:
            break
        if layer.visible and layer.opacity > 0:
            sheets.append(sheet_of(layer, surfaces))
    return Picture(base, tuple(sheets))
