"""Edges for the sketch that nobody has drawn: those that EdgeConnect proposes, and those of another picture."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QDialog

from editor.app.canvas.canvas import Canvas
from editor.app.dialogs.edge_proposals import EdgeProposalsDialog
from editor.app.dialogs.picture_edges import PictureEdgesDialog
from editor.app.file_commands import FileCommands
from editor.app.fill_controller import reader
from editor.app.sketch_trial import SketchTrial
from editor.app.thumbnails import lines_image
from editor.app.tool_box import ToolBox
from editor.app.tools.brushes import SketchPen
from editor.document import fills
from editor.document.document import Document
from editor.document.photo import Photo
from editor.engines.contract import Progress
from editor.jobs.worker import Job, Worker
from editor.raster.colour import to_srgb8
from editor.raster.surface import Box

Work = Callable[[Progress], Iterator[Any]]
"""What a Job does."""

ENGINE = "edge-connect"
PROPOSALS = 6
_NO_MASK = "Paint over what is to be drawn anew: the mask is empty."
_ASIDE = 12  # pixels from the canvas's edge
_SIDE = 300  # pixels of a proposal's picture: sharp on dense screens too
_ANTI_ALIASING = 1  # pixels that OpenCV draws lines too wide


class EdgeCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    failed = Signal(str)
    noted = Signal(str)
    started = Signal(object)  # Job
    taken = Signal()  # lines that a network proposed are in the sketch, to be followed as they are

    def __init__(self, canvas: Canvas, tools: ToolBox, files: FileCommands):
        super().__init__(canvas)
        self._canvas = canvas
        self._pen: SketchPen = tools.tools[SketchPen.name]
        self._files = files
        self._worker = Worker(self)

    def cancel(self) -> None:
        self._worker.cancel_all()

    def close(self) -> None:
        self._worker.close()

    @property
    def _width(self) -> int:
        """Of lines as the pen would draw them."""
        return max(1, round(self._pen.brush.size) - _ANTI_ALIASING)

    def propose_edges(self) -> None:
        """Show a few of the edges that the network sees in the mask, as they are found."""
        document = self._canvas.document
        document.end_change()
        box = document.mask.content_box()
        if box.empty:
            self.noted.emit(_NO_MASK)
            return
        work = _proposals(document, box, self._width, self._files.settings.device)
        dialog = EdgeProposalsDialog(self._canvas.window())
        trial = SketchTrial(document, "Take proposed edges")
        dialog.shown.connect(lambda lines: trial.show(lines, box))
        job = Job("Proposing edges", work)
        job.produced.connect(lambda found: trial.over or dialog.add(
            lines_image(document, box, found, _SIDE), found))
        job.failed.connect(self.failed)
        job.failed.connect(dialog.reject)
        job.finished.connect(lambda: self._tell_of_none(dialog))
        dialog.finished.connect(job.cancel)
        self.started.emit(job)
        self._worker.submit(job)
        self._try_in(dialog, trial)
        dialog.accepted.connect(self.taken)

    def edges_from_picture(self) -> None:
        """Ask for another picture and lay its edges into the mask."""
        document = self._canvas.document
        self._files.read_picture("Edges from picture", "edges-dialog", lambda photo: self._lay(document, photo))

    def _tell_of_none(self, dialog: EdgeProposalsDialog) -> None:
        if not dialog.list.cards.rowCount():
            self.noted.emit("No edges were found for the mask.")
            dialog.reject()

    def _lay(self, document: Document, photo: Photo) -> None:
        if document is not self._canvas.document:
            return  # another one has been opened meanwhile
        box = document.mask.content_box()
        if box.empty:
            self.noted.emit(_NO_MASK)
            return
        from editor.engines.networks.borrowing import lies_like

        dialog = PictureEdgesDialog(photo.source.name, lies_like(photo.shape, document.shape), self._canvas.window())
        trial = SketchTrial(document, "Edges from picture")
        making = _Latest(self._worker, lambda lines: (trial.show(lines, box), dialog.shown()), self)
        making.failed.connect(self.failed)
        making.failed.connect(dialog.reject)
        borrow = _borrower(photo, document.shape, box, self._width)
        dialog.changed.connect(lambda sigma, whole: making.ask(borrow(sigma, whole)))
        dialog.finished.connect(making.stop)
        self._try_in(dialog, trial)

    def _try_in(self, dialog: QDialog, trial: SketchTrial) -> None:
        """Open it in the canvas's corner: the lines in its middle are what is looked at."""
        dialog.accepted.connect(trial.keep)
        dialog.rejected.connect(trial.drop)
        corner = self._canvas.mapToGlobal(self._canvas.rect().topRight())
        dialog.move(corner - QPoint(dialog.sizeHint().expandedTo(dialog.size()).width() + _ASIDE, -_ASIDE))
        dialog.open()


class _Latest(QObject):
    """Does what was asked for last: one piece of work at a time, and of those that wait only the latest."""

    failed = Signal(str)

    def __init__(self, worker: Worker, use: Callable[[Any], object], parent: QObject):
        super().__init__(parent)
        self._worker = worker
        self._use = use
        self._job: Job | None = None
        self._waiting: Work | None = None

    def ask(self, work: Work) -> None:
        self._waiting = work
        self._next()

    def stop(self) -> None:
        self._waiting = None
        if self._job is not None:
            self._job.cancel()
        self.deleteLater()

    def _next(self) -> None:
        if self._job is not None or self._waiting is None:
            return
        self._job, self._waiting = Job("Finding edges", self._waiting), None
        self._job.produced.connect(self._produced)
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._ended)
        self._worker.submit(self._job)

    def _produced(self, result: Any) -> None:
        if self._waiting is None:  # else something else is wanted by now
            self._use(result)

    def _ended(self) -> None:
        self._job = None
        self._next()


# The background thread's part: everything it touches is a value.

def _proposals(document: Document, box: Box, width: int, device: str) -> Work:
    snapshot, below = document.snapshot(), fills.reopened(document)
    recipe = fills.recipe_of_planes(document, ENGINE)

    def work(progress: Progress) -> Iterator[np.ndarray]:
        from editor.engines.networks.proposing import proposed_lines
        from editor.engines.registry import find

        sketch = recipe.sketch and (lambda part: recipe.sketch.read(part)[..., 0])
        found = proposed_lines(
            find(ENGINE), reader(snapshot.picture(below and below.id)), snapshot.base.shape,
            recipe.mask.read(box)[..., 0], mask_origin=(box.top, box.left), profile=snapshot.photo.profile,
            sketch=sketch, device=device, frame=recipe.frame, seeds=range(PROPOSALS), width=width, progress=progress)
        yield from (lines for lines in found if lines.any())

    return work


def _borrower(photo: Photo, shape: tuple[int, int], box: Box, width: int) -> Callable[[float, bool], Work]:
    @cache
    def picture() -> np.ndarray:
        colours = photo.pixels[..., :-1] if photo.has_alpha else photo.pixels
        return to_srgb8(np.ascontiguousarray(colours), photo.profile)

    def borrow(sigma: float, whole: bool) -> Work:
        def work(progress: Progress) -> Iterator[np.ndarray]:
            from editor.engines.networks.borrowing import borrowed_lines

            yield borrowed_lines(picture(), shape, box, whole, sigma, width)

        return work

    return borrow
