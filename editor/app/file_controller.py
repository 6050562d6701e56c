"""Opening, saving and exporting in the background."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from editor.document.document import Document, Snapshot
from editor.document.photo import Photo
from editor.engines.contract import Progress
from editor.jobs.worker import Job, Worker
from editor.storage.photos import Decoder

PROJECT_SUFFIX = ".ora"


@dataclass(eq=False)
class OpenFile:
    """The document in the window and where it belongs on disk."""

    document: Document
    name: str
    project: Path | None = None  # where Save writes


class FileController(QObject):
    """Reads and writes for one window. Everything slow is a Job; documents are made in the window's own thread."""

    opened = Signal(object)  # OpenFile
    saved = Signal(object)  # Path
    exported = Signal(object)  # Path
    started = Signal(object)  # Job
    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._worker = Worker(self)
        self._decoder = Decoder()

    def warm_up(self) -> None:
        """Start the decoder ahead of the first photograph."""
        self._decoder.start()

    def open(self, path: Path) -> Job:
        """Open a photograph or a project; ``opened`` follows."""
        decoder = self._decoder
        if path.suffix.lower() == PROJECT_SUFFIX:
            return self._run(f"Opening {path.name}", lambda progress: _load(path, decoder, progress),
                             lambda snapshot: self.opened.emit(
                                 OpenFile(Document.from_snapshot(snapshot), path.name, path)))
        return self._run(f"Opening {path.name}", lambda progress: _read(path, decoder, progress),
                         lambda photo: self.opened.emit(OpenFile(Document(photo), path.name)))

    def open_pixels(self, pixels: np.ndarray, name: str) -> None:
        """Open a picture that is in no file, a pasted one say: (h, w, c) uint8."""
        pixels.flags.writeable = False
        document = Document(Photo(pixels))
        document.mark_unsaved()
        self.opened.emit(OpenFile(document, name))

    def read(self, path: Path, use: Callable[[Photo], None]) -> Job:
        """Decode a photograph for some other use."""
        decoder = self._decoder
        return self._run(f"Reading {path.name}", lambda progress: _read(path, decoder, progress), use)

    def save(self, file: OpenFile, path: Path) -> Job:
        """Write the project as it is now; work goes on meanwhile."""
        file.document.end_change()
        snapshot, state = file.document.snapshot(), file.document.state()
        job = self._run(f"Saving {path.name}", lambda progress: _save(snapshot, path, progress), self._note_all)

        def done() -> None:
            file.project, file.name = path, path.name
            file.document.mark_saved(state)
            self.saved.emit(path)

        job.finished.connect(done)
        return job

    def export(self, file: OpenFile, path: Path, options: object) -> Job:
        """Write the visible picture."""
        file.document.end_change()
        snapshot = file.document.snapshot()
        job = self._run(f"Exporting {path.name}", lambda progress: _export(snapshot, path, options, progress),
                        self._note_all)
        job.finished.connect(lambda: self.exported.emit(path))
        return job

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
        job = Job(name, work, self)
        job.produced.connect(show)
        job.failed.connect(self.failed)
        job.ended.connect(job.deleteLater)
        self.started.emit(job)
        return self._worker.submit(job)


# The background thread's part: everything it touches is a value. Each yields its one result.

def _read(path: Path, decoder: Decoder, progress: Progress) -> Iterator[Photo]:
    yield decoder.read(path, progress=progress)


def _load(path: Path, decoder: Decoder, progress: Progress) -> Iterator[Snapshot]:
    from editor.storage.openraster import load_project

    yield load_project(path, decoder.read, progress)


def _save(snapshot: Snapshot, path: Path, progress: Progress) -> Iterator[tuple[str, ...]]:
    from editor.storage.openraster import save_project

    yield save_project(snapshot, path, progress)


def _export(snapshot: Snapshot, path: Path, options: object, progress: Progress) -> Iterator[tuple[str, ...]]:
    from editor.storage.export import export_photo

    picture = snapshot.picture()
    export_photo(snapshot.photo, picture.read(snapshot.base.bounds), path, options, progress=progress)
    yield ()
