"""The document: steps, what ends them, what counts as changed, and what is told to whom."""

import numpy as np
import pytest

from editor.document import fills, layer_ops
from editor.document.document import MASK
from editor.document.history import TilesEdit
from editor.document.layers import Patch, Recipe, Variant
from editor.raster import masks
from editor.raster.surface import Box

SPOT = Box(10, 10, 30, 30)


def _fill(value: int):
    return lambda part, old: np.full_like(old, value)


def _paint(document, value: int = 255, box: Box = SPOT) -> None:
    with document.change("Paint") as change:
        change.edit(MASK, box, _fill(value))


def _value(document) -> int:
    return int(document.mask.read(Box(10, 10, 11, 11))[0, 0, 0])


def test_undo_during_a_stroke_takes_back_the_stroke_and_nothing_else(make_document):
    document = make_document()
    _paint(document, 50)
    stroke = document.change("Stroke")
    stroke.edit(MASK, SPOT, _fill(99))
    assert document.changing
    document.undo()
    assert _value(document) == 50 and document.history.position == 1 and not stroke.open
    document.redo()
    assert _value(document) == 99


def test_a_stroke_that_something_else_has_ended_changes_nothing_any_more(make_document):
    document = make_document()
    stroke = document.change("Stroke")
    stroke.edit(MASK, SPOT, _fill(99))
    layer_ops.add_paint_layer(document)
    for late in (lambda: stroke.edit(MASK, SPOT, _fill(1)), lambda: stroke.clear(MASK), lambda: stroke.before(MASK),
                 lambda: stroke.set_layers((), None)):
        with pytest.raises(RuntimeError, match="“Stroke” has ended"):
            late()
    stroke.commit()
    stroke.roll_back()
    assert _value(document) == 99
    assert [command.name for command in document.history.commands] == ["Stroke", "Add paint layer"]


def test_what_changes_nothing_is_no_step(make_document):
    document = make_document()
    _paint(document, 255)
    _paint(document, 255)
    _paint(document, 0, Box(200, 200, 250, 250))
    with document.change("Clear") as change:
        change.clear("sketch")
    with document.change("Nothing"):
        pass
    assert len(document.history.commands) == 1


def test_a_step_holds_only_the_tiles_whose_pixels_it_changed(make_document):
    document = make_document()
    _paint(document, 255)
    with document.change("Paint") as change:
        change.edit(MASK, Box(0, 0, 300, 300), lambda part, old: np.maximum(old, 255 * (part.left >= 256)))
    (edit,) = document.history.commands[-1].edits
    assert sorted(edit.tiles) == [(0, 1), (1, 1)]


def test_a_photograph_is_modified_until_undo_leads_back_to_what_was_saved(make_document):
    document = make_document()
    assert not document.modified
    _paint(document, 10)
    assert document.modified
    document.mark_saved(document.state())
    _paint(document, 20)
    assert document.modified
    document.undo()
    assert not document.modified
    document.undo()
    assert document.modified
    _paint(document, 30)
    assert document.modified, "the saved state can no longer be reached"
    document.undo()
    document.mark_unsaved()
    assert document.modified


def test_a_state_can_be_marked_as_saved_after_work_has_gone_on(make_document):
    document = make_document()
    _paint(document, 10)
    state = document.state()
    _paint(document, 20)
    document.mark_saved(state)
    assert document.modified
    document.undo()
    assert not document.modified


