"""Filling a mask of a photo with an engine: the one way in for the window and the command line."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, fields, replace
from functools import partial
from math import ceil
from queue import SimpleQueue
from typing import Any

import cv2
import numpy as np

from editor.engines import specks
from editor.engines.blending import Guidance, Prepared, finished, prepare
from editor.engines.contract import Cancelled, Engine, FillRequest, FillResult, Finish, HoleShape, Progress, no_progress
from editor.engines.faces import Faces
from editor.engines.holes import is_plain, thickness
from editor.engines.region import MIN_CONTEXT, Region, fitted, plan, with_crop
from editor.errors import UserError
from editor.raster.colour import to_srgb8
from editor.raster.frame import Frame
from editor.raster.surface import Box

Reader = Callable[[Box], np.ndarray]
"""Gives the pixels of a box of the photo. Only ever called from the thread that iterates over the fills."""
Show = Callable[[Box, np.ndarray], None]
"""Told what a box of the photo looks like so far, (h, w, 4) uint8 straight-alpha sRGB at any size, 0 alpha outside the
hole. Only ever called from that thread."""

_THIN = 16  # pixels: thinner holes are damage, wherever they are
_FEATURE = 1 / 80  # of the photo's short side: smaller holes hide no eye, and looking for faces takes longest
_CALLED = {"source": "places to copy from"}
_SPECKS = 0.3  # of the time goes to what is thin, about, where something is thick
_HASTY_SPREAD = 1  # pixels: to choose it takes longer than to fill, where that is done hastily
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
         colour: Reader | None = None, source: Reader | None = None, source_box: Box | None = None,
         variants: int = 1, seed: int = 0, settings: Finish | None = None, device: str = "auto",
         frame: Frame | None = None, faces: Faces | None = None, hasty: bool = False, threads: int | None = None,
         show: Show | None = None, progress: Progress = no_progress) -> Iterator[Fill]:
    """Yield up to ``variants`` fills, best first where the engine can tell, each as soon as it is complete.

    read: gives (h, w, 3) uint8 or uint16 of any box of the photo (grey repeated thrice); asked for one crop at a time.
    shape: (h, w) of the photo. mask: (h, w) uint8 coverage of the photo, or of the part of it whose upper left
    corner is ``mask_origin`` (y, x). sketch, colour, source: readers of what FillRequest calls so. source_box:
    round what alone is to be copied from, which engines that use a source see however far away it is. frame: of a face,
    in the photo; without one, engines that want it are told what faces are found round the holes, by ``faces`` where
    they are given. hasty: sooner rather than well: engines leave out what can be done without (contract.Engine.hasty).
    show: told how far the first variant's holes are, where the engine shows it. No array that is handed in is written
    to.

    Same arguments, same pixels, whatever the number of ``threads`` (two to four by default). Raises UserError for a
    mask that is empty or leaves nothing to fill from, and Cancelled, within some 50 ms of ``progress`` raising it;
    a library call that cannot be interrupted then finishes unseen.
    """
    mask, mask_origin = _inside(mask, mask_origin, shape)
    settings = engine.Settings() if settings is None else settings
    planes = {"sketch": sketch, "colour": colour, "source": source}
    faces = faces or Faces(read, shape, profile, frame)
    job = _Job(read, shape, mask, mask_origin, engine, profile, planes, max(1, variants), seed, settings, device, faces,
               hasty, source_box)
    threads = threads or min(4, max(2, os.cpu_count() or 2))
    if hasattr(engine, "delegates") and not hasty and not any(planes.values()):
        return _by_thickness(job, threads, show, progress)
    return _run(job, _regions(job, progress), threads, show, progress)


def requests(read: Reader, shape: tuple[int, int], mask: np.ndarray, engine: Engine, *,
             mask_origin: tuple[int, int] = (0, 0), profile: bytes | None = None, sketch: Reader | None = None,
             device: str = "auto", frame: Frame | None = None,
             progress: Progress = no_progress) -> Iterator[tuple[Region, FillRequest]]:
    """What ``fill`` with the same arguments would ask the engine for: each region, and the request for it."""
    mask, mask_origin = _inside(mask, mask_origin, shape)
    job = _Job(read, shape, mask, mask_origin, engine, profile, {"sketch": sketch}, 1, 0, engine.Settings(), device,
               Faces(read, shape, profile, frame))
    for region in _regions(job, progress):
        stream = _Stream(job, region, engine, 1, progress)
        yield stream.region, stream.prepared().request


def _by_thickness(job: "_Job", threads: int, show: Show | None, progress: Progress) -> Iterator[Fill]:
    """What is thin is mended first and all at once; what is thick is then filled from what that has left."""
    _check(job)
    thin, thick = specks.parted(job.mask, job.mask_origin, job.shape,
                                 lambda: progress(0.0, "Looking at the mask"))
    if not thin.any():
        return _run(job, _regions(job, progress), threads, show, progress)
    return _both(job, thin, thick, threads, show, progress)


def _both(job: "_Job", thin: np.ndarray, thick: np.ndarray, threads: int, show: Show | None,
          progress: Progress) -> Iterator[Fill]:
    rest = thick.any()
    share = _SPECKS if rest else 1 / job.variants
    small = specks.mended(job.read, job.shape, thin, thick, job.mask_origin, job.settings, job.seed, threads,
                          lambda done, words: progress(share * done, words))
    seconds = sum(result.seconds for result in small)

    def later(done: float, words: str) -> None:
        progress(share + (1 - share) * done, words)

    if not rest:
        yield Fill(small, job.engine.name, job.seed, seconds)
        if job.variants > 1:  # what the other engines make of it
            job = replace(job, variants=job.variants - 1)
            yield from _run(job, _regions(job, later), threads, show, later)
        return
    job = replace(job, mask=thick, read=specks.over(job.read, small),
                  faces=replace(job.faces, read=specks.over(job.faces.read, small)))
    for each in _run(job, _regions(job, later), threads, show, later):
        yield replace(each, results=small + each.results, seconds=seconds + each.seconds)


def _check(job: "_Job") -> None:
    if not job.mask.any():
        raise UserError("the mask is empty: paint over what is to be filled")
    if job.mask.shape == tuple(job.shape) and job.mask.all():
        raise UserError("the mask covers the whole photo: nothing is left to fill from")


def _regions(job: "_Job", progress: Progress) -> tuple[Region, ...]:
    _check(job)
    return plan(job.mask, shape=job.shape, origin=job.mask_origin, **_wishes(job.engine),
                group_side=getattr(job.engine, "group_side", None), step=lambda: progress(0.0, "Looking at the mask"))


def _wishes(engine: Engine) -> dict[str, Any]:
    """What the engine wants of a region's crop, as region.py calls it."""
    return {"context": engine.context, "max_side": engine.max_working_side,
            "min_context": getattr(engine, "min_context", MIN_CONTEXT), "square": getattr(engine, "square", False)}


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
    faces: Faces
    hasty: bool = False
    source_box: Box | None = None

    def mask_of(self, box: Box) -> np.ndarray:
        """A copy of the mask in ``box`` of the photo, 0 where there is none."""
        out = np.zeros((box.height, box.width), np.uint8)
        top, left = self.mask_origin
        part = box.intersect(Box(top, left, top + self.mask.shape[0], left + self.mask.shape[1]))
        if not part.empty:
            out[part.shift(-box.top, -box.left).slices] = self.mask[part.shift(-top, -left).slices]
        return out

    def own(self, region: Region) -> np.ndarray:
        """The mask in the region's hole without what belongs to others."""
        return region.own(self.mask_of(region.hole), region.hole)

    def frame(self, region: Region, progress: Progress) -> Frame | None:
        """Of the face that the region's hole lies in, in the photo."""
        return self.faces.frame(region, self.own(region), progress)

    def guidance(self, box: Box) -> Guidance:
        """What there is in ``box``; a plane without a stroke there counts as none."""
        given = {}
        for name, reader in self.planes.items():
            plane = None if reader is None else reader(box)
            if plane is not None and name == "source":
                allowed = plane[self.mask_of(box) == 0]
                empty = allowed.all() or not allowed.any()  # nothing is said, or nothing is there to be copied
            else:
                empty = plane is None or not (plane[..., 3] if name == "colour" else plane).any()
            given[name] = None if empty else plane
        return Guidance(self.profile, **given)

    def given(self, guidance: Guidance) -> frozenset[str]:
        """The names of what there is of a region's guidance; what alone is to be copied from may lie anywhere."""
        far = {"source"} if self.source_box is not None and not self.source_box.empty else set()
        return frozenset(far | {name for name in self.planes if getattr(guidance, name) is not None})


