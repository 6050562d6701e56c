"""Smart select: scribbles say what belongs to an object, and its outline is found.

GrabCut (Rother, Kolmogorov and Blake, "GrabCut", 2004) on a small picture of the surroundings decides what belongs
together; the cut is made again at larger sizes, near its edge alone; from there on to the photo's own pixels a guided
filter (He, Sun and Tang, "Guided Image Filtering", 2010) lays the edge on that of the picture, size after size.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from editor.raster.surface import Box, level_shape

Read = Callable[[Box, int], np.ndarray]
"""Gives (h, w, 3) uint8 of a box of a mip level of the picture (the box in pixels of that level)."""

Progress = Callable[[float, str], None]
"""Called with a share of the work and words; raises where the work has been cancelled."""

_FIRST, _LAST = 256, 640  # longest sides of the smallest and the largest picture that are cut
_ROUND = 0.6  # surroundings looked at, in lengths of what is scribbled
_LEAST = 40  # the same at least, in radii of the scribbles: those are as wide as the screen asks for
_RING = 0.02  # share of the picture at its sides that is taken for background
_WIDER = 2  # times that the surroundings are widened where the object reaches their end
_ROUNDS = 2  # of learning the colours and cutting
_COLOURS = 6  # that stand for those of a scribble, or of the sides
_CLEARLY = 4.0  # times that squared distances differ where there is no doubt
_NEARER = 2.0  # times, as the crow flies
_ALIKE = 10.0  # distance in eight-bit L, a, b at which nobody sees two colours
_BAND = 3  # pixels to either side of the edge that are cut again
_RADIUS, _EPSILON, _STEEP = 3, 1e-3, 2.0  # of the guided filter, and how much its answer is steepened
_TILE = 512  # pixels filtered at a time


@dataclass(frozen=True)
class Scribble:
    """A line drawn on the object, or on what does not belong to it; photo coordinates (x, y), pixels of the photo."""

    points: tuple[tuple[float, float], ...]
    radius: float
    wanted: bool = True

    @property
    def box(self) -> Box:
        (left, top), (right, bottom) = np.min(self.points, axis=0), np.max(self.points, axis=0)
        reach = self.radius
        return Box(int(top - reach), int(left - reach), int(bottom + reach) + 1, int(right + reach) + 1)


@dataclass(frozen=True, eq=False)
class Found:
    """Coverage (h, w) uint8 and the box of the photo it lies in; ``rough`` until its edge is refined."""

    coverage: np.ndarray
    box: Box
    rough: bool


def smart_select(read: Read, shape: tuple[int, int], scribbles: Sequence[Scribble], before: Found | None = None,
                 progress: Progress = lambda fraction, words: None) -> Iterator[Found]:
    """Find what is scribbled on, in a photo of ``shape``: first roughly, then with a refined edge.

    ``before`` is what was found for the scribbles but the last, which is only corrected then. At least one scribble
    must be ``wanted``.
    """
    cv2.setRNGSeed(0)  # of this thread: the same scribbles give the same outline
    picture, level, coverage = _cut_out(read, shape, scribbles, before, progress)
    rough = coverage
    for below in range(level - 1, -1, -1):
        rough = picture.doubled(rough, below)
    yield Found(rough, picture.box, rough=True)
    for below in range(level, -1, -1):
        if below < level:
            coverage = picture.doubled(coverage, below)
        coverage = _refined(coverage, lambda box, below=below: picture.part(box, below), progress)
    yield Found(coverage, picture.box, rough=False)


def _cut_out(read: Read, shape: tuple[int, int], scribbles: Sequence[Scribble], before: Found | None,
             progress: Progress) -> "tuple[_Region, int, np.ndarray]":
    """The part of the photo that was looked at, the level of the answer, and the answer: (h, w) uint8, 0 and 255."""
    around = _surroundings(scribbles, before, Box(0, 0, *shape))
    for widened in range(_WIDER + 1):
        progress(0.05, "Looking for the outline")
        level = _level(around)
        picture = _Region(read, _aligned(around, level).intersect(Box(0, 0, *shape)), shape)
        small = picture.at(level)
        labels = _labels(picture, level, scribbles, before)
        for one in scribbles if before is None else _news(scribbles):
            _guess(small, labels, one, _drawn(picture, level, one))
        _mark(labels, picture, level, scribbles)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        _cut(small, labels, models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
        coverage = 255 * _hanging_together(labels, labels == cv2.GC_FGD)
        if widened == _WIDER or not _ends_at_ring(coverage, picture.open_sides):
            break
        around = around.grow(int(_ROUND * max(around.height, around.width) / 2)).intersect(Box(0, 0, *shape))
    while level > 0 and max(picture.shape_at(level - 1)) <= _LAST and models[0].any():
        level -= 1
        progress(0.2, "Looking for the outline")
        labels = _near_the_edge(picture.doubled(coverage, level))
        _mark(labels, picture, level, scribbles)
        _cut(picture.at(level), labels, models, 1, cv2.GC_EVAL)
        coverage = 255 * _selected(labels)
    return picture, level, coverage


class _Region:
    """A part of the photo at the sizes it is needed in."""

    def __init__(self, read: Read, box: Box, shape: tuple[int, int]):
        self.box = box
        self._read = read
        self._shape = shape

    def box_at(self, level: int) -> Box:
        """In pixels of that level."""
        top, left, bottom, right = self.box
        return Box(top >> level, left >> level, -(-bottom >> level), -(-right >> level)).intersect(
            Box(0, 0, *level_shape(self._shape, level)))

    @property
    def open_sides(self) -> tuple[bool, bool, bool, bool]:
        """Whether the photo goes on above, left, below, right."""
        height, width = self._shape
        return self.box.top > 0, self.box.left > 0, self.box.bottom < height, self.box.right < width

    def shape_at(self, level: int) -> tuple[int, int]:
        box = self.box_at(level)
        return box.height, box.width

    def at(self, level: int) -> np.ndarray:
        return self._read(self.box_at(level), level)

    def part(self, box: Box, level: int) -> np.ndarray:
        """A box of what ``at`` gives."""
        corner = self.box_at(level)
        return self._read(box.shift(corner.top, corner.left), level)

    def doubled(self, plane: np.ndarray, level: int) -> np.ndarray:
        """A plane of the level above at the size of ``level``."""
        height, width = self.shape_at(level)
        size = 2 * plane.shape[1], 2 * plane.shape[0]
        return cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)[:height, :width]


def _surroundings(scribbles: Sequence[Scribble], before: Found | None, photo: Box) -> Box:
    wanted, all_of_them = Box(0, 0, 0, 0), before.box if before else Box(0, 0, 0, 0)
    for scribble in scribbles:
        wanted = wanted.union(scribble.box) if scribble.wanted else wanted
        all_of_them = all_of_them.union(scribble.box)
    reach = int(max(_LEAST * max(scribble.radius for scribble in scribbles), _ROUND * max(wanted.height, wanted.width)))
    return wanted.grow(reach).union(all_of_them).intersect(photo)


def _level(box: Box) -> int:
    level = 0
    while max(box.height, box.width) >> level > _FIRST:
        level += 1
    return level


def _aligned(box: Box, level: int) -> Box:
    """Grown so that it is whole pixels of a level."""
    step = 1 << level
    return Box(box.top // step * step, box.left // step * step, -(-box.bottom // step) * step,
               -(-box.right // step) * step)


def _labels(picture: _Region, level: int, scribbles: Sequence[Scribble], before: Found | None) -> np.ndarray:
    """What GrabCut begins with: (h, w) uint8."""
    labels = np.full(picture.shape_at(level), cv2.GC_PR_BGD, np.uint8)
    if before is not None:
        labels[_at_level(before, picture.box, level, labels.shape) > 127] = cv2.GC_PR_FGD
    ring = _ring(labels.shape)
    for is_open, side in zip(picture.open_sides, (labels[:ring], labels[:, :ring], labels[-ring:], labels[:, -ring:]),
                             strict=True):
        if is_open:
            side[:] = cv2.GC_BGD
    _mark(labels, picture, level, scribbles)
    return labels


def _drawn(picture: _Region, level: int, scribble: Scribble) -> np.ndarray:
    """Where a scribble lies: (h, w) bool at a level."""
    plane = np.full(picture.shape_at(level), cv2.GC_PR_BGD, np.uint8)
    _mark(plane, picture, level, [scribble])
    return plane != cv2.GC_PR_BGD


def _guess(picture: np.ndarray, labels: np.ndarray, last: Scribble, drawn: np.ndarray) -> None:
    """What hangs together with the last scribble, ``drawn`` (h, w) bool, and has its colours is probably like it.

    Without that, a large object under a short scribble would be learnt as background, and a scribble on something
    that was found by mistake would take away no more than itself.
    """
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    if not drawn.any():
        return
    away = _distance(lab, lab[drawn])
    if last.wanted:
        ring, against = _ring(labels.shape), labels == cv2.GC_BGD
        sides = np.ones(labels.shape, bool)
        sides[ring:-ring, ring:-ring] = False
        inside = sides & (away < _ALIKE**2)
        labels[inside & against] = cv2.GC_PR_BGD  # the object may well reach as far
        against = (against | sides) & ~inside & ~drawn
    else:
        against = labels == cv2.GC_FGD
    if against.any():
        nearer = (_CLEARLY if last.wanted else 1.0) * away < _distance(lab, lab[against])
        _, parts = cv2.connectedComponents((nearer | drawn).view(np.uint8))
        like_it = np.isin(parts, np.unique(parts[drawn]))
        if last.wanted:
            labels[like_it & (labels == cv2.GC_PR_BGD)] = cv2.GC_PR_FGD
        else:
            labels[like_it & (labels == cv2.GC_PR_FGD)] = cv2.GC_PR_BGD
            # What also lies much nearer to this scribble than to wanted ones is its own, whatever the cut would say.
            near, from_wanted = (cv2.distanceTransform((~seeds).view(np.uint8), cv2.DIST_L2, 3)
                                 for seeds in (drawn, against))
            _, parts = cv2.connectedComponents((nearer & (_NEARER * near < from_wanted) | drawn).view(np.uint8))
            labels[np.isin(parts, np.unique(parts[drawn])) & ~against] = cv2.GC_BGD


def _news(scribbles: Sequence[Scribble]) -> list[Scribble]:
    """What corrects the answer before: the last scribble, and all that may have been forgotten since."""
    return [scribble for scribble in scribbles[:-1] if not scribble.wanted] + [scribbles[-1]]


def _distance(lab: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """(h, w): squared, of every colour to the nearest of a few that stand for the samples (n, 3)."""
    stop = cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0
    _, _, middles = cv2.kmeans(samples, min(_COLOURS, len(samples)), None, stop, 1, cv2.KMEANS_PP_CENTERS)
    return np.min([((lab - middle) ** 2).sum(axis=2) for middle in middles], axis=0)


def _ring(shape: tuple[int, int]) -> int:
    """Pixels at the sides that are taken for background where the photo goes on."""
    return max(1, round(_RING * max(shape)))


def _mark(labels: np.ndarray, picture: _Region, level: int, scribbles: Sequence[Scribble]) -> None:
    """What is scribbled is certain; the later scribble has the last word."""
    box, scale = picture.box_at(level), 2.0**-level
    for scribble in scribbles:
        points = scribble.points if len(scribble.points) > 1 else 2 * scribble.points  # a click is a line of no length
        places = np.array(points) * scale - (box.left, box.top) - 0.5
        cv2.polylines(labels, [np.rint(places).astype(np.int32)], False, cv2.GC_FGD if scribble.wanted else cv2.GC_BGD,
                      max(1, round(2 * scribble.radius * scale)))


def _cut(picture: np.ndarray, labels: np.ndarray, models: tuple[np.ndarray, np.ndarray], rounds: int,
         how: int) -> None:
    """GrabCut, where there is something to tell apart."""
    wanted = np.count_nonzero(_selected(labels))
    if 0 < wanted < labels.size:
        cv2.grabCut(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), labels, None, *models, rounds, how)


def _at_level(found: Found, region: Box, level: int, shape: tuple[int, int]) -> np.ndarray:
    """What was found before, in the present region at a level."""
    whole = np.zeros((region.height, region.width), np.uint8)
    part = found.box.intersect(region)
    whole[part.shift(-region.top, -region.left).slices] = found.coverage[
        part.shift(-found.box.top, -found.box.left).slices]
    return cv2.resize(whole, shape[::-1], interpolation=cv2.INTER_AREA)


def _hanging_together(labels: np.ndarray, scribbled: np.ndarray) -> np.ndarray:
    """(h, w) uint8, 0 and 1: what is selected and hangs together with a scribble."""
    _, parts = cv2.connectedComponents(_selected(labels))
    return (np.isin(parts, np.unique(parts[scribbled])) & (parts > 0)).view(np.uint8)


def _selected(labels: np.ndarray) -> np.ndarray:
    return ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).view(np.uint8)


def _ends_at_ring(cut: np.ndarray, open_sides: tuple[bool, bool, bool, bool]) -> bool:
    """Whether the object ends only because nothing beyond was looked at."""
    ring = _ring(cut.shape)
    sides = cut[ring:ring + 1], cut[:, ring:ring + 1], cut[-ring - 1:-ring], cut[:, -ring - 1:-ring]
    return any(is_open and side.any() for is_open, side in zip(open_sides, sides, strict=True))


def _near_the_edge(coverage: np.ndarray) -> np.ndarray:
    """Labels that leave GrabCut nothing to decide but near the edge."""
    selected = (coverage > 127).view(np.uint8)
    square = np.ones((2 * _BAND + 1, 2 * _BAND + 1), np.uint8)
    labels = np.where(selected > 0, np.uint8(cv2.GC_PR_FGD), np.uint8(cv2.GC_PR_BGD))
    labels[cv2.erode(selected, square) > 0] = cv2.GC_FGD
    labels[cv2.dilate(selected, square) == 0] = cv2.GC_BGD
    return labels


def _refined(coverage: np.ndarray, part_of: Callable[[Box], np.ndarray], progress: Progress) -> np.ndarray:
    """The coverage (h, w) uint8 with its edge on the picture's; elsewhere all or nothing."""
    out = np.where(coverage > 127, np.uint8(255), np.uint8(0))
    whole, reach = Box(0, 0, *coverage.shape), 2 * _RADIUS
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    for top in range(0, whole.bottom, _TILE):
        progress(0.3 + 0.7 * top / whole.bottom, "Refining the edge")
        for left in range(0, whole.right, _TILE):
            tile = Box(top, left, top + _TILE, left + _TILE).intersect(whole)
            around = tile.grow(2 * reach).intersect(whole)
            plane = coverage[around.slices]
            if plane.min() == plane.max():
                continue
            level = _guided(part_of(around).astype(np.float32) / 255, plane.astype(np.float32) / 255)
            fine = np.clip((level - 0.5) * (255 * _STEEP) + 127.5, 0, 255)
            edge = cv2.subtract(cv2.dilate(plane, square), cv2.erode(plane, square)) > 12
            inside = tile.shift(-around.top, -around.left).slices
            out[tile.slices] = np.where(edge[inside], np.rint(fine[inside]).astype(np.uint8), out[tile.slices])
    return out


