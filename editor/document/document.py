"""The document: a photograph, layers over it, guidance planes, and the history of what was done.

All changes go through a transaction, which becomes one step of the history:

    with document.change("Invert mask") as change:
        change.replace("mask", masks.invert(document.mask))
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType

import numpy as np
from PySide6.QtCore import QObject, Signal

from editor.document.edits import FrameEdit, LayersEdit
from editor.document.history import Command, Edit, History, TilesEdit
from editor.document.layers import Layer, Recipe, mask_name
from editor.document.photo import Photo
from editor.document.picture import Picture
from editor.document.snapshot import Snapshot, composite
from editor.raster.frame import Frame
from editor.raster.surface import Box, Surface, box_round

MASK, SKETCH, COLOUR, SOURCE, AVOID = "mask", "sketch", "colour", "source", "avoid"
"""Names of the guidance planes among the document's surfaces; layers' surfaces go by the layer's id."""

PLANES = {MASK: 1, SKETCH: 1, COLOUR: 4, SOURCE: 1, AVOID: 1}
"""The guidance planes and their channels, all uint8. A fill may copy from where SOURCE is alone, if that is anywhere,
and never from where AVOID is.
"""


class Transaction:
    """Changes under way, seen on the canvas at once, and recorded as one step when it ends.

    Usable as a context manager: an exception inside takes everything back.
    """

    def __init__(self, document: "Document", name: str):
        self._document: Document | None = document  # until it ends: whoever still holds it then must not keep that
        self._name = name
        self._before: dict[str, Surface] = {}
        self._boxes: dict[str, Box] = {}  # round what has changed of each surface
        self.layers_before = LayersEdit(document.layers, document.active)
        self.frame_before = FrameEdit(document.frame)

    @property
    def open(self) -> bool:
        """Whether it still takes changes: another step, undo or redo ends it."""
        return self._document is not None and self._document._transaction is self

    def before(self, surface: str) -> Surface:
        """The surface as it was when the transaction first touched it."""
        self._check_open()
        if surface not in self._before:
            self._before[surface] = self._document.surfaces[surface].snapshot()
        return self._before[surface]

    def edit(self, surface: str, where: Box | Iterable[Box],
             change: Callable[[Box, np.ndarray], np.ndarray]) -> None:
        """As Surface.edit, of the surface with that name; one box or several (Stroke.take_changed, say)."""
        self.before(surface)
        target = self._document.surfaces[surface]
        edited, around = set(), Box(0, 0, 0, 0)
        for box in [where] if isinstance(where, Box) else where:
            around = around.union(box)
            self._note(surface, around)
            edited.update(target.edit(box, change))
        if edited:
            self._document.tiles_changed.emit(surface, frozenset(edited), around.intersect(target.bounds))

    def replace(self, surface: str, new: Surface) -> None:
        """Give a surface the tiles of another of the same shape, channels and dtype."""
        self.before(surface)
        target = self._document.surfaces[surface]
        changed = {key for key in target.keys() | new.keys() if target.tile(key) is not new.tile(key)}
        self._note(surface, box_round(changed))
        if new.levels >= target.levels:  # made in the background, so that nobody has to wait for them here
            target.adopt(new)
        else:
            for key in changed:
                target.put(key, new.tile(key))
        self._document.tiles_changed.emit(surface, frozenset(changed), box_round(changed))

    def clear(self, surface: str) -> None:
        """Make all of a surface 0."""
        self._check_open()
        old = self._document.surfaces[surface]
        self.replace(surface, Surface(old.shape, old.channels, old.dtype))

    def set_layers(self, layers: Iterable[Layer], active: str | None) -> None:
        """Replace the stack, bottom to top. New ids get an empty surface."""
        self._check_open()
        self._document._set_layers(tuple(layers), active)

    def update_layer(self, layer_id: str, **properties: object) -> None:
        """Replace some properties of one layer."""
        self.set_layers((replace(layer, **properties) if layer.id == layer_id else layer
                         for layer in self._document.layers), self._document.active)

    def set_frame(self, frame: Frame | None) -> None:
        """Lay the face frame somewhere else, or take it away."""
        self._check_open()
        self._document._set_frame(frame)

    def commit(self) -> None:
        """Record what has changed as one step; nothing if nothing has, or if the step has already ended."""
        if not self.open:
            return
        edits, document = self._edits(), self._end()
        if edits:
            document._record(Command(self._name, edits))
        document.change_ended.emit()

    def roll_back(self) -> None:
        """Take everything back; nothing if the step has already ended."""
        if not self.open:
            return
        for edit in reversed(self._edits()):
            edit.swap(self._document)
        self._end().change_ended.emit()

    def _end(self) -> "Document":
        """Let go of the document, and of its pixels before the step."""
        document, self._document = self._document, None
        document._transaction = None
        self._before, self._boxes = {}, {}
        return document

    def _note(self, surface: str, box: Box) -> None:
        # Before the change is made: if it fails half-way, what it has touched is known.
        self._boxes[surface] = self._boxes.get(surface, box).union(box)

    def _check_open(self) -> None:
        # A change that no step recorded would make every earlier step undo to something that never was.
        if not self.open:
            raise RuntimeError(f"the step “{self._name}” has ended")

    def _edits(self) -> tuple[Edit, ...]:
        edits: list[Edit] = []
        if LayersEdit(self._document.layers, self._document.active) != self.layers_before:
            edits.append(self.layers_before)
        if FrameEdit(self._document.frame) != self.frame_before:
            edits.append(self.frame_before)
        for name, before in self._before.items():
            now = self._document.surfaces[name]
            tiles = {key: before.tile(key) for key in before.keys() | now.keys()
                     if not _same(before.tile(key), now.tile(key))}
            if tiles:
                edits.append(TilesEdit(name, tiles, self._boxes[name]))
        return tuple(edits)

    def __enter__(self) -> "Transaction":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.commit()
        else:
            self.roll_back()


