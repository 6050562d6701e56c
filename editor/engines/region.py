"""Which crops of a photo are needed to fill a mask: planned from the mask alone, in photo coordinates.

Method. The mask is looked at in blocks of 8 x 8 pixels. Blocks that touch (with one block's gap) make a hole;
a hole's *size* is the root of its area, so that a hair across the photo counts as small and a person as big, and
the context round it grows with that size. Long thin holes are cut into cells that can be filled at full
resolution (an engine that sees the same surroundings on both sides of the cut fills alike there); thick ones are
reduced to the engine's working size as a whole. Small holes are then grouped: a k-d split of the plane keeps a group
where one crop is cheaper than two, and a last pass merges neighbours whose common crop costs no more than two.

Every block belongs to exactly one region. Regions may see one another's holes in their context, where they are
unknown to the engine too, and read only the photo: so they can be filled in any order, at the same time, without
a pixel filled twice or a seam between them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from editor.engines.holes import BLOCK, boxes_of, occupied_blocks
from editor.raster.surface import Box

MIN_CONTEXT = 48
_CALL = 128 * 128  # what one more call of an engine costs, in pixels of crop
_FEW = 64  # crops that are grouped in some 5 ms
_THIN = 1 / 16  # of the longest working side: holes up to this thick are cut rather than reduced


@dataclass(frozen=True)
class Region:
    """One crop to be filled, and which pixels of the mask it answers for."""

    crop: Box  # what the engine sees
    hole: Box  # the box round this region's own mask pixels
    size: float  # root of the area of its largest hole, pixels
    working: tuple[int, int]  # (h, w) the crop is reduced to for the engine; the crop's own size or less
    blocks: np.ndarray = field(compare=False, repr=False)  # bool, which blocks of ``grid`` are its own
    grid: Box = field(compare=False, repr=False)  # the blocks' box in pixels

    @property
    def scale(self) -> float:
        return max(self.working) / max(self.crop.height, self.crop.width)

    def own(self, mask: np.ndarray, box: Box) -> np.ndarray:
        """A copy of ``mask``, which covers ``box``, with all that belongs to other regions set to 0."""
        out = np.zeros_like(mask)
        part = box.intersect(self.grid)
        if not part.empty:
            mine = np.repeat(np.repeat(self.blocks, BLOCK, axis=0), BLOCK, axis=1)
            mine = mine[part.shift(-self.grid.top, -self.grid.left).slices]
            target = part.shift(-box.top, -box.left).slices
            out[target] = np.where(mine, mask[target], 0)
        return out


def plan(mask: np.ndarray, *, shape: tuple[int, int] | None = None, origin: tuple[int, int] = (0, 0),
         context: float = 0.5, max_side: int = 1024, min_context: int = MIN_CONTEXT,
         group_side: int | None = None, square: bool = False,
         step: Callable[[], None] = lambda: None) -> tuple[Region, ...]:
    """The regions that fill ``mask``, from top to bottom; none for an empty mask.

    mask: (h, w) uint8 coverage, which may be only a part of the photo whose upper left corner lies at ``origin``
    (y, x) in a photo of ``shape`` (h, w); every pixel above 0 is hole. It is not written to.
    context: surroundings wanted, in multiples of the hole's size. max_side: longest side the engine works at.
    group_side: longest side of crops that holes share and thin ones are cut to; max_side where it is None.
    square: whether a long crop is to be widened to half its length at least.
    step: called every few milliseconds; what it raises passes through.
    """
    shape = (origin[0] + mask.shape[0], origin[1] + mask.shape[1]) if shape is None else shape
    occupied = occupied_blocks(mask)
    if not occupied.any():
        return ()
    group_side = group_side or max_side
    holes = _holes(occupied, context, group_side, min_context)
    boxes = holes.boxes * BLOCK + np.array(origin * 2)
    boxes = np.minimum(boxes, np.array((origin[0] + mask.shape[0], origin[1] + mask.shape[1]) * 2))
    margins = np.maximum(min_context, np.ceil(context * holes.sizes)).astype(int)
    crops = context_boxes(boxes, margins, shape)
    regions = []
    for members in _groups(crops, group_side, group_side - 2 * min_context, step):
        step()
        region = _region(mask, origin, holes, members)
        crop = Box(*map(int, (*crops[members, :2].min(axis=0), *crops[members, 2:].max(axis=0))))
        regions.append(with_crop(region, widened(crop, shape) if square else crop, max_side))
    return tuple(sorted(regions, key=lambda region: region.hole))


def fitted(region: Region, shape: tuple[int, int], context: float, max_side: int, min_context: int = MIN_CONTEXT,
           square: bool = False) -> Region:
    """The same region with crop and working size as another engine wants them."""
    margin = np.array([max(min_context, int(np.ceil(context * region.size)))])
    crop = Box(*map(int, context_boxes(np.array([region.hole]), margin, shape)[0]))
    return with_crop(region, widened(crop, shape) if square else crop, max_side)


def with_crop(region: Region, crop: Box, max_side: int) -> Region:
    """The same region seen with other surroundings."""
    return replace(region, crop=crop, working=working_size(crop, max_side))


def widened(crop: Box, shape: tuple[int, int]) -> Box:
    """The crop, its shorter side at least half its longer one, as far as the photo (h, w) goes."""
    edges = []
    longest = max(crop.height, crop.width)
    for start, stop, length in zip(crop[:2], crop[2:], shape, strict=True):
        side = min(length, max(stop - start, -(-longest // 2)))
        start = min(max(0, start - (side - (stop - start)) // 2), length - side)
        edges.append((start, start + side))
    (top, bottom), (left, right) = edges
    return Box(top, left, bottom, right)


def context_boxes(holes: np.ndarray, margins: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Boxes (n, 4) round ``holes`` (n, 4: top, left, bottom, right), each wider by its margin on every side.

    At a border of the photo (h, w) they are shifted inwards, so that no context is lost, and cut only where the photo
    is too small.
    """
    out = np.empty_like(holes)
    for axis, length in enumerate(shape):
        start, stop = holes[:, axis] - margins, holes[:, axis + 2] + margins
        shift = np.maximum(-start, 0) - np.maximum(stop - length, 0)
        out[:, axis] = np.clip(start + shift, 0, length)
        out[:, axis + 2] = np.clip(stop + shift, 0, length)
    return out


