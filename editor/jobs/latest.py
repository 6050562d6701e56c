"""What is asked for faster than it can be done: only the latest counts."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QObject, Signal

from editor.engines.contract import Progress
from editor.jobs.worker import Job, Worker

Work = Callable[[Progress], Iterator[Any]]
"""What a Job does."""

_POLL = 0.02  # seconds between two looks at whether the one before has come back


class Latest(QObject):
    """One piece of work at a time, and of those that wait only the latest.

    A piece that has taken longer than ``patience`` seconds is cancelled when another is asked for; a shorter one may
    end, so that something is seen while there is no end to the asking. Two never run at once, even where a library
    call cannot be interrupted.
    """

    produced = Signal(object)
    failed = Signal(str)
    ended = Signal()  # nothing runs or waits any more

    def __init__(self, name: str, worker: Worker, parent: QObject | None = None, patience: float = 0.5):
        super().__init__(parent)
        self._name = name
        self._worker = worker
        self._patience = patience
        self._job: Job | None = None
        self._since = 0.0
        self._waiting: Callable[[], Work] | None = None
        self._alone = threading.Lock()

    @property
    def outdated(self) -> bool:
        """Whether what is produced now is not what was asked for last."""
        return self._waiting is not None

    @property
    def busy(self) -> bool:
        return self._job is not None

    def ask(self, make: Callable[[], Work]) -> None:
        """``make`` is called in this thread when its turn has come, and returns the work."""
        self._waiting = make
        if self._job is not None and time.monotonic() - self._since > self._patience:
            self._job.cancel()  # which goes on with what waits
        else:
            self._next()

    def stop(self) -> None:
        """Forget what waits, and cancel what runs."""
        self._waiting = None
        if self._job is not None:
            self._job.cancel()

    def _next(self) -> None:
        if self._job is not None or self._waiting is None:
            return
        make, self._waiting = self._waiting, None
        self._job, self._since = Job(self._name, self._after_the_last(make())), time.monotonic()
        self._job.produced.connect(self.produced)
        self._job.failed.connect(self.failed)
        self._job.ended.connect(self._on_ended)
        self._worker.submit(self._job)

    def _after_the_last(self, work: Work) -> Work:
        alone = self._alone

        def run(progress: Progress) -> Iterator[Any]:
            while not alone.acquire(timeout=_POLL):
                progress(0.0, "")
            try:
                yield from work(progress)
            finally:
                alone.release()

        return run

    def _on_ended(self) -> None:
        self._job = None
        self._next()
        if self._job is None:
            self.ended.emit()
