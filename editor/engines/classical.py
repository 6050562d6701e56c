"""Engines without learning or search: Telea and Navier-Stokes (OpenCV), biharmonic (scikit-image).

All three continue what touches the hole, smoothly: right for scratches, wires and even backgrounds. The same request
gives the same pixels always. The variants of Telea and Navier-Stokes differ in how far they look round.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import cv2
import numpy as np

from editor.engines.contract import FillRequest, FillResult, Finish, HoleShape, Progress
from editor.raster.surface import Box

_RADIUS = {"min": 1, "max": 64, "unit": "px", "title": "Radius"}


@dataclass(frozen=True)
class TeleaSettings(Finish):
    radius: int = field(default=5, metadata={**_RADIUS, "help": "how far round a pixel the known ones count"})


@dataclass(frozen=True)
class NavierStokesSettings(Finish):
    radius: int = field(default=4, metadata={**_RADIUS, "help": "how far round a pixel the known ones count"})


@dataclass(frozen=True)
class BiharmonicSettings(Finish):
    thickest: int = field(default=48, metadata={
        "min": 4, "max": 128, "unit": "px", "title": "Thickest",
        "help": "holes thicker than this are filled by Navier-Stokes: a stiff surface overshoots in them"})


class _OpenCV:
    """cv2.inpaint at the photo's own depth."""

    uses: ClassVar[frozenset[str]] = frozenset({"variants"})
    max_working_side: ClassVar[int] = 1024
    context: ClassVar[float] = 0.25
    _method: ClassVar[int]

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        settings = request.settings or self.Settings()
        radii = _spaced(settings.radius, request.variants)
        for index, radius in enumerate(radii):
            started = time.perf_counter()

            def step(fraction: float, index: int = index) -> None:
                progress((index + fraction) / len(radii), self.title)

            pixels = inpaint(request.image, request.hole > 0, radius, self._method, step)
            yield _result(self.name, request, pixels, started)


class Telea(_OpenCV):
    name = "telea"
    title = "Telea (fast marching)"
    order = 30
    Settings = TeleaSettings
    card = ("Marches from the edge of the hole inwards and gives each pixel a weighted mean of the known ones near it. "
            "A. Telea, “An image inpainting technique based on the fast marching method”, J. Graphics Tools 2004. "
            "Quick; good on even backgrounds, streaky in large holes.")
    _method = cv2.INPAINT_TELEA

    def suits(self, hole: HoleShape) -> float:
        return 0.25


class NavierStokes(_OpenCV):
    name = "ns"
    title = "Navier-Stokes"
    order = 31
    Settings = NavierStokesSettings
    card = ("Carries lines of equal brightness into the hole as a fluid would flow. Bertalmio, Bertozzi and Sapiro, "
            "“Navier-Stokes, fluid dynamics, and image and video inpainting”, CVPR 2001. Quick; continues edges across "
            "thin holes, fans out in large ones.")
    _method = cv2.INPAINT_NS

    def suits(self, hole: HoleShape) -> float:
        return 0.3


def _spaced(radius: int, variants: int) -> tuple[int, ...]:
    """The radius asked for, then wider and narrower ones in turn, none twice."""
    out = [radius]
    for step in range(1, variants + 1):
        for other in (round(radius * 2 ** step), round(radius / 2 ** step)):
            if 1 <= other <= 64 and other not in out:
                out.append(other)
    return tuple(out[:variants])


