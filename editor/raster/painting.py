"""What a stroke's coverage does to the pixels beneath it.

All functions take the pixels as they were before the stroke, so that painting the same coverage again changes
nothing, and return new arrays of the same shape and dtype.
"""

import cv2
import numpy as np

from editor.raster.brush import FULL

_TINY = np.float32(1e-12)
_BAND = 32  # rows worked on at a time, so that what lies between stays in the cache


def _share(coverage: np.ndarray, opacity: float) -> np.ndarray:
    return coverage * np.float32(opacity / FULL)


def add_coverage(plane: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Paint into a plane (h, w, 1) of coverage, towards full."""
    full = np.float32(np.iinfo(plane.dtype).max)
    change = (full - plane[..., 0]) * _share(coverage, opacity)
    return np.rint(plane[..., 0] + change).astype(plane.dtype)[..., None]


def fade(pixels: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Erase: the last channel (coverage or alpha) goes towards 0. Pixels whose alpha becomes 0 become all 0."""
    out = pixels.copy()
    out[..., -1] = np.rint(pixels[..., -1] * (1 - _share(coverage, opacity)))
    return _without_ghosts(out)


def paint_colour(pixels: np.ndarray, colour: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Paint one colour (c,) over straight-alpha pixels (h, w, c + 1)."""
    height, width, channels = pixels.shape
    full = np.float32(np.iinfo(pixels.dtype).max)
    target = np.tile(np.append(colour.astype(np.float32), full), width)
    out = np.empty_like(pixels)
    for top in range(0, height, _BAND):
        band = pixels[top:top + _BAND]
        flat = band.reshape(len(band), -1)  # arithmetic along an axis of four would be slow
        share = _share(coverage[top:top + _BAND], opacity)
        total = share + (band[..., -1] / full) * (1 - share)
        # Alpha goes towards full by the stroke's share, the colours by their weight in the sum: one pass for all.
        weights = cv2.merge([share / np.maximum(total, _TINY)] * (channels - 1) + [share])
        change = np.subtract(target, flat, dtype=np.float32)
        change *= weights.reshape(flat.shape)
        change += flat
        out[top:top + _BAND] = np.rint(change, out=change).reshape(band.shape)
    return _without_ghosts(out)


def _without_ghosts(pixels: np.ndarray) -> np.ndarray:
    """The pixels with 0 for every colour that cannot be seen."""
    seen = pixels[..., -1] > 0
    if pixels.shape[2] == 1 or seen.all():
        return pixels
    return cv2.copyTo(pixels, seen.view(np.uint8)).reshape(pixels.shape)
