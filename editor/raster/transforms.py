"""Turning, flipping, cropping and rotating: what a picture's pixels, points and frames become.

A step is a value. Turns by quarters, flips and crops move pixels and change none; a rotation by any angle, and a cut
along a rectangle that lies askew, sample them anew, once, by cubic convolution (coverage linearly), colours weighted by
their alpha. Surfaces are worked on in blocks, so that sparse ones stay sparse and large ones take little memory on the
way.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import cv2
import numpy as np

from editor.raster.frame import Frame
from editor.raster.rectangle import Rectangle
from editor.raster.surface import TILE, Box, Surface, keys_in, tile_box

Shape = tuple[int, int]
"""(height, width)."""

_BLOCK = 2 * TILE  # pixels: side of what a rotation samples at once
_TURNS = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}
_REACH = 3  # pixels that cubic convolution looks beyond


class Step(Protocol):
    """One change of a picture's geometry."""

    def shape(self, shape: Shape) -> Shape:
        """What a picture of ``shape`` becomes."""

    def matrix(self, shape: Shape) -> np.ndarray:
        """(2, 3) float64: takes (x, y, 1) of a picture of ``shape`` to (x, y) of what it becomes; both count from the
        pixels' corners.
        """

    @property
    def inverse(self) -> "Step | None":
        """What takes it back, bit for bit; None where pixels go."""


@dataclass(frozen=True)
class Turn:
    """By quarters, clockwise."""

    quarters: int  # 1..3

    def shape(self, shape: Shape) -> Shape:
        return shape[::-1] if self.quarters % 2 else shape

    def matrix(self, shape: Shape) -> np.ndarray:
        height, width = shape
        return np.array({1: [[0, -1, height], [1, 0, 0]], 2: [[-1, 0, width], [0, -1, height]],
                         3: [[0, 1, 0], [-1, 0, width]]}[self.quarters], float)

    @property
    def inverse(self) -> "Turn":
        return Turn(4 - self.quarters)


@dataclass(frozen=True)
class Flip:
    """Left and right change places; or top and bottom."""

    upright: bool = False  # top and bottom

    def shape(self, shape: Shape) -> Shape:
        return shape

    def matrix(self, shape: Shape) -> np.ndarray:
        height, width = shape
        return np.array([[1, 0, 0], [0, -1, height]] if self.upright else [[-1, 0, width], [0, 1, 0]], float)

    @property
    def inverse(self) -> "Flip":
        return self


@dataclass(frozen=True)
class Crop:
    """To a box, which lies within the picture."""

    box: Box

    def shape(self, shape: Shape) -> Shape:
        return self.box.height, self.box.width

    def matrix(self, shape: Shape) -> np.ndarray:
        return np.array([[1, 0, -self.box.left], [0, 1, -self.box.top]], float)

    @property
    def inverse(self) -> None:
        return None


@dataclass(frozen=True)
class Rotate:
    """By any angle about the middle."""

    angle: float  # degrees clockwise, more than -180 and up to 180
    keep_all: bool = False  # with transparent corners; else the largest upright rectangle without any

    def shape(self, shape: Shape) -> Shape:
        height, width = shape
        sine, cosine = abs(math.sin(math.radians(self.angle))), abs(math.cos(math.radians(self.angle)))
        if self.keep_all:
            return math.ceil(height * cosine + width * sine - 1e-9), math.ceil(width * cosine + height * sine - 1e-9)
        return _largest_upright(height, width, sine, cosine)

    def matrix(self, shape: Shape) -> np.ndarray:
        turn = math.radians(self.angle)
        linear = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        before, after = np.array(shape[::-1]) / 2, np.array(self.shape(shape)[::-1]) / 2
        return np.column_stack([linear, after - linear @ before])

    @property
    def inverse(self) -> None:
        return None


