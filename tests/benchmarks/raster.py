"""How long the model takes, without a window: dabs, undo, compositing, snapshots.

The budgets are the model's share of those in the design; what is left of them is the canvas's.
"""

import math
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from editor.document import layer_ops
from editor.document.document import MASK, Document
from editor.document.photo import Photo
from editor.document.transforms import transform
from editor.engines.healing import healed
from editor.raster import masks, painting
from editor.raster.brush import Brush, Point, Stroke
from editor.raster.surface import Box, Surface
from editor.raster.transforms import Crop, Flip, Rotate, Turn

_SHAPES = {12: (3000, 4000), 48: (6000, 8000)}  # megapixels: (height, width)
_EVENTS = 70


def measure() -> list[dict]:
    """One row a figure: name, unit, budget ("" where there is none), p50, p99, worst."""
    rows = []
    for megapixels, shape in _SHAPES.items():
        for dtype, surface, sizes in ((np.uint8, "mask", (20, 200, 1000)), (np.uint16, "16-bit layer", (200, 1000))):
            document = Document(Photo(np.zeros((*shape, 3), dtype)))
            name = MASK if surface == "mask" else layer_ops.add_paint_layer(document).id
            for size in sizes:
                budget = 2 if size <= 200 and surface == "mask" else 4 if size == 200 else ""
                rows.append(_row(f"{size} px dab, {surface}, {megapixels} MP", _stroke(document, name, size), budget))
                rows.append(_row(f"undo, redo of it, {size} px, {surface}, {megapixels} MP",
                                 [_timed(document.undo), _timed(document.redo)], 16))
            rows.append(_row(f"snapshot of the document, {surface}, {megapixels} MP",
                             [_timed(document.snapshot) for _ in range(20)], 1))
    inverted = Document(Photo(np.zeros((*_SHAPES[48], 1), np.uint8)))
    rows.append(_row("invert an empty mask, 48 MP", [_timed(lambda: _invert(inverted))], ""))
    return rows + _compositing() + _transforms() + _healing()


def _stroke(document: Document, name: str, size: int) -> list[float]:
    """Seconds of each pointer event of a stroke, pixels and all."""
    channels, dtype = document.surfaces[name].channels, document.surfaces[name].dtype
    colour = np.full(channels - 1, 99, dtype)
    stroke, change = Stroke(document.shape, Brush(size=size)), document.change("Paint")
    before = change.before(name)

    def paint(part: Box, now: np.ndarray) -> np.ndarray:
        pixels, coverage = before.read(part), stroke.coverage(part)
        if channels == 1:
            return painting.add_coverage(pixels, coverage, 0.8)
        return painting.paint_colour(pixels, colour, coverage, 0.8)

    def event(point: Point) -> None:
        stroke.move(point)
        change.edit(name, stroke.take_changed(), paint)

    stroke.begin(Point(1200, 1200))
    # Each event goes one dab further, so that none of them has nothing to do.
    step = max(4.0, size / 16) / 800
    points = [Point(1200 + 800 * math.sin(step * i), 2000 - 800 * math.cos(step * i)) for i in range(1, _EVENTS + 1)]
    seconds = [_timed(partial(event, point)) for point in points]
    change.commit()
    return seconds


def _invert(document: Document) -> None:
    with document.change("Invert mask") as change:
        change.replace(MASK, masks.invert(document.mask))


def _compositing() -> list[dict]:
    rng = np.random.default_rng(0)
    rows = []
    for dtype in (np.uint8, np.uint16):
        full = np.iinfo(dtype).max
        document = Document(Photo(rng.integers(0, full, (1024, 1024, 3), dtype)))
        for _ in range(3):
            layer = layer_ops.add_paint_layer(document)
            pixels = rng.integers(0, full, (1024, 1024, 4), dtype)
            with document.change("Paint") as change:
                change.edit(layer.id, document.base.bounds, lambda part, old, pixels=pixels: pixels[part.slices])
        picture = document.picture()
        tiles = [(row, column) for row in range(4) for column in range(4)]
        bits = np.dtype(dtype).itemsize * 8
        for what, level, budget in (("composite a tile", 0, 4), ("reduce to a tile and composite it", 1, "")):
            spent = [_timed(partial(picture.tile, key, level)) for key in tiles if max(key) < 4 >> level]
            rows.append(_row(f"{what}, 3 layers, {bits} bits", spent, budget))
    return rows


def _transforms() -> list[dict]:
    """Turning, flipping, cropping and rotating 48 MP with a layer over a quarter of it, and undoing that."""
    rows = []
    for name, step in (("turn", Turn(1)), ("flip", Flip()), ("crop", Crop(Box(100, 100, 5000, 7000))),
                       ("rotate by 3°, in the background", Rotate(3.0))):
        document = Document(Photo(np.random.default_rng(0).integers(0, 255, (*_SHAPES[48], 3), np.uint8)))
        layer = layer_ops.add_paint_layer(document)
        with document.change("Paint") as change:
            change.edit(layer.id, Box(0, 0, 3000, 4000), lambda part, old: np.full(old.shape, 99, np.uint8))
        rows.append(_row(f"{name}, 48 MP", [_timed(partial(transform, document, name, step))],
                         "" if isinstance(step, Rotate) else 1000))
        rows.append(_row(f"undo of it, {name}, 48 MP", [_timed(document.undo)], ""))
    return rows


def _healing() -> list[dict]:
    """The end of a stroke of the healing brush, on 12 MP."""
    pixels = np.random.default_rng(0).integers(0, 255, (*_SHAPES[12], 4), np.uint8)
    surface, rows = Surface.from_array(pixels), []
    for size, length in ((60, 0), (200, 600), (600, 400)):
        stroke = Stroke(surface.shape, Brush(size=size, hardness=0.8))
        stroke.begin(Point(2000, 1500))
        stroke.line(Point(2000 + length, 1500))
        rows.append(_row(f"heal a stroke of {size + length} x {size} px", [_timed(lambda stroke=stroke: list(healed(
            lambda box: surface.read(box.shift(-400, -900)), surface.read, stroke.coverage, stroke.box)))
            for _ in range(5)], 100))
    return rows


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _row(name: str, seconds: list[float], budget: float | str) -> dict:
    p50, p99, worst = (1000 * float(np.quantile(seconds, q)) for q in (0.5, 0.99, 1))
    return {"name": f"model: {name}", "unit": "ms", "budget": budget, "p50": p50, "p99": p99, "worst": worst}
