"""Edges of another picture, laid over a hole as lines of the sketch: as the paper's editing demo takes them.

EdgeConnect knows edges at its own working size, where a hole is about half as wide as what the network sees. So the
other picture is looked at in that size too, whatever its own.
"""

import cv2
import numpy as np

from editor.engines.networks.edges import canny, grey_of, pen_lines
from editor.raster.surface import Box

_HOLE = 256  # pixels: the longer side of a hole as the network sees it, at most
_MARGIN = 12  # pixels round it, so that Canny's blur knows what comes there


def lies_like(shape: tuple[int, int], photo: tuple[int, int]) -> bool:
    """Whether a picture of ``shape`` (h, w) may be another take of a photo: it has its proportions."""
    return abs(shape[0] * photo[1] / (shape[1] * photo[0]) - 1) < 0.01


def borrowed_lines(picture: np.ndarray, photo: tuple[int, int], box: Box, whole: bool, sigma: float,
                   width: int) -> np.ndarray:
    """The edges of ``picture`` (h, w, 3) uint8 beneath ``box`` of a photo of shape ``photo``: coverage (h, w) uint8.

    The picture is laid over the photo as a whole (``whole``), or over the box alone; it covers it, centred, with its
    proportions. ``sigma`` is of Canny's Gaussian in pixels of the network, ``width`` that of the lines in the photo's.
    """
    covered = Box(0, 0, *photo) if whole else box
    height, width_of = picture.shape[:2]
    scale = max(covered.height / height, covered.width / width_of)  # photo pixels to one of the picture's
    top = (covered.top + covered.bottom - scale * height) / 2 - box.top
    left = (covered.left + covered.right - scale * width_of) / 2 - box.left
    reduction = min(1.0, _HOLE / max(box.height, box.width))
    size = (round(box.height * reduction) + 2 * _MARGIN, round(box.width * reduction) + 2 * _MARGIN)
    # Corner of a pixel to corner of a pixel, then between their middles, as OpenCV counts.
    forth = scale * reduction
    shift = np.array([left, top]) * reduction + _MARGIN
    if forth < 1:  # first as far as whole pixels go: what is sampled has been averaged
        small = max(1, round(width_of * forth)), max(1, round(height * forth))
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        forth = 1.0
    matrix = np.array([[forth, 0, shift[0] + (forth - 1) / 2], [0, forth, shift[1] + (forth - 1) / 2]])
    seen = cv2.warpAffine(picture, matrix, size[::-1], borderMode=cv2.BORDER_REPLICATE)
    there = cv2.warpAffine(np.full(picture.shape[:2], 255, np.uint8), matrix, size[::-1])
    edges = canny(grey_of(seen.astype(np.float32) / 255), there < 255, sigma)
    back = np.array([[1 / reduction, 0, -_MARGIN / reduction], [0, 1 / reduction, -_MARGIN / reduction]])
    return pen_lines(edges, (box.height, box.width), back, width)
