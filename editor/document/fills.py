"""Fill layers: a fill's result on the canvas, its variants, and filling again.

Every function that changes the document is one step of the history.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from editor.document.document import AVOID, COLOUR, MASK, SKETCH, SOURCE, Document, Snapshot, Transaction
from editor.document.layer_ops import free_name, stack_with
from editor.document.layers import MAX_VARIANTS, Layer, Recipe, Variant
from editor.errors import UserError
from editor.raster.adjustments import apply
from editor.raster.surface import Box, Surface

_DIGEST_PIXELS = 2**19
_NEAR, _NEAR_SHARE = 24, 50  # pixels, and parts of the photo's longer side: how far apart two masks are still near
_HALF = 128  # coverage from which on a place counts as painted
_LOOKED_AT = 512  # pixels: the side at which that is measured


def digest(source: Document | Snapshot, box: Box, below: str | None = None) -> str:
    """Fingerprint of the visible picture in ``box`` (beneath the layer ``below``).

    Large boxes are looked at reduced, so that asking again and again stays cheap.
    """
    level = 0
    while box.height * box.width >> 2 * level > _DIGEST_PIXELS:
        level += 1
    reduced = Box(box.top >> level, box.left >> level, -(-box.bottom >> level), -(-box.right >> level))
    pixels = source.picture(below).read(reduced, level)
    return hashlib.blake2b(pixels.tobytes(), digest_size=16).hexdigest()


def is_stale(document: Document, layer_id: str) -> bool:
    """Whether the picture beneath a fill or filter layer is no longer what it was made from."""
    layer = document.layer(layer_id)
    beneath = layer.filtered.beneath if layer.filtered else layer.recipe.beneath
    return beneath != digest(document, ground(layer, document.base.bounds), layer_id)


def ground(layer: Layer, photo: Box) -> Box:
    """Where, of the photo, a fill or filter layer depends on what is beneath it."""
    if layer.filtered is None:
        return layer.recipe.mask.content_box()
    return photo if layer.filtered.box is None else layer.filtered.box.intersect(photo)


def unchanged(document: Document, snapshot: Snapshot, box: Box, below: str | None = None) -> bool:
    """Whether the picture in ``box`` is still what the snapshot saw."""
    now, then = document.picture(below), snapshot.picture(below)
    if len(now.sheets) != len(then.sheets):
        return np.array_equal(now.read(box), then.read(box))
    same = all(a.opacity == b.opacity and a.mode == b.mode and a.surface.same_pixels(b.surface, box)
               and a.adjustment == b.adjustment and a.hidden is None and b.hidden is None
               for a, b in zip(now.sheets, then.sheets, strict=True))
    return same or np.array_equal(now.read(box), then.read(box))


def surface_of(source: Document | Snapshot, variant: Variant) -> Surface:
    """A variant's patches as a layer's pixels."""
    base = source.base
    surface = Surface(base.shape, base.channels + base.channels % 2, base.dtype)
    for patch in variant.patches:
        pixels = np.concatenate([patch.pixels, patch.alpha[..., None]], axis=2)
        pixels *= patch.alpha[..., None] > 0

        def over(part: Box, old: np.ndarray, pixels=pixels, box=patch.box) -> np.ndarray:
            # Boxes of two regions may overlap, but each pixel belongs to one of them and is 0 in the other.
            return np.maximum(pixels[part.shift(-box.top, -box.left).slices], old)

        surface.edit(patch.box, over)
    return surface


def recipe_of_planes(source: Document | Snapshot, engine: str) -> Recipe:
    """A recipe with the mask, what of the other guidance planes lies in it now, and the face frame."""
    mask = source.surfaces[MASK].snapshot()
    guides = {plane: inside for plane in (SKETCH, COLOUR)
              if (inside := _cut(source.surfaces[plane], mask, inside=True)).keys()}
    guides |= {plane: source.surfaces[plane].snapshot() for plane in (SOURCE, AVOID) if source.surfaces[plane].keys()}
    return Recipe(mask, engine, **guides, frame=source.frame)


def copied_from(recipe: Recipe) -> tuple[Callable[..., np.ndarray], Box] | None:
    """What of any box (of a mip level) may be copied, (h, w) bool, and the box round all that is to be copied from
    alone (empty where that is not said); None where nothing is said of it.
    """
    if recipe.source is None and recipe.avoid is None:
        return None
    only = recipe.source.content_box() if recipe.source else Box(0, 0, 0, 0)

    def read(box: Box, level: int = 0) -> np.ndarray:
        allowed = np.ones((box.height, box.width), bool)
        if not only.empty:
            allowed &= recipe.source.read(box, level)[..., 0] >= _HALF
        if recipe.avoid is not None:
            allowed &= recipe.avoid.read(box, level)[..., 0] < _HALF
        return allowed

    return read, only


def add_fill_layer(document: Document, recipe: Recipe, surface: Surface | None = None,
                   under: str | None = None) -> Layer:
    """A new layer with the recipe's chosen variant, above the active one or an adjustment that is higher; the mask and
    the guides it used go, and the face frame that a network saw is shown.

    One step of the history: undoing it brings the mask back. under: see ``adjusting_on_top``, if that was asked.
    surface: the chosen variant's, where it is made already: that of thousands of patches takes a while.
    """
    layer = Layer(free_name(document, "Fill"), recipe=recipe)
    with document.change("Fill") as change:
        change.set_layers(_stack_with_fill(document, layer, under), layer.id)
        change.replace(layer.id, surface_of(document, recipe.variants[recipe.chosen]) if surface is None else surface)
        _use_up(document, change, recipe)
        change.set_frame(recipe.variants[recipe.chosen].frame or document.frame)
    return layer


def adjusting_on_top(layers: Sequence[Layer]) -> str | None:
    """The lowest of the adjustments that lie above all other layers.

    A fill of what is beneath them goes beneath them, and so it is adjusted with the rest, however they are changed.
    """
    under = None
    for layer in reversed(layers):
        if layer.adjustment is None:
            break
        under = layer.id
    return under


def seen_through(layers: Sequence[Layer], above: str | None, pixels: np.ndarray) -> np.ndarray:
    """Pixels (h, w, c) of what lies at the layer ``above`` or beneath it, about as the adjustments from there on up
    show them: as if they had no masks.
    """
    start = next((at for at, layer in enumerate(layers) if layer.id == above), len(layers))
    for layer in layers[start:]:
        if layer.adjustment is not None and layer.visible:
            pixels = apply(layer.adjustment, pixels)
    return pixels


def _stack_with_fill(document: Document, layer: Layer, under: str | None) -> list[Layer]:
    """Above the active layer, and above what adjusts the picture that it was filled from, up to ``under``: else it
    would be adjusted once more.
    """
    stack, place = list(document.layers), stack_with(document, layer).index(layer)
    end = next((at for at, one in enumerate(stack) if one.id == under), len(stack))
    adjusted = [at + 1 for at, one in enumerate(stack[:end]) if one.adjustment is not None and one.visible]
    stack.insert(min(max([place, *adjusted]), end), layer)
    return stack


def append_variant(document: Document, run: str, variant: Variant) -> None:
    """One more variant for the gallery of the layers that came from a run, as it arrives.

    Not a step: nothing on the canvas changes, and every state of the history that has the layer gets it too.
    """
    document.map_recipes(lambda recipe: recipe if recipe.run != run else _with_variants(
        recipe, (*recipe.variants, variant), recipe.chosen))


def choose_variant(document: Document, layer_id: str, index: int) -> None:
    """Show another of a fill layer's variants. Raises UserError where it is locked."""
    layer = document.layer(layer_id)
    if layer.locked:
        raise UserError(f"The layer “{layer.name}” is locked.")
    recipe = layer.recipe
    with document.change(f"Variant {index + 1}") as change:
        if index != recipe.chosen:
            change.update_layer(layer_id, recipe=replace(recipe, chosen=index))
        change.replace(layer_id, surface_of(document, recipe.variants[index]))


