"""Photographs on a scanner's bed: found, corrected on the canvas, straightened and cropped, or each opened as one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.dialogs.scan_photos import ScanPhotosDialog
from editor.app.edge_commands import move_aside
from editor.app.file_commands import FileCommands
from editor.app.file_controller import OpenFile
from editor.app.tool_box import ToolBox
from editor.app.tools.photograph_frames import PhotographFrames
from editor.app.transform_commands import TransformCommands
from editor.document.document import Document, Snapshot
from editor.document.photo import Metadata, Photo
from editor.engines.contract import Progress
from editor.jobs.latest import Work
from editor.jobs.worker import Job, Worker
from editor.raster.rectangle import Rectangle
from editor.raster.surface import Box
from editor.raster.transforms import Crop, blocks, cut_of, rotated


class ScanCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    failed = Signal(str)
    noted = Signal(str)
    started = Signal(object)  # Job

    def __init__(self, canvas: Canvas, tools: ToolBox, files: FileCommands, transforming: TransformCommands):
        super().__init__(canvas)
        self._canvas, self._tools, self._files, self._transforming = canvas, tools, files, transforming
        self._worker = Worker(self)
        self._correcting: _Correcting | None = None

    def cancel(self) -> None:
        self._worker.cancel_all()

    def close(self) -> None:
        self._worker.close()

    def set_document(self, document: Document | None) -> None:
        """Another document is shown: its rectangles are not this one's."""
        if self._correcting is not None and self._correcting.document is not document:
            self._correcting.give_up()

    def find_photo(self) -> None:
        """Straighten and crop to the photograph in the scan."""
        self._begin(split=False)

    def split_scan(self) -> None:
        """Open each of several photographs in one scan in a tab of its own."""
        self._begin(split=True)

    def _begin(self, split: bool) -> None:
        if self._correcting is not None:
            self._correcting.give_up()
        document = self._canvas.document
        document.end_change()
        correcting = self._correcting = _Correcting(self._canvas, self._tools, document, split)
        correcting.taken.connect(lambda rectangles: self._take(document, rectangles, split))
        correcting.dialog.finished.connect(lambda: self._over(correcting))
        job = Job("Looking for photographs", _looking(document.snapshot()))
        job.produced.connect(correcting.show)
        job.failed.connect(self.failed)
        job.failed.connect(correcting.give_up)
        job.cancelled.connect(correcting.give_up)
        correcting.dialog.finished.connect(job.cancel)
        self.started.emit(job)
        self._worker.submit(job)
        move_aside(correcting.dialog, self._canvas)
        correcting.dialog.show()

    def _over(self, correcting: "_Correcting") -> None:
        if self._correcting is correcting:
            self._correcting = None

    def _take(self, document: Document, rectangles: tuple[Rectangle, ...], split: bool) -> None:
        if split:
            file = next(file for file in self._files.open_files.files if file.document is document)
            self._split(document, rectangles, file.name)
        else:
            self._transforming.carry_out("Straighten and crop", cut_of(rectangles[0], document.shape))

    def _split(self, document: Document, rectangles: tuple[Rectangle, ...], name: str) -> None:
        document.end_change()
        job = Job("Splitting the scan", _cutting(document.snapshot(), rectangles))
        stem, suffix = Path(name).stem, Path(name).suffix
        job.produced.connect(lambda made: self._open(made[1], f"{stem}-{made[0]}{suffix}", made[0] > 1))
        job.failed.connect(self.failed)
        job.cancelled.connect(lambda: self.noted.emit("The scan is not split any further: cancelled."))
        self.started.emit(job)
        self._worker.submit(job)

    def _open(self, photo: Photo, name: str, behind: bool) -> None:
        document = Document(photo)
        document.mark_unsaved()
        self._files.controller.opened.emit(OpenFile(document, name), behind)


