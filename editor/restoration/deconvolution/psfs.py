"""Point spread functions: what a point of light has become.

All are sampled by the share of it that falls on each pixel's square, so that sizes between whole pixels mean something
and the smallest are all but one pixel.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

FOCUS, MOTION, GAUSSIAN = "focus", "motion", "gaussian"
KINDS = (FOCUS, MOTION, GAUSSIAN)
_FINE = 16  # samples along a pixel's side
HALF_HEIGHT = 2 * math.sqrt(2 * math.log(2))  # width of a Gaussian at half its height, in standard deviations


@dataclass(frozen=True)
class Blur:
    """A blur of a known shape.

    size: its full width in pixels: the diameter of the disc, the length of the line, the Gaussian's width at half its
    height. angle: degrees anticlockwise from the picture's horizontal, of motion only; a half turn is the same.
    """

    kind: str = FOCUS
    size: float = 4.0
    angle: float = 0.0

    def psf(self) -> np.ndarray:
        """(n, n) float32, n odd, sums to 1. Raises ValueError for a kind that there is not."""
        if self.kind not in KINDS:
            raise ValueError(f"there is no blur of kind {self.kind!r}; there are {', '.join(KINDS)}")
        if self.kind == FOCUS:
            return disc(self.size)
        return motion(self.size, self.angle) if self.kind == MOTION else gaussian(self.size)


def disc(diameter: float) -> np.ndarray:
    """Of a lens out of focus: an even disc, (n, n) float32."""
    half = max(0, math.ceil(diameter / 2 - 0.5))
    at = (np.arange((2 * half + 1) * _FINE) + 0.5) / _FINE - half - 0.5
    inside = (at[:, None] ** 2 + at**2 <= (diameter / 2) ** 2).astype(np.float32)
    return _binned(inside, 2 * half + 1)


def motion(length: float, angle: float) -> np.ndarray:
    """Of a camera or a subject that moved evenly along a line: (n, n) float32."""
    turn = math.radians(angle)
    across, down = math.cos(turn), -math.sin(turn)
    half = max(0, math.ceil(length / 2 * max(abs(across), abs(down)) - 0.5)) + 1
    size = 2 * half + 1
    count = max(1, math.ceil(length * 4 * _FINE))
    along = ((np.arange(count) + 0.5) / count - 0.5) * length
    # Each sample is a point; a pixel takes its share by how near it is: the line is a pixel wide without steps.
    x, y = along * across + half, along * down + half
    out = np.zeros((size, size))
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, low = x - left, y - top
    for row, column, share in ((top, left, (1 - low) * (1 - right)), (top, left + 1, (1 - low) * right),
                               (top + 1, left, low * (1 - right)), (top + 1, left + 1, low * right)):
        keep = share > 0
        np.add.at(out, (row[keep], column[keep]), share[keep])
    return _cropped((out / count).astype(np.float32))


def gaussian(width: float) -> np.ndarray:
    """Of many small causes: (n, n) float32, as far as three standard deviations and a half."""
    sigma = width / HALF_HEIGHT
    half = max(0, math.ceil(3.5 * sigma - 0.5))
    edges = np.array([math.erf(at / (max(sigma, 1e-6) * math.sqrt(2))) for at in np.arange(-half - 0.5, half + 1)])
    row = np.diff(edges)
    out = np.outer(row, row)
    return (out / out.sum()).astype(np.float32)


def picture(psf: np.ndarray, side: int) -> np.ndarray:
    """(side, side) uint8: how it looks, its brightest pixel white."""
    n = max(psf.shape[0] + 2, 9)
    margin = (n - psf.shape[0]) // 2
    framed = cv2.copyMakeBorder(psf, *(margin,) * 4, cv2.BORDER_CONSTANT, value=0)
    shown = cv2.resize(framed, (side, side),
                       interpolation=cv2.INTER_NEAREST if side > framed.shape[0] else cv2.INTER_AREA)
    return np.rint(255 * np.sqrt(np.clip(shown / shown.max(), 0, 1))).astype(np.uint8)


def transfer(psf: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Its Fourier transform as scipy.fft.rfft2 gives it, (h, w // 2 + 1) complex64, centred on the first pixel."""
    from scipy import fft

    height, width = psf.shape
    sheet = np.zeros(shape, np.float32)
    sheet[:height, :width] = psf
    return fft.rfft2(np.roll(sheet, (-(height // 2), -(width // 2)), (0, 1)))


def _binned(fine: np.ndarray, size: int) -> np.ndarray:
    out = fine.reshape(size, _FINE, size, _FINE).sum((1, 3))
    if not out.any():
        out[size // 2, size // 2] = 1
    return _cropped(out / out.sum())


def _cropped(psf: np.ndarray) -> np.ndarray:
    """Without empty rings."""
    while psf.shape[0] > 1 and not (psf[0].any() or psf[-1].any() or psf[:, 0].any() or psf[:, -1].any()):
        psf = psf[1:-1, 1:-1]
    return np.ascontiguousarray(psf)
