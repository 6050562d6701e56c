"""What deconvolution overdoes, held back: ripples beside edges, and grain where there is nothing else."""

import cv2
import numpy as np

_CALM = 2.0  # pixels: standard deviation of the window in which is looked for more than noise
_SLOW = 300  # pixels of a shape, more of which take longer than a whole rectangle
_ABOVE = 1.5  # times the noise's variance is still noise


def held(sharp: np.ndarray, blurred: np.ndarray, psf: np.ndarray, amount: float | np.ndarray) -> np.ndarray:
    """``sharp`` (h, w) held within what is seen of ``blurred`` as far as the blur reaches.

    Light has only been spread: beside an edge, the bright side cannot have been brighter than all that is seen round
    it. A thin bright line has been, though, so that this takes away sharpness, too. amount: 0 leaves what lies beyond,
    1 takes all of it away; an array (h, w) where it differs.
    """
    near = (psf > psf.max() / 100).astype(np.uint8)
    if np.count_nonzero(near) > _SLOW:
        near = np.ones(near.shape, np.uint8)
    low, high = cv2.erode(blurred, near), cv2.dilate(blurred, near)
    return sharp + amount * (np.clip(sharp, low, high) - sharp)


def detail(plane: np.ndarray, variance: np.ndarray | float) -> np.ndarray:
    """(h, w) float32 0..1: how much more there is to ``plane`` round a pixel than noise of this ``variance``."""
    mean = cv2.GaussianBlur(plane, (0, 0), _CALM, borderType=cv2.BORDER_REFLECT)
    spread = cv2.GaussianBlur(plane * plane, (0, 0), _CALM, borderType=cv2.BORDER_REFLECT) - mean * mean
    share = np.clip(1 - _ABOVE * variance / np.maximum(spread, 1e-12), 0, 1)
    return cv2.GaussianBlur(share, (0, 0), _CALM, borderType=cv2.BORDER_REFLECT)


def near(marked: np.ndarray, psf: np.ndarray) -> np.ndarray:
    """(h, w) float32: how much of the light that is ``marked`` (h, w) bool a pixel may have got; 1 is all of it."""
    grown = cv2.dilate(marked.astype(np.float32), np.ones((psf.shape[0] + 2,) * 2, np.uint8))
    return cv2.GaussianBlur(grown, (0, 0), max(1.0, psf.shape[0] / 6), borderType=cv2.BORDER_REFLECT)
