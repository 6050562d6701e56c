"""What to copy into the hole, from coarse to fine: the patch search and the vote in turn.

Wexler, Shechtman and Irani, "Space-time completion of video" (PAMI 2007): every patch that touches the hole is to look
like one of the photo. In turn each patch is given the one that it resembles most (PatchMatch: Barnes et al., SIGGRAPH
2009), and each pixel the mean of what the patches over it say. Texture is compared besides colour, so that it does
not wash out: Newson et al., "Video inpainting of complex scenes" (SIAM J. Imaging Sciences 2014).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from editor.engines.patches import kernels
from editor.engines.patches.copying import copied
from editor.engines.patches.crew import Crew, stretches
from editor.engines.patches.levels import REACH, Level
from editor.engines.patches.starting import compared_by_looks, peeled

_TURNS = (8, 5, 4, 3, 2)  # rounds of search and vote, from the coarsest size on; the last number from then on
_TRIES = 4  # offsets that occur often, tried for each patch in each pass
_FALL = 1.25  # how much less a patch counts a pixel further from the known ones
_SPREAD = 0.75  # the quantile of all distances that is taken as usual


@dataclass
class Match:
    """Where the hole's patches copy from, at one size; written to as the search goes on."""

    nearest: np.ndarray  # (h, w, 2) int32, -1 where there is no patch
    cost: np.ndarray  # (h, w) float32
    features: np.ndarray  # (h, w, channels) float32, with the picture as it stands in the hole
    jumps: np.ndarray  # (k, 2) int32: offsets worth trying


@dataclass(frozen=True)
class Start:
    """One way to begin."""

    seed: int
    top: int  # index of the level to begin at


@dataclass(frozen=True)
class Draft:
    """A fill as far as it has come: the match at one level, and what each pixel of the hole is copied from."""

    level: int
    match: Match
    offsets: np.ndarray  # (h, w, 2) int32
    energy: float  # how unlike the photo its patches are


def drafted(levels: tuple[Level, ...], start: Start, jumps: np.ndarray, down_to: int, team: Crew) -> Draft:
    """A fill begun at its top level and brought down to the level of that index.

    jumps: (k, 2) int32, offsets of the top level worth trying.
    """
    level = levels[start.top]
    match = _begun(level, jumps, start.seed, team)
    draft = _worked(level, start.top, match, _TURNS[0], max(level.shape), start.seed, team, _TRIES)
    return refined(levels, draft, down_to, start.seed, team)


def refined(levels: tuple[Level, ...], draft: Draft, down_to: int, seed: int, team: Crew) -> Draft:
    """The same brought down further."""
    for index in range(draft.level - 1, down_to - 1, -1):
        level = levels[index]
        match = _finer(draft, level, seed, team)
        if level.features.dtype == np.uint8:
            draft = _worked(level, index, match, 1, 1, seed, team, 0, copies=index == 0)
        else:
            turns = _TURNS[min(len(levels) - 1 - index, len(_TURNS) - 1)]
            draft = _worked(level, index, match, turns, max(4, max(level.shape) >> 4), seed, team, _TRIES)
    return draft


def _worked(level: Level, index: int, match: Match, turns: int, radius: int, seed: int, team: Crew, tries: int,
            copies: bool = True) -> Draft:
    """Search and vote in turn at one level, then the choice of what to copy."""
    fall = _weights(level)
    for turn in range(turns):
        _searched(level, match, radius, tries, seed + index, turn, team)
        _voted(level, match, fall, team, sharp=1 + 2 * turn / turns)
    if not copies:
        return Draft(index, match, np.zeros((1, 1, 2), np.int32), 0.0)
    offsets = copied(level, match.features, match.nearest, weights(level, match, fall, 2.0), team)
    return Draft(index, match, offsets, _energy(level, match, offsets, team))


def _energy(level: Level, match: Match, offsets: np.ndarray, team: Crew) -> float:
    """The mean distance of the patches of the copied picture to those they come from: seams and all."""
    y, x = level.holes.T
    made = Match(match.nearest, np.zeros_like(match.cost), level.features.copy(), match.jumps)
    made.features[y, x] = level.features[y + offsets[y, x, 0], x + offsets[y, x, 1]]
    _measured(level, made, team)
    return float(np.sqrt(made.cost[tuple(level.places.T)]).mean())


