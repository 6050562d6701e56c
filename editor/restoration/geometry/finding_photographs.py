"""From a scan to the photographs that lie in it."""

import cv2
import numpy as np

from editor.engines.contract import Progress, no_progress
from editor.raster.rectangle import Rectangle
from editor.restoration.contract import Scan
from editor.restoration.geometry.bed import Lid, Small, lids, reduced, unlike
from editor.restoration.geometry.borders import refined
from editor.restoration.geometry.outlines import Outline, outlines

_SMALLEST = 0.008  # of the scan: a smaller photograph is dust
_LARGEST = 0.985  # of the scan: nothing is left of the lid
_THIN = 0.012  # of the scan's shorter side: what is narrower is a hair, a shadow, the lid's edge
_STEPS = (1.5, 3.0, 6.0, 12.0, 24.0)  # levels of 255 that tell a photograph from the lid; white borders need the least
_MOST = 0.5  # of what lies there: if less of it is rectangles, it is no scanner's bed
_WELL = 0.93  # if so much of it is, with plain edges all round, nothing coarser is tried
_GOOD = 0.9  # as good must a rectangle be that takes the place of a smaller one
_BORDERED = 2.0  # times its picture's area: a print with its border is no larger
_SHORTEST = 200  # pixels: a scan with fewer a side is a thumbnail, or a stamp


def find_photographs(scan: Scan, progress: Progress = no_progress) -> tuple[Rectangle, ...]:
    """The photographs on the bed of a scanner, in reading order; each with the angle (-45..45 degrees) it lies at.

    None where the picture fills its frame: what lies there must stand out, by straight edges, from a lid of one colour
    (with shading), which shows on a good part of the rim. Looks at the scan reduced, then at the edges at full
    resolution; holds a few megabytes of it. Raises Cancelled through ``progress``.
    """
    if min(scan.shape) < _SHORTEST:
        return ()
    small = reduced(scan, progress)
    for lid in lids(small):
        exact = [_exact(scan, small, lid, outline, progress) for outline in _lying_on(small, lid)]
        found = [rectangle for rectangle in exact if rectangle is not None]
        if found:
            return _in_reading_order(found)
    return ()


def _lying_on(small: Small, lid: Lid) -> list[Outline]:
    """What stands out from a lid, by the difference that makes the best rectangles of it; each then as large as any
    finer difference shows it, for a white border hardly differs from a white lid."""
    off = unlike(small, lid)
    light = small.picture.mean(axis=2)
    best: list[Outline] = []
    all_found: list[Outline] = []
    worth = 0.0
    for least in _STEPS:
        if least < 6 * lid.noise:
            continue
        for with_hairs in (True, False):
            found, area = _standing_out(off > least, light, with_hairs)
            found = [one for one in found if _is_free(one, off.shape)]
            explained = sum(one.area for one in found) / max(1.0, area)
            now = explained * min(1.0, sum(one.plain * one.area for one in found) / max(1.0, area))
            if explained > _MOST and now > worth + 0.03:
                best, worth = found, now
            all_found += found
            if worth >= _WELL:
                break
        if worth >= _WELL:
            break
    return [_at_its_largest(one, all_found, [other for other in best if other is not one]) for one in best]


def _at_its_largest(outline: Outline, found: list[Outline], others: list[Outline]) -> Outline:
    """Of what was found of a photograph, the largest that leaves the others alone."""
    inner = outline.rectangle
    largest = outline
    for one in found:
        outer = one.rectangle
        room = outer.height * outer.width
        if room <= largest.rectangle.height * largest.rectangle.width or one.plain < _GOOD:
            continue
        alike = abs(outer.angle - inner.angle) < 2.0 and room < _BORDERED * inner.height * inner.width
        holds = outer.moved(-2.0, -2.0, 2.0, 2.0)
        apart = not any(outer.contains(*other.rectangle.centre[::-1]) for other in others)
        if alike and apart and all(holds.contains(x, y) for x, y in inner.corners()):
            largest = one
    return largest


def _standing_out(off: np.ndarray, light: np.ndarray, with_hairs: bool) -> tuple[list[Outline], float]:
    """Rectangles of what does not look like the lid, and of what that encloses; and the area of all that.

    with_hairs: what is thin may enclose something too, as a shadow encloses a white border; else it is a hair.
    """
    closed = cv2.morphologyEx(off.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    solid = _enclosed(closed if with_hairs else _without_thin(closed))
    near = cv2.dilate(_without_thin(solid), np.ones((5, 5), np.uint8))
    return outlines((near & solid) > 0, light, _SMALLEST * off.size)


def _enclosed(mask: np.ndarray) -> np.ndarray:
    """``mask`` (h, w) uint8 0 or 1, and what of the rest does not hang together with the picture's edge."""
    _, labels = cv2.connectedComponents(1 - mask, connectivity=4)
    lid = np.zeros(labels.max() + 1, np.uint8)
    lid[np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])] = 1
    lid[0] = 0
    return 1 - lid[labels]


def _without_thin(mask: np.ndarray) -> np.ndarray:
    """What of a mask (h, w) uint8 is wider than a hair. Beyond its edge the scan goes on as it ends, or what touches
    the edge would lose its corners there."""
    width = 2 * max(1, round(_THIN * min(mask.shape) / 2)) + 1
    padded = cv2.copyMakeBorder(mask, *[width] * 4, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, np.ones((width, width), np.uint8))
    return np.ascontiguousarray(opened[width:-width, width:-width])


def _is_free(outline: Outline, shape: tuple[int, int]) -> bool:
    """Whether it lies on the lid, and is not what fills the frame: there is lid on two sides that meet."""
    left, top, right, bottom = _free(outline.rectangle, shape)
    small_enough = outline.rectangle.height * outline.rectangle.width < _LARGEST * shape[0] * shape[1]
    return small_enough and (left or right) and (top or bottom)


def _free(rectangle: Rectangle, shape: tuple[int, int]) -> tuple[bool, bool, bool, bool]:
    """Which of its sides (left, top, right, bottom) do not lie along the scan's own edge."""
    corners = rectangle.corners()
    ends = (corners[[3, 0], 0] > 2.0, corners[[0, 1], 1] > 2.0,
            corners[[1, 2], 0] < shape[1] - 2.0, corners[[2, 3], 1] < shape[0] - 2.0)
    return tuple(bool(end.any()) for end in ends)


def _exact(scan: Scan, small: Small, lid: Lid, outline: Outline, progress: Progress) -> Rectangle | None:
    """None where it turns out that nothing straight ends there."""
    rough, factor = outline.rectangle, small.factor
    free = tuple(map(all, zip(_free(rough, small.picture.shape[:2]), outline.borne, strict=True)))
    full = Rectangle((rough.centre[0] * factor, rough.centre[1] * factor), rough.height * factor, rough.width * factor,
                     rough.angle)
    rectangle, straight = refined(scan, small, lid, full, free, outline.touching, progress)
    if straight < min(3, sum(free)):
        return None
    return rectangle.upright().within(scan.shape)


def _in_reading_order(found: list[Rectangle]) -> tuple[Rectangle, ...]:
    """Row by row: what begins above another one's middle stands in its row."""
    rows: list[list[Rectangle]] = []
    for one in sorted(found, key=lambda each: each.centre[0]):
        row = next((row for row in rows if abs(one.centre[0] - row[0].centre[0]) < row[0].height / 2), None)
        if row is None:
            rows.append([one])
        else:
            row.append(one)
    return tuple(one for row in rows for one in sorted(row, key=lambda each: each.centre[1]))
