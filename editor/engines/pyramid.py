"""Enlarging pictures, and spreading what is known in places over a whole plane."""

import cv2
import numpy as np

from editor.raster.surface import Box


def enlarged(pixels: np.ndarray, shape: tuple[int, int], box: Box) -> np.ndarray:
    """The part ``box`` of ``pixels`` (h, w[, c]) brought to the size ``shape``; float32, in the same range.

    Bicubic, with pixel centres where area averaging has put them.
    """
    if pixels.shape[:2] == tuple(shape):
        return pixels[box.slices].astype(np.float32)
    down, across = pixels.shape[0] / shape[0], pixels.shape[1] / shape[1]
    matrix = np.array([[across, 0, (box.left + 0.5) * across - 0.5], [0, down, (box.top + 0.5) * down - 0.5]])
    return cv2.warpAffine(pixels.astype(np.float32), matrix, (box.width, box.height),
                          flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)


def sampled(pixels: np.ndarray, shape: tuple[int, int], rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The same at single pixels (n,) of the enlarged picture: (n, c) float32."""
    if pixels.shape[:2] == tuple(shape):
        return pixels[rows, columns].astype(np.float32)
    side = 4096  # OpenCV takes no more than 32,767 to a line
    y = np.zeros((-(-len(rows) // side), side), np.float32)
    x = np.zeros_like(y)
    y.reshape(-1)[:len(rows)] = (rows + 0.5) * (pixels.shape[0] / shape[0]) - 0.5
    x.reshape(-1)[:len(rows)] = (columns + 0.5) * (pixels.shape[1] / shape[1]) - 0.5
    if not y.size:
        return np.empty((0, pixels.shape[2]), np.float32)
    found = cv2.remap(pixels.astype(np.float32), x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return found.reshape(-1, pixels.shape[2])[:len(rows)]


def average_near(values: np.ndarray, weight: np.ndarray, sigma: float, least: float = 1e-4) -> np.ndarray:
    """Gaussian average of ``values`` (h, w, c) weighed by ``weight`` (h, w), float32; towards 0 where there is less
    than ``least`` of that near."""
    total = cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma).reshape(values.shape)
    return total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), least)[..., None]


def push_pull(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """A smooth field through ``values`` (h, w, c) where ``weight`` (h, w) is above 0, spread everywhere else.

    Push-pull: Gortler et al., "The Lumigraph", SIGGRAPH 1996.
    """
    weight = np.clip(weight, 0, 1)
    if min(weight.shape) <= 1 or max(weight.shape) <= 2:
        total = weight.sum()
        return np.broadcast_to((values * weight[..., None]).sum(axis=(0, 1)) / max(total, 1e-6), values.shape)
    size = (-(-weight.shape[1] // 2), -(-weight.shape[0] // 2))
    small_weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(values * weight[..., None], size, interpolation=cv2.INTER_AREA)
    small = small.reshape(*size[::-1], -1) / np.maximum(small_weight, 1e-6)[..., None]
    below = push_pull(small, np.minimum(1, 4 * small_weight))
    up = cv2.resize(np.ascontiguousarray(below, np.float32), weight.shape[::-1], interpolation=cv2.INTER_LINEAR)
    up = up.reshape(values.shape)
    return values * weight[..., None] + up * (1 - weight[..., None])
