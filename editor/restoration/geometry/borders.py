"""Where exactly the edge of a photograph runs, by lines fitted to it at full resolution."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from editor.engines.contract import Progress
from editor.raster.rectangle import Rectangle
from editor.raster.surface import Box
from editor.restoration.contract import Scan
from editor.restoration.geometry.bed import Lid, Small

_PLACES = 480  # along a side
_AT_ONCE = 24  # of them are read together
_MARGIN = 0.04  # of a side at either end, where the next one begins
_STEP = 0.5  # pixels between two looks across a side
_SHADOW = 8.0  # pixels: how wide a paper's shadow may be, besides twice what the scan was reduced by
_RISEN = 0.4  # of a shadow's depth: so much lighter is the paper behind it
_LIGHT = 150.0  # levels: a darker lid shows no shadows
_OUTSIDE = 4  # steps: there is only lid so far out
_LEAST = 3.0  # levels of 255 that are no noise
_STRAIGHT = 0.6  # of the places where the lid ends: so many lie on one line, where it is a photograph that begins
_STEP_UP = 1.5  # times what is usual beside it: a step from one photograph to another
_PLAINLY = (1.0, 3.0, 8.0)  # times the least difference: a JPEG's lid is not clean beside what stands out from it
_LEANING = 0.06  # pixels in one along: a side may lean so much against where it was looked for
_BETTER = 0.1  # so much more must lie on a line that takes more for the edge
_SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True)
class _Line:
    """A side as it was measured, in pixels of the scan."""

    offset: float  # outward of where it was looked for, at its middle
    slope: float  # degrees by which it is turned clockwise against the rectangle
    weight: float  # places that bear it out, over all


def refined(scan: Scan, small: Small, lid: Lid, rectangle: Rectangle, free: tuple[bool, ...], touching: bool,
            progress: Progress) -> tuple[Rectangle, int]:
    """The rectangle, given in the scan's pixels within a few reduced ones, moved to where the photograph's edges are;
    and how many of its sides are such edges, straight ones.

    free: of its sides (left, top, right, bottom), which do not lie along the scan's edge; the others stay. touching:
    other photographs may lie beside it instead of the lid.
    """
    lines: list[_Line | None] = []
    for reach, last in ((3.0 * small.factor + 4.0, False), (1.0 * small.factor + 4.0, True)):
        lines = [_measured(scan, small, lid, rectangle, side, reach, last, progress) if is_free else None
                 for side, is_free in enumerate(free)]
        rectangle = _moved(rectangle, lines)
    seen = sum(line is not None for line in lines)
    if not touching or seen < 2:
        return rectangle, seen
    inner = [_inner(scan, small, lid, rectangle, side, 3.0 * small.factor + 4.0) if is_free and line is None else None
             for side, (is_free, line) in enumerate(zip(free, lines, strict=True))]
    rectangle = _moved(rectangle, inner)
    return rectangle, seen + sum(line is not None for line in inner)


def _moved(rectangle: Rectangle, lines: list[_Line | None]) -> Rectangle:
    good = [line for line in lines if line is not None]
    if not good:
        return rectangle
    sides = (rectangle.height, rectangle.width) * 2
    weights = np.array([line.weight * length ** 2 for line, length in zip(lines, sides, strict=True) if line])
    turn = float(np.average([line.slope for line in good], weights=weights)) if weights.any() else 0.0
    by = {name: line.offset * (1 if name in ("right", "bottom") else -1)
          for name, line in zip(_SIDES, lines, strict=True) if line}
    moved = rectangle.moved(**by)
    return replace(moved, angle=moved.angle + turn)


def _places(rectangle: Rectangle, side: int) -> tuple[np.ndarray, ...] | None:
    """A side's start and end, its direction and the one outward, (x, y), and how far from the start it is looked at;
    None where it is too short for that."""
    corners, number = rectangle.corners(), (3, 0, 1, 2)[side]
    start, end = corners[number], corners[(number + 1) % 4]  # clockwise: outward is to the left of the way
    length = float(np.hypot(*(end - start)))
    if length < 16:
        return None
    along = (end - start) / length
    margin = max(2.0, _MARGIN * length)
    places = np.linspace(margin, length - margin, min(_PLACES, max(8, int(length - 2 * margin))))
    return start, end, along, np.array([along[1], -along[0]]), places


def _inner(scan: Scan, small: Small, lid: Lid, rectangle: Rectangle, side: int, reach: float) -> _Line | None:
    """A side along which another photograph lies: the plainest step there is all along; None where none is plain."""
    line = _places(rectangle, side)
    if line is None:
        return None
    start, _, along, outward, places = line
    across = np.arange(reach, -reach - _STEP / 2, -_STEP)
    steps = np.zeros(len(across) - 4)
    for first in range(0, len(places), _AT_ONCE):
        points = (start + places[first:first + _AT_ONCE, None] * along)[:, None] + across[:, None] * outward
        light = _looked(scan, small, lid, points)[0].mean(axis=2)
        steps += np.abs(light[:, 4:] - light[:, :-4]).sum(axis=0)
    plainest = int(steps.argmax())
    if steps[plainest] < _STEP_UP * np.median(steps):
        return None
    return _Line(float(across[plainest + 2]), 0.0, 0.0)


def _measured(scan: Scan, small: Small, lid: Lid, rectangle: Rectangle, side: int, reach: float, unshaded: bool,
              progress: Progress) -> _Line | None:
    """A side where it is seen against the lid; None where it hardly is. unshaded: without its shadow."""
    line = _places(rectangle, side)
    if line is None:
        return None
    start, end, along, outward, places = line
    length = float(np.hypot(*(end - start)))
    # From outside to inside, and on over whatever shadow there may be.
    across = np.arange(reach, -(reach + _SHADOW + 2 * small.factor), -_STEP)
    profiles = np.empty((len(places), len(across), scan.colours), np.float32)
    there = np.zeros((len(places), len(across)), bool)
    for first in range(0, len(places), _AT_ONCE):
        progress(0.9, "Looking for edges")
        some = places[first:first + _AT_ONCE]
        points = (start + some[:, None] * along)[:, None] + across[:, None] * outward
        profiles[first:first + _AT_ONCE], there[first:first + _AT_ONCE] = _looked(scan, small, lid, points)
    distance = np.abs(profiles).max(axis=2)
    outside = distance[:, :_OUTSIDE][there[:, :_OUTSIDE]]
    if outside.size < len(places):
        return None
    noise = max(0.5, float(np.percentile(outside, 30)))
    best, slope, offset, count = _STRAIGHT, 0.0, 0.0, 0
    for plainly in _PLAINLY:
        crossing, sure = _crossings(distance, there, plainly * max(_LEAST, 4 * noise), across)
        if sure.sum() < 0.15 * len(places):
            continue
        tilt, at, kept = _line(places[sure] - length / 2, crossing[sure])
        if abs(tilt) < _LEANING and kept / sure.sum() > best + (_BETTER if count else 0.0):
            best, slope, offset, count = kept / sure.sum(), tilt, at, kept
    if not count:
        return None
    middle = (start + end) / 2 / small.factor
    if unshaded and lid.at(middle[:1], middle[1:]).mean() > _LIGHT:
        offset += _shadow(profiles.mean(axis=2), there, across, places - length / 2, slope, offset, noise)
    return _Line(offset, float(-np.degrees(np.arctan(slope))), count / len(places))


def _looked(scan: Scan, small: Small, lid: Lid, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the scan has at points (n, m, 2), less what the lid would have, in levels; and which are on it."""
    x, y = points[..., 0].astype(np.float32), points[..., 1].astype(np.float32)
    there = (x >= 0) & (y >= 0) & (x <= scan.shape[1]) & (y <= scan.shape[0])
    box = Box(int(y.min()) - 2, int(x.min()) - 2, int(y.max()) + 3, int(x.max()) + 3).intersect(scan.bounds)
    if box.empty:
        return np.zeros((*x.shape, scan.colours), np.float32), np.zeros_like(there)
    pixels = cv2.GaussianBlur(255 * scan.floats(box), (0, 0), 0.7).reshape(box.height, box.width, -1)
    seen = cv2.remap(pixels, x - (box.left + 0.5), y - (box.top + 0.5), cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_REPLICATE).reshape(*x.shape, -1)
    return seen - lid.at(x / small.factor, y / small.factor), there


