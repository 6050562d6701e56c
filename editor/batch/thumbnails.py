"""Small pictures of before and after."""

import cv2
import numpy as np

from editor.raster.colour import to_srgb8

SIDE = 280
"""Pixels of the longer side."""

_QUALITY = 75


def thumbnail(pixels: np.ndarray, profile: bytes | None) -> bytes:
    """(h, w, 1 to 4) uint8 or uint16 as a JPEG of SIDE pixels at most; what is transparent is laid on white."""
    height, width = pixels.shape[:2]
    factor = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    # In strips of whole rows: resizing a large photo at once would copy it.
    step = max(1, height // size[1])
    small = cv2.resize(pixels[::step], size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], pixels.shape[2])
    colours = 1 if pixels.shape[2] < 3 else 3
    seen = to_srgb8(np.ascontiguousarray(small[..., :colours]), profile)
    if small.shape[2] > colours:
        alpha = small[..., -1:] / np.float32(np.iinfo(small.dtype).max)
        seen = np.rint(seen * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return cv2.imencode(".jpg", seen[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))[1].tobytes()
