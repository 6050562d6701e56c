"""What the layers panel does: one step each, undone bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.document import layer_ops
from editor.document.document import Document
from editor.document.layers import Layer
from editor.document.photo import Photo
from editor.errors import UserError
from editor.raster.blending import MODES
from editor.raster.surface import Box, Surface

SHAPE = (270, 300)
WHOLE = Box(0, 0, *SHAPE)
_KEEPING = sorted(name for name, mode in MODES.items() if not mode.cuts)


def _document(channels: int = 3, dtype: type = np.uint8, layers: int = 0) -> Document:
    rng = np.random.default_rng(5)
    full = np.iinfo(dtype).max
    document = Document(Photo(rng.integers(0, full, (*SHAPE, channels), dtype, endpoint=True)))
    for _ in range(layers):
        layer = layer_ops.add_paint_layer(document)
        pixels = rng.integers(0, full, (150, 120, document.colours + 1), dtype, endpoint=True)
        pixels[..., -1][rng.random((150, 120)) < 0.5] = full
        surface = Surface(SHAPE, document.colours + 1, dtype)
        surface.write(pixels, tuple(rng.integers(0, 150, 2).tolist()))
        with document.change("Paint") as change:
            change.replace(layer.id, surface)
    return document


def _names(document: Document) -> list[str]:
    return [layer.name for layer in document.layers]


def _seen(document: Document) -> np.ndarray:
    return document.picture().read(WHOLE)


def test_a_new_layer_comes_above_the_active_one_and_on_top_when_the_photograph_is_active():
    document = _document(layers=2)
    document.activate(document.layers[0].id)
    layer_ops.add_paint_layer(document)
    assert _names(document) == ["Paint 1", "Paint 3", "Paint 2"] and document.active == document.layers[1].id
    document.activate(None)
    layer_ops.add_paint_layer(document)
    assert _names(document)[-1] == "Paint 4"


def test_a_name_that_has_become_free_is_used_again():
    document = _document(layers=2)
    layer_ops.delete(document, document.layers[0].id)
    assert layer_ops.add_paint_layer(document).name == "Paint 1"


def test_a_pasted_picture_becomes_a_layer():
    document = _document(dtype=np.uint16)
    pixels = Surface(SHAPE, 4, np.uint16)
    pixels.write(np.full((10, 10, 4), 65535, np.uint16), (3, 3))
    layer = layer_ops.add_picture_layer(document, pixels, "Pasted")
    assert layer.name == "Pasted 1" and (_seen(document)[3:13, 3:13] == 65535).all()
    document.undo()
    assert not document.layers and np.array_equal(_seen(document), document.photo.pixels)


def test_what_is_already_so_is_no_step():
    document = _document(layers=1)
    layer, steps = document.layers[0], len(document.history.commands)
    layer_ops.rename(document, layer.id, layer.name)
    layer_ops.rename(document, layer.id, "")
    layer_ops.set_opacity(document, layer.id, 1.0)
    layer_ops.set_mode(document, layer.id, layer.mode)
    layer_ops.set_visible(document, layer.id, True)
    layer_ops.set_locked(document, layer.id, False)
    layer_ops.move(document, layer.id, 7)
    assert len(document.history.commands) == steps and document.layers == (layer,)


@pytest.mark.parametrize("index, order", [(0, "312"), (1, "132"), (2, "123"), (99, "123"), (-4, "312")])
def test_a_layer_moves_to_its_new_place(index, order):
    document = _document(layers=3)
    layer_ops.move(document, document.layers[2].id, index)
    assert _names(document) == [f"Paint {number}" for number in order]


def test_a_duplicate_lies_above_its_original_and_goes_its_own_way():
    document = _document(layers=2)
    original = document.layers[0]
    copy = layer_ops.duplicate(document, original.id)
    assert [layer.id for layer in document.layers][:2] == [original.id, copy.id] and document.active == copy.id
    surfaces = document.surfaces
    assert surfaces[copy.id].same_pixels(surfaces[original.id], WHOLE)
    kept = surfaces[original.id].read(WHOLE)
    with document.change("Paint") as change:
        change.edit(copy.id, WHOLE, lambda part, old: np.full_like(old, 7))
    assert np.array_equal(surfaces[original.id].read(WHOLE), kept)


@pytest.mark.parametrize("deleted, active", [(2, 1), (1, 0), (0, 1)])
def test_deleting_the_active_layer_makes_its_neighbour_active_and_undo_brings_it_back(deleted, active):
    document = _document(layers=3)
    ids = [layer.id for layer in document.layers]
    document.activate(ids[deleted])
    before, kept = _seen(document), document.surfaces[ids[deleted]].read(WHOLE)
    layer_ops.delete(document, ids[deleted])
    assert document.active == ids[active] and len(document.layers) == 2
    assert document.surfaces[ids[deleted]].nbytes == 0, "its pixels are the history's"
    document.undo()
    assert document.active == ids[deleted] and np.array_equal(document.surfaces[ids[deleted]].read(WHOLE), kept)
    assert np.array_equal(_seen(document), before)


def test_deleting_the_last_layer_leaves_the_photograph():
    document = _document(layers=1)
    layer_ops.delete(document, document.layers[0].id)
    assert document.active is None and np.array_equal(_seen(document), document.photo.pixels)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([np.uint8, np.uint16]), st.sampled_from([1, 3]), st.sampled_from([0.4, 1.0]),
       st.sampled_from([0.7, 1.0]))
def test_merging_down_keeps_the_picture(dtype, channels, upper, lower):
    document = _document(channels, dtype, layers=3)
    ids = [layer.id for layer in document.layers]
    layer_ops.set_opacity(document, ids[1], upper)
    layer_ops.set_opacity(document, ids[0], lower)
    before, stack = _seen(document).astype(int), document.layers
    assert layer_ops.can_merge_down(document, ids[1])
    layer_ops.merge_down(document, ids[1])
    assert [layer.id for layer in document.layers] == [ids[0], ids[2]] and document.active == ids[0]
    assert np.abs(_seen(document).astype(int) - before).max() <= 2, "but for the rounding of colour and alpha"
    document.undo()
    assert document.layers == stack and np.array_equal(_seen(document), before)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(_KEEPING), st.sampled_from([0.35, 1.0]))
def test_merging_into_an_opaque_layer_keeps_the_picture_in_every_mode(mode, opacity):
    document = _document(layers=2)
    lower, upper = document.layers
    with document.change("Paint") as change:
        change.edit(lower.id, WHOLE, lambda part, old: np.dstack([255 - document.base.read(part), old[..., 3] | 255]))
    layer_ops.set_mode(document, upper.id, mode)
    layer_ops.set_opacity(document, upper.id, opacity)
    before = _seen(document).astype(int)
    layer_ops.merge_down(document, upper.id)
    assert np.abs(_seen(document) - before).max() <= 1


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(("change", "value", "said"), [
    (layer_ops.set_visible, False, "hidden"), (layer_ops.set_locked, True, "locked")])
def test_hidden_and_locked_layers_are_not_merged(which, change, value, said):
    document = _document(layers=2)
    change(document, document.layers[which].id, value)
    stack = document.layers
    with pytest.raises(UserError, match=said):
        layer_ops.merge_down(document, stack[1].id)
    assert document.layers == stack and not document.changing


def test_there_is_nothing_beneath_the_lowest_layer_to_merge_into():
    document = _document(layers=1)
    layer = document.layers[0]
    assert not layer_ops.can_merge_down(document, layer.id) and not layer_ops.can_merge_down(document, None)
    with pytest.raises(UserError, match="no layer beneath"):
        layer_ops.merge_down(document, layer.id)
    assert document.layers == (layer,)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(_KEEPING), min_size=1, max_size=3), st.sampled_from([1, 3]),
       st.sampled_from([np.uint8, np.uint16]), st.booleans())
def test_flattening_keeps_the_picture_bit_for_bit(modes, channels, dtype, hide_one):
    document = _document(channels, dtype, layers=len(modes))
    for layer, mode in zip(document.layers, modes, strict=True):
        layer_ops.set_mode(document, layer.id, mode)
        layer_ops.set_opacity(document, layer.id, 0.8)
    layer_ops.set_visible(document, document.layers[0].id, not hide_one)
    before, stack = _seen(document), document.layers
    flat = layer_ops.flatten(document)
    assert document.layers == (flat,) and document.active == flat.id
    assert np.array_equal(_seen(document), before)
    same = (before == document.photo.pixels).all(axis=2)
    assert not document.surfaces[flat.id].read(WHOLE)[same].any(), "what they left alone is the photograph's still"
    document.undo()
    assert document.layers == stack and np.array_equal(_seen(document), before)


def test_a_picture_with_a_hole_cut_into_it_cannot_be_flattened_and_one_without_can():
    document = _document(layers=1)
    layer = document.layers[0]
    layer_ops.set_mode(document, layer.id, "svg:dst-out")
    steps = len(document.history.commands)
    with pytest.raises(UserError, match="leaves the photograph transparent"):
        layer_ops.flatten(document)
    assert document.layers[0].id == layer.id and len(document.history.commands) == steps
    with document.change("Erase") as change:
        change.clear(layer.id)
    layer_ops.flatten(document)
    assert np.array_equal(document.picture().read(WHOLE), document.photo.pixels)


def test_flattening_nothing_leaves_the_photograph():
    document = _document()
    layer_ops.flatten(document)
    assert isinstance(document.layers[0], Layer) and np.array_equal(_seen(document), document.photo.pixels)
