"""Healing: another place's texture in this place's light and colour, without a seam.

Method. Poisson image editing (Pérez, Gangnet, Blake 2003) in its membrane form: what is copied keeps its own gradients,
and a membrane carries the difference between target and source from the stroke's edge across it. The differences are
taken at the pixels' own depth. Large strokes solve the membrane reduced, and again at full resolution only near their
edge: inside it is smooth.
"""

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from editor.engines.membrane import harmonic, sweeper
from editor.raster.surface import Box, keys_in, tile_box

Read = Callable[[Box], np.ndarray]
"""Pixels of any box, also beyond the picture: (h, w, c + 1) uint8 or uint16, straight alpha, 0 where there are none."""

_SIDE = 384  # pixels: longest side of a stroke that is solved at once
_SWEEPS = 16  # near the edge of a reduced one; each feels one pixel farther
_RING = 2  # pixels round a stroke that are looked at


def healed(source: Read, target: Read, coverage: Callable[[Box], np.ndarray], box: Box) -> Iterator[
        tuple[Box, np.ndarray]]:
    """Yield parts of ``box`` and their pixels, as ``source`` gives them but with the colours that ``target`` asks for.

    coverage: (h, w) of any box, above 0 where the stroke is, which lies in ``box``; parts where it is not are left out.
    All in coordinates of the target: ``source`` reads what is copied there.
    """
    if box.empty:
        return
    if max(box.height, box.width) <= _SIDE:
        around = box.grow(_RING)
        copied, difference, known = _compared(source, target, coverage, around)
        yield box, _lit(copied, harmonic(difference, ~known), around, box)
        return
    level = 1
    while max(box.height, box.width) >> level > _SIDE:
        level += 1
    tiles = [part for part in (tile_box(key) for key in keys_in(box)) if coverage(part.grow(_SWEEPS)).any()]
    film, origin = _reduced_film(tiles, level, lambda part: _compared(source, target, coverage, part)[1:])
    for tile in tiles:
        part = tile.intersect(box)
        if not coverage(part).any():
            continue
        around = part.grow(_SWEEPS)
        copied, difference, known = _compared(source, target, coverage, around)
        enlarged = _enlarged(film, origin, level, around)
        enlarged[known] = difference[known]
        near = cv2.dilate(known.view(np.uint8), np.ones((2**(level + 1) + 1,) * 2, np.uint8)) > 0
        sweep = sweeper(near & ~known)
        for _ in range(_SWEEPS):
            sweep(enlarged)
        yield part, _lit(copied, enlarged, around, part)


def _compared(source: Read, target: Read, coverage: Callable[[Box], np.ndarray],
              box: Box) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is copied; target less source as (h, w, 3) float32; and where that is known: beside the stroke, where both
    have pixels.
    """
    copied, beneath = source(box), target(box)
    known = (coverage(box) == 0) & (copied[..., -1] > 0) & (beneath[..., -1] > 0)
    difference = beneath[..., :-1].astype(np.float32) - copied[..., :-1]
    return copied, np.repeat(difference, 3, axis=2) if difference.shape[2] == 1 else difference, known


def _reduced_film(tiles: list[Box], level: int, compare: Callable[[Box], tuple[np.ndarray, np.ndarray]]) -> tuple[
        np.ndarray, tuple[int, int]]:
    """The membrane, reduced 2**level times, and the (y, x) of its corner in pixels of its own.

    Where no tile is, the difference counts as 0: the stroke does not feel that, for what is known lies between.
    """
    top, left = min(tile.top for tile in tiles) >> level, min(tile.left for tile in tiles) >> level
    shape = (max(tile.bottom for tile in tiles) >> level) - top, (max(tile.right for tile in tiles) >> level) - left
    total, weight = np.zeros((*shape, 3), np.float32), np.ones(shape, np.float32)
    for tile in tiles:
        difference, known = compare(tile)
        size = tile.width >> level, tile.height >> level
        share = known.astype(np.float32)
        place = Box(*(edge >> level for edge in tile)).shift(-top, -left).slices
        total[place] = cv2.resize(difference * share[..., None], size, interpolation=cv2.INTER_AREA)
        weight[place] = cv2.resize(share, size, interpolation=cv2.INTER_AREA)
    return harmonic(total / np.maximum(weight, 1e-6)[..., None], weight < 0.5), (top, left)


def _enlarged(film: np.ndarray, origin: tuple[int, int], level: int, box: Box) -> np.ndarray:
    """``box`` of a reduced film at full resolution, (h, w, 3) float32."""
    scale = 0.5**level
    across, down = ((start + 0.5) * scale - 0.5 - corner for start, corner in zip(
        (box.left, box.top), reversed(origin), strict=True))
    matrix = np.array([[scale, 0, across], [0, scale, down]])
    return cv2.warpAffine(film, matrix, (box.width, box.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                          borderMode=cv2.BORDER_REPLICATE)


def _lit(copied: np.ndarray, film: np.ndarray, around: Box, part: Box) -> np.ndarray:
    """The part of what is copied, with the membrane laid on."""
    inside = part.shift(-around.top, -around.left).slices
    out = copied[inside].copy()
    colour = out[..., :-1] + film[inside][..., :out.shape[2] - 1]
    out[..., :-1] = np.rint(np.clip(colour, 0, np.iinfo(out.dtype).max, out=colour))
    return out