@dataclass(frozen=True)
class Cut:
    """To a rectangle that lies askew within the picture, turned upright; what is less than a pixel goes."""

    rectangle: Rectangle

    keep_all: ClassVar[bool] = False

    @property
    def angle(self) -> float:
        """Degrees clockwise by which the picture is rotated."""
        return -self.rectangle.angle

    def shape(self, shape: Shape) -> Shape:
        height, width = self.rectangle.height, self.rectangle.width
        return max(1, math.floor(height + 1e-6)), max(1, math.floor(width + 1e-6))

    def matrix(self, shape: Shape) -> np.ndarray:
        linear = self.rectangle.axes
        after = np.array(self.shape(shape)[::-1]) / 2
        return np.column_stack([linear, after - linear @ self.rectangle.centre[::-1]])

    @property
    def inverse(self) -> None:
        return None


SAMPLING = (Rotate, Cut)
"""The steps that sample pixels anew; all others only move them."""


def cut_of(rectangle: Rectangle, shape: Shape) -> Crop | Cut:
    """How to cut a rectangle out of a picture of ``shape``, beyond which nothing of it is wanted. Where its edges stray
    from the pixels' rows and columns by less than half a pixel, no pixel is changed.
    """
    inner = rectangle.within(shape)
    own = inner.upright()
    if own.skew() >= 0.5:
        return Cut(inner)
    (left, top), _, (right, bottom), _ = replace(own, angle=0.0).corners()
    box = Box(round(top), round(left), max(round(top) + 1, round(bottom)), max(round(left) + 1, round(right)))
    box = box.intersect(Box(0, 0, *shape))
    quarters = round(inner.angle / 90) % 4
    if not quarters:
        return Crop(box)
    sides = (box.height, box.width) if quarters == 2 else (box.width, box.height)
    return Cut(Rectangle(Rectangle.of_box(box).centre, *sides, 90.0 * quarters))


def _largest_upright(height: int, width: int, sine: float, cosine: float) -> Shape:
    """The upright rectangle of the largest area within a picture that is turned by an angle."""
    longer, shorter = max(height, width), min(height, width)
    if shorter <= 2 * sine * cosine * longer or abs(sine - cosine) < 1e-9:
        # Two of its corners lie on a longer side, the others midway between: half the shorter side decides.
        half = shorter / 2
        along, across = (half / sine, half / cosine) if sine and cosine else (longer, shorter)
        best = (across, along) if width >= height else (along, across)
    else:
        double = cosine * cosine - sine * sine
        best = (height * cosine - width * sine) / double, (width * cosine - height * sine) / double
    return tuple(max(1, min(math.floor(side + 1e-6), 2 * longer)) for side in best)


def box_after(step: Step, box: Box, shape: Shape) -> Box:
    """The smallest box of whole pixels round what a box of a picture of ``shape`` becomes; it may reach beyond."""
    corners = np.array([[x, y, 1] for y in (box.top, box.bottom) for x in (box.left, box.right)], float)
    places = corners @ step.matrix(shape).T
    (left, top), (right, bottom) = np.floor(places.min(axis=0) + 1e-6), np.ceil(places.max(axis=0) - 1e-6)
    return Box(int(top), int(left), int(bottom), int(right))


def frame_after(step: Step, frame: Frame, shape: Shape) -> Frame | None:
    """What a face frame becomes; None where nothing of it is left on the picture."""
    y, x = frame.centre
    x, y = map(float, step.matrix(shape) @ (x, y, 1))
    if isinstance(step, Flip):
        angle = 180 - frame.angle if step.upright else -frame.angle
    else:
        angle = frame.angle + (90 * step.quarters if isinstance(step, Turn) else getattr(step, "angle", 0.0))
    moved = replace(frame, centre=(y, x), angle=180 - (180 - angle) % 360)
    return None if moved.box().intersect(Box(0, 0, *step.shape(shape))).empty else moved


def pixels_after(step: Step, pixels: np.ndarray) -> np.ndarray:
    """A whole array (h, w, c) after a step that moves pixels only; a view where that will do."""
    if isinstance(step, Crop):
        return pixels[step.box.slices]
    # OpenCV moves blocks: several times quicker on a large photograph than numpy, which follows the rows.
    if isinstance(step, Flip):
        out = cv2.flip(pixels, 0 if step.upright else 1)
    else:
        out = cv2.rotate(pixels, _TURNS[step.quarters])
    return out.reshape(*out.shape[:2], pixels.shape[2])


