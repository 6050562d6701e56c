"""Round brushes: dabs along a stroke, gathered into coverage.

Within a stroke dabs do not add up: the coverage of a pixel is that of the strongest dab that reached it. So a
stroke never shows overlaps, and the same pointer path gives the same pixels at any zoom.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from editor.raster.surface import TILE, Box, Key, keys_in, tile_box

FULL = 65535
"""Full coverage. Sixteen bits, so that soft edges stay smooth on 16-bit photographs."""

_SUBPIXEL = 4  # small dabs are placed on a grid this many times finer than the pixels
_SMALL = 32  # radius in pixels up to which that can be seen


@dataclass(frozen=True)
class Brush:
    """What a stroke is painted with."""

    size: float = 60.0  # diameter in photo pixels, 1..2000
    hardness: float = 0.8  # 0 soft from the centre .. 1 a hard, anti-aliased edge
    opacity: float = 1.0  # 0..1, of the whole stroke
    spacing: float = 0.05  # distance between dabs, of the size
    pressure_size: bool = True  # pen pressure scales the size
    pressure_opacity: bool = False  # pen pressure scales the coverage


@dataclass(frozen=True)
class Point:
    """A pointer position in photo pixels (pixel centres at .5) and the pen's pressure, 0..1."""

    x: float
    y: float
    pressure: float = 1.0


