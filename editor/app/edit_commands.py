"""What the Edit, Guides, Fill and Layer menus do to the open document."""

import random
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.fill_controller import FillChoice, FillController
from editor.app.wait_cursor import wait_cursor
from editor.document import fills, layer_masks, layer_ops
from editor.document.document import AVOID, COLOUR, SKETCH, SOURCE, Document
from editor.document.history import Command
from editor.document.layers import Layer
from editor.errors import UserError
from editor.jobs.worker import Job


class EditCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, canvas: Canvas, filling: FillController, choice: Callable[[], FillChoice]):
        super().__init__(canvas)
        self._canvas = canvas
        self._filling = filling
        self._choice = choice

    @property
    def _document(self) -> Document:
        return self._canvas.document

    @property
    def _layer(self) -> Layer | None:
        return self._document.layer(self._document.active)

    def undo(self) -> None:
        """In the middle of a stroke, take the stroke back and nothing else."""
        if self._canvas.stroking:
            self._canvas.cancel()
        else:
            self._try(self._document.undo)

    def redo(self) -> None:
        self._try(self._document.redo)

    # Sketch and colour strokes

    def clear_sketch(self) -> None:
        self._clear("Clear sketch", SKETCH)

    def clear_colour(self) -> None:
        self._clear("Clear colour strokes", COLOUR)

    def clear_source(self) -> None:
        self._clear("Clear where to copy from", SOURCE, AVOID)

    def _clear(self, name: str, *planes: str) -> None:
        with self._document.change(name) as change:
            for plane in planes:
                change.clear(plane)

    # Fill

    def fill(self, stroke: Command | None = None) -> Job | None:
        """Fill the mask with the chosen engine; a reopened fill layer is filled again. See FillController.fill."""
        return self._filling.fill(self._document, replace(self._choice(), seed=_new_seed()), stroke)

    def fill_again(self) -> None:
        """Another seed for the active fill layer's own recipe; also where the engine is set to something else."""
        self.fill_layer_again(self._layer.id)

    def fill_layer_again(self, layer_id: str) -> None:
        recipe = self._document.layer(layer_id).recipe
        self._filling.fill_again(self._document, layer_id, replace(
            self._choice(), engine=recipe.engine, settings=recipe.settings, seed=_new_seed()))

    def reopen_fill(self) -> None:
        self.reopen_layer(self._layer.id)

    def reopen_layer(self, layer_id: str) -> None:
        if self._document.layer(layer_id).locked:
            self.failed.emit(f"The layer “{self._document.layer(layer_id).name}” is locked.")
            return
        fills.reopen(self._document, layer_id)
        self.noted.emit("Change mask, sketch or colours and press Fill; the result goes into this layer.")

    def leave_fill(self) -> None:
        if fills.reopened(self._document):
            fills.close_reopened(self._document)

    def next_variant(self) -> None:
        self._step_variant(1)

    def previous_variant(self) -> None:
        self._step_variant(-1)

    def _step_variant(self, step: int) -> None:
        recipe = self._layer.recipe
        if len(recipe.variants) > 1:
            self._try(lambda: fills.choose_variant(
                self._document, self._layer.id, (recipe.chosen + step) % len(recipe.variants)))

    # Layers

    def add_layer(self) -> None:
        layer_ops.add_paint_layer(self._document)

    def duplicate_layer(self) -> None:
        layer_ops.duplicate(self._document, self._layer.id)

    def delete_layer(self) -> None:
        self._try(lambda: layer_ops.delete(self._document, self._layer.id))

    def merge_down(self) -> None:
        self._try(lambda: layer_ops.merge_down(self._document, self._layer.id))

    # Layer masks

    def add_layer_mask(self) -> None:
        self._try(lambda: layer_masks.add(self._document, self._layer.id))

    def layer_mask_from_mask(self) -> None:
        self._try(lambda: layer_masks.add(self._document, self._layer.id, self._document.mask))

    def invert_layer_mask(self) -> None:
        self._try(lambda: layer_masks.invert(self._document, self._layer.id))

    def toggle_layer_mask(self) -> None:
        """Use it, or do without."""
        layer_masks.set_on(self._document, self._layer.id, not self._layer.mask_on)

    def apply_layer_mask(self) -> None:
        self._try(lambda: layer_masks.apply(self._document, self._layer.id))

    def delete_layer_mask(self) -> None:
        self._try(lambda: layer_masks.remove(self._document, self._layer.id))

    def flatten(self) -> None:
        self._try(lambda: layer_ops.flatten(self._document))

    def _try(self, operation: Callable[[], object]) -> None:
        try:
            with wait_cursor():
                operation()
        except UserError as error:
            self.failed.emit(str(error))


def _new_seed() -> int:
    return random.randrange(2**31)
