"""What has been changed: how far each pixel of the visible picture is from the original.

Strengths are uint8: 0 where no bit of a pixel differs, else the largest difference of its channels on a scale of 255,
at least 1. The original is the photograph as the document holds it: turned and cropped as the document is.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from editor.document.document import Snapshot
from editor.raster.surface import TILE, Key, level_shape

STRENGTHS = ((1, 8), (9, 48), (49, 255))
"""The classes that are told apart: hardly seen, seen, another picture. Lowest and highest strength of each."""


def class_table() -> np.ndarray:
    """(256,) uint8: of a strength its class, 1 to 3; 0 of what is unchanged."""
    table = np.zeros(256, np.uint8)
    for number, (low, high) in enumerate(STRENGTHS, 1):
        table[low:high + 1] = number
    return table


def strengths(snapshot: Snapshot, keys: Iterable[Key]) -> Iterator[tuple[Key, np.ndarray | None]]:
    """The strengths (h, w) of tiles, one after the other; None for a tile in which nothing has changed."""
    picture, base = snapshot.picture(), snapshot.base
    possible = picture.touched()
    for key in keys:
        if key not in possible:
            yield key, None
            continue
        now, before = picture.tile(key), base.tile(key)
        if before is None:
            before = np.zeros((*base.tile_shape(key), base.channels), base.dtype)
        found = strength(now, before) if now is not before else None
        yield key, found if found is not None and found.any() else None


def strength(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """(h, w) of two pictures (h, w, c) of one dtype; one of them may lack the alpha, and is opaque."""
    full = np.iinfo(before.dtype).max
    channels = max(now.shape[2], before.shape[2])
    now, before = (pixels if pixels.shape[2] == channels else np.concatenate(
        [pixels, np.full_like(pixels[..., :1], full)], axis=2) for pixels in (now, before))
    apart = np.where(now > before, now - before, before - now).max(axis=2)
    if full != 255:
        apart = (apart.astype(np.uint32) * 255 + full - 1) // full  # rounded up: one step of 65535 is a change too
    return apart.astype(np.uint8)


def count_classes(found: np.ndarray) -> np.ndarray:
    """(4,) int64: how many of these strengths are 0, and how many of each class."""
    by_strength = np.bincount(found.reshape(-1), minlength=256)
    return np.array([by_strength[0], *(by_strength[low:high + 1].sum() for low, high in STRENGTHS)])


class ChangeMap:
    """The strengths of a whole picture, as far as they are known, and how many pixels there are of each class."""

    def __init__(self, shape: tuple[int, int]):
        self.shape = shape
        self._tiles: dict[Key, np.ndarray] = {}
        self._reduced: dict[tuple[int, Key], np.ndarray | None] = {}
        self._deepest = 0  # level that is kept
        self._counts: dict[Key, np.ndarray] = {}  # (3,) of each tile that has changes

    def put(self, key: Key, found: np.ndarray | None, counts: np.ndarray | None = None) -> None:
        """Take over a tile of ``strengths``; ``counts`` are those of ``count_classes``, where they are known."""
        self._tiles.pop(key, None)
        self._counts.pop(key, None)
        if found is not None:
            self._tiles[key] = found
            self._counts[key] = count_classes(found)[1:] if counts is None else counts[1:]
        for level in range(1, self._deepest + 1):
            self._reduced.pop((level, (key[0] >> level, key[1] >> level)), None)

    @property
    def counts(self) -> tuple[int, ...]:
        """Changed pixels of each class."""
        return tuple(int(count) for count in sum(self._counts.values(), np.zeros(len(STRENGTHS), np.int64)))

    def tile(self, key: Key, level: int = 0) -> np.ndarray | None:
        """Strengths reduced 2**level times by the largest of them: a single changed pixel is seen at any scale."""
        if level == 0:
            return self._tiles.get(key)
        self._deepest = max(self._deepest, level)
        if (level, key) not in self._reduced:
            self._reduced[level, key] = self._reduce(key, level)
        return self._reduced[level, key]

    def _reduce(self, key: Key, level: int) -> np.ndarray | None:
        height, width = level_shape(self.shape, level - 1)
        top, left = 2 * key[0] * TILE, 2 * key[1] * TILE
        if top >= height or left >= width:
            return None
        below = np.zeros((min(2 * TILE, height - top + height % 2), min(2 * TILE, width - left + width % 2)), np.uint8)
        there = False
        for y in (0, 1):
            for x in (0, 1):
                child = self.tile((2 * key[0] + y, 2 * key[1] + x), level - 1)
                if child is not None:
                    there = True
                    below[y * TILE:y * TILE + child.shape[0], x * TILE:x * TILE + child.shape[1]] = child
        if not there:
            return None
        rows = np.maximum(below[::2], below[1::2])
        return np.maximum(rows[:, ::2], rows[:, 1::2])
