"""A rough look at what a fill would be, soon: the holes are filled in a reduced picture, without detail and grain.

A hole is looked at in the mip level at which it is about as large as networks see holes. Nothing of the photo is read
at its own size but what small holes need, and nothing is brought back up: the screen does that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, log2
from typing import Any

import cv2
import numpy as np

from editor.engines.contract import Engine, Progress, no_progress
from editor.engines.faces import Faces
from editor.engines.filling import Reader, fill
from editor.engines.region import Region, plan
from editor.raster.colour import to_srgb8
from editor.raster.frame import Frame
from editor.raster.surface import Box, level_shape

LevelReader = Callable[[Box, int], np.ndarray]
"""Gives the pixels of a box of a mip level, which may reach over its edge where no photo is meant."""

HOLE = 180  # pixels: the longer side of a hole where it is filled, at most
MOST = 4  # holes that are looked at: a preview that takes long is none
_PLANNED = 1024  # pixels: the longer side at which the mask is planned by
_APART, _TOGETHER = 16, 256  # pixels there: holes no farther apart are seen together, in crops no larger
_ALIKE = 0.4  # of two holes' boxes, for the same face to be taken

Memory = dict[int, dict[Box, Frame | None]]
"""What faces were found at each level, for the previews to come; as long as the picture is the same."""


@dataclass(frozen=True)
class Guides:
    """What the fill is to go by; readers of coverage (h, w), and of straight-alpha sRGB (h, w, 4), both uint8, and of
    where may be copied from, (h, w) bool."""

    mask: LevelReader
    sketch: LevelReader | None = None
    colour: LevelReader | None = None
    source: LevelReader | None = None
    source_box: Box | None = None  # as ``fill`` takes it, in the photo
    frame: Frame | None = None  # of a face, in the photo


@dataclass(frozen=True)
class Preview:
    """What one hole may come to look like."""

    box: Box  # of the photo
    pixels: np.ndarray  # (h, w, 4) uint8 straight-alpha sRGB, at whatever size; 0 alpha outside the hole


def previews(read: LevelReader, shape: tuple[int, int], guides: Guides, box: Box, engine: Engine, *,
             settings: Any = None, profile: bytes | None = None, seed: int = 0, device: str = "auto",
             near: tuple[float, float] | None = None, memory: Memory | None = None,
             progress: Progress = no_progress) -> Iterator[Preview]:
    """The holes in ``box`` of a photo of ``shape``, those next to ``near`` (y, x) or else the largest first; MOST of
    them.

    read: gives (h, w, 3) uint8 or uint16. ``fill`` (filling.py) says the rest, also what is raised.
    """
    memory = {} if memory is None else memory
    level = _reduction(max(box.height, box.width), _PLANNED)
    coarse = _at(box, level).intersect(Box(0, 0, *level_shape(shape, level)))
    mask = guides.mask(coarse, level)
    regions = plan(mask, shape=level_shape(shape, level), origin=(coarse.top, coarse.left), context=engine.context,
                   max_side=_PLANNED, min_context=_APART, group_side=_TOGETHER,
                   step=lambda: progress(0.0, engine.title))
    for region in sorted(regions, key=lambda one: _rank(one, near, level))[:MOST]:
        own, corner, finer = _own(mask, coarse, region, level)
        small = level_shape(shape, finer)

        def at(reader: LevelReader, finer: int = finer) -> Reader:
            return lambda part: reader(part, finer)

        def lines(part: Box, finer: int = finer) -> np.ndarray:
            return cv2.convertScaleAbs(guides.sketch(part, finer), alpha=2.0 ** finer)  # a line is one at any size

        frame = guides.frame and Frame((guides.frame.centre[0] / 2 ** finer, guides.frame.centre[1] / 2 ** finer),
                                       guides.frame.side / 2 ** finer, guides.frame.angle)
        faces = Faces(at(read), small, profile, frame, memory.setdefault(finer, {}), _ALIKE)
        found = fill(at(read), small, own, engine, mask_origin=corner, profile=profile,
                     sketch=guides.sketch and lines, colour=guides.colour and at(guides.colour),
                     source=guides.source and at(guides.source),
                     source_box=guides.source_box and _at(guides.source_box, finer), seed=seed, settings=settings,
                     device=device, frame=frame, faces=faces, hasty=True, progress=progress)
        for result in next(found).results:
            top, left = result.origin
            height, width = result.alpha.shape
            alpha = np.rint(result.alpha * 255).astype(np.uint8)
            yield Preview(Box(top << finer, left << finer, top + height << finer, left + width << finer),
                          np.dstack([to_srgb8(result.pixels, profile), alpha]))
        found.close()


def _reduction(length: int, wanted: int) -> int:
    """The mip level at which a length is ``wanted`` pixels at most."""
    return max(0, ceil(log2(max(1, length) / wanted)))


def _at(box: Box, level: int) -> Box:
    return Box(box.top >> level, box.left >> level, -(-box.bottom >> level), -(-box.right >> level))


def _rank(region: Region, near: tuple[float, float] | None, level: int) -> float:
    if near is None:
        return -region.size
    top, left, bottom, right = (edge << level for edge in region.hole)
    return float(np.hypot(max(top - near[0], near[0] - bottom, 0), max(left - near[1], near[1] - right, 0)))


def _own(mask: np.ndarray, box: Box, region: Region, level: int) -> tuple[np.ndarray, tuple[int, int], int]:
    """The region's own mask at the level where it is small enough, its corner there, and that level."""
    further = _reduction(max(region.hole.height, region.hole.width), HOLE)
    part = Box(*(edge << further for edge in _at(region.hole, further)))
    own = np.zeros((part.height, part.width), np.uint8)
    there = part.intersect(box)
    own[there.shift(-part.top, -part.left).slices] = mask[there.shift(-box.top, -box.left).slices]
    own = region.own(own, part)
    size = part.width >> further, part.height >> further
    small = np.ceil(cv2.resize(own.astype(np.float32), size, interpolation=cv2.INTER_AREA)).astype(np.uint8)
    return small, (part.top >> further, part.left >> further), level + further
