"""What the layers panel does to a document. Every function is one step of the history."""

from dataclasses import replace

import numpy as np

from editor.document.document import Document, Transaction
from editor.document.layers import Layer, mask_name, new_id
from editor.document.picture import merged
from editor.document.snapshot import sheet_of
from editor.errors import UserError
from editor.raster.blending import MODES, NORMAL
from editor.raster.surface import Surface


def free_name(document: Document, stem: str) -> str:
    """``stem`` and the first number that no layer has yet."""
    taken = {layer.name for layer in document.layers}
    number = 1
    while f"{stem} {number}" in taken:
        number += 1
    return f"{stem} {number}"


def _index(document: Document, layer_id: str | None) -> int:
    """Where the layer stands, bottom is 0; -1 for the photograph."""
    return next((i for i, layer in enumerate(document.layers) if layer.id == layer_id), -1)


def stack_with(document: Document, layer: Layer) -> list[Layer]:
    """The stack with a new layer above the active one (on top of all if the photograph is active)."""
    stack = list(document.layers)
    stack.insert(_index(document, document.active) + 1 or len(stack), layer)
    return stack


def add_paint_layer(document: Document) -> Layer:
    """An empty layer above the active one; it becomes active."""
    layer = Layer(free_name(document, "Paint"))
    with document.change("Add paint layer") as change:
        change.set_layers(stack_with(document, layer), layer.id)
    return layer


def add_picture_layer(document: Document, pixels: Surface, name: str) -> Layer:
    """A layer with the tiles of ``pixels`` (the document's shape, its colours and alpha, its dtype)."""
    layer = Layer(free_name(document, name))
    with document.change(f"Add {name.lower()} layer") as change:
        change.set_layers(stack_with(document, layer), layer.id)
        change.replace(layer.id, pixels)
    return layer


def rename(document: Document, layer_id: str, name: str) -> None:
    if name and document.layer(layer_id).name != name:
        with document.change("Rename layer") as change:
            change.update_layer(layer_id, name=name)


def set_visible(document: Document, layer_id: str, visible: bool) -> None:
    with document.change("Show layer" if visible else "Hide layer") as change:
        change.update_layer(layer_id, visible=visible)


def set_opacity(document: Document, layer_id: str, opacity: float) -> None:
    """0..1."""
    if document.layer(layer_id).opacity != opacity:
        with document.change("Layer opacity") as change:
            change.update_layer(layer_id, opacity=opacity)


def set_mode(document: Document, layer_id: str, mode: str) -> None:
    """``mode`` is one of editor.raster.blending.MODES."""
    if document.layer(layer_id).mode != mode:
        with document.change(f"Blend mode {MODES[mode].title}") as change:
            change.update_layer(layer_id, mode=mode)


def set_locked(document: Document, layer_id: str, locked: bool) -> None:
    with document.change("Lock layer" if locked else "Unlock layer") as change:
        change.update_layer(layer_id, locked=locked)


def move(document: Document, layer_id: str, index: int) -> None:
    """Put a layer at ``index`` of the stack, counted from the bottom without it."""
    layer = document.layer(layer_id)
    stack = [other for other in document.layers if other.id != layer_id]
    stack.insert(max(0, min(index, len(stack))), layer)
    if tuple(stack) != document.layers:
        with document.change("Move layer") as change:
            change.set_layers(stack, document.active)


def duplicate(document: Document, layer_id: str) -> Layer:
    """A copy just above, with its recipe; it becomes active. Shares its tiles until one of the two changes."""
    original = document.layer(layer_id)
    copy = replace(original, id=new_id(), name=f"{original.name} copy", reopened=False)
    stack = list(document.layers)
    stack.insert(_index(document, layer_id) + 1, copy)
    with document.change("Duplicate layer") as change:
        change.set_layers(stack, copy.id)
        change.replace(copy.id, document.surfaces[layer_id])
        if copy.masked:
            change.replace(mask_name(copy.id), document.surfaces[mask_name(layer_id)])
    return copy


