"""Brightness and colour apart, and half the size: what all of the denoiser's parts go by."""

import cv2
import numpy as np

_OPPONENT = np.array([[1, 1, 1], [1, 0, -1], [0.5, -1, 0.5]], np.float32)
_OPPONENT /= np.sqrt((_OPPONENT ** 2).sum(axis=1, keepdims=True))
_OPPONENT[0] = 1 / 3  # brightness in units of 0..1
_BACK = np.linalg.inv(_OPPONENT).astype(np.float32)


def apart(pixels: np.ndarray) -> np.ndarray:
    """(h, w, 1 or 3) float32 to brightness and two colour differences, in which noise is nearly independent."""
    return pixels if pixels.shape[2] == 1 else cv2.transform(pixels, _OPPONENT)


def together(planes: np.ndarray) -> np.ndarray:
    """What ``apart`` made into pixels again."""
    return planes if planes.shape[2] == 1 else cv2.transform(planes, _BACK)


def halved(planes: np.ndarray) -> np.ndarray:
    """Every second pixel of the smoothed planes (h, w, n), from the first on."""
    height, width = planes.shape[:2]
    return cv2.pyrDown(planes).reshape(-(-height // 2), -(-width // 2), -1)


def doubled(planes: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Those at half size, (h, w, n), interpolated to ``shape``, which ``halved`` would halve to theirs."""
    return cv2.pyrUp(planes, dstsize=shape[::-1]).reshape(*shape, -1)
