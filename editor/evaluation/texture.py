"""Measures of how a fill looks rather than which pixel has which value: seam, sharpness, statistics of texture.

Pictures are (h, w, 3) uint8 sRGB, holes (h, w) bool with at least one pixel set. Each measure sees one failing only,
and is to be read beside the others: blur has a good seam, and nonsense may have the right texture.
"""

import cv2
import numpy as np

from editor.evaluation.pixels import around, band_width, widened
from editor.raster.colour import grey

_LEVELS = 3  # of the Laplacian pyramid
_PATCH = 7  # side of the patches compared, pixels
_PATCHES = 4096  # at most so many a level
_DIRECTIONS = 128
_FEW = 16  # patches that are too few to be compared
_RING = 6  # pixels outside the hole that say how rough the photo itself is


def seam(fill: np.ndarray, hole: np.ndarray) -> float:
    """How much rougher the fill's edge is than the photo just outside it: 1 no rougher, above some 1.3 visible.

    The step across the hole's edge beyond what the slopes on both sides predict, over the same quantity in the known
    pixels of a ring of 6 px. Below 1 the fill is smoother than the photo. nan for a hole without an edge.
    """
    box = around(hole, _RING + 3)
    plane, inside = fill[box].astype(np.float32).mean(axis=2), hole[box]
    ring = widened(inside, _RING) & ~inside
    at_edge, in_ring = [], []
    for arrays in ((plane, inside, ring), (plane.T, inside.T, ring.T)):
        values, within, near = ([array[i:len(array) - 3 + i] for i in range(4)] for array in arrays)
        excess = np.abs((values[2] - values[1]) - 0.5 * ((values[1] - values[0]) + (values[3] - values[2])))
        at_edge.append(excess[(within[0] == within[1]) & (within[2] == within[3]) & (within[1] != within[2])])
        in_ring.append(excess[near[0] & near[1] & near[2] & near[3]])
    edge, known = np.concatenate(at_edge), np.concatenate(in_ring)
    return float(edge.mean() / max(known.mean(), 0.5)) if edge.size and known.size else float("nan")


def sharpness(fill: np.ndarray, hole: np.ndarray, truth: np.ndarray | None = None) -> dict[str, float]:
    """How sharp the inside of the hole is, 1 being as sharp as what it is held against; below some 0.5 it is blurred.

    "detail" and "fine" hold it against the truth's inside (left out without a truth), "detail_outside" and
    "fine_outside" against a band of known pixels round the hole. detail: mean of the gradient's length, which edges
    rule; fine: root mean square of the finest octave (of the Laplacian pyramid's first level), which texture and grain
    rule.
    """
    width = band_width(hole)
    box = around(hole, width + 4)
    fill, hole = fill[box], hole[box]
    core = cv2.erode(hole.view(np.uint8), np.ones((3, 3))).view(bool)
    core = core if core.sum() > 50 else hole
    outside = widened(hole, width) & ~widened(hole, 2)
    gradient, octave = _gradient(fill), _finest(fill)
    values = {}
    if truth is not None:
        true_gradient, true_octave = _gradient(truth[box]), _finest(truth[box])
        values["detail"] = _ratio(gradient[core].mean(), true_gradient[core].mean(), 1.0)
        values["fine"] = _ratio(_rms(octave[core]), _rms(true_octave[core]), 0.25)
    if outside.any():
        values["detail_outside"] = _ratio(gradient[core].mean(), gradient[outside].mean(), 1.0)
        values["fine_outside"] = _ratio(_rms(octave[core]), _rms(octave[outside]), 0.25)
    return values


def _gradient(picture: np.ndarray) -> np.ndarray:
    luma = grey(picture)[..., 0].astype(np.float32)
    return np.hypot(cv2.Sobel(luma, -1, 1, 0), cv2.Sobel(luma, -1, 0, 1))


def _finest(picture: np.ndarray) -> np.ndarray:
    return laplacian_levels(grey(picture)[..., 0], 2)[0]


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.square(values, dtype=np.float64).mean()))


