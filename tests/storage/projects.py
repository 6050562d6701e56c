"""Documents to be saved and read again, made by code."""

from dataclasses import replace

import cv2
import numpy as np

from editor.document import fills, layer_ops
from editor.document.document import COLOUR, Document, Snapshot
from editor.document.layers import Patch, Recipe, Variant
from editor.document.photo import Metadata, Photo
from editor.raster import masks
from editor.raster.surface import Box, Surface

SHAPE = (300, 530)  # two by three tiles, those at the edge smaller


def a_photo(dtype=np.uint8, channels: int = 3, shape: tuple[int, int] = SHAPE, **properties) -> Photo:
    """A photograph of soft blobs and noise."""
    rng = np.random.default_rng(channels)
    top = np.iinfo(dtype).max
    soft = cv2.GaussianBlur(rng.random((*shape, channels), np.float32), (0, 0), 20).reshape(*shape, channels)
    soft = (soft - soft.min()) / (soft.max() - soft.min()) + rng.normal(0, 0.01, soft.shape)
    pixels = (np.clip(soft, 0, 1) * top).astype(dtype)
    pixels.flags.writeable = False
    return Photo(pixels, **properties)


def noise(rng: np.random.Generator, shape: tuple[int, ...], dtype) -> np.ndarray:
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def a_variant(document: Document, rng: np.random.Generator, seed: int) -> Variant:
    dtype = document.photo.pixels.dtype
    patches = tuple(Patch(noise(rng, (*size, document.colours), dtype), noise(rng, size, dtype), origin)
                    for size, origin in (((40, 30), (10, 20)), ((7, 9), (240, 250))))
    return Variant(patches, "telea", seed, 0.25, "cpu", "float32", ("a note",), 512, 1490)


def a_busy_document(dtype=np.uint8, channels: int = 3, **properties) -> Document:
    """With a paint layer, a fill layer with variants and guidance, a hidden empty layer, and all three planes."""
    document = Document(a_photo(dtype, channels, **properties))
    rng = np.random.default_rng(5)
    document_dtype = document.photo.pixels.dtype
    mask = masks.from_array(np.where(rng.random(SHAPE) > 0.99, 200, 0).astype(np.uint8))
    colour = Surface(SHAPE, 4, np.uint8)
    colour.write(noise(rng, (20, 20, 4), np.uint8), (250, 250))
    paint = layer_ops.add_paint_layer(document)
    with document.change("Stroke") as change:
        change.edit(paint.id, Box(100, 200, 290, 470),
                    lambda part, old: noise(rng, old.shape, document_dtype))
    layer_ops.set_opacity(document, paint.id, 1 / 3)
    layer_ops.set_mode(document, paint.id, "svg:multiply")
    with document.change("Plane") as change:
        change.replace("mask", mask)
        change.replace(COLOUR, colour)
    variants = tuple(a_variant(document, rng, seed) for seed in (7, 8))
    recipe = Recipe(document.mask.snapshot(), "auto", {"radius": 5, "name": "x"}, 7, None,
                    colour, variants, 1, "beneath", "run")
    fill = fills.add_fill_layer(document, recipe)
    layer_ops.set_locked(document, fill.id, True)
    empty = layer_ops.add_paint_layer(document)
    layer_ops.rename(document, empty.id, 'Name with "quotes", <brackets> & ünïcode')
    layer_ops.set_visible(document, empty.id, False)
    with document.change("Mask") as change:
        change.edit("mask", Box(3, 4, 9, 300), lambda part, old: np.full(old.shape, 128, np.uint8))
        change.edit("sketch", Box(0, 0, 300, 1), lambda part, old: np.full(old.shape, 255, np.uint8))
    return document


def every_metadata() -> Metadata:
    return Metadata(b"II*\0exif", b"<x:xmpmeta/>", b"\x1c\x02iptc", (300.0, 240.5), b"comment",
                    {0: tuple(range(64)), 1: (9,) * 64}, "4:2:0")


def assert_same(now: Snapshot | Document, then: Snapshot | Document) -> None:
    """All of both is equal, recipes and their arrays included."""
    assert np.array_equal(now.photo.pixels, then.photo.pixels)
    assert now.photo.pixels.dtype == then.photo.pixels.dtype
    assert (now.photo.profile, now.photo.metadata, now.photo.format) == (
        then.photo.profile, then.photo.metadata, then.photo.format)
    assert now.active == then.active
    assert [replace(layer, recipe=None) for layer in now.layers] == [
        replace(layer, recipe=None) for layer in then.layers]
    for mine, other in zip(now.layers, then.layers, strict=True):
        assert_same_recipe(mine.recipe, other.recipe)
        assert_same_surface(now.surfaces[mine.id], then.surfaces[mine.id])
    for plane in ("mask", "sketch", "colour"):
        assert_same_surface(now.surfaces[plane], then.surfaces[plane])


def assert_same_surface(now: Surface | None, then: Surface | None) -> None:
    assert (now is None) == (then is None)
    if now is not None:
        assert (now.shape, now.channels, now.dtype) == (then.shape, then.channels, then.dtype)
        assert np.array_equal(now.read(now.bounds), then.read(then.bounds))


def assert_same_recipe(now: Recipe | None, then: Recipe | None) -> None:
    assert (now is None) == (then is None)
    if now is None:
        return
    for name in ("engine", "settings", "seed", "chosen", "beneath", "run"):
        assert getattr(now, name) == getattr(then, name)
    for name in ("mask", "sketch", "colour"):
        assert_same_surface(getattr(now, name), getattr(then, name))
    for mine, other in zip(now.variants, then.variants, strict=True):
        assert replace(mine, patches=()).__dict__ == replace(other, patches=()).__dict__
        for patch, wanted in zip(mine.patches, other.patches, strict=True):
            assert patch.origin == wanted.origin
            assert np.array_equal(patch.pixels, wanted.pixels) and patch.pixels.dtype == wanted.pixels.dtype
            assert np.array_equal(patch.alpha, wanted.alpha) and patch.alpha.dtype == wanted.alpha.dtype
