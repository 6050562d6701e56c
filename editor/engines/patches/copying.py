"""From patches that overlap to one place that each pixel is copied from, with seams where they are seen least."""

import numpy as np

from editor.engines.patches import kernels
from editor.engines.patches.crew import Crew, stretches
from editor.engines.patches.levels import REACH, Level

_ROUNDS = 6
_TRUST = np.float32(0.3)


def copied(level: Level, features: np.ndarray, nearest: np.ndarray, weight: np.ndarray, team: Crew) -> np.ndarray:
    """Offsets (h, w, 2) int32 that the hole's pixels are copied from, 0 elsewhere.

    features (h, w, channels) float32: what they should look like. nearest (h, w, 2), weight (h, w): of the patches.
    """
    offsets = np.zeros((*level.shape, 2), np.int32)
    known = (~level.hole).view(np.uint8)
    cuts = stretches(level.holes[:, 0])
    team.each(kernels.favourite, REACH, known, level.holes, nearest, weight, offsets, cuts=cuts)
    wanted = np.ascontiguousarray(features[..., :3])
    picture = np.ascontiguousarray(level.features[..., :3])
    allowed = level.allowed.view(np.uint8)
    for turn in range(2 * _ROUNDS):
        jump = 1 + 2 * (turn // 2 % 4)
        team.each(kernels.reseam, picture, known, allowed, wanted, _TRUST, level.holes, offsets, turn % 2, jump,
                  cuts=cuts)
    return offsets
