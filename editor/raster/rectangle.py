"""A rectangle laid on a picture, upright or askew: where a photograph lies in a scan."""

from dataclasses import dataclass, replace
from math import ceil, cos, floor, hypot, radians, sin

import numpy as np

from editor.raster.surface import Box


@dataclass(frozen=True)
class Rectangle:
    """In a picture's coordinates, where pixel (0, 0) covers 0..1 by 0..1."""

    centre: tuple[float, float]  # (y, x)
    height: float  # pixels
    width: float
    angle: float = 0.0  # degrees by which its upright is turned clockwise

    @classmethod
    def of_box(cls, box: Box) -> "Rectangle":
        return cls(((box.top + box.bottom) / 2, (box.left + box.right) / 2), float(box.height), float(box.width))

    @property
    def axes(self) -> np.ndarray:
        """(2, 2): its own right and down as (x, y) of the picture, each of length 1."""
        turn = radians(self.angle)
        return np.array([[cos(turn), sin(turn)], [-sin(turn), cos(turn)]])

    def corners(self) -> np.ndarray:
        """(4, 2) float64 (x, y): upper left, upper right, lower right, lower left as seen upright."""
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (self.width / 2, self.height / 2)
        return half @ self.axes + self.centre[::-1]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the picture lies as seen upright, (right, down) from the rectangle's centre."""
        right, down = self.axes @ (x - self.centre[1], y - self.centre[0])
        return float(right), float(down)

    def contains(self, x: float, y: float) -> bool:
        right, down = self.place(x, y)
        return abs(right) <= self.width / 2 and abs(down) <= self.height / 2

    def box(self) -> Box:
        """The smallest box of whole pixels round it."""
        (left, top), (right, bottom) = self.corners().min(axis=0), self.corners().max(axis=0)
        return Box(floor(top + 1e-6), floor(left + 1e-6), ceil(bottom - 1e-6), ceil(right - 1e-6))

    def shift(self, dy: float, dx: float) -> "Rectangle":
        return replace(self, centre=(self.centre[0] + dy, self.centre[1] + dx))

    def moved(self, left: float = 0.0, top: float = 0.0, right: float = 0.0, bottom: float = 0.0) -> "Rectangle":
        """With its sides moved, each by so many pixels towards its own right or down."""
        across, down = np.array([(left + right) / 2, (top + bottom) / 2]) @ self.axes
        return replace(self, centre=(self.centre[0] + float(down), self.centre[1] + float(across)),
                       width=max(0.0, self.width + right - left), height=max(0.0, self.height + bottom - top))

    def within(self, shape: tuple[int, int]) -> "Rectangle":
        """Trimmed until its corners lie on a picture of ``shape`` (h, w); at least a pixel of it is left."""
        out = self
        for _ in range(4):  # what is trimmed for one of the picture's edges is seldom worth anything to another
            for outward, limit in (((-1, 0), 0), ((0, -1), 0), ((1, 0), shape[1]), ((0, 1), shape[0])):
                beyond = float((out.corners() @ outward).max()) - limit
                facing = out.axes @ outward  # how far its own right and down point there
                if beyond > 0:
                    side = int(abs(facing[1]) > abs(facing[0]))
                    by = float(beyond / facing[side])
                    names = (("left", "right"), ("top", "bottom"))[side]
                    out = out.moved(**{names[by > 0]: -by})
        y, x = (min(max(place, 0.5), length - 0.5) for place, length in zip(out.centre, shape, strict=True))
        return out if out.width >= 1 and out.height >= 1 else Rectangle((y, x), 1.0, 1.0)

    def upright(self) -> "Rectangle":
        """The same one, its angle from -45 (without) to 45 degrees: which side is up nobody knows."""
        quarters = ceil(self.angle / 90 - 0.5)
        sides = (self.height, self.width) if quarters % 2 == 0 else (self.width, self.height)
        return Rectangle(self.centre, *sides, self.angle - 90 * quarters)

    def skew(self) -> float:
        """By how many pixels an edge of it strays from the nearest row or column, at most."""
        own = self.upright()
        return hypot(own.width, own.height) / 2 * abs(sin(radians(own.angle)))
