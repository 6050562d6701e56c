"""Finding what is damaged in a scan, and marking it in the mask."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.dialogs.damage import DamageDialog
from editor.app.edge_commands import move_aside
from editor.app.file_commands import FileCommands
from editor.app.fill_controller import reader
from editor.document.document import MASK, Document, Snapshot, Transaction
from editor.engines.contract import Progress
from editor.jobs.latest import Latest, Work
from editor.jobs.worker import Job, Worker
from editor.raster import masks
from editor.raster.selection.combining import ADD, combine
from editor.raster.surface import Box, Surface

if TYPE_CHECKING:
    from editor.restoration.damage_map import DamageMap


class DamageCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    failed = Signal(str)
    noted = Signal(str)
    started = Signal(object)  # Job

    def __init__(self, canvas: Canvas, files: FileCommands):
        super().__init__(canvas)
        self._canvas, self._files = canvas, files
        self._searcher, self._marker = Worker(self), Worker(self)

    def cancel(self) -> None:
        self._searcher.cancel_all()

    def close(self) -> None:
        self._searcher.close()
        self._marker.close()

    def find_damage(self) -> None:
        """Search the photo once, show what is found as the mask for as sensitive as is asked, and keep it or not."""
        dialog = DamageDialog(self._canvas.window())
        search = _Search(self._canvas, dialog, self._searcher, self._marker, self._files.settings.device)
        search.started.connect(self.started)
        search.failed.connect(self.failed)
        search.noted.connect(self.noted)
        move_aside(dialog, self._canvas)
        dialog.open()
        dialog.search()


class _Search(QObject):
    """From the first look until the dialog is closed."""

    started = Signal(object)
    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, canvas: Canvas, dialog: DamageDialog, searcher: Worker, marker: Worker, device: str):
        super().__init__(dialog)
        self._canvas, self._dialog, self._searcher, self._device = canvas, dialog, searcher, device
        self._document: Document = canvas.document
        self._document.end_change()
        self._snapshot = self._document.snapshot()
        self._before = self._document.mask.snapshot()
        self._change: Transaction | None = None
        self._found: DamageMap | None = None
        self._job: Job | None = None
        self._making = Latest("Marking damage", marker, self)
        self._making.produced.connect(self._show)
        self._making.failed.connect(self._fail)
        dialog.searched.connect(self._look)
        dialog.changed.connect(self._mark)
        dialog.accepted.connect(self._keep)
        dialog.rejected.connect(self._drop)

    def _look(self) -> None:
        self._stop()
        box = self._canvas.view.photo_box() if self._dialog.in_view else None
        self._job = Job("Finding damage", _searching(self._snapshot, box, self._device))
        self._job.produced.connect(self._take)
        self._job.failed.connect(self._fail)
        self._job.cancelled.connect(self._dialog.reject)
        self.started.emit(self._job)
        self._searcher.submit(self._job)

    def _stop(self) -> None:
        """Let go of the search that runs, which is not wanted any more."""
        job, self._job, self._found = self._job, None, None
        if job is not None and not job.over:
            job.cancelled.disconnect(self._dialog.reject)
            job.cancel()

    def _take(self, found: "DamageMap") -> None:
        self._found = found
        for words in found.notes:
            self.noted.emit(words)
        self._mark()

    def _mark(self) -> None:
        found, before = self._found, self._before
        if found is not None:
            self._making.ask(lambda: _marking(found, before, *self._dialog.wanted))

    def _show(self, made: tuple[Surface, float]) -> None:
        mask, share = made
        if self._change is None:
            self._change = self._document.change("Find damage")
        if self._change.open:
            self._change.replace(MASK, mask)
        if not self._making.outdated:
            self._dialog.shown(f"{share:.2%} of it is marked." if share else "No damage is found at this sensitivity.")

    def _fail(self, words: str) -> None:
        self.failed.emit(words)
        self._dialog.reject()

    def _keep(self) -> None:
        self._end()
        if self._change is not None and self._change.open:
            self._change.commit()

    def _drop(self) -> None:
        self._end()
        if self._change is not None and self._change.open:
            self._change.roll_back()

    def _end(self) -> None:
        self._making.stop()
        self._stop()


# The background thread's part: everything it touches is a value.

def _searching(snapshot: Snapshot, box: Box | None, device: str) -> Work:
    read, profile = reader(snapshot.picture()), snapshot.photo.profile

    def work(progress: Progress) -> Iterator["DamageMap"]:
        from editor.restoration.finding import find

        yield find(read, snapshot.base.shape, profile=profile, box=box, device=device, progress=progress)

    return work


def _marking(found: "DamageMap", before: Surface, sensitivity: float, kinds: tuple[str, ...], grow: int) -> Work:
    """The mask joined to what was masked before, and the share of what was searched that is damage."""

    def work(progress: Progress) -> Iterator[tuple[Surface, float]]:
        mask = found.mask(sensitivity, kinds, grow)
        (top, left), (height, width) = found.origin, mask.shape
        plane = np.zeros(before.shape, np.uint8)
        plane[top:top + height, left:left + width] = mask
        yield combine(before, masks.from_array(plane), ADD), float(np.count_nonzero(mask) / mask.size)

    return work