def _crossings(distance: np.ndarray, there: np.ndarray, least: float,
               across: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each profile (n, m), from outside to inside, leaves the lid: half way to what lies beyond; and whether it
    does so plainly, by ``least`` levels."""
    off = (distance > least) & there
    lasting = off[:, :-2] & off[:, 1:-1] & off[:, 2:]
    first = lasting.argmax(axis=1)
    sure = lasting.any(axis=1) & (first > 2)
    plateau = np.stack([distance[np.arange(len(distance)), np.minimum(first + ahead, distance.shape[1] - 1)]
                        for ahead in range(2, 8)]).max(axis=0)
    half = np.maximum(least, plateau / 2)
    beyond = distance >= half[:, None]
    beyond[np.arange(distance.shape[1]) < first[:, None]] = False
    at = np.maximum(beyond.argmax(axis=1), 1)
    rows = np.arange(len(distance))
    low, high = distance[rows, at - 1], distance[rows, at]
    share = np.clip((half - low) / np.maximum(high - low, 1e-6), 0, 1)
    return across[at - 1] + share * (across[1] - across[0]), sure & beyond.any(axis=1)


def _line(along: np.ndarray, offset: np.ndarray) -> tuple[float, float, int]:
    """Slope and offset at 0 of the line that most points lie on, and how many do."""
    random = np.random.default_rng(0)
    count = len(along)
    pairs = random.integers(0, count, (200, 2))
    pairs = pairs[np.abs(along[pairs[:, 0]] - along[pairs[:, 1]]) > 0.2 * np.ptp(along)]
    best, slope, middle = -1.0, 0.0, float(np.median(offset))
    for one, other in pairs:
        tilt = (offset[other] - offset[one]) / (along[other] - along[one])
        if abs(tilt) > _LEANING:
            continue
        off = np.abs(offset - offset[one] - tilt * (along - along[one]))
        score = float(np.maximum(0, 1 - (off / 1.5) ** 2).sum())
        if score > best:
            best, slope, middle = score, tilt, offset[one] - tilt * along[one]
    for _ in range(8):
        off = offset - middle - slope * along
        weight = np.maximum(0, 1 - (off / 2.0) ** 2) ** 2  # Tukey
        if weight.sum() < 3:
            break
        slope, middle = np.polyfit(along, offset, 1, w=np.sqrt(weight))
    return float(slope), float(middle), int((np.abs(offset - middle - slope * along) < 2.0).sum())


def _shadow(light: np.ndarray, there: np.ndarray, across: np.ndarray, along: np.ndarray, slope: float, offset: float,
            noise: float) -> float:
    """How much farther in the paper begins, where the lid's end is its shadow: a dip that comes up again within it."""
    # All profiles are laid on one another, from where the lid ends inwards.
    first = np.rint((across[0] - offset - slope * along) / _STEP).astype(int)
    room = light.shape[1] - int(first.max())
    if room < 8 or first.min() < 0:
        return 0.0
    rows, columns = np.arange(len(light))[:, None], first[:, None] + np.arange(room)
    profile = np.median(np.where(there[rows, columns], light[rows, columns], 0), axis=0)
    dip = int(profile.argmin())
    depth, after = -float(profile[dip]), profile[dip:]
    risen = float(after.max()) + depth
    # A shadow is as dark all along; what is dark of the photograph itself is not.
    spread = float(np.median(np.abs(light[rows[:, 0], columns[:, dip]] - profile[dip])))
    if depth < max(_LEAST, 3 * noise) or risen < _RISEN * depth or spread > 0.2 * depth + noise:
        return 0.0
    return -_STEP * (dip + int((after + depth >= risen / 2).argmax()))
