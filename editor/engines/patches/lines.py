"""Straight things that enter the hole on two sides, and so go through it: horizons, kerbs, edges of walls."""

from dataclasses import dataclass

import cv2
import numpy as np

_SHORTEST = 8  # pixels of a line at the size looked at
_ANGLE = np.deg2rad(4.0)  # between the parts on the two sides
_ASIDE = 1.5  # pixels that the end of one part may lie beside the other's line, and a hundredth of the gap besides
_INSIDE = 0.7  # how much of the gap between the two parts lies in the hole
_ALIKE = 30.0  # levels of 255 by which the colours on either side of the line may change through the hole
_BESIDE = 3.0  # pixels from the line where its colours are looked at
_MOST = 12  # lines


@dataclass(frozen=True)
class Through:
    """A line through the hole; points are (x, y) in pixels, in this order along the line."""

    start: np.ndarray  # where the photo shows it first
    enters: np.ndarray
    leaves: np.ndarray
    end: np.ndarray

    def scaled(self, factor: float) -> "Through":
        """As it lies in the picture at another size."""
        return Through(*((point + 0.5) * factor - 0.5 for point in (self.start, self.enters, self.leaves, self.end)))


def lines_through(colours: np.ndarray, hole: np.ndarray) -> list[Through]:
    """The lines of ``colours`` (h, w, 3) uint8 that are seen on both sides of ``hole`` (h, w) bool, longest first.

    What stands in the hole should be smooth: its own lines would count.
    """
    light = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector().detect(light)[0]
    if found is None:
        return []
    segments = found.reshape(-1, 2, 2).astype(np.float64)
    lengths = np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1)
    near = cv2.distanceTransform((~hole).view(np.uint8), cv2.DIST_L2, 3)
    parts = []
    for segment, length in zip(segments, lengths, strict=True):
        if length < _SHORTEST:
            continue
        away = near[_pixels(segment, hole.shape)]
        # The end at the hole comes last. Detectors stop short of where a line meets the smooth filling.
        first, last = (0, 1) if away[1] <= away[0] else (1, 0)
        if away[last] <= 6 + 0.1 * length and away[first] > 2:
            parts.append((segment[first], segment[last]))
    pairs = []
    for index, one in enumerate(parts):
        for other in parts[index + 1:]:
            score = _paired(one, other, colours, hole)
            if score is not None:
                pairs.append((score, index, one, other))
    taken, out = [], []
    for _, _, one, other in sorted(pairs, key=lambda pair: (-pair[0], pair[1])):
        ends = [tuple(one[1]), tuple(other[1])]
        if any(end in taken for end in ends) or len(out) == _MOST:
            continue
        taken += ends
        out.append(_fitted(one, other))
    return out


def _pixels(points: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels that points (n, 2), (x, y), lie in or are nearest to."""
    columns, rows = np.rint(points).astype(int).T
    return np.clip(rows, 0, shape[0] - 1), np.clip(columns, 0, shape[1] - 1)


def _paired(one: tuple, other: tuple, colours: np.ndarray, hole: np.ndarray) -> float | None:
    """How long the two parts are together, if they are of one line through the hole; else None."""
    (a, b), (d, c) = one, other
    gap = c - b
    length = np.linalg.norm(gap)
    if length < 4:
        return None
    along = gap / length
    for way in (b - a, d - c):
        size = np.linalg.norm(way)
        if way @ along < np.cos(_ANGLE) * size:
            return None
    whole = (d - a) / np.linalg.norm(d - a)
    normal = np.array([-whole[1], whole[0]])
    if max(abs((b - a) @ normal), abs((c - a) @ normal)) > _ASIDE + length / 100:
        return None
    steps = b + np.linspace(0, 1, int(length) + 2)[:, None] * gap
    if hole[_pixels(steps, hole.shape)].mean() < _INSIDE:
        return None
    for side in (-_BESIDE, _BESIDE):
        first, second = (_colour(colours, hole, part, side * normal) for part in ((a, b), (c, d)))
        if first is None or second is None or np.abs(first - second).max() > _ALIKE:
            return None
    return float(np.linalg.norm(b - a) + np.linalg.norm(d - c)) - 0.2 * length


def _colour(colours: np.ndarray, hole: np.ndarray, part: tuple, beside: np.ndarray) -> np.ndarray | None:
    """The median colour beside the part of a line that is nearest to the hole."""
    far, near = part
    length = np.linalg.norm(near - far)
    share = min(1.0, 40 / length)
    points = near + np.linspace(0, share, 24)[:, None] * (far - near) + beside
    rows, columns = _pixels(points, hole.shape)
    known = ~hole[rows, columns]
    seen = colours[rows[known], columns[known]]
    return np.median(seen, axis=0) if len(seen) >= 6 else None


def _fitted(one: tuple, other: tuple) -> Through:
    """Both parts on the straight line that fits them best, by their lengths."""
    (a, b), (d, c) = one, other
    weights = np.repeat([np.linalg.norm(b - a), np.linalg.norm(d - c)], 2)
    points = np.array([a, b, c, d])
    middle = np.average(points, axis=0, weights=weights)
    rest = (points - middle) * np.sqrt(weights)[:, None]
    _, _, axes = np.linalg.svd(rest, full_matrices=False)
    return Through(*(middle + (point - middle) @ axes[0] * axes[0] for point in points))