def test_those_who_listen_hear_which_tiles_have_changed_when_done_undone_and_taken_back(make_document):
    document = make_document()
    heard, steps, recorded = [], [], []
    document.tiles_changed.connect(lambda name, keys: heard.append((name, sorted(keys))))
    document.stepped.connect(steps.append)
    document.recorded.connect(lambda command: recorded.append(command.name))
    _paint(document, 10, Box(250, 250, 260, 260))
    four = [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert heard == [(MASK, four)] and recorded == ["Paint"] and steps == []
    document.undo()
    document.undo()
    assert heard == [(MASK, four)] * 2 and steps == [0]
    with pytest.raises(KeyError), document.change("Fails") as change:
        change.edit(MASK, SPOT, _fill(1))
        raise KeyError
    assert heard[2:] == [(MASK, [(0, 0)])] * 2


def test_a_snapshot_stays_as_it_was_while_the_document_goes_on(make_document):
    document = make_document()
    layer = layer_ops.add_paint_layer(document)
    with document.change("Paint") as change:
        change.edit(layer.id, SPOT, _fill(200))
    whole = Box(0, 0, *document.shape)
    snapshot, then = document.snapshot(), document.picture().read(whole)
    layer_ops.set_opacity(document, layer.id, 0.2)
    layer_ops.delete(document, layer.id)
    _paint(document)
    assert np.array_equal(snapshot.picture().read(whole), then)
    assert not snapshot.surfaces[MASK].keys()
    assert np.array_equal(document.picture().read(whole), document.photo.pixels)


def test_the_picture_below_a_layer_leaves_out_it_and_what_lies_above_and_hidden_layers_count_for_nothing(make_document):
    document = make_document()
    layers = [layer_ops.add_paint_layer(document) for _ in range(3)]
    for value, layer in zip((60, 120, 180), layers, strict=True):
        with document.change("Paint") as change:
            change.edit(layer.id, SPOT, lambda part, old, value=value: np.full_like(old, value) | (0, 0, 0, 255))

    def seen(**what):
        return document.picture(**what).read(SPOT)[0, 0, 0]

    assert [seen(below=layer.id) for layer in layers[1:]] == [60, 120] and seen() == 180
    assert np.array_equal(document.picture(layers[0].id).read(SPOT), document.photo.pixels[SPOT.slices])
    layer_ops.set_visible(document, layers[2].id, False)
    assert seen() == 120
    layer_ops.set_opacity(document, layers[1].id, 0.0)
    assert seen() == 60


def test_a_variant_that_arrives_while_a_stroke_is_under_the_pen_is_kept_in_every_state(make_document):
    document = make_document()
    alpha = np.full((5, 5), 255, np.uint8)
    variants = [Variant((Patch(np.full((5, 5, 3), i, np.uint8), alpha, (0, 0)),), "telea", i) for i in (1, 2)]
    layer = fills.add_fill_layer(document, Recipe(document.mask.snapshot(), "telea", variants=variants[:1], run="r"))
    stroke = document.change("Stroke")
    stroke.edit(MASK, SPOT, _fill(99))
    fills.append_variant(document, "r", variants[1])
    assert len(document.layer(layer.id).recipe.variants) == 2
    stroke.commit()
    (edit,) = document.history.commands[-1].edits
    assert isinstance(edit, TilesEdit), "the stroke's step has nothing to do with layers"
    document.undo()
    assert len(document.layer(layer.id).recipe.variants) == 2
    document.go_to(0)
    document.redo()
    assert document.layer(layer.id).recipe.variants == tuple(variants)


def test_an_inverted_48_megapixel_mask_costs_the_history_and_the_store_next_to_nothing(make_document):
    document = make_document((6000, 8000), 1)
    with document.change("Invert mask") as change:
        change.replace(MASK, masks.invert(document.mask))
    document.undo()
    assert document.history.nbytes < 2**20

    class Counting:
        puts = gets = 0

        def put(self, tile):
            self.puts += 1
            return tile.tobytes(), tile.shape

        def get(self, reference):
            self.gets += 1
            return np.frombuffer(reference[0], np.uint8).reshape(reference[1])

    document.history.store, document.history.budget = store, _ = Counting(), 0
    with document.change("Step that spills") as change:
        change.edit("sketch", SPOT, _fill(1))
    document.undo()
    document.redo()
    assert store.puts <= 6


class _FullDisk:
    """Takes so many tiles, then no more; may lose what it has taken."""

    def __init__(self, room: int):
        self.room, self.lost, self.kept = room, False, []

    def put(self, tile):
        if len(self.kept) >= self.room:
            raise OSError("No space left on device")
        self.kept.append(tile.copy())
        return len(self.kept) - 1

    def get(self, reference):
        if self.lost:
            raise OSError("Input/output error")
        return self.kept[reference]


@pytest.mark.parametrize("room", range(6))
def test_a_disk_that_fills_up_at_any_moment_costs_no_step_of_the_history(make_document, room):
    document = make_document()
    document.history.store, document.history.budget = _FullDisk(room), 0
    for value in (1, 2, 3):
        with document.change("Both") as change:
            for plane in ("mask", "sketch"):
                change.edit(plane, Box(200, 200, 300, 300), _fill(value))
    for expected in (2, 1, 0, 1, 2, 3):
        document.undo() if expected < 3 and document.history.position > expected else document.redo()
        for plane in ("mask", "sketch"):
            assert (document.surfaces[plane].read(Box(200, 200, 300, 300)) == expected).all()


def test_a_tile_store_that_cannot_be_read_says_so_and_the_document_stays_at_the_state_it_reached(make_document):
    document = make_document()
    store = document.history.store = _FullDisk(100)
    document.history.budget = 70_000  # one tile
    for value in (1, 2, 3, 4):
        _paint(document, value)
    steps = []
    document.stepped.connect(steps.append)
    store.lost = True
    with pytest.raises(OSError, match="Input/output"):
        document.go_to(0)
    assert 0 < document.history.position < 4 and steps == [document.history.position]
    assert _value(document) == document.history.position
    store.lost = False
    document.go_to(0)
    assert _value(document) == 0
