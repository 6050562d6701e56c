"""A square frame laid on a photo, possibly turned: where a face is, say."""

from dataclasses import dataclass, replace
from math import ceil, cos, floor, radians, sin

import numpy as np

from editor.raster.surface import Box


@dataclass(frozen=True)
class Frame:
    """A square in a photo's coordinates, where pixel (0, 0) covers 0..1 by 0..1. It may reach over the edge."""

    centre: tuple[float, float]  # (y, x)
    side: float  # pixels
    angle: float = 0.0  # degrees by which its upright is turned clockwise

    def matrix(self, size: int) -> np.ndarray:
        """(2, 3) float64: takes (x, y, 1) of the frame, seen upright at ``size`` x ``size`` pixels, to (x, y) of the
        photo, both counted from pixels' corners; for OpenCV, which counts from their centres, see ``sampling``.
        """
        scale, turn = self.side / size, radians(self.angle)
        linear = scale * np.array([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]])
        offset = np.array(self.centre[::-1]) - linear @ np.full(2, size / 2)
        return np.column_stack([linear, offset])

    def sampling(self, size: int) -> np.ndarray:
        """(2, 3) float64: ``matrix`` between pixel centres, as ``cv2.warpAffine`` with WARP_INVERSE_MAP takes it."""
        matrix = self.matrix(size)
        matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5) - 0.5
        return matrix

    def corners(self) -> np.ndarray:
        """(4, 2) float64 (y, x): upper left, upper right, lower right, lower left as seen upright."""
        unit = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], float)
        return (unit @ self.matrix(1).T)[:, ::-1]

    def box(self) -> Box:
        """The smallest box of whole pixels round it; it may reach over the photo's edge."""
        low, high = self.corners().min(axis=0), self.corners().max(axis=0)
        return Box(floor(low[0]), floor(low[1]), ceil(high[0]), ceil(high[1]))

    def shift(self, dy: float, dx: float) -> "Frame":
        return replace(self, centre=(self.centre[0] + dy, self.centre[1] + dx))

    def contains(self, y: float, x: float) -> bool:
        turn, dy, dx = radians(self.angle), y - self.centre[0], x - self.centre[1]
        across, down = dx * cos(turn) + dy * sin(turn), dy * cos(turn) - dx * sin(turn)
        return max(abs(across), abs(down)) <= self.side / 2