def _guided(picture: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """The guided filter of a plane (h, w) by a colour picture (h, w, 3), float32 0..1."""
    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.blur(values, (2 * _RADIUS + 1,) * 2, borderType=cv2.BORDER_REFLECT)

    colours, level = mean(picture), mean(plane)
    red, green, blue = cv2.split(picture)
    r, g, b = cv2.split(colours)
    with_level = cv2.split(mean(picture * plane[..., None]) - colours * level[..., None])
    rr, gg, bb = (mean(c * c) - m * m + _EPSILON for c, m in ((red, r), (green, g), (blue, b)))
    rg, rb, gb = mean(red * green) - r * g, mean(red * blue) - r * b, mean(green * blue) - g * b
    # The inverse of the symmetric matrix of covariances, by its cofactors.
    cofactors = ((gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb),
                 (gb * rb - rg * bb, rr * bb - rb * rb, rb * rg - rr * gb),
                 (rg * gb - gg * rb, rb * rg - rr * gb, rr * gg - rg * rg))
    determinant = rr * cofactors[0][0] + rg * cofactors[0][1] + rb * cofactors[0][2]
    slopes = [sum(cofactor * share for cofactor, share in zip(row, with_level, strict=True)) / determinant
              for row in cofactors]
    offset = level - slopes[0] * r - slopes[1] * g - slopes[2] * b
    return mean(slopes[0]) * red + mean(slopes[1]) * green + mean(slopes[2]) * blue + mean(offset)
