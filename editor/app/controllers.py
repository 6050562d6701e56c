"""Who carries out the window's commands: one object for each subject, put together here.

Each has methods named as commands of editor.app.commands, and what it needs of these, which the window connects:
signals ``started(Job)``, ``failed(str)``, ``noted(str)``; methods ``set_document(document)`` when another document is
shown, ``cancel()`` for Esc, ``close()`` when the window closes for good.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from PySide6.QtWidgets import QWidget

from editor.app.adjustment_commands import AdjustmentCommands
from editor.app.batching import Batching
from editor.app.canvas.canvas import Canvas
from editor.app.change_commands import ChangeCommands
from editor.app.damage_commands import DamageCommands
from editor.app.edge_commands import EdgeCommands
from editor.app.edit_commands import EditCommands
from editor.app.file_commands import FileCommands
from editor.app.fill_controller import FillChoice, FillController
from editor.app.filter_commands import FilterCommands
from editor.app.frame_commands import FrameCommands
from editor.app.guide_commands import GuideCommands
from editor.app.live_preview import LivePreview
from editor.app.mask_commands import MaskCommands
from editor.app.model_commands import ModelCommands
from editor.app.personalising import Personalising
from editor.app.quick_fills import QuickFills
from editor.app.scan_commands import ScanCommands
from editor.app.settings import Settings
from editor.app.tool_box import ToolBox
from editor.app.transform_commands import TransformCommands
from editor.app.view_commands import ViewCommands
from editor.document.document import Document
from editor.storage.photos import Decoder


@dataclass(frozen=True)
class Controllers:
    """In the order in which a command is looked for."""

    files: FileCommands
    editing: EditCommands
    masking: MaskCommands
    transforming: TransformCommands
    scans: ScanCommands
    viewing: ViewCommands
    changes: ChangeCommands
    frames: FrameCommands
    edges: EdgeCommands
    damage: DamageCommands
    filters: FilterCommands
    adjusting: AdjustmentCommands
    guiding: GuideCommands
    quick: QuickFills
    previewing: LivePreview
    modelling: ModelCommands
    personalising: Personalising
    batching: Batching
    filling: FillController  # last: it has no commands, and a method that is called like one

    @property
    def all(self) -> tuple[Any, ...]:
        return tuple(getattr(self, one.name) for one in fields(self))

    def connect(self, signal: str, slot: Callable) -> None:
        """Connect a signal of all who have it."""
        for one in self.all:
            if hasattr(one, signal):
                getattr(one, signal).connect(slot)

    def set_document(self, document: Document | None) -> None:
        self._tell("set_document", document)

    def cancel(self) -> None:
        self._tell("cancel")

    def close(self) -> None:
        self._tell("close")

    def _tell(self, method: str, *arguments: object) -> None:
        for one in self.all:
            if hasattr(one, method):
                getattr(one, method)(*arguments)


def make_controllers(window: QWidget, canvas: Canvas, tools: ToolBox, settings: Settings, decoder: Decoder,
                     choice: Callable[[], FillChoice]) -> Controllers:
    """``choice`` tells the engine and what goes with it."""
    filling = FillController(window)
    files = FileCommands(window, settings, decoder)
    editing = EditCommands(canvas, filling, choice)
    transforming = TransformCommands(canvas, tools)
    return Controllers(
        files=files,
        editing=editing,
        masking=MaskCommands(canvas, tools, files),
        transforming=transforming,
        scans=ScanCommands(canvas, tools, files, transforming),
        viewing=ViewCommands(canvas),
        changes=ChangeCommands(canvas),
        frames=FrameCommands(canvas, tools, filling),
        edges=EdgeCommands(canvas, tools, files),
        damage=DamageCommands(canvas, tools, files),
        filters=FilterCommands(canvas, tools, filling),
        adjusting=AdjustmentCommands(canvas, tools, filling),
        guiding=GuideCommands(canvas, tools, files),
        quick=QuickFills(canvas, tools, filling, files, editing.fill),
        previewing=LivePreview(canvas, filling, files, choice),
        modelling=ModelCommands(window, files),
        personalising=Personalising(window, files),
        batching=Batching(window, files),
        filling=filling,
    )
