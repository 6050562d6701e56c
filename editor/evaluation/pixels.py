"""Measures that compare pixel with pixel: PSNR, SSIM, MS-SSIM, over the hole, round it and over the whole picture.

Pictures are (h, w, 3) uint8 sRGB, holes (h, w) bool with at least one pixel set. A fill leaves every pixel outside the
hole as it was, so that whatever lies far from the hole is equal in both pictures and need not be looked at.
"""

import cv2
import numpy as np
from skimage.metrics import structural_similarity

_SSIM_REACH = 3  # pixels: skimage's window of 7
_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # exponents, finest scale first: Wang et al. 2003
_WINDOW = 11  # with a sigma of 1.5, as there
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def band_width(hole: np.ndarray) -> int:
    """Pixels round a hole that count as its surroundings: 2 % of the picture's short side, at least 4."""
    return max(4, round(min(hole.shape) * 0.02))


def widened(hole: np.ndarray, pixels: int) -> np.ndarray:
    """The hole and all within ``pixels`` of it, (h, w) bool."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1,) * 2)
    return cv2.dilate(hole.view(np.uint8), disc).view(bool)


def around(hole: np.ndarray, pixels: int) -> tuple[slice, slice]:
    """The box round the hole, ``pixels`` larger on every side as far as the picture goes."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    return (slice(max(0, rows[0] - pixels), rows[-1] + pixels + 1),
            slice(max(0, columns[0] - pixels), columns[-1] + pixels + 1))


def psnr(fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> dict[str, float]:
    """dB over the hole's pixels ("psnr") and over all of the picture ("psnr_whole"); equal pictures have 120."""
    squares = np.square(fill[hole].astype(np.float64) - truth[hole])
    return {"psnr": _decibel(squares.mean()), "psnr_whole": _decibel(squares.sum() / truth.size)}


def _decibel(mean_square: float) -> float:
    return min(120.0, 10 * float(np.log10(255 ** 2 / max(mean_square, 1e-9))))


def ssim(fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> dict[str, float]:
    """Structural similarity (Wang et al. 2004; windows of 7 x 7, mean of the channels), by scikit-image.

    "ssim" averages the map over the hole's pixels, "ssim_whole" over all of the picture.
    """
    box = around(hole, 3 * _SSIM_REACH)
    near = [picture[box] for picture in (fill, truth)]
    if min(near[0].shape[:2]) <= 2 * _SSIM_REACH:
        return {"ssim": float("nan"), "ssim_whole": float("nan")}
    values = structural_similarity(*near, channel_axis=2, full=True)[1].mean(axis=2)
    return {"ssim": float(values[hole[box]].mean()), "ssim_whole": 1 - float((1 - values).sum()) / hole.size}


def ms_ssim(fill: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> dict[str, float]:
    """Multi-scale structural similarity of the box round the hole, a quarter of it wider ("ms_ssim"), and of the whole
    picture ("ms_ssim_whole")."""
    rows, columns = around(hole, 0)
    box = around(hole, max(16, (rows.stop - rows.start + columns.stop - columns.start) // 8))
    return {"ms_ssim": multi_scale_ssim(fill[box], truth[box]), "ms_ssim_whole": multi_scale_ssim(fill, truth)}


def multi_scale_ssim(one: np.ndarray, other: np.ndarray) -> float:
    """MS-SSIM (Wang, Simoncelli and Bovik 2003) of two pictures, 1 for equal ones; mean of the three channels.

    Five scales, or as many as leave the window of 11 room (their exponents then add up to 1 as well); nan where not
    even one does.
    """
    scales = _SCALES[:max(0, (min(one.shape[:2]) // _WINDOW).bit_length())]
    if not scales:
        return float("nan")
    exponents = np.array(scales) / sum(scales)
    channels = [_multi_scale(one[..., c].astype(np.float32), other[..., c].astype(np.float32), exponents)
                for c in range(one.shape[2])]
    return float(np.mean(channels))


def _multi_scale(one: np.ndarray, other: np.ndarray, exponents: np.ndarray) -> float:
    product = 1.0
    for scale, exponent in enumerate(exponents):
        last = scale == len(exponents) - 1
        product *= max(0.0, _similarity(one, other, with_luminance=last)) ** exponent
        if not last:
            one, other = (_halved(plane) for plane in (one, other))
    return product


def _similarity(one: np.ndarray, other: np.ndarray, *, with_luminance: bool) -> float:
    mean_one, mean_other = _window_mean(one), _window_mean(other)
    var_one = _window_mean(one * one) - mean_one * mean_one
    var_other = _window_mean(other * other) - mean_other * mean_other
    covariance = _window_mean(one * other) - mean_one * mean_other
    values = (2 * covariance + _C2) / (var_one + var_other + _C2)
    if with_luminance:
        values *= (2 * mean_one * mean_other + _C1) / (mean_one * mean_one + mean_other * mean_other + _C1)
    return float(values.mean(dtype=np.float64))


def _window_mean(plane: np.ndarray) -> np.ndarray:
    """Gaussian means where the whole window lies on the picture."""
    edge = _WINDOW // 2
    return cv2.GaussianBlur(plane, (_WINDOW, _WINDOW), 1.5)[edge:-edge, edge:-edge]


def _halved(plane: np.ndarray) -> np.ndarray:
    height, width = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
    return cv2.resize(plane[:height, :width], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
