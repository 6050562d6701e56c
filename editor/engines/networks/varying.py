"""Variants of a network's fill: noise alone changes little, so each is shown something else to begin with."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from editor.engines.networks.inputs import Seen
from editor.engines.pyramid import average_near

_SOFT = 3.0  # pixels: over which the rim's colours are averaged
_CELLS = 7  # of the noise that bends the hole's middle lines, across the picture
_BENT = 0.6  # by so much of a place's depth in the hole
_FAINTEST = 0.7  # contrast at which a face is looked at, at least

Undo = Callable[[np.ndarray], np.ndarray]
"""Takes the network's picture of what is varied, (h, w, 3) float32 0..1, to that of what was seen."""


def _unchanged(picture: np.ndarray) -> np.ndarray:
    return picture


def varied(seen: Seen, seed: int) -> tuple[Seen, Undo]:
    """What the network is to see of ``seen``, another for each ``seed``; as it is with 0. ``known`` is left: no network
    sees it.

    A face is looked at fainter, darker or paler, and mirrored half of the time. Of any other hole the rim's colours are
    carried on into it, which over a face would draw hair.
    """
    if seed == 0:
        return seen, _unchanged
    random = np.random.default_rng(seed)
    if seen.face:
        return _in_another_light(seen, random)
    return _told_colours(seen, random), _unchanged


def _in_another_light(seen: Seen, random: np.random.Generator) -> tuple[Seen, Undo]:
    gain = random.uniform(_FAINTEST, 1)
    black = random.uniform(0, 1 - gain)
    way = slice(None, None, -1 if random.integers(2) else 1)

    def lit(picture: np.ndarray, there: np.ndarray) -> np.ndarray:
        return np.where(there[..., None], gain * picture + black, np.float32(0))[:, way]

    def undo(picture: np.ndarray) -> np.ndarray:
        return np.clip((picture[:, way] - black) / gain, 0, 1)

    return replace(seen, image=lit(seen.image, ~seen.hole), hole=seen.hole[:, way], sketch=seen.sketch[:, way],
                   colour=lit(seen.colour, seen.given), given=seen.given[:, way]), undo


def _told_colours(seen: Seen, random: np.random.Generator) -> Seen:
    """The hole's rim carried on into it as colours given, where the user gave none: which part of the rim each place
    takes its colour from is left to chance.
    """
    if seen.given.any() or seen.hole.all() or not seen.hole.any():
        return seen
    height, width = seen.hole.shape
    depth, labels = cv2.distanceTransformWithLabels(seen.hole.view(np.uint8), cv2.DIST_L2, 5,
                                                    labelType=cv2.DIST_LABEL_PIXEL)
    known = np.argwhere(~seen.hole)
    rim = np.zeros((labels.max() + 1, 2), int)  # where each label's pixel is
    rim[labels[tuple(known.T)]] = known
    noise = random.standard_normal((_CELLS, _CELLS, 2)).astype(np.float32)
    noise = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    places = np.indices((height, width)).transpose(1, 2, 0) + _BENT * depth[..., None] * noise
    y, x = np.rint(np.clip(places, 0, (height - 1, width - 1))).astype(int).transpose(2, 0, 1)
    soft = average_near(seen.image, (~seen.hole).astype(np.float32), _SOFT, least=1e-6)
    colour = cv2.GaussianBlur(soft[tuple(rim[labels[y, x]].transpose(2, 0, 1))], (0, 0), _SOFT)
    return replace(seen, colour=np.where(seen.hole[..., None], colour, np.float32(0)), given=seen.hole)
