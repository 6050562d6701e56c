"""Matching a network's picture to the photo at the edge of the hole, at the network's size.

A network draws the known surroundings too, a little off; the same error goes on into the hole. It is measured in a ring
round the hole and taken off: what it has in common everywhere wholly, the rest as a membrane that fades
inwards, so that one end of a large hole is not tinted by the other.
"""

import cv2
import numpy as np

from editor.engines.pyramid import push_pull

_RING = 4  # pixels round the hole
_STEP = 25 / 255  # differences much larger than this are edges that the network has put elsewhere
_FADE = 24.0  # pixels inwards after which the membrane counts for a third


def matched(picture: np.ndarray, known: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """``picture`` (h, w, 3) float32 0..1 with its colours brought to those of ``known``, the same, round ``hole``
    (h, w) bool; to be used in the hole."""
    ring = cv2.dilate(hole.astype(np.uint8), np.ones((2 * _RING + 1, 2 * _RING + 1), np.uint8)).astype(bool) & ~hole
    if not ring.any():
        return picture
    whole = ring.astype(np.float32)
    weight = np.maximum(cv2.GaussianBlur(whole, (0, 0), 1.5), 1e-4)[..., None]
    difference = cv2.GaussianBlur((known - picture) * whole[..., None], (0, 0), 1.5) / weight
    trust = np.exp(-(difference ** 2).max(axis=2) / _STEP ** 2) * whole
    if trust.sum() < 1e-3 * whole.sum():
        return picture
    common = np.array([_median(difference[ring, channel], trust[ring]) for channel in range(3)], np.float32)
    membrane = push_pull(difference - common, trust)
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5)
    return picture + common + membrane * np.exp(-depth / _FADE)[..., None]


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])
