"""What the Mask menu does to the open document."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from editor.app.canvas.canvas import Canvas
from editor.app.dialogs.colour_range import ColourRangeDialog
from editor.app.dialogs.files import ask, file_dialog
from editor.app.dialogs.mask_amount import MaskAmountDialog
from editor.app.dialogs.scale_mask import ask_to_scale
from editor.app.file_commands import FileCommands
from editor.app.mask_work import MaskWork
from editor.app.tool_box import ToolBox
from editor.document.document import Document
from editor.document.photo import Photo
from editor.engines.contract import Progress
from editor.jobs.worker import Job, Worker
from editor.raster import masks
from editor.raster.colour import to_srgb8
from editor.raster.selection.similar import ColourRange, colour_range
from editor.raster.surface import Box, Surface

_SUFFIX = ".png"


class MaskCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    started = Signal(object)  # Job
    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, canvas: Canvas, tools: ToolBox, files: FileCommands):
        super().__init__(canvas)
        self._canvas = canvas
        self._palette = tools.palette
        self._files = files
        self._work = tools.mask_work
        self._work.started.connect(self.started)
        self._work.failed.connect(self.failed)
        self._writer = Worker(self)

    @property
    def work(self) -> MaskWork:
        return self._work

    def cancel(self) -> None:
        self._work.cancel()
        self._writer.cancel_all()

    def close(self) -> None:
        self._work.close()
        self._writer.close()

    @property
    def _document(self) -> Document:
        return self._canvas.document

    def invert_mask(self) -> None:
        self._change("Invert mask", masks.invert)

    def clear_mask(self) -> None:
        self._change("Clear mask", lambda mask: Surface(mask.shape, 1, mask.dtype))

    def grow_mask(self) -> None:
        self._ask_amount("Grow mask", "Grow by", masks.grow)

    def shrink_mask(self) -> None:
        self._ask_amount("Shrink mask", "Shrink by", masks.shrink)

    def feather_mask(self) -> None:
        self._ask_amount("Feather mask", "Feather by", masks.feather)

    def smooth_mask(self) -> None:
        self._ask_amount("Smooth mask", "Round off what is smaller than", masks.smooth)

    def remove_specks(self) -> None:
        self._ask_amount("Remove specks", "Specks that are at most as wide and high as", masks.remove_specks)

    def fill_mask_holes(self) -> None:
        self._change_content("Fill holes in mask", masks.fill_holes)

    def _ask_amount(self, name: str, label: str, operation: Callable[[Surface, int], Surface]) -> None:
        dialog = MaskAmountDialog(name, label, self._canvas.window())
        dialog.chosen.connect(lambda pixels: self._change_content(
            name, lambda mask: operation(mask, pixels), around=pixels))
        dialog.open()

    def _change_content(self, name: str, operation: Callable[[Surface], Surface], around: int = 0) -> None:
        box = self._document.mask.content_box().grow(around).intersect(self._document.mask.bounds)
        self._change(name, operation, box.height * box.width)

    def _change(self, name: str, operation: Callable[[Surface], Surface], pixels: int = 0) -> None:
        self._work.change(self._document, name, lambda mask, progress: operation(mask), pixels)

    # Colours

    def select_colours(self) -> None:
        """Show what is like chosen colours on a reduced picture; the whole one is searched once that is accepted."""
        document = self._document
        document.end_change()
        dialog = ColourRangeDialog(document.snapshot(), self._palette.colour, self._canvas.window())
        dialog.chosen.connect(lambda wanted, mode: self._select_colours(document, wanted, mode))
        dialog.open()

    def _select_colours(self, document: Document, wanted: ColourRange, mode: str) -> None:
        snapshot = document.snapshot()
        picture, profile = snapshot.picture(), snapshot.photo.profile

        def read(box: Box) -> np.ndarray:
            return to_srgb8(np.ascontiguousarray(picture.read(box)[..., :picture.colours]), profile)

        self._work.select(document, "Select colours", mode, lambda progress: masks.from_array(
            colour_range(read, snapshot.base.shape, wanted, progress)), None)

    # Files

    def load_mask(self) -> None:
        """A picture from a file becomes the mask; one of another size is scaled, if that is wanted."""
        document = self._document
        self._files.read_picture("Load mask", "load-mask-dialog", lambda photo: self._lay(document, photo))

    def _lay(self, document: Document, photo: Photo) -> None:
        def load() -> None:
            self._work.change(document, "Load mask", lambda mask, progress: _scaled(photo, mask.shape),
                              photo.pixels.size + document.shape[0] * document.shape[1])

        if photo.shape == document.shape:
            load()
        else:
            ask_to_scale(self._canvas.window(), photo.shape, document.shape, load)

    def save_mask(self) -> None:
        """The mask as a grey picture of eight bits."""
        source = self._document.photo.source
        dialog = file_dialog(self._canvas.window(), "Save mask", "save-mask-dialog",
                             source.parent if source else Path.home())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"PNG picture (*{_SUFFIX})")
        dialog.setDefaultSuffix(_SUFFIX)
        dialog.selectFile(f"{source.stem if source else 'Untitled'}-mask{_SUFFIX}")
        document = self._document
        ask(dialog, lambda path: self._save(document, path))

    def _save(self, document: Document, path: Path) -> None:
        source = document.photo.source
        if path.suffix.lower() != _SUFFIX:
            self.failed.emit(f"{path.name}: not saved: a mask's name ends in {_SUFFIX}.")
        elif source is not None and path.exists() and source.exists() and path.samefile(source):
            self.failed.emit(f"{path.name}: not saved: that is the photograph itself.")
        else:
            document.end_change()
            mask = document.mask.snapshot()
            job = Job(f"Saving {path.name}", lambda progress: _write(mask, path, progress))
            job.failed.connect(self.failed)
            job.finished.connect(lambda: self.noted.emit(f"Saved {path}"))
            self.started.emit(job)
            self._writer.submit(job)


def _scaled(photo: Photo, shape: tuple[int, int]) -> Surface:
    """A picture as the mask of a photograph of ``shape``."""
    from editor.storage.masks import coverage_of

    plane = coverage_of(photo)
    if plane.shape != shape:
        smaller = plane.size > shape[0] * shape[1]
        plane = cv2.resize(plane, shape[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return masks.from_array(plane)


def _write(mask: Surface, path: Path, progress: Progress) -> Iterator[None]:
    from editor.storage.masks import write_mask  # the writers load when they are needed

    progress(0.0, "Writing")
    write_mask(path, mask.read(mask.bounds)[..., 0])
    yield None