def reopened(document: Document) -> Layer | None:
    """The fill layer whose recipe is on the planes to be filled again, if there is one."""
    return next((layer for layer in document.layers if layer.reopened), None)


def reopen(document: Document, layer_id: str) -> None:
    """Put a fill layer's mask, sketch, colours, sources and face frame back; the next fill is this layer's.

    Lines and colours outside that mask stay.
    """
    recipe = document.layer(layer_id).recipe
    with document.change("Reopen fill") as change:
        change.set_layers((replace(layer, reopened=layer.id == layer_id) for layer in document.layers), layer_id)
        change.replace(MASK, recipe.mask)
        for plane, kept in ((SKETCH, recipe.sketch), (COLOUR, recipe.colour)):
            outside = _cut(document.surfaces[plane], recipe.mask, inside=False)
            change.replace(plane, outside if kept is None else _joined(outside, kept))
        for plane, kept in ((SOURCE, recipe.source), (AVOID, recipe.avoid)):
            if kept is None:
                change.clear(plane)
            else:
                change.replace(plane, kept)
        change.set_frame(recipe.frame or (recipe.variants[recipe.chosen].frame if recipe.variants else None))


def close_reopened(document: Document) -> None:
    """Leave the reopened layer as it is; its recipe goes from the planes, and what was added to it there."""
    holes = _joined(document.mask, reopened(document).recipe.mask)
    with document.change("Leave fill as it is") as change:
        change.set_layers((replace(layer, reopened=False) for layer in document.layers), document.active)
        change.clear(MASK)
        for plane in (SKETCH, COLOUR):
            change.replace(plane, _cut(document.surfaces[plane], holes, inside=False))
        change.set_frame(None)


