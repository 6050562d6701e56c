"""Edges that EdgeConnect proposes for a mask, as lines of the sketch: the first of its two steps."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from editor.engines.contract import Progress, no_progress
from editor.engines.filling import Reader, requests
from editor.engines.networks.engines import EdgeConnect
from editor.engines.region import Region
from editor.raster.frame import Frame


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


def _lay(out: np.ndarray, origin: tuple[int, int], region: Region, lines: np.ndarray) -> None:
    """Add a region's lines (h, w), of the size of its request, to coverage of what lies at ``origin`` of the photo."""
    crop, hole = region.crop, region.hole
    if lines.shape != (crop.height, crop.width):
        lines = cv2.resize(lines, (crop.width, crop.height), interpolation=cv2.INTER_LINEAR)
    own = lines[hole.shift(-crop.top, -crop.left).slices]
    target = out[hole.shift(-origin[0], -origin[1]).slices]
    np.maximum(target, own, out=target)
