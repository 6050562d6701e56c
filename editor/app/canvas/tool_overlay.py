"""What the chosen tool draws over the picture while it is at work: outlines, handles, a few words."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from editor.app.canvas.canvas import Canvas

_HANDLES, _HALO = QColor(0xFF, 0xFF, 0xFF), QColor(0, 0, 0, 150)
_WORDS, _GROUND = QColor(0xF0, 0xF0, 0xF0), QColor(0x1C, 0x1C, 0x1C, 210)
_HANDLE = 3.5  # logical pixels: half a handle's square
_DASH = 4.0  # widths of the line
_ASIDE = 16.0  # logical pixels from the pointer to the words
_PADDING = 5.0  # round the words
_NEAR = 0.75  # device pixels: a point nearer than that to the one before adds nothing to a line


@dataclass(frozen=True, eq=False)
class Line:
    """A broken line through ``points`` ((n, 2) floats, photo coordinates x, y)."""

    points: np.ndarray
    closed: bool = False
    dashed: bool = False
    colour: tuple[int, int, int] = (255, 255, 255)
    width: float = 1.25  # logical pixels of the screen


@dataclass(frozen=True)
class Drawing:
    """What a tool shows of its work, in photo coordinates (x, y)."""

    lines: tuple[Line, ...] = ()
    handles: tuple[tuple[float, float], ...] = ()  # small squares
    words: str = ""  # beside the pointer


class ToolOverlay(QWidget):
    """objectName ``tool-overlay``. Lies over the canvas and lets the pointer through; hidden while there is nothing to
    draw, so that it costs nothing. Lines are as thin at any scale.
    """

    def __init__(self, canvas: Canvas):
        super().__init__(canvas)
        self.setObjectName("tool-overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._canvas = canvas
        self.drawing: Drawing | None = None
        canvas.view_changed.connect(self._follow)
        self.hide()

    def show_drawing(self, drawing: Drawing | None) -> None:
        """Draw this in the place of what was drawn before; None for nothing."""
        self.drawing = drawing
        self._follow()

    def _follow(self) -> None:
        self.setGeometry(self._canvas.rect())
        self.setVisible(self.drawing is not None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint(painter)
        finally:
            painter.end()  # one left open by an error takes the program down

    def _paint(self, painter: QPainter) -> None:
        for line in self.drawing.lines:
            polygon = self._polygon(line.points)
            halo, pen = QPen(_HALO, line.width + 1.75), QPen(QColor(*line.colour), line.width)
            if line.dashed:
                pen.setDashPattern([_DASH, _DASH])
            for one in (halo, pen):
                one.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                painter.setPen(one)
                (painter.drawPolygon if line.closed else painter.drawPolyline)(polygon)
        painter.setPen(QPen(_HALO, 1.0))
        painter.setBrush(_HANDLES)
        for x, y in self.drawing.handles:
            at = self._polygon(np.array([[x, y]]))[0]
            painter.drawRect(QRectF(at.x() - _HANDLE, at.y() - _HANDLE, 2 * _HANDLE, 2 * _HANDLE))
        if self.drawing.words and (pointer := self._canvas.pointer) is not None:
            self._paint_words(painter, pointer)

    def _paint_words(self, painter: QPainter, pointer: QPointF) -> None:
        metrics = QFontMetricsF(self.font())
        width, height = metrics.horizontalAdvance(self.drawing.words) + 2 * _PADDING, metrics.height() + 2 * _PADDING
        left = min(pointer.x() + _ASIDE, self.width() - width)
        top = min(pointer.y() + _ASIDE, self.height() - height)
        box = QRectF(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GROUND)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(_WORDS)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.drawing.words)

    def _polygon(self, points: np.ndarray) -> QPolygonF:
        """Photo points in logical pixels of the canvas, without those that nobody could see apart."""
        view = self._canvas.view
        places = np.asarray(points, float) * view.scale + (view.left, view.top)
        if len(places) > 2:
            steps = np.floor(places / _NEAR)
            apart = np.any(steps[1:] != steps[:-1], axis=1)
            places = places[np.concatenate(([True], apart[:-1], [True]))]
        return QPolygonF([QPointF(x, y) for x, y in places / self.devicePixelRatioF()])
