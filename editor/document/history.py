"""Linear undo history: commands that hold only what they changed.

A command keeps the *other* side of its change: the earlier tiles while it is done, the later ones while it is
undone. Undoing and redoing swap the two, so both are bit-exact and no tile is held twice. Over the memory budget
the oldest commands' tiles go to a tile store on disk; none is forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from editor.raster.surface import Box, Key, box_round, tile_box

DEFAULT_BUDGET = 128 * 2**20
"""Bytes in memory of the history's tiles and the fill layers' variants."""


class TileStore(Protocol):
    """Where tiles go when memory is short."""

    def put(self, tile: np.ndarray) -> Any:
        """Keep an array; returns a reference that ``get`` understands. May raise OSError."""

    def get(self, reference: Any) -> np.ndarray:
        """The array again, read-only."""


class Edit(Protocol):
    """One reversible change. Swapping it twice changes nothing."""

    def swap(self, document: Any) -> None:
        """Exchange the state kept here with the document's."""

    @property
    def nbytes(self) -> int:
        """Bytes held in memory."""

    def spill(self, store: TileStore) -> None:
        """Move what is held to the store."""

    def recall(self, store: TileStore) -> None:
        """Bring it back."""


@dataclass
class TilesEdit:
    """Tiles of one surface. Values: a tile, None (all 0), or a store's reference to a tile."""

    surface: str
    tiles: dict[Key, Any]
    box: Box | None = None  # round the pixels that differ, where that is known: the rest need not be drawn again

    def swap(self, document: Any) -> None:
        surface = document.surfaces[self.surface]
        other = {key: surface.tile(key) for key in self.tiles}
        box = self.box or box_round(other)
        for key, tile in self.tiles.items():
            surface.put(key, tile, box.intersect(tile_box(key)))
        self.tiles = other
        document.tiles_changed.emit(self.surface, frozenset(other), box.intersect(surface.bounds))

    @property
    def nbytes(self) -> int:
        held = {id(tile): tile.nbytes for tile in self.tiles.values() if isinstance(tile, np.ndarray)}
        return sum(held.values())

    def spill(self, store: TileStore) -> None:
        self._exchange(lambda tile: store.put(tile) if isinstance(tile, np.ndarray) else tile)

    def recall(self, store: TileStore) -> None:
        self._exchange(lambda tile: tile if isinstance(tile, np.ndarray) else store.get(tile))

    def _exchange(self, change: Callable[[Any], Any]) -> None:
        # Each tile once: an inverted mask is one array at hundreds of places.
        distinct = {id(tile): tile for tile in self.tiles.values() if tile is not None}
        changed = {identity: change(tile) for identity, tile in distinct.items()}
        self.tiles = {key: None if tile is None else changed[id(tile)] for key, tile in self.tiles.items()}


@dataclass
class Command:
    """One step of the history, as the panel names it."""

    name: str
    edits: tuple[Edit, ...]
    spilled: bool = False

    @property
    def nbytes(self) -> int:
        return sum(edit.nbytes for edit in self.edits)


class History:
    """The steps done, and those undone and not yet overwritten.

    ``position`` is the number of steps done. ``changed`` is called after every change of either. Until there is a
    ``store``, and while it takes no more (a full disk), everything stays in memory.
    """

    def __init__(self, document: Any, changed: Callable[[], None], budget: int = DEFAULT_BUDGET):
        self._document = document
        self._changed = changed
        self.budget = budget
        self.store: TileStore | None = None
        self.commands: list[Command] = []
        self.position = 0

    @property
    def nbytes(self) -> int:
        return sum(command.nbytes for command in self.commands if not command.spilled)

    @property
    def held(self) -> int:
        """Bytes of what counts against the budget: the steps in memory and the fills' variants."""
        return self.nbytes + self._document.variants_nbytes

    def set_budget(self, budget: int) -> None:
        """Allow so many bytes from now on; what is too much goes to the store at once."""
        self.budget = budget
        self._keep_to_budget()

    def record(self, command: Command) -> None:
        """Add a step that has already been carried out; the steps undone before it are gone."""
        del self.commands[self.position:]
        self.commands.append(command)
        self.position += 1
        self._keep_to_budget()
        self._changed()

    def go_to(self, position: int) -> None:
        """Undo or redo until ``position`` steps are done; clamped to what there is."""
        position = max(0, min(position, len(self.commands)))
        if position == self.position:
            return
        try:
            while self.position != position:
                backwards = position < self.position
                command = self.commands[self.position - 1 if backwards else self.position]
                if command.spilled:
                    for edit in command.edits:
                        edit.recall(self.store)
                    command.spilled = False
                for edit in reversed(command.edits) if backwards else command.edits:
                    edit.swap(self._document)
                self.position += -1 if backwards else 1
            self._keep_to_budget()
        finally:
            self._changed()  # also where the store fails half-way: the steps until then are done

    def _keep_to_budget(self) -> None:
        """Spill the steps farthest from where the user is until the rest and the fills' variants fit."""
        if self.store is None:
            return
        over = self.held - self.budget
        if over <= 0:
            return
        for i in sorted(range(len(self.commands)), key=lambda i: -abs(i + 0.5 - self.position)):
            command = self.commands[i]
            if command.spilled or not command.nbytes:
                continue
            over -= command.nbytes
            command.spilled = True  # from the first tile on: an edit may be spilled, and the next one fail
            try:
                for edit in command.edits:
                    edit.spill(self.store)
            except OSError:
                return
            if over <= 0:
                return
