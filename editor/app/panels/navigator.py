"""The navigator: a small picture of the whole, what of it is in sight, and the zoom."""

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.renderer import Renderer
from editor.app.canvas.view import MAX_SCALE, MIN_SCALE, View
from editor.app.slider import Slider
from editor.app.theme import SUNKEN
from editor.document.document import PLANES, Document
from editor.raster.surface import Box

_AFTER = 250  # milliseconds without a change before the picture is drawn anew
_STEPS = 100  # of the slider for a doubling
_MARGIN = 6.0  # logical pixels round the picture
_SHADE = QColor(0, 0, 0, 130)  # over what is out of sight
_FRAME, _HALO = QColor(0xFF, 0xFF, 0xFF), QColor(0, 0, 0, 170)
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_STRIDE = 0.1  # of what is in sight, that an arrow key moves on


class NavigatorPanel(QWidget):
    """objectName ``navigator``. The frame is dragged; a click elsewhere brings that place to the middle."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None):
        super().__init__(parent, objectName="navigator")
        self._canvas = canvas
        self.overview = _Overview(canvas, self)
        self.zoom = Slider(Qt.Orientation.Horizontal, self, objectName="navigator-zoom",
                           minimum=round(math.log2(MIN_SCALE) * _STEPS), maximum=round(math.log2(MAX_SCALE) * _STEPS),
                           toolTip="Zoom")
        self.zoom.setAccessibleName("Zoom")
        self._share = QLabel(self, alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._share.setMinimumWidth(self._share.fontMetrics().horizontalAdvance("6400 %") + 4)
        row = QHBoxLayout()
        row.addWidget(self.zoom, 1)
        row.addWidget(self._share)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.overview, 1)
        column.addLayout(row)
        self.zoom.valueChanged.connect(self._set_zoom)
        canvas.view_changed.connect(self._follow)
        self.set_document(None)

    def sizeHint(self) -> QSize:
        return QSize(300, 200)

    def set_document(self, document: Document | None) -> None:
        """Show another document, or none."""
        self.overview.set_document(document)
        self.zoom.setEnabled(document is not None)
        self._follow()

    def _follow(self) -> None:
        scale = self._canvas.view.scale
        with QSignalBlocker(self.zoom):
            self.zoom.setValue(round(math.log2(scale) * _STEPS))
        self._share.setText(f"{scale * 100:.3g} %" if self._canvas.document else "")
        self.overview.update()

    def _set_zoom(self, value: int) -> None:
        """About the middle: where the pointer was last is no matter here."""
        scale = 2 ** (value / _STEPS)
        self._canvas.zoom(scale / self._canvas.view.scale, QPointF(self._canvas.rect().center()))


class _Overview(QWidget):
    """objectName ``overview``."""

    def __init__(self, canvas: Canvas, parent: QWidget):
        super().__init__(parent, objectName="overview", focusPolicy=Qt.FocusPolicy.StrongFocus,
                         toolTip="What is in sight: drag the frame, or click where to go")
        self.setAccessibleName("Overview")
        self.setMinimumSize(80, 60)
        self._canvas = canvas
        self._document: Document | None = None
        self._pixmap: QPixmap | None = None
        self._grabbed: QPointF | None = None  # from the frame's middle to where it is held, in photo pixels
        self._later = QTimer(self, singleShot=True, interval=_AFTER)
        self._later.timeout.connect(self._draw)

    def set_document(self, document: Document | None) -> None:
        if self._document is not None:
            self._document.tiles_changed.disconnect(self._on_tiles)
            self._document.layers_changed.disconnect(self._wait)
            self._document.reshaped.disconnect(self._on_reshaped)
        self._document, self._pixmap, self._grabbed = document, None, None
        if document is not None:
            document.tiles_changed.connect(self._on_tiles)
            document.layers_changed.connect(self._wait)
            document.reshaped.connect(self._on_reshaped)
        self._wait()
        self.update()

    @property
    def picture(self) -> QRectF:
        """Where the photograph lies, in logical pixels."""
        height, width = self._document.shape
        room = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        scale = min(room.width() / width, room.height() / height)
        place = QRectF(0, 0, width * scale, height * scale)
        place.moveCenter(room.center())
        return place

    @property
    def frame(self) -> QRectF:
        """What is in sight, in logical pixels."""
        seen, place = self._canvas.view.photo_box(), self.picture
        scale = place.width() / self._document.shape[1]
        return QRectF(place.x() + seen.left * scale, place.y() + seen.top * scale, seen.width * scale,
                      seen.height * scale)

    def _on_tiles(self, surface: str, keys: frozenset, box: Box) -> None:
        if surface not in PLANES:
            self._wait()

    def _on_reshaped(self) -> None:
        self._pixmap = None
        self._wait()

    def _wait(self) -> None:
        if self._document is None:
            self._later.stop()
        else:
            self._later.start()

    def _draw(self) -> None:
        """From the mip level that is just large enough: some milliseconds, however large the photograph."""
        if self._document is None or not self.isVisible():
            return
        place, ratio = self.picture, self.devicePixelRatioF()
        height, width = max(1, round(place.height() * ratio)), max(1, round(place.width() * ratio))
        photo = self._document.shape
        # Renderer draws at one scale; the last fraction of a pixel is left to the pixmap.
        view = View(photo, (height, width), min(height / photo[0], width / photo[1]))
        drawn = Renderer(self._document).draw(view, Box(0, 0, height, width), 0)
        self._pixmap = _pixmap(drawn)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), SUNKEN)
        if self._document is None:
            return
        place, frame = self.picture, self.frame
        if self._pixmap is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, self._pixmap, QRectF(self._pixmap.rect()))
        for part in _round(place, frame):
            painter.fillRect(part, _SHADE)
        for pen in (QPen(_HALO, 3), QPen(_FRAME, 1.5 if not self.hasFocus() else 2.5)):
            painter.setPen(pen)
            painter.drawRect(frame)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._wait()

    def showEvent(self, event: QShowEvent) -> None:
        self._wait()

    def focusInEvent(self, event: QEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._document is None or event.button() != Qt.MouseButton.LeftButton:
            return
        frame = self.frame
        inside = frame.contains(event.position())
        self._grabbed = event.position() - frame.center() if inside else QPointF(0, 0)
        self._go_to(event.position() - self._grabbed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event.position() - self._grabbed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._document is None or event.key() not in _ARROWS:
            super().keyPressEvent(event)
            return
        right, down = _ARROWS[event.key()]
        view = self._canvas.view
        self._canvas.set_view(view.panned(-right * _STRIDE * view.canvas[1], -down * _STRIDE * view.canvas[0]))

    def _go_to(self, middle: QPointF) -> None:
        """Bring the photo's point under ``middle`` to the middle of the canvas."""
        place = self.picture
        x = (middle.x() - place.x()) / place.width() * self._document.shape[1]
        y = (middle.y() - place.y()) / place.height() * self._document.shape[0]
        view = self._canvas.view
        at_x, at_y = view.to_device(x, y)
        self._canvas.set_view(view.panned(view.canvas[1] / 2 - at_x, view.canvas[0] / 2 - at_y))


def _pixmap(drawn: np.ndarray) -> QPixmap:
    """Of (h, w) uint32 0xffRRGGBB."""
    height, width = drawn.shape
    return QPixmap.fromImage(QImage(drawn.data, width, height, 4 * width, QImage.Format.Format_RGB32))


def _round(outer: QRectF, inner: QRectF) -> tuple[QRectF, ...]:
    """What of ``outer`` lies round ``inner``."""
    inner = inner.intersected(outer)
    return (QRectF(outer.topLeft(), QPointF(outer.right(), inner.top())),
            QRectF(QPointF(outer.left(), inner.bottom()), outer.bottomRight()),
            QRectF(QPointF(outer.left(), inner.top()), inner.bottomLeft()),
            QRectF(inner.topRight(), QPointF(outer.right(), inner.bottom())))
