"""Wiener's filter: each frequency is given back as far as it stands above the noise."""

from collections.abc import Callable

import numpy as np

from editor.restoration.deconvolution.borders import extended, room
from editor.restoration.deconvolution.psfs import transfer

NoiseToSignal = Callable[[np.ndarray, np.ndarray], np.ndarray]

_UNEXPLAINED = 0.002  # of the sharp picture's power: no blur is just as it is thought to be


def reach(psf: np.ndarray) -> int:
    """Pixels from which a restored one gathers light."""
    return 24 + 3 * psf.shape[0]


def restored(plane: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """(h, w) float32 through the filter ``kernel``; beyond its border a plane is taken to be mirrored."""
    from scipy import fft

    margins = room(kernel.shape[0] // 2, plane.shape)  # what meets where the sheet ends is out of reach
    sheet = extended(plane, margins)
    shape = sheet.shape
    sharp = fft.irfft2(fft.rfft2(sheet) * transfer(kernel, shape), s=shape)
    return sharp[margins[0]:shape[0] - margins[1], margins[2]:shape[1] - margins[3]]


def kernel_for(psf: np.ndarray, noise_to_signal: NoiseToSignal) -> np.ndarray:
    """(n, n) float32: the filter that takes back ``psf``, in space, let run out at its reach. Its tails are ripples,
    which would need tiles much larger than they are, and are wrong where the blur is not quite what it is taken for.

    noise_to_signal(fy, fx): power of the noise over power of the sharp picture, for frequencies in cycles a pixel that
    broadcast to the result's shape.
    """
    from scipy import fft

    radius = reach(psf)
    side = fft.next_fast_len(4 * radius, real=True)
    fy, fx = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)
    response = transfer(psf, (side, side))
    filter = np.conj(response) / (np.abs(response) ** 2 + noise_to_signal(fy, fx) + _UNEXPLAINED)
    at = np.arange(-radius, radius + 1)
    share = np.clip(2 - 2 * np.hypot(at[:, None], at) / (radius + 1), 0, 1)  # even half-way, then falling
    kernel = fft.irfft2(filter, s=(side, side))[at[:, None], at] * (0.5 - 0.5 * np.cos(np.pi * share))
    return (kernel / kernel.sum()).astype(np.float32)
