"""From what lies on the bed to rectangles: one for each photograph, though photographs touch, overlap or are torn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from editor.raster.rectangle import Rectangle

_STRAIGHT = 1.6  # pixels that an outline may stray from a straight side
_SHORT = 0.04  # of the outline's size: shorter pieces of it say nothing
_PLAIN = 0.2  # of its size: a piece so long tells exactly where it leads
_ALIKE = 5.0  # degrees: pieces of an outline that belong to the same side, or to one at right angles
_FULL = 0.93  # of its rectangle: so much a photograph fills, but for torn corners
_HELD = 0.8  # the same of one that reaches under another
_PIECES = 16  # photographs that touch one another, at most
_SEEN = 0.1  # of the area: what an edge along a cut is worth
_LONG = 0.3  # of the area of a square on it: what a cut costs
_SLIM = 6.0  # times as long as wide: what is slimmer is no photograph
_CORNERS = 12  # where an outline may be cut; the plainest of them
_GRID = 160  # pixels: the longer side of what two areas are compared at


@dataclass(frozen=True)
class Outline:
    """A rectangle and how well it is borne out."""

    rectangle: Rectangle
    area: float  # pixels of it that are filled
    borne: tuple[bool, bool, bool, bool]  # whether there is an edge along it: left, top, right, bottom
    touching: bool = False  # it was cut off from others

    @property
    def filled(self) -> float:
        return self.area / max(1.0, self.rectangle.height * self.rectangle.width)

    @property
    def plain(self) -> float:
        """How good a rectangle it is, up to 1."""
        return min(1.0, self.filled) * (4 + sum(self.borne)) / 8

    @property
    def slim(self) -> bool:
        sides = sorted((self.rectangle.height, self.rectangle.width))
        return sides[1] > _SLIM * sides[0]


def outlines(solid: np.ndarray, light: np.ndarray, least: float) -> tuple[list[Outline], float]:
    """The rectangles of a mask (h, w) bool, and the area of all of it that is no smaller than these may be.

    light: (h, w) float32, what is seen there: where photographs touch, there is an edge. least: pixels of the smallest
    one's area.
    """
    light = cv2.GaussianBlur(light, (0, 0), 0.7)
    slopes = np.stack([cv2.Sobel(light, cv2.CV_32F, *order, ksize=3) / 8 for order in ((1, 0), (0, 1))], axis=2)
    edges, _ = cv2.findContours(solid.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found, total = [], 0.0
    for edge in edges:
        # Through the middles of the outermost pixels: half a pixel is missing all round, which _grown gives back.
        points = edge[:, 0].astype(np.float64) + 0.5
        area = _area(points)
        if area < least:
            continue
        total += area
        pieces = _divided(_polygon(points), slopes, least, _PIECES)
        fill = _FULL if len(pieces) == 1 else _HELD
        found += [replace(_grown(piece), touching=len(pieces) > 1) for piece in pieces if not piece.slim and (
            piece.filled >= fill and sum(piece.borne) >= 3
            or len(pieces) == 1 and piece.filled >= _HELD and sum(piece.borne) == 4)]
    return found, total


def _grown(outline: Outline) -> Outline:
    return replace(outline, rectangle=outline.rectangle.moved(-0.5, -0.5, 0.5, 0.5))


def _polygon(points: np.ndarray) -> np.ndarray:
    """(n, 2) corners of an outline whose sides are straight within _STRAIGHT pixels; a corner that is only rounded is
    one corner."""
    polygon = cv2.approxPolyDP(points.astype(np.float32)[:, None], _STRAIGHT, True)[:, 0].astype(np.float64)
    short = _SHORT * np.sqrt(_area(points))
    for _ in range(len(polygon)):
        sides = np.roll(polygon, -1, axis=0) - polygon
        lengths = np.hypot(*sides.T)
        for at in np.argsort(lengths):
            after = (at + 1) % len(polygon)
            if lengths[at] > short or min(lengths[at - 1], lengths[after]) < lengths[at] or len(polygon) < 5:
                continue
            corner = _crossing(polygon[at], sides[at - 1], polygon[after], sides[after])
            if corner is not None and np.hypot(*(corner - (polygon[at] + polygon[after]) / 2)) < max(6.0, short / 2):
                polygon[at] = corner
                polygon = np.delete(polygon, after, axis=0)
                break
        else:
            break
    return polygon


def _crossing(one: np.ndarray, along: np.ndarray, other: np.ndarray, its: np.ndarray) -> np.ndarray | None:
    """Where two lines meet; None where they hardly do."""
    cross = along[0] * its[1] - along[1] * its[0]
    if abs(cross) < 0.2 * np.hypot(*along) * np.hypot(*its):
        return None
    gap = other - one
    return one + (gap[0] * its[1] - gap[1] * its[0]) / cross * along


def _area(polygon: np.ndarray) -> float:
    """Above 0 for OpenCV's outlines, whichever way round they go."""
    return abs(_signed(polygon))


