"""How often each tone occurs, and handles on the tones beneath it."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from editor.app.theme import ACCENT, MUTED, SUNKEN

MARGIN = 7  # logical pixels left and right of the tones, so that a handle at the end is whole
STEP = 1 / 255  # of an arrow key; ten times as far with Shift

COLOURS = {"master": QColor(0xC8, 0xC8, 0xC8), "red": QColor(0xF0, 0x5A, 0x50), "green": QColor(0x50, 0xC8, 0x5A),
           "blue": QColor(0x5A, 0x96, 0xFF)}
"""Of a channel, on the dark ground."""

_OF_THREE = (QColor(0x6C, 0x14, 0x14), QColor(0x14, 0x5C, 0x14), QColor(0x18, 0x28, 0x7C))  # added up they are grey
_HEIGHT, _WIDTH = 120, 256 + 2 * MARGIN
_PEAK = 0.995  # quantile of the counts that fills the height: single peaks may be cut
_HANDLE = 6.0  # half a handle's width
_BAR = 8  # height of the bar of tones


def plot(widget: QWidget) -> QRectF:
    """Where the tones are drawn."""
    return QRectF(MARGIN, 0, widget.width() - 2 * MARGIN, widget.height())


def paint_histogram(painter: QPainter, where: QRectF, counts: np.ndarray | None, channel: str) -> None:
    """``counts`` (c, n) of all channels, or of the one named; None: they are not known yet."""
    if counts is None:
        return
    chosen = list(counts) if channel == "master" else [counts[("red", "green", "blue").index(channel)]]
    colours = _OF_THREE if len(chosen) == 3 else (COLOURS[channel].darker(220),)
    inner = np.concatenate([one[1:-1] for one in chosen])  # what is lost at the ends would dwarf all else
    top = max(float(np.quantile(inner, _PEAK)), 1.0) * 1.1
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
    for one, colour in zip(chosen, colours, strict=True):
        across = where.left() + (np.arange(len(one)) + 0.5) / len(one) * where.width()
        up = where.bottom() - np.minimum(one / top, 1) * where.height()
        shape = [QPointF(where.left(), where.bottom()), *map(QPointF, across, up), where.bottomRight()]
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(shape))
    painter.restore()


class Histogram(QWidget):
    """objectName ``histogram``."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="histogram")
        self.setAccessibleName("Histogram")
        self.setToolTip("How often each tone occurs beneath the layer")
        self.setMinimumSize(_WIDTH, _HEIGHT)
        self.counts: np.ndarray | None = None
        self._channel = "master"

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def set_counts(self, counts: np.ndarray) -> None:
        self.counts = counts
        self.update()

    def set_channel(self, channel: str) -> None:
        self._channel = channel
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(plot(self), SUNKEN)
        paint_histogram(painter, plot(self), self.counts, self._channel)
        painter.end()


class Handles(QWidget):
    """Handles on a bar of tones: dragged, or moved by the arrow keys (with Shift by more); Up and Down go from one to
    another. ``moved(number, value 0..1)``; ``clipping_wanted`` while one is dragged with Alt.
    """

    moved = Signal(int, float)
    clipping_wanted = Signal(bool)

    def __init__(self, name: str, title: str, shades: Sequence[int], parent: QWidget | None = None):
        """``shades``: the grey of each handle, 0..255."""
        super().__init__(parent, objectName=name)
        self.setAccessibleName(title)
        self.setToolTip(f"{title}: drag, with Alt to see what is lost; or arrow keys, with Shift by more")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(_WIDTH, _BAR + 14)
        self.setFixedHeight(_BAR + 14)
        self._shades = shades
        self._values = [0.0] * len(shades)
        self._end = QColor(0xFF, 0xFF, 0xFF)
        self._chosen = 0
        self._dragging = False

    def set_values(self, values: Sequence[float]) -> None:
        self._values = list(values)
        self.update()

    def set_channel(self, channel: str) -> None:
        """The bar ends in that channel's colour."""
        self._end = QColor(0xFF, 0xFF, 0xFF) if channel == "master" else COLOURS[channel]
        self.update()

    def place_of(self, number: int) -> QPointF:
        """The middle of a handle, in the widget's coordinates."""
        return QPointF(plot(self).left() + self._values[number] * plot(self).width(), _BAR + 7)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        apart = [event.position().x() - self.place_of(number).x() for number in range(len(self._values))]
        nearest = min(apart, key=abs)
        # Of several on one spot, the one that can be moved to where the pointer is.
        self._chosen = apart.index(nearest) if nearest < 0 else len(apart) - 1 - apart[::-1].index(nearest)
        self._dragging = True
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._drag(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._dragging = False
            self.clipping_wanted.emit(False)
            self.update()

    def _drag(self, event: QMouseEvent) -> None:
        where = plot(self)
        value = (event.position().x() - where.left()) / where.width()
        self.moved.emit(self._chosen, min(max(value, 0.0), 1.0))
        self.clipping_wanted.emit(bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        far = STEP * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            value = self._values[self._chosen] + (far if event.key() == Qt.Key.Key_Right else -far)
            self.moved.emit(self._chosen, min(max(value, 0.0), 1.0))
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._chosen = (self._chosen + (1 if event.key() == Qt.Key.Key_Up else -1)) % len(self._values)
            self.update()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(plot(self).left(), 0, plot(self).width(), _BAR)
        tones = QLinearGradient(bar.topLeft(), bar.topRight())
        tones.setColorAt(0, Qt.GlobalColor.black)
        tones.setColorAt(1, self._end)
        painter.fillRect(bar, tones)
        for number, shade in enumerate(self._shades):
            at = self.place_of(number).x()
            shape = QPolygonF([QPointF(at, _BAR), QPointF(at + _HANDLE, _BAR + 12), QPointF(at - _HANDLE, _BAR + 12)])
            current = self.hasFocus() and number == self._chosen
            painter.setPen(QPen(ACCENT.lighter(140) if current else MUTED, 2.0 if current else 1.0))
            painter.setBrush(QColor(shade, shade, shade))
            painter.drawPolygon(shape)
        painter.end()
