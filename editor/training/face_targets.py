"""What the face locator should answer to a composed picture, and how far from it an answer is.

Losses of "Objects as Points" (Zhou et al. 2019): a focal loss on the map of centres, whose truth falls off as a
Gaussian round each; smooth L1 on side, turn and place at the cells near a centre.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from editor.engines.networks.framing import REFERENCE_SIDE, SIZE, STRIDE, planes
from editor.training.face_scenes import FaceScene

_CELLS = SIZE // STRIDE


@dataclass(frozen=True)
class Batch:
    """Composed pictures with what is to be found in them, at the cells of the locator's output."""

    inputs: Tensor  # (n, 4, SIZE, SIZE)
    heat: Tensor  # (n, rows, columns): 1 at the cells of centres, falling off round them
    counts: Tensor  # (n, rows, columns): 0 where finding a centre is neither right nor wrong
    values: Tensor  # (n, 5, rows, columns): what the output's channels 1 to 5 should be
    near: Tensor  # (n, rows, columns) 0..1: how much the values count

    @classmethod
    def of(cls, pictures: list[FaceScene]) -> "Batch":
        parts = [_truth(picture) for picture in pictures]
        inputs = [planes(picture.image, picture.hole, picture.beyond) for picture in pictures]
        return cls(*(torch.from_numpy(np.stack(arrays)) for arrays in (inputs, *zip(*parts, strict=True))))

    def loss(self, out: Tensor) -> Tensor:
        logit = out[:, 0]
        likely = logit.sigmoid()
        hit = self.heat == 1
        right = -((1 - likely) ** 2 * F.logsigmoid(logit))[hit].sum()
        wrong = -((1 - self.heat) ** 4 * likely**2 * F.logsigmoid(-logit) * self.counts)[~hit].sum()
        off = F.smooth_l1_loss(out[:, 1:], self.values, reduction="none", beta=0.1).mul(self.near[:, None])
        weight = off.new_tensor([1.0, 1.0, 1.0, 0.3, 0.3])
        return (right + wrong) / hit.sum().clamp(min=1) + (off.sum((0, 2, 3)) * weight).sum() / self.near.sum().clamp(
            min=1)


def _truth(picture: FaceScene) -> tuple[np.ndarray, ...]:
    """heat, counts, values, near of one picture."""
    heat, counts, near = (np.full((_CELLS, _CELLS), value, np.float32) for value in (0, 1, 0))
    values = np.zeros((5, _CELLS, _CELLS), np.float32)
    centres = (np.mgrid[:_CELLS, :_CELLS] + 0.5) * STRIDE
    for frame in picture.doubtful:
        counts[np.hypot(*(centres - np.reshape(frame.centre, (2, 1, 1)))) < 0.35 * frame.side] = 0
    for frame in picture.frames:
        away = np.reshape(frame.centre, (2, 1, 1)) - centres
        spread = max(0.7 * STRIDE, 0.08 * frame.side)
        bell = np.exp(-(away**2).sum(axis=0) / (2 * spread**2)).astype(np.float32)
        nearest = np.unravel_index(bell.argmax(), bell.shape)
        mine = (bell > 0.3) & (bell > heat)
        mine[nearest] = True
        turn = math.radians(frame.angle)
        shape = np.reshape([math.log2(frame.side / REFERENCE_SIDE), math.cos(turn), math.sin(turn)], (3, 1))
        values[:3, mine], values[3:, mine], near[mine] = shape, away[:, mine] / STRIDE, bell[mine]
        heat = np.maximum(heat, bell)
        heat[nearest] = counts[nearest] = 1
    return heat, counts, values, near