def working_size(crop: Box, max_side: int) -> tuple[int, int]:
    """(h, w) the crop is worked at: its own, or reduced so that the longer side is ``max_side``."""
    longest = max(crop.height, crop.width)
    if longest <= max_side:
        return crop.height, crop.width
    return (max(1, round(crop.height * max_side / longest)), max(1, round(crop.width * max_side / longest)))


@dataclass(frozen=True)
class _Holes:
    labels: np.ndarray  # (rows, columns) int32 of blocks, 0 where there is no hole, else 1 + index
    boxes: np.ndarray  # (n, 4) in blocks
    sizes: np.ndarray  # (n,) pixels


def _holes(occupied: np.ndarray, context: float, max_side: int, min_context: int) -> _Holes:
    """The holes, long thin ones cut into cells."""
    _, labels = cv2.connectedComponents(cv2.dilate(occupied.view(np.uint8), np.ones((3, 3), np.uint8)))
    labels[~occupied] = 0
    rows, columns = np.nonzero(occupied)
    which = labels[rows, columns]
    boxes, areas = boxes_of(rows, columns, which)
    sizes = np.sqrt(areas * BLOCK * BLOCK)
    parts = np.zeros_like(which)
    for index, (top, left, bottom, right) in enumerate(boxes):
        height, width = (bottom - top) * BLOCK, (right - left) * BLOCK
        if max(height, width) + 2 * max(min_context, context * sizes[index]) <= max_side:
            continue
        alone = np.pad(labels[top:bottom, left:right] == index + 1, 1).astype(np.uint8)
        thickness = 2 * BLOCK * float(cv2.distanceTransform(alone, cv2.DIST_L2, 3).max())
        if thickness > max(max_side * _THIN, 4 * BLOCK):
            continue
        margin = max(min_context, context * thickness)
        cell = max(max_side - 2 * margin, max_side / 4)
        down, across = int(np.ceil(height / cell)), int(np.ceil(width / cell))
        mine = which == index + 1
        parts[mine] = ((rows[mine] - top) * down // (bottom - top) * across
                       + (columns[mine] - left) * across // (right - left))
        sizes[index] = thickness
    _, new = np.unique(which.astype(np.int64) * (int(parts.max()) + 1) + parts, return_inverse=True)
    labels[rows, columns] = new + 1
    boxes, areas = boxes_of(rows, columns, new + 1)
    first = np.zeros(len(boxes), int)
    first[new] = which - 1
    return _Holes(labels, boxes, np.minimum(sizes[first], np.sqrt(areas * BLOCK * BLOCK)))


def _region(mask: np.ndarray, origin: tuple[int, int], holes: _Holes, members: np.ndarray) -> Region:
    """The region of the holes ``members``; its crop and working size are still to be set."""
    top, left = holes.boxes[members, :2].min(axis=0)
    bottom, right = holes.boxes[members, 2:].max(axis=0)
    chosen = np.zeros(len(holes.boxes) + 1, bool)
    chosen[members + 1] = True
    blocks = chosen[holes.labels[top:bottom, left:right]]
    grid = Box(*(int(edge) * BLOCK for edge in (top, left, bottom, right))).shift(*origin)
    region = Region(grid, grid, float(holes.sizes[members].max()), (0, 0), blocks, grid)
    box = grid.intersect(Box(origin[0], origin[1], origin[0] + mask.shape[0], origin[1] + mask.shape[1]))
    own = region.own(mask[box.shift(-origin[0], -origin[1]).slices], box)
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    hole = Box(*map(int, (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1))).shift(box.top, box.left)
    return replace(region, hole=hole)


def _groups(crops: np.ndarray, max_side: int, grid: int, step: Callable[[], None]) -> list[np.ndarray]:
    """Indices of the crops that are filled together."""
    _, groups = _cheapest(np.arange(len(crops)), crops, max_side, max(grid, max_side // 4), step)
    boxes = [_union(crops[group]) for group in groups]
    return _merged(groups, np.array(boxes), max_side)


def _union(crops: np.ndarray) -> np.ndarray:
    return np.concatenate([crops[:, :2].min(axis=0), crops[:, 2:].max(axis=0)])


def _cost(boxes: np.ndarray) -> np.ndarray:
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]) + _CALL


def _longest(boxes: np.ndarray) -> np.ndarray:
    return np.maximum(boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1])


