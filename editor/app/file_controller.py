"""Opening, saving and exporting in the background."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from editor.app.canvas.view import View
from editor.document.document import Document, Snapshot
from editor.document.photo import Photo
from editor.engines.contract import Progress
from editor.jobs.worker import Job, Worker
from editor.storage.photos import Decoder
from editor.storage.session import Session

PROJECT_SUFFIX = ".ora"


@dataclass(eq=False)
class OpenFile:
    """A document in the window and where it belongs on disk."""

    document: Document
    name: str
    project: Path | None = None  # where Save writes
    session: Session | None = None  # keeps the work on disk meanwhile
    view: View | None = None  # as it was seen last; None is fitted


class FileController(QObject):
    """Reads and writes for one window. Everything slow is a Job; documents are made in the window's own thread."""

    opened = Signal(object, bool)  # OpenFile; whether it is one of several, and not to be shown at once
    saved = Signal(object)  # Path
    exported = Signal(object)  # Path
    started = Signal(object)  # Job
    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, decoder: Decoder, parent: QObject | None = None):
        super().__init__(parent)
        self._worker = Worker(self)
        self._decoder = decoder
        self._writing: list[Job] = []

    def warm_up(self) -> None:
        """Start the decoder ahead of the first photograph."""
        with contextlib.suppress(OSError):  # opening a photograph tries again, and tells
            self._decoder.start()

    def open(self, path: Path, behind: bool = False) -> Job:
        """Open a photograph or a project; ``opened`` follows, with ``behind``."""
        decoder = self._decoder
        if path.suffix.lower() == PROJECT_SUFFIX:
            return self._run(f"Opening {path.name}", lambda progress: _load(path, decoder, progress),
                             lambda snapshot: self.opened.emit(
                                 OpenFile(Document.from_snapshot(snapshot), path.name, path), behind))
        return self._run(f"Opening {path.name}", lambda progress: _read(path, decoder, progress),
                         lambda photo: self.opened.emit(OpenFile(Document(photo), path.name), behind))

    def open_pixels(self, pixels: np.ndarray, name: str) -> None:
        """Open a picture that is in no file, a pasted one say: (h, w, c) uint8."""
        pixels.flags.writeable = False
        document = Document(Photo(pixels))
        document.mark_unsaved()
        self.opened.emit(OpenFile(document, name), False)

    def read(self, path: Path, use: Callable[[Photo], None]) -> Job:
        """Decode a photograph for some other use."""
        decoder = self._decoder
        return self._run(f"Reading {path.name}", lambda progress: _read(path, decoder, progress), use)

    def begin_session(self, file: OpenFile) -> None:
        """Keep the file's work on disk from now on, for the case that the program is killed."""
        if file.session is None:
            file.session = Session(file.document, name=file.name, parent=self)
        file.session.failed.connect(
            lambda words: self.noted.emit(f"Unsaved work cannot be kept safe on disk: {words}"))

    def end_session(self, file: OpenFile) -> None:
        """The user is done with it: nothing is to be recovered."""
        file.session.close(discard=True)
        file.session.deleteLater()
        file.session = None

    def look_for_lost_work(self, found: Callable[[list], None]) -> None:
        """Find what killed sessions left; what was saved all the same is tidied away."""
        job = Job("Looking for lost work", _lost_work)
        job.produced.connect(found)
        self._worker.submit(job)

    def recover(self, folder: Path, behind: bool = False) -> Job:
        """Take up what a killed session left; ``opened`` follows, with ``behind``."""
        decoder = self._decoder
        return self._run("Recovering work", lambda progress: _recover(folder, decoder, progress),
                         lambda recovered: self._take_up(recovered, behind))

    def discard(self, folder: Path) -> None:
        """Throw away what a killed session left."""
        from editor.storage.recovery import discard

        discard(folder)

    def _take_up(self, recovered: Any, behind: bool) -> None:
        from editor.storage.recovery import take_up

        document, session = take_up(recovered, self)
        self.opened.emit(OpenFile(document, recovered.name, recovered.project, session), behind)

    def save(self, file: OpenFile, path: Path) -> Job:
        """Write the project as it is now; work goes on meanwhile."""
        file.document.end_change()
        snapshot, state = file.document.snapshot(), file.document.state()
        original = file.session.original if file.session else None
        job = self._run(f"Saving {path.name}", lambda progress: _save(snapshot, path, original, progress),
                        self._note_all)

        def done() -> None:
            file.project, file.name = path, path.name
            file.document.mark_saved(state)
            if file.session is not None:
                file.session.note_saved(path, state)
            self.saved.emit(path)

        job.finished.connect(done)
        return self._note_writing(job)

    def export(self, file: OpenFile, path: Path, options: object) -> Job:
        """Write the visible picture."""
        file.document.end_change()
        snapshot = file.document.snapshot()
        job = self._run(f"Exporting {path.name}", lambda progress: _export(snapshot, path, options, progress),
                        self._note_all)
        job.finished.connect(lambda: self.exported.emit(path))
        return self._note_writing(job)

    def _note_writing(self, job: Job) -> Job:
        self._writing.append(job)
        job.ended.connect(lambda: self._writing.remove(job))
        return job

    @property
    def writing(self) -> Job | None:
        """A save or an export that is not over."""
        return next((job for job in self._writing if not job.over), None)

    def cancel(self) -> None:
        """Stop what is being read or written; nothing is left half written."""
        if self._worker.current is not None:
            self._decoder.cancel()
            self._worker.cancel_all()

    def close(self) -> None:
        self.cancel()
        self._worker.close()
        self._decoder.close()

    def _note_all(self, notices: tuple[str, ...]) -> None:
        for notice in notices:
            self.noted.emit(notice)

    def _run(self, name: str, work: Callable[[Progress], Iterator[Any]], show: Callable[[Any], None]) -> Job:
        job = Job(name, work)
        job.produced.connect(show)
        job.failed.connect(self.failed)
        job.cancelled.connect(lambda: self.noted.emit(f"{name}: cancelled"))
        self.started.emit(job)
        return self._worker.submit(job)


# The background thread's part: everything it touches is a value. Each yields its one result.

def _read(path: Path, decoder: Decoder, progress: Progress) -> Iterator[Photo]:
    yield decoder.read(path, progress=progress)


def _load(path: Path, decoder: Decoder, progress: Progress) -> Iterator[Snapshot]:
    from editor.storage.openraster import load_project

    yield load_project(path, decoder.read, progress)


def _save(snapshot: Snapshot, path: Path, original: Path | None, progress: Progress) -> Iterator[tuple[str, ...]]:
    from editor.storage.openraster import save_project

    yield save_project(snapshot, path, progress, original)


def _lost_work(progress: Progress) -> Iterator[list]:
    from editor.storage.recovery import discard, recoverable

    lost = recoverable()
    for session in lost:
        if session.saved:
            discard(session.folder)
    yield [session for session in lost if not session.saved]


def _recover(folder: Path, decoder: Decoder, progress: Progress) -> Iterator[Any]:
    from editor.storage.recovery import recover

    yield recover(folder, decoder.read, progress)


def _export(snapshot: Snapshot, path: Path, options: object, progress: Progress) -> Iterator[tuple[str, ...]]:
    from editor.storage.export import export_photo

    pixels = snapshot.picture().read(snapshot.base.bounds)
    yield export_photo(snapshot.photo, pixels, path, options, progress=progress)
