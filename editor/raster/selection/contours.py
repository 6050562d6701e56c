"""Paths along a picture's contours: intelligent scissors (Mortensen and Barrett, 1995), OpenCV's."""

from collections.abc import Callable

import cv2
import numpy as np

from editor.raster.surface import Box, level_shape

Read = Callable[[Box, int], np.ndarray]
"""Gives (h, w, 3) uint8 of a box of a mip level of the picture (the box in pixels of that level)."""

SIDE = 640
"""Pixels of the part of the picture round an anchor that is searched."""

_CANNY = 32, 100
_STRONGEST = 200  # a gradient that is as good as any
_NEAR = 4  # pixels within which a point is drawn to the strongest edge
_WEAK = 40.0  # a gradient (Sobel's) that nobody sees as an edge
_SMOOTH = 1.5  # sigma in points: paths go from pixel to pixel


class Contours:
    """All paths that begin in one place, at one mip level. Points are (x, y) of the photo.

    Making one searches the surroundings (some 0.1 s); asking for a path costs nothing.
    """

    def __init__(self, read: Read, shape: tuple[int, int], anchor: tuple[float, float], level: int):
        """``anchor`` lies on the photo, of ``shape`` (h, w)."""
        self.anchor, self.level = anchor, level
        self._scale = 1 << level
        row, column = int(anchor[1]) >> level, int(anchor[0]) >> level
        half = SIDE // 2
        self._box = Box(row - half, column - half, row + half, column + half).intersect(
            Box(0, 0, *level_shape(shape, level)))
        picture = cv2.cvtColor(read(self._box, level), cv2.COLOR_RGB2BGR)
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        self._strength = cv2.magnitude(*(cv2.Sobel(grey, cv2.CV_32F, *way) for way in ((1, 0), (0, 1))))
        self._scissors = cv2.segmentation.IntelligentScissorsMB()
        self._scissors.setEdgeFeatureCannyParameters(*_CANNY)
        self._scissors.setGradientMagnitudeMaxLimit(_STRONGEST)
        self._scissors.applyImage(picture)
        self._scissors.buildMap(self._pixel(anchor))

    def drawn_to_edge(self, point: tuple[float, float]) -> tuple[float, float]:
        """The place of the strongest edge very near a point; the point itself where there is none, or too far away."""
        x, y = self._pixel(point)
        if (x, y) != self._unclipped(point):
            return point
        near = self._strength[max(0, y - _NEAR):y + _NEAR + 1, max(0, x - _NEAR):x + _NEAR + 1]
        if near.max() < _WEAK:
            return point
        down, right = np.unravel_index(np.argmax(near), near.shape)
        return self._place(max(0, x - _NEAR) + int(right), max(0, y - _NEAR) + int(down))

    def path_to(self, point: tuple[float, float]) -> np.ndarray:
        """(n, 2) points from the anchor to a place along contours; straight on where that lies too far away."""
        chain = self._scissors.getContour(self._pixel(point)).reshape(-1, 2)
        places = (chain + (self._box.left, self._box.top) + 0.5) * self._scale
        places = cv2.GaussianBlur(places, (1, 7), 0, sigmaY=_SMOOTH, borderType=cv2.BORDER_REPLICATE)
        return np.concatenate([[self.anchor], places[1:-1], [point]])

    def _pixel(self, point: tuple[float, float]) -> tuple[int, int]:
        """(x, y) in the searched part, the nearest one there is."""
        x, y = self._unclipped(point)
        return min(max(x, 0), self._box.width - 1), min(max(y, 0), self._box.height - 1)

    def _unclipped(self, point: tuple[float, float]) -> tuple[int, int]:
        return int(point[0] // self._scale) - self._box.left, int(point[1] // self._scale) - self._box.top

    def _place(self, x: int, y: int) -> tuple[float, float]:
        return (x + self._box.left + 0.5) * self._scale, (y + self._box.top + 0.5) * self._scale
