"""Pictures from the clipboard as arrays."""

import numpy as np
from PySide6.QtGui import QImage

from editor.document.document import Document
from editor.raster.colour import as_depth, from_srgb8
from editor.raster.surface import Surface


def array_of(image: QImage) -> np.ndarray:
    """(h, w, 3 or 4) uint8 sRGB, straight alpha if the picture has any transparency."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, :4 * image.width()].reshape(image.height(), image.width(), 4)
    return pixels[..., :3].copy() if (pixels[..., 3] == 255).all() else pixels.copy()


def layer_of(pixels: np.ndarray, document: Document) -> Surface:
    """An sRGB picture (h, w, 3 or 4) uint8 as a layer's pixels: in the middle, cut to the photograph."""
    dtype = document.photo.pixels.dtype
    colour = from_srgb8(np.ascontiguousarray(pixels[..., :3]), document.photo.profile, document.colours, dtype)
    alpha = pixels[..., 3:] if pixels.shape[2] == 4 else np.full((*pixels.shape[:2], 1), 255, np.uint8)
    whole = np.concatenate([colour, as_depth(alpha, dtype)], axis=2)
    whole[alpha[..., 0] == 0] = 0
    height, width = document.shape
    surface = Surface(document.shape, document.colours + 1, dtype)
    surface.write(whole, ((height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2))
    return surface
