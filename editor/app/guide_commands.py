"""Lines and colours that come into the guides from pictures: the photo's own edges, and those of another."""

from collections.abc import Callable, Iterator
from math import floor, log2
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.laid_picture import LaidPicture
from editor.app.dialogs.edges import EdgesDialog, PictureEdgesDialog, TraceEdgesDialog
from editor.app.edge_commands import NO_MASK, line_width, move_aside
from editor.app.file_commands import FileCommands
from editor.app.fill_controller import reader
from editor.app.guide_trial import GuideTrial
from editor.app.tool_box import ToolBox
from editor.app.tools.picture_placing import PicturePlacing
from editor.document.document import Document, Snapshot
from editor.document.photo import Photo
from editor.engines.contract import Progress
from editor.jobs.latest import Latest, Work
from editor.jobs.worker import Job, Worker
from editor.raster.colour import to_srgb8
from editor.raster.frame import Frame
from editor.raster.placement import Placement, covering, face_to_face
from editor.raster.surface import Box, level_shape

if TYPE_CHECKING:
    from editor.engines.networks.borrowing import Pen

_LAID = 2048  # pixels: the longer side of another picture as it is used


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
        self._open(dialog)

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

    def _open(self, dialog: EdgesDialog) -> None:
        move_aside(dialog, self._canvas)
        (dialog.open if dialog.isModal() else dialog.show)()
        dialog.ask()

    def _lay(self, document: Document, photo: Photo) -> None:
        if document is not self._canvas.document:
            return  # another one has been opened meanwhile
        document.end_change()
        box = document.mask.content_box()
        if box.empty:
            self.noted.emit(NO_MASK)
            return
        from editor.engines.networks.borrowing import lies_like

        for other in self._canvas.window().findChildren(QDialog, "picture-edges"):
            other.reject()
        picture = _reduced(photo)
        shape = picture.shape[:2]
        alike = lies_like(photo.shape, document.shape)
        places = {"The mask": covering(shape, box), "The whole photograph": covering(shape, document.base.bounds)}
        placing = PicturePlacing(self._canvas, self)
        dialog = PictureEdgesDialog(photo.source.name if photo.source else "picture", self._canvas.window())
        for title, place in places.items():
            dialog.offer(title, place, chosen=alike == (title == "The whole photograph"))
        trial = GuideTrial(document, "Edges from picture")
        making = self._making(dialog, lambda found: trial.show(found[0], found[1], found[2]))
        frame = document.frame

        def ask() -> None:
            making.ask(lambda: _borrowing(picture, placing.placement, box, frame, self._pen(dialog),
                                          dialog.colours.isChecked()))

        def end_with_the_step() -> None:
            if trial.interrupted:  # something else has been done to the document
                dialog.reject()

        def end(taken: int) -> None:
            document.change_ended.disconnect(end_with_the_step)
            (trial.keep if taken else trial.drop)()
            placing.end()
            self._laid.hide()
            self._tools.take_back(placing)
            placing.deleteLater()

        placing.moved.connect(self._laid.lay)
        placing.moved.connect(dialog.ask)
        placing.ended.connect(lambda taken: dialog.take() if taken else dialog.reject())
        dialog.changed.connect(ask)
        dialog.placed.connect(placing.place)
        dialog.faded.connect(self._laid.fade)
        dialog.finished.connect(end)
        document.change_ended.connect(end_with_the_step)
        self._laid.show(picture)
        self._laid.fade(dialog.opacity.value() / 100)
        self._tools.lend(placing)
        placing.begin(dialog.place.currentData())
        self._open(dialog)
        self._canvas.window().activateWindow()
        self._canvas.setFocus()
        self._look_for_faces(document, photo, picture, dialog, placing)

    def _look_for_faces(self, document: Document, photo: Photo, picture: np.ndarray, dialog: PictureEdgesDialog,
                        placing: PicturePlacing) -> None:
        """Where there is a face in both, they are laid one on the other, unless the user has moved it by then."""
        def use(frames: tuple[Frame, Frame]) -> None:
            theirs, ours = frames
            place = face_to_face(picture.shape[:2], theirs, ours)
            dialog.offer("The face", place, chosen=not placing.touched)
            if not placing.touched:
                placing.place(place)
                self.noted.emit("The picture's face has been laid over the photograph's.")

        job = Job("Look for faces", _facing(document.snapshot(), picture))
        job.produced.connect(use)
        dialog.finished.connect(job.cancel)
        self.started.emit(job)
        self._faces.submit(job)


# The background threads' part: everything it touches is a value.

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


def _borrowing(picture: np.ndarray, placement: Placement, box: Box, frame: Frame | None, pen: "Pen",
               coloured: bool) -> Work:
    def work(progress: Progress) -> Iterator[tuple[np.ndarray, Box, np.ndarray | None]]:
        from editor.engines.networks.borrowing import colours_of, lines_of, scene_of

        scene, matrix = scene_of(box, frame=frame), placement.matrix()
        lines = lines_of(picture, matrix, scene, pen)
        progress(0.5, "Finding edges")
        yield lines, box, colours_of(picture, matrix, scene) if coloured else None

    return work


def _facing(snapshot: Snapshot, picture: np.ndarray) -> Work:
    """Yields the frames of the face in the picture and of that in the photo, if both have one."""
    def work(progress: Progress) -> Iterator[tuple[Frame, Frame]]:
        from editor.engines.networks.framing import find_face, propose_frame

        ours = snapshot.frame
        if ours is None:
            mask = snapshot.surfaces["mask"]
            box = mask.content_box()
            ours = propose_frame(reader(snapshot.picture()), snapshot.base.shape, mask.read(box)[..., 0],
                                 (box.top, box.left), profile=snapshot.photo.profile, progress=progress)
        theirs = ours and find_face(lambda box: picture[box.slices], picture.shape[:2], progress=progress)
        if theirs is not None:
            yield theirs, ours

    return work


def _reduced(photo: Photo) -> np.ndarray:
    """A photo as it is laid on another: (h, w, 3) uint8 sRGB, no larger than it is looked at."""
    import cv2

    colours = photo.pixels[..., :-1] if photo.has_alpha else photo.pixels
    factor = min(1.0, _LAID / max(photo.shape))
    size = tuple(max(1, round(length * factor)) for length in photo.shape[::-1])
    small = cv2.resize(np.ascontiguousarray(colours), size, interpolation=cv2.INTER_AREA)
    return to_srgb8(small.reshape(*size[::-1], colours.shape[2]), photo.profile)
