"""Threads that share the work of one fill; the kernels let go of the interpreter's lock."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from editor.engines.contract import Cancelled

_POLL = 0.05  # seconds between two looks at whether the user has cancelled
_STRETCH = 1024, 8192  # pixels to a stretch of work, at least and at most: up to some 40 ms
_SHARES = 8  # stretches in between: enough for several threads to end together


class Crew:
    """Runs a kernel on all stretches of a list of pixels; the user may cancel between any two."""

    def __init__(self, pool: ThreadPoolExecutor, step: Callable[[], None]):
        self._pool, self._step = pool, step
        self._stopped = threading.Event()

    def each(self, kernel: Callable[..., Any], *arguments: Any, cuts: np.ndarray) -> None:
        """kernel(*arguments, start, stop) for each two of ``cuts`` that follow one another."""
        pairs = _pairs(cuts)
        if len(pairs) == 1:  # handing it over would take longer
            self._step()
            kernel(*arguments, *pairs[0])
        else:
            self._shared([partial(kernel, *arguments, *pair) for pair in pairs])

    def apart(self, jobs: Sequence[Callable[["Crew | Alone"], Any]]) -> list[Any]:
        """What each of the jobs returns: done at the same time, each by one of the crew alone."""
        return self._shared([partial(job, Alone(self._stopped)) for job in jobs])

    def stop(self) -> None:
        """Those at work leave off at the next stretch."""
        self._stopped.set()

    def _shared(self, jobs: list[Callable[[], Any]]) -> list[Any]:
        futures = [self._pool.submit(job) for job in jobs]
        while futures_left := [future for future in futures if not future.done()]:
            self._step()
            wait(futures_left, timeout=_POLL)
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
    team = Crew(pool, step)
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
    stretch = int(np.clip(count // _SHARES, *_STRETCH))
    wished = np.arange(stretch - shift * stretch // 3, count, stretch)
    cuts = np.searchsorted(rows, rows[np.clip(wished, 0, count - 1)])
    return np.unique(np.concatenate([[0], cuts, [count]]))