def surface_after(step: Step, surface: Surface, watch: Callable[[], None] = lambda: None) -> Surface:
    """A surface after any step; what comes in from beyond it is 0. ``watch`` is called every few milliseconds; what it
    raises passes through.
    """
    out = Surface(step.shape(surface.shape), surface.channels, surface.dtype)
    if isinstance(step, SAMPLING):
        for block in blocks(out.bounds):
            watch()
            if _touches(surface, source_box(step, block, surface.shape)):
                out.write(rotated(step, surface.shape, surface.read, block), (block.top, block.left))
        return out
    for key in keys_in(out.bounds):
        watch()
        there = source_box(step, tile_box(key).intersect(out.bounds), surface.shape)
        if _touches(surface, there):
            tile = surface.read(there)
            tile = tile if isinstance(step, Crop) else pixels_after(step, tile)
            out.put(key, tile if tile.any() else None)
    return out


def blocks(bounds: Box) -> Iterator[Box]:
    """What a rotation is worked on by: boxes of whole tiles."""
    for row in range(bounds.top, bounds.bottom, _BLOCK):
        for column in range(bounds.left, bounds.right, _BLOCK):
            yield Box(row, column, row + _BLOCK, column + _BLOCK).intersect(bounds)


def source_box(step: Step, block: Box, shape: Shape) -> Box:
    """The pixels of a picture of ``shape`` that make those of ``block`` after the step; it may reach beyond."""
    if isinstance(step, Crop):
        return block.shift(step.box.top, step.box.left)
    if isinstance(step, SAMPLING):
        inverse = cv2.invertAffineTransform(step.matrix(shape))
        corners = np.array([[x, y, 1] for y in (block.top, block.bottom) for x in (block.left, block.right)], float)
        (left, top), (right, bottom) = (corners @ inverse.T).min(axis=0), (corners @ inverse.T).max(axis=0)
        return Box(math.floor(top), math.floor(left), math.ceil(bottom), math.ceil(right)).grow(_REACH)
    return box_after(step.inverse, block, step.shape(shape))


def rotated(step: Rotate | Cut, shape: Shape, read: Callable[[Box], np.ndarray], block: Box,
            opaque: bool = False) -> np.ndarray:
    """The pixels (h, w, c) of ``block`` after a rotation of a picture of ``shape``.

    ``read`` gives any box of it, 0 beyond it. ``opaque``: it has no alpha, and goes on beyond its edge as it ends;
    else 2 and 4 channels have alpha last, and one channel is coverage.
    """
    there = source_box(step, block, shape)
    if opaque:
        there = there.intersect(Box(0, 0, *shape))
    pixels = read(there)
    matrix = cv2.invertAffineTransform(step.matrix(shape))
    # Both sides of what OpenCV is told count from the middles of pixels.
    matrix[:, 2] += matrix[:, :2] @ (block.left + 0.5, block.top + 0.5) - (there.left + 0.5, there.top + 0.5)
    size, channels = (block.width, block.height), pixels.shape[2]
    border = cv2.BORDER_REPLICATE if opaque else cv2.BORDER_CONSTANT
    kernel = cv2.INTER_LINEAR if channels == 1 and not opaque else cv2.INTER_CUBIC
    flags = kernel | cv2.WARP_INVERSE_MAP
    if opaque or channels in (1, 3):
        return cv2.warpAffine(pixels, matrix, size, flags=flags, borderMode=border).reshape(*size[::-1], channels)
    full = np.float32(np.iinfo(pixels.dtype).max)
    weighted = pixels.astype(np.float32)
    weighted[..., :-1] *= weighted[..., -1:] / full
    out = cv2.warpAffine(weighted, matrix, size, flags=flags, borderMode=border)
    alpha = np.clip(np.rint(out[..., -1:]), 0, full)
    out[..., :-1] *= full / np.maximum(out[..., -1:], 0.5)
    out = np.where(alpha > 0, np.concatenate([np.clip(np.rint(out[..., :-1]), 0, full), alpha], axis=2), 0)
    return out.astype(pixels.dtype)


def _touches(surface: Surface, box: Box) -> bool:
    """Whether a box has one of the surface's tiles."""
    return any(key in surface.keys() for key in keys_in(box.intersect(surface.bounds)))
