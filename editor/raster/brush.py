"""Round brushes: dabs along a stroke, gathered into coverage.

Each dab brings a pixel nearer to its own coverage by the brush's flow, and never beyond: at full flow the coverage of a
pixel is that of the strongest dab that reached it, with less it is built up by dabs that overlap. So a stroke never
shows overlaps beyond its opacity, a soft edge stays soft however often it is gone over, and the same pointer path gives
the same pixels at any zoom.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache

import cv2
import numpy as np

from editor.raster.surface import TILE, Box, Key, keys_in, tile_box

FULL = 65535
"""Full coverage. Sixteen bits, so that soft edges stay smooth on 16-bit photographs."""

_SUBPIXEL = 4  # small dabs are placed on a grid this many times finer than the pixels
_SMALL = 32  # radius in pixels up to which that can be seen
_LITTLE = 1024  # pixels of a dab


def _from_to(low: float, high: float, default: float) -> float:
    return field(default=default, metadata={"min": low, "max": high})


@dataclass(frozen=True)
class Brush:
    """What a stroke is painted with. Numbers lie within their field's "min" and "max"; see ``within_limits``."""

    size: float = _from_to(1.0, 2000.0, 60.0)  # diameter in photo pixels
    hardness: float = _from_to(0.0, 1.0, 0.8)  # 0 soft from the centre .. 1 a hard, anti-aliased edge
    opacity: float = _from_to(0.01, 1.0, 1.0)  # of the whole stroke
    flow: float = _from_to(0.01, 1.0, 1.0)  # of a dab: how far it goes towards its own coverage
    spacing: float = _from_to(0.01, 1.0, 0.05)  # distance between dabs, of the size
    smoothing: float = _from_to(0.0, 100.0, 0.0)  # photo pixels that the stroke trails behind the pointer
    pressure_size: bool = True  # pen pressure scales the size
    pressure_opacity: bool = False  # pen pressure scales the coverage
    # What a pressure p counts is p ** curve: under 1 a light touch is enough, over 1 it takes force.
    size_curve: float = _from_to(0.2, 5.0, 1.0)
    opacity_curve: float = _from_to(0.2, 5.0, 1.0)
    minimum_size: float = _from_to(0.0, 1.0, 0.0)  # at no pressure, of the size


LIMITS: dict[str, tuple[float, float]] = {
    item.name: (item.metadata["min"], item.metadata["max"]) for item in fields(Brush) if item.metadata}
"""Least and greatest value of each of a brush's numbers."""