def touched(document: Document, mask: Surface) -> Layer | None:
    """The active fill layer, if the mask touches its own or comes near, and it may be filled again."""
    layer = document.layer(document.active)
    if layer is None or not layer.is_fill or layer.locked or not layer.visible:
        return None
    reach = max(_NEAR, max(document.shape) // _NEAR_SHARE)
    common = mask.content_box().grow(reach).intersect(layer.recipe.mask.content_box().grow(reach))
    if common.empty:
        return None
    level = 0
    while max(common.height, common.width) >> level > _LOOKED_AT:
        level += 1
    part = Box(common.top >> level, common.left >> level, -(-common.bottom >> level), -(-common.right >> level))
    new, old = (surface.read(part, level)[..., 0] > 0 for surface in (mask, layer.recipe.mask))
    wide = 2 * (reach >> level) + 1
    near = cv2.dilate(new.view(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide)))
    return layer if (near.astype(bool) & old).any() else None


def extended(recipe: Recipe, more: Recipe) -> Recipe:
    """A recipe with the mask and the guides of another besides its own."""
    guides = {plane: theirs if mine is None else mine if theirs is None else _joined(mine, theirs)
              for plane in (SKETCH, COLOUR, SOURCE, AVOID)
              for mine, theirs in [(getattr(recipe, plane), getattr(more, plane))]}
    return replace(recipe, mask=_joined(recipe.mask, more.mask), frame=more.frame or recipe.frame, **guides)


def refill(document: Document, layer_id: str, recipe: Recipe, used: Recipe | None = None,
           surface: Surface | None = None) -> None:
    """Give a fill layer the result of filling it again; its earlier variants stay in its gallery.

    used: what goes from the planes, where they were what it was filled by. surface: as add_fill_layer takes it.
    """
    earlier = document.layer(layer_id).recipe.variants
    fresh = recipe.variants[recipe.chosen]
    recipe = _with_variants(recipe, (*earlier, *recipe.variants), len(earlier) + recipe.chosen)
    with document.change("Fill again") as change:
        if used is not None:
            _use_up(document, change, used)
        change.update_layer(layer_id, recipe=recipe, reopened=False)
        change.replace(layer_id, surface_of(document, fresh) if surface is None else surface)
        change.set_frame(fresh.frame or document.frame)


def _cut(plane: Surface, mask: Surface, inside: bool) -> Surface:
    """What of a plane lies inside the mask, or outside."""
    out = Surface(plane.shape, plane.channels, plane.dtype)
    for key in plane.keys():
        tile, hole = plane.tile(key), mask.tile(key)
        if hole is None:
            if not inside:
                out.put(key, tile)
            continue
        kept = tile * ((hole > 0) == inside)
        if kept.any():
            out.put(key, kept)
    return out


def _joined(one: Surface, other: Surface) -> Surface:
    """Two planes in one: the greater coverage, the other's colours over those of the one."""
    out = one.snapshot()
    for key in other.keys():
        mine, theirs = one.tile(key), other.tile(key)
        if mine is not None:
            theirs = np.maximum(mine, theirs) if one.channels == 1 else np.where(theirs[..., 3:] > 0, theirs, mine)
        out.put(key, theirs)
    return out


def _use_up(document: Document, change: Transaction, recipe: Recipe) -> None:
    """Clear the planes of what the fill used; what was painted while it ran stays."""
    for plane, used in ((MASK, recipe.mask), (SKETCH, recipe.sketch), (COLOUR, recipe.colour)):
        if used is None:
            continue
        now = document.surfaces[plane]
        later = now.snapshot()
        for key in now.keys() & used.keys():
            if now.tile(key) is used.tile(key):
                later.put(key, None)
                continue
            tile = now.tile(key).copy()
            tile[(tile == used.tile(key)).all(axis=2)] = 0
            later.put(key, tile if tile.any() else None)
        change.replace(plane, later)


def _with_variants(recipe: Recipe, variants: tuple[Variant, ...], chosen: int) -> Recipe:
    """Keep the newest MAX_VARIANTS, and the chosen one in any case."""
    keep = [i for i in range(len(variants)) if i == chosen or i >= len(variants) - MAX_VARIANTS]
    if len(keep) > MAX_VARIANTS:
        keep.remove(next(i for i in keep if i != chosen))
    return replace(recipe, variants=tuple(variants[i] for i in keep), chosen=keep.index(chosen))
