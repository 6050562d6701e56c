"""Variants of a network's fill: since noise alone changes little, each is told other colours to begin with."""

from dataclasses import replace

import cv2
import numpy as np

from editor.engines.networks.inputs import Seen
from editor.engines.pyramid import average_near

_SOFT = 3.0  # pixels: over which the rim's colours are averaged
_CELLS = 7  # of the noise that bends the hole's middle lines, across the picture
_BENT = 0.6  # by so much of a place's depth in the hole


def varied(seen: Seen, seed: int) -> Seen:
    """``seen`` with colours of the hole's rim carried on into it, where the user gave none; from which part of the rim
    each place takes its colour hangs on ``seed``. With seed 0 as it is.
    """
    if seed == 0 or seen.given.any() or seen.hole.all() or not seen.hole.any():
        return seen
    height, width = seen.hole.shape
    depth, labels = cv2.distanceTransformWithLabels(seen.hole.view(np.uint8), cv2.DIST_L2, 5,
                                                    labelType=cv2.DIST_LABEL_PIXEL)
    known = np.argwhere(~seen.hole)
    rim = np.zeros((labels.max() + 1, 2), int)  # where each label's pixel is
    rim[labels[tuple(known.T)]] = known
    noise = np.random.default_rng(seed).standard_normal((_CELLS, _CELLS, 2)).astype(np.float32)
    noise = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    places = np.indices((height, width)).transpose(1, 2, 0) + _BENT * depth[..., None] * noise
    y, x = np.rint(np.clip(places, 0, (height - 1, width - 1))).astype(int).transpose(2, 0, 1)
    soft = average_near(seen.image, (~seen.hole).astype(np.float32), _SOFT, least=1e-6)
    colour = cv2.GaussianBlur(soft[tuple(rim[labels[y, x]].transpose(2, 0, 1))], (0, 0), _SOFT)
    return replace(seen, colour=np.where(seen.hole[..., None], colour, np.float32(0)), given=seen.hole)