def inpaint(image: np.ndarray, hole: np.ndarray, radius: int, method: int, step=lambda fraction: None) -> np.ndarray:
    """cv2.inpaint of (h, w, 3) uint8 or uint16 within ``hole`` (h, w) bool.

    A channel at a time and always at 16 bits: OpenCV takes 16 bits only so, each call is shorter, and its Telea
    adds up to one and a half units to every pixel it makes from others it has made, which shows at 8 bits.
    """
    mask = hole.astype(np.uint8)
    scale = 257 if image.dtype == np.uint8 else 1
    out = image.copy()
    for channel in range(image.shape[2]):
        step(channel / image.shape[2])
        full = cv2.inpaint(image[..., channel] * np.uint16(scale), mask, radius, method)
        out[..., channel] = np.where(hole, (full.astype(np.uint32) + scale // 2) // scale, image[..., channel])
    step(1.0)
    return out


def _result(engine: str, request: FillRequest, pixels: np.ndarray, started: float,
            notes: tuple[str, ...] = ()) -> FillResult:
    pixels.flags.writeable = False
    return FillResult(pixels, request.hole, request.origin, engine, request.seed, time.perf_counter() - started,
                      "cpu", str(request.image.dtype), request.image.shape[:2], notes)


class Biharmonic:
    """A thin plate bent to fit the edge of the hole, block by block."""

    name = "biharmonic"
    title = "Biharmonic (thin damage)"
    order = 20
    uses: ClassVar[frozenset[str]] = frozenset()
    Settings = BiharmonicSettings
    card = ("Bends a thin plate to fit the surroundings: nearly invisible on scratches, hairs and dust. Damelin and "
            "Hoang, “On surface completion and image inpainting by biharmonic functions”, Int. J. Math. Math. Sci. "
            "2018. Holes too thick for it are left to Navier-Stokes, with a note.")
    max_working_side: ClassVar[int] = 1024
    context: ClassVar[float] = 0.25

    def suits(self, hole: HoleShape) -> float:
        return 0.95 if hole.thickness <= 16 else 0.4 if hole.thickness <= 32 else 0.0

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        settings = request.settings or self.Settings()
        started = time.perf_counter()
        hole = request.hole > 0
        # What lies beyond a block's reach, and what is too thick, has a sensible value before a plate is bent.
        first = inpaint(request.image, hole, 4, cv2.INPAINT_NS, lambda fraction: progress(0.2 * fraction, self.title))
        blocks, thick = plate_blocks(hole, settings.thickest)
        highest = float(np.iinfo(request.image.dtype).max)
        out = first.copy()
        for index, block in enumerate(blocks):
            progress(0.2 + 0.8 * index / len(blocks), self.title)
            out[block.box.slices][block.keep] = np.rint(_plate(first, block, highest))
        progress(1.0, self.title)
        notes = ("Part of the hole is too thick for the biharmonic engine: Navier-Stokes filled it.",) if thick else ()
        yield _result(self.name, request, out, started, notes)


@dataclass(frozen=True)
class PlateBlock:
    """One small system to solve."""

    box: Box  # of the pixels that take part, known ones round them included
    solve: np.ndarray  # (h, w) bool: unknown while it is solved
    keep: np.ndarray  # (h, w) bool: taken from the solution


_REACH = 2  # of the biharmonic stencil
_HALO = 24  # unknown pixels solved beyond a block's own, so that neighbours agree where they meet
_SIDE = 96


def plate_blocks(hole: np.ndarray, thickest: float) -> tuple[list[PlateBlock], bool]:
    """Blocks that cover all parts of the hole (h, w) bool up to ``thickest`` pixels thick; whether there are thicker.

    A solve takes long with many unknowns at once (100 ms for some 6,000), so a long part is cut into blocks.
    """
    square = np.ones((3, 3), np.uint8)
    # Parts whose stencils touch are one.
    number, labels, boxes, _ = cv2.connectedComponentsWithStats(cv2.dilate(hole.astype(np.uint8), square))
    blocks, thick = [], False
    for label in range(1, number):
        left, top, width, height, _ = boxes[label]
        outer = Box(int(top), int(left), int(top + height), int(left + width))
        part = (labels[outer.slices] == label) & hole[outer.slices]
        across = 2 * cv2.distanceTransform(np.pad(part, 1).astype(np.uint8), cv2.DIST_L2, 3).max() - 1
        if across > thickest:
            thick = True
            continue
        for cell in _cells(outer):
            keep = part[cell.shift(-outer.top, -outer.left).slices]
            if not keep.any():
                continue
            wide = cell.grow(_HALO).intersect(outer)
            box = wide.grow(_REACH).intersect(Box(0, 0, *hole.shape))
            solve, kept = np.zeros((box.height, box.width), bool), np.zeros((box.height, box.width), bool)
            solve[wide.shift(-box.top, -box.left).slices] = part[wide.shift(-outer.top, -outer.left).slices]
            kept[cell.shift(-box.top, -box.left).slices] = keep
            blocks.append(PlateBlock(box, solve, kept))
    return blocks, thick


def _cells(box: Box) -> Iterator[Box]:
    for top in range(box.top, box.bottom, _SIDE):
        for left in range(box.left, box.right, _SIDE):
            yield Box(top, left, top + _SIDE, left + _SIDE).intersect(box)


def _plate(image: np.ndarray, block: PlateBlock, highest: float) -> np.ndarray:
    """The solved pixels of a block, (n, 3) float64 in the file's range, in the order of ``block.keep``."""
    from skimage.restoration import inpaint_biharmonic

    part = image[block.box.slices].astype(np.float64) / highest
    if block.solve.all():
        return part[block.keep] * highest
    return inpaint_biharmonic(part, block.solve, channel_axis=-1)[block.keep] * highest


ENGINES = (Telea(), NavierStokes(), Biharmonic())
