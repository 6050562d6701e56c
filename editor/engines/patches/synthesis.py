"""What to copy into the hole, from coarse to fine: the patch search and the vote in turn.

Wexler, Shechtman and Irani, "Space-time completion of video" (PAMI 2007): every patch that touches the hole is to look
like one of the photo. In turn each patch is given the one that it resembles most (PatchMatch: Barnes et al., SIGGRAPH
2009), and each pixel the mean of what the patches over it say. Texture is compared besides colour, so that it does
not wash out: Newson et al., "Video inpainting of complex scenes" (SIAM J. Imaging Sciences 2014).
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from editor.engines.patches import kernels
from editor.engines.patches.copying import copied
from editor.engines.patches.crew import Alone, Crew, stretches
from editor.engines.patches.levels import REACH, Level
from editor.engines.patches.starting import peeled

_TURNS = (8, 5, 3, 2)  # rounds of search and vote, from the coarsest size on; the last number from then on
_TRIES = 3  # offsets that occur often, tried for each patch in each pass
_SHARP = 1.25  # how much less one counts that is as unlike its source as is usual round it


@dataclass(frozen=True)
class Manner:
    """How a fill goes about it."""

    fall: float  # how much less a patch counts a pixel further from the known ones
    pull: float  # see Level.compared


INWARDS = Manner(2.2, 8.0)
"""What is known is carried on from the edge inwards, from near by: what photographs mostly want."""
AT_ONCE = Manner(1.25, 1.0)
"""All of the hole is agreed on at once, from wherever it fits: patterns, and places of which there is little near."""


@dataclass
class Match:
    """Where the hole's patches copy from, at one size; written to as the search goes on."""

    nearest: np.ndarray  # (h, w, 2) int16, -1 where there is no patch
    cost: np.ndarray  # (h, w) float32
    features: np.ndarray  # (h, w, channels) as the level's, with the picture as it stands in the hole
    jumps: np.ndarray  # (k, 2) int32: offsets worth trying
    weight: np.ndarray | None = None  # (h, w) float32: what each patch's vote counts


@dataclass(frozen=True)
class Start:
    """One way to begin."""

    seed: int
    top: int  # index of the level to begin at
    jumps: np.ndarray  # (k, 2) int32: offsets worth trying there
    manner: Manner = INWARDS


@dataclass(frozen=True)
class Draft:
    """A fill as far as it has come."""

    level: int
    match: Match
    manner: Manner


def drafted(levels: tuple[Level, ...], start: Start, down_to: int, team: Crew | Alone) -> Draft:
    """A fill begun at its top level and brought down to the level of that index."""
    level = levels[start.top]
    match = _begun(level, start, team)
    draft = _worked(level, Draft(start.top, match, start.manner), _TURNS[0], max(level.shape), start.seed, team, _TRIES)
    while draft.level > down_to:
        draft = refined(levels, draft, start.seed, team)
    return draft


def refined(levels: tuple[Level, ...], draft: Draft, seed: int, team: Crew | Alone) -> Draft:
    """The same brought down to the next level."""
    index = draft.level - 1
    level = levels[index]
    if draft.level < len(levels) - 1:
        _gathered(levels[draft.level], draft.match, team)
    draft = Draft(index, _finer(draft, level, seed, team), draft.manner)
    if level.features.dtype == np.uint8:
        return _worked(level, draft, 1, 1, seed, team, 0)
    turns = _TURNS[min(len(levels) - 1 - index, len(_TURNS) - 1)]
    return _worked(level, draft, turns, max(4, max(level.shape) >> 4), seed, team, _TRIES)


def _worked(level: Level, draft: Draft, turns: int, radius: int, seed: int, team: Crew | Alone, tries: int) -> Draft:
    """Search and vote in turn at one level."""
    match, manner, fall = draft.match, draft.manner, _fall(level, draft.manner.fall)
    for turn in range(turns):
        _searched(level, match, manner, radius, tries, seed + draft.level, turn, team)
        match.weight = _weight(level, match, fall, _SHARP * (1 + 2 * turn / turns))
        if level.features.dtype == np.float32:  # the larger sizes are as they were voted for by the one before
            _voted(level, match, match.weight, team)
    return draft


def _gathered(level: Level, match: Match, team: Crew | Alone) -> None:
    """Patches copy from where the pixels in their middles are copied from, where they may: larger pieces, fewer seams.
    Else the same few patches would be stamped side by side wherever the photo is even."""
    offsets = copied(level, match.features, match.nearest, match.weight, team)
    y, x = level.holes.T
    there = level.holes + offsets[y, x]
    whole = (level.valid[tuple(there.T)] > 0) & (match.nearest[y, x, 0] >= 0)
    match.nearest[y[whole], x[whole]] = there[whole]


def picture_of(draft: Draft) -> np.ndarray:
    """(h, w, 3) uint8: the picture as the draft has it."""
    return cv2.convertScaleAbs(np.ascontiguousarray(draft.match.features[..., :3]))


