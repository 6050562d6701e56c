"""What a stroke's coverage does to the pixels beneath it.

All functions take the pixels as they were before the stroke, so that painting the same coverage again changes
nothing, and return new arrays of the same shape and dtype.
"""

import numpy as np

from editor.raster.brush import FULL


def _share(coverage: np.ndarray, opacity: float) -> np.ndarray:
    return (coverage * np.float32(opacity / FULL))[..., None]


def add_coverage(plane: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Paint into a plane (h, w, 1) of coverage, towards full."""
    full = np.iinfo(plane.dtype).max
    before = plane.astype(np.float32)
    return np.rint(before + (full - before) * _share(coverage, opacity)).astype(plane.dtype)


def fade(pixels: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Erase: the last channel (coverage or alpha) goes towards 0. Pixels whose alpha becomes 0 become all 0."""
    alpha = pixels[..., -1:].astype(np.float32)
    out = pixels.copy()
    out[..., -1:] = np.rint(alpha * (1 - _share(coverage, opacity)))
    out *= out[..., -1:] > 0
    return out


def paint_colour(pixels: np.ndarray, colour: np.ndarray, coverage: np.ndarray, opacity: float) -> np.ndarray:
    """Paint one colour (c,) over straight-alpha pixels (h, w, c + 1)."""
    full = np.float32(np.iinfo(pixels.dtype).max)
    share = _share(coverage, opacity)
    before = pixels.astype(np.float32)
    alpha = before[..., -1:] / full
    total = share + alpha * (1 - share)
    weight = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
    out = np.empty_like(pixels)
    out[..., :-1] = np.rint(before[..., :-1] + (colour.astype(np.float32) - before[..., :-1]) * weight)
    out[..., -1:] = np.rint(total * full)
    out *= out[..., -1:] > 0
    return out
