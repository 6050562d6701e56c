"""How the search begins at the coarsest size: offsets that occur often, and a first picture in the hole."""

import cv2
import numpy as np

from editor.engines.patches import kernels
from editor.engines.patches.crew import Alone, Crew, stretches
from editor.engines.patches.levels import REACH, Level

_NO_JUMPS = np.zeros((0, 2), np.int32)
_KEPT = 24  # offsets
_RING_TURNS = 3
_FIRST_TRIES = 200  # patches looked at for each of the outermost ring
_TRIES = 20
_APART = 8  # pixels: nearer patches are alike because they overlap


def usual_offsets(level: Level, seed: int, team: Crew | Alone) -> np.ndarray:
    """Offsets (k, 2) int32 at which the photo resembles itself, the most frequent first.

    He and Sun, "Statistics of patch offsets for image completion", ECCV 2012.
    """
    places = np.argwhere(level.valid).astype(np.int32)
    places = places[::max(1, len(places) // 20000)]
    nearest = np.full((*level.shape, 2), -1, np.int16)
    random = np.random.default_rng(seed)
    sources = np.argwhere(level.valid)
    nearest[tuple(places.T)] = sources[random.integers(0, len(sources), len(places))]
    near = ((nearest[tuple(places.T)] - places) ** 2).sum(axis=1) < _APART ** 2
    nearest[tuple(places[near].T)] = -1
    places = places[~near]
    if not len(places):
        return _NO_JUMPS
    cost = np.zeros(level.shape, np.float32)
    looks = level.compared(level.features)
    cuts = stretches(places[:, 0])
    team.each(kernels.measure, *looks, places, nearest, cost, cuts=cuts)
    for turn in range(4):
        team.each(kernels.search, *looks, level.valid, places, nearest.copy(), nearest, cost, _NO_JUMPS, 0,
                  _APART ** 2, max(level.shape), seed, turn, cuts=cuts)
    offsets = nearest[tuple(places.T)] - places
    height, width = level.shape
    counts = np.zeros((2 * height + 1, 2 * width + 1), np.float32)
    np.add.at(counts, (offsets[:, 0] + height, offsets[:, 1] + width), 1)
    smooth = cv2.GaussianBlur(counts, (0, 0), 1.0)
    peaks = (smooth == cv2.dilate(smooth, np.ones((5, 5), np.uint8))) & (smooth > 0)
    y, x = np.nonzero(peaks)
    order = np.argsort(-smooth[y, x], kind="stable")[:_KEPT]
    return np.stack([y[order] - height, x[order] - width], axis=1).astype(np.int32)


def peeled(level: Level, jumps: np.ndarray, pull: float, seed: int,
           team: Crew | Alone) -> tuple[np.ndarray, np.ndarray]:
    """A first picture (h, w, channels) from the edge inwards, and where its patches come from (h, w, 2).

    Each ring of the hole's pixels is given what the patches say that are most like what is known beside it.
    """
    height, width, channels = level.features.shape
    features = level.features.copy()
    known = ~level.hole
    counts = np.repeat(known.astype(np.float32), channels, axis=1)
    nearest = np.full((height, width, 2), -1, np.int16)
    cost = np.zeros(level.shape, np.float32)
    number = 0
    while not known.all():
        ring = np.argwhere(~known & (cv2.dilate(known.view(np.uint8), np.ones((3, 3), np.uint8)) > 0)).astype(np.int32)
        middles = np.unique(np.clip(ring, REACH, np.array([height, width]) - 1 - REACH), axis=0)
        for _ in range(_RING_TURNS):
            before = nearest.copy()
            tries = _TRIES if number else _FIRST_TRIES
            team.each(kernels.match_known, *level.compared(features, pull), counts, level.valid, middles, level.sources,
                      before, nearest, cost, jumps, tries, seed + number, cuts=stretches(middles[:, 0]))
            number += 1
        out = np.empty((len(ring), channels), np.float32)
        usual = max(float(np.median(cost[tuple(middles.T)])), 1.0)
        team.each(kernels.vote, features, REACH, ring, nearest, np.exp(-np.minimum(cost / usual, 60)), out,
                  cuts=stretches(ring[:, 0]))
        y, x = ring.T
        features[y, x] = out
        known[y, x] = True
        counts.reshape(height, width, channels)[y, x] = 1
    return features, nearest
