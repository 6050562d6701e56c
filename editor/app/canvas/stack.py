"""What of a document's stack of layers can be seen, and what has changed of it."""

from typing import NamedTuple

from editor.document.document import Document
from editor.raster.adjustments import Adjustment
from editor.raster.blending import MODES


class Seen(NamedTuple):
    """What of a visible layer can be seen to change."""

    id: str
    opacity: float
    mode: str
    mask: str | None  # the surface that hides some of it
    adjustment: Adjustment | None

    @property
    def everywhere(self) -> bool:
        """Whether it may change the picture where it has no pixels."""
        return MODES[self.mode].cuts or self.adjustment is not None


def visible(document: Document) -> tuple[Seen, ...]:
    """The visible layers, bottom to top."""
    return tuple(Seen(layer.id, layer.opacity, layer.mode, layer.hidden_by, layer.adjustment)
                 for layer in document.layers if layer.visible)


def changed(before: tuple[Seen, ...], now: tuple[Seen, ...]) -> set[Seen]:
    """The layers that came, went, moved or look different, as they were and as they are."""
    unlike = set(before) ^ set(now)
    if unlike or before == now:
        return unlike
    return {a for a, b in zip(before, now, strict=True) if a != b}  # only their order