class _Correcting(QObject):
    """From the first look until the rectangles are taken or given up. Belongs to its dialog."""

    taken = Signal(object)  # tuple of Rectangle

    def __init__(self, canvas: Canvas, tools: ToolBox, document: Document, split: bool):
        self.dialog = ScanPhotosDialog(split, canvas.window())
        super().__init__(self.dialog)
        self.document = document
        self._tools, self._split, self._canvas = tools, split, canvas
        self._frames = PhotographFrames(canvas, self)
        self._shown = False
        self._frames.changed.connect(self._tell)
        self._frames.ended.connect(lambda taken: self._accept() if taken else self.give_up())
        self.dialog.removed.connect(self._frames.remove)
        self.dialog.finished.connect(self._end)
        document.change_ended.connect(self._on_step)

    def show(self, found: tuple[Rectangle, ...]) -> None:
        """The rectangles that were found, for the user to correct."""
        self._shown = True
        self._tools.lend(self._frames)
        if not self._split:  # one is wanted: the largest
            found = tuple(sorted(found, key=lambda one: -one.height * one.width))
        self._frames.begin(found)
        if not found:
            self.dialog.show_none()
        self._canvas.setFocus()

    def _accept(self) -> None:
        if self._frames.rectangles:
            self.dialog.accept()

    def _tell(self) -> None:
        there, chosen = self._frames.rectangles, self._frames.chosen
        self.dialog.show_count(len(there), None if chosen is None else chosen.angle)
        if not there:
            self.dialog.show_none()

    def _on_step(self) -> None:
        if self._shown:  # something else has been done to the document
            self.give_up()

    def give_up(self) -> None:
        if self.dialog.isVisible():  # else it is on its way out, and would be told so twice
            self.dialog.reject()

    def _end(self, taken: int) -> None:
        self.document.change_ended.disconnect(self._on_step)
        rectangles = self._frames.rectangles if self._split else (self._frames.chosen,)
        self._frames.end()
        self._tools.take_back(self._frames)
        if taken:
            self.taken.emit(rectangles)


# The background thread's part: everything it touches is a value.

def _looking(snapshot: Snapshot) -> Work:
    """Yields the rectangles of the photographs in what is seen."""

    def work(progress: Progress) -> Iterator[tuple[Rectangle, ...]]:
        from editor.restoration.contract import Scan
        from editor.restoration.geometry import find_photographs

        picture = snapshot.picture()
        scan = Scan(picture.read, snapshot.base.shape, snapshot.base.channels, snapshot.base.dtype,
                    snapshot.photo.profile)
        yield find_photographs(scan, progress)

    return work


def _cutting(snapshot: Snapshot, rectangles: tuple[Rectangle, ...]) -> Work:
    """Yields the number of each, from 1, and its photograph, upright, as all layers together show it."""

    def work(progress: Progress) -> Iterator[tuple[int, Photo]]:
        picture, photo, shape = snapshot.picture(), snapshot.photo, snapshot.base.shape
        for number, rectangle in enumerate(rectangles, start=1):
            step = cut_of(rectangle, shape)
            pixels = np.empty((*step.shape(shape), photo.pixels.shape[2]), photo.pixels.dtype)
            for block in blocks(Box(0, 0, *pixels.shape[:2])):
                progress((number - 1) / len(rectangles), "Splitting the scan")
                if isinstance(step, Crop):
                    pixels[block.slices] = picture.read(block.shift(step.box.top, step.box.left))
                else:
                    pixels[block.slices] = rotated(step, shape, picture.read, block, opaque=not photo.has_alpha)
            pixels.flags.writeable = False
            yield number, Photo(pixels, photo.profile, _metadata(photo, rectangle), format=photo.format)

    return work


def _metadata(photo: Photo, rectangle: Rectangle) -> Metadata:
    """The scan's; where the photograph lay on its side, what was the resolution across is that down."""
    said = photo.metadata
    on_its_side = abs(rectangle.axes[0, 1]) > abs(rectangle.axes[0, 0])
    return replace(said, resolution=said.resolution[::-1]) if on_its_side and said.resolution else said
