"""A document turned, flipped, cropped, rotated: one step of the history each.

How it fits. ``Document.photo`` is the photograph in the document's present geometry: a step makes another Photo, whose
pixels are the file's moved (or, by an odd angle, sampled anew), and takes all that lies on it along: planes, layers,
recipes with their masks, variants and frames. The file's own bytes stay in ``Photo.source`` and in the
project; a project keeps the photograph as it is seen, so that opening one knows nothing of steps. The original that
the window shows for comparing is the base in the present geometry.

Undoing a turn or a flip turns it back, which is exact and holds no memory. What crops and rotations lose is held by
their step: a crop's photograph is a view of the one before, and so costs nothing; the rest spills to disk like any
step's tiles. The session's log notes the step alone, and plays it back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from editor.document.document import AVOID, COLOUR, SKETCH, SOURCE, Document, Snapshot
from editor.document.fills import digest, ground
from editor.document.history import TileStore
from editor.document.layers import Filtered, Layer, Patch, Recipe, Variant
from editor.document.photo import Photo
from editor.raster.frame import Frame
from editor.raster.surface import Box, Key, Surface, keys_in
from editor.raster.transforms import (
    SAMPLING,
    Crop,
    Shape,
    Step,
    blocks,
    box_after,
    frame_after,
    pixels_after,
    rotated,
    surface_after,
)

Watch = Callable[[float], None]
"""Told the share (0..1) that is done every few milliseconds; what it raises passes through."""


def transform(document: Document, name: str, step: Step, ready: Snapshot | None = None) -> None:
    """Carry a step out. ``ready`` is what ``transformed`` made of the document as it is now, if that has been done."""
    document.carry_out(name, TransformEdit(step, other=ready and _Held(ready)))


def transformed(snapshot: Snapshot, step: Step, watch: Watch = lambda share: None) -> Snapshot:
    """The document after a step; what lies beside a crop goes, and fills of which nothing is left become paint layers.

    The same snapshot and step give the same pixels, to the last bit.
    """
    shape = snapshot.base.shape
    count = _Count(watch, snapshot, step)
    photo = _photo_after(step, snapshot.photo, snapshot.base, count)
    surfaces = {name: surface_after(step, surface, count) for name, surface in snapshot.surfaces.items()}
    recipes: dict[Recipe, Recipe | None] = {}
    for layer in snapshot.layers:
        if layer.recipe is not None and layer.recipe not in recipes:
            recipes[layer.recipe] = _recipe_after(step, layer.recipe, shape, count)
    layers = tuple(replace(_with_recipe(layer, recipes.get(layer.recipe)),
                           filtered=_filtered_after(step, layer.filtered, shape)) for layer in snapshot.layers)
    frame = snapshot.frame and frame_after(step, snapshot.frame, shape)
    after = Snapshot(photo, layers, snapshot.active, surfaces, Surface.from_array(photo.pixels), frame)
    return replace(after, layers=tuple(_as_fresh(layer, old, after, snapshot)
                                       for layer, old in zip(layers, snapshot.layers, strict=True)))


class _Count:
    """Turns calls into the share that is done."""

    def __init__(self, watch: Watch, snapshot: Snapshot, step: Step):
        self._watch = watch
        out = Box(0, 0, *step.shape(snapshot.base.shape))
        parts = sum(1 for _ in (blocks(out) if isinstance(step, SAMPLING) else keys_in(out)))
        recipes = sum(layer.recipe is not None for layer in snapshot.layers)
        self._all = parts * (1 + len(snapshot.surfaces) + 3 * recipes)
        self._done = 0

    def __call__(self) -> None:
        self._done += 1
        self._watch(min(1.0, self._done / self._all))


def _photo_after(step: Step, photo: Photo, base: Surface, count: Callable[[], None]) -> Photo:
    metadata = photo.metadata
    across = step.matrix(base.shape)[0]  # of what becomes a row, how much was a column
    if abs(across[1]) > abs(across[0]) and metadata.resolution is not None:
        metadata = replace(metadata, resolution=metadata.resolution[::-1])
    if not isinstance(step, SAMPLING):
        pixels = pixels_after(step, photo.pixels)
    else:
        transparent = photo.has_alpha or step.keep_all
        pixels = np.empty((*step.shape(base.shape), (1 if photo.is_grey else 3) + transparent), photo.pixels.dtype)
        read = _opaque(base) if transparent and not photo.has_alpha else base.read
        for block in blocks(Box(0, 0, *pixels.shape[:2])):
            count()
            pixels[block.slices] = rotated(step, base.shape, read, block, opaque=not transparent)
    pixels.flags.writeable = False
    return replace(photo, pixels=pixels, metadata=metadata)


def _opaque(base: Surface) -> Callable[[Box], np.ndarray]:
    """Reads a photograph without alpha as one that has it, and is transparent beyond its edge."""
    def read(box: Box) -> np.ndarray:
        alpha = np.zeros((box.height, box.width, 1), base.dtype)
        inside = box.intersect(base.bounds)
        if not inside.empty:
            alpha[inside.shift(-box.top, -box.left).slices] = base.max_value
        return np.concatenate([base.read(box), alpha], axis=2)

    return read


def _recipe_after(step: Step, recipe: Recipe, shape: Shape, count: Callable[[], None]) -> Recipe | None:
    """None where nothing is left of its mask, or of the variant that is shown."""
    mask = surface_after(step, recipe.mask, count)
    variants = [_variant_after(step, variant, shape) for variant in recipe.variants]
    if mask.content_box().empty or (variants and not variants[recipe.chosen].patches):
        return None
    kept = [variant for variant in variants if variant.patches]
    guides = {name: surface_after(step, plane, count) for name in (SKETCH, COLOUR, SOURCE, AVOID)
              if (plane := getattr(recipe, name)) is not None}
    return replace(recipe, mask=mask, **guides, variants=tuple(kept),
                   chosen=kept.index(variants[recipe.chosen]) if kept else 0,
                   frame=recipe.frame and frame_after(step, recipe.frame, shape))


def _variant_after(step: Step, variant: Variant, shape: Shape) -> Variant:
    patches = tuple(after for patch in variant.patches if (after := _patch_after(step, patch, shape)) is not None)
    return replace(variant, patches=patches, frame=variant.frame and frame_after(step, variant.frame, shape))


def _patch_after(step: Step, patch: Patch, shape: Shape) -> Patch | None:
    """None where nothing of it is left."""
    there = patch.box if not isinstance(step, Crop) else patch.box.intersect(step.box)
    if there.empty:
        return None
    box = box_after(step, there, shape)
    pixels = np.concatenate([patch.pixels, patch.alpha[..., None]], axis=2)
    if isinstance(step, Crop):
        pixels = pixels[there.shift(*(-edge for edge in patch.origin)).slices]
    elif isinstance(step, SAMPLING):
        box = box.intersect(Box(0, 0, *step.shape(shape)))
        if box.empty:
            return None
        source = Surface.from_array(pixels)
        pixels = rotated(step, shape, lambda part: source.read(part.shift(*(-edge for edge in patch.origin))), box)
    else:
        pixels = pixels_after(step, pixels)
    if not pixels[..., -1].any():
        return None
    colour, alpha = np.ascontiguousarray(pixels[..., :-1]), np.ascontiguousarray(pixels[..., -1])
    colour.flags.writeable = alpha.flags.writeable = False
    return Patch(colour, alpha, (box.top, box.left))


def _with_recipe(layer: Layer, recipe: Recipe | None) -> Layer:
    return replace(layer, recipe=recipe, reopened=layer.reopened and recipe is not None)


def _filtered_after(step: Step, filtered: Filtered | None, shape: Shape) -> Filtered | None:
    """None where nothing is left of what was filtered."""
    if filtered is None or filtered.box is None:
        return filtered
    box = box_after(step, filtered.box, shape).intersect(Box(0, 0, *step.shape(shape)))
    return None if box.empty else replace(filtered, box=box)


def _as_fresh(layer: Layer, old: Layer, after: Snapshot, before: Snapshot) -> Layer:
    """The layer; where it stood on what it was made from, it stands on the same, transformed."""
    made_from = "filtered" if layer.filtered else "recipe"
    mine, its = getattr(layer, made_from), getattr(old, made_from)
    if mine is None or its.beneath != digest(before, ground(old, before.base.bounds), old.id):
        return layer
    fresh = digest(after, ground(layer, after.base.bounds), layer.id)
    return replace(layer, **{made_from: replace(mine, beneath=fresh)})


@dataclass
class _Held:
    """One side of a step, all of it; its tiles may be in a store."""

    snapshot: Snapshot
    own_photo: bool = True  # whether nobody else holds the photograph's pixels
    spilled: dict[str | None, dict[Key, Any]] = field(default_factory=dict)  # by surface, None is the photograph

    @property
    def surfaces(self) -> dict[str | None, Surface]:
        own = {None: self.snapshot.base} if self.own_photo else {}
        return {**self.snapshot.surfaces, **own}

    @property
    def nbytes(self) -> int:
        return sum(surface.nbytes for surface in self.surfaces.values())

    def spill(self, store: TileStore) -> None:
        if self.spilled:
            return
        self.spilled = {name: {key: store.put(surface.tile(key)) for key in surface.keys()}
                        for name, surface in self.surfaces.items()}
        self._take({name: Surface(surface.shape, surface.channels, surface.dtype)
                    for name, surface in self.surfaces.items()})

    def recall(self, store: TileStore) -> None:
        if not self.spilled:
            return
        surfaces = {name: Surface(surface.shape, surface.channels, surface.dtype)
                    for name, surface in self.surfaces.items()}
        for name, tiles in self.spilled.items():
            for key, reference in tiles.items():
                surfaces[name].put(key, store.get(reference))
        self._take(surfaces)
        if self.own_photo:
            pixels = self.snapshot.base.read(self.snapshot.base.bounds)
            pixels.flags.writeable = False
            self.snapshot = replace(self.snapshot, photo=replace(self.snapshot.photo, pixels=pixels),
                                    base=Surface.from_array(pixels))
        self.spilled = {}

    def _take(self, surfaces: dict[str | None, Surface]) -> None:
        base = surfaces.pop(None, self.snapshot.base)
        photo = self.snapshot.photo
        if self.own_photo:
            photo = replace(photo, pixels=np.empty((0, 0, base.channels), base.dtype))
        self.snapshot = replace(self.snapshot, surfaces=surfaces, base=base, photo=photo)


@dataclass
class TransformEdit:
    """A step, carried out and taken back by swapping."""

    step: Step
    done: bool = False
    other: _Held | None = None  # the other side; None where the step or its inverse gives it
    # Of the other side in any case: layers of the same recipes must stay the same, in this and in other steps.
    layers: tuple[Layer, ...] | None = None
    frame: Frame | None = None

    def swap(self, document: Document) -> None:
        now = document.snapshot()
        if self.other is not None:
            then = self.other.snapshot
        else:
            then = transformed(now, self.step.inverse if self.done else self.step)
        if self.layers is not None:
            then = replace(then, layers=self.layers, frame=self.frame)
        self.layers, self.frame, self.done = now.layers, now.frame, not self.done
        if self.step.inverse is None:
            self.other = _Held(now, not np.may_share_memory(now.photo.pixels, then.photo.pixels))
        document.set_state(replace(then, active=now.active))

    @property
    def nbytes(self) -> int:
        return self.other.nbytes if self.other is not None else 0

    def spill(self, store: TileStore) -> None:
        if self.other is not None:
            self.other.spill(store)

    def recall(self, store: TileStore) -> None:
        if self.other is not None:
            self.other.recall(store)
