"""Rests of the object outside the mask: how far from a mask's edge the photo is not to be trusted.

An object's edge is wider than the mask drawn along it: lens, demosaicing and JPEG leave a rim of its colour, sharpening
one of the opposite. A rim is a mixture of what lies in the mask and what lies beyond, so its share is measured, as in
matting, along each stretch of the edge, against how much the photo changes there by itself. Where the mask was drawn
with room to spare there is none, and every known pixel counts.
"""

import cv2
import numpy as np

MOST = 6  # pixels beyond the mask's edge that rests are looked for in
_CELL = 16  # pixels: side of the squares in which the edge is judged, with the eight round them
_OBJECT = (3, 8)  # pixels within the mask's edge: what the object looks like
_GROUND = range(MOST + 1, MOST + 7)  # pixels beyond it: what lies round it
_SHARE = 0.14  # of the object's colour, from which on a pixel is a rest of it
_NOISE = 12  # levels of 255 that colours differ by at least before a share means anything


def rests(image: np.ndarray, hole: np.ndarray, most: int = MOST) -> np.ndarray:
    """(h, w) bool: the pixels outside ``hole`` (h, w) bool, no more than ``most`` (up to MOST) from it, that show rests
    of what stands in the hole of ``image`` (h, w, 3) uint8 or uint16."""
    outside = cv2.distanceTransform((~hole).view(np.uint8), cv2.DIST_L2, 5)
    inside = cv2.distanceTransform(np.pad(hole, 1).view(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    grid = _Grid(image)
    thing = grid.mean((inside >= _OBJECT[0]) & (inside <= _OBJECT[1]))
    rings = {pixels: (outside > pixels - 1) & (outside <= pixels) for pixels in (*range(1, most + 1), *_GROUND)}
    means = {pixels: grid.mean(ring) for pixels, ring in rings.items()}
    ground = np.mean([means[pixels] for pixels in _GROUND], axis=0)
    way = thing - ground
    length = (way ** 2).sum(axis=2) + 3 * _NOISE ** 2
    share = {pixels: ((mean - ground) * way).sum(axis=2) / length for pixels, mean in means.items()}
    least = _SHARE + 2.5 * np.max([np.abs(share[pixels]) for pixels in _GROUND], axis=0)
    out = np.zeros(hole.shape, bool)
    reached = np.isfinite(least)
    for pixels in range(1, most + 1):
        reached &= np.abs(share[pixels]) > least  # no further than the rim goes without a gap; not a number is no rim
        rows, columns = np.nonzero(rings[pixels])
        shown = reached[rows // _CELL, columns // _CELL]
        out[rows[shown], columns[shown]] = True
    return out


class _Grid:
    """Mean colours of some pixels round each cell of a picture."""

    def __init__(self, image: np.ndarray):
        self._image, self._scale = image, 255 / np.iinfo(image.dtype).max
        self._shape = tuple(-(-side // _CELL) for side in image.shape[:2])

    def mean(self, where: np.ndarray) -> np.ndarray:
        """(rows, columns, 3) float64, 0..255; not a number where none of the pixels ``where`` (h, w) bool is near."""
        rows, columns = np.nonzero(where)
        place = rows // _CELL * self._shape[1] + columns // _CELL
        colours = self._image[rows, columns].T * self._scale
        sums = [np.bincount(place, weights, self._shape[0] * self._shape[1]) for weights in (*colours, None)]
        sums = np.stack(sums, axis=1).astype(np.float64).reshape(*self._shape, 4)
        sums = cv2.boxFilter(sums, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
        with np.errstate(invalid="ignore", divide="ignore"):
            return sums[..., :3] / sums[..., 3:]
