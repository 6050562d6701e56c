"""Edges for EdgeConnect: found in pictures, drawn by the user, proposed by the network, and back again as pen lines.

All at the network's working size, where an edge is a line one pixel wide: arrays are (h, w), bool unless told, and
``hole`` is True where the picture is unknown.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

_AT_ONCE = 1 << 20  # pixels of lines that are drawn together

SIGMA = 2.0  # of Canny's Gaussian in pixels: the authors'
LOW, HIGH = 0.1, 0.2  # Canny's thresholds, of Sobel's gradient of a picture in 0..1: the authors'

_FAINT = 0.6  # strength at which Canny finds as many edges in a network's soft picture as there are in the photo's

GREY = np.array([0.2125, 0.7154, 0.0721], np.float32)  # scikit-image's weights, on which the authors' edges rest

Predict = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""The edge generator: (grey, edges, hole, lines), each (h, w) float32 0..1, to the probability of an edge, the same.

What it sees of them is ``edge_connect.edge_input``.
"""


def canny(grey: np.ndarray, hole: np.ndarray | None = None, sigma: float = SIGMA, strength: float = 1.0) -> np.ndarray:
    """The edges of ``grey`` (float32 0..1), outside ``hole``, whose own edge is none (Canny 1986).

    ``strength`` multiplies both thresholds: the higher, the fewer edges.
    """
    from skimage.feature import canny as skimage_canny

    known = None if hole is None else ~hole
    return skimage_canny(grey, sigma, LOW * strength, HIGH * strength, mask=known, mode="nearest")


def grey_of(image: np.ndarray) -> np.ndarray:
    """(h, w) float32 0..1 of (h, w, 3) RGB, the same."""
    return image @ GREY


