"""Matching a network's picture to the photo at the edge of the hole, at the network's size.

What a network draws may be off in tint or brightness as a whole, and it copies the known surroundings better than it
continues them. So what it has drawn just within the edge is compared with the photo just outside: what they differ by
everywhere is taken off wholly; the rest as a membrane that fades inwards, so that one end of a large hole is
not tinted by the other; and what is then left of a step at the very edge within a few pixels.
"""

import cv2
import numpy as np

from editor.engines.pyramid import average_near, push_pull

_STEP = 28 / 255  # differences much larger than this are edges that the network has put elsewhere
_WIDE, _NARROW = 3, 1  # pixels on either side of the edge that are compared
_FADE, _STEEP_FADE = 24.0, 2.0  # pixels inwards after which their membranes count for a third


def matched(picture: np.ndarray, known: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """``picture`` (h, w, 3) float32 0..1 with its colours brought to those of ``known``, the same, round ``hole``
    (h, w) bool; to be used in the hole."""
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5)[..., None]
    difference, trust = _steps(picture, known, hole, _WIDE)
    if trust.sum() < 1e-3:
        return picture
    inner = trust > 0
    common = np.array([_median(difference[inner, channel], trust[inner]) for channel in range(3)], np.float32)
    picture = picture + common + push_pull(difference - common, trust) * np.exp(-depth / _FADE)
    return picture + push_pull(*_steps(picture, known, hole, _NARROW)) * np.exp(-depth / _STEEP_FADE)


def _steps(picture: np.ndarray, known: np.ndarray, hole: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """What the photo ``width`` pixels outside the edge has more than the picture as far inside, (h, w, 3) float32; and
    how far each pixel is to be trusted, (h, w) float32 0..1, above 0 just inside the edge alone."""
    inside, kernel = hole.astype(np.uint8), np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    outer, inner = (cv2.dilate(inside, kernel) > 0) & ~hole, hole & (cv2.erode(inside, kernel, borderValue=1) == 0)
    outside, within = (average_near(plane, where.astype(np.float32), width / 2)
                       for plane, where in ((known, outer), (picture, inner)))
    difference = outside - within
    return difference, np.exp(-(difference ** 2).max(axis=2) / _STEP ** 2) * inner * outer.any()


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])