class _Stream:
    """The results of one engine for one region, one at a time; used by one thread at a time."""

    def __init__(self, job: _Job, region: Region, engine: Engine, variants: int, progress: Progress):
        """Reads what the region needs of the photo: to be made in the thread that iterates over the fills."""
        self.job, self.engine, self.variants = job, engine, variants
        if engine is not job.engine:
            region = fitted(region, job.shape, **_wishes(engine))
        self._frame = job.frame(region, progress) if getattr(engine, "wants_frame", False) else None
        if self._frame is not None:
            whole = region.crop.union(self._frame.box().intersect(Box(0, 0, *job.shape)))
            region = with_crop(region, whole, engine.max_working_side)
        if job.source_box is not None and "source" in engine.uses:
            whole = region.crop.union(job.source_box.intersect(Box(0, 0, *job.shape)))
            region = with_crop(region, whole, engine.max_working_side)
        self.region = region
        self.settings = job.settings
        if not isinstance(self.settings, engine.Settings):  # chosen by another engine, whose settings are not its own
            self.settings = engine.Settings(**{f.name: getattr(job.settings, f.name) for f in fields(Finish)})
        if job.hasty:
            hasty = getattr(engine, "hasty", lambda settings: settings)
            self.settings = hasty(self.settings)
            self.settings = replace(self.settings, grain=0.0, spread=max(self.settings.spread, _HASTY_SPREAD))
        self._image = np.ascontiguousarray(job.read(region.crop)).view()  # of its own to mark read-only
        self._guidance = job.guidance(region.crop)
        self._given = 0
        self._results: Iterator[FillResult] | None = None

    def prepared(self) -> Prepared:
        job = self.job
        return prepare(self.region, self._image, job.mask_of(self.region.crop), self._guidance, self.settings,
                       variants=self.variants, seed=job.seed, device=job.device, frame=self._frame)

    def next(self, progress: Progress, show: Show | None = None) -> FillResult | None:
        """The next result, finished; None when there are no more. show: called from the thread that this is."""
        job, self._progress = self.job, progress
        if self._results is None:
            self._prepared = self.prepared()
            request = replace(self._prepared.request, show=show and partial(self._show, show))
            self._results = iter(self.engine.fill(request, self._report))
        self._report(self._given / self.variants, self.engine.title)
        result = next(self._results, None)
        if result is None:
            return None
        result = finished(self._prepared, result, self.settings, job.seed)
        self._given += 1
        if self._given == self.variants:  # the engine holds this object by its watcher: neither would go by itself
            self._results = iter(())
        unused = tuple(f"{self.engine.title} does not use the {_CALLED.get(name, name)}." for name in sorted(
            job.given(self._guidance) - self.engine.uses))
        return replace(result, notes=result.notes + unused)

    def _show(self, show: Show, pixels: np.ndarray) -> None:
        if self._given:
            return
        crop, hole = self.region.crop, self.region.hole
        down, across = pixels.shape[0] / crop.height, pixels.shape[1] / crop.width
        top, left = int((hole.top - crop.top) * down), int((hole.left - crop.left) * across)
        bottom, right = ceil((hole.bottom - crop.top) * down), ceil((hole.right - crop.left) * across)
        alpha = cv2.resize(self._prepared.own, pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
        part = np.dstack([to_srgb8(pixels, self.job.profile), alpha])[top:bottom, left:right]
        show(Box(crop.top + round(top / down), crop.left + round(left / across), crop.top + round(bottom / down),
                 crop.left + round(right / across)), part)

    def _report(self, fraction: float, words: str) -> None:
        """The engine counts over all its variants, its watcher over this one."""
        self._progress(min(1.0, max(0.0, fraction * self.variants - self._given)), words)


class _Work:
    """All that is to be done for one region."""

    def __init__(self, job: _Job, region: Region):
        self.job, self.region = job, region
        self.weight = region.working[0] * region.working[1]
        self.fraction, self.words = 0.0, ""
        self.first: FillResult | None = None
        self._engines: tuple[Engine, ...] = ()
        self._streams: dict[int, _Stream] = {}

    def stream(self, variant: int, progress: Progress) -> _Stream:
        """Where that variant comes from: engines take turns where there are several."""
        if not self._engines:
            self._engines = self._choice(progress)
        turn = variant % len(self._engines)
        if turn not in self._streams:
            count = -(-(self.job.variants - turn) // len(self._engines))
            self._streams[turn] = _Stream(self.job, self.region, self._engines[turn], count, progress)
        stream = self._streams[turn]
        if variant + len(self._engines) >= self.job.variants:  # its last: what it holds may go
            del self._streams[turn]
        return stream

    def _choice(self, progress: Progress) -> tuple[Engine, ...]:
        job = self.job
        if not hasattr(job.engine, "delegates"):
            return (job.engine,)
        own = job.own(self.region)
        guidance = job.guidance(self.region.hole)
        given = job.given(replace(guidance, source=job.guidance(self.region.crop).source))
        thick = thickness(own)
        face = (thick > max(_THIN, _FEATURE * min(job.shape)) or bool(given)) and (
            job.frame(self.region, progress) is not None)
        plain = thick > _THIN and is_plain(job.read(self.region.crop), job.mask_of(self.region.crop))
        return job.engine.delegates(HoleShape(int(np.count_nonzero(own)), thick, given, face, plain))


def _run(job: _Job, regions: tuple[Region, ...], threads: int, show: Show | None, progress: Progress) -> Iterator[Fill]:
    stop = threading.Event()
    to_show: SimpleQueue[tuple[Box, np.ndarray]] = SimpleQueue()
    works = [_Work(job, region) for region in regions]
    total = sum(work.weight for work in works) * job.variants
    shown = 0.0

    def fill_one(work: _Work, stream: _Stream) -> FillResult | None:
        def watch(fraction: float, words: str) -> None:
            if stop.is_set():
                raise Cancelled
            work.fraction, work.words = fraction, words

        return stream.next(watch, show and (lambda *shown: to_show.put(shown)))

    pool = ThreadPoolExecutor(threads, thread_name_prefix="fill")
    try:
        for variant in range(job.variants):
            waiting, running = list(reversed(works)), {}
            results: dict[int, FillResult | None] = {}
            for work in works:
                work.fraction = 0.0
            while waiting or running:
                while waiting and len(running) < threads:
                    work = waiting.pop()
                    stream = work.stream(variant, partial(_standing, progress, shown))
                    future: Future = pool.submit(fill_one, work, stream)
                    running[future] = work
                done, _ = wait(running, timeout=_POLL, return_when=FIRST_COMPLETED)
                while not to_show.empty():
                    show(*to_show.get())
                for future in done:
                    work = running.pop(future)
                    work.fraction = 1.0
                    results[id(work)] = future.result()
                ready = sum(work.weight * (variant + work.fraction) for work in works) / total
                shown = max(shown, min(1.0, ready))
                progress(shown, next((work.words for work in running.values()), "") or job.engine.title)
            if all(result is None for result in results.values()):
                return
            yield _fill(job, works, results)
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _standing(progress: Progress, shown: float, fraction: float, words: str) -> None:
    """Progress of what is done before an engine starts: it tells what, and hears a cancel."""
    progress(shown, words)


def _fill(job: _Job, works: list[_Work], results: dict[int, FillResult | None]) -> Fill:
    """One variant of all regions; one that has no further variant keeps its first."""
    chosen, notes = [], []
    for work in works:
        result = results[id(work)]
        if work.first is None:
            work.first = result
        chosen.append(result or work.first)
        notes += chosen[-1].notes
    return Fill(tuple(chosen), job.engine.name, job.seed, sum(result.seconds for result in chosen),
                tuple(dict.fromkeys(notes)))
