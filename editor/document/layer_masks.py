"""What is done to layers' own masks. Every function is one step of the history.

A mask is kept as what it hides (see layers.mask_name). Locked layers are refused with a UserError.
"""

import numpy as np

from editor.document.document import Document, Transaction
from editor.document.layers import Layer, mask_name
from editor.document.picture import shown
from editor.errors import UserError
from editor.raster import masks
from editor.raster.surface import Surface


def add(document: Document, layer_id: str, of: Surface | None = None) -> None:
    """Give a layer a mask that hides nothing, or all but what ``of`` (1 channel, uint8) covers. Tools work on it."""
    _unlocked(document, layer_id)
    with document.change("Add layer mask" if of is None else "Layer mask from mask") as change:
        change.update_layer(layer_id, masked=True, mask_on=True)
        change.replace(mask_name(layer_id), Surface(document.shape, 1, np.uint8) if of is None else masks.invert(of))
    document.activate(layer_id, mask=True)


def invert(document: Document, layer_id: str) -> None:
    """What was hidden is shown, and the other way round."""
    _unlocked(document, layer_id)
    with document.change("Invert layer mask") as change:
        change.replace(mask_name(layer_id), masks.invert(document.surfaces[mask_name(layer_id)]))


def set_on(document: Document, layer_id: str, on: bool) -> None:
    """Whether it counts."""
    with document.change("Use layer mask" if on else "Do without layer mask") as change:
        change.update_layer(layer_id, mask_on=on)


def apply(document: Document, layer_id: str) -> None:
    """What it hides is gone from the layer, and it with it. A fill layer becomes a paint layer: no variant fits any
    more; and so does a filter layer.
    """
    layer = _unlocked(document, layer_id)
    if layer.adjustment is not None:
        raise UserError(f"The layer “{layer.name}” is an adjustment: it has no pixels that its mask could take away.")
    hidden = document.surfaces[mask_name(layer_id)]
    with document.change("Apply layer mask") as change:
        if layer.mask_on:
            change.replace(layer_id, shown(document.surfaces[layer_id], hidden))
            change.update_layer(layer_id, recipe=None, reopened=False, filtered=None)
        _take_off(change, layer_id)


def remove(document: Document, layer_id: str) -> None:
    """Without it the whole layer is shown."""
    _unlocked(document, layer_id)
    with document.change("Delete layer mask") as change:
        _take_off(change, layer_id)


def _take_off(change: Transaction, layer_id: str) -> None:
    change.clear(mask_name(layer_id))  # its tiles are the history's now
    change.update_layer(layer_id, masked=False, mask_on=True)


def _unlocked(document: Document, layer_id: str) -> Layer:
    layer = document.layer(layer_id)
    if layer.locked:
        raise UserError(f"The layer “{layer.name}” is locked.")
    return layer
