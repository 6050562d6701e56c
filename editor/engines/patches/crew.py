"""Threads that share the work of one fill; the kernels let go of the interpreter's lock."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from editor.engines.contract import Cancelled

_POLL = 0.05  # seconds between two looks at whether the user has cancelled
_STRETCH = 8192  # pixels to a stretch of work: some 10 to 40 ms


class Crew:
    """Runs a kernel on all stretches of a list of pixels; the user may cancel between any two."""

    def __init__(self, pool: ThreadPoolExecutor, threads: int, step: Callable[[], None]):
        self._pool, self._threads, self._step = pool, threads, step
        self._stopped = threading.Event()

    def each(self, kernel: Callable[..., Any], *arguments: Any, cuts: np.ndarray) -> None:
        """kernel(*arguments, start, stop) for each two of ``cuts`` that follow one another."""
        self._shared([partial(kernel, *arguments, *stretch) for stretch in _pairs(cuts)])

    def apart(self, jobs: Sequence[Callable[["Crew | Alone"], Any]]) -> list[Any]:
        """What each of the jobs returns: done at the same time, each by one of the crew alone."""
        return self._shared([partial(job, Alone(self._stopped)) for job in jobs])

    def stop(self) -> None:
        """Those at work leave off at the next stretch."""
        self._stopped.set()

    def _shared(self, jobs: list[Callable[[], Any]]) -> list[Any]:
        futures: list[Future] = []
        running: set[Future] = set()
        while len(futures) < len(jobs) or running:
            while len(futures) < len(jobs) and len(running) < self._threads:
                futures.append(self._pool.submit(jobs[len(futures)]))
                running.add(futures[-1])
            self._step()
            done, running = wait(running, timeout=_POLL, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
        return [future.result() for future in futures]


class Alone:
    """A crew of one, which works in the thread it is called from."""

    def __init__(self, stopped: threading.Event):
        self._stopped = stopped

    def each(self, kernel: Callable[..., Any], *arguments: Any, cuts: np.ndarray) -> None:
        for start, stop in _pairs(cuts):
            if self._stopped.is_set():
                raise Cancelled
            kernel(*arguments, start, stop)


def _pairs(cuts: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))


@contextmanager
def crew(step: Callable[[], None], threads: int | None = None) -> Iterator[Crew]:
    """A crew that tells ``step`` every 50 ms or oftener; what it raises passes through."""
    threads = threads or max(1, min(16, os.cpu_count() or 1))
    pool = ThreadPoolExecutor(threads, thread_name_prefix="patches")
    team = Crew(pool, threads, step)
    try:
        yield team
    finally:
        team.stop()
        pool.shutdown(wait=False, cancel_futures=True)


def stretches(rows: np.ndarray, shift: int = 0) -> np.ndarray:
    """Where to cut a list of pixels, given their ``rows`` (n,) in order, so that no row is cut.

    They hang on the list alone, not on the number of threads; other cuts for another ``shift``.
    """
    count = len(rows)
    if not count:
        return np.zeros(1, int)
    wished = np.arange(_STRETCH - shift * _STRETCH // 3, count, _STRETCH)
    cuts = np.searchsorted(rows, rows[np.clip(wished, 0, count - 1)])
    return np.unique(np.concatenate([[0], cuts, [count]]))
