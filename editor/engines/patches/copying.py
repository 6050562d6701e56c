"""The last step: every pixel is copied from one place, and the seams lie where they are seen least."""

import numpy as np

from editor.engines.patches import kernels
from editor.engines.patches.crew import Crew, stretches
from editor.engines.patches.levels import REACH, Level
from editor.engines.patches.synthesis import Match, _weights, weights

_ROUNDS = 6
_TRUST = np.float32(0.3)


def copied(level: Level, match: Match, team: Crew) -> np.ndarray:
    """Offsets (n, 2) int32 of the hole's pixels ``level.holes``."""
    offsets = np.zeros((*level.shape, 2), np.int32)
    known = (~level.hole).view(np.uint8)
    cuts = stretches(level.holes[:, 0])
    weight = weights(level, match, _weights(level), 2.0)
    team.each(kernels.favourite, REACH, known, level.holes, match.nearest, weight, offsets, cuts=cuts)
    wanted = np.ascontiguousarray(match.features[..., :3])
    picture = np.ascontiguousarray(level.features[..., :3])
    allowed = level.allowed.view(np.uint8)
    for turn in range(2 * _ROUNDS):
        team.each(kernels.reseam, picture, known, allowed, wanted, _TRUST, level.holes, offsets, turn % 2, 1 + 2 * (
            turn // 2 % 4), cuts=cuts)
    return offsets[tuple(level.holes.T)]