def delete(document: Document, layer_id: str) -> None:
    """Remove a layer; the one below it becomes active. Raises UserError where it is locked."""
    if document.layer(layer_id).locked:
        raise UserError(f"The layer “{document.layer(layer_id).name}” is locked.")
    index = _index(document, layer_id)
    stack = [layer for layer in document.layers if layer.id != layer_id]
    active = document.active
    if active == layer_id:
        active = stack[index - 1].id if index > 0 else stack[0].id if stack else None
    with document.change("Delete layer") as change:
        _clear(document, change, layer_id)
        change.set_layers(stack, active)


def _clear(document: Document, change: Transaction, layer_id: str) -> None:
    """A layer's pixels and its mask, which are the history's then."""
    for name in (layer_id, mask_name(layer_id)):
        if name in document.surfaces:
            change.clear(name)


def can_merge_down(document: Document, layer_id: str | None) -> bool:
    """Whether there is a layer with pixels beneath to merge into: the photograph itself is never painted on."""
    index = _index(document, layer_id)
    return index > 0 and document.layers[index - 1].adjustment is None


def merge_down(document: Document, layer_id: str) -> None:
    """Blend a layer into the one beneath, which keeps its own blend mode and becomes a paint layer.

    An adjustment then changes that layer alone. Raises UserError where there is nothing to merge into.
    """
    index = _index(document, layer_id)
    if index < 1:
        raise UserError("There is no layer beneath to merge into; the photograph itself is never painted on.")
    upper, lower = document.layers[index], document.layers[index - 1]
    for layer in (upper, lower):
        if layer.locked or not layer.visible:
            raise UserError(f"The layer “{layer.name}” is {'locked' if layer.locked else 'hidden'}.")
    if lower.adjustment is not None:
        raise UserError(f"The layer “{lower.name}” is an adjustment: it has no pixels to merge into.")
    # Over nothing, the lower layer is its own backdrop.
    sheets = [replace(sheet_of(lower, document.surfaces), mode=NORMAL), sheet_of(upper, document.surfaces)]
    both = merged(sheets, document.shape, document.colours + 1, document.photo.pixels.dtype)
    plain = replace(lower, opacity=1.0, recipe=None, reopened=False, masked=False, mask_on=True, filtered=None)
    stack = [plain if layer.id == lower.id else layer
             for layer in document.layers if layer.id != upper.id]
    with document.change("Merge down") as change:
        for layer in (upper, lower):
            _clear(document, change, layer.id)
        change.replace(lower.id, both)
        change.set_layers(stack, lower.id)


def flatten(document: Document) -> Layer:
    """All visible layers become one, opaque wherever it differs from the photograph; the picture stays the same.

    Hidden layers go. Raises UserError where a blend mode has cut the photograph away, which a layer cannot show.
    """
    picture = document.picture()
    flat = Surface(document.shape, document.colours + 1, document.photo.pixels.dtype)
    for key in picture.touched():
        own, now = document.base.tile(key), picture.tile(key)
        if own.shape[2] < now.shape[2]:
            own = np.concatenate([own, np.full_like(now[..., -1:], flat.max_value)], axis=2)
        differs = (own != now).any(axis=2)
        if not differs.any():
            continue
        if picture.has_alpha and (now[..., -1][differs] != flat.max_value).any():
            raise UserError("The layers cannot be flattened: one of them leaves the photograph transparent.")
        tile = np.empty((*differs.shape, flat.channels), flat.dtype)
        tile[..., :-1] = now[..., :document.colours]
        tile[..., -1] = flat.max_value
        tile *= differs[..., None]
        flat.put(key, tile)
    layer = Layer("Flattened")
    with document.change("Flatten") as change:
        for old in document.layers:
            _clear(document, change, old.id)
        change.set_layers([layer], layer.id)
        change.replace(layer.id, flat)
    return layer