def _cheapest(members: np.ndarray, crops: np.ndarray, max_side: int, grid: int,
              step: Callable[[], None]) -> tuple[float, list[np.ndarray]]:
    """Cost and groups: ``members`` halved at lines ``grid`` apart as long as two crops cost less than one."""
    if len(members) > _FEW:
        step()
    union = _union(crops[members])
    if len(members) == 1:
        return float(_cost(union)), [members]
    together = float(_cost(union)) if _longest(union) <= max_side else np.inf
    if together <= 2 * _CALL:
        return together, [members]
    centres = (crops[members, :2] + crops[members, 2:]) / 2
    low, high = centres.min(axis=0), centres.max(axis=0)
    axis = int(np.argmax(high - low))
    extent = high[axis] - low[axis]
    cells = int(np.ceil(extent / grid))
    cut = low[axis] + (grid * (cells // 2) if cells > 1 else extent / 2)
    before = centres[:, axis] <= cut
    if before.all():  # all centres in one place
        before = np.arange(len(members)) < len(members) // 2
    halves = (_cheapest(members[half], crops, max_side, grid, step) for half in (before, ~before))
    costs, groups = zip(*halves, strict=True)
    if sum(costs) < together:
        return sum(costs), groups[0] + groups[1]
    return together, [members]


def _merged(groups: list[np.ndarray], boxes: np.ndarray, max_side: int) -> list[np.ndarray]:
    """Merge pairs whose common crop costs no more than their two, best first for each, until there is none."""
    index = 0
    while index < len(groups):
        one = boxes[index]
        both = np.concatenate([np.minimum(boxes[:, :2], one[:2]), np.maximum(boxes[:, 2:], one[2:])], axis=1)
        gain = _cost(boxes) + _cost(one) - _cost(both)
        gain[_longest(both) > max_side] = -1
        gain[index] = -1
        other = int(np.argmax(gain))
        if gain[other] < 0:
            index += 1
            continue
        low, high = sorted((index, other))
        groups[low] = np.concatenate([groups[low], groups[high]])
        boxes[low] = both[other]
        del groups[high]
        boxes = np.delete(boxes, high, axis=0)
        index = low  # only the grown crop has new pairs, and it is compared with all
    return groups
