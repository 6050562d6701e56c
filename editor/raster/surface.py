"""Tiled copy-on-write pixel surfaces.

A surface is a sparse grid of square tiles. Every tile is a read-only array; writing makes a new array and puts
it in the old one's place. So whoever holds a tile (a snapshot, the history, a repaint under way) holds a value
that never changes, and a snapshot costs one shallow copy of a dictionary.

>>> mask = Surface((300, 500), 1, np.uint8)
>>> before = mask.snapshot()
>>> mask.write(np.full((10, 10, 1), 255, np.uint8), (250, 0))
>>> sorted(mask.keys())
[(0, 0), (1, 0)]
>>> int(mask.read(Box(255, 5, 257, 6)).sum()), int(before.read(Box(255, 5, 257, 6)).sum())
(510, 0)
"""

from collections.abc import Callable, Collection, Iterator, KeysView
from typing import NamedTuple

import cv2
import numpy as np

TILE = 256

Key = tuple[int, int]
"""A tile's place in the grid: (row, column), in tiles."""


class Box(NamedTuple):
    """Half-open rectangle of pixels: rows top..bottom, columns left..right."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def empty(self) -> bool:
        return self.bottom <= self.top or self.right <= self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def intersect(self, other: "Box") -> "Box":
        """The common part; empty (though not normalised) where there is none."""
        top, left, bottom, right = self
        # Spelt out, here and below: a stroke asks for thousands a second, and max() takes three times as long.
        return Box(other.top if other.top > top else top, other.left if other.left > left else left,
                   other.bottom if other.bottom < bottom else bottom, other.right if other.right < right else right)

    def union(self, other: "Box") -> "Box":
        """The smallest box round both; an empty one does not count."""
        if self.empty or other.empty:
            return other if self.empty else self
        top, left, bottom, right = self
        return Box(other.top if other.top < top else top, other.left if other.left < left else left,
                   other.bottom if other.bottom > bottom else bottom, other.right if other.right > right else right)

    def grow(self, pixels: int) -> "Box":
        return Box(self.top - pixels, self.left - pixels, self.bottom + pixels, self.right + pixels)

    def shift(self, rows: int, columns: int) -> "Box":
        return Box(self.top + rows, self.left + columns, self.bottom + rows, self.right + columns)


def tile_box(key: Key) -> Box:
    """The pixels of a whole tile, also where it reaches over the surface's edge."""
    return Box(key[0] * TILE, key[1] * TILE, (key[0] + 1) * TILE, (key[1] + 1) * TILE)


