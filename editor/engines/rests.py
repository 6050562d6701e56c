"""Rests of the object outside the mask: how far from a mask's edge the photo is not to be trusted.

An object's edge is wider than the mask drawn along it: lens, demosaicing and JPEG leave a rim of its colour, sharpening
one of the opposite. A rim is a mixture of what lies in the mask and what lies beyond, so its share is measured, as in
matting, along each stretch of the edge, against how much the photo changes there by itself. Where the mask was drawn
with room to spare there is none, and every known pixel counts.
"""

import cv2
import numpy as np

MOST = 6  # pixels beyond the mask's edge that rests are looked for in
_FARTHEST = MOST + 6  # and from there to here is the ground that they lie on
_CELL = 16  # pixels: side of the squares in which the edge is judged, with the eight round them
_OBJECT = (3, 8)  # pixels within the mask's edge: what the object looks like
_SHARE = 0.14  # of the object's colour, from which on a pixel is a rest of it
_OWN = 2.5  # times the share by which the ground differs from itself, which comes on top
_NOISE = 12  # levels of 255 that colours differ by at least before a share means anything


def rests(image: np.ndarray, hole: np.ndarray, most: int = MOST) -> np.ndarray:
    """(h, w) bool: the pixels outside ``hole`` (h, w) bool, no more than ``most`` (up to MOST) from it, that show rests
    of what stands in the hole of ``image`` (h, w, 3) uint8 or uint16."""
    outside = cv2.distanceTransform((~hole).view(np.uint8), cv2.DIST_L2, 5)
    inside = cv2.distanceTransform(np.pad(hole, 1).view(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    rows, columns = np.nonzero((outside > 0) & (outside <= _FARTHEST))
    ring = np.ceil(outside[rows, columns]).astype(np.intp) - 1
    means = _means(image, rows, columns, ring, _FARTHEST)
    within = np.nonzero((inside >= _OBJECT[0]) & (inside <= _OBJECT[1]))
    with np.errstate(invalid="ignore"):  # what is not a number is no rim
        ground = means[:, :, MOST:].mean(axis=2, keepdims=True)
        way = _means(image, *within, 0, 1) - ground
        share = ((means - ground) * way).sum(axis=3) / ((way ** 2).sum(axis=3) + 3 * _NOISE ** 2)
        least = _SHARE + _OWN * np.abs(share[:, :, MOST:]).max(axis=2, keepdims=True)
    # No further than the rim goes without a gap.
    reach = np.logical_and.accumulate(np.abs(share[:, :, :most]) > least, axis=2).sum(axis=2)
    shown = ring < reach[rows // _CELL, columns // _CELL]
    out = np.zeros(hole.shape, bool)
    out[rows[shown], columns[shown]] = True
    return out


def _means(image: np.ndarray, rows: np.ndarray, columns: np.ndarray, kind: np.ndarray | int, kinds: int) -> np.ndarray:
    """(cells down, across, kinds, 3): the mean colour, 0..255, of each ``kind`` of the pixels round each cell.

    Not a number where there are none.
    """
    height, width = (-(-side // _CELL) for side in image.shape[:2])
    place = (rows // _CELL * width + columns // _CELL) * kinds + kind
    colours = image[rows, columns].T * (255 / np.iinfo(image.dtype).max)
    sums = np.stack([np.bincount(place, weights, height * width * kinds) for weights in (*colours, None)], axis=1)
    sums = cv2.boxFilter(sums.astype(np.float64).reshape(height, width, -1), -1, (3, 3), normalize=False,
                         borderType=cv2.BORDER_CONSTANT).reshape(height, width, kinds, 4)
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., :3] / sums[..., 3:]
