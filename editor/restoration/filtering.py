"""A filter over a picture of any size, tile by tile."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np

from editor.engines.contract import Progress, no_progress
from editor.raster.surface import Box
from editor.restoration.contract import Filter, Scan, as_floats

TILE = 512  # pixels: some 10 MiB with its reach round it, as floats
PREPARING = 0.1  # of a progress: preparing is seldom more of the work
_POLL = 0.05  # seconds between two looks at whether the user has cancelled
_NOT_YET = object()


def filtered(scan: Scan, filter: Filter, settings: Any = None, box: Box | None = None,
             progress: Progress = no_progress, threads: int | None = None, *, prepared: Any = _NOT_YET,
             tile: int | None = None, tiles: Sequence[Box] | None = None) -> Iterator[tuple[Box, np.ndarray]]:
    """The tiles of ``box`` (all of the picture by default), row by row, each with its restored pixels.

    Pixels are (h, w, scan.channels) of its dtype; alpha is the scan's own. settings: the filter's own; None are its
    defaults. prepared: what its ``prepare`` has given for this scan and these settings, where that is known already.
    tile: their side in pixels, where it is not to be the filter's. tiles: those of ``tiles_in`` that are wanted, in the
    order in which they are. Same pixels whatever the tiles and ``threads`` (two to four by default). Holds a few tiles
    at a time. Raises Cancelled through ``progress``, within 50 ms; a tile under way then ends unseen.
    """
    settings = filter.Settings() if settings is None else settings
    box = scan.bounds if box is None else box.intersect(scan.bounds)
    if box.empty:
        return
    if prepared is _NOT_YET:
        prepared = filter.prepare(scan, settings, part_of(progress, 0, PREPARING))
        progress = part_of(progress, PREPARING, 1)
    whole_tiles, reach = getattr(filter, "grid", False), filter.reach(settings)
    if tiles is not None:
        parts = tiles
    elif tile is None or whole_tiles:
        parts = tiles_in(box, filter)
    else:
        parts = _tiles(box, tile)

    def one(cell: Box) -> tuple[Box, np.ndarray]:
        wanted = cell.intersect(box)
        around = (cell if whole_tiles else wanted).grow(reach).intersect(scan.bounds)
        pixels = scan.read(around)
        inner = wanted.shift(-around.top, -around.left).slices
        restored = filter.apply(as_floats(pixels, scan.colours), prepared, settings, around)[inner]
        out = pixels[inner].copy()
        out[..., :scan.colours] = _whole(restored, scan.dtype)
        return wanted, out

    threads = threads or min(4, max(2, os.cpu_count() or 2))
    pool = ThreadPoolExecutor(threads, thread_name_prefix=filter.name)
    running: deque[Future] = deque()
    try:
        for number, cell in enumerate(parts):
            running.append(pool.submit(one, cell))
            if len(running) > threads:
                yield _awaited(running.popleft(), progress, (number - threads) / len(parts), filter.title)
        for left in range(len(running), 0, -1):
            yield _awaited(running.popleft(), progress, 1 - left / len(parts), filter.title)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def restored(scan: Scan, filter: Filter, settings: Any = None, progress: Progress = no_progress) -> np.ndarray:
    """All of a picture that fits into memory, (h, w, scan.channels) of its dtype."""
    out = np.empty((*scan.shape, scan.channels), scan.dtype)
    for box, pixels in filtered(scan, filter, settings, progress=progress):
        out[box.slices] = pixels
    return out


def part_of(progress: Progress, start: float, stop: float) -> Progress:
    """For a piece of work that is ``start`` to ``stop`` of the whole."""
    return lambda fraction, words: progress(start + fraction * (stop - start), words)


def _awaited(future: Future, progress: Progress, fraction: float, words: str) -> tuple[Box, np.ndarray]:
    progress(fraction, words)
    while not wait([future], timeout=_POLL).done:
        progress(fraction, words)
    return future.result()


def _tiles(box: Box, side: int) -> list[Box]:
    return [Box(top, left, min(top + side, box.bottom), min(left + side, box.right))
            for top in range(box.top, box.bottom, side) for left in range(box.left, box.right, side)]


def tiles_in(box: Box, filter: Filter) -> list[Box]:
    """The whole tiles, counted from the photo's corner, of the size that suits a filter, that ``box`` touches."""
    side = getattr(filter, "tile", TILE)
    return _tiles(Box(box.top // side * side, box.left // side * side,
                      -(-box.bottom // side) * side, -(-box.right // side) * side), side)


def _whole(shares: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """float32 0..1 to the scan's depth."""
    out = np.clip(shares, 0, 1)
    out *= np.float32(np.iinfo(dtype).max)
    return np.rint(out, out=out).astype(dtype)
