"""What the Filter menu does: filters tried out on the canvas, and made layers in the background."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.dialogs.filter import FilterDialog
from editor.app.edge_commands import move_aside
from editor.app.fill_controller import FillController
from editor.app.filter_panels import panel_of
from editor.app.filter_trial import FilterTrial
from editor.app.filter_work import (
    Ground,
    Made,
    applying,
    given,
    ground_of_layer,
    ground_of_new,
    land,
    plain,
)
from editor.app.tool_box import ToolBox
from editor.document import filter_layers
from editor.document.document import Document
from editor.document.layers import Layer
from editor.errors import UserError
from editor.jobs.worker import Job, Worker
from editor.restoration.contract import Filter
from editor.restoration.registry import find


class FilterCommands(QObject):
    """Methods are named as the commands of editor.app.commands. One dialog at a time; the window stays usable."""

    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, canvas: Canvas, tools: ToolBox, filling: FillController):
        super().__init__(canvas)
        self._canvas, self._tools, self._filling = canvas, tools, filling
        self._workers = Worker(self), Worker(self)
        self._dialog: FilterDialog | None = None
        canvas.trial_began.connect(self._give_up)
        self._deferred: list[Callable[[], None]] = []  # results that came while a stroke was under the pen
        self._last: dict[str, dict[str, Any]] = {}  # settings that were applied last, by filter

    def set_document(self, document: Document | None) -> None:
        self._give_up()

    def close(self) -> None:
        self._give_up()
        for worker in self._workers:
            worker.close()

    def _give_up(self) -> None:
        """What is being tried out."""
        if self._dialog is not None:
            self._dialog.reject()

    def filter_denoise(self) -> None:
        self._open("denoise")

    def filter_deblur(self) -> None:
        self._open("deblur")

    def filter_descreen(self) -> None:
        self._open("descreen")

    def filter_local_contrast(self) -> None:
        self._open("local-contrast")

    def edit_filter(self) -> None:
        """Other settings for the active filter layer."""
        self.edit_layer(self._canvas.document.active)

    def edit_layer(self, layer_id: str) -> None:
        """The same for any layer; nothing where no filter made it."""
        layer = self._canvas.document.layer(layer_id)
        if layer is not None and layer.filtered is not None and self._may_change(layer):
            self._open(layer.filtered.name, layer)

    def apply_filter_again(self) -> None:
        """Make the active filter layer from what is beneath it now."""
        document, layer = self._canvas.document, self._canvas.document.layer(self._canvas.document.active)
        filter = self._found(layer.filtered.name)
        if filter is not None and self._may_change(layer):
            document.end_change()
            settings = filter.Settings(**given(filter, layer.filtered.settings))
            self._apply(_Wish(document, ground_of_layer(document, layer.id), filter, settings, layer.id))

    def _found(self, name: str) -> Filter | None:
        try:
            return find(name)
        except UserError as error:  # of a project that a newer version has made
            self.failed.emit(f"The layer cannot be made again: {error}.")
            return None

    def _may_change(self, layer: Layer) -> bool:
        if layer.locked:
            self.failed.emit(f"The layer “{layer.name}” is locked.")
        return not layer.locked

    def _open(self, name: str, layer: Layer | None = None) -> None:
        """Try a filter out, for a new layer or to make ``layer`` again."""
        filter = self._found(name)
        if filter is None:
            return
        self._canvas.trial_began.emit()  # whatever else is being tried
        document = self._canvas.document
        document.end_change()
        layer_id = layer and layer.id
        over, _ = filter_layers.place_of_new(document)
        ground_of = partial(ground_of_layer, document, layer_id) if layer else partial(ground_of_new, document, over)
        kept: Mapping[str, Any] = layer.filtered.settings if layer else self._last.get(name, {})
        dialog = self._dialog = FilterDialog(filter, given(filter, kept), self._canvas.window())
        trial = FilterTrial(self._canvas, self._workers, filter, layer_id, ground_of, dialog)
        trial.told.connect(dialog.tell)
        trial.failed.connect(dialog.fail)
        dialog.changed.connect(lambda: trial.take(dialog.settings))
        dialog.shown.connect(trial.show)
        dialog.finished.connect(lambda taken: self._end(dialog, trial, document, layer_id, taken))
        trial.lost.connect(dialog.reject)
        if (panel := panel_of(name, trial, self._tools, dialog)) is not None:
            dialog.add_panel(panel)
        trial.take(dialog.settings)
        move_aside(dialog, self._canvas)
        dialog.show()

    def _end(self, dialog: FilterDialog, trial: FilterTrial, document: Document, layer_id: str | None,
             taken: bool) -> None:
        trial.end()
        self._dialog = None
        self._canvas.setFocus()
        if taken:
            self._last[trial.filter.name] = plain(dialog.settings)
            self._apply(_Wish(document, trial.ground, trial.filter, dialog.settings, layer_id))

    def _apply(self, wish: "_Wish") -> None:
        title = wish.filter.title
        job = Job(title, applying(wish.ground, wish.filter, wish.settings))
        job.produced.connect(partial(self._land, wish))
        job.failed.connect(self.failed)
        job.cancelled.connect(lambda: self.noted.emit(f"{title} was cancelled."))
        self._filling.submit(job, wish.document)

    def _land(self, wish: "_Wish", made: Made) -> None:
        document, title = wish.document, wish.filter.title
        if document.changing:  # a stroke is under the pen: it must not be torn in two
            self._deferred.append(partial(self._land, wish, made))
            # Queued and once: whoever ends a step is in the middle of something.
            document.change_ended.connect(self._land_deferred, Qt.ConnectionType(
                Qt.ConnectionType.QueuedConnection.value | Qt.ConnectionType.SingleShotConnection.value))
            return
        undone = document.history.position < len(document.history.commands)
        if undone and document.state() is not wish.state:  # a late result takes nobody's redo away
            self.noted.emit(f"{title} was not put in: steps have been undone meanwhile.")
            return
        try:
            if document.geometry is not wish.geometry or not land(
                    document, wish.ground, wish.filter, made, wish.layer_id):
                self.noted.emit(f"{title}: what it was for is no longer there.")
        except UserError as error:
            self.failed.emit(str(error))

    def _land_deferred(self) -> None:
        deferred, self._deferred = self._deferred, []
        for land_one in deferred:
            land_one()


@dataclass(eq=False)
class _Wish:
    """What is to be applied, and where."""

    document: Document
    ground: Ground
    filter: Filter
    settings: Any
    layer_id: str | None  # of the layer that is made again; None: a new one
    geometry: object = field(init=False)  # of the document when it was asked for
    state: object = field(init=False)  # the same

    def __post_init__(self) -> None:
        self.geometry, self.state = self.document.geometry, self.document.state()
