"""Threads that share the work of one fill; the kernels let go of the interpreter's lock."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import numpy as np

_POLL = 0.05  # seconds between two looks at whether the user has cancelled
_STRETCH = 8192  # pixels to a stretch of work: some 10 to 40 ms


class Crew:
    """Runs a kernel on all stretches of a list of pixels; the user may cancel between any two."""

    def __init__(self, pool: ThreadPoolExecutor, threads: int, step: Callable[[], None]):
        self._pool, self._threads, self._step = pool, threads, step

    def each(self, kernel: Callable[..., Any], *arguments: Any, cuts: np.ndarray) -> None:
        """kernel(*arguments, start, stop) for each two of ``cuts`` that follow one another."""
        waiting = list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))[::-1]
        running = set()
        while waiting or running:
            while waiting and len(running) < self._threads:
                running.add(self._pool.submit(kernel, *arguments, *waiting.pop()))
            self._step()
            done, running = wait(running, timeout=_POLL, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()


@contextmanager
def crew(step: Callable[[], None], threads: int | None = None) -> Iterator[Crew]:
    """A crew that tells ``step`` every 50 ms or oftener; what it raises passes through."""
    threads = threads or max(1, min(16, os.cpu_count() or 1))
    pool = ThreadPoolExecutor(threads, thread_name_prefix="patches")
    try:
        yield Crew(pool, threads, step)
    finally:
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
