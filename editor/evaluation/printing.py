"""Photographs printed by code, with a halftone screen for each ink, and scanned, so that what was printed is known."""

import cv2
import numpy as np

ANGLES = (15.0, 75.0, 0.0, 45.0)  # degrees, of cyan, magenta, yellow and black, as offset printing has them
_FINER = 3  # times the scan's resolution at which dots are drawn


def printed(picture: np.ndarray, period: float, angles: tuple[float, ...] = ANGLES, blur: float = 0.7) -> np.ndarray:
    """``picture`` (h, w, 1 or 3) float32 0..1 as it is scanned from print: (h, w, c) float32 0..1.

    period: of the screens, in pixels of the scan. Grey pictures have black dots only, at 45°. blur: of the scanner,
    sigma in pixels.
    """
    height, width, channels = picture.shape
    large = cv2.resize(picture, (width * _FINER, height * _FINER), interpolation=cv2.INTER_LINEAR)
    large = large.reshape(height * _FINER, width * _FINER, channels)
    if channels == 1:
        inks, angles = 1 - large, (45.0,)
    else:
        black = 0.7 * (1 - large.max(axis=2, keepdims=True))
        colours = 1 - large / np.maximum(1 - black, 1e-3)
        inks = np.concatenate([colours, black], axis=2)
    paper = np.ones_like(large)
    y, x = np.mgrid[:height * _FINER, :width * _FINER].astype(np.float32)
    for ink, angle in enumerate(angles[:inks.shape[2]]):
        cosine, sine = (np.float32(part * 2 * np.pi / (period * _FINER))
                        for part in (np.cos(np.radians(angle)), np.sin(np.radians(angle))))
        screen = (np.cos(cosine * x + sine * y) + np.cos(cosine * y - sine * x)) / 4 + 0.5
        # By rank, so that as much of the paper is covered as the picture asks for.
        sample = np.sort(screen[::5, ::5], axis=None)
        ranked = np.interp(screen, sample, np.linspace(0, 1, sample.size)).astype(np.float32)
        dots = np.clip((inks[..., ink] - ranked) * 8 + 0.5, 0, 1)
        if ink == 3 or channels == 1:
            paper *= (1 - dots)[..., None]
        else:
            paper[..., ink] *= 1 - dots
    scanned = cv2.resize(paper, (width, height), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(scanned, (0, 0), blur).reshape(height, width, channels)