def _signed(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


def _divided(polygon: np.ndarray, slopes: np.ndarray, least: float, pieces: int) -> list[Outline]:
    """A polygon as one rectangle, or cut in two where that makes better ones, and so on."""
    whole = _fitted(polygon)
    if whole.filled >= _FULL or pieces < 2:
        return [whole]
    area = _area(polygon)
    best, most = None, -np.inf
    for one, other, cut in _cuts(polygon):
        if min(_area(one), _area(other)) < least:
            continue
        fits = [_fitted(one), _fitted(other)]
        worth = sum(fit.filled * fit.area for fit in fits if not fit.slim) + _SEEN * area * _seen(slopes, *cut)
        # Photographs that lie on one another hardly ever do so over their whole length.
        now = worth - _LONG * np.sqrt(area) * float(np.hypot(*(cut[1] - cut[0])))
        if worth > whole.filled * whole.area + 0.02 * area and now > most:
            best, most = (one, other), now
    if best is None:
        return [whole]
    return [outline for part in best for outline in _divided(part, slopes, least, pieces // 2)]


def _seen(slopes: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """How plainly an edge runs along a line: -1 less than beside it, 1 far more."""
    along = end - start
    length = float(np.hypot(*along))
    if length < 8:
        return 0.0
    across = np.array([along[1], -along[0]]) / length
    places = start + np.linspace(0.05, 0.95, max(8, int(length)))[:, None] * along
    beside = places[:, None] + np.arange(-14, 15)[:, None] * across
    columns, rows = np.moveaxis(np.clip(beside, 0, np.array(slopes.shape[1::-1]) - 1).astype(int), 2, 0)
    strength = np.abs(slopes[rows, columns] @ across.astype(np.float32)).mean(axis=0)
    here, elsewhere = strength[12:17].max(), (strength[:9].mean() + strength[20:].mean()) / 2
    return float(np.clip(np.log2((here + 0.1) / (elsewhere + 0.1)), -1, 1))


def _cuts(polygon: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]]:
    """Ways to cut a polygon in two at its inner corners, to another one or on along one of its sides; and the cut."""
    size, count = np.sqrt(_area(polygon)), len(polygon)
    sides = np.roll(polygon, -1, axis=0) - polygon
    lengths = np.hypot(*sides.T)
    turn = np.sign(_signed(polygon))
    inner = []
    for at in range(count):
        before, after = sides[at - 1], sides[at]
        bend = np.degrees(np.arctan2(before[0] * after[1] - before[1] * after[0], before @ after)) * turn
        both = sorted((lengths[at - 1], lengths[at]))
        if bend < -20 and both[0] > 2 * _STRAIGHT and both[1] > _SHORT * size:
            inner.append(at)
    inner = sorted(sorted(inner, key=lambda at: -lengths[at - 1] - lengths[at])[:_CORNERS])
    for number, at in enumerate(inner):
        for other in inner[number + 1:]:
            if other - at > 1 and (at, other) != (0, count - 1):
                cut = polygon[at], polygon[other]
                yield polygon[at:other + 1], np.concatenate([polygon[other:], polygon[:at + 1]]), cut
        for mine, others in ((sides[at - 1], sides[at]), (-sides[at], sides[at - 1])):
            square = np.array([-others[1], others[0]])  # tells better where a short side leads
            direction = mine if np.hypot(*mine) > _PLAIN * size else square * np.sign(square @ mine)
            met = _met(polygon, at, direction / np.hypot(*direction))
            if met is not None:
                edge, place = met
                turned = np.roll(polygon, -at, axis=0)  # begins at the corner
                behind = (edge - at) % count  # the side that is met begins at this corner of it
                yield np.vstack([turned[:behind + 1], place]), np.vstack([turned[0], place, turned[behind + 1:]]), (
                    polygon[at], place)


def _met(polygon: np.ndarray, at: int, direction: np.ndarray) -> tuple[int, np.ndarray] | None:
    """The side that a ray from a corner meets first, and where."""
    start, following = polygon[at], np.roll(polygon, -1, axis=0)
    along = following - polygon
    cross = direction[0] * along[:, 1] - direction[1] * along[:, 0]
    offset = polygon - start
    with np.errstate(divide="ignore", invalid="ignore"):
        far = (offset[:, 0] * along[:, 1] - offset[:, 1] * along[:, 0]) / cross
        share = (offset[:, 0] * direction[1] - offset[:, 1] * direction[0]) / cross
    hit = (np.abs(cross) > 1e-9) & (far > 1.0) & (share >= 0) & (share <= 1)
    if not hit.any():
        return None
    edge = int(np.flatnonzero(hit)[far[hit].argmin()])
    return edge, start + far[edge] * direction


def _fitted(polygon: np.ndarray) -> Outline:
    """The rectangle of a polygon, by those of its sides that are long: a torn corner changes nothing of it."""
    sides = np.roll(polygon, -1, axis=0) - polygon
    lengths = np.hypot(*sides.T)
    angle = _leaning(sides, lengths)
    turned = Rectangle((0.0, 0.0), 1.0, 1.0, angle)
    own = polygon @ turned.axes.T  # right and down
    low, high = own.min(axis=0), own.max(axis=0)
    outward = np.degrees(np.arctan2(sides[:, 1], sides[:, 0])) - 90 * np.sign(_signed(polygon)) - angle
    middles = (own + np.roll(own, -1, axis=0)) / 2
    edges, borne = [], []
    ends = low[0], low[1], high[0], high[1]
    for normal, axis, end in zip((180.0, -90.0, 0.0, 90.0), (0, 1, 0, 1), ends, strict=True):
        facing = (np.abs((outward - normal + 180) % 360 - 180) < _ALIKE) & (
            lengths > _SHORT * np.sqrt(max(1.0, _area(polygon))))
        place, found = _outermost(middles[facing, axis], lengths[facing], end, 0.2 * (high - low)[1 - axis])
        edges.append(place)
        borne.append(found)
    by_sides = Outline(*_measured(polygon, turned, edges), tuple(borne))
    if by_sides.filled >= _FULL:
        return by_sides
    return max(by_sides, Outline(*_measured(polygon, turned, ends), (False,) * 4), key=lambda one: one.area)


def _measured(polygon: np.ndarray, turned: Rectangle, edges: Sequence[float]) -> tuple[Rectangle, float]:
    """The rectangle between four edges (left, top, right, bottom as turned), and what it explains of a polygon."""
    left, top, right, bottom = edges
    x, y = np.array([(left + right) / 2, (top + bottom) / 2]) @ turned.axes
    rectangle = Rectangle((float(y), float(x)), max(1.0, float(bottom - top)), max(1.0, float(right - left)),
                          turned.angle)
    return rectangle, _common(polygon, rectangle)


def _leaning(sides: np.ndarray, lengths: np.ndarray) -> float:
    """By how many degrees most of an outline leans, -45 to 45; the long pieces decide."""
    lean = np.degrees(np.arctan2(sides[:, 1], sides[:, 0])) % 90
    weight = lengths ** 2
    apart = np.abs((lean[:, None] - lean + 45) % 90 - 45)
    chief = ((apart < 2.0) * weight).sum(axis=1).argmax()
    near = apart[chief] < 2.0
    mean = lean[chief] + np.average(((lean - lean[chief] + 45) % 90 - 45)[near], weights=weight[near])
    return float((mean + 45) % 90 - 45)


def _outermost(places: np.ndarray, lengths: np.ndarray, end: float, enough: float) -> tuple[float, bool]:
    """Where a side lies: the outermost place that so much length lies near to; ``end`` where none does."""
    for at in np.argsort(np.abs(places - end)):
        near = np.abs(places - places[at]) < 2 * _STRAIGHT
        if lengths[near].sum() >= enough:
            return float(np.average(places[near], weights=lengths[near])), True
    return float(end), False


def _common(polygon: np.ndarray, rectangle: Rectangle) -> float:
    """Pixels that lie in both, less those of the polygon that do not: what the rectangle explains."""
    corners = rectangle.corners()
    both = np.vstack([polygon, corners])
    low = both.min(axis=0) - 1
    scale = _GRID / float((both.max(axis=0) - low + 1).max())
    masks = []
    for shape in (polygon, corners):
        mask = np.zeros((_GRID, _GRID), np.uint8)
        cv2.fillPoly(mask, [np.rint((shape - low) * scale * 16).astype(np.int32)], 1, shift=4)
        masks.append(mask)
    inside = cv2.countNonZero(masks[0] & masks[1])
    beside = cv2.countNonZero(masks[0]) - inside
    return max(0.0, (inside - beside) / scale ** 2)
