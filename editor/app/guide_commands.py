"""Lines and colours that come into the guides from pictures: the photo's own edges, and those of another."""

from collections.abc import Callable, Iterator
from math import floor, log2
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.laid_picture import LaidPicture
from editor.app.dialogs.edges import EdgesDialog, TraceEdgesDialog
from editor.app.edge_commands import NO_MASK, line_width, move_aside
from editor.app.file_commands import FileCommands
from editor.app.guide_trial import GuideTrial
from editor.app.picture_laying import PictureLaying
from editor.app.tool_box import ToolBox
from editor.app.tools.picture_placing import PicturePlacing
from editor.document.document import Document, Snapshot
from editor.document.photo import Photo
from editor.engines.contract import Progress
from editor.jobs.latest import Latest, Work
from editor.jobs.worker import Worker
from editor.raster.colour import to_srgb8
from editor.raster.surface import Box, level_shape

if TYPE_CHECKING:
    from editor.engines.networks.borrowing import Pen


class GuideCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    failed = Signal(str)
    noted = Signal(str)
    started = Signal(object)  # Job

    def __init__(self, canvas: Canvas, tools: ToolBox, files: FileCommands):
        super().__init__(canvas)
        self._canvas, self._tools, self._files = canvas, tools, files
        self._laid = LaidPicture(canvas)
        self._worker = Worker(self)
        self._faces = Worker(self)

    def close(self) -> None:
        self._worker.close()
        self._faces.close()

    def trace_edges(self) -> None:
        """Show the photo's own edges as lines, as they are asked for, and keep them or not."""
        document = self._canvas.document
        document.end_change()
        snapshot, holes, seen = document.snapshot(), document.mask.content_box(), self._canvas.view.photo_box()
        dialog = TraceEdgesDialog(not holes.empty, self._canvas.window())
        trial = GuideTrial(document, "Trace edges")
        making = self._making(dialog, lambda lines: trial.show(*lines, everywhere=not dialog.in_mask))
        dialog.changed.connect(lambda: making.ask(lambda: _tracing(
            snapshot, holes if dialog.in_mask else seen, dialog.in_mask, self._pen(dialog))))
        dialog.accepted.connect(trial.keep)
        dialog.rejected.connect(trial.drop)
        move_aside(dialog, self._canvas)
        dialog.open()
        dialog.ask()

    def edges_from_picture(self) -> None:
        """Ask for another picture and lay it on the canvas, to take its edges into the mask."""
        document = self._canvas.document
        self._files.read_picture("Edges from picture", "edges-dialog", lambda photo: self._lay(document, photo))

    def _pen(self, dialog: EdgesDialog) -> "Pen":
        from editor.engines.networks.borrowing import Pen

        return Pen(dialog.sigma, dialog.strength, line_width(self._tools))

    def _making(self, dialog: EdgesDialog, use: Callable[[tuple], object]) -> Latest:
        """What makes the lines that a dialog asks for, until it is closed."""
        making = Latest("Finding edges", self._worker, dialog)
        making.produced.connect(lambda found: (use(found), making.outdated or dialog.shown()))
        making.failed.connect(self.failed)
        making.failed.connect(dialog.reject)
        dialog.finished.connect(making.stop)
        return making

    def _lay(self, document: Document, photo: Photo) -> None:
        if document is not self._canvas.document:
            return  # another one has been opened meanwhile
        if isinstance(self._tools.current, PicturePlacing):
            self._tools.cancel()  # one at a time
        document.end_change()
        if not document.mask.keys():
            self.noted.emit(NO_MASK)
            return
        laying = PictureLaying(self._canvas, self._tools, self._laid, document, photo)
        dialog = laying.dialog
        making = self._making(dialog, laying.show)
        dialog.changed.connect(lambda: making.ask(lambda: laying.borrowing(self._pen(dialog))))
        laying.noted.connect(self.noted)
        laying.begin()
        move_aside(dialog, self._canvas)
        dialog.show()
        self._canvas.window().activateWindow()
        self._canvas.setFocus()
        job = laying.facing()
        self.started.emit(job)
        self._faces.submit(job)


# The background thread's part: everything it touches is a value.

def _tracing(snapshot: Snapshot, box: Box, hole: bool, pen: "Pen") -> Work:
    picture, profile = snapshot.picture(), snapshot.photo.profile

    def work(progress: Progress) -> Iterator[tuple[np.ndarray, Box]]:
        from editor.engines.networks.borrowing import lines_of, scene_of

        scene = scene_of(box, hole, snapshot.frame if hole else None)
        level = max(0, floor(-log2(scene.reduction)))
        around = scene.around.intersect(picture.base.bounds)
        part = Box(around.top >> level, around.left >> level, -(-around.bottom >> level),
                   -(-around.right >> level)).intersect(Box(0, 0, *level_shape(picture.base.shape, level)))
        small = to_srgb8(np.ascontiguousarray(picture.read(part, level)[..., :picture.colours]), profile)
        matrix = np.array([[1, 0, part.left], [0, 1, part.top]], float) * 2 ** level
        yield lines_of(small, matrix, scene, pen), box

    return work