def stamp(radius: float, hardness: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    """Coverage of one dab: (n, n) uint16, read-only, the centre at (n // 2 + x, n // 2 + y) with x, y in 0..1.

    Full up to ``hardness * radius``, from there a smoothstep down to 0 at ``radius``; a hard edge is one pixel wide.
    Dabs too large for it to be seen have their centre at a pixel's corner, whatever x and y.
    """
    return _small_stamp(radius, hardness, x, y) if radius < _SMALL else _large_stamp(radius, hardness)


@lru_cache(maxsize=256)
def _small_stamp(radius: float, hardness: float, x: float, y: float) -> np.ndarray:
    reach = math.ceil(radius + 0.5)
    axis = np.arange(-reach, reach + 1, dtype=np.float32) + 0.5
    out = _profile(axis - x, axis - y, radius, hardness)
    out.flags.writeable = False
    return out


@lru_cache(maxsize=4)  # the largest has 8 MB
def _large_stamp(radius: float, hardness: float) -> np.ndarray:
    axis = np.arange(math.ceil(radius + 0.5), dtype=np.float32) + 0.5
    quarter = _profile(axis, axis, radius, hardness)
    half = np.concatenate([quarter[:, ::-1], quarter], axis=1)
    out = np.concatenate([half[::-1], half])
    out.flags.writeable = False
    return out


def _profile(x: np.ndarray, y: np.ndarray, radius: float, hardness: float) -> np.ndarray:
    """Coverage at the offsets x (columns) and y (rows) from a dab's centre."""
    distance = np.sqrt(x[None, :] ** 2 + y[:, None] ** 2)
    edge = np.clip(radius + 0.5 - distance, 0, 1)
    fall = radius * (1 - hardness)
    if fall < 1:  # steeper than a pixel: the anti-aliased edge alone decides
        return np.rint(edge * FULL).astype(np.uint16)
    ramp = np.clip((radius - distance) / fall, 0, 1)
    return np.rint(np.minimum(edge, ramp * ramp * (3 - 2 * ramp)) * FULL).astype(np.uint16)


class Stroke:
    """One stroke under the pointer: takes points, keeps coverage.

    Points are joined by the quadratic B-spline through their middles, so that a fast, sparsely reported curve is
    painted as a curve; the stroke is half a step behind the pointer until ``finish``.
    """

    def __init__(self, shape: tuple[int, int], brush: Brush):
        self.brush = brush
        self._bounds = Box(0, 0, *shape)
        self._tiles: dict[Key, np.ndarray] = {}
        self._points: list[Point] = []
        self._pen: Point | None = None  # where the painted path has got to
        self._until_dab = 0.0  # path length left before the next dab
        self._changed: dict[Key, Box] = {}
        self.box = Box(0, 0, 0, 0)

    def begin(self, point: Point) -> Box:
        """Set the pen down; returns the box of changed coverage, as do the others."""
        self._points = [point]
        self._pen = point
        self._until_dab = self._step(point)
        return self._gather(self._dab(point))

    def move(self, point: Point) -> Box:
        """Go on to ``point``, along a curve."""
        last = self._points[-1]
        if (point.x, point.y) == (last.x, last.y):
            return Box(0, 0, 0, 0)
        self._points = [*self._points[-1:], point]
        middle = _between(last, point, 0.5)
        start = self._pen
        length = math.hypot(middle.x - start.x, middle.y - start.y)
        pieces = max(1, min(32, int(length / 4)))
        box = Box(0, 0, 0, 0)
        for i in range(1, pieces + 1):
            t = i / pieces
            box = box.union(self._straight(_between(_between(start, last, t), _between(last, middle, t), t)))
        return self._gather(box)

    def line(self, point: Point) -> Box:
        """Go straight to ``point``."""
        self._points = [point]
        return self._gather(self._straight(point))

    def finish(self) -> Box:
        """Catch up with the last point, and end exactly there."""
        return self._gather(self._straight(self._points[-1]).union(self._dab(self._points[-1])))

    def coverage(self, box: Box) -> np.ndarray:
        """(height, width) uint16 coverage of ``box``, 0..FULL, the brush's opacity not yet applied."""
        out = np.zeros((box.height, box.width), np.uint16)
        for key in keys_in(box):
            tile = self._tiles.get(key)
            if tile is not None:
                part = tile_box(key).intersect(box)
                out[part.shift(-box.top, -box.left).slices] = tile[
                    part.shift(-key[0] * TILE, -key[1] * TILE).slices]
        return out

    def take_changed(self) -> list[Box]:
        """Boxes, one a tile, round the coverage that has grown since this was last asked.

        All that needs painting again: with a large brush much less than the dabs' own boxes.
        """
        changed, self._changed = self._changed, {}
        return list(changed.values())

    def _gather(self, box: Box) -> Box:
        self.box = self.box.union(box)
        return box

    def _radius(self, point: Point) -> float:
        return max(0.5, self.brush.size / 2 * (point.pressure if self.brush.pressure_size else 1.0))

    def _step(self, point: Point) -> float:
        return max(0.5, 2 * self._radius(point) * self.brush.spacing)

    def _straight(self, end: Point) -> Box:
        start = self._pen
        length = math.hypot(end.x - start.x, end.y - start.y)
        box = Box(0, 0, 0, 0)
        at = self._until_dab
        while at <= length:
            point = _between(start, end, at / length) if length else end
            box = box.union(self._dab(point))
            at += self._step(point)
        self._until_dab = at - length
        self._pen = end
        return box

    def _dab(self, point: Point) -> Box:
        radius = self._radius(point)
        # Pressure comes in fine steps; rounding, by less than a hundredth, lets neighbouring dabs share their stamp.
        steps = 8 if radius < _SMALL else 2 if radius < 8 * _SMALL else 0.5
        radius = round(radius * steps) / steps
        grid = _SUBPIXEL if radius < _SMALL else 1
        x, y = round(point.x * grid) / grid, round(point.y * grid) / grid
        column, row = math.floor(x), math.floor(y)
        shape = stamp(radius, self.brush.hardness, x - column, y - row)
        middle = shape.shape[0] // 2
        if self.brush.pressure_opacity and point.pressure < 1:
            shape = (shape * np.float32(point.pressure)).astype(np.uint16)
        whole = Box(row - middle, column - middle, row - middle + shape.shape[0], column - middle + shape.shape[1])
        box = whole.intersect(self._bounds)
        for key in keys_in(box):
            tile = self._tiles.get(key)
            if tile is None:
                tile = self._tiles[key] = np.zeros((TILE, TILE), np.uint16)
            part = tile_box(key).intersect(box)
            view = tile[part.shift(-key[0] * TILE, -key[1] * TILE).slices]
            dab = shape[part.shift(-whole.top, -whole.left).slices]
            left, top, width, height = cv2.boundingRect((dab > view).view(np.uint8))
            if width:
                grown = Box(top, left, top + height, left + width).shift(part.top, part.left)
                self._changed[key] = grown.union(self._changed.get(key, grown))
                np.maximum(view, dab, out=view)
        return box if not box.empty else Box(0, 0, 0, 0)


def _between(a: Point, b: Point, t: float) -> Point:
    return Point(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.pressure + (b.pressure - a.pressure) * t)
