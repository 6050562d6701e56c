"""Wiener's filter: each frequency is given back as far as it stands above the noise."""

import numpy as np

from editor.restoration.deconvolution.borders import extended, room, seen
from editor.restoration.deconvolution.psfs import transfer

_ROUNDS = 4  # of working out what has not been seen
_UNEXPLAINED = 0.002  # of the sharp picture's power: no blur is just as it is thought to be


def restored(plane: np.ndarray, psf: np.ndarray, noise_to_signal, blown: np.ndarray | None = None,
             step=lambda fraction: None) -> np.ndarray:
    """(h, w) float32 without the blur ``psf``.

    noise_to_signal(fy, fx): power of the noise over power of the sharp picture, for frequencies in cycles a pixel that
    broadcast to the transform's shape. blown: (h, w) bool, where the plane is clipped. What is clipped, or lies beyond
    the border, is replaced by what the restored picture says it would be, and restored again, four times: expectation
    and maximisation for a picture with missing pixels.
    """
    from scipy import fft

    margins = room(psf, plane.shape)
    sheet = extended(plane, margins)
    known = seen(plane.shape, margins, blown)
    shape = sheet.shape
    response = transfer(psf, shape)
    fy, fx = np.fft.fftfreq(shape[0])[:, None].astype(np.float32), np.fft.rfftfreq(shape[1]).astype(np.float32)
    inverse = np.conj(response) / (np.abs(response) ** 2 + noise_to_signal(fy, fx).astype(np.float32)
                                 + np.float32(_UNEXPLAINED))
    inverse[0, 0] = 1
    for turn in range(_ROUNDS):
        step(turn / _ROUNDS)
        there = fft.rfft2(sheet) * inverse
        if turn == _ROUNDS - 1:
            break
        again = fft.irfft2(there * response, s=shape)
        if blown is not None:  # where it was clipped there was at least so much
            inside = slice(margins[0], shape[0] - margins[1]), slice(margins[2], shape[1] - margins[3])
            again[inside] = np.maximum(again[inside], plane)
        sheet = known * sheet + (1 - known) * again
    sharp = fft.irfft2(there, s=shape)
    step(1.0)
    return sharp[margins[0]:shape[0] - margins[1], margins[2]:shape[1] - margins[3]]
