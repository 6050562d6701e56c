"""Filter layers: pixels that a filter made of what lies beneath, and that can be made again.

Every function that changes the document is one step of the history. Which filters there are is not known here.
"""

from editor.document.document import MASK, Document, Transaction
from editor.document.layer_ops import free_name
from editor.document.layers import Filtered, Layer, mask_name
from editor.document.photo import Photo
from editor.errors import UserError
from editor.raster import masks
from editor.raster.blending import ATOP, NORMAL
from editor.raster.surface import Surface


def place_of_new(document: Document) -> tuple[str | None, str | None]:
    """Between which layers a new one goes, ids of the one beneath (None is the photograph) and the one above (None:
    it is the topmost): above the active layer, or on top of all if the photograph is active."""
    ids = [layer.id for layer in document.layers]
    at = ids.index(document.active) + 1 if document.active in ids else len(ids)
    return (ids[at - 1] if at else None), (ids[at] if at < len(ids) else None)


def mode_over(photo: Photo) -> str:
    """The blend mode of a layer that changes colours and leaves the photograph's transparency alone."""
    return ATOP if photo.has_alpha else NORMAL


def add(document: Document, title: str, filtered: Filtered, pixels: Surface, over: str | None,
        mask: Surface | None = None) -> Layer:
    """A new filter layer directly above the layer ``over`` (None: the photograph); it becomes active.

    pixels: opaque where it was filtered, (document's shape, its colours and alpha, its dtype). mask: 1 channel, uint8,
    what the layer is limited to; where that is still the document's mask, it is used up.
    """
    layer = Layer(free_name(document, title), filtered=filtered, mode=mode_over(document.photo),
                  masked=mask is not None)
    with document.change(title) as change:
        change.set_layers(stack_with_over(document, layer, over), layer.id)
        change.replace(layer.id, pixels)
        if mask is not None:
            change.replace(mask_name(layer.id), masks.invert(mask))
            use_up(document, change, mask)
    return layer


def make_again(document: Document, layer_id: str, title: str, filtered: Filtered, pixels: Surface) -> None:
    """Give a filter layer other pixels, which ``filtered`` made. Raises UserError where it is locked."""
    layer = document.layer(layer_id)
    if layer.locked:
        raise UserError(f"The layer “{layer.name}” is locked.")
    with document.change(title) as change:
        change.update_layer(layer_id, filtered=filtered)
        change.replace(layer_id, pixels)


def stack_with_over(document: Document, layer: Layer, over: str | None) -> list[Layer]:
    """The stack with a new layer directly above ``over`` (None: the photograph), or on top if that is gone."""
    stack = list(document.layers)
    ids = [other.id for other in stack]
    stack.insert(0 if over is None else ids.index(over) + 1 if over in ids else len(stack), layer)
    return stack


def use_up(document: Document, change: Transaction, mask: Surface) -> None:
    """Clear the document's mask, where it is still ``mask``, which a layer is limited to now."""
    now = document.mask
    if now.keys() == mask.keys() and all(now.tile(key) is mask.tile(key) for key in mask.keys()):
        change.clear(MASK)