def added_edges(image: np.ndarray, picture: np.ndarray, hole: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """The edges that ``image`` has with the hole of ``picture`` (both RGB, float32 0..1): those in the hole that are
    not drawn yet, on ``lines`` or right beside them."""
    edges = canny(grey_of(np.where(hole[..., None], picture, image)), strength=_FAINT)
    return edges & hole & ~_grown(lines, 2)


def drawn_edges(sketch: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The user's lines as edges of a picture of ``shape``: (h, w) uint8 coverage, at any size, thinned to one pixel.

    Lines are kept however far they are reduced.
    """
    from skimage.morphology import skeletonize

    reduction = max(sketch.shape[0] / shape[0], sketch.shape[1] / shape[1])
    if reduction > 1:  # a line must cover half a pixel of the smaller picture
        reach = int(np.ceil(reduction))
        sketch = cv2.dilate(sketch, np.ones((reach, reach), np.uint8))
    small = cv2.resize(sketch, shape[::-1], interpolation=cv2.INTER_AREA if reduction > 1 else cv2.INTER_LINEAR)
    return skeletonize(small >= 128)


def borrowed_edges(known: np.ndarray, other: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Edges of a picture whose hole takes those of another picture: ``other`` in the hole, ``known`` outside."""
    return np.where(hole, other, known)


@dataclass(frozen=True)
class Variation:
    """A way to look at the same surroundings, so that the network proposes other edges for the hole."""

    sigma: float = SIGMA
    strength: float = 1.0  # of Canny's thresholds
    dropped: float = 0.0  # share of the edges ending near the hole that the network is not shown
    contrast: float = 1.0  # of the grey picture
    mirrored: bool = False


def variation(seed: int) -> Variation:
    """The variation that belongs to a seed; 0 is the picture as it is, which gives the likeliest edges."""
    if seed == 0:
        return Variation()
    random = np.random.default_rng(seed)
    return Variation(
        sigma=SIGMA * float(np.exp(random.uniform(-0.5, 0.3))),
        strength=float(np.exp(random.uniform(-0.9, 0.5))),
        dropped=random.uniform(0.2, 0.7),
        contrast=random.uniform(0.7, 1.1),
        mirrored=bool(random.integers(2)),
    )


def propose_edges(predict: Predict, image: np.ndarray, hole: np.ndarray, lines: np.ndarray | None = None,
                  seeds: Sequence[int] = (0,)) -> Iterator[np.ndarray]:
    """One proposal for each seed, as it is made: (h, w) float32 0..1, the probability of an edge; 0 outside the hole.

    ``image`` (h, w, 3) float32 RGB 0..1; ``lines`` are the user's, which a proposal carries on: it has no edges on
    them or right beside them. Same arguments, same proposals.
    """
    lines = np.zeros_like(hole) if lines is None else lines & hole
    beside = _grown(lines, 2)
    for seed in seeds:
        how = variation(seed)
        edges = canny(grey_of(image), hole, how.sigma, how.strength)
        edges = _thinned_out(edges, hole, how.dropped, seed)
        grey = np.clip((grey_of(image) - 0.5) * how.contrast + 0.5, 0, 1)
        seen = [np.asarray(plane, np.float32) for plane in (grey, edges, hole, lines)]
        if how.mirrored:
            found = predict(*(np.ascontiguousarray(plane[:, ::-1]) for plane in seen))[:, ::-1]
        else:
            found = predict(*seen)
        yield np.where(hole & ~beside, found, np.float32(0))


def proposed_edges(probability: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """A proposal as edges one pixel wide: above ``threshold``, or above half of it and hanging on to such."""
    from skimage.filters import apply_hysteresis_threshold
    from skimage.morphology import skeletonize

    return skeletonize(apply_hysteresis_threshold(probability, threshold / 2, threshold))


def pen_lines(edges: np.ndarray, shape: tuple[int, int], matrix: np.ndarray, width: float = 2) -> np.ndarray:
    """Edges as the sketch pen would draw them on a photo of ``shape``: (h, w) uint8 coverage, anti-aliased, smooth.

    ``matrix`` (2, 3) takes (x, y, 1) of the edges' picture to the photo's, both counted from pixels' corners
    (``Frame.matrix``); ``width`` is in pixels of the photo. Lines of fewer than four pixels are left out: a hand
    would not draw them.
    """
    from skimage.morphology import skeletonize

    drawn = np.zeros(shape, np.uint8)
    lines = [_smooth(line + 0.5) @ matrix[:, :2].T + matrix[:, 2]
             for line in traced(skeletonize(edges))  # Canny's lines are two pixels wide at corners
             if len(line) >= 4]
    if lines:
        _draw_segments(drawn, np.concatenate([line[:-1] for line in lines]),
                       np.concatenate([line[1:] for line in lines]), width / 2)
    return drawn


def _draw_segments(drawn: np.ndarray, starts: np.ndarray, ends: np.ndarray, radius: float) -> None:
    """Lay straight pieces with round ends over coverage, uint8, as dabs of the pen would; places (n, 2) are (x, y).

    OpenCV's anti-aliased lines are up to twice as wide as asked for. Pieces whose boxes are of one size are drawn at
    once: there are thousands of them, and few sizes.
    """
    low = np.floor(np.minimum(starts, ends) - radius - 0.5).astype(int)
    sizes = np.ceil(np.maximum(starts, ends) + radius + 0.5).astype(int) - low
    kinds, which = np.unique(sizes, axis=0, return_inverse=True)
    for kind, (across, down) in enumerate(kinds):
        members = np.flatnonzero(which.ravel() == kind)
        for chosen in np.array_split(members, -(-len(members) * across * down // _AT_ONCE)):
            x, y = np.arange(across)[None, None], np.arange(down)[None, :, None]
            left, top = (axis[:, None, None] for axis in (low[chosen] + 0.5 - starts[chosen]).T.astype(np.float32))
            dx, dy = (axis[:, None, None] for axis in (ends[chosen] - starts[chosen]).T.astype(np.float32))
            along = np.clip(((x + left) * dx + (y + top) * dy) / np.maximum(dx * dx + dy * dy, 1e-6), 0, 1)
            distance = np.hypot(x + left - along * dx, y + top - along * dy)
            coverage = np.rint(255 * np.clip(radius + 0.5 - distance, 0, 1)).astype(np.uint8)
            columns, rows = (x + low[chosen, 0, None, None], y + low[chosen, 1, None, None])
            columns, rows = np.broadcast_arrays(columns, rows)
            inside = (coverage > 0) & (columns >= 0) & (rows >= 0) & (columns < drawn.shape[1]) & (
                rows < drawn.shape[0])
            np.maximum.at(drawn, (rows[inside], columns[inside]), coverage[inside])


def traced(edges: np.ndarray) -> list[np.ndarray]:
    """The lines that make up ``edges``, each (n, 2) int (x, y) from one end to the other, a step of one pixel apart.

    Every pixel is on one line, and on others only where they branch off or close.
    """
    left = {(int(y), int(x)) for y, x in np.argwhere(edges)}
    ends = sorted(place for place in left if sum(near in left for near in _around(place)) == 1)
    done: set[tuple[int, int]] = set()
    lines = []
    for start in (*ends, *sorted(left)):
        if start not in left:
            continue
        left.remove(start)
        line = [start, *_walk(start, left)]
        for end in (0, -1):  # reach the line that it hangs on to
            joined = next((near for near in _around(line[end]) if near in done), None)
            if end == -1 and joined is None and len(line) > 3 and line[0] in _around(line[-1]):
                joined = line[0]
            if joined is not None:
                line.insert(0 if end == 0 else len(line), joined)
        done.update(line)
        lines.append(np.array(line)[:, ::-1])
    return lines


def _walk(place: tuple[int, int], left: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """On from ``place`` over what is left, taking it away, until there is no way on."""
    while (ahead := next((near for near in _around(place) if near in left), None)) is not None:
        left.remove(ahead)
        yield ahead
        place = ahead


def _around(place: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """The eight neighbours, those with a common side first: a corner is walked round, not cut off."""
    y, x = place
    return ((y, x + 1), (y + 1, x), (y, x - 1), (y - 1, x),
            (y + 1, x + 1), (y + 1, x - 1), (y - 1, x - 1), (y - 1, x + 1))


def _smooth(line: np.ndarray) -> np.ndarray:
    """A line (n, 2), the steps of its pixels smoothed away and its ends where they were."""
    kernel = np.array([1, 6, 15, 20, 15, 6, 1]) / 64
    padded = np.pad(line, ((3, 3), (0, 0)), mode="reflect", reflect_type="odd")
    return np.column_stack([np.convolve(axis, kernel, "valid") for axis in padded.T])


def _grown(region: np.ndarray, reach: int) -> np.ndarray:
    side = 2 * reach + 1
    return cv2.dilate(region.astype(np.uint8), np.ones((side, side), np.uint8)).astype(bool)


def _thinned_out(edges: np.ndarray, hole: np.ndarray, share: float, seed: int) -> np.ndarray:
    """``edges`` without that ``share`` of the lines that come near the hole: each as a whole, or not at all."""
    if share == 0:
        return edges
    reach = max(2, round(max(edges.shape) / 24))
    near = edges & _grown(hole, reach)
    count, labels = cv2.connectedComponents(near.astype(np.uint8), connectivity=8)
    gone = np.random.default_rng(seed).random(count) < share
    return edges & ~(near & gone[labels])
