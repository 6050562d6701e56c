"""Biharmonic filling of thin damage."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import cv2
import numpy as np

from editor.engines import plate
from editor.engines.classical import inpaint
from editor.engines.contract import FillRequest, FillResult, Finish, HoleShape, Progress
from editor.engines.holes import Parts, separate
from editor.raster.surface import Box


@dataclass(frozen=True)
class BiharmonicSettings(Finish):
    thickest: int = field(default=48, metadata={
        "min": 4, "max": 128, "unit": "px", "title": "Thickest",
        "help": "holes thicker than this are filled by Navier-Stokes: a stiff surface overshoots in them"})


class Biharmonic:
    """A thin plate bent to fit the edge of the hole."""

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
        pixels, thick = mended(request.image, request.hole > 0, settings.thickest,
                               lambda fraction: progress(fraction, self.title))
        pixels.flags.writeable = False
        notes = ("Part of the hole is too thick for the biharmonic engine: Navier-Stokes filled it.",) if thick else ()
        yield FillResult(pixels, request.hole, request.origin, self.name, request.seed, time.perf_counter() - started,
                         "cpu", "float64", pixels.shape[:2], notes)


_TOGETHER = 16_000  # unknown pixels to one system, some 50 ms of work
_LARGEST = 40_000  # unknown pixels of one part, some 0.3 s; a larger one is cut into cells
_SIDE = 96
_HALO = 24  # unknown pixels solved beyond a cell, so that neighbours agree where they meet


def mended(image: np.ndarray, hole: np.ndarray, thickest: float,
           step: Callable[[float], None] = lambda fraction: None) -> tuple[np.ndarray, bool]:
    """``image`` (h, w, 3) uint8 or uint16 with ``hole`` (h, w) bool filled; whether parts of it are thicker than
    ``thickest`` pixels, which is then not by a plate."""
    if hole.all():  # nothing to rest a plate on
        return image.copy(), False
    parts = separate(hole, plate.REACH)
    depth = cv2.distanceTransform(np.pad(hole, 1).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    depths = np.zeros(len(parts.areas), np.float32)
    np.maximum.at(depths, parts.which, depth[hole])
    thick = 2 * depths - 1 > thickest
    cut = ~thick & (parts.areas > _LARGEST)
    out = image.copy()
    groups = _groups(parts, np.flatnonzero(~thick & ~cut))
    for index, group in enumerate(groups):
        step(0.8 * index / len(groups))
        _bend(out, hole, parts, group)
    if thick.any() or cut.any():
        # What lies beyond a cell's halo, and what is too thick, is filled before plates are bent.
        rough = inpaint(out, _mask(hole.shape, parts, thick | cut), 4, cv2.INPAINT_NS,
                        lambda fraction: step(0.8 + 0.1 * fraction))
        out = rough.copy()
        pieces = cells(_mask(hole.shape, parts, cut))
        for index, cell in enumerate(pieces):
            step(0.9 + 0.1 * index / len(pieces))
            there = rough[cell.box.slices]
            known = there[~cell.solve]
            values = plate.bent(there, cell.solve)[cell.keep[cell.solve]]
            out[cell.box.slices][cell.keep] = np.rint(np.clip(values, known.min(axis=0), known.max(axis=0)))
    step(1.0)
    return out, bool(thick.any())


def _mask(shape: tuple[int, int], parts: Parts, chosen: np.ndarray) -> np.ndarray:
    """The pixels of the parts that ``chosen`` (parts,) bool tells of."""
    out = np.zeros(shape, bool)
    out[parts.rows, parts.columns] = chosen[parts.which]
    return out


def _groups(parts: Parts, chosen: np.ndarray) -> list[np.ndarray]:
    """Parts in groups that have some _TOGETHER pixels each."""
    group = (np.cumsum(parts.areas[chosen]) - 1) // _TOGETHER
    return [some for some in np.split(chosen, np.flatnonzero(np.diff(group)) + 1) if some.size]


def _bend(out: np.ndarray, hole: np.ndarray, parts: Parts, group: np.ndarray) -> None:
    """Fill some parts of ``hole`` in ``out``, each within the range of what lies round it."""
    which, places = parts.pixels(group)
    solve = np.zeros_like(hole)
    solve[places] = True
    limits = np.empty((2, len(group), out.shape[2]))
    for index, box in enumerate(parts.boxes[group].tolist()):
        near = Box(*box).grow(plate.REACH).intersect(Box(0, 0, *hole.shape)).slices
        known = out[near][~hole[near]]
        limits[:, index] = known.min(axis=0), known.max(axis=0)
    out[places] = np.rint(np.clip(plate.bent(out, solve), limits[0, which], limits[1, which]))


@dataclass(frozen=True)
class Cell:
    """A piece of a part, solved with a halo of what lies round it."""

    box: Box  # of the pixels that take part, known ones round them included
    solve: np.ndarray  # (h, w) bool: unknown while it is solved
    keep: np.ndarray  # (h, w) bool: taken from the solution


def cells(part: np.ndarray) -> list[Cell]:
    """Pieces that cover ``part`` (h, w) bool between them, none of it twice."""
    found = []
    picture = Box(0, 0, *part.shape)
    for top in range(0, part.shape[0], _SIDE):
        for left in range(0, part.shape[1], _SIDE):
            own = Box(top, left, top + _SIDE, left + _SIDE)
            if not part[own.slices].any():
                continue
            halo = own.grow(_HALO).intersect(picture)
            box = halo.grow(plate.REACH).intersect(picture)
            solve, keep = np.zeros((2, box.height, box.width), bool)
            for plane, kept in ((solve, halo), (keep, own.intersect(picture))):
                plane[kept.shift(-box.top, -box.left).slices] = part[kept.slices]
            if not solve.all():
                found.append(Cell(box, solve, keep))
    return found


ENGINES = (Biharmonic(),)
