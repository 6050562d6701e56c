"""Undo and redo of random work, against a model that keeps a full copy of every state."""

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from editor.document import adjustment_layers, fills, filter_layers, layer_ops
from editor.document.document import MASK, Document
from editor.document.layers import Filtered, Patch, Recipe, Variant, mask_name
from editor.document.photo import Photo
from editor.errors import UserError
from editor.raster import masks
from editor.raster.adjustments import Band, Levels, apply
from editor.raster.blending import MODES
from editor.raster.brush import Brush, Point, Stroke
from editor.raster.painting import add_coverage, fade, paint_colour
from editor.raster.surface import Box, Surface, level_shape

_SHAPE = (270, 520)  # 2 x 3 tiles, cut at both edges
_WHOLE = Box(0, 0, *_SHAPE)


class CopyingStore:
    """A tile store that keeps bytes, as a disk does; full when told to be."""

    def __init__(self):
        self.kept: list[tuple[bytes, tuple[int, ...], np.dtype]] = []
        self.full = False

    def put(self, tile: np.ndarray) -> int:
        if self.full:
            raise OSError("No space left on device")
        self.kept.append((tile.tobytes(), tile.shape, tile.dtype))
        return len(self.kept) - 1

    def get(self, reference: int) -> np.ndarray:
        data, shape, dtype = self.kept[reference]
        return np.frombuffer(data, dtype).reshape(shape)


def _state(document: Document) -> tuple:
    """All that undo must bring back, as plain copies."""
    layers = tuple((layer.name, layer.id, layer.opacity, layer.visible, layer.mode, layer.locked, layer.reopened,
                    layer.recipe and layer.recipe.chosen, layer.adjustment, layer.filtered, layer.masked)
                   for layer in document.layers)
    names = ["mask", "sketch", "colour", *(layer.id for layer in document.layers),
             *(mask_name(layer.id) for layer in document.layers if layer.masked)]
    return layers, document.active, {name: document.surfaces[name].read(_WHOLE) for name in names}


def _equal(one: tuple, other: tuple) -> bool:
    return one[:2] == other[:2] and all(np.array_equal(pixels, other[2][name]) for name, pixels in one[2].items())


