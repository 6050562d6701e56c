"""Another picture that lies on the canvas, under the lines, as opaque as is wanted."""

import numpy as np
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QImage, QPainter, QTransform

from editor.app.canvas.canvas import Canvas
from editor.raster.placement import Placement


class LaidPicture:
    """Shown from ``show`` to ``hide``; ``pixels`` (h, w, 3) uint8 sRGB."""

    def __init__(self, canvas: Canvas):
        self._canvas = canvas
        self._image: QImage | None = None
        self._pixels: np.ndarray | None = None  # that the image looks into
        self._placement: Placement | None = None
        self._opacity = 0.5
        canvas.underlays.append(self._paint)

    def show(self, pixels: np.ndarray) -> None:
        height, width = pixels.shape[:2]
        self._pixels = np.ascontiguousarray(pixels)
        self._image = QImage(self._pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)

    def lay(self, placement: Placement) -> None:
        self._placement = placement
        self._canvas.update()

    def fade(self, opacity: float) -> None:
        self._opacity = opacity
        self._canvas.update()

    def hide(self) -> None:
        self._image = self._pixels = self._placement = None
        self._canvas.update()

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        if self._image is None or self._placement is None:
            return
        (a, b, x), (c, d, y) = self._placement.matrix()
        view, ratio = self._canvas.view, self._canvas.devicePixelRatioF()
        painter.save()
        painter.setOpacity(self._opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        to_canvas = QTransform.fromTranslate(view.left, view.top).scale(view.scale, view.scale)
        painter.setTransform(QTransform(a, c, b, d, x, y) * to_canvas * QTransform.fromScale(1 / ratio, 1 / ratio))
        painter.drawImage(QPointF(0, 0), self._image)
        painter.restore()
