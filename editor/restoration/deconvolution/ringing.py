"""What deconvolution overdoes, held back: ripples beside edges, and grain where there is nothing else."""

import cv2
import numpy as np

from editor.raster.surface import Box

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


def near_border(psf: np.ndarray, box: Box, photo: tuple[int, int]) -> np.ndarray:
    """(h, w) float32 of a box: how much of a pixel's light may have come from beyond the photo's border (h, w)."""
    reach = psf.shape[0]
    down, across = (np.minimum(np.arange(start, stop), side - 1 - np.arange(start, stop))
                    for start, stop, side in ((box.top, box.bottom, photo[0]), (box.left, box.right, photo[1])))
    return np.clip(1.5 - np.minimum(down[:, None], across) / np.float32(reach), 0, 1)


def near(marked: np.ndarray, psf: np.ndarray) -> np.ndarray:
    """(h, w) float32: 1 where Wiener's filter would ripple because of what is ``marked`` (h, w) bool, 0 far from it."""
    grown = cv2.dilate(marked.astype(np.float32), np.ones((3 * psf.shape[0],) * 2, np.uint8))
    return cv2.blur(grown, psf.shape, borderType=cv2.BORDER_REFLECT)
