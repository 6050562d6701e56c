"""What a stroke's coverage does to the pixels beneath it.

All functions take the pixels as they were before the stroke, so that painting the same coverage again changes
nothing, and return new arrays of the same shape and dtype.
"""

from collections.abc import Callable

import cv2
import numpy as np

from editor.raster.brush import FULL

_TINY = np.float32(1e-12)
_BAND = 32  # rows worked on at a time, so that what lies between stays in the cache


def _share(coverage: np.ndarray, opacity: float) -> np.ndarray:
    return coverage * np.float32(opacity / FULL)


def _whole(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """float32 rounded, in place, to ``dtype``."""
    return np.rint(values, out=values).astype(dtype)


def add_coverage(plane: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Paint into a plane (h, w, 1) of coverage, towards full."""
    full = np.float32(np.iinfo(plane.dtype).max)
    if not plane.any():
        return _whole(full * _share(coverage, opacity), plane.dtype)[..., None]
    change = (full - plane[..., 0]) * _share(coverage, opacity)
    return _whole(plane[..., 0] + change, plane.dtype)[..., None]


def fade(pixels: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Erase: the last channel (coverage or alpha) goes towards 0. Pixels whose alpha becomes 0 become all 0."""
    out = pixels.copy()
    out[..., -1] = np.rint(pixels[..., -1] * (1 - _share(coverage, opacity)))
    return _without_ghosts(out)


def paint_colour(pixels: np.ndarray, colour: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Paint one colour (c,) over straight-alpha pixels (h, w, c + 1)."""
    if not pixels[..., -1].any():  # most of a layer is empty
        out = np.empty_like(pixels)
        out.reshape(len(out), -1)[:] = np.tile(np.append(colour, 0), pixels.shape[1])
        full = np.float32(np.iinfo(pixels.dtype).max)
        out[..., -1] = _whole(full * _share(coverage, opacity), pixels.dtype)  # to the bit as where something is
        return _without_ghosts(out)
    target = np.tile(np.append(colour.astype(np.float32), np.float32(np.iinfo(pixels.dtype).max)), pixels.shape[1])
    return _towards(pixels, lambda rows: (target, _share(coverage[rows], opacity)))


def paint_pixels(pixels: np.ndarray, picture: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Paint the straight-alpha pixels of another picture (h, w, c + 1) over pixels of the same shape and dtype; where
    the picture is transparent, so much less is painted.
    """
    full = np.float32(np.iinfo(pixels.dtype).max)

    def band(rows: slice) -> tuple[np.ndarray, np.ndarray]:
        target = picture[rows].astype(np.float32)
        share = _share(coverage[rows], opacity) * (target[..., -1] / full)
        target[..., -1] = full
        return target.reshape(len(target), -1), share

    return _towards(pixels, band)


def _towards(pixels: np.ndarray, band: Callable[[slice], tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Straight-alpha pixels painted over. ``band(rows)`` gives what with, (rows, w * (c + 1)) float32 with full alpha,
    and its share (rows, w) 0..1.
    """
    height, _, channels = pixels.shape
    full = np.float32(np.iinfo(pixels.dtype).max)
    out = np.empty_like(pixels)
    for top in range(0, height, _BAND):
        rows = slice(top, top + _BAND)
        before = pixels[rows]
        flat = before.reshape(len(before), -1)  # arithmetic along an axis of four would be slow
        target, share = band(rows)
        total = share + (before[..., -1] / full) * (1 - share)
        # Alpha goes towards full by the stroke's share, the colours by their weight in the sum: one pass for all.
        weights = cv2.merge([share / np.maximum(total, _TINY)] * (channels - 1) + [share])
        change = np.subtract(target, flat, dtype=np.float32)
        change *= weights.reshape(flat.shape)
        change += flat
        out[rows] = np.rint(change, out=change).reshape(before.shape)
    return _without_ghosts(out)


def _without_ghosts(pixels: np.ndarray) -> np.ndarray:
    """The pixels with 0 for every colour that cannot be seen."""
    seen = pixels[..., -1] > 0
    if pixels.shape[2] == 1 or seen.all():
        return pixels
    return cv2.copyTo(pixels, seen.view(np.uint8)).reshape(pixels.shape)
