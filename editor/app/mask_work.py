"""Changes of the mask that may take longer than the window may stand still: in the background, one after the other."""

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from editor.document.document import MASK, Document
from editor.engines.contract import Progress
from editor.jobs.worker import Job, Worker
from editor.raster.selection.combining import combine
from editor.raster.surface import Surface

Operation = Callable[[Surface, Progress], Surface]
"""Makes another mask of the present one."""

AT_ONCE = 1_000_000
"""Pixels that take no longer than the eye sees: so few are worked on without the detour."""

_ONCE = Qt.ConnectionType(Qt.ConnectionType.QueuedConnection.value | Qt.ConnectionType.SingleShotConnection.value)


class MaskWork(QObject):
    """Each change is one step of the history. A stroke painted meanwhile is neither torn nor lost."""

    started = Signal(object)  # Job
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.worker = Worker(self)
        self._pending = 0  # changes that have been asked for and are not in the mask yet
        self._then: list[Callable[[], object]] = []
        self._deferred: list[tuple[Document, object, Callable[[Surface], None], Surface]] = []

    @property
    def busy(self) -> bool:
        return self._pending > 0

    def when_idle(self, do: Callable[[], object]) -> None:
        """Now, or as soon as what has been asked for is in the mask; not at all if that is cancelled."""
        if self.busy:
            self._then.append(do)
        else:
            do()

    def hold(self) -> None:
        """Something else is being looked for, that is to be in the mask before ``when_idle`` goes on."""
        self._pending += 1

    def let_go(self) -> None:
        """It is there, or will not be."""
        self._done()

    def change(self, document: Document, name: str, operation: Operation, pixels: int) -> None:
        """Make another mask of what is there; at once if it is about few ``pixels``."""
        document.end_change()
        before = document.mask.snapshot()
        if self._at_once(pixels):
            self._put(document, name, operation(before, _no_progress))
        else:
            self._run(document, name, lambda progress: operation(before, progress),
                      partial(self._changed, document, name, operation, pixels, before))

    def select(self, document: Document, name: str, mode: str, work: Callable[[Progress], Surface],
               pixels: int | None) -> None:
        """Find a selection, and join it to the mask that is there then; None is a number of pixels nobody knows."""
        def join(selection: Surface) -> None:
            self._put(document, name, combine(document.mask, selection, mode))

        document.end_change()
        if pixels is not None and self._at_once(pixels):
            join(work(_no_progress))
        else:
            self._run(document, name, work, join)

    def cancel(self) -> None:
        self._then.clear()
        self.worker.cancel_all()

    def close(self) -> None:
        self._then.clear()
        self.worker.close()

    def _at_once(self, pixels: int) -> bool:
        return pixels <= AT_ONCE and not self.busy

    def _run(self, document: Document, name: str, work: Callable[[Progress], Surface],
             use: Callable[[Surface], None]) -> None:
        def results(progress: Progress) -> Iterator[Surface]:
            yield work(progress)

        self._pending += 1
        geometry = document.geometry
        job = Job(name, results)
        job.produced.connect(lambda made: self._take(document, geometry, use, made))
        document.reshaped.connect(job.cancel)
        job.failed.connect(self._fail)
        job.cancelled.connect(self._done)
        self.started.emit(job)
        self.worker.submit(job)

    def _take(self, document: Document, geometry: object, use: Callable[[Surface], None], made: Surface) -> None:
        if document.changing:  # a stroke is under the pen: it must not be torn in two
            self._deferred.append((document, geometry, use, made))
            document.change_ended.connect(self._take_deferred, _ONCE)
            return
        if document.geometry is geometry:  # else it would lie where the photograph was
            use(made)
        self._done()

    def _take_deferred(self) -> None:
        deferred, self._deferred = self._deferred, []
        for one in deferred:
            self._take(*one)

    def _changed(self, document: Document, name: str, operation: Operation, pixels: int, before: Surface,
                 made: Surface) -> None:
        if all(document.mask.tile(key) is before.tile(key) for key in document.mask.keys() | before.keys()):
            self._put(document, name, made)
        else:
            self.change(document, name, operation, pixels)  # once more, with what has come to it meanwhile

    def _put(self, document: Document, name: str, made: Surface) -> None:
        with document.change(name) as change:
            change.replace(MASK, made)

    def _fail(self, words: str) -> None:
        self._then.clear()
        self._done()
        self.failed.emit(words)

    def _done(self) -> None:
        self._pending -= 1
        if not self.busy:
            then, self._then = self._then, []
            for do in then:
                do()


def _no_progress(fraction: float, words: str) -> None:
    """Nobody waits."""
