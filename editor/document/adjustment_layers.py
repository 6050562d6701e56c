"""Adjustment layers: what changes the tones of all that is beneath them, and can be changed again.

Every function that changes the document is one step of the history.
"""

from editor.document.document import Document
from editor.document.filter_layers import stack_with_over, use_up
from editor.document.layer_ops import free_name
from editor.document.layers import Layer, mask_name
from editor.errors import UserError
from editor.raster import masks
from editor.raster.adjustments import Adjustment, Levels
from editor.raster.surface import Surface


def title_of(adjustment: Adjustment) -> str:
    """What kind of adjustment it is, for the user."""
    return "Levels" if isinstance(adjustment, Levels) else "Curves"


def add(document: Document, adjustment: Adjustment, over: str | None, mask: Surface | None = None,
        title: str = "") -> Layer:
    """A new one directly above the layer ``over`` (None: the photograph); it becomes active.

    It has a layer mask, to be painted on: of what ``mask`` (1 channel, uint8) limits it to, or one that hides nothing.
    Where ``mask`` is still the document's mask, that is used up.
    """
    title = title or title_of(adjustment)
    layer = Layer(free_name(document, title), masked=True, adjustment=adjustment)
    with document.change(title) as change:
        change.set_layers(stack_with_over(document, layer, over), layer.id)
        if mask is not None:
            change.replace(mask_name(layer.id), masks.invert(mask))
            use_up(document, change, mask)
    return layer


def change(document: Document, layer_id: str, adjustment: Adjustment) -> None:
    """Adjust otherwise. Raises UserError where the layer is locked."""
    layer = document.layer(layer_id)
    if layer.locked:
        raise UserError(f"The layer “{layer.name}” is locked.")
    if adjustment != layer.adjustment:
        with document.change(title_of(adjustment)) as step:
            step.update_layer(layer_id, adjustment=adjustment)
