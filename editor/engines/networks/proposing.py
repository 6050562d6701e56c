"""Edges proposed for a mask, as lines of the sketch, to be changed and filled by: EdgeConnect's, which are the first of
its two steps, or those of what other engines make of the hole.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from editor.engines.blending import paste
from editor.engines.contract import Engine, Progress, no_progress
from editor.engines.filling import Reader, fill, requests
from editor.engines.networks.borrowing import Pen, lines_of, scene_of
from editor.engines.networks.engines import EdgeConnect
from editor.engines.region import Region
from editor.raster.colour import to_srgb8
from editor.raster.frame import Frame
from editor.raster.surface import Box


def proposed_lines(engine: EdgeConnect, read: Reader, shape: tuple[int, int], mask: np.ndarray, *,
                   mask_origin: tuple[int, int] = (0, 0), profile: bytes | None = None, sketch: Reader | None = None,
                   device: str = "auto", frame: Frame | None = None, seeds: Sequence[int] = (0,), width: int = 2,
                   progress: Progress = no_progress) -> Iterator[np.ndarray]:
    """One proposal for each seed, (h, w) uint8 coverage over the mask: lines ``width`` pixels wide that carry on those
    drawn. Seed 0 gives the likeliest.

    Arguments and errors are those of ``filling.fill``.
    """
    asked = tuple(requests(read, shape, mask, engine, mask_origin=mask_origin, profile=profile, sketch=sketch,
                           device=device, frame=frame, progress=progress))
    for number, seed in enumerate(seeds):
        out = np.zeros(mask.shape, np.uint8)
        for index, (region, request) in enumerate(asked):
            progress((number + index / len(asked)) / len(seeds), "Proposing edges")
            _lay(out, mask_origin, region, engine.proposed_lines(request, seed, max(1, round(width * region.scale))))
        yield out


def lines_of_fills(engines: Sequence[Engine], read: Reader, shape: tuple[int, int], mask: np.ndarray, *,
                   mask_origin: tuple[int, int] = (0, 0), profile: bytes | None = None, sketch: Reader | None = None,
                   colour: Reader | None = None, device: str = "auto", frame: Frame | None = None, variants: int = 2,
                   width: int = 2, progress: Progress = no_progress) -> Iterator[np.ndarray]:
    """The edges of up to ``variants`` hasty fills by each of the engines, as ``proposed_lines`` gives them.

    Arguments and errors are those of ``filling.fill``.
    """
    top, left = mask_origin
    box = Box(top, left, top + mask.shape[0], left + mask.shape[1])
    scene = scene_of(box, hole=True, frame=frame)
    around = scene.around.intersect(Box(0, 0, *shape))
    known = read(around)
    place = np.array([[1, 0, around.left], [0, 1, around.top]], float)
    for number, engine in enumerate(engines):
        def share(fraction: float, words: str, number: int = number) -> None:
            progress((number + fraction) / len(engines), words)

        for made in fill(read, shape, mask, engine, mask_origin=mask_origin, profile=profile, sketch=sketch,
                         colour=colour, variants=variants, device=device, frame=frame, hasty=True, progress=share):
            picture = known.copy()
            for result in made.results:
                paste(picture, result, (around.top, around.left))
            yield lines_of(to_srgb8(picture, profile), place, scene, Pen(width=width)) * (mask > 0)


def _lay(out: np.ndarray, origin: tuple[int, int], region: Region, lines: np.ndarray) -> None:
    """Add a region's lines (h, w), of the size of its request, to coverage of what lies at ``origin`` of the photo."""
    crop, hole = region.crop, region.hole
    if lines.shape != (crop.height, crop.width):
        lines = cv2.resize(lines, (crop.width, crop.height), interpolation=cv2.INTER_LINEAR)
    own = lines[hole.shift(-crop.top, -crop.left).slices]
    target = out[hole.shift(-origin[0], -origin[1]).slices]
    np.maximum(target, own, out=target)
