"""Levels and curves as layers: tried out on the canvas, edited again; and a faded photo's tone brought back."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from editor.app.adjustment_trial import AdjustmentTrial, measuring, scan_of
from editor.app.canvas.canvas import Canvas
from editor.app.dialogs.adjustment import AdjustmentDialog
from editor.app.dialogs.curves import CurvesDialog
from editor.app.dialogs.levels import LevelsDialog
from editor.app.edge_commands import move_aside
from editor.app.fill_controller import FillController
from editor.app.tool_box import ToolBox
from editor.app.tools.tone_picker import TonePicker
from editor.document import adjustment_layers
from editor.document.document import Document
from editor.document.filter_layers import place_of_new
from editor.errors import UserError
from editor.jobs.worker import Job, Worker
from editor.raster.adjustments import Adjustment, Curves, Levels


class AdjustmentCommands(QObject):
    """Methods are named as the commands of editor.app.commands. One dialog at a time; the window stays usable."""

    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, canvas: Canvas, tools: ToolBox, filling: FillController):
        super().__init__(canvas)
        self._canvas, self._tools, self._filling = canvas, tools, filling
        self._picker = TonePicker(self)
        self._workers = Worker(self), Worker(self)
        self._dialog: AdjustmentDialog | None = None
        self._deferred: list[Callable[[], None]] = []  # what came while a stroke was under the pen
        canvas.trial_began.connect(lambda: self.set_document(None))

    def set_document(self, document: Document | None) -> None:
        if self._dialog is not None:
            self._dialog.reject()

    def close(self) -> None:
        self.set_document(None)
        for worker in self._workers:
            worker.close()

    def new_levels(self) -> None:
        self._open(Levels(), None)

    def new_curves(self) -> None:
        self._open(Curves(), None)

    def edit_adjustment(self) -> None:
        """Change the active adjustment layer."""
        self.edit_layer(self._canvas.document.active)

    def edit_layer(self, layer_id: str) -> None:
        """The same for any layer; nothing where it is no adjustment."""
        layer = self._canvas.document.layer(layer_id)
        if layer is None or layer.adjustment is None:
            return
        if layer.locked:
            self.failed.emit(f"The layer “{layer.name}” is locked.")
        else:
            self._open(layer.adjustment, layer_id)

    def unfade(self) -> None:
        """Bring the picture's tone back by levels above the active layer, measured in the background."""
        document = self._canvas.document
        document.end_change()
        over, above = place_of_new(document)
        snapshot = document.snapshot()
        job = Job("Unfade", measuring(scan_of(snapshot.picture(above), snapshot.photo.profile)))
        job.produced.connect(lambda levels: self._land(document, levels, over))
        job.failed.connect(self.failed)
        job.cancelled.connect(lambda: self.noted.emit("Unfade was cancelled."))
        self._filling.submit(job, document)

    def _land(self, document: Document, levels: Levels, over: str | None) -> None:
        if levels == Levels():
            self.noted.emit("There is no tone to bring back: the picture uses the whole range, or is blank.")
        elif document.changing:  # a stroke is under the pen: it must not be torn in two
            self._deferred.append(partial(self._land, document, levels, over))
            # Queued and once: whoever ends a step is in the middle of something.
            document.change_ended.connect(self._land_deferred, Qt.ConnectionType(
                Qt.ConnectionType.QueuedConnection.value | Qt.ConnectionType.SingleShotConnection.value))
        else:
            adjustment_layers.add(document, levels, over, title="Unfade")
            self.noted.emit("Double-click on the layer's picture to change its levels.")

    def _land_deferred(self) -> None:
        deferred, self._deferred = self._deferred, []
        for land_one in deferred:
            land_one()

    def _open(self, adjustment: Adjustment, layer_id: str | None) -> None:
        """Try an adjustment out, for a new layer or for the one that has it."""
        self._canvas.trial_began.emit()  # whatever else is being tried
        document = self._canvas.document
        document.end_change()
        kind = LevelsDialog if isinstance(adjustment, Levels) else CurvesDialog
        dialog = self._dialog = kind(adjustment, document.colours == 1, self._canvas.window())
        trial = AdjustmentTrial(self._canvas, self._workers, layer_id, dialog)
        trial.counted.connect(dialog.set_counts)
        trial.failed.connect(self.failed)
        trial.lost.connect(dialog.reject)
        dialog.changed.connect(lambda: trial.take(dialog.adjustment))
        dialog.shown.connect(trial.show)
        dialog.clipping.connect(trial.show_clipping)
        dialog.finished.connect(lambda taken: self._end(trial, bool(taken)))
        if isinstance(dialog, LevelsDialog):
            self._connect_levels(dialog, trial)
        trial.take(adjustment)
        move_aside(dialog, self._canvas)
        dialog.show()

    def _connect_levels(self, dialog: LevelsDialog, trial: AdjustmentTrial) -> None:
        def pick(x: float, y: float) -> None:
            if (colour := trial.colour_at(x, y)) is not None:
                dialog.pick(colour)

        picker = self._picker
        dialog.auto_wanted.connect(trial.measure)
        trial.measured.connect(dialog.take)
        dialog.pick_wanted.connect(lambda on: (self._tools.lend if on else self._tools.take_back)(picker))
        connections = picker.picked.connect(pick), picker.ended.connect(dialog.end_picking)
        dialog.finished.connect(lambda: dialog.end_picking())
        dialog.finished.connect(lambda: [picker.disconnect(one) for one in connections])

    def _end(self, trial: AdjustmentTrial, taken: bool) -> None:
        trial.end()
        self._dialog = None
        self._canvas.setFocus()
        if taken:
            try:
                trial.keep()
            except UserError as error:
                self.failed.emit(str(error))
