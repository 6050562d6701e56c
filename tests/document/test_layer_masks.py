"""Layers' own masks: what is seen, what is done to them, and undo."""

import numpy as np
import pytest

from editor.document import fills, layer_masks, layer_ops
from editor.document.document import MASK, Document
from editor.document.layers import Patch, Recipe, Variant, mask_name
from editor.document.photo import Photo
from editor.document.transforms import transform
from editor.errors import UserError
from editor.raster.surface import Box
from editor.raster.transforms import Turn

SHAPE = (300, 520)
WHOLE = Box(0, 0, *SHAPE)
PATCH = Box(40, 230, 200, 400)


@pytest.fixture(params=[(3, np.uint8), (1, np.uint16), (4, np.uint8)], ids=["rgb", "grey16", "rgba"])
def document(request) -> Document:
    """Noise, and a layer with half of it covered in one colour."""
    channels, dtype = request.param
    pixels = np.random.default_rng(9).integers(0, np.iinfo(dtype).max, (*SHAPE, channels), dtype, endpoint=True)
    if channels == 4:
        pixels[..., 3] = 255
    document = Document(Photo(pixels))
    layer = layer_ops.add_paint_layer(document)
    paint(document, layer.id, PATCH, np.iinfo(dtype).max)
    return document


def paint(document: Document, surface: str, box: Box, value) -> None:
    with document.change("Paint") as change:
        change.edit(surface, box, lambda part, old: np.zeros_like(old) + np.array(value, old.dtype))


def seen(document: Document, box: Box = WHOLE) -> np.ndarray:
    return document.picture().read(box)


def hide(document: Document, box: Box, share: int = 255) -> None:
    paint(document, mask_name(document.active), box, share)


HALF = Box(40, 230, 120, 400)


def test_what_a_mask_hides_is_not_seen_and_the_layer_keeps_its_pixels(document):
    before, layer = seen(document), document.layers[0]
    layer_masks.add(document, layer.id)
    assert np.array_equal(seen(document), before), "a new mask hides nothing"
    assert document.painted_mask == mask_name(layer.id)
    hide(document, HALF)
    now, photo = seen(document), document.base.read(WHOLE)
    assert np.array_equal(now[HALF.slices], photo[HALF.slices])
    assert np.array_equal(now[120:200, 230:400], before[120:200, 230:400])
    assert document.surfaces[layer.id].content_box() == PATCH
    hide(document, HALF, 51)
    part = seen(document, HALF).astype(float)
    expected = photo[HALF.slices] * 0.2 + before[HALF.slices].astype(float) * 0.8
    assert np.abs(part - expected)[..., :document.colours].max() <= 0.51


def test_reduced_it_looks_the_same(document):
    layer_masks.add(document, document.layers[0].id)
    hide(document, HALF)
    whole = seen(document).astype(float)
    small = document.picture().read(Box(0, 0, 75, 130), 2)
    blocks = whole.reshape(75, 4, 130, 4, -1).mean(axis=(1, 3))
    inside = np.s_[12:28, 60:98]  # away from edges, where the order of rounding differs
    assert np.abs(small[inside] - blocks[inside]).max() <= np.iinfo(document.base.dtype).max / 100


def test_from_the_mask_only_what_it_covers_is_shown(document):
    before = seen(document)
    paint(document, MASK, Box(0, 0, 300, 300), 255)
    layer_masks.add(document, document.layers[0].id, document.mask)
    now = seen(document)
    assert np.array_equal(now[:, :300], before[:, :300])
    assert np.array_equal(now[:, 300:], document.base.read(WHOLE)[:, 300:])
    layer_masks.invert(document, document.layers[0].id)
    now = seen(document)
    assert np.array_equal(now[:, 300:], before[:, 300:])
    assert np.array_equal(now[:, :300], document.base.read(WHOLE)[:, :300])


def test_it_can_be_done_without_applied_and_deleted(document):
    before, layer = seen(document), document.layers[0]
    layer_masks.add(document, layer.id)
    hide(document, HALF, 100)
    masked = seen(document)
    layer_masks.set_on(document, layer.id, False)
    assert np.array_equal(seen(document), before)
    layer_masks.set_on(document, layer.id, True)
    layer_masks.apply(document, layer.id)
    assert not document.layers[0].masked and document.painted_mask is None
    assert np.abs(seen(document).astype(int) - masked).max() <= 1
    document.undo()
    assert np.array_equal(seen(document), masked)
    layer_masks.remove(document, layer.id)
    assert np.array_equal(seen(document), before) and not document.surfaces[mask_name(layer.id)].keys()
    document.undo()
    assert np.array_equal(seen(document), masked)
    layer_masks.set_on(document, layer.id, False)
    layer_masks.apply(document, layer.id)
    assert np.array_equal(seen(document), before), "one that does not count is only taken off"


