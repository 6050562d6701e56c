"""Filling without being asked each time: as soon as a stroke of the mask ends, and into the last fill."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.file_commands import FileCommands
from editor.app.fill_controller import FillController
from editor.app.tool_box import ToolBox
from editor.app.tools.brushes import MaskBrush
from editor.app.tools.selecting import SelectingTool
from editor.document.document import MASK, Document
from editor.document.history import Command, TilesEdit
from editor.jobs.worker import Job


class QuickFills(QObject):
    """Methods are named as the commands of editor.app.commands. What is switched on is remembered.

    A stroke that comes while the fill of the one before is under way is filled together with it.
    """

    noted = Signal(str)

    def __init__(self, canvas: Canvas, tools: ToolBox, filling: FillController, files: FileCommands,
                 fill: Callable[[Command], Job | None]):
        super().__init__(canvas)
        self._canvas, self._tools, self._filling, self._files = canvas, tools, filling, files
        self._fill = fill
        self._document: Document | None = None
        self._pressed = False  # a tool that masks has been used, and nothing has come of it yet
        self._stroke: Command | None = None  # to be filled
        self._job: Job | None = None
        canvas.stroking_changed.connect(self._on_stroking)
        filling.busy_changed.connect(self._go_on)

    def toggle_fill_on_release(self, on: bool) -> None:
        self._files.change_settings(replace(self._files.settings, fill_on_release=on))

    def toggle_touch_up(self, on: bool) -> None:
        self._files.change_settings(replace(self._files.settings, touch_up=on))

    def set_document(self, document: Document | None) -> None:
        if self._document is not None:
            self._document.recorded.disconnect(self._on_recorded)
            self._document.stepped.disconnect(self._forget)
        self._forget()
        self._job, self._document = None, document
        if document is not None:
            document.recorded.connect(self._on_recorded)
            document.stepped.connect(self._forget)

    def _on_stroking(self) -> None:
        if self._canvas.stroking:
            self._pressed = isinstance(self._tools.current, MaskBrush | SelectingTool)

    def _forget(self) -> None:
        self._pressed, self._stroke = False, None

    def _on_recorded(self, command: Command) -> None:
        pressed, self._pressed = self._pressed, False
        if pressed and self._files.settings.fill_on_release and _masks_more(command, self._document):
            self._stroke = command
            QTimer.singleShot(0, self, self._go_on)  # the step is still being ended

    def _go_on(self) -> None:
        stroke, own = self._stroke, self._job is not None and not self._job.over
        if stroke is None or self._document.changing or (self._filling.busy and not own):
            return  # until what else is being filled is done
        self._stroke = None
        if own:
            self._job.cancel()
            self.noted.emit("Filling this stroke together with the one before.")
        self._job = self._fill(stroke)


def _masks_more(command: Command, document: Document) -> bool:
    """Whether a step has done nothing but to mask pixels that were not masked, or less."""
    edit, *others = command.edits
    if others or not isinstance(edit, TilesEdit) or edit.surface != MASK:
        return False
    for key, before in edit.tiles.items():
        now = document.mask.tile(key)
        if now is not None and (before is None or np.any(now > before)):
            return True
    return False
