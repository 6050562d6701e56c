"""The face frame as it is seen over the picture: a line with a dark halo, and what it is taken by."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from editor.app.canvas.canvas import Canvas
from editor.app.tools.frame_handles import knob
from editor.document.document import Document

_LINE, _HALO = QColor(0x7F, 0xD4, 0xFF), QColor(0, 0, 0, 150)
_CORNER, _KNOB = 4.0, 5.0  # logical pixels: half a corner's square, the knob's radius


class FrameOverlay(QWidget):
    """Lies over the canvas and lets the pointer through; hidden while there is no frame, so that it costs nothing.

    Drawn in the screen's own pixels, at whatever scale the photo is seen.
    """

    def __init__(self, canvas: Canvas):
        super().__init__(canvas)
        self.setObjectName("face-frame")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._canvas = canvas
        self._document: Document | None = None
        self._handles = False
        canvas.view_changed.connect(self._follow)
        self.hide()

    def set_document(self, document: Document | None) -> None:
        if self._document is not None:
            self._document.frame_changed.disconnect(self._follow)
        self._document = document
        if document is not None:
            document.frame_changed.connect(self._follow)
        self._follow()

    def show_handles(self, shown: bool) -> None:
        """Only the frame's tool has a use for them."""
        self._handles = shown
        self.update()

    def _follow(self) -> None:
        self.setGeometry(self._canvas.rect())
        self.setVisible(self._document is not None and self._document.frame is not None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        frame = self._document.frame
        corners = [self._at(y, x) for y, x in frame.corners()]
        knob_place = knob(frame, self._canvas.pixel)
        top = self._at(knob_place.y, knob_place.x)
        middle = (corners[0] + corners[1]) / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in (QPen(_HALO, 3.5), QPen(_LINE, 1.5)):
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawPolygon(QPolygonF(corners))
            painter.drawLine(middle, top if self._handles else middle + (top - middle) / 3)
        if self._handles:
            painter.setPen(QPen(_HALO, 1.0))
            painter.setBrush(_LINE)
            for corner in corners:
                painter.drawRect(QRectF(corner.x() - _CORNER, corner.y() - _CORNER, 2 * _CORNER, 2 * _CORNER))
            painter.drawEllipse(top, _KNOB, _KNOB)

    def _at(self, y: float, x: float) -> QPointF:
        """A photo point in logical pixels of the canvas."""
        left, top = self._canvas.view.to_device(x, y)
        return QPointF(left, top) / self.devicePixelRatioF()
