"""Turning, flipping, cropping and rotating a document: all that lies on it follows, and undo is bit-exact."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject

from editor.document import fills, layer_ops
from editor.document.document import COLOUR, MASK, SKETCH, Document
from editor.document.layers import Patch, Recipe, Variant
from editor.document.photo import Metadata, Photo
from editor.document.transforms import transform, transformed
from editor.engines.contract import Cancelled
from editor.raster.frame import Frame
from editor.raster.surface import Box
from editor.raster.transforms import Crop, Flip, Rotate, Turn

SHAPE = (300, 520)
HOLE = Box(100, 200, 160, 300)
EXACT = {Turn(1): lambda a: np.rot90(a, -1), Turn(2): lambda a: np.rot90(a, 2), Turn(3): np.rot90,
         Flip(): lambda a: a[:, ::-1], Flip(upright=True): lambda a: a[::-1],
         Crop(Box(50, 150, 290, 450)): lambda a: a[50:290, 150:450]}
STEPS = [*EXACT, Rotate(5.0), Rotate(-70.0, keep_all=True)]


class Store:
    """A tile store that keeps bytes, as a disk does."""

    def __init__(self):
        self.kept = []

    def put(self, tile):
        self.kept.append((tile.tobytes(), tile.shape, tile.dtype))
        return len(self.kept) - 1

    def get(self, reference):
        data, shape, dtype = self.kept[reference]
        return np.frombuffer(data, dtype).reshape(shape)


def noise(shape: tuple[int, ...], dtype: type = np.uint8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def a_document(channels: int = 3, dtype: type = np.uint8) -> Document:
    """A photograph with something of everything on it."""
    document = Document(Photo(noise((*SHAPE, channels), dtype, 9), metadata=Metadata(resolution=(300.0, 200.0))))
    paint(document, MASK, HOLE, 255)
    paint(document, SKETCH, Box(110, 210, 112, 290), 200)
    paint(document, COLOUR, Box(120, 220, 140, 240), (10, 20, 30, 255))
    recipe = replace(fills.recipe_of_planes(document, "telea"), variants=(variant(document, 1), variant(document, 2)),
                     chosen=1, run="run", beneath=fills.digest(document, HOLE), frame=Frame((130.0, 250.0), 80.0, 20.0))
    fills.add_fill_layer(document, recipe)
    layer = layer_ops.add_paint_layer(document)
    paint(document, layer.id, Box(0, 380, 120, 520), np.iinfo(dtype).max // 3)
    paint(document, MASK, Box(180, 260, 220, 420), 90)
    with document.change("Frame") as change:
        change.set_frame(Frame((150.0, 250.0), 100.0, 10.0))
    return document


def variant(document: Document, seed: int) -> Variant:
    dtype = document.photo.pixels.dtype
    pixels = noise((HOLE.height, HOLE.width, document.colours), dtype, seed)
    return Variant((Patch(pixels, np.full(pixels.shape[:2], np.iinfo(dtype).max, dtype), HOLE[:2]),), "telea", seed,
                   frame=Frame((130.0, 250.0), 90.0))


def paint(document: Document, surface: str, box: Box, value) -> None:
    with document.change("Paint") as change:
        change.edit(surface, box, lambda part, old: np.zeros_like(old) + np.array(value, old.dtype))


def whole(document: Document, name: str) -> np.ndarray:
    return document.surfaces[name].read(document.base.bounds)


def state(document: Document) -> dict:
    """All that undo must bring back, as plain copies."""
    return {"photo": document.photo.pixels.copy(), "base": document.base.read(document.base.bounds),
            "seen": document.picture().read(document.base.bounds), "frame": document.frame, "active": document.active,
            "resolution": document.photo.metadata.resolution,
            "layers": [(layer.id, layer.name, layer.recipe) for layer in document.layers],
            **{name: whole(document, name) for name in [MASK, SKETCH, COLOUR, *(one.id for one in document.layers)]}}


def equal(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(value, other[key]) if isinstance(value, np.ndarray) else value == other[key]
        for key, value in one.items())


@pytest.mark.parametrize("step", EXACT)
@pytest.mark.parametrize(("channels", "dtype"), [(3, np.uint8), (1, np.uint16), (4, np.uint16)])
def test_exact_steps_take_everything_along_bit_for_bit(step, channels, dtype):
    document = a_document(channels, dtype)
    before, after = state(document), EXACT[step]
    transform(document, "Step", step)
    now = state(document)
    assert document.shape == step.shape(SHAPE)
    for name in before:
        if isinstance(before[name], np.ndarray):
            assert np.array_equal(now[name], after(before[name])), name
    recipe, shown = document.layers[0].recipe, document.layers[0].id
    assert np.array_equal(recipe.mask.read(document.base.bounds)[..., 0] > 0,
                          after(np.isin(np.indices(SHAPE)[0], range(*HOLE[::2]))
                                & np.isin(np.indices(SHAPE)[1], range(*HOLE[1::2]))))
    assert np.array_equal(fills.surface_of(document, recipe.variants[recipe.chosen]).read(document.base.bounds),
                          now[shown]), "the shown variant lies where its layer does"
    assert not fills.is_stale(document, shown)
    assert not document.photo.pixels.flags.writeable
    assert now["resolution"] == ((200.0, 300.0) if step in (Turn(1), Turn(3)) else (300.0, 200.0))


@pytest.mark.parametrize("step", STEPS)
def test_undo_and_redo_are_bit_exact(step):
    document = a_document()
    before = state(document)
    transform(document, "Step", step)
    after = state(document)
    assert not equal(before, after) and document.history.commands[-1].name == "Step"
    for _ in range(2):
        document.undo()
        assert equal(state(document), before)
        document.redo()
        assert equal(state(document), after)
    document.go_to(0)
    assert not document.layers and document.frame is None and document.shape == SHAPE
    document.go_to(len(document.history.commands))
    assert equal(state(document), after)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("budget", [1, 1 << 40])
def test_random_work_with_steps_between_undoes_to_the_last_bit(seed, budget):
    random = np.random.default_rng(seed)
    document = Document(Photo(noise((*SHAPE, 3))))
    document.history.store, document.history.budget = Store(), budget
    states = [state(document)]
    for number in range(14):
        height, width = document.shape
        choice = random.integers(0, 6)
        if choice == 0 or not document.layers:
            layer_ops.add_paint_layer(document)
        elif choice == 1:
            layer_ops.delete(document, document.layers[random.integers(len(document.layers))].id)
        elif choice == 2:
            names = [MASK, COLOUR, *(layer.id for layer in document.layers)]
            top, left = int(random.integers(0, height)), int(random.integers(0, width))
            paint(document, names[random.integers(len(names))], Box(top, left, top + 90, left + 90), number + 1)
        else:
            steps = [Turn(int(random.integers(1, 4))), Flip(bool(random.integers(2))), Rotate(float(random.uniform(
                -20, 20)), bool(random.integers(2)))]
            if min(height, width) > 40:
                steps.append(Crop(Box(3, 5, height - 7, width - 11)))
            transform(document, f"Step {number}", steps[random.integers(len(steps))])
        if document.history.position == len(states):
            states.append(state(document))
    assert document.history.position == len(states) - 1
    if budget == 1:
        assert document.history.nbytes < 2 * document.base.nbytes, "what a step holds goes to the store"
    for position in (*range(len(states))[::-1], *range(len(states)), 0, len(states) - 1, 3):
        document.go_to(position)
        assert equal(state(document), states[position]), position


def test_turns_and_crops_hold_no_copy_of_the_photograph():
    document = Document(Photo(noise((*SHAPE, 3))))
    for step in (Turn(1), Flip(), Crop(Box(10, 10, 200, 200))):
        transform(document, "Step", step)
    assert document.history.nbytes == 0
    transform(document, "Rotate", Rotate(3.0))
    assert document.history.nbytes == 190 * 190 * 3


def test_a_fill_beside_the_crop_becomes_a_paint_layer_and_one_on_its_edge_is_cut():
    document = a_document()
    transform(document, "Crop", Crop(Box(0, 310, 300, 520)))
    assert document.layers[0].recipe is None and not document.surfaces[document.layers[0].id].keys()
    document.undo()
    assert len(document.layers[0].recipe.variants) == 2
    transform(document, "Crop", Crop(Box(130, 250, 300, 520)))
    recipe = document.layers[0].recipe
    assert recipe.variants[recipe.chosen].box == Box(0, 0, 30, 50) == recipe.mask.content_box()
    assert fills.reopened(document) is None


def test_a_reopened_fill_is_no_longer_open_where_nothing_is_left_of_it():
    document = a_document()
    fills.reopen(document, document.layers[0].id)
    transform(document, "Turn", Turn(1))
    assert fills.reopened(document) is document.layers[0]
    transform(document, "Crop", Crop(Box(0, 0, 20, 20)))
    assert fills.reopened(document) is None and document.frame is None


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_rotation_that_keeps_all_makes_transparent_corners(channels):
    document = a_document(channels)
    colours = document.colours
    transform(document, "Rotate", Rotate(30.0, keep_all=True))
    assert document.photo.has_alpha and document.colours == colours
    seen = document.picture().read(document.base.bounds)
    assert seen[0, 0, -1] == 0 and seen[document.shape[0] // 2, document.shape[1] // 2, -1] > 0
    document.undo()
    assert document.photo.has_alpha == (channels == 4)


def test_rotated_variants_lie_where_their_layer_does():
    document = a_document()
    transform(document, "Rotate", Rotate(12.0))
    layer = document.layers[0]
    own, shown = whole(document, layer.id), fills.surface_of(document, layer.recipe.variants[layer.recipe.chosen])
    drawn = shown.read(document.base.bounds)
    solid = (own[..., 3] == 255) & (drawn[..., 3] == 255)
    assert solid.sum() > 0.9 * 60 * 100 and np.abs(own.astype(int) - drawn)[solid].max() <= 1
    assert layer.recipe.frame.angle == pytest.approx(32) and not fills.is_stale(document, layer.id)


def test_what_was_stale_stays_so():
    document = a_document()
    layer_ops.move(document, document.layers[1].id, 0)
    paint(document, document.layers[0].id, HOLE, 7)
    assert fills.is_stale(document, document.layers[1].id)
    transform(document, "Turn", Turn(1))
    assert fills.is_stale(document, document.layers[1].id)


def test_it_can_be_made_ready_elsewhere_watched_and_cancelled():
    document = a_document()
    shares: list[float] = []
    ready = transformed(document.snapshot(), Rotate(3.0), shares.append)
    assert shares == sorted(shares) and len(shares) > 4 and 0 < shares[-1] <= 1
    before = state(document)
    transform(document, "Rotate", Rotate(3.0), ready)
    assert np.array_equal(document.base.read(document.base.bounds), ready.photo.pixels)
    document.undo()
    assert equal(state(document), before)

    def cancel(share: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        transformed(document.snapshot(), Rotate(3.0), cancel)


def test_those_who_look_are_told_and_an_open_step_is_ended():
    document, told = a_document(), []
    parent = QObject()
    for name in ("reshaped", "layers_changed", "frame_changed", "recorded", "history_changed"):
        getattr(document, name).connect(lambda *_, name=name: told.append(name))
    change = document.change("Stroke")
    change.edit(MASK, Box(0, 0, 9, 9), lambda part, old: old + 1)
    geometry = document.geometry
    transform(document, "Flip", Flip())
    assert not change.open and [command.name for command in document.history.commands[-2:]] == ["Stroke", "Flip"]
    assert told[-5:] == ["reshaped", "layers_changed", "frame_changed", "history_changed", "recorded"]
    assert document.geometry is not geometry and parent is not None


def test_one_pixel_can_be_turned():
    document = Document(Photo(noise((1, 1, 3))))
    for step in (Turn(1), Flip(), Rotate(45.0), Rotate(45.0, keep_all=True), Crop(Box(0, 0, 1, 1))):
        transform(document, "Step", step)
    document.go_to(0)
    assert document.photo.pixels.shape == (1, 1, 3)


def test_a_recipe_without_variants_follows():
    document = Document(Photo(noise((*SHAPE, 3))))
    paint(document, MASK, HOLE, 255)
    layer = layer_ops.add_paint_layer(document)
    with document.change("Recipe") as change:
        change.update_layer(layer.id, recipe=Recipe(document.mask.snapshot(), "telea"))
    transform(document, "Turn", Turn(1))
    assert document.layers[0].recipe.mask.content_box() == Box(200, 140, 300, 200)