def test_layers_are_copied_merged_flattened_and_deleted_with_their_masks(document):
    layer = document.layers[0]
    layer_masks.add(document, layer.id)
    hide(document, HALF)
    masked = seen(document)
    copy = layer_ops.duplicate(document, layer.id)
    layer_ops.set_visible(document, layer.id, False)
    assert np.array_equal(seen(document), masked)
    layer_ops.set_visible(document, layer.id, True)
    layer_ops.merge_down(document, copy.id)
    assert np.abs(seen(document).astype(int) - masked).max() <= 1 and not document.layers[0].masked
    document.undo()
    document.undo()
    layer_ops.flatten(document)
    assert np.array_equal(seen(document), masked)
    assert len(document.layers) == 1 and not document.layers[0].masked
    document.undo()
    layer_ops.delete(document, layer.id)
    assert not document.surfaces[mask_name(layer.id)].keys()
    document.go_to(0)
    document.go_to(len(document.history.commands) - 1)
    document.undo()


def test_every_state_comes_back_with_a_turn_between(document):
    layer, states = document.layers[0], []
    for step in (lambda: layer_masks.add(document, layer.id), lambda: hide(document, HALF, 200),
                 lambda: transform(document, "Turn", Turn(1)), lambda: layer_masks.invert(document, layer.id),
                 lambda: layer_masks.apply(document, layer.id), lambda: layer_ops.delete(document, layer.id)):
        states.append((document.history.position, seen(document, document.base.bounds)))
        step()
    states.append((document.history.position, seen(document, document.base.bounds)))
    for position, picture in states[::-1] + states:
        document.go_to(position)
        assert np.array_equal(seen(document, document.base.bounds), picture)
    document.go_to(states[3][0])
    assert np.array_equal(states[3][1], np.rot90(states[2][1], -1)), "masks follow a turn"


def test_another_layer_is_worked_on_by_itself_not_by_its_mask(document):
    layer = document.layers[0]
    layer_masks.add(document, layer.id)
    other = layer_ops.add_paint_layer(document)
    assert document.painted_mask is None
    document.activate(layer.id)
    assert document.painted_mask is None
    document.activate(layer.id, mask=True)
    assert document.painted_mask == mask_name(layer.id)
    document.activate(other.id, mask=True)
    assert document.painted_mask is None, "it has none"


def test_a_locked_layer_keeps_its_mask_its_variant_and_its_place(document):
    layer = document.layers[0]
    layer_masks.add(document, layer.id)
    dtype = document.photo.pixels.dtype
    patch = Patch(np.zeros((9, 9, document.colours), dtype), np.ones((9, 9), dtype), (0, 0))
    paint(document, MASK, Box(0, 0, 9, 9), 255)
    recipe = Recipe(document.mask.snapshot(), "telea", variants=(Variant((patch,), "telea", 1),) * 2)
    fill = fills.add_fill_layer(document, recipe)
    for layer_id in (layer.id, fill.id):
        layer_ops.set_locked(document, layer_id, True)
    steps = len(document.history.commands)
    for refused in (lambda: layer_masks.invert(document, layer.id), lambda: layer_masks.apply(document, layer.id),
                    lambda: layer_masks.remove(document, layer.id), lambda: layer_masks.add(document, fill.id),
                    lambda: fills.choose_variant(document, fill.id, 1), lambda: layer_ops.delete(document, fill.id),
                    lambda: layer_ops.merge_down(document, fill.id)):
        with pytest.raises(UserError, match="locked"):
            refused()
    assert len(document.history.commands) == steps


def test_a_fill_notices_that_a_mask_beneath_has_changed(document):
    layer = document.layers[0]
    snapshot = document.snapshot()
    layer_masks.add(document, layer.id)
    assert fills.unchanged(document, snapshot, PATCH)
    hide(document, HALF)
    assert not fills.unchanged(document, snapshot, PATCH) and fills.unchanged(document, snapshot, Box(0, 0, 20, 20))
    snapshot = document.snapshot()
    hide(document, PATCH)
    assert not fills.unchanged(document, snapshot, PATCH)
