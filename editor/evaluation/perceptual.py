"""Distances between the features that an ImageNet network sees: between two pictures, and between two sets of them."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from editor.evaluation.pixels import around, band_width
from editor.training.features import MobileNetFeatures, unit

_LONGEST = 1024  # pixels: crops larger than this are reduced
_POOLED_SIDE = 256  # of the crop whose pooled features stand for a picture


def feature_distance(features: MobileNetFeatures, fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> float:
    """Like LPIPS (Zhang et al. 2018) but uncalibrated, mean over the places inside the hole, summed over five maps.

    0 for equal pictures, about 1.1 for a strong blur, about 3 for another photo. fill, truth: (h, w, 3) uint8 sRGB;
    hole (h, w) bool.
    """
    box = around(hole, max(32, 3 * band_width(hole)))
    fill, truth, hole = fill[box], truth[box], hole[box]
    scale = _LONGEST / max(hole.shape)
    if scale < 1:
        fill, truth = (cv2.resize(a, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for a in (fill, truth))
        hole = cv2.resize(hole.view(np.uint8), fill.shape[1::-1], interpolation=cv2.INTER_AREA) > 0
    inside = torch.from_numpy(hole.astype(np.float32))[None, None]
    total = 0.0
    with torch.inference_mode():
        for one, other in zip(features(_tensor(fill)), features(_tensor(truth)), strict=True):
            weight = F.adaptive_avg_pool2d(inside, one.shape[2:])
            different = (unit(one) - unit(other)).square().sum(1, keepdim=True)
            total += float((different * weight).sum() / weight.sum())
    return total


def pooled_features(features: MobileNetFeatures, picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """(1024,) float64 of a square crop, at 256 x 256: the hole's box and half as much again, as far as the picture
    goes, so that it is the fill that counts and its surroundings are seen."""
    rows, columns = around(hole, 0)
    side = min(round(1.5 * max(rows.stop - rows.start, columns.stop - columns.start)), *hole.shape)
    top, left = (min(max(0, (part.start + part.stop - side) // 2), length - side)
                 for part, length in zip((rows, columns), hole.shape, strict=True))
    crop = picture[top:top + side, left:left + side]
    way = cv2.INTER_AREA if side > _POOLED_SIDE else cv2.INTER_CUBIC
    with torch.inference_mode():
        return features.pooled(_tensor(cv2.resize(crop, (_POOLED_SIDE,) * 2, interpolation=way)))[0].double().numpy()


def _tensor(picture: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1


def kernel_distance(fills: np.ndarray, truths: np.ndarray, groups: list) -> tuple[float, float]:
    """Unbiased squared maximum mean discrepancy of two sets of features, and its standard error (jackknife).

    fills, truths: (n, d); row i of both belongs to one photo, groups[i] (any hashable) says which. The kernel is KID's
    (Binkowski et al. 2018), (x.y / d + 1) ** 3. A fill resembles its own truth, so that pairs from one photo would make
    the sets look nearer than they are: all of them are left out, which keeps the estimate unbiased for such paired sets
    (Gretton et al. 2012, lemma 7). Around 0 for equal distributions, and it may be negative. nan for fewer than two
    photos; the error is nan for fewer than three.
    """
    _, group = np.unique([hash(one) for one in groups], return_inverse=True)
    count = group.max(initial=-1) + 1
    if count < 2:
        return float("nan"), float("nan")

    def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return (one @ other.T / one.shape[1] + 1) ** 3

    cross = kernel(fills, truths)
    terms = kernel(fills, fills) + kernel(truths, truths) - cross - cross.T
    apart = group[:, None] != group
    terms = terms * apart
    total, pairs = terms.sum(), apart.sum()
    if count < 3:
        return float(total / pairs), float("nan")
    # Without one photo at a time; its pairs stand in rows and in columns alike.
    left_out = np.array([[terms[group == one].sum(), apart[group == one].sum()] for one in range(count)])
    without = (total - 2 * left_out[:, 0]) / (pairs - 2 * left_out[:, 1])
    error = np.sqrt((count - 1) / count * np.square(without - without.mean()).sum())
    return float(total / pairs), float(error)
