"""Richardson and Lucy's deconvolution, held back by the picture's total variation."""

import numpy as np

from editor.restoration.deconvolution.borders import extended, room, seen
from editor.restoration.deconvolution.psfs import transfer

_LEAST = 1e-4  # of full light: below it nothing is divided
_SLOWEST = 0.1  # total variation multiplies a pixel by ten a round at most


def restored(plane: np.ndarray, psf: np.ndarray, rounds: int, variation: float,
             blown: np.ndarray | None = None) -> np.ndarray:
    """(h, w) float32 >= 0 without the blur ``psf``, from a plane of light, 0..1.

    Richardson 1972, Lucy 1974; variation: weight of the total variation (Dey et al. 2006), 0 is none. Pixels beyond
    the border and those that are ``blown`` ((h, w) bool) do not count (Bertero and Boccacci 2005; Whyte, Sivic and
    Zisserman 2011). A round is as good as several by its momentum, which follows a fixed course (Nesterov 1983), so
    that it is the same for every tile.
    """
    from scipy import fft

    margins = room(psf.shape[0], plane.shape)
    sheet = np.maximum(extended(plane, margins), _LEAST)
    known = seen(plane.shape, margins, blown)
    shape = sheet.shape
    response = transfer(psf, shape)
    back = np.conj(response)

    def through(picture: np.ndarray, by: np.ndarray) -> np.ndarray:
        return fft.irfft2(fft.rfft2(picture) * by, s=shape)

    weight = np.maximum(through(known, back), 0)
    counted = weight > 0.02  # beyond, nothing tells how much light there was
    weight = np.where(counted, weight, 1)
    sharp = before = sheet
    for turn in range(rounds):
        push = (turn - 1) / (turn + 2) if turn else 0
        start = np.maximum(sharp + np.float32(push) * (sharp - before), _LEAST)
        ratio = sheet / np.maximum(through(start, response), _LEAST)
        ratio *= known
        factor = through(ratio, back)
        held = weight - np.float32(variation) * _curvature(start) if variation else weight
        after = start * np.maximum(factor, 0) / np.maximum(held, _SLOWEST * weight)
        before, sharp = sharp, np.where(counted, after, start)
    return sharp[margins[0]:shape[0] - margins[1], margins[2]:shape[1] - margins[3]]


def _curvature(plane: np.ndarray) -> np.ndarray:
    """Divergence of the gradient's direction: what a step down total variation adds to."""
    down = np.diff(plane, axis=0, append=plane[:1])
    right = np.diff(plane, axis=1, append=plane[:, :1])
    length = np.sqrt(down * down + right * right) + np.float32(1e-3)
    down /= length
    right /= length
    return down - np.roll(down, 1, 0) + right - np.roll(right, 1, 1)
