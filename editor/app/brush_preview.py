"""What a brush paints, as a small picture."""

import math
from dataclasses import replace

import numpy as np
from PySide6.QtGui import QColor, QImage

from editor.raster.brush import FULL, Brush, Point, Stroke
from editor.raster.surface import Box

_POINTS = 40
_WIDEST = 0.7  # of the picture's height: larger brushes are shown smaller


def stroke_image(brush: Brush, width: int, height: int, ratio: float, colour: QColor) -> QImage:
    """A waved stroke of a pen whose pressure comes and goes, on nothing; in logical pixels."""
    shape = round(height * ratio), round(width * ratio)
    size = min(brush.size * ratio, _WIDEST * shape[0])
    stroke = Stroke(shape, replace(brush, size=size, smoothing=0.0))
    margin = size / 2 + 2 * ratio
    swing = (shape[0] - size) / 2 - ratio
    for i in range(_POINTS + 1):
        t = i / _POINTS
        point = Point(margin + t * (shape[1] - 2 * margin), shape[0] / 2 - swing * math.sin(2 * math.pi * t),
                      math.sin(math.pi * t))
        (stroke.move if i else stroke.begin)(point)
    stroke.finish()
    share = stroke.coverage(Box(0, 0, *shape)) * (brush.opacity / FULL)
    channels = [np.rint(share * value).astype(np.uint8) for value in (colour.blue(), colour.green(), colour.red(), 255)]
    pixels = np.dstack(channels)  # premultiplied, as 0xAARRGGBB lies in memory
    image = QImage(pixels.data, shape[1], shape[0], 4 * shape[1], QImage.Format.Format_ARGB32_Premultiplied).copy()
    image.setDevicePixelRatio(ratio)
    return image