def _begun(level: Level, jumps: np.ndarray, seed: int, team: Crew) -> Match:
    features, first = peeled(level, jumps, seed, team)
    match = Match(np.full((*level.shape, 2), -1, np.int32), np.zeros(level.shape, np.float32), features, jumps)
    match.nearest[tuple(level.places.T)] = _anywhere(level, len(level.places), seed)
    y, x = level.places[first[tuple(level.places.T)][:, 0] >= 0].T
    match.nearest[y, x] = first[y, x]
    return match


def _anywhere(level: Level, count: int, seed: int) -> np.ndarray:
    """Middles of patches that may be copied, (count, 2)."""
    sources = np.argwhere(level.valid)
    return sources[np.random.default_rng(seed).integers(0, len(sources), count)]


def _finer(draft: Draft, level: Level, seed: int, team: Crew) -> Match:
    """The match brought to the next size."""
    match = draft.match
    y, x = level.places.T
    place = np.stack([y % 2, x % 2], axis=1)
    above = match.nearest[y // 2, x // 2]
    there = _placed(level, np.where(above[:, :1] < 0, -1, 2 * above + place))
    lost = there[:, 0] < 0
    there[lost] = _anywhere(level, int(lost.sum()), seed)
    nearest = np.full((*level.shape, 2), -1, np.int32)
    nearest[y, x] = there
    features = level.features.copy()
    if match.features.shape[2] == features.shape[2]:
        above = match.features
    else:
        above = match.features[..., :3]
    big = cv2.resize(above, level.shape[::-1], interpolation=cv2.INTER_LINEAR)
    features[level.hole] = big[level.hole]
    finer = Match(nearest, np.zeros(level.shape, np.float32), features, 2 * match.jumps)
    _measured(level, finer, team)
    _voted(level, finer, _weights(level), team)
    return finer


def _placed(level: Level, there: np.ndarray) -> np.ndarray:
    """``there`` (n, 2) where patches may be copied, else -1."""
    inside = ((there >= 0) & (there < level.shape)).all(axis=1)
    safe = np.where(inside[:, None], there, 0)
    return np.where((inside & (level.valid[tuple(safe.T)] > 0))[:, None], there, -1)


def _weights(level: Level) -> np.ndarray:
    """(h, w) float32: how much a patch counts by how far its middle lies in the hole."""
    depth = cv2.distanceTransform(np.pad(level.hole, 1).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.power(np.float32(_FALL), -np.minimum(depth, 40))


def _measured(level: Level, match: Match, team: Crew) -> None:
    team.each(kernels.measure, *compared_by_looks(match.features), level.places, match.nearest, match.cost,
              cuts=stretches(level.places[:, 0]))


def _searched(level: Level, match: Match, radius: int, tries: int, seed: int, turn: int, team: Crew) -> None:
    _measured(level, match, team)
    tries = min(tries, len(match.jumps))
    for way in range(2):
        before = match.nearest.copy()
        team.each(kernels.search, *compared_by_looks(match.features), level.valid, level.places, before, match.nearest,
                  match.cost, match.jumps, tries, 0, radius, seed, 2 * turn + way,
                  cuts=stretches(level.places[:, 0], way))


def _voted(level: Level, match: Match, fall: np.ndarray, team: Crew, sharp: float = 1.0) -> None:
    weight = weights(level, match, fall, sharp)
    out = np.empty((len(level.holes), match.features.shape[2]), np.float32)
    team.each(kernels.vote, match.features, REACH, level.holes, match.nearest, weight, out,
              cuts=stretches(level.holes[:, 0]))
    match.features[tuple(level.holes.T)] = out if match.features.dtype == np.float32 else np.rint(out)


def weights(level: Level, match: Match, fall: np.ndarray, sharp: float) -> np.ndarray:
    """(h, w) float32: what each patch's vote counts."""
    cost = match.cost[tuple(level.places.T)]
    usual = max(float(np.quantile(cost, _SPREAD)), 1.0)
    return fall * np.exp(-np.minimum(match.cost * np.float32(sharp / usual), 60))
