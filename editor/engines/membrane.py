"""A soft membrane stretched over the hole: for holes of any size on even backgrounds."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import cv2
import numpy as np

from editor.engines.contract import FillRequest, FillResult, Finish, HoleShape, Progress
from editor.engines.holes import thickness
from editor.engines.mosaic import Sheet, sheets

_THIN = 16


@dataclass(frozen=True)
class MembraneSettings(Finish):
    smoothing: float = field(default=3.0, metadata={
        "min": 0.0, "max": 50.0, "unit": "px", "title": "Smoothing",
        "help": "how far the edge of the hole is averaged before it is carried inwards: grain makes no streaks"})


class Membrane:
    """The harmonic function that meets the edge of the hole, solved from coarse to fine."""

    name = "membrane"
    title = "Membrane (even backgrounds)"
    order = 25
    uses: ClassVar[frozenset[str]] = frozenset({"variants"})
    Settings = MembraneSettings
    card = ("Stretches a soap film over the hole (Laplace's equation, solved on a pyramid of sizes), so that colours "
            "and gradients of sky, wall or water run through without a crease. It makes no texture, continues no "
            "edge.")
    max_working_side: ClassVar[int] = 1024
    context: ClassVar[float] = 0.25

    def suits(self, hole: HoleShape) -> float:
        return 0.35

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        settings = request.settings or MembraneSettings()
        highest = float(np.iinfo(request.image.dtype).max)
        hole = request.hole > 0
        for index in range(request.variants):
            started = time.perf_counter()

            def step(fraction: float, index: int = index) -> None:
                progress((index + fraction) / request.variants, self.title)

            smoothing = settings.smoothing * (1 + 3 * index)
            pixels = request.image.copy()
            every = _sheets(hole, smoothing)
            for place, sheet in enumerate(every):
                done, share = place / len(every), 1 / len(every)
                image = sheet.collect(lambda box: request.image[box.slices])
                unknown = sheet.collect(lambda box: hole[box.slices])
                film = harmonic(_smoothed(image, unknown, smoothing), unknown,
                                lambda fraction, done=done, share=share: step(done + share * fraction))
                sheet.deliver(np.rint(np.clip(film, 0, highest)).astype(pixels.dtype), pixels)
            pixels.flags.writeable = False
            yield FillResult(pixels, request.hole, request.origin, self.name, request.seed,
                             time.perf_counter() - started, "cpu", "float32", hole.shape)


def _sheets(hole: np.ndarray, smoothing: float) -> tuple[Sheet, ...]:
    """Thin holes lie on sheets; a thick one feels what lies far away, through the coarser sizes."""
    if thickness(hole) > _THIN:
        return (Sheet.whole(hole),)
    return sheets(hole, _THIN // 2 + math.ceil(3 * smoothing))


def _smoothed(image: np.ndarray, hole: np.ndarray, sigma: float) -> np.ndarray:
    """The known pixels averaged over the known ones near them, float32."""
    image = image.astype(np.float32)
    if not sigma:
        return image
    known = (~hole).astype(np.float32)
    weight = cv2.GaussianBlur(known, (0, 0), sigma)[..., None]
    return cv2.GaussianBlur(image * known[..., None], (0, 0), sigma) / np.maximum(weight, 1e-6)


_SWEEPS = 24  # at each size; the larger errors have been dealt with at the smaller sizes
_SPARSE = 0.1  # of a picture: fewer unknown pixels than that are gone through one by one
_NEIGHBOURS = np.array([[1, 4, 1], [4, 0, 4], [1, 4, 1]], np.float32) / 20
_AROUND = tuple((y - 1, x - 1, float(weight)) for (y, x), weight in np.ndenumerate(_NEIGHBOURS) if weight)


def harmonic(image: np.ndarray, hole: np.ndarray, step: Callable[[float], None] = lambda fraction: None) -> np.ndarray:
    """``image`` (h, w, 3) float32 with ``hole`` (h, w) bool filled by the solution of Laplace's equation.

    The photo's border is free (no flow over it). ``step`` is told the fraction done.
    """
    known = (~hole).astype(np.float32)
    pyramid = [(image * known[..., None], known)]
    while max(pyramid[-1][1].shape) > 4 and not pyramid[-1][1].all():
        total, weight = pyramid[-1]
        size = (-(-weight.shape[1] // 2), -(-weight.shape[0] // 2))
        total, weight = (cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in (total, weight))
        # A reduced pixel is as known as the better half of what it stands for.
        full = np.minimum(1, 2 * weight) / np.maximum(weight, 1e-6)
        pyramid.append((total * full[..., None], weight * full))
    total, weight = pyramid[-1]
    film = np.broadcast_to(total.sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6), total.shape).astype(np.float32)
    work = sum(weight.size for _, weight in pyramid)
    done = 0
    for total, weight in reversed(pyramid):
        film = cv2.resize(film, weight.shape[::-1], interpolation=cv2.INTER_LINEAR)
        fixed = weight > 0.5
        film[fixed] = total[fixed] / weight[fixed][:, None]
        sweep = sweeper(~fixed)
        for index in range(_SWEEPS):
            step((done + weight.size * index / _SWEEPS) / work)
            sweep(film)
        done += weight.size
    step(1.0)
    return film


def sweeper(unknown: np.ndarray) -> Callable[[np.ndarray], None]:
    """What brings each ``unknown`` (h, w) bool pixel of a film (h, w, 3) float32 to the mean of its neighbours."""
    height, width = unknown.shape
    rows, columns = np.nonzero(unknown)
    if len(rows) > unknown.size * _SPARSE:
        where = unknown[..., None]
        return lambda film: np.copyto(film, cv2.filter2D(film, -1, _NEIGHBOURS, borderType=cv2.BORDER_REPLICATE),
                                      where=where)
    own = rows * width + columns
    near = [(weight, np.clip(rows + down, 0, height - 1) * width + np.clip(columns + across, 0, width - 1))
            for down, across, weight in _AROUND]

    def sweep(film: np.ndarray) -> None:
        pixels = film.reshape(-1, film.shape[2])
        pixels[own] = sum(np.float32(weight) * pixels.take(places, axis=0) for weight, places in near)

    return sweep


ENGINES = (Membrane(),)
