"""A background thread that does one job at a time, tells how far it is, and lets go when cancelled."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QObject, Signal

from editor.engines.contract import Cancelled, Progress
from editor.errors import UserError

log = logging.getLogger(__name__)

_REPORT_EVERY = 0.05  # seconds between progress signals: the eye sees no more, and each one wakes the window


class Job(QObject):
    """A piece of work: ``work(progress)`` runs in the background and yields its results.

    Signals, all delivered in the thread that made the job: ``progressed(fraction, words)``, ``produced(result)``
    for each result, ``shown(what)`` whenever the work calls ``show``, then exactly one of ``finished()``,
    ``failed(message)``, ``cancelled()``, and ``ended()``. After ``cancel`` nothing more arrives, even where a
    library call that cannot be interrupted goes on for a while.
    """

    progressed = Signal(float, str)
    produced = Signal(object)
    shown = Signal(object)
    finished = Signal()
    failed = Signal(str)
    cancelled = Signal()
    ended = Signal()

    _reported = Signal(float, str)
    _yielded = Signal(object)
    _to_show = Signal(object)
    _stopped = Signal(str)

    def __init__(self, name: str, work: Callable[[Progress], Iterator[Any]]):
        super().__init__()  # without a parent: it must live for as long as its thread may emit; the Worker sees to it
        self.name = name
        self._work: Callable[[Progress], Iterator[Any]] | None = work
        self._cancel = threading.Event()
        self._over = False
        self._last_report = 0.0
        # The background thread only emits these; Qt brings them over to this object's own thread.
        self._reported.connect(self._on_report)
        self._yielded.connect(self._on_result)
        self._to_show.connect(self._on_show)
        self._stopped.connect(self._on_stop)

    def cancel(self) -> None:
        """Stop as soon as possible; ``cancelled`` is emitted at once."""
        self._cancel.set()
        self._end(self.cancelled.emit)

    @property
    def over(self) -> bool:
        return self._over

    @property
    def was_cancelled(self) -> bool:
        return self._cancel.is_set()

    def run(self) -> None:
        """Do the work in the calling thread; only the Worker does this."""
        message = ""
        try:
            for result in self._work(self._progress):
                if self._cancel.is_set():
                    break
                self._yielded.emit(result)
        except Cancelled:
            pass
        except UserError as error:
            message = str(error)
        except MemoryError:
            message = f"{self.name}: not enough memory."
        except Exception as error:  # a defect, but not one that may take the window and the user's work along
            log.exception("%s failed", self.name)
            message = f"{self.name} failed: {type(error).__name__}: {error}"
        self._work = None  # and with it the snapshot it works on
        self._stopped.emit(message)

    def show(self, what: Any) -> None:
        """For the work to call: something of it can be seen before there is a result."""
        if not self._cancel.is_set():
            self._to_show.emit(what)

    def _progress(self, fraction: float, words: str) -> None:
        if self._cancel.is_set():
            raise Cancelled
        now = time.monotonic()
        if now - self._last_report >= _REPORT_EVERY:
            self._last_report = now
            self._reported.emit(fraction, words)

    def _on_report(self, fraction: float, words: str) -> None:
        if not self._over:
            self.progressed.emit(fraction, words)

    def _on_show(self, what: Any) -> None:
        if not self._over:
            self.shown.emit(what)

    def _on_result(self, result: Any) -> None:
        if not self._over:
            self.produced.emit(result)

    def _on_stop(self, message: str) -> None:
        self._end((lambda: self.failed.emit(message)) if message else self.finished.emit)

    def _end(self, announce: Callable[[], None]) -> None:
        if not self._over:
            self._over = True
            announce()
            self.ended.emit()


class Worker(QObject):
    """Runs jobs one after the other in a background thread.

    A cancelled job that does not come back (a library call that cannot be interrupted) is left to finish unseen;
    the next one does not wait for it.
    """

    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._waiting: deque[Job] = deque()
        self._current: Job | None = None
        self._threads: list[tuple[threading.Thread, Job]] = []

    @property
    def current(self) -> Job | None:
        return self._current

    def submit(self, job: Job) -> Job:
        """Run a job when those before it are over."""
        job.ended.connect(self._on_ended)  # no lambda: holding the job, it would keep it and its work for ever
        self._waiting.append(job)
        self._next()
        return job

    def cancel_all(self) -> None:
        """Cancel what runs and what waits."""
        for job in [*self._waiting, *([self._current] if self._current else [])]:
            job.cancel()

    def close(self, patience: float = 5.0) -> None:
        """Cancel everything and wait at most ``patience`` seconds for the threads to come back."""
        self.cancel_all()
        until = time.monotonic() + patience
        for thread, _ in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._let_go()

    def _next(self) -> None:
        if self._current is None and self._waiting:
            self._let_go()
            job = self._current = self._waiting.popleft()
            thread = threading.Thread(target=job.run, name=job.name, daemon=True)
            self._threads.append((thread, job))
            thread.start()
            self.busy_changed.emit(True)

    def _on_ended(self) -> None:
        self._waiting = deque(job for job in self._waiting if not job.over)
        if self._current is not None and self._current.over:
            if not self._current.was_cancelled:
                self._threads[-1][0].join(1)  # it has said its last word and is on its way out
            self._current = None
            self._let_go()
            self.busy_changed.emit(False)
            self._next()

    def _let_go(self) -> None:
        """Delete the jobs that are over, but never one whose thread may still emit: that takes the program down."""
        for thread, job in self._threads:
            if job.over and not thread.is_alive():
                job.deleteLater()
        self._threads = [(thread, job) for thread, job in self._threads if thread.is_alive() or not job.over]
