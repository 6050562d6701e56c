"""Matching a network's picture to the photo at the edge of the hole, at the network's size.

What a network draws may be off in tint or brightness as a whole, and it copies the known surroundings better than it
continues them. So what it has drawn just within the edge is compared with the photo just outside: what they differ by
everywhere is taken off wholly, the rest as a membrane that fades inwards, so that one end of a large hole is
not tinted by the other.
"""

import cv2
import numpy as np

from editor.engines.pyramid import push_pull

_RING = 3  # pixels on either side of the edge
_STEP = 28 / 255  # differences much larger than this are edges that the network has put elsewhere
_FADE = 24.0  # pixels inwards after which the membrane counts for a third


def matched(picture: np.ndarray, known: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """``picture`` (h, w, 3) float32 0..1 with its colours brought to those of ``known``, the same, round ``hole``
    (h, w) bool; to be used in the hole."""
    inside = hole.astype(np.uint8)
    kernel = np.ones((2 * _RING + 1, 2 * _RING + 1), np.uint8)
    outer, inner = (cv2.dilate(inside, kernel) > 0) & ~hole, hole & (cv2.erode(inside, kernel, borderValue=1) == 0)
    if not outer.any() or not inner.any():
        return picture
    difference = _average(known, outer) - _average(picture, inner)
    trust = np.exp(-(difference ** 2).max(axis=2) / _STEP ** 2) * inner
    if trust.sum() < 1e-3 * inner.sum():
        return picture
    common = np.array([_median(difference[inner, channel], trust[inner]) for channel in range(3)], np.float32)
    membrane = push_pull(difference - common, trust.astype(np.float32))
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    return picture + common + membrane * np.exp(-depth / _FADE)[..., None]


def _average(picture: np.ndarray, where: np.ndarray) -> np.ndarray:
    """At each place, of the pixels near by that are ``where``."""
    weight = where.astype(np.float32)
    total = cv2.GaussianBlur(picture * weight[..., None], (0, 0), 1.5)
    return total / np.maximum(cv2.GaussianBlur(weight, (0, 0), 1.5), 1e-4)[..., None]


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])
