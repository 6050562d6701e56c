"""What to copy into the hole, from coarse to fine: the patch search and the vote in turn.

Wexler, Shechtman and Irani, "Space-time completion of video" (PAMI 2007): every patch that touches the hole is to look
like one of the photo. In turn each patch is given the one that it resembles most (PatchMatch: Barnes et al., SIGGRAPH
2009), and each pixel the mean of what the patches over it say. Texture is compared besides colour, so that it does
not wash out: Newson et al., "Video inpainting of complex scenes" (SIAM J. Imaging Sciences 2014).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from editor.engines.membrane import harmonic
from editor.engines.patches import kernels
from editor.engines.patches.crew import Crew, stretches
from editor.engines.patches.levels import REACH, Level

_TURNS = (12, 6, 4, 3, 2)  # rounds of search and vote, from the coarsest size on; the last number from then on
_FALL = 1.25  # how much less a patch counts a pixel further from the known ones
_SPREAD = 0.75  # the quantile of all distances that is taken as usual


@dataclass
class Match:
    """Where the hole's patches copy from, at one size; written to as the search goes on."""

    nearest: np.ndarray  # (h, w, 2) int32, -1 where there is no patch
    cost: np.ndarray  # (h, w) float32
    features: np.ndarray  # (h, w, channels) float32, with the picture as it stands in the hole


def synthesise(levels: tuple[Level, ...], seed: int, team: Crew) -> tuple[Match, float]:
    """The match at the finest of ``levels``, which come coarsest last, and its energy."""
    match = None
    for depth, level in enumerate(reversed(levels)):
        match = _begun(level, seed) if match is None else _finer(match, level, seed, team)
        turns = _TURNS[min(depth, len(_TURNS) - 1)]
        radius = max(level.shape) if depth == 0 else max(2, max(level.shape) >> (2 + 2 * depth))
        fall = _weights(level)
        for turn in range(turns):
            _searched(level, match, radius, seed + depth, turn, team)
            _voted(level, match, fall, team, sharp=1 + 2 * turn / turns)
    return match, float(np.mean(match.cost[tuple(level.places.T)]))


def _begun(level: Level, seed: int) -> Match:
    """A first guess: a membrane, and places to copy from at random."""
    features = level.features.copy()
    for part in (slice(0, 3), slice(3, 5)):
        film = harmonic(np.ascontiguousarray(_three(features[..., part])), level.hole)
        features[..., part][level.hole] = film[level.hole][:, :features[..., part].shape[2]]
    match = Match(np.full((*level.shape, 2), -1, np.int32), np.zeros(level.shape, np.float32), features)
    match.nearest[tuple(level.places.T)] = _anywhere(level, len(level.places), seed)
    return match


def _three(planes: np.ndarray) -> np.ndarray:
    return planes if planes.shape[2] == 3 else np.dstack([planes, planes[..., :1]])


def _anywhere(level: Level, count: int, seed: int) -> np.ndarray:
    """Middles of patches that may be copied, (count, 2)."""
    sources = np.argwhere(level.valid)
    return sources[np.random.default_rng(seed).integers(0, len(sources), count)]


def _finer(match: Match, level: Level, seed: int, team: Crew) -> Match:
    """The match brought to the next size."""
    y, x = level.places.T
    above = match.nearest[y // 2, x // 2]
    there = 2 * above + np.stack([y % 2, x % 2], axis=1)
    lost = above[:, 0] < 0
    there = np.clip(there, 0, np.array(level.shape) - 1)
    lost |= level.valid[tuple(there.T)] == 0
    if lost.any():
        there[lost] = _anywhere(level, int(lost.sum()), seed)
    nearest = np.full((*level.shape, 2), -1, np.int32)
    nearest[y, x] = there
    features = level.features.copy()
    big = cv2.resize(match.features, level.shape[::-1], interpolation=cv2.INTER_LINEAR)
    features[level.hole] = big[level.hole]
    finer = Match(nearest, np.zeros(level.shape, np.float32), features)
    _measured(level, finer, team)
    _voted(level, finer, _weights(level), team)
    return finer


def _weights(level: Level) -> np.ndarray:
    """(h, w) float32: how much a patch counts by how far its middle lies in the hole."""
    depth = cv2.distanceTransform(np.pad(level.hole, 1).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.power(np.float32(_FALL), -np.minimum(depth, 40))


def _compared(level: Level, match: Match) -> tuple:
    channels = match.features.shape[2]
    rows = match.features.reshape(level.shape[0], -1)
    guide, guided = np.zeros((1, 1, 10), np.float32), np.zeros(level.shape, np.uint8)
    return rows, guide, guided, REACH, channels * (2 * REACH + 1)


def _measured(level: Level, match: Match, team: Crew) -> None:
    team.each(kernels.measure, *_compared(level, match), level.places, match.nearest, match.cost,
              cuts=stretches(level.places[:, 0]))


def _searched(level: Level, match: Match, radius: int, seed: int, turn: int, team: Crew) -> None:
    _measured(level, match, team)
    jumps = np.zeros((0, 2), np.int32)
    for way in range(2):
        before = match.nearest.copy()
        team.each(kernels.search, *_compared(level, match), level.valid, level.places, before, match.nearest,
                  match.cost, jumps, radius, seed, 2 * turn + way, cuts=stretches(level.places[:, 0], way))


def _voted(level: Level, match: Match, fall: np.ndarray, team: Crew, sharp: float = 1.0) -> None:
    weight = weights(level, match, fall, sharp)
    out = np.empty((len(level.holes), match.features.shape[2]), np.float32)
    team.each(kernels.vote, match.features, REACH, level.holes, match.nearest, weight, out,
              cuts=stretches(level.holes[:, 0]))
    match.features[tuple(level.holes.T)] = out


def weights(level: Level, match: Match, fall: np.ndarray, sharp: float) -> np.ndarray:
    """(h, w) float32: what each patch's vote counts."""
    cost = match.cost[tuple(level.places.T)]
    usual = max(float(np.quantile(cost, _SPREAD)), 1.0)
    return fall * np.exp(-np.minimum(match.cost * np.float32(sharp / usual), 60))
