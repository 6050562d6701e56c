"""Edges for the sketch that nobody has drawn: those that EdgeConnect proposes, or that other engines' fills have."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QDialog

from editor.app.canvas.canvas import Canvas
from editor.app.dialogs.edge_proposals import EdgeProposalsDialog
from editor.app.file_commands import FileCommands
from editor.app.fill_controller import reader
from editor.app.guide_trial import GuideTrial
from editor.app.thumbnails import lines_image
from editor.app.tool_box import ToolBox
from editor.app.tools.brushes import SketchPen
from editor.document import fills
from editor.document.document import Document
from editor.engines.contract import Progress
from editor.jobs.latest import Work
from editor.jobs.worker import Job, Worker
from editor.raster.surface import Box

ENGINE = "edge-connect"
PROPOSALS = 6
OTHERS = ("patches", "scene", "sc-fegan")
"""Whose fills' edges are shown as long as EdgeConnect has no first stage, two of each."""
NO_MASK = "Paint over what is to be drawn anew: the mask is empty."
_ASIDE = 12  # pixels from the canvas's edge
_SIDE = 300  # pixels of a proposal's picture: sharp on dense screens too
_ANTI_ALIASING = 1  # pixels that OpenCV draws lines too wide


def line_width(tools: ToolBox) -> int:
    """Pixels of the photo: of lines as the pen would draw them."""
    return max(1, round(tools.tools[SketchPen.name].brush.size) - _ANTI_ALIASING)


def move_aside(dialog: QDialog, canvas: Canvas) -> None:
    """Into the canvas's corner: the lines in its middle are what is looked at."""
    corner = canvas.mapToGlobal(canvas.rect().topRight())
    dialog.move(corner - QPoint(dialog.sizeHint().expandedTo(dialog.size()).width() + _ASIDE, -_ASIDE))


@dataclass(frozen=True, eq=False)
class Proposal:
    """Lines for the sketch, (h, w) uint8 coverage of the mask's box."""

    lines: np.ndarray
    followed: bool  # whether EdgeConnect has proposed them, which then is to follow them


class EdgeCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    failed = Signal(str)
    noted = Signal(str)
    started = Signal(object)  # Job
    taken = Signal(object)  # a Proposal, whose lines are in the sketch

    def __init__(self, canvas: Canvas, tools: ToolBox, files: FileCommands):
        super().__init__(canvas)
        self._canvas, self._tools, self._files = canvas, tools, files
        self._worker = Worker(self)

    def cancel(self) -> None:
        self._worker.cancel_all()

    def close(self) -> None:
        self._worker.close()

    def propose_edges(self) -> None:
        """Show a few of the edges that the network sees in the mask, as they are found."""
        document = self._canvas.document
        document.end_change()
        box = document.mask.content_box()
        if box.empty:
            self.noted.emit(NO_MASK)
            return
        work = _proposals(document, box, line_width(self._tools), self._files.settings.device)
        dialog = EdgeProposalsDialog(self._canvas.window())
        trial = GuideTrial(document, "Take proposed edges")
        dialog.shown.connect(lambda proposal: trial.show(proposal.lines, box))
        job = Job("Proposing edges", work)
        job.produced.connect(lambda found: trial.over or dialog.add(
            lines_image(document, box, found.lines, _SIDE), found))
        job.failed.connect(self.failed)
        job.failed.connect(dialog.reject)
        job.finished.connect(lambda: self._tell_of_none(dialog))
        dialog.finished.connect(job.cancel)
        self.started.emit(job)
        self._worker.submit(job)
        dialog.accepted.connect(trial.keep)
        dialog.rejected.connect(trial.drop)
        dialog.accepted.connect(lambda: self.taken.emit(dialog.chosen))
        move_aside(dialog, self._canvas)
        dialog.open()

    def _tell_of_none(self, dialog: EdgeProposalsDialog) -> None:
        if not dialog.list.cards.rowCount():
            self.noted.emit("No edges were found for the mask.")
            dialog.reject()


# The background thread's part: everything it touches is a value.

def _proposals(document: Document, box: Box, width: int, device: str) -> Work:
    snapshot, below = document.snapshot(), fills.reopened(document)
    recipe = fills.recipe_of_planes(document, ENGINE)

    def work(progress: Progress) -> Iterator[Proposal]:
        from editor.engines.networks.proposing import lines_of_fills, proposed_lines
        from editor.engines.registry import engines

        there = {engine.name: engine for engine in engines()}
        photo = reader(snapshot.picture(below and below.id)), snapshot.base.shape, recipe.mask.read(box)[..., 0]
        known = {"mask_origin": (box.top, box.left), "profile": snapshot.photo.profile, "device": device,
                 "sketch": recipe.sketch and (lambda part: recipe.sketch.read(part)[..., 0]), "frame": recipe.frame,
                 "width": width, "progress": progress}
        own = ENGINE in there and there[ENGINE].proposes
        if own:
            found = proposed_lines(there[ENGINE], *photo, seeds=range(PROPOSALS), **known)
        else:
            found = lines_of_fills([there[name] for name in OTHERS if name in there], *photo,
                                   colour=recipe.colour and recipe.colour.read, **known)
        yield from (Proposal(lines, own) for lines in found if lines.any())

    return work
