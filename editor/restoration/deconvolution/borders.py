"""What lies beyond the border of a picture, and beneath its blown highlights: nobody has seen it.

Deconvolution that takes a guess there for truth pays with ripples that run into the picture. Richardson and Lucy's is
therefore told which pixels have been seen, and the guess is only where it begins; of Wiener's filter, which has to take
the guess, the ripples are held back there (see ``ringing``).
"""

import cv2
import numpy as np


def room(margin: int, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """Pixels to add at top, bottom, left, right: at least ``margin``, and so many that the sides are quick to
    transform."""
    from scipy import fft

    out = []
    for side in shape:
        more = fft.next_fast_len(side + 2 * margin, real=True) - side
        out += [more // 2, more - more // 2]
    return tuple(out)


def extended(plane: np.ndarray, margins: tuple[int, int, int, int]) -> np.ndarray:
    """(h, w) float32 grown by ``margins``: mirrored, again and again if need be."""
    top, bottom, left, right = margins
    return np.ascontiguousarray(_mirrored(_mirrored(plane, top, bottom).T, left, right).T)


def endless(plane: np.ndarray, margin: int) -> np.ndarray:
    """(h, w) float32 grown by ``margin`` at least: its sides go over into one another smoothly, as a Fourier transform
    takes them to (Liu and Jia 2008 do the like with a surface)."""
    top, bottom, left, right = room(margin, plane.shape)
    out = _mirrored(plane, top, bottom)
    _join(out, top, bottom)
    out = _mirrored(out.T, left, right)
    _join(out, left, right)
    return np.ascontiguousarray(out.T)


def _mirrored(plane: np.ndarray, top: int, bottom: int) -> np.ndarray:
    index = np.arange(-top, plane.shape[0] + bottom)
    period = 2 * plane.shape[0]
    index %= period
    return plane[np.where(index >= plane.shape[0], period - 1 - index, index)]


def _join(sheet: np.ndarray, top: int, bottom: int) -> None:
    """Blend the rows beyond the picture so that the last meets the first: both go over into their mean."""
    height = sheet.shape[0] - top - bottom
    mean = (sheet[0] + sheet[-1]) / 2
    for rows, share in ((sheet[:top], _ramp(top)[::-1]), (sheet[top + height:], _ramp(bottom))):
        rows += share[:, None] * (mean - rows)


def _ramp(count: int) -> np.ndarray:
    """From 0 to 1, smoothly."""
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 1) / max(count, 1))).astype(np.float32)


def seen(shape: tuple[int, int], margins: tuple[int, int, int, int], blown: np.ndarray | None = None) -> np.ndarray:
    """(H, W) float32 of the extended sheet: 1 where the picture says what light fell there, 0 beyond it and where
    ``blown`` (h, w) bool says that it was too much to tell."""
    known = np.ones(shape, np.float32) if blown is None else np.float32(1) - blown
    return cv2.copyMakeBorder(known, *margins, cv2.BORDER_CONSTANT, value=0)