class Work(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.document: Document | None = None

    @initialize(dtype=st.sampled_from([np.uint8, np.uint16]), channels=st.sampled_from([1, 3, 4]),
                budget=st.sampled_from([0, 150_000, 2**30]))
    def open_photo(self, dtype, channels, budget):
        pixels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (*_SHAPE, channels), dtype)
        self.document = Document(Photo(pixels))
        self.document.history.store = self.store = CopyingStore()
        self.document.history.budget = budget
        self.states = [_state(self.document)]
        self.position = 0
        self.pending = None  # the state that a step still open has come to
        self.appended = {}  # variants that each run should have

    # What a user does, each a step, checked against the state it leaves.

    def _settled(self):
        """A step still open is ended by whatever comes next."""
        if self.pending is not None:
            state, self.pending = self.pending, None
            self._push(state)

    def _push(self, state):
        if not _equal(state, self.states[self.position]):
            del self.states[self.position + 1:]
            self.states.append(state)
            self.position += 1

    def _done(self):
        self._push(_state(self.document))

    def _layer(self, draw_index: int):
        return self.document.layers[draw_index % len(self.document.layers)]

    def _stroke(self, change, name, brush, points, erase):
        """Paint as the tools do; returns what the surface should now hold."""
        surface = self.document.surfaces[name]
        before, full = change.before(name), surface.max_value
        colour = np.array([full, full // 3, 7][:surface.channels - 1], surface.dtype)

        def paint(pixels, coverage):
            if erase:
                return fade(pixels, coverage, brush.opacity)
            if name == MASK:
                return add_coverage(pixels, coverage, brush.opacity)
            return paint_colour(pixels, colour, coverage, brush.opacity)

        stroke = Stroke(_SHAPE, brush)
        steps = [lambda: stroke.begin(points[0]), *(lambda p=p: stroke.move(p) for p in points[1:]), stroke.finish]
        for step in steps:
            step()
            change.edit(name, stroke.take_changed(), lambda part, old: paint(before.read(part), stroke.coverage(part)))
        touched = stroke.coverage(_WHOLE)[..., None] > 0
        return np.where(touched, paint(before.read(_WHOLE), stroke.coverage(_WHOLE)), before.read(_WHOLE))

    @rule(brush=st.builds(Brush, size=st.sampled_from([1, 20, 90]), hardness=st.sampled_from([0, 0.8, 1]),
                          opacity=st.sampled_from([0.3, 1.0])),
          points=st.lists(st.builds(Point, st.integers(-30, 550), st.integers(-30, 300), st.sampled_from([0.4, 1.0])),
                          min_size=1, max_size=4),
          erase=st.booleans(), on_layer=st.integers(0, 9) | st.none(), leave_open=st.booleans())
    def paint(self, brush, points, erase, on_layer, leave_open):
        self._settled()
        name = MASK if on_layer is None or not self.document.layers else self._layer(on_layer).id
        change = self.document.change("Paint")
        expected = self._stroke(change, name, brush, points, erase)
        assert np.array_equal(self.document.surfaces[name].read(_WHOLE), expected)
        if leave_open:
            self.pending = _state(self.document)
        else:
            change.commit()
            self._done()

    @rule(top=st.integers(0, 269), left=st.integers(0, 519), value=st.sampled_from([0, 1, 255]),
          plane=st.sampled_from(["mask", "sketch", "colour"]))
    def edit_plane(self, top, left, value, plane):
        self._settled()
        with self.document.change("Select") as change:
            change.edit(plane, Box(top, left, top + 100, left + 270), lambda part, old: np.full_like(old, value))
        assert (self.document.surfaces[plane].read(_WHOLE)[top:top + 100, left:left + 270] == value).all()
        self._done()

    @rule()
    def invert_mask(self):
        self._settled()
        before = self.document.mask.read(_WHOLE)
        with self.document.change("Invert mask") as change:
            change.replace(MASK, masks.invert(self.document.mask))
        assert np.array_equal(self.document.mask.read(_WHOLE), 255 - before)
        self._done()

    @rule(plane=st.sampled_from(["mask", "sketch", "colour"]))
    def clear_plane(self, plane):
        self._settled()
        with self.document.change("Clear") as change:
            change.clear(plane)
        assert not self.document.surfaces[plane].read(_WHOLE).any()
        self._done()

    @precondition(lambda self: self.document is not None and len(self.document.layers) < 5)
    @rule()
    def add_layer(self):
        self._settled()
        layer_ops.add_paint_layer(self.document)
        self._done()

    @precondition(lambda self: self.document is not None and self.document.layers)
    @rule(index=st.integers(0, 9), what=st.sampled_from(
        ["rename", "hide", "opacity", "mode", "lock", "move", "duplicate", "delete", "merge", "flatten"]),
        amount=st.integers(0, 19))
    def arrange_layers(self, index, what, amount):
        self._settled()
        self.document.end_change()  # as commands do: what changes nothing, such as the same mode again, leaves it open
        layer, document = self._layer(index), self.document
        try:
            {"rename": lambda: layer_ops.rename(document, layer.id, f"name {amount}"),
             "hide": lambda: layer_ops.set_visible(document, layer.id, not layer.visible),
             "opacity": lambda: layer_ops.set_opacity(document, layer.id, amount / 19),
             "mode": lambda: layer_ops.set_mode(document, layer.id, list(MODES)[amount]),
             "lock": lambda: layer_ops.set_locked(document, layer.id, not layer.locked),
             "move": lambda: layer_ops.move(document, layer.id, amount % 5),
             "duplicate": lambda: layer_ops.duplicate(document, layer.id),
             "delete": lambda: layer_ops.delete(document, layer.id),
             "merge": lambda: layer_ops.merge_down(document, layer.id),
             "flatten": lambda: layer_ops.flatten(document)}[what]()
        except UserError:
            assert _equal(_state(document), self.states[self.position]), "what is refused changes nothing"
        self._done()

    # Adjustments: of all beneath them, through a mask.

    @precondition(lambda self: self.document is not None and len(self.document.layers) < 5)
    @rule(black=st.sampled_from([0.0, 0.2]), gamma=st.sampled_from([0.5, 1.0, 2.0]), limited=st.booleans())
    def adjust(self, black, gamma, limited):
        self._settled()
        top = self.document.layers[-1].id if self.document.layers else None
        mask = self.document.mask.snapshot() if limited else None
        before, adjustment = self.document.picture().read(_WHOLE), Levels(Band(black=black, gamma=gamma))
        adjustment_layers.add(self.document, adjustment, top, mask)
        shown = np.full(_SHAPE, 255) if mask is None else mask.read(_WHOLE)[..., 0]
        now = self.document.picture().read(_WHOLE)
        assert np.array_equal(now[shown == 0], before[shown == 0])
        if not any(layer.visible for layer in self.document.layers[:-1]):  # nothing was rounded on the way
            assert np.array_equal(now[shown == 255], apply(adjustment, before)[shown == 255])
        self._done()

    @precondition(lambda self: self.document is not None and any(layer.adjustment for layer in self.document.layers))
    @rule(index=st.integers(0, 9), gamma=st.sampled_from([0.5, 1.0, 2.0]), hide=st.booleans())
    def adjust_otherwise(self, index, gamma, hide):
        self._settled()
        layers = [layer for layer in self.document.layers if layer.adjustment]
        layer = layers[index % len(layers)]
        with pytest.raises(UserError) if layer.locked else nullcontext():
            adjustment_layers.change(self.document, layer.id, Levels(Band(gamma=gamma)))
            self._done()
        if hide and layer.masked and not layer.locked:
            with self.document.change("Hide with layer mask") as change:
                change.edit(mask_name(layer.id), Box(200, 200, 260, 300), lambda part, old: np.full_like(old, 90))
            self._done()

    # Filters: all of what is beneath them made otherwise, with its mip levels.

    def _negative(self, below: str | None) -> Surface:
        pixels = self.document.picture(below).read(_WHOLE)[..., :self.document.colours]
        full = np.iinfo(pixels.dtype).max
        made = Surface.from_array(np.concatenate([full - pixels, np.full_like(pixels[..., :1], full)], axis=2))
        made.make_mips()
        return made

    @precondition(lambda self: self.document is not None and len(self.document.layers) < 5)
    @rule(limited=st.booleans())
    def filter(self, limited):
        self._settled()
        over, below = filter_layers.place_of_new(self.document)
        mask = self.document.mask.snapshot() if limited else None
        filter_layers.add(self.document, "Negative", Filtered("negative"), self._negative(below), over, mask)
        self._done()

    @precondition(lambda self: self.document is not None and any(layer.filtered for layer in self.document.layers))
    @rule(by=st.integers(1, 3))
    def filter_again(self, by):
        self._settled()
        layer = next(layer for layer in self.document.layers if layer.filtered)
        made = self._negative(layer.id)
        with pytest.raises(UserError) if layer.locked else nullcontext():
            filter_layers.make_again(self.document, layer.id, "Negative", Filtered("negative", {"by": by}), made)
            self._done()

    # Fills: the layer with its recipe is a step, a variant that arrives later is not.

    def _variant(self, value: int) -> Variant:
        dtype = self.document.photo.pixels.dtype
        pixels = np.full((60, 50, self.document.colours), value, dtype)
        alpha = np.full((60, 50), np.iinfo(dtype).max, dtype)
        return Variant((Patch(pixels, alpha, (230, 240)),), "telea", value)

    @precondition(lambda self: self.document is not None and len(self.document.layers) < 5)
    @rule(value=st.integers(1, 200))
    def fill(self, value):
        self._settled()
        run = f"run {len(self.appended)}"
        recipe = Recipe(self.document.mask.snapshot(), "telea", variants=(self._variant(value),), run=run)
        self.appended[run] = 1
        fills.add_fill_layer(self.document, recipe)
        self._done()

    @precondition(lambda self: self.document is not None and self.appended)
    @rule(index=st.integers(0, 9), value=st.integers(1, 200))
    def a_variant_arrives(self, index, value):
        run = sorted(self.appended)[index % len(self.appended)]
        if self.appended[run] < 4:
            fills.append_variant(self.document, run, self._variant(value))
            self.appended[run] += 1

    @precondition(lambda self: self.document is not None and any(layer.is_fill for layer in self.document.layers))
    @rule(index=st.integers(0, 9))
    def choose_variant(self, index):
        self._settled()
        layer = next(layer for layer in self.document.layers if layer.is_fill)
        with pytest.raises(UserError) if layer.locked else nullcontext():
            fills.choose_variant(self.document, layer.id, index % len(layer.recipe.variants))
        self._done()

    @precondition(lambda self: self.document is not None and any(layer.is_fill for layer in self.document.layers))
    @rule()
    def reopen_a_fill(self):
        self._settled()
        fills.reopen(self.document, next(layer for layer in self.document.layers if layer.is_fill).id)
        self._done()

    # Stepping about, and what may go wrong.

    @rule()
    def undo(self):
        self._settled()
        self.document.undo()
        self.position = max(0, self.position - 1)

    @rule()
    def redo(self):
        self._settled()
        self.document.redo()
        self.position = min(len(self.states) - 1, self.position + 1)

    @rule(where=st.integers(-2, 30))
    def go_to(self, where):
        self._settled()
        self.document.go_to(where)
        self.position = max(0, min(where, len(self.states) - 1))

    @rule(add_a_layer=st.booleans())
    def a_step_fails_half_way(self, add_a_layer):
        self._settled()
        with pytest.raises(ZeroDivisionError), self.document.change("Fails") as change:
            if add_a_layer:
                layer = layer_ops.Layer("Never")
                change.set_layers(layer_ops.stack_with(self.document, layer), layer.id)
                change.edit(layer.id, _WHOLE, lambda part, old: old + 1)
            change.edit(MASK, _WHOLE, lambda part, old: 255 - old + 0 * (1 // (512 - part.left)))  # in its third tile

    @rule(full=st.booleans())
    def the_disk_fills_or_is_freed(self, full):
        self.store.full = full

    @invariant()
    def the_document_is_as_the_model_says(self):
        if self.document is None:
            return
        expected = self.states[self.position] if self.pending is None else self.pending
        assert _equal(_state(self.document), expected)
        assert (len(self.document.history.commands), self.document.history.position) == \
            (len(self.states) - 1, self.position)
        for layer in self.document.layers:
            if layer.filtered:
                surface, reduced = self.document.surfaces[layer.id], Box(0, 0, *level_shape(_SHAPE, 1))
                fresh = Surface.from_array(surface.read(_WHOLE))
                assert np.array_equal(surface.read(reduced, 1), fresh.read(reduced, 1))
            if layer.is_fill:
                assert len(layer.recipe.variants) == self.appended[layer.recipe.run]
        if not self.store.full and self.document.history.budget == 0 and self.pending is None:
            assert self.document.history.nbytes <= 2**20

    def teardown(self):
        if self.document is None:
            return
        self._settled()
        self.document.end_change()
        self.document.go_to(0)
        assert _equal(_state(self.document), self.states[0]), "undoing all gives the photograph as it was opened"
        for position, state in enumerate(self.states):
            self.document.go_to(position)
            assert _equal(_state(self.document), state)
        assert not any(layer.is_fill and layer.recipe.run not in self.appended for layer in self.document.layers)


TestWork = Work.TestCase
TestWork.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
