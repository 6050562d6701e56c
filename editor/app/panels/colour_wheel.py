"""A ring of hues round a square of their shades."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QConicalGradient,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from editor.app.tools.palette import Colour

_SIDE = 208
_RING = 20.0  # width of the ring
_GAP = 6.0  # between the ring and the square's corners
_MARK = 5.0  # radius of the marks
_STEP = 0.01  # of an arrow key; ten times as far with Shift


class ColourWheel(QWidget):
    """objectName ``colour-wheel``. Drag on the ring for the hue; in the square, saturation goes across and value up.

    Arrow keys move in the square, Page Up and Page Down round the ring. Black and grey keep the hue that was there.
    """

    chosen = Signal(tuple)  # Colour, by the user

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="colour-wheel")
        self.setAccessibleName("Colour: arrow keys for saturation and value, Page Up and Page Down for the hue")
        self.setToolTip("The ring has the hues, the square their shades")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(_SIDE, _SIDE)
        self._hue, self._saturation, self._value = 0.0, 0.0, 0.0  # 0..1 each
        self._on_ring: bool | None = None  # what is dragged

    def colour(self) -> Colour:
        return QColor.fromHsvF(self._hue, self._saturation, self._value).getRgb()[:3]

    def set_colour(self, colour: Colour) -> None:
        if colour == self.colour():
            return  # rounding must not move the marks
        hue, saturation, value, _ = QColor(*colour).getHsvF()
        self._hue = hue if hue >= 0 else self._hue
        self._saturation, self._value = (saturation if value > 0 else self._saturation), value
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    @property
    def _centre(self) -> QPointF:
        return QPointF(_SIDE / 2, _SIDE / 2)

    def _square(self) -> QRectF:
        side = math.sqrt(2) * (_SIDE / 2 - _RING - _GAP)
        return QRectF(self._centre.x() - side / 2, self._centre.y() - side / 2, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hues = QConicalGradient(self._centre, 0)
        for sixth in range(7):
            hues.setColorAt(sixth / 6, QColor.fromHsvF(sixth % 6 / 6, 1, 1))
        radius = _SIDE / 2 - _RING / 2 - 1
        painter.setPen(QPen(hues, _RING))
        painter.drawEllipse(self._centre, radius, radius)
        square = self._square()
        across, down = QLinearGradient(square.topLeft(), square.topRight()), QLinearGradient(
            square.topLeft(), square.bottomLeft())
        across.setColorAt(0, QColor(255, 255, 255))
        across.setColorAt(1, QColor.fromHsvF(self._hue, 1, 1))
        down.setColorAt(0, QColor(0, 0, 0, 0))
        down.setColorAt(1, QColor(0, 0, 0, 255))
        painter.fillRect(square, across)
        painter.fillRect(square, down)
        turn = 2 * math.pi * self._hue
        self._mark(painter, self._centre + QPointF(math.cos(turn), -math.sin(turn)) * radius)
        self._mark(painter, QPointF(square.left() + self._saturation * square.width(),
                                    square.bottom() - self._value * square.height()))
        if self.hasFocus():
            painter.setPen(QPen(self.palette().highlight().color(), 1.5))
            painter.drawRect(square.adjusted(-2, -2, 2, 2))

    @staticmethod
    def _mark(painter: QPainter, at: QPointF) -> None:
        for colour, radius in ((QColor(0, 0, 0, 180), _MARK + 1), (QColor(255, 255, 255), _MARK)):
            painter.setPen(QPen(colour, 1.5))
            painter.drawEllipse(at, radius, radius)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            away = event.position() - self._centre
            self._on_ring = math.hypot(away.x(), away.y()) > _SIDE / 2 - _RING - _GAP / 2
            self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._on_ring is not None:
            self._drag(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._on_ring = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEP * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        moves = {Qt.Key.Key_Left: (0, -step, 0), Qt.Key.Key_Right: (0, step, 0), Qt.Key.Key_Up: (0, 0, step),
                 Qt.Key.Key_Down: (0, 0, -step), Qt.Key.Key_PageUp: (step, 0, 0), Qt.Key.Key_PageDown: (-step, 0, 0)}
        if event.key() in moves:
            hue, saturation, value = moves[event.key()]
            self._choose(self._hue + hue, self._saturation + saturation, self._value + value)
        else:
            super().keyPressEvent(event)

    def _drag(self, at: QPointF) -> None:
        away = at - self._centre
        if self._on_ring:
            self._choose(math.atan2(-away.y(), away.x()) / (2 * math.pi), self._saturation, self._value)
        else:
            square = self._square()
            self._choose(self._hue, (at.x() - square.left()) / square.width(),
                         (square.bottom() - at.y()) / square.height())

    def _choose(self, hue: float, saturation: float, value: float) -> None:
        self._hue = hue % 1.0
        self._saturation, self._value = min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0)
        self.update()
        self.chosen.emit(self.colour())