def _ratio(value: float, against: float, least: float) -> float:
    """``least``, in levels of 255: what a perfectly flat surrounding counts as."""
    return float(value / max(against, least))


def laplacian_levels(picture: np.ndarray, levels: int) -> list[np.ndarray]:
    """The octaves of a picture (h, w) or (h, w, c), finest first, the rest of it last: ``levels`` float32 arrays."""
    rest, out = picture.astype(np.float32), []
    for _ in range(levels - 1):
        smaller = cv2.pyrDown(rest)
        out.append(rest - cv2.pyrUp(smaller, dstsize=rest.shape[1::-1]))
        rest = smaller
    return [*out, rest]


def texture_distance(fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> float:
    """Sliced Wasserstein distance, times 1000, between the patches of fill and truth that are centred in the hole.

    After Karras et al. 2018: patches of 7 x 7 of three levels of the Laplacian pyramid, normalised by the truth's mean
    and spread. It compares statistics, not places: the right texture in another phase is not punished. 0 for equal
    pictures, nan where the hole is too small for patches.
    """
    box = around(hole, band_width(hole) + 16)
    fill, truth, hole = fill[box], truth[box], hole[box]
    return _over_levels(fill, truth, hole, hole)


def texture_distance_outside(fill: np.ndarray, hole: np.ndarray) -> float:
    """The same between the hole's patches and those of a band round it, a quarter of the hole's size wide.

    Needs no truth. nan where there is too little of either.
    """
    width = max(2 * band_width(hole), round(float(np.sqrt(hole.sum())) / 4))
    box = around(hole, width + 16)
    fill, hole = fill[box], hole[box]
    return _over_levels(fill, fill, hole, widened(hole, width) & ~widened(hole, _PATCH // 2))


def _over_levels(fill: np.ndarray, model: np.ndarray, inside: np.ndarray, where: np.ndarray) -> float:
    """Distance of the patches of ``fill`` centred ``inside`` from those of ``model`` centred ``where``, mean of all
    levels that have enough of them."""
    random, distances = np.random.default_rng(0), []
    masks = [mask.view(np.uint8) for mask in ((inside,) if where is inside else (inside, where))]
    levels = zip(laplacian_levels(fill, _LEVELS), laplacian_levels(model, _LEVELS), strict=True)
    for fills, models in levels:
        masks = [cv2.resize(mask, fills.shape[1::-1], interpolation=cv2.INTER_AREA) for mask in masks]
        corners = _corners(masks, random)
        if corners:
            distances.append(sliced_wasserstein(_patches(fills, corners[0]), _patches(models, corners[-1]), random))
    return 1000 * float(np.mean(distances)) if distances else float("nan")


def _corners(masks: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """(n, 2) upper left corners of equally many patches centred in each mask; none where one has too few."""
    edge = _PATCH // 2
    found = [np.argwhere(mask[edge:-edge, edge:-edge]) for mask in masks]
    count = min(_PATCHES, *(len(places) for places in found))
    if count < _FEW:
        return []
    return [places[random.choice(len(places), count, replace=False)] for places in found]


def _patches(level: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """(n, 7, 7, c) patches at (n, 2) corners."""
    down, across = np.mgrid[0:_PATCH, 0:_PATCH]
    return level[corners[:, 0, None, None] + down, corners[:, 1, None, None] + across]


def sliced_wasserstein(patches: np.ndarray, model: np.ndarray, random: np.random.Generator) -> float:
    """Mean distance between the projections of two sets of (n, p, p, c) patches on random directions.

    Channels are normalised by the model's mean and spread; 4 levels are added to the spread, so that a flat model
    does not make noise count without bound.
    """
    mean, spread = model.mean(axis=(0, 1, 2)), model.std(axis=(0, 1, 2)) + 4.0
    directions = random.standard_normal((model[0].size, _DIRECTIONS)).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=0)
    one, other = (np.sort(((one - mean) / spread).reshape(len(one), -1) @ directions, axis=0)
                  for one in (patches, model))
    return float(np.abs(one - other).mean())
