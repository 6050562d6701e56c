"""From patches that overlap to one place that each pixel is copied from, with seams where they are seen least."""

import cv2
import numpy as np

from editor.engines.patches import kernels, seam_kernels
from editor.engines.patches.crew import Alone, Crew, stretches
from editor.engines.patches.levels import REACH, Level

_JUMPS = (1, 3, 5, 7, 1, 1)  # how far off the other neighbours are whose offset is tried, in turn; odd: see reseam
_TRUST = np.float32(0.3)  # what differing from what a pixel should look like counts beside its seams


def copied(level: Level, features: np.ndarray, nearest: np.ndarray, weight: np.ndarray,
           team: Crew | Alone) -> np.ndarray:
    """Offsets (h, w, 2) int16 that the hole's pixels are copied from, 0 elsewhere.

    features (h, w, channels) float32: what they should look like. nearest (h, w, 2), weight (h, w): of the patches.
    """
    offsets = np.zeros((*level.shape, 2), np.int16)
    known = (~level.hole).view(np.uint8)
    cuts = stretches(level.holes[:, 0])
    team.each(kernels.favourite, REACH, known, level.holes, nearest, weight, offsets, cuts=cuts)
    wanted = np.ascontiguousarray(features[..., :3])
    picture = np.ascontiguousarray(level.features[..., :3])
    allowed = level.allowed.view(np.uint8)
    for jump in _JUMPS:
        restless = _near_seams(offsets, level.hole)
        for parity in range(2):
            some = restless[(restless.sum(axis=1) & 1) == parity]
            team.each(seam_kernels.reseam, picture, known, allowed, wanted, _TRUST, some, offsets, jump,
                      cuts=stretches(some[:, 0]))
    return offsets


def _near_seams(offsets: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """The pixels (n, 2) int32 of the hole near which the offsets change, row by row."""
    codes = offsets.view(np.int32)[..., 0]
    change = np.zeros(hole.shape, np.uint8)
    across, down = codes[:, 1:] != codes[:, :-1], codes[1:] != codes[:-1]
    change[:, 1:] |= across
    change[:, :-1] |= across
    change[1:] |= down
    change[:-1] |= down
    return np.argwhere(cv2.dilate(change, np.ones((3, 3), np.uint8)).view(bool) & hole).astype(np.int32)
