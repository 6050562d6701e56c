"""Pictures that are laid over parts of the photograph for a while, to show what may come."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from editor.app.canvas.view import View
from editor.raster.surface import Box


class Previews:
    """Each lies over a box of the photograph, at whatever size it was made; the screen enlarges it smoothly."""

    def __init__(self) -> None:
        self._shown: dict[Box, QImage] = {}

    def show(self, box: Box, pixels: np.ndarray) -> Box:
        """Show (h, w, 4) uint8 straight-alpha sRGB over a box of the photo, in the place of what was shown there.

        Returns the box of all that looks different now.
        """
        changed = box
        for other in [other for other in self._shown if not other.intersect(box).empty]:
            del self._shown[other]
            changed = changed.union(other)
        height, width = pixels.shape[:2]
        pixels = np.ascontiguousarray(pixels)
        straight = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
        self._shown[box] = straight.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        return changed

    @property
    def box(self) -> Box:
        """Round all that are shown."""
        around = Box(0, 0, 0, 0)
        for box in self._shown:
            around = around.union(box)
        return around

    def clear(self) -> Box:
        """Show none; returns the box round those that were shown."""
        changed = self.box
        self._shown.clear()
        return changed

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        """In logical pixels of the canvas; ``ratio`` is the screen's device pixels a logical one."""
        photo = Box(0, 0, *view.photo)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for box, image in self._shown.items():
            part = box.intersect(photo)
            if part.empty:
                continue
            left, top = view.to_device(part.left, part.top)
            right, bottom = view.to_device(part.right, part.bottom)
            across, down = image.width() / box.width, image.height() / box.height
            painter.drawImage(
                QRectF(left / ratio, top / ratio, (right - left) / ratio, (bottom - top) / ratio), image,
                QRectF((part.left - box.left) * across, (part.top - box.top) * down, part.width * across,
                       part.height * down))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
