"""Adjustment layers: what they do to the picture beneath them, and what the document's other work does to them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.document import adjustment_layers, fills, layer_masks, layer_ops
from editor.document.changes import strengths
from editor.document.document import MASK, Document
from editor.document.filter_layers import place_of_new
from editor.document.layers import Layer, Patch, Recipe, Variant, mask_name
from editor.document.photo import Photo
from editor.document.picture import Picture, Sheet
from editor.document.transforms import transform
from editor.errors import UserError
from editor.raster.adjustments import Band, Curve, Curves, Levels, apply
from editor.raster.blending import MODES, NORMAL
from editor.raster.surface import Box, Surface
from editor.raster.transforms import Crop, Turn

_SHAPE = (300, 520)
_WHOLE = Box(0, 0, *_SHAPE)
_LEVELS = Levels(Band(0.1, 0.8, 1.4), red=Band(white=0.9), blue=Band(gamma=0.7))


def _pixels(channels: int = 3, dtype: type = np.uint16, shape: tuple[int, int] = _SHAPE) -> np.ndarray:
    pixels = np.random.default_rng(2).integers(0, np.iinfo(dtype).max, (*shape, channels), dtype, endpoint=True)
    pixels.flags.writeable = False
    return pixels


def _document(channels: int = 3, dtype: type = np.uint16) -> Document:
    return Document(Photo(_pixels(channels, dtype)))


def _add(document: Document, adjustment: Levels | Curves) -> Layer:
    """Above the active layer, as the window adds it."""
    return adjustment_layers.add(document, adjustment, place_of_new(document)[0])


def _recipe(document: Document, value: int) -> Recipe:
    """Of a fill of 20 x 20 pixels of one value."""
    patch = Patch(np.full((20, 20, 3), value, np.uint16), np.full((20, 20), 65535, np.uint16), (5, 5))
    return Recipe(document.mask.snapshot(), "telea", variants=(Variant((patch,), "telea", 1),))


def _seen(document: Document, level: int = 0) -> np.ndarray:
    box = Box(0, 0, *(-(-side >> level) for side in document.shape))
    return document.picture().read(box, level)


def _hide(document: Document, layer_id: str, box: Box, value: int = 255) -> None:
    with document.change("Hide") as change:
        change.edit(mask_name(layer_id), box, lambda part, old: np.full_like(old, value))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("adjustment", [_LEVELS, Curves(Curve(((0.1, 0.0), (0.4, 0.7), (1.0, 0.9))))])
def test_the_whole_picture_is_adjusted_at_its_own_depth(adjustment, dtype, channels):
    document = _document(channels, dtype)
    _add(document, adjustment)
    assert np.array_equal(_seen(document), apply(adjustment, document.photo.pixels))


def test_where_its_mask_hides_it_the_photograph_is_its_own_bit_for_bit():
    document = _document()
    layer = _add(document, _LEVELS)
    _hide(document, layer.id, Box(100, 200, 300, 400))
    _hide(document, layer.id, Box(0, 0, 50, 50), 51)
    seen, own = _seen(document), document.photo.pixels
    expected = apply(_LEVELS, own)
    assert np.array_equal(seen[100:300, 200:400], own[100:300, 200:400])
    assert np.array_equal(seen[:100, 60:], expected[:100, 60:])
    mixed = own[:50, :50] + 0.8 * (expected[:50, :50].astype(float) - own[:50, :50])
    assert np.abs(seen[:50, :50] - mixed).max() < 1.1


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([np.uint8, np.uint16]), st.integers(1, 4), st.sampled_from(list(MODES)), st.floats(0, 1))
def test_its_mode_and_opacity_lay_the_adjusted_picture_over_the_picture(dtype, channels, mode, opacity):
    own = _pixels(channels, dtype, (9, 11))
    if channels in (2, 4):
        own = own.copy()
        own[..., -1] = np.iinfo(dtype).max
    colours = 1 if channels < 3 else 3
    opaque = np.full_like(own[..., :1], np.iinfo(dtype).max)
    drawn = np.concatenate([apply(_LEVELS, own)[..., :colours], opaque], axis=2)
    base, nothing = Surface.from_array(own), Surface((9, 11), colours + 1, dtype)
    by_adjustment = Picture(base, (Sheet(nothing, opacity, mode, adjustment=_LEVELS),)).read(Box(0, 0, 9, 11))
    by_pixels = Picture(base, (Sheet(Surface.from_array(drawn), opacity, mode),)).read(Box(0, 0, 9, 11))
    assert by_adjustment.shape == by_pixels.shape
    # The drawn one has been rounded to the photograph's depth, which steep modes magnify.
    steep = mode in ("svg:color-dodge", "svg:color-burn", "svg:saturation", "svg:hue", "svg:overlay", "svg:hard-light")
    apart = np.abs(by_adjustment.astype(int) - by_pixels)
    assert (np.median(apart) <= 1) if steep else (apart.max() <= 2)


def test_what_is_transparent_stays_transparent():
    own = _pixels(4).copy()
    own[:100, :, 3] = 0
    picture = Picture(Surface.from_array(own), (Sheet(Surface(_SHAPE, 4, np.uint16), 0.5, NORMAL, adjustment=_LEVELS),))
    assert np.array_equal(picture.read(_WHOLE)[..., 3], own[..., 3])


def test_layers_beneath_are_adjusted_and_those_above_are_not():
    document = _document()
    below = layer_ops.add_paint_layer(document)
    paint = np.full((50, 50, 4), (1000, 30000, 60000, 65535), np.uint16)
    with document.change("Paint") as change:
        change.edit(below.id, Box(0, 0, 50, 50), lambda part, old: paint)
    _add(document, _LEVELS)
    assert np.array_equal(_seen(document)[:50, :50], apply(_LEVELS, paint)[..., :3])
    above = layer_ops.add_paint_layer(document)
    with document.change("Paint") as change:
        change.edit(above.id, Box(0, 0, 50, 50), lambda part, old: paint)
    assert np.array_equal(_seen(document)[:50, :50], paint[..., :3])
    assert np.array_equal(_seen(document)[50:], apply(_LEVELS, document.photo.pixels)[50:])


def test_reduced_it_is_the_reduced_picture_adjusted():
    document = _document()
    reduced = _seen(document, 2)
    _add(document, _LEVELS)
    assert np.array_equal(_seen(document, 2), apply(_LEVELS, reduced))


def test_every_tile_may_have_changed_and_the_map_of_changes_knows_which_have():
    document = _document()
    layer = _add(document, _LEVELS)
    _hide(document, layer.id, Box(0, 0, 256, 256))
    found = dict(strengths(document.snapshot(), document.picture().touched()))
    assert found[0, 0] is None and {key for key, tile in found.items() if tile is not None} == set(found) - {(0, 0)}


def test_a_fill_under_way_is_out_of_date_once_the_adjustment_is_another():
    document = _document()
    layer = _add(document, _LEVELS)
    snapshot = document.snapshot()
    assert fills.unchanged(document, snapshot, Box(0, 0, 90, 90))
    adjustment_layers.change(document, layer.id, Levels(Band(0.2)))
    assert not fills.unchanged(document, snapshot, Box(0, 0, 90, 90))


def test_merged_down_it_changes_only_the_layer_beneath():
    document = _document()
    below = layer_ops.add_paint_layer(document)
    paint = np.full((50, 50, 4), (1000, 30000, 60000, 40000), np.uint16)
    with document.change("Paint") as change:
        change.edit(below.id, Box(0, 0, 50, 50), lambda part, old: paint)
    layer = _add(document, Levels(Band(low=0.2)))
    layer_ops.merge_down(document, layer.id)
    merged = document.surfaces[below.id].read(_WHOLE)
    assert np.array_equal(merged[:50, :50], apply(Levels(Band(low=0.2)), paint)) and not merged[50:].any()
    assert [one.adjustment for one in document.layers] == [None]


def test_nothing_is_merged_into_it_and_it_has_no_pixels_that_its_mask_could_take():
    document = _document()
    layer = _add(document, _LEVELS)
    upper = layer_ops.add_paint_layer(document)
    assert not layer_ops.can_merge_down(document, upper.id)
    with pytest.raises(UserError, match="is an adjustment"):
        layer_ops.merge_down(document, upper.id)
    with pytest.raises(UserError, match="is an adjustment"):
        layer_masks.apply(document, layer.id)


@pytest.mark.parametrize("channels", [1, 3])
def test_flattened_the_picture_is_the_same(channels):
    document = _document(channels)
    layer = _add(document, _LEVELS)
    _hide(document, layer.id, Box(0, 0, 100, 520))
    before = _seen(document)
    flat = layer_ops.flatten(document)
    assert np.array_equal(_seen(document), before) and document.layers == (flat,) and flat.adjustment is None
    assert not document.surfaces[flat.id].read(Box(0, 0, 100, 520)).any()


def test_a_copy_is_edited_on_its_own_and_undo_brings_back_the_one_before():
    document = _document()
    layer = _add(document, _LEVELS)
    copy = layer_ops.duplicate(document, layer.id)
    before = _seen(document)
    adjustment_layers.change(document, copy.id, Levels())
    assert document.layer(layer.id).adjustment == _LEVELS
    assert np.array_equal(_seen(document), apply(_LEVELS, document.photo.pixels))
    document.undo()
    assert np.array_equal(_seen(document), before)


@pytest.mark.parametrize("step", [Turn(1), Crop(Box(37, 100, 290, 420))])
def test_turned_or_cropped_it_goes_with_its_mask(step):
    document = _document()
    layer = _add(document, _LEVELS)
    _hide(document, layer.id, Box(0, 0, 150, 300))
    before = _seen(document)
    transform(document, "Transform", step)
    expected = np.rot90(before, -1) if isinstance(step, Turn) else before[step.box.slices]
    assert np.array_equal(_seen(document), expected)
    document.undo()
    assert np.array_equal(_seen(document), before)


def test_tools_work_on_its_mask_as_soon_as_it_is_active():
    document = _document()
    layer = _add(document, _LEVELS)
    assert document.painted_mask == mask_name(layer.id)
    layer_masks.remove(document, layer.id)
    assert document.painted_mask is None
    document.activate(None)
    assert document.painted_mask is None and not document.surfaces[MASK].keys()


def test_a_fill_of_what_is_beneath_the_adjustments_on_top_lies_beneath_them():
    document = _document()
    below, inner = layer_ops.add_paint_layer(document), _add(document, Levels(Band(gamma=1.1)))
    above, lower = layer_ops.add_paint_layer(document), _add(document, _LEVELS)
    upper = _add(document, Levels(Band(0.1)))
    layer_ops.set_visible(document, upper.id, False)
    under = fills.adjusting_on_top(document.layers)
    assert under == lower.id and fills.adjusting_on_top(document.layers[:3]) is None
    expected = {None: above, below.id: inner, above.id: above, lower.id: above, upper.id: above}
    for active, beneath in expected.items():
        document.activate(active)
        fill = fills.add_fill_layer(document, _recipe(document, 30000), under=under)
        assert document.layers[document.layers.index(fill) - 1].id == beneath.id
        if beneath is above:
            filled = np.full((1, 1, 3), 30000, np.uint16)
            assert (_seen(document)[5:25, 5:25] == apply(_LEVELS, filled)).all()
            assert np.array_equal(fills.seen_through(document.layers, fill.id, filled), apply(_LEVELS, filled))
        document.undo()


def test_a_painted_mask_limits_it_and_is_used_up():
    document = _document()
    with document.change("Mask") as change:
        change.edit(MASK, Box(50, 60, 100, 200), lambda part, old: np.full_like(old, 255))
    adjustment_layers.add(document, _LEVELS, None, document.mask.snapshot())
    seen, own = _seen(document), document.photo.pixels.copy()
    own[50:100, 60:200] = apply(_LEVELS, own[50:100, 60:200])
    assert np.array_equal(seen, own) and not document.mask.keys()
    document.undo()
    assert document.mask.keys() and not document.layers


def test_one_that_is_locked_is_not_changed():
    document = _document()
    layer = _add(document, _LEVELS)
    layer_ops.set_locked(document, layer.id, True)
    with pytest.raises(UserError, match="locked"):
        adjustment_layers.change(document, layer.id, Levels())


def test_a_fill_of_what_is_seen_lies_above_what_adjusts_it():
    document = _document()
    below = layer_ops.add_paint_layer(document)
    adjusting = _add(document, _LEVELS)
    document.activate(below.id)
    fill = fills.add_fill_layer(document, _recipe(document, 30000))
    assert [layer.id for layer in document.layers] == [below.id, adjusting.id, fill.id]
    assert (_seen(document)[5:25, 5:25] == 30000).all()