class Document(QObject):
    """What is being edited.

    Signals: ``tiles_changed(surface name, frozenset of keys, Box of pixels)``, ``layers_changed()``,
    ``frame_changed()``, ``history_changed()``, ``recorded(Command)`` after a new step, ``stepped(position)`` after undo
    or redo, ``recipes_changed({old: new})`` when a variant has joined a gallery, which is not a step,
    ``change_ended()`` when no step is open any more, ``reshaped()`` when size or geometry is another: then whatever was
    known of any surface is to be forgotten.
    """

    tiles_changed = Signal(str, object, object)
    layers_changed = Signal()
    frame_changed = Signal()
    history_changed = Signal()
    recorded = Signal(object)
    stepped = Signal(int)
    recipes_changed = Signal(object)
    change_ended = Signal()
    reshaped = Signal()

    def __init__(self, photo: Photo, parent: QObject | None = None):
        super().__init__(parent)
        self.photo = photo
        self.base = Surface.from_array(photo.pixels)
        self.layers: tuple[Layer, ...] = ()
        self.active: str | None = None  # id of the active layer; None is the photograph
        self._on_mask = False  # whether tools work on its mask, if it has one
        self.surfaces = {name: Surface(photo.shape, channels, np.uint8) for name, channels in PLANES.items()}
        self.frame: Frame | None = None  # of the face that is worked on, where there is one
        self.geometry: object = object()  # another one after every ``reshaped``
        self.history = History(self, self.history_changed.emit)
        self._transaction: Transaction | None = None
        self._saved: object = None  # the step that was the last one done when it was saved

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot, parent: QObject | None = None) -> "Document":
        """A document that begins where a snapshot stands, with nothing to undo."""
        document = cls(snapshot.photo, parent)
        document.surfaces.update((name, surface.snapshot()) for name, surface in snapshot.surfaces.items())
        document.layers, document.active = snapshot.layers, snapshot.active
        document.frame = snapshot.frame
        return document

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.base.shape

    @property
    def colours(self) -> int:
        """Colour channels of photograph and layers: 1 (grey) or 3."""
        return 1 if self.photo.is_grey else 3

    @property
    def mask(self) -> Surface:
        return self.surfaces[MASK]

    def layer(self, layer_id: str | None) -> Layer | None:
        """The layer with that id, if it is in the stack."""
        return next((layer for layer in self.layers if layer.id == layer_id), None)

    def change(self, name: str) -> Transaction:
        """Begin a step of the history. A step still open (a stroke under the pen) is ended first."""
        self.end_change()
        self._transaction = Transaction(self, name)
        return self._transaction

    def carry_out(self, name: str, edit: Edit) -> None:
        """An edit as a step of its own: it is swapped in and recorded. A step still open is ended first."""
        self.end_change()
        edit.swap(self)
        self._record(Command(name, (edit,)))

    def set_state(self, snapshot: Snapshot) -> None:
        """Become what a snapshot says, which is not used by anybody else; for edits. Not a step by itself."""
        frame, self.frame = self.frame, snapshot.frame
        self.photo, self.base = snapshot.photo, snapshot.base
        # Of layers that are in no stack now there may be surfaces that the snapshot does not know: they are empty.
        self.surfaces = {name: snapshot.surfaces[name] if name in snapshot.surfaces
                         else Surface(self.shape, surface.channels, surface.dtype)
                         for name, surface in {**snapshot.surfaces, **self.surfaces}.items()}
        self.layers, self.active = snapshot.layers, snapshot.active
        self.geometry = object()
        self.reshaped.emit()
        self.layers_changed.emit()
        if frame != self.frame:
            self.frame_changed.emit()

    @property
    def variants_nbytes(self) -> int:
        """Bytes of all fill layers' variants; those that layers share count once."""
        variants = {variant for layer in self.layers if layer.recipe for variant in layer.recipe.variants}
        return sum(variant.nbytes for variant in variants)

    @property
    def changing(self) -> bool:
        """Whether a step is open: a stroke is under the pen."""
        return self._transaction is not None

    def end_change(self) -> None:
        """Commit a step that is still open, if there is one."""
        if self._transaction is not None:
            self._transaction.commit()

    def undo(self) -> None:
        """One step back, of a step that is still open too; nothing at the first state."""
        self.end_change()
        self.go_to(self.history.position - 1)

    def redo(self) -> None:
        """One step forward; nothing at the last state. A step that is still open is ended, and is the last one."""
        self.end_change()
        self.go_to(self.history.position + 1)

    def go_to(self, position: int) -> None:
        """Step through the history; a step still open is ended first."""
        self.end_change()
        before = self.history.position
        try:
            self.history.go_to(position)
        finally:
            if self.history.position != before:
                self.stepped.emit(self.history.position)

    @property
    def modified(self) -> bool:
        """Whether anything has changed since it was opened or last saved."""
        return self.state() is not self._saved

    def state(self) -> object:
        """A token for the present state, for ``mark_saved`` once it is on disk."""
        return self._step(self.history.position)

    def mark_saved(self, state: object) -> None:
        """Remember a state as the saved one."""
        self._saved = state
        self.history_changed.emit()

    def mark_unsaved(self) -> None:
        """No state is the saved one: what there is has never been on disk like this."""
        self._saved = self
        self.history_changed.emit()

    def activate(self, layer_id: str | None, mask: bool = False) -> None:
        """Choose the layer that tools work on, or its ``mask``. Not a step of the history."""
        if (layer_id, mask) != (self.active, self._on_mask):
            self.active, self._on_mask = layer_id, mask
            self.layers_changed.emit()

    @property
    def painted_mask(self) -> str | None:
        """The surface of the active layer's mask, if that is what tools work on: always, of an adjustment's."""
        layer = self.layer(self.active)
        return mask_name(layer.id) if (layer is not None and layer.masked
                                    and (self._on_mask or layer.adjustment is not None)) else None

    def map_recipes(self, change: Callable[[Recipe], Recipe]) -> None:
        """Replace recipes, in the stack and in every state of the history. Not a step."""
        done: dict[Recipe, Recipe] = {}  # a recipe that several states share stays shared

        def mapped(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
            for recipe in (layer.recipe for layer in layers if layer.recipe is not None):
                if recipe not in done:
                    done[recipe] = change(recipe)
            return tuple(replace(layer, recipe=done.get(layer.recipe)) for layer in layers)

        states = [edit for command in self.history.commands for edit in command.edits if isinstance(edit, LayersEdit)]
        if self._transaction is not None:
            states.append(self._transaction.layers_before)
        for state in states:
            state.layers = mapped(state.layers)
        self.layers = mapped(self.layers)
        changed = {old: new for old, new in done.items() if new is not old}
        if changed:
            self.mark_unsaved()  # what is on disk does not have it
        self.recipes_changed.emit(changed)

    def picture(self, below: str | None = None) -> Picture:
        """The composite, of the live surfaces; see Snapshot.picture."""
        return composite(self.base, self.layers, self.surfaces, below)

    def snapshot(self) -> Snapshot:
        """The document as it is now; costs a few microseconds a surface."""
        return Snapshot(self.photo, self.layers, self.active,
                        {name: surface.snapshot() for name, surface in self.surfaces.items()}, self.base.snapshot(),
                        self.frame)

    def _step(self, position: int) -> Command | None:
        return self.history.commands[position - 1] if position else None

    def _record(self, command: Command) -> None:
        self.history.record(command)
        self.recorded.emit(command)

    def _set_layers(self, layers: tuple[Layer, ...], active: str | None) -> None:
        for layer in layers:
            if layer.id not in self.surfaces:
                self.surfaces[layer.id] = Surface(self.shape, self.colours + 1, self.photo.pixels.dtype)
            if layer.masked and mask_name(layer.id) not in self.surfaces:
                self.surfaces[mask_name(layer.id)] = Surface(self.shape, 1, np.uint8)
        self._on_mask = self._on_mask and active == self.active
        self.layers, self.active = layers, active
        self.layers_changed.emit()

    def _set_frame(self, frame: Frame | None) -> None:
        if frame != self.frame:
            self.frame = frame
            self.frame_changed.emit()


def _same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Whether two tiles have the same pixels."""
    return one is other or (one is not None and other is not None and np.array_equal(one, other))
