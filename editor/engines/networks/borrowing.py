"""Edges and colours of a picture, laid on a photo as lines and strokes of the guides: the photo's own or another's.

EdgeConnect's users take edges from another picture (Nazeri et al. 2019); those of the photo itself are something to
begin with. Networks know edges at their own working size, so that is where pictures are looked at, whatever their own.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from editor.engines.networks.edges import SIGMA, canny, grey_of, pen_lines
from editor.raster.frame import Frame
from editor.raster.surface import Box

_HOLE = 256  # pixels: the longer side of a hole as the networks see it, at most
_VIEW = 512  # the same of what is no hole, but may have one in it
_MARGIN = 12  # pixels round it, so that Canny's blur knows what comes there
_PALER = 4  # colours are looked at at that part of the networks' size
_SMOOTHINGS = 4  # medians of 3 x 3 pixels, as in the training


@dataclass(frozen=True)
class Pen:
    """How edges are found and drawn."""

    sigma: float = SIGMA  # of Canny's Gaussian, in pixels of the networks
    strength: float = 1.0  # of Canny's thresholds: the higher, the fewer edges
    width: float = 2  # of the lines, in pixels of the photo


@dataclass(frozen=True)
class Scene:
    """A box of a photo, and how much it is reduced for the networks."""

    box: Box
    reduction: float

    @property
    def size(self) -> tuple[int, int]:
        """(h, w) of the reduced box with its margin."""
        lengths = self.box.height, self.box.width
        return tuple(max(1, round(length * self.reduction)) + 2 * _MARGIN for length in lengths)

    @property
    def around(self) -> Box:
        """The box of the photo that the margin belongs to."""
        return self.box.grow(int(np.ceil(_MARGIN / self.reduction)))

    def seen(self, picture: np.ndarray, matrix: np.ndarray, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """What of a picture (h, w, 3) uint8 lies there, (h, w, 3) uint8 of ``size`` (times ``factor``), and where it
        does, bool.

        matrix: (2, 3), takes (x, y, 1) of the picture to (x, y) of the photo, both counted from pixels' corners.
        """
        height, width = (max(1, round(length * factor)) for length in self.size)
        forth = np.array(matrix, float)
        forth[:, 2] -= self.box.left, self.box.top
        forth *= self.reduction
        forth[:, 2] += _MARGIN
        forth *= factor
        scale = np.hypot(*forth[:, 0])
        if scale < 1:  # first as far as whole pixels go: what is sampled has been averaged
            small = tuple(max(1, round(length * scale)) for length in picture.shape[1::-1])
            forth[:, :2] *= np.divide(picture.shape[1::-1], small)
            picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        forth[:, 2] += forth[:, :2] @ np.full(2, 0.5) - 0.5  # between pixels' middles, as OpenCV counts
        image = cv2.warpAffine(picture, forth, (width, height), borderMode=cv2.BORDER_REPLICATE)
        there = cv2.warpAffine(np.full(picture.shape[:2], 255, np.uint8), forth, (width, height))
        return image, there == 255


def scene_of(box: Box, hole: bool = True, frame: Frame | None = None) -> Scene:
    """A hole, or a box that may have one in it, as the networks see it: a face's ``frame`` as a whole."""
    side = frame.side if frame is not None else max(box.height, box.width)
    return Scene(box, min(1.0, (_HOLE if hole or frame else _VIEW) / side))


def lies_like(shape: tuple[int, int], photo: tuple[int, int]) -> bool:
    """Whether a picture of ``shape`` (h, w) may be another take of a photo: it has its proportions."""
    return abs(shape[0] * photo[1] / (shape[1] * photo[0]) - 1) < 0.01


def lines_of(picture: np.ndarray, matrix: np.ndarray, scene: Scene, pen: Pen) -> np.ndarray:
    """The edges of a picture (see ``Scene.seen``), sRGB, as lines of the pen: coverage (h, w) uint8 of the scene's
    box."""
    seen, there = scene.seen(picture, matrix)
    edges = canny(grey_of(seen.astype(np.float32) / 255), ~there, pen.sigma, pen.strength)
    back = np.array([[1, 0, -_MARGIN], [0, 1, -_MARGIN]]) / scene.reduction
    return pen_lines(edges, (scene.box.height, scene.box.width), back, pen.width)


def colours_of(picture: np.ndarray, matrix: np.ndarray, scene: Scene) -> np.ndarray:
    """A picture's colours without its detail, as the networks know them: (h, w, 4) uint8 straight-alpha sRGB of the
    scene's box, transparent where there is no picture."""
    seen, there = scene.seen(picture, matrix, 1 / _PALER)
    for _ in range(_SMOOTHINGS):
        seen = cv2.medianBlur(seen, 3)
    pale = np.dstack([seen, np.where(there, np.uint8(255), np.uint8(0))])
    box = scene.box
    back = np.array([[1, 0, -_MARGIN / _PALER], [0, 1, -_MARGIN / _PALER]]) * (_PALER / scene.reduction)
    back[:, 2] += back[:, :2] @ np.full(2, 0.5) - 0.5
    colours = cv2.warpAffine(pale[..., :3], back, (box.width, box.height), borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(pale[..., 3], back, (box.width, box.height), flags=cv2.INTER_NEAREST)
    return np.dstack([colours, alpha])