def settled(levels: tuple[Level, ...], draft: Draft, team: Crew | Alone) -> np.ndarray:
    """What each pixel of the hole is copied from at the draft's level: offsets (h, w, 2) int16."""
    match = draft.match
    return copied(levels[draft.level], match.features, match.nearest, match.weight, team)


def judged(levels: tuple[Level, ...], draft: Draft, team: Crew | Alone) -> tuple[float, np.ndarray]:
    """The draft's energy, how far the patches of the picture copied together are from those they come from, seams and
    all; and the picture in the hole, (n, 3)."""
    level, match = levels[draft.level], draft.match
    offsets = settled(levels, draft, team)
    y, x = level.holes.T
    made = replace(match, cost=np.zeros_like(match.cost), features=level.features.copy())
    made.features[y, x] = level.features[y + offsets[y, x, 0], x + offsets[y, x, 1]]
    _measured(level, made, level.compared(made.features), team)
    return float(np.sqrt(made.cost[tuple(level.places.T)]).mean()), made.features[y, x, :3]


def _begun(level: Level, start: Start, team: Crew | Alone) -> Match:
    features, first = peeled(level, start.jumps, start.manner.pull, start.seed, team)
    match = Match(np.full((*level.shape, 2), -1, np.int16), np.zeros(level.shape, np.float32), features, start.jumps)
    luck = np.random.default_rng(start.seed).integers(0, len(level.sources), len(level.places))
    match.nearest[tuple(level.places.T)] = level.sources[luck]
    y, x = level.places[first[tuple(level.places.T)][:, 0] >= 0].T
    match.nearest[y, x] = first[y, x]
    return match


def _finer(draft: Draft, level: Level, seed: int, team: Crew | Alone) -> Match:
    """The match brought to the next size, and the picture that it votes for."""
    match = draft.match
    nearest = np.full((*level.shape, 2), -1, np.int16)
    team.each(kernels.doubled, match.nearest, level.valid, level.places, level.sources, seed, nearest,
              cuts=stretches(level.places[:, 0]))
    finer = Match(nearest, np.zeros(level.shape, np.float32), level.features.copy(), 2 * match.jumps)
    weight = cv2.resize(match.weight, level.shape[::-1], interpolation=cv2.INTER_NEAREST)
    _voted(level, finer, weight, team)
    return finer


def _fall(level: Level, base: float) -> np.ndarray:
    """(n,) float32: how much each of the level's patches counts by how far its middle lies in the hole."""
    depth = cv2.distanceTransform(np.pad(level.hole, 1).view(np.uint8), cv2.DIST_L2, 3)
    return np.power(np.float32(base), -np.minimum(depth[tuple(level.places.T + 1)], 40))


def _measured(level: Level, match: Match, looks: tuple, team: Crew | Alone) -> None:
    team.each(kernels.measure, *looks, level.places, match.nearest, match.cost, cuts=stretches(level.places[:, 0]))


def _searched(level: Level, match: Match, manner: Manner, radius: int, tries: int, seed: int, turn: int,
              team: Crew | Alone) -> None:
    looks = level.compared(match.features, manner.pull)
    _measured(level, match, looks, team)
    tries = min(tries, len(match.jumps))
    for way in range(2):
        before = match.nearest.copy()
        team.each(kernels.search, *looks, level.valid, level.places, before,
                  match.nearest, match.cost, match.jumps, tries, 0, radius, seed, 2 * turn + way,
                  cuts=stretches(level.places[:, 0], way))


def _voted(level: Level, match: Match, weight: np.ndarray, team: Crew | Alone) -> None:
    out = np.empty((len(level.holes), match.features.shape[2]), np.float32)
    team.each(kernels.vote, match.features, REACH, level.holes, match.nearest, weight, out,
              cuts=stretches(level.holes[:, 0]))
    match.features[tuple(level.holes.T)] = out if match.features.dtype == np.float32 else np.rint(out)


def _weight(level: Level, match: Match, fall: np.ndarray, sharp: float) -> np.ndarray:
    """(h, w) float32: what each patch's vote counts, by how like its source it is beside those that overlap it.

    Measured against the usual distance of the whole hole instead, even parts would outvote rough ones and spread.
    """
    places = tuple(level.places.T)
    there = np.zeros(level.shape, np.float32)
    there[places] = 1
    side = (2 * REACH + 1,) * 2
    usual = cv2.blur(match.cost * there, side, borderType=cv2.BORDER_CONSTANT)[places]
    usual /= cv2.blur(there, side, borderType=cv2.BORDER_CONSTANT)[places]
    weight = np.zeros(level.shape, np.float32)
    weight[places] = fall * np.exp(np.maximum(match.cost[places] * np.float32(-sharp) / np.maximum(usual, 1), -60))
    return weight
