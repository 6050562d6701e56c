"""Filter layers: pixels that remember what made them."""

import numpy as np
import pytest

from editor.document import fills, filter_layers, layer_masks, layer_ops
from editor.document.document import MASK, Document
from editor.document.layers import Filtered, Layer, mask_name
from editor.document.photo import Photo
from editor.document.transforms import transform
from editor.errors import UserError
from editor.raster.surface import Box, Surface
from editor.raster.transforms import Crop, Rotate, Turn

SHAPE = (300, 520)


def a_document(channels: int = 3) -> Document:
    pixels = np.random.default_rng(1).integers(0, 60_000, (*SHAPE, channels), np.uint16)
    if channels in (2, 4):
        pixels[:100, :, -1] = 0
        pixels[100:, :, -1] = 65535
    pixels.flags.writeable = False
    return Document(Photo(pixels))


def brightened(document: Document) -> Surface:
    """As a filter layer's pixels: the picture, 5000 brighter, opaque, with its mips made."""
    pixels = document.picture().read(document.base.bounds)[..., :document.colours] + np.uint16(5000)
    surface = Surface.from_array(np.concatenate([pixels, np.full_like(pixels[..., :1], 65535)], axis=2))
    surface.make_mips()
    return surface


def add(document: Document, box: Box | None = None, mask: Surface | None = None) -> Layer:
    beneath, above = filter_layers.place_of_new(document)
    digest = fills.digest(document, box or document.base.bounds, above)
    return filter_layers.add(document, "Brighten", Filtered("brighten", {"by": 5000}, digest, box),
                             brightened(document), beneath, mask)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_filter_layer_shows_its_pixels_and_leaves_transparency_alone(channels):
    document = a_document(channels)
    before = document.picture().read(document.base.bounds)
    layer = add(document)
    after = document.picture().read(document.base.bounds)
    opaque = before[..., -1] > 0 if channels in (2, 4) else np.ones(SHAPE, bool)
    colours = document.colours
    assert np.array_equal(after[opaque][:, :colours], before[opaque][:, :colours] + 5000)
    if channels in (2, 4):
        assert np.array_equal(after[..., -1], before[..., -1])
    assert document.active == layer.id and document.layer(layer.id).filtered.settings == {"by": 5000}


def test_it_is_one_step_and_undo_takes_all_of_it_back():
    document = a_document()
    before = document.picture().read(document.base.bounds)
    with document.change("Paint mask") as change:
        change.edit(MASK, Box(10, 10, 90, 200), lambda part, old: np.full_like(old, 255))
    steps = document.history.position
    add(document, mask=document.mask.snapshot())
    assert document.history.position == steps + 1 and not document.mask.keys()
    seen = document.picture().read(document.base.bounds)
    inside = np.zeros(SHAPE, bool)
    inside[10:90, 10:200] = True
    assert np.array_equal(seen[inside], before[inside] + 5000) and np.array_equal(seen[~inside], before[~inside])
    document.undo()
    assert not document.layers and document.mask.keys()
    assert np.array_equal(document.picture().read(document.base.bounds), before)
    document.redo()
    assert np.array_equal(document.picture().read(document.base.bounds), seen)


def test_a_mask_painted_on_meanwhile_is_not_taken_away():
    document = a_document()
    with document.change("Paint mask") as change:
        change.edit(MASK, Box(10, 10, 90, 200), lambda part, old: np.full_like(old, 255))
    used = document.mask.snapshot()
    with document.change("Paint mask") as change:
        change.edit(MASK, Box(100, 10, 120, 40), lambda part, old: np.full_like(old, 255))
    add(document, mask=used)
    assert document.mask.keys()


def test_it_goes_above_the_active_layer_and_filters_what_is_beneath():
    document = a_document()
    lower, upper = (layer_ops.add_paint_layer(document) for _ in range(2))
    document.activate(lower.id)
    layer = add(document)
    assert [one.id for one in document.layers] == [lower.id, layer.id, upper.id]
    document.activate(None)
    assert add(document) == document.layers[-1]


def test_it_is_out_of_date_once_something_beneath_it_changes():
    document = a_document()
    paint = layer_ops.add_paint_layer(document)
    layer = add(document, Box(0, 0, 100, 100))
    assert not fills.is_stale(document, layer.id)

    def dab(box: Box) -> None:
        with document.change("Dab") as change:
            change.edit(paint.id, box, lambda part, old: np.full_like(old, 65535))

    dab(Box(200, 200, 250, 250))
    assert not fills.is_stale(document, layer.id)  # it was not filtered there
    dab(Box(50, 50, 120, 120))
    assert fills.is_stale(document, layer.id)
    filter_layers.make_again(document, layer.id, "Brighten again", Filtered(
        "brighten", {"by": 5000}, fills.digest(document, Box(0, 0, 100, 100), layer.id), Box(0, 0, 100, 100)),
        brightened(document))
    assert not fills.is_stale(document, layer.id)
    document.undo()
    assert fills.is_stale(document, layer.id)


@pytest.mark.parametrize("step", [Turn(1), Crop(Box(20, 30, 220, 400)), Rotate(3.0)], ids=["turn", "crop", "rotate"])
def test_a_transform_takes_it_along_as_pixels_and_it_stays_up_to_date(step):
    document = a_document()
    layer = add(document, Box(0, 0, 100, 100))
    transform(document, "Step", step)
    after = document.layer(layer.id)
    assert after.filtered.settings == {"by": 5000} and not fills.is_stale(document, layer.id)
    assert after.filtered.box.intersect(document.base.bounds) == after.filtered.box
    document.undo()
    assert document.layer(layer.id).filtered.box == Box(0, 0, 100, 100) and not fills.is_stale(document, layer.id)


def test_a_crop_that_leaves_nothing_of_what_was_filtered_leaves_an_ordinary_layer():
    document = a_document()
    layer = add(document, Box(0, 0, 100, 100))
    transform(document, "Crop", Crop(Box(150, 150, 300, 500)))
    assert document.layer(layer.id).filtered is None


def test_what_is_merged_or_cut_by_its_mask_is_no_filter_layer_any_more():
    document = a_document()
    lower = add(document)
    copy = layer_ops.duplicate(document, lower.id)
    assert document.layer(copy.id).filtered == document.layer(lower.id).filtered
    layer_ops.merge_down(document, copy.id)
    assert document.layer(lower.id).filtered is None
    layer = add(document)
    layer_masks.add(document, layer.id)
    layer_masks.apply(document, layer.id)
    assert document.layer(layer.id).filtered is None and mask_name(layer.id) in document.surfaces


def test_a_locked_one_is_not_made_again():
    document = a_document()
    layer = add(document)
    layer_ops.set_locked(document, layer.id, True)
    with pytest.raises(UserError, match="locked"):
        filter_layers.make_again(document, layer.id, "Again", layer.filtered, brightened(document))


def test_its_reduced_pixels_are_there_when_it_lands():
    """Making them takes long enough on large photos to be felt."""
    document = a_document()
    pixels = brightened(document)
    layer = filter_layers.add(document, "Brighten", Filtered("brighten"), pixels, None)
    surface = document.surfaces[layer.id]
    assert surface.levels == 2 and surface.tile((0, 1), 1) is pixels.tile((0, 1), 1)
    document.undo()
    assert not surface.read(Box(0, 0, 150, 260), 1).any()
    document.redo()
    reduced = document.picture().read(Box(0, 0, 150, 260), 1)
    fresh = Surface.from_array(document.picture().read(document.base.bounds))
    assert np.abs(reduced.astype(int) - fresh.read(Box(0, 0, 150, 260), 1)).max() <= 1
