"""Another picture laid on a photo: moved, scaled, turned, never distorted. Photo coordinates are (y, x)."""

from dataclasses import dataclass, replace
from math import cos, radians, sin

import numpy as np

from editor.raster.frame import Frame
from editor.raster.surface import Box

SMALLEST = 8.0
"""Pixels of the photo: the longer side of a picture that can still be taken hold of."""


@dataclass(frozen=True)
class Placement:
    """Where a picture of ``shape`` (h, w) lies."""

    shape: tuple[int, int]
    centre: tuple[float, float]  # (y, x) of its middle in the photo
    scale: float = 1.0  # pixels of the photo to one of the picture's
    angle: float = 0.0  # degrees by which it is turned clockwise

    def matrix(self) -> np.ndarray:
        """(2, 3) float64: takes (x, y, 1) of the picture to (x, y) of the photo, both counted from pixels' corners."""
        turn = radians(self.angle)
        linear = self.scale * np.array([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]])
        middle = np.array(self.shape[::-1]) / 2
        return np.column_stack([linear, np.array(self.centre[::-1]) - linear @ middle])

    def corners(self) -> np.ndarray:
        """(4, 2) float64 (x, y): upper left, upper right, lower right, lower left of the picture."""
        height, width = self.shape
        return np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], float) @ self.matrix().T

    def contains(self, y: float, x: float) -> bool:
        matrix = self.matrix()
        across, down = np.linalg.solve(matrix[:, :2], np.array([x, y]) - matrix[:, 2])
        return 0 <= across <= self.shape[1] and 0 <= down <= self.shape[0]

    def shift(self, down: float, right: float) -> "Placement":
        return replace(self, centre=(self.centre[0] + down, self.centre[1] + right))

    def scaled(self, factor: float, about: tuple[float, float] | None = None) -> "Placement":
        """Larger by a factor about a point (y, x) of the photo that stays, by default its middle."""
        factor = max(factor, SMALLEST / (self.scale * max(self.shape)))
        y, x = about or self.centre
        centre = y + (self.centre[0] - y) * factor, x + (self.centre[1] - x) * factor
        return replace(self, centre=centre, scale=self.scale * factor)

    def turned(self, degrees: float) -> "Placement":
        """Turned clockwise about its middle; the angle stays between -180 (without) and 180."""
        return replace(self, angle=180 - (180 - self.angle - degrees) % 360)

    def within(self, photo: tuple[int, int]) -> "Placement":
        """Its middle kept on a photo of (h, w): it must not be lost."""
        y, x = (min(max(place, 0.0), float(length)) for place, length in zip(self.centre, photo, strict=True))
        return replace(self, centre=(y, x))


def covering(shape: tuple[int, int], box: Box) -> Placement:
    """A picture of (h, w) laid over a box: it covers it, centred, upright."""
    scale = max(box.height / shape[0], box.width / shape[1])
    return Placement(shape, ((box.top + box.bottom) / 2, (box.left + box.right) / 2), scale)


def face_to_face(shape: tuple[int, int], theirs: Frame, ours: Frame) -> Placement:
    """A picture of (h, w) so laid that the frame of its face comes to lie on that of the photo's."""
    scale, angle = ours.side / theirs.side, ours.angle - theirs.angle
    placed = Placement(shape, (0.0, 0.0), scale).turned(angle)
    x, y = placed.matrix() @ (theirs.centre[1], theirs.centre[0], 1)
    return placed.shift(ours.centre[0] - y, ours.centre[1] - x)