def within_limits(brush: Brush) -> Brush:
    """The brush with every number brought to where it may be."""
    return replace(brush, **{name: min(max(getattr(brush, name), low), high) for name, (low, high) in LIMITS.items()})


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

    Without smoothing, points are joined by the quadratic B-spline through their middles, so that a fast, sparsely
    reported curve is painted as a curve; the stroke is half a step behind the pointer until ``finish``. With smoothing,
    the pen is drawn after the pointer as by a spring: it is the exponential mean of the pointer's way, over
    ``smoothing`` pixels of it, which does not depend on how many events report it. ``box`` lies round all dabs so far.
    """

    def __init__(self, shape: tuple[int, int], brush: Brush):
        self.brush = brush
        self._bounds = Box(0, 0, *shape)
        self._tiles: dict[Key, np.ndarray] = {}
        self._last: Point | None = None  # where the pointer was
        self._pen: Point | None = None  # where the painted path has got to
        self._until_dab = 0.0  # path length left before the next dab
        self._changed: dict[Key, Box] = {}
        self.box = Box(0, 0, 0, 0)

    def begin(self, point: Point) -> None:
        """Set the pen down."""
        self._last = self._pen = point
        self._until_dab = self._step(point)
        self._dab(point)

    def move(self, point: Point) -> None:
        """Go on to ``point``, along a curve."""
        last, self._last = self._last, point
        if (point.x, point.y) == (last.x, last.y):
            self._straight(replace(self._pen, pressure=point.pressure))
            return
        for step in self._trail(last, point) if self.brush.smoothing else self._curve(last, point):
            self._straight(step)

    def line(self, point: Point) -> None:
        """Go straight to ``point``."""
        self._last = point
        self._straight(point)

    def finish(self) -> None:
        """Catch up with the pointer. At full flow the stroke ends exactly there; with less, a dab out of turn would
        show.
        """
        self._straight(self._last)
        if self.brush.flow == 1:
            self._dab(self._last)

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

        All that needs painting again: with a large brush at full flow much less than the dabs' own boxes.
        """
        changed, self._changed = self._changed, {}
        return list(changed.values())

    def _radius(self, point: Point) -> float:
        brush = self.brush
        felt = point.pressure ** brush.size_curve if brush.pressure_size else 1.0
        return max(0.5, brush.size / 2 * (brush.minimum_size + (1 - brush.minimum_size) * felt))

    def _step(self, point: Point) -> float:
        return max(0.5, 2 * self._radius(point) * self.brush.spacing)

    def _curve(self, last: Point, point: Point) -> Iterator[Point]:
        """From the pen to the middle of the pointer's last step, touching its way at both ends."""
        start, middle = self._pen, _between(last, point, 0.5)
        pieces = max(1, min(32, int(math.hypot(middle.x - start.x, middle.y - start.y) / 4)))
        for i in range(1, pieces + 1):
            t = i / pieces
            yield _between(_between(start, last, t), _between(last, middle, t), t)

    def _trail(self, last: Point, point: Point) -> Iterator[Point]:
        """What the pen does while the pointer goes straight: p' = (pointer - p) / smoothing, solved exactly."""
        lag, start = self.brush.smoothing, self._pen
        length = math.hypot(point.x - last.x, point.y - last.y)
        steady = _between(last, point, -lag / length)  # where a pen would be that has followed this line for long
        pieces = max(1, min(256, math.ceil(4 * length / lag)))
        for i in range(1, pieces + 1):
            t = i / pieces
            at, fading = _between(last, point, t - lag / length), math.exp(-t * length / lag)
            yield Point(at.x + (start.x - steady.x) * fading, at.y + (start.y - steady.y) * fading,
                        min(max(at.pressure + (start.pressure - steady.pressure) * fading, 0.0), 1.0))

    def _straight(self, end: Point) -> None:
        start, self._pen = self._pen, end
        length = math.hypot(end.x - start.x, end.y - start.y)
        near, far = (length * share for share in self._reaching(start, end))
        if length < self.brush.size and (self.brush.pressure_size or self.brush.pressure_opacity):
            # Pressing harder where the pen stands is a way, too.
            length = far = max(length, abs(end.pressure - start.pressure) * self.brush.size / 2)
        at = _stepped(self._until_dab, near, self._step(start))
        while at <= far:
            point = _between(start, end, at / length) if length else end
            self._dab(point)
            at += self._step(point)
        self._until_dab = _stepped(at, length, self._step(end)) - length

    def _reaching(self, start: Point, end: Point) -> tuple[float, float]:
        """Between which shares of a line dabs may reach the canvas: zoomed far out, hundreds of thousands do not."""
        reach = self.brush.size / 2 + 1
        near, far = 0.0, 1.0
        for at, way, size in ((start.x, end.x - start.x, self._bounds.width),
                              (start.y, end.y - start.y, self._bounds.height)):
            if way:
                first, last = sorted(((-reach - at) / way, (size + reach - at) / way))
                near, far = max(near, first), min(far, last)
            elif not -reach <= at <= size + reach:
                return 1.0, 0.0
        return (near, far) if near <= far else (1.0, 0.0)

    def _dab(self, point: Point) -> None:
        radius = self._radius(point)
        # Pressure comes in fine steps; rounding, by less than a hundredth, lets neighbouring dabs share their stamp.
        steps = 8 if radius < _SMALL else 2 if radius < 8 * _SMALL else 0.5
        radius = round(radius * steps) / steps
        grid = _SUBPIXEL if radius < _SMALL else 1
        x, y = round(point.x * grid) / grid, round(point.y * grid) / grid
        column, row = math.floor(x), math.floor(y)
        shape = stamp(radius, self.brush.hardness, x - column, y - row)
        if self.brush.pressure_opacity and point.pressure < 1:
            strength = point.pressure ** self.brush.opacity_curve
            shape = cv2.addWeighted(shape, strength, shape, 0, 0)
        side = shape.shape[0]
        top, left = row - side // 2, column - side // 2
        box = Box(top, left, top + side, left + side).intersect(self._bounds)
        if box.empty:
            return
        self.box = self.box.union(box)
        for key in keys_in(box):
            tile = self._tiles.get(key)
            if tile is None:
                tile = self._tiles[key] = np.zeros((TILE, TILE), np.uint16)
            down, across = key[0] * TILE, key[1] * TILE
            part = box.intersect(Box(down, across, down + TILE, across + TILE))
            grown = self._lay(tile[part.top - down:part.bottom - down, part.left - across:part.right - across],
                              shape[part.top - top:part.bottom - top, part.left - left:part.right - left])
            if grown is not None:
                grown = grown.shift(part.top, part.left)
                known = self._changed.get(key)
                self._changed[key] = grown if known is None else known.union(grown)

    def _lay(self, coverage: np.ndarray, dab: np.ndarray) -> Box | None:
        """Bring coverage towards a dab, in place; returns a box round what has grown."""
        lacking = cv2.subtract(dab, coverage)  # 0 where there is more already
        if dab.size <= _LITTLE:  # to look for what has grown costs more than it saves
            grown, part = Box(0, 0, *dab.shape), ...
        else:
            left, top, width, height = cv2.boundingRect((lacking > 0).view(np.uint8))
            if not width:
                return None
            grown = Box(top, left, top + height, left + width)
            part = grown.slices
        # Rounded up, so that enough dabs get all the way.
        coverage[part] = cv2.addWeighted(coverage[part], 1, lacking[part], self.brush.flow, 0.499)
        return grown


def _stepped(at: float, to: float, step: float) -> float:
    """The first of at, at + step, at + 2 step, … that is not before ``to``."""
    return at if at >= to else at + math.ceil((to - at) / step) * step


def _between(a: Point, b: Point, t: float) -> Point:
    return Point(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.pressure + (b.pressure - a.pressure) * t)
