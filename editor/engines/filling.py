"""Filling a mask of a photo with an engine: the one way in for the window and the command line."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, fields

import numpy as np

from editor.engines.blending import Guidance, finished, prepare, thickness
from editor.engines.contract import Cancelled, Engine, FillResult, Finish, HoleShape, Progress, no_progress
from editor.engines.region import Region, fitted, plan
from editor.errors import UserError
from editor.raster.surface import Box

Reader = Callable[[Box], np.ndarray]
"""Gives the pixels of a box of the photo. Only ever called from the thread that iterates over the fills."""

_POLL = 0.05  # seconds between two looks at whether the user has cancelled


@dataclass(frozen=True)
class Fill:
    """One variant: what to lay over the photo.

    At no pixel have two of the results an alpha above 0, though their boxes may overlap; lay them over the photo
    with ``blending.paste`` or any other "over" that leaves pixels of alpha 0 alone.
    """

    results: tuple[FillResult, ...]  # one a region, at full resolution, ``origin`` in the photo
    engine: str  # as asked for; each result says which one really filled it
    seed: int
    seconds: float  # of engine time, over all regions
    notes: tuple[str, ...] = ()

    @property
    def box(self) -> Box:
        """The box round all results."""
        box = Box(0, 0, 0, 0)
        for result in self.results:
            top, left = result.origin
            box = box.union(Box(top, left, top + result.alpha.shape[0], left + result.alpha.shape[1]))
        return box


def fill(read: Reader, shape: tuple[int, int], mask: np.ndarray, engine: Engine, *,
         mask_origin: tuple[int, int] = (0, 0), profile: bytes | None = None, sketch: Reader | None = None,
         colour: Reader | None = None, source: Reader | None = None, variants: int = 1, seed: int = 0,
         settings: Finish | None = None, device: str = "auto", threads: int | None = None,
         progress: Progress = no_progress) -> Iterator[Fill]:
    """Yield up to ``variants`` fills, best first where the engine can tell, each as soon as it is complete.

    read: gives (h, w, 3) uint8 or uint16 of any box of the photo (grey repeated thrice); asked for one crop at a time.
    shape: (h, w) of the photo. mask: (h, w) uint8 coverage of the photo, or of the part of it whose upper left
    corner is ``mask_origin`` (y, x). sketch, colour, source: readers of what FillRequest calls so. No array that is
    handed in is written to.

    Same arguments, same pixels, whatever the number of ``threads`` (two to four by default). Raises UserError for a
    mask that is empty or leaves nothing to fill from, and Cancelled, within some 50 ms of ``progress`` raising it;
    a library call that cannot be interrupted then finishes unseen.
    """
    mask, mask_origin = _inside(mask, mask_origin, shape)
    settings = engine.Settings() if settings is None else settings
    regions = plan(mask, shape=shape, origin=mask_origin, context=engine.context, max_side=engine.max_working_side)
    if not regions:
        raise UserError("the mask is empty: paint over what is to be filled")
    if mask.shape == tuple(shape) and mask.all():
        raise UserError("the mask covers the whole photo: nothing is left to fill from")
    planes = {"sketch": sketch, "colour": colour, "source": source}
    job = _Job(read, shape, mask, mask_origin, engine, profile, planes, max(1, variants), seed, settings, device)
    return _run(job, regions, threads or min(4, max(2, os.cpu_count() or 2)), progress)


def _inside(mask: np.ndarray, origin: tuple[int, int], shape: tuple[int, int]) -> tuple[np.ndarray, tuple[int, int]]:
    """The part of the mask that lies on the photo, and its origin."""
    box = Box(origin[0], origin[1], origin[0] + mask.shape[0], origin[1] + mask.shape[1])
    part = box.intersect(Box(0, 0, *shape))
    if part.empty:
        raise UserError("the mask is empty: paint over what is to be filled")
    return mask[part.shift(-origin[0], -origin[1]).slices], (part.top, part.left)


@dataclass(frozen=True)
class _Job:
    """What is the same for all regions."""

    read: Reader
    shape: tuple[int, int]
    mask: np.ndarray
    mask_origin: tuple[int, int]
    engine: Engine
    profile: bytes | None
    planes: dict[str, Reader | None]
    variants: int
    seed: int
    settings: Finish
    device: str

    def mask_of(self, box: Box) -> np.ndarray:
        """A copy of the mask in ``box`` of the photo, 0 where there is none."""
        out = np.zeros((box.height, box.width), np.uint8)
        top, left = self.mask_origin
        part = box.intersect(Box(top, left, top + self.mask.shape[0], left + self.mask.shape[1]))
        if not part.empty:
            out[part.shift(-box.top, -box.left).slices] = self.mask[part.shift(-top, -left).slices]
        return out

    def guidance(self, box: Box) -> Guidance:
        """What there is in ``box``; a plane without a stroke there counts as none."""
        given = {}
        for name, reader in self.planes.items():
            plane = None if reader is None else reader(box)
            empty = plane is None or not (plane[..., 3] if name == "colour" else plane).any()
            given[name] = None if empty else plane
        return Guidance(self.profile, **given)
