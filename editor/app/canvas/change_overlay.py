"""The map of changes as it is seen over the picture."""

import math

import numpy as np
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.sampling import on_photo
from editor.app.canvas.view import View
from editor.document.changes import ChangeMap, class_table
from editor.raster.surface import Box, keys_in, level_shape, tile_box

COLOURS = ((255, 221, 51), (255, 128, 0), (233, 30, 170))
"""sRGB of each class of change, slight to strong: told apart by lightness too, and none of them the mask's red."""

_OPACITY = 0.8


class ChangeOverlay:
    """Paints a map of changes on the canvas. Drawn again only for another view, or after ``show``."""

    def __init__(self, canvas: Canvas):
        self._canvas = canvas
        self._map: ChangeMap | None = None
        self._drawn: tuple[View, np.ndarray] | None = None
        canvas.veils.append(self._paint)

    def show(self, found: ChangeMap | None) -> None:
        """Show this map, or the same one that has other tiles by now; None shows nothing."""
        self._map, self._drawn = found, None
        self._canvas.update()

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        view = self._canvas.view
        if self._map is None or self._map.shape != view.photo:
            return
        if self._drawn is None or self._drawn[0] != view:
            self._drawn = view, draw(self._map, view)
        ratio = self._canvas.devicePixelRatioF()
        height, width = view.canvas
        image = QImage(self._drawn[1].data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(QRectF(rect), image, QRectF(rect.x() * ratio, rect.y() * ratio, rect.width() * ratio,
                                                      rect.height() * ratio))


def draw(found: ChangeMap, view: View) -> np.ndarray:
    """(height, width) uint32 premultiplied ARGB of the whole canvas.

    Every changed pixel is seen: reduced views take the largest change, from a level that has no more than one pixel
    for each device pixel.
    """
    out = np.zeros(view.canvas, np.uint32)
    inside = on_photo(view, Box(0, 0, *view.canvas))
    if inside.empty:
        return out
    level = max(0, math.ceil(-math.log2(view.scale) - 1e-9))
    scale, (height, width) = view.scale * 2**level, level_shape(view.photo, level)
    columns = np.clip(((np.arange(inside.left, inside.right) + 0.5 - view.left) / scale).astype(np.intp), 0, width - 1)
    rows = np.clip(((np.arange(inside.top, inside.bottom) + 0.5 - view.top) / scale).astype(np.intp), 0, height - 1)
    around = Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    seen = np.zeros((around.height, around.width), np.uint8)
    for key in keys_in(around):
        tile = found.tile(key, level)
        if tile is not None:
            part, corner = tile_box(key).intersect(around), tile_box(key)
            seen[part.shift(-around.top, -around.left).slices] = tile[part.shift(-corner.top, -corner.left).slices]
    out[inside.slices] = _ARGB[seen.take(columns - around.left, axis=1).take(rows - around.top, axis=0)]
    return out


def _argb() -> np.ndarray:
    """(256,) uint32 premultiplied ARGB of each strength."""
    alpha = round(255 * _OPACITY)
    values = [0, *(alpha << 24 | round(red * _OPACITY) << 16 | round(green * _OPACITY) << 8 | round(blue * _OPACITY)
                   for red, green, blue in COLOURS)]
    return np.array(values, np.uint32)[class_table()]


_ARGB = _argb()
