"""Thin damage all over a photo: thousands of specks, hairs and scratches in one go, each at the photo's own size.

They need little of the photo round them, so that no crops are planned: the photo is gone through in tiles, and only in
those where there is something to mend.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import cv2
import numpy as np

from editor.engines import grain
from editor.engines.blending import grained, paste, spread
from editor.engines.contract import Cancelled, FillResult, Finish, Progress
from editor.engines.holes import BLOCK, occupied_blocks, squares
from editor.raster.surface import Box

THIN = 16  # pixels: the diameter of the largest disc that fits into thin damage
_DEPTH = (THIN + 1) / 2  # pixels from the edge of a hole, beyond which it is thick
_COLLAR = 4  # pixels round what is thick that belong to it
_TILE = 512
_MARGIN = 48  # pixels round a tile: what an estimate looks at
_PIECE = 128  # pixels: a result is no larger
_LOOKED_AT = 1024  # pixels to a side of what is measured at once
_POLL = 0.05  # seconds between two looks at whether the user has cancelled

Reader = Callable[[Box], np.ndarray]


def parted(mask: np.ndarray, origin: tuple[int, int] = (0, 0), shape: tuple[int, int] | None = None,
           step: Callable[[], None] = lambda: None) -> tuple[np.ndarray, np.ndarray]:
    """What is thin of ``mask`` (h, w) uint8 coverage, and what is thick: two such masks, which overlap nowhere.

    The mask lies at ``origin`` in a photo of ``shape``, by default its own: all round it the photo is known, but beyond
    the photo's border nothing is. A piece that is mostly thick is so as a whole, as a person with thin arms; of one
    that is mostly thin, as a crease that ends in a torn corner, only the thick places are.
    """
    shape = mask.shape if shape is None else shape
    known = (origin[0] > 0, origin[0] + mask.shape[0] < shape[0], origin[1] > 0, origin[1] + mask.shape[1] < shape[1])
    thick = _thick_places(mask, known, step)
    if not thick.any():
        return mask, thick
    occupied = occupied_blocks(mask)
    count, labels = cv2.connectedComponents(occupied.view(np.uint8))
    step()
    shares = [np.bincount(labels.ravel(), _in_blocks(plane).ravel(), count) for plane in (mask, thick)]
    whole = shares[1] > shares[0] / 2
    whole[0] = False
    for top in range(0, len(mask), BLOCK):
        rows = whole[labels[top // BLOCK]]
        if rows.any():
            stripe = np.repeat(rows, BLOCK)[:mask.shape[1]]
            thick[top:top + BLOCK][:, stripe] = mask[top:top + BLOCK][:, stripe]
    return np.where(thick > 0, np.uint8(0), mask), thick


def _thick_places(mask: np.ndarray, known: tuple[bool, ...], step: Callable[[], None]) -> np.ndarray:
    """``mask`` where a disc of more than THIN pixels fits in, and close round there; 0 elsewhere.

    known: whether the photo goes on above, below, to the left and to the right of it."""
    out = np.zeros_like(mask)
    picture = Box(0, 0, *mask.shape)
    for tile in _tiles(mask.shape, _LOOKED_AT):
        if not mask[tile.slices].any():
            continue
        step()
        around = tile.grow(THIN + 2 * _COLLAR).intersect(picture)
        ends = (around.top == 0, around.bottom == mask.shape[0], around.left == 0, around.right == mask.shape[1])
        rim = [int(end and more) for end, more in zip(ends, known, strict=True)]
        hole = cv2.copyMakeBorder((mask[around.slices] > 0).view(np.uint8), *rim, cv2.BORDER_CONSTANT, value=0)
        # Without a known pixel there is no distance to one.
        depth = cv2.distanceTransform(hole, cv2.DIST_L2, 3) if not hole.all() else np.full(hole.shape, np.inf)
        core = (depth > _DEPTH)[rim[0]:rim[0] + around.height, rim[2]:rim[2] + around.width]
        if not core.any():
            continue
        near = cv2.distanceTransform((~core).view(np.uint8), cv2.DIST_L2, 3) < _DEPTH + _COLLAR
        inner = tile.shift(-around.top, -around.left).slices
        out[tile.slices] = np.where(near[inner], mask[tile.slices], 0)
    return out


def _in_blocks(plane: np.ndarray) -> np.ndarray:
    """How many pixels above 0 each block has: (rows, columns) as of occupied_blocks."""
    height, width = (-(-side // BLOCK) for side in plane.shape)
    out = np.zeros((height, width), np.uint16)
    for row in range(height):
        stripe = np.count_nonzero(plane[row * BLOCK:(row + 1) * BLOCK], axis=0)
        out[row] = np.add.reduceat(stripe, np.arange(0, plane.shape[1], BLOCK))
    return out


def _tiles(shape: tuple[int, int], side: int) -> Iterator[Box]:
    for top in range(0, shape[0], side):
        for left in range(0, shape[1], side):
            yield Box(top, left, min(top + side, shape[0]), min(left + side, shape[1]))


def over(read: Reader, results: tuple[FillResult, ...]) -> Reader:
    """A reader of the photo with results laid over it."""
    boxes = np.array([(*result.origin, result.origin[0] + result.alpha.shape[0],
                       result.origin[1] + result.alpha.shape[1]) for result in results])

    def read_over(box: Box) -> np.ndarray:
        out = np.array(read(box))
        near = ((boxes[:, :2] < (box.bottom, box.right)) & (boxes[:, 2:] > (box.top, box.left))).all(axis=1)
        for index in np.flatnonzero(near):
            paste(out, results[index], (box.top, box.left))
        return out

    return read_over


def mended(read: Reader, shape: tuple[int, int], thin: np.ndarray, thick: np.ndarray, origin: tuple[int, int],
           finish: Finish, seed: int, threads: int | None, progress: Progress) -> tuple[FillResult, ...]:
    """Results for all of ``thin`` (h, w) uint8 coverage, whose upper left corner lies at ``origin`` in the photo of
    ``shape``; what is ``thick``, of the same size, is as unknown, but not filled.

    read: as that of filling.fill, called from this thread alone. Same arguments, same pixels, whatever the threads.
    """
    threads = threads or min(4, max(2, os.cpu_count() or 2))
    stop = threading.Event()
    field = Box(origin[0], origin[1], origin[0] + thin.shape[0], origin[1] + thin.shape[1])
    # On a grid of the photo, so that a mask that grows leaves what is far from it as it was.
    every = [tile for tile in (each.intersect(field) for each in _tiles(shape, _TILE))
             if not tile.empty and thin[tile.shift(-origin[0], -origin[1]).slices].any()]
    found: dict[Box, tuple[FillResult, ...]] = {}
    waiting, running = list(reversed(every)), dict[Future, Box]()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="specks")
    try:
        while waiting or running:
            while waiting and len(running) < threads:
                tile = waiting.pop()
                work = _Tile(read, shape, thin, thick, field, tile, finish, seed, stop)
                running[pool.submit(work.results)] = tile
            for future in wait(running, timeout=_POLL, return_when=FIRST_COMPLETED)[0]:
                found[running.pop(future)] = future.result()
            progress(len(found) / len(every), "Mending specks and scratches")
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
    return tuple(result for tile in every for result in found[tile])


class _Tile:
    """One tile's work; made in the thread that may read, done in another."""

    def __init__(self, read: Reader, shape: tuple[int, int], thin: np.ndarray, thick: np.ndarray, field: Box,
                 tile: Box, finish: Finish, seed: int, stop: threading.Event):
        self._finish, self._seed, self._stop = finish, seed, stop
        rows, columns = (np.flatnonzero(thin[tile.shift(-field.top, -field.left).slices].any(axis=axis))
                         for axis in (1, 0))
        own = Box(tile.top + int(rows[0]), tile.left + int(columns[0]), tile.top + int(rows[-1]) + 1,
                  tile.left + int(columns[-1]) + 1)
        self._own, self._crop = own, own.grow(_MARGIN).intersect(Box(0, 0, *shape))
        self._image = read(self._crop)
        self._thin, self._thick = (self._cut(plane, field) for plane in (thin, thick))

    def _cut(self, plane: np.ndarray, field: Box) -> np.ndarray:
        """Of the crop; 0 where there is none."""
        out = np.zeros((self._crop.height, self._crop.width), np.uint8)
        part = self._crop.intersect(field)
        out[part.shift(-self._crop.top, -self._crop.left).slices] = plane[part.shift(-field.top, -field.left).slices]
        return out

    def _step(self, fraction: float) -> None:
        if self._stop.is_set():
            raise Cancelled

    def results(self) -> tuple[FillResult, ...]:
        from editor.engines.kriging.estimating import estimated

        begun = time.perf_counter()
        crop, corner = self._crop, (self._crop.top, self._crop.left)
        hole = spread((self._thin > 0) | (self._thick > 0), max(0, self._finish.spread))
        inner = self._own.shift(-crop.top, -crop.left)
        own = np.zeros_like(hole)
        own[inner.slices] = self._thin[inner.slices] > 0
        fill = estimated(self._image, hole, own, self._step, corner)
        highest = np.float32(np.iinfo(self._image.dtype).max)
        measured = None
        if self._finish.grain > 0:
            measured = grain.measure(self._image, ~hole, fill[own] / highest, self._seed, THIN)
        pixels = grained(self._image, own, lambda box: fill[box.slices] / highest, measured, self._finish.grain,
                         (0, 0), corner)
        boxes = [Box(*map(int, box)) for box in squares(own, _PIECE).boxes]
        share = (time.perf_counter() - begun) / len(boxes)
        return tuple(self._result(pixels, box, share) for box in boxes)

    def _result(self, pixels: np.ndarray, box: Box, seconds: float) -> FillResult:
        part = pixels[box.slices].copy()
        alpha = self._thin[box.slices].astype(np.float32) / 255
        part.flags.writeable = alpha.flags.writeable = False
        size = (box.height, box.width)
        return FillResult(part, alpha, (self._crop.top + box.top, self._crop.left + box.left), "kriging", self._seed,
                          seconds, "cpu", "float32", size, covers=size)
