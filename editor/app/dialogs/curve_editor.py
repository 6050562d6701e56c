"""A curve of tones, bent by its points."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from editor.app.dialogs.histogram import COLOURS, MARGIN, STEP, paint_histogram
from editor.app.theme import ACCENT, MUTED, SUNKEN
from editor.raster.adjustments import Curve, Point

_SIDE = 272  # logical pixels of the plot
_NEAR = 9.0  # logical pixels: a press so near to a point takes it
_AWAY = 32.0  # dragged so far out of the plot, a point is thrown away
_RADIUS = 4.0
_MOST = 24  # points
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_GRID = QColor(0x3C, 0x3C, 0x3C)


class CurveEditor(QWidget):
    """objectName ``curve``. ``changed(Curve)`` by the user, ``chosen`` when another point is.

    Press on the curve for a new point and drag it; drag it out, or press it with the right button, and it is gone.
    Arrow keys move the chosen point (with Shift by more), Page Up and Page Down choose the next and the one before,
    Insert adds one, Delete takes it away.
    """

    changed = Signal(object)
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="curve")
        self.setAccessibleName("Curve: arrow keys move the point, Page Up and Page Down choose another")
        self.setToolTip("Drag the curve; drag a point out, or press Delete, to take it away; Insert adds one")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(self.sizeHint())
        self.counts: np.ndarray | None = None
        self._curve = Curve()
        self._channel = "master"
        self._at = 0  # number of the chosen point
        self._dragging = False
        self._without: Curve | None = None  # while a point is dragged: the curve if it is thrown away

    def sizeHint(self) -> QSize:
        return QSize(_SIDE + 2 * MARGIN, _SIDE + 2 * MARGIN)

    @property
    def curve(self) -> Curve:
        return self._curve

    @property
    def point(self) -> Point:
        """The chosen point."""
        return self._curve.points[self._at]

    def set_curve(self, curve: Curve, channel: str) -> None:
        self._curve, self._channel = curve, channel
        self._at = min(self._at, len(curve.points) - 1)
        self.update()

    def set_counts(self, counts: np.ndarray) -> None:
        self.counts = counts
        self.update()

    def move_point(self, x: float, y: float) -> None:
        """Put the chosen point there, or as near as its neighbours let it."""
        points = list(self._curve.points)
        low = points[self._at - 1][0] + STEP if self._at > 0 else 0.0
        high = points[self._at + 1][0] - STEP if self._at + 1 < len(points) else 1.0
        points[self._at] = (min(max(x, low), high), min(max(y, 0.0), 1.0))
        self._use(tuple(points))

    def remove_point(self) -> None:
        """Take the chosen point away; two are always left."""
        if len(self._curve.points) > 2:
            points = self._curve.points[:self._at] + self._curve.points[self._at + 1:]
            self._at = max(self._at - 1, 0)
            self._use(points)
            self.chosen.emit()

    def add_point(self, x: float, y: float) -> bool:
        """One more; False where there is no room between two, or there are many already."""
        points = self._curve.points
        at = sum(point[0] < x for point in points)
        gap = min((abs(point[0] - x) for point in points), default=1.0)
        if gap < STEP or len(points) >= _MOST:
            return False
        self._at = at
        self._use((*points[:at], (x, min(max(y, 0.0), 1.0)), *points[at:]))
        self.chosen.emit()
        return True

    def place_of(self, point: Point) -> QPointF:
        """Where a point is drawn, in the widget's coordinates."""
        plot = self._plot()
        return QPointF(plot.left() + point[0] * plot.width(), plot.bottom() - point[1] * plot.height())

    def _use(self, points: tuple[Point, ...]) -> None:
        self._curve = Curve(points)
        self.update()
        self.changed.emit(self._curve)

    def _plot(self) -> QRectF:
        return QRectF(MARGIN, MARGIN, _SIDE, _SIDE)

    def _tones_at(self, place: QPointF) -> Point:
        plot = self._plot()
        x, y = (place.x() - plot.left()) / plot.width(), (plot.bottom() - place.y()) / plot.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        apart = [(self.place_of(point) - event.position()).manhattanLength() for point in self._curve.points]
        nearest = int(np.argmin(apart))
        on_point = apart[nearest] < _NEAR
        if on_point:
            self._at = nearest
            self.chosen.emit()
        if event.button() == Qt.MouseButton.RightButton and on_point:
            self.remove_point()
        elif event.button() == Qt.MouseButton.LeftButton and (on_point or self.add_point(
                *self._tones_at(event.position()))):
            self._dragging = True
            points = self._curve.points[:self._at] + self._curve.points[self._at + 1:]
            self._without = Curve(points) if len(points) >= 2 else None
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._dragging:
            return
        within = self._plot().adjusted(-_AWAY, -_AWAY, _AWAY, _AWAY)
        if self._without is not None and not within.contains(event.position()):
            self._dragging = False
            self.remove_point()
        else:
            self.move_point(*self._tones_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        far = STEP * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        count = len(self._curve.points)
        if event.key() in _ARROWS:
            across, up = _ARROWS[event.key()]
            self.move_point(self.point[0] + far * across, self.point[1] + far * up)
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._at = (self._at + (1 if event.key() == Qt.Key.Key_PageUp else -1)) % count
            self.chosen.emit()
            self.update()
        elif event.key() == Qt.Key.Key_Insert:
            after = min(self._at, count - 2)
            x = (self._curve.points[after][0] + self._curve.points[after + 1][0]) / 2
            self.add_point(x, float(self._curve(np.array([x]))[0]))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_point()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        painter.fillRect(plot, SUNKEN)
        paint_histogram(painter, plot, self.counts, self._channel)
        painter.setPen(QPen(_GRID, 1.0))
        for part in (0.25, 0.5, 0.75):
            painter.drawLine(self.place_of((part, 0)), self.place_of((part, 1)))
            painter.drawLine(self.place_of((0, part)), self.place_of((1, part)))
        painter.drawLine(self.place_of((0, 0)), self.place_of((1, 1)))
        across = np.linspace(0, 1, _SIDE + 1)
        painter.setPen(QPen(COLOURS[self._channel].lighter(115), 1.75))
        painter.drawPolyline(QPolygonF([self.place_of(point)
                                        for point in zip(across, self._curve(across), strict=True)]))
        for number, point in enumerate(self._curve.points):
            chosen = number == self._at
            painter.setPen(QPen(ACCENT.lighter(150) if chosen and self.hasFocus() else MUTED, 1.5))
            painter.setBrush(Qt.GlobalColor.white if chosen else SUNKEN)
            painter.drawEllipse(self.place_of(point), _RADIUS, _RADIUS)
        painter.end()
