"""Another picture on the canvas, from when it is laid there until its edges are taken or it is given up."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.laid_picture import LaidPicture
from editor.app.dialogs.edges import PictureEdgesDialog
from editor.app.fill_controller import reader
from editor.app.guide_trial import GuideTrial
from editor.app.tool_box import ToolBox
from editor.app.tools.picture_placing import PicturePlacing
from editor.document.document import MASK, Document, Snapshot
from editor.document.photo import Photo
from editor.engines.contract import Progress
from editor.jobs.latest import Work
from editor.jobs.worker import Job
from editor.raster.colour import to_srgb8
from editor.raster.frame import Frame
from editor.raster.placement import Placement, covering, face_to_face
from editor.raster.surface import Box

if TYPE_CHECKING:
    from editor.engines.networks.borrowing import Pen

_LAID = 2048  # pixels: the longer side of another picture as it is used


class PictureLaying(QObject):
    """A picture with its dialog, which it belongs to, the tool that moves it, and what of it lies in the guides."""

    noted = Signal(str)

    def __init__(self, canvas: Canvas, tools: ToolBox, shown: LaidPicture, document: Document, photo: Photo):
        from editor.engines.networks.borrowing import lies_like

        self.dialog = PictureEdgesDialog(photo.source.name if photo.source else "picture", canvas.window())
        super().__init__(self.dialog)
        self._tools, self._shown, self._document = tools, shown, document
        self._picture = _reduced(photo)
        self._box = document.mask.content_box()
        self._trial = GuideTrial(document, "Edges from picture")
        self._placing = PicturePlacing(canvas, self)
        alike = lies_like(photo.shape, document.shape)
        shape = self._picture.shape[:2]
        self.dialog.offer("The mask", covering(shape, self._box))
        self.dialog.offer("The whole photograph", covering(shape, document.base.bounds), chosen=alike)
        self._placing.moved.connect(shown.lay)
        self._placing.moved.connect(self.dialog.ask)
        self._placing.ended.connect(lambda taken: self.dialog.take() if taken else self.dialog.reject())
        self.dialog.placed.connect(self._placing.place)
        self.dialog.faded.connect(shown.fade)
        self.dialog.finished.connect(self._end)
        document.change_ended.connect(self._on_step)

    def begin(self) -> None:
        """Show it."""
        self._shown.show(self._picture)
        self._shown.fade(self.dialog.opacity.value() / 100)
        self._tools.lend(self._placing)
        self._placing.begin(self.dialog.place.currentData())

    def borrowing(self, pen: "Pen") -> Work:
        """Yields what ``show`` takes: of the picture as it lies now."""
        return _borrowing(self._picture, self._placing.placement, self._box, self._document.frame, pen,
                          self.dialog.colours.isChecked())

    def show(self, found: tuple[np.ndarray, np.ndarray | None]) -> None:
        """Lay lines and colours into the mask."""
        lines, colours = found
        self._trial.show(lines, self._box, colours)

    def facing(self) -> Job:
        """Looks for faces: where there is one in both, they are laid one on the other, unless the user has moved it."""
        job = Job("Look for faces", _facing(self._document.snapshot(), self._picture))
        job.produced.connect(self._lay_face_on_face)
        self.dialog.finished.connect(job.cancel)
        return job

    def _lay_face_on_face(self, frames: tuple[Frame, Frame]) -> None:
        place, untouched = face_to_face(self._picture.shape[:2], *frames), not self._placing.touched
        self.dialog.offer("The face", place, chosen=untouched)
        if untouched:
            self._placing.place(place)
            self.noted.emit("The picture's face has been laid over the photograph's.")

    def _on_step(self) -> None:
        if self._trial.interrupted:  # something else has been done to the document
            self.dialog.reject()

    def _end(self, taken: int) -> None:
        self._document.change_ended.disconnect(self._on_step)
        (self._trial.keep if taken else self._trial.drop)()
        self._placing.end()
        self._shown.hide()
        self._tools.take_back(self._placing)


# The background thread's part: everything it touches is a value.

def _borrowing(picture: np.ndarray, placement: Placement, box: Box, frame: Frame | None, pen: "Pen",
               coloured: bool) -> Work:
    def work(progress: Progress) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        from editor.engines.networks.borrowing import colours_of, lines_of, scene_of

        scene, matrix = scene_of(box, frame=frame), placement.matrix()
        lines = lines_of(picture, matrix, scene, pen)
        progress(0.5, "Finding edges")
        yield lines, colours_of(picture, matrix, scene) if coloured else None

    return work


def _facing(snapshot: Snapshot, picture: np.ndarray) -> Work:
    """Yields the frames of the face in the picture and of that in the photo, if both have one."""
    def work(progress: Progress) -> Iterator[tuple[Frame, Frame]]:
        from editor.engines.networks.framing import find_face, propose_frame

        ours = snapshot.frame
        if ours is None:
            mask = snapshot.surfaces[MASK]
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
