"""Simple kriging by the covariances of the surroundings: each unknown pixel is the likeliest one, given those near it.

The light round a hole is taken for a stationary Gaussian field, whose covariances are read off a window of it, by
way of its power spectrum (Wiener and Khinchin); the known pixels nearest to the hole are the witnesses, and the
conditional mean is the answer. Edges and textures show in the covariances, and so run on through the hole. The window
has holes in it: they are filled smoothly first, and once more with what the first round has found.

Galerne and Leclaire, "Texture inpainting using efficient Gaussian conditional simulation", SIAM J. Imaging Sciences
2017; Matheron, "Principles of geostatistics", Economic Geology 1963.
"""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np

from editor.engines.pyramid import push_pull

WINDOW = 32  # pixels to a side
_SIGMA = 8.0  # pixels: the window is a Gaussian
_AT_ONCE = 128  # cells: some 100 ms of work
WITNESSES = 64
_ROUNDS = 2


def estimated(image: np.ndarray, hole: np.ndarray, wanted: np.ndarray, step: Callable[[float], None],
              origin: tuple[int, int] = (0, 0), rounds: int = _ROUNDS, witnesses: int = WITNESSES) -> np.ndarray:
    """``image`` (h, w, 3) uint8 or uint16 as float32, filled where ``wanted`` (h, w) bool, which lies in the ``hole``
    (h, w) bool; elsewhere in the hole anything smooth.

    origin: of the image in the photo, so that cells lie alike however it is cut. step: told the fraction done.
    """
    from editor.engines.kriging.kernels import SIDE, estimate

    known = ~hole
    picture = push_pull(image.astype(np.float32), known.astype(np.float32))
    depth = cv2.distanceTransform(np.pad(hole, 1).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    cells = _cells(wanted, SIDE, origin)
    for number in range(rounds):
        before, picture = picture, picture.copy()
        # One for all channels: in light they differ least from one another, and it takes a third of the time.
        around = cv2.copyMakeBorder(before.mean(axis=2), *(4 * (WINDOW,)), cv2.BORDER_REFLECT)
        for start in range(0, len(cells), _AT_ONCE):
            step((number + start / len(cells)) / rounds)
            some = cells[start:start + _AT_ONCE]
            table = covariances(around, some + WINDOW + SIDE // 2)
            estimate(before, known, wanted, depth, some, table, witnesses, picture)
    return picture


def _cells(wanted: np.ndarray, side: int, origin: tuple[int, int]) -> np.ndarray:
    """(n, 2) rows and columns of the first pixels of the cells in which something is wanted, some of them negative."""
    shift = np.array(origin) % side
    rows, columns = np.nonzero(wanted)
    across = wanted.shape[1] // side + 2
    places = np.unique((rows + shift[0]) // side * across + (columns + shift[1]) // side)
    return np.stack([places // across, places % across], axis=1) * side - shift


def covariances(around: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """(n, LAGS, LAGS) float32: how the pixels of windows round ``middles`` (n, 2) of ``around`` (h, w) float32 go
    together, by how far apart they lie."""
    from scipy.fft import irfft2, rfft2

    from editor.engines.kriging.kernels import LAGS

    weight = _weight()
    half = WINDOW // 2
    every = np.lib.stride_tricks.sliding_window_view(around, (WINDOW, WINDOW))
    windows = every[middles[:, 0] - half, middles[:, 1] - half]
    rest = (windows - np.einsum("nhw,hw->n", windows, weight)[:, None, None]) * (weight / weight.max())
    return irfft2(np.abs(rfft2(rest, (LAGS, LAGS))) ** 2, (LAGS, LAGS))


@cache
def _weight() -> np.ndarray:
    """(WINDOW, WINDOW) float32, in all 1."""
    line = np.exp(-((np.arange(WINDOW) - (WINDOW - 1) / 2) / _SIGMA) ** 2 / 2)
    return (np.outer(line, line) / line.sum() ** 2).astype(np.float32)