def keys_in(box: Box) -> Iterator[Key]:
    """The tiles that a box touches, row by row."""
    if box.empty:
        return
    for row in range(box.top // TILE, (box.bottom - 1) // TILE + 1):
        for column in range(box.left // TILE, (box.right - 1) // TILE + 1):
            yield row, column


def box_round(keys: Collection[Key]) -> Box:
    """The smallest box round these tiles."""
    if not keys:
        return Box(0, 0, 0, 0)
    rows, columns = zip(*keys, strict=True)
    return Box(min(rows) * TILE, min(columns) * TILE, (max(rows) + 1) * TILE, (max(columns) + 1) * TILE)


def level_shape(shape: tuple[int, int], level: int) -> tuple[int, int]:
    """(height, width) of mip level ``level``: halved and rounded up, level times."""
    height, width = shape
    return -(-height >> level), -(-width >> level)


def _frozen(tile: np.ndarray) -> np.ndarray:
    tile.flags.writeable = False
    return tile


class Surface:
    """Pixels of one plane or layer: (height, width, channels), uint8 or uint16, 0 where there is no tile.

    Tiles are (TILE, TILE, channels), smaller at the right and lower edge, and read-only. Channels 2 and 4 mean
    straight (not premultiplied) alpha last. Mip level k is the surface reduced 2**k times by area averaging; its
    tiles are made when asked for, and where pixels beneath them have changed, that part is made again.
    """

    def __init__(self, shape: tuple[int, int], channels: int, dtype: np.dtype | type):
        self.shape = shape
        self.channels = channels
        self.dtype = np.dtype(dtype)
        self._tiles: dict[Key, np.ndarray] = {}
        self._mips: list[dict[Key, np.ndarray | None]] = []
        self._stale: list[dict[Key, Box]] = []  # parts of mip tiles, in pixels of their level, to be made again

    @classmethod
    def from_array(cls, pixels: np.ndarray) -> "Surface":
        """A surface over the whole of ``pixels`` (h, w, c); its tiles are views, so the array must not change."""
        height, width, channels = pixels.shape
        surface = cls((height, width), channels, pixels.dtype)
        for key in keys_in(surface.bounds):
            surface._tiles[key] = _frozen(pixels[tile_box(key).intersect(surface.bounds).slices])
        return surface

    @property
    def bounds(self) -> Box:
        return Box(0, 0, *self.shape)

    @property
    def max_value(self) -> int:
        return int(np.iinfo(self.dtype).max)

    @property
    def nbytes(self) -> int:
        """Bytes of the tiles themselves, shared or not, without mips."""
        return sum(tile.nbytes for tile in self._tiles.values())

    def keys(self) -> KeysView[Key]:
        """The tiles that exist; all others are 0."""
        return self._tiles.keys()

    def content_box(self, hidden: bool = False) -> Box:
        """The smallest box round every pixel that has a channel other than 0; Box(0, 0, 0, 0) if there is none.

        Where there is alpha, only that counts, unless ``hidden`` lets the colours count that it hides.
        """
        box = Box(0, 0, 0, 0)
        for key, tile in self._tiles.items():
            plane = tile[..., -1] if self.channels in (2, 4) and not hidden else tile.any(axis=2)
            rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
            if rows.size:
                box = box.union(Box(rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)
                                .shift(key[0] * TILE, key[1] * TILE))
        return Box(*map(int, box))

    def tile(self, key: Key, level: int = 0) -> np.ndarray | None:
        """The tile at ``key`` of a mip level, read-only; None only where it is all 0."""
        if level == 0:
            return self._tiles.get(key)
        while len(self._mips) < level:
            self._mips.append({})
            self._stale.append({})
        mips, stale = self._mips[level - 1], self._stale[level - 1]
        if mips.get(key) is None and (key not in mips or key in stale):
            stale.pop(key, None)
            mips[key] = self._reduce(key, level)
        elif key in stale:
            part = stale.pop(key)
            corner = tile_box(key)
            tile = mips[key].copy()
            tile[part.shift(-corner.top, -corner.left).slices] = self._reduced(part, level)
            mips[key] = _frozen(tile)
        return mips[key]

    def tile_shape(self, key: Key, level: int = 0) -> tuple[int, int]:
        """(height, width) of the tile at ``key``, which is smaller at the edge."""
        height, width = level_shape(self.shape, level)
        return min(TILE, height - key[0] * TILE), min(TILE, width - key[1] * TILE)

    def put(self, key: Key, tile: np.ndarray | None, changed: Box | None = None) -> None:
        """Replace the tile at ``key``; the surface takes the array over and makes it read-only. None is all 0.

        ``changed`` (photo coordinates) is the part in which the new tile differs, where that is known.
        """
        if tile is None:
            self._tiles.pop(key, None)
        else:
            if tile.shape != (*self.tile_shape(key), self.channels) or tile.dtype != self.dtype:
                raise ValueError(f"tile {key} is {tile.dtype}{tile.shape}, not what this surface takes")
            self._tiles[key] = _frozen(tile)
        changed = (changed or tile_box(key)).intersect(self.bounds)
        for level, (mips, stale) in enumerate(zip(self._mips, self._stale, strict=True), start=1):
            changed = Box(changed.top >> 1, changed.left >> 1, changed.bottom + 1 >> 1, changed.right + 1 >> 1)
            above = key[0] >> level, key[1] >> level
            if above in mips:
                stale[above] = stale.get(above, changed).union(changed)

    def read(self, box: Box, level: int = 0) -> np.ndarray:
        """A copy of the pixels of ``box`` (in pixels of that level): (height, width, channels).

        Parts outside the surface are 0.
        """
        out = np.zeros((box.height, box.width, self.channels), self.dtype)
        inside = box.intersect(Box(0, 0, *level_shape(self.shape, level)))
        for key in keys_in(inside):
            tile = self.tile(key, level)
            if tile is not None:
                part = tile_box(key).intersect(inside)
                out[part.shift(-box.top, -box.left).slices] = tile[
                    part.shift(-key[0] * TILE, -key[1] * TILE).slices]
        return out

    def write(self, pixels: np.ndarray, origin: tuple[int, int]) -> None:
        """Replace the pixels of a rectangle whose upper left corner is ``origin`` (y, x); clipped to the surface."""
        box = Box(origin[0], origin[1], origin[0] + pixels.shape[0], origin[1] + pixels.shape[1])
        self.edit(box, lambda part, old: pixels[part.shift(-box.top, -box.left).slices])

    def edit(self, box: Box, change: Callable[[Box, np.ndarray], np.ndarray]) -> list[Key]:
        """Replace pixels tile by tile; returns the tiles of ``box``.

        ``change(part, old)`` gets each tile's part of ``box`` (photo coordinates) and a read-only view of its
        pixels there, and returns the new ones. Tiles that become all 0 are dropped.
        """
        box = box.intersect(self.bounds)
        edited = list(keys_in(box))
        for key in edited:
            part = tile_box(key).intersect(box)
            local = part.shift(-key[0] * TILE, -key[1] * TILE).slices
            old = self._tiles.get(key)
            tile = np.zeros((*self.tile_shape(key), self.channels), self.dtype) if old is None else old.copy()
            view = tile[local]
            view.flags.writeable = False
            tile[local] = change(part, view)
            self.put(key, tile if _any(tile) else None, part)
        return edited

    def make_mips(self, watch: Callable[[], None] = lambda: None) -> None:
        """Make all tiles of all mip levels down to a single one, so that nobody has to wait for them.

        ``watch`` is called between tiles; what it raises passes through.
        """
        level, shape = 0, self.shape
        while max(shape) > TILE:
            level, shape = level + 1, level_shape(self.shape, level + 1)
            for key in keys_in(Box(0, 0, *shape)):
                watch()
                self.tile(key, level)

    @property
    def levels(self) -> int:
        """How many mip levels somebody has asked for."""
        return len(self._mips)

    def adopt(self, other: "Surface") -> None:
        """Take the place of all pixels by those of a surface of the same kind, with the mip tiles that it has."""
        self._tiles = other._tiles.copy()
        self._mips = [mips.copy() for mips in other._mips]
        self._stale = [stale.copy() for stale in other._stale]

    def snapshot(self) -> "Surface":
        """A surface with the same pixels that later writes to this one do not change."""
        copy = Surface(self.shape, self.channels, self.dtype)
        copy.adopt(self)
        return copy

    def same_pixels(self, other: "Surface", box: Box) -> bool:
        """Whether both have the same pixels in ``box``; quick where they share tiles."""
        for key in keys_in(box.intersect(self.bounds)):
            mine, theirs = self._tiles.get(key), other._tiles.get(key)
            if mine is theirs:
                continue
            part = tile_box(key).intersect(box).intersect(self.bounds)
            if not np.array_equal(self.read(part), other.read(part)):
                return False
        return True

    def _reduce(self, key: Key, level: int) -> np.ndarray | None:
        """One tile of ``level`` from the four of the level below."""
        row, column = key
        children = [self.tile((2 * row + y, 2 * column + x), level - 1) for y in (0, 1) for x in (0, 1)]
        if all(child is None for child in children):
            return None
        return _frozen(self._reduced(tile_box(key).intersect(Box(0, 0, *level_shape(self.shape, level))), level))

    def _reduced(self, part: Box, level: int) -> np.ndarray:
        """The pixels of ``part`` of ``level`` from the level below."""
        below = Box(0, 0, *level_shape(self.shape, level - 1))
        block = self.read(Box(2 * part.top, 2 * part.left, 2 * part.bottom, 2 * part.right).intersect(below), level - 1)
        # An odd edge is repeated, so that the last pixel averages itself and not emptiness.
        pad_y, pad_x = 2 * part.height - block.shape[0], 2 * part.width - block.shape[1]
        if pad_y or pad_x:
            block = np.pad(block, ((0, pad_y), (0, pad_x), (0, 0)), mode="edge")
        return _halve(block)


def _any(tile: np.ndarray) -> bool:
    """Whether a contiguous tile has a pixel other than 0; several times quicker than its any()."""
    return tile.reshape(-1).view(np.bool_).any() if tile.dtype.itemsize > 1 else tile.any()


def _halve(block: np.ndarray) -> np.ndarray:
    """Area average of 2x2 pixels; colours weighted by their alpha where the last channel is one."""
    height, width, channels = block.shape
    size = (width // 2, height // 2)
    alpha = block[..., -1:] if channels in (2, 4) else None
    if alpha is None or alpha.min() == alpha.max():
        # Of two channels at once OpenCV would round halves otherwise.
        planes = cv2.split(block) if channels == 2 else [block]
        small = cv2.merge([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planes])
        return small.reshape(size[1], size[0], channels)
    weight = np.ascontiguousarray(alpha, np.float32)
    # Whole interleaved arrays, the alpha weighted by 1 among them, are much quicker than slices of channels.
    weighted = block.astype(np.float32)
    weighted *= cv2.merge([weight] * (channels - 1) + [np.ones_like(weight)])
    mean = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
    total = 1 / np.maximum(mean[..., -1], 1e-6)
    mean *= cv2.merge([total] * (channels - 1) + [np.ones_like(total)])
    mean += 1 / 64  # above, halves are rounded up: so pixels of one alpha come out alike in any block
    return np.rint(mean, out=mean).astype(block.dtype)
