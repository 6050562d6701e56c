"""Fill layers: their variants, filling again, and knowing when what they saw has changed."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from editor.document import fills, layer_ops
from editor.document.document import COLOUR, MASK, SKETCH, Document
from editor.document.layers import MAX_VARIANTS, Patch, Recipe, Variant
from editor.document.photo import Photo
from editor.raster.frame import Frame
from editor.raster.surface import Box, Surface

SHAPE = (300, 520)
WHOLE = Box(0, 0, *SHAPE)
HOLE = Box(200, 200, 280, 300)


def _document(channels: int = 3, dtype: type = np.uint8) -> Document:
    pixels = np.random.default_rng(5).integers(0, np.iinfo(dtype).max, (*SHAPE, channels), dtype, endpoint=True)
    document = Document(Photo(pixels))
    _paint(document, MASK, HOLE, 255)
    return document


def _paint(document: Document, surface: str, box: Box, value) -> None:
    with document.change("Paint") as change:
        change.edit(surface, box, lambda part, old: np.zeros_like(old) + np.array(value, old.dtype))


def _variant(document: Document, value: int, box: Box = HOLE, alpha: int | None = None) -> Variant:
    dtype = document.photo.pixels.dtype
    full = np.iinfo(dtype).max if alpha is None else alpha
    return Variant((Patch(np.full((box.height, box.width, document.colours), value, dtype),
                          np.full((box.height, box.width), full, dtype), (box.top, box.left)),), "telea", value)


def _recipe(document: Document, *values: int, run: str = "run", chosen: int = 0, **more) -> Recipe:
    return Recipe(document.mask.snapshot(), "telea", variants=tuple(_variant(document, v) for v in values), run=run,
                  chosen=chosen, beneath=fills.digest(document, HOLE), **more)


def _seen(document: Document, box: Box = HOLE) -> np.ndarray:
    return document.picture().read(box)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_fill_covers_the_hole_takes_the_mask_away_and_is_one_step(channels, dtype):
    document = _document(channels, dtype)
    steps = len(document.history.commands)
    layer = fills.add_fill_layer(document, _recipe(document, 77))
    assert (_seen(document) == 77).all() and not document.mask.keys()
    outside = document.picture().read(WHOLE) != document.photo.pixels
    outside[HOLE.slices] = False
    assert not outside.any(), "nothing outside the hole is touched"
    assert layer.is_fill and document.active == layer.id and len(document.history.commands) == steps + 1
    document.undo()
    assert not document.layers and (document.mask.read(HOLE) == 255).all()
    document.redo()
    assert (_seen(document) == 77).all() and not document.mask.keys()


def test_guides_that_the_fill_did_not_use_and_what_was_painted_meanwhile_stay():
    document = _document()
    _paint(document, SKETCH, HOLE, 255)
    _paint(document, COLOUR, HOLE, (9, 8, 7, 255))
    recipe = _recipe(document, 50, sketch=document.surfaces[SKETCH].snapshot())
    later = Box(10, 10, 40, 40)
    _paint(document, MASK, later, 200)
    fills.add_fill_layer(document, recipe)
    assert document.mask.content_box() == later
    assert not document.surfaces[SKETCH].keys() and document.surfaces[COLOUR].content_box() == HOLE


def test_a_colour_stroke_painted_over_meanwhile_stays_as_it_is_now():
    document = _document()
    _paint(document, COLOUR, HOLE, (9, 8, 7, 255))
    recipe = replace(fills.recipe_of_planes(document, "telea"), variants=(_variant(document, 50),))
    over = Box(210, 210, 220, 220)
    _paint(document, COLOUR, over, (9, 100, 7, 255))
    fills.add_fill_layer(document, recipe)
    assert document.surfaces[COLOUR].content_box() == over
    assert (document.surfaces[COLOUR].read(over) == (9, 100, 7, 255)).all(), "not only what of it has changed"


def test_a_recipe_of_the_planes_has_those_that_something_is_on():
    document = _document()
    _paint(document, SKETCH, HOLE, 255)
    recipe = fills.recipe_of_planes(document, "telea")
    assert recipe.mask.content_box() == recipe.sketch.content_box() == HOLE and recipe.colour is None
    _paint(document, SKETCH, WHOLE, 9)
    assert recipe.sketch.content_box() == HOLE, "painting on does not change it"


def test_where_two_regions_overlap_the_one_that_covers_more_shows():
    document = _document()
    weak, strong = Box(0, 0, 100, 100), Box(50, 50, 150, 150)
    patches = (*_variant(document, 10, weak, alpha=100).patches, *_variant(document, 20, strong, alpha=200).patches)
    for order in (patches, patches[::-1]):
        surface = fills.surface_of(document, Variant(order, "telea", 0))
        pixels = surface.read(WHOLE)
        assert (pixels[strong.slices] == (20, 20, 20, 200)).all()
        assert (pixels[:50, :50] == (10, 10, 10, 100)).all()


def test_pixels_of_a_patch_that_its_alpha_leaves_out_are_not_kept():
    document = _document()
    surface = fills.surface_of(document, _variant(document, 99, alpha=0))
    assert not surface.keys()


def test_another_variant_is_shown_and_undone():
    document = _document()
    layer = fills.add_fill_layer(document, _recipe(document, 10, 20, 30))
    fills.choose_variant(document, layer.id, 2)
    assert (_seen(document) == 30).all() and document.layer(layer.id).recipe.chosen == 2
    document.undo()
    assert (_seen(document) == 10).all() and document.layer(layer.id).recipe.chosen == 0


def test_choosing_the_variant_that_is_shown_is_no_step_but_takes_retouching_away():
    document = _document()
    layer = fills.add_fill_layer(document, _recipe(document, 10))
    steps = len(document.history.commands)
    fills.choose_variant(document, layer.id, 0)
    assert len(document.history.commands) == steps
    _paint(document, layer.id, HOLE, (1, 2, 3, 255))
    fills.choose_variant(document, layer.id, 0)
    assert (_seen(document) == 10).all() and len(document.history.commands) == steps + 2


def test_variants_that_arrive_later_join_every_layer_of_their_run_in_every_state_and_change_no_pixel():
    document = _document()
    layer = fills.add_fill_layer(document, _recipe(document, 10))
    copy = layer_ops.duplicate(document, layer.id)
    layer_ops.delete(document, layer.id)
    steps, seen = len(document.history.commands), _seen(document)
    fills.append_variant(document, "run", _variant(document, 20))
    fills.append_variant(document, "another run", _variant(document, 30))
    assert len(document.history.commands) == steps and np.array_equal(_seen(document), seen)
    document.undo()
    for layer_id in (layer.id, copy.id):
        assert [variant.seed for variant in document.layer(layer_id).recipe.variants] == [10, 20]


def test_the_gallery_keeps_the_newest_variants_and_always_the_chosen_one():
    document = _document()
    layer = fills.add_fill_layer(document, _recipe(document, 0))
    for value in range(1, 2 * MAX_VARIANTS):
        fills.append_variant(document, "run", _variant(document, value))
    recipe = document.layer(layer.id).recipe
    newest = list(range(MAX_VARIANTS + 1, 2 * MAX_VARIANTS))
    assert [variant.seed for variant in recipe.variants] == [0, *newest]
    assert recipe.variants[recipe.chosen].seed == 0


def test_a_reopened_fill_has_its_guides_back_and_is_filled_again_in_its_own_place():
    document = _document()
    _paint(document, SKETCH, HOLE, 255)
    layer = fills.add_fill_layer(document, _recipe(document, 10, sketch=document.surfaces[SKETCH].snapshot()))
    assert fills.reopened(document) is None
    fills.reopen(document, layer.id)
    assert fills.reopened(document).id == layer.id
    assert document.mask.content_box() == HOLE and document.surfaces[SKETCH].content_box() == HOLE
    again = _recipe(document, 40, 50, run="second", chosen=1)
    fills.refill(document, layer.id, again, used=again)
    recipe = document.layer(layer.id).recipe
    assert [variant.seed for variant in recipe.variants] == [10, 40, 50] and recipe.chosen == 2
    assert (_seen(document) == 50).all() and len(document.layers) == 1
    assert fills.reopened(document) is None and not document.mask.keys()
    document.undo()
    assert (_seen(document) == 10).all() and document.mask.content_box() == HOLE


def test_a_reopened_fill_has_the_face_frame_back_that_it_was_filled_with():
    document = _document()
    with document.change("Frame") as change:
        change.set_frame(Frame((240.0, 250.0), 200.0, 12.0))
    recipe = replace(fills.recipe_of_planes(document, "telea"), variants=(_variant(document, 50),))
    layer = fills.add_fill_layer(document, recipe)
    assert document.frame is not None, "the next fill is of the same face, most likely"
    with document.change("Frame") as change:
        change.set_frame(None)
    fills.reopen(document, layer.id)
    assert document.frame == Frame((240.0, 250.0), 200.0, 12.0)
    document.undo()
    assert document.frame is None


def test_leaving_a_reopened_fill_clears_the_planes_and_keeps_the_layer():
    document = _document()
    layer = fills.add_fill_layer(document, _recipe(document, 10))
    fills.reopen(document, layer.id)
    fills.close_reopened(document)
    assert fills.reopened(document) is None and not document.mask.keys() and (_seen(document) == 10).all()


def test_a_fill_is_stale_once_what_lay_beneath_has_changed_and_not_otherwise():
    document = _document()
    layer = fills.add_fill_layer(document, _recipe(document, 10))
    assert not fills.is_stale(document, layer.id)
    above = layer_ops.add_paint_layer(document)
    _paint(document, above.id, HOLE, (5, 5, 5, 255))
    assert not fills.is_stale(document, layer.id), "what lies above does not matter"
    layer_ops.move(document, above.id, 0)
    assert fills.is_stale(document, layer.id)
    layer_ops.set_visible(document, above.id, False)
    assert not fills.is_stale(document, layer.id)


@pytest.mark.parametrize("what, same", [("nothing", True), ("beside", True), ("under", False), ("new layer", True),
                                        ("opacity", False), ("hidden", False), ("painted alike", True)])
def test_a_fill_may_be_laid_down_while_what_it_saw_is_still_there(what, same):
    document = _document()
    layer = layer_ops.add_paint_layer(document)
    _paint(document, layer.id, Box(190, 190, 250, 250), (5, 5, 5, 255))
    snapshot = document.snapshot()
    {"nothing": lambda: None,
     "beside": lambda: _paint(document, layer.id, Box(0, 0, 40, 40), (9, 9, 9, 255)),
     "under": lambda: _paint(document, layer.id, Box(210, 210, 211, 211), (9, 9, 9, 255)),
     "new layer": lambda: layer_ops.add_paint_layer(document),
     "opacity": lambda: layer_ops.set_opacity(document, layer.id, 0.5),
     "hidden": lambda: layer_ops.set_visible(document, layer.id, False),
     "painted alike": lambda: _paint(document, layer.id, Box(200, 200, 220, 220), (5, 5, 5, 255))}[what]()
    assert fills.unchanged(document, snapshot, HOLE) is same


def test_the_fingerprint_of_a_large_box_is_quick_and_still_sees_a_change():
    pixels = np.zeros((3000, 4000, 3), np.uint8)
    document = Document(Photo(pixels))
    layer = layer_ops.add_paint_layer(document)
    box = Box(10, 20, 2990, 3980)
    before = fills.digest(document, box)
    assert fills.digest(document.snapshot(), box) == before
    _paint(document, layer.id, Box(1500, 1500, 1540, 1540), (200, 0, 0, 255))
    assert fills.digest(document, box) != before


def test_a_recipe_knows_what_its_variants_weigh():
    document = _document()
    recipe = _recipe(document, 1, 2)
    assert recipe.nbytes == 2 * HOLE.height * HOLE.width * 4
    assert recipe.variants[0].box == HOLE
    assert Variant((), "telea", 0).box == Box(0, 0, 0, 0)
    assert isinstance(recipe.mask, Surface)


def test_variants_count_in_the_memory_budget():
    document = _document()
    kept = []
    document.history.store = SimpleNamespace(put=lambda tile: kept.append(tile) or len(kept) - 1, get=kept.__getitem__)
    layer = layer_ops.add_paint_layer(document)
    _paint(document, layer.id, WHOLE, (9, 9, 9, 255))
    _paint(document, layer.id, WHOLE, (8, 8, 8, 255))
    recipe = _recipe(document, 1)
    fills.add_fill_layer(document, recipe)
    document.history.budget = document.history.nbytes + 2 * recipe.nbytes
    fills.append_variant(document, "run", _variant(document, 2))
    layer_ops.duplicate(document, document.active)
    assert document.variants_nbytes == 2 * recipe.nbytes, "those that two layers share count once"
    assert not kept
    fills.append_variant(document, "run", _variant(document, 3))
    _paint(document, MASK, Box(0, 0, 10, 10), 200)
    assert kept
