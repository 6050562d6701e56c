"""The spectrum of a scan, and in it the peaks that are to be taken out, ringed."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from editor.app.theme import SUNKEN
from editor.restoration.screens import Peak

_SIDE = 300  # logical pixels
_RING = 6.0  # the same: a ring's radius, and how near the pointer has to be
_SLACK = 3.0  # the same: a press that moves no farther is a click
_SNAP = 4  # bins round a click, in which the highest is meant
_DARK, _BRIGHT = -6.0, 36.0  # decibels
_ON, _OFF, _HALO, _CURSOR = (QColor(*rgba) for rgba in ((0xE3, 0xB3, 0x41), (0xA0, 0xA0, 0xA0), (0, 0, 0, 170),
                                                        (0x7F, 0xB2, 0xE5)))
_ARROWS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class SpectrumView(QWidget):
    """objectName ``spectrum``. Frequency 0 is in the middle; each peak is there twice, mirrored.

    A click on a ring switches its peak off and on, elsewhere it adds one at the highest place near by; a ring is
    dragged; Delete takes it away. With the keyboard a cross is moved by the arrow keys (Shift: ten times as far; Ctrl:
    with the peak under it), Page Up and Page Down go from peak to peak, Space is a click.
    """

    changed = Signal(object)  # tuple of Peak
    pointed = Signal(float, float)  # cycles per pixel (y, x) under the cross

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="spectrum", focusPolicy=Qt.FocusPolicy.StrongFocus, toolTip=(
            "What repeats in the scan. Click: add a peak, or switch one off and on; drag: move it; Delete: take it "
            "away. Keys: arrows (Shift: farther; Ctrl: move the peak), Page Up, Page Down, Space"))
        self.setAccessibleName("Spectrum")
        self.setMinimumSize(_SIDE, _SIDE)
        self._decibels: np.ndarray | None = None
        self._pixmap: QPixmap | None = None
        self._peaks: tuple[Peak, ...] = ()
        self._cross = (0.0, 0.0)  # cycles per pixel (y, x)
        self._held: int | None = None  # the peak under the pressed button
        self._pressed = QPointF()
        self._dragging = False

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def show_spectrum(self, decibels: np.ndarray) -> None:
        """(side, side) float32, frequency 0 in the middle."""
        self._decibels = decibels
        grey = np.rint(np.clip((decibels - _DARK) / (_BRIGHT - _DARK), 0, 1) * 255).astype(np.uint8)
        height, width = grey.shape
        self._pixmap = QPixmap.fromImage(QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8))
        self.update()

    def show_peaks(self, peaks: tuple[Peak, ...]) -> None:
        if peaks != self._peaks:
            self._peaks = peaks
            self._held = None
            self.update()

    @property
    def peaks(self) -> tuple[Peak, ...]:
        return self._peaks

    def place(self, y: float, x: float) -> QPointF:
        """Where a frequency is, in logical pixels."""
        room = self._room
        return QPointF(room.x() + (x + 0.5) * room.width(), room.y() + (y + 0.5) * room.height())

    @property
    def _room(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _frequency(self, at: QPointF) -> tuple[float, float]:
        room = self._room
        return tuple(float(np.clip(share - 0.5, -0.5, 0.5)) for share in (
            (at.y() - room.y()) / room.height(), (at.x() - room.x()) / room.width()))

    def _at(self, at: QPointF) -> int | None:
        """The peak whose ring is there, or whose mirror image's."""
        def far(peak: Peak) -> float:
            return min((self.place(sign * peak.y, sign * peak.x) - at).manhattanLength() for sign in (1, -1))

        near = min(range(len(self._peaks)), key=lambda number: far(self._peaks[number]), default=None)
        return near if near is not None and far(self._peaks[near]) <= 1.4 * _RING else None

    def _click(self, at: QPointF) -> None:
        number = self._at(at)
        if number is not None:
            self._set(number, replace(self._peaks[number], on=not self._peaks[number].on))
        elif self._decibels is not None:
            y, x = self._snapped(*self._frequency(at))
            if max(abs(y), abs(x)) > 1.5 / len(self._decibels):  # the mean is no screen
                self._tell((*self._peaks, Peak(y, x)))

    def _snapped(self, y: float, x: float) -> tuple[float, float]:
        """The frequency of the highest bin near by."""
        side = len(self._decibels)
        row, column = (int(np.clip(round((part + 0.5) * side), 0, side - 1)) for part in (y, x))
        top, left = max(0, row - _SNAP), max(0, column - _SNAP)
        near = self._decibels[top:row + _SNAP + 1, left:column + _SNAP + 1]
        row, column = np.unravel_index(int(near.argmax()), near.shape)
        return (int(row) + top) / side - 0.5, (int(column) + left) / side - 0.5

    def _set(self, number: int, peak: Peak) -> None:
        self._tell((*self._peaks[:number], peak, *self._peaks[number + 1:]))

    def _tell(self, peaks: tuple[Peak, ...]) -> None:
        self._peaks = peaks
        self.update()
        self.changed.emit(peaks)

    def _remove(self, at: QPointF) -> None:
        number = self._at(at)
        if number is not None:
            self._tell((*self._peaks[:number], *self._peaks[number + 1:]))

    def _move_cross(self, y: float, x: float) -> None:
        self._cross = (float(np.clip(y, -0.5, 0.5)), float(np.clip(x, -0.5, 0.5)))
        self.pointed.emit(*self._cross)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragging = event.position(), False
            self._held = self._at(event.position())
            self._move_cross(*self._frequency(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position() - self._pressed).manhattanLength() > _SLACK:
            self._dragging = True
        if self._dragging and self._held is not None:
            self._carry(self._held, *self._frequency(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._dragging:
            self._click(self._pressed)
        self._held = None

    def _carry(self, number: int, y: float, x: float) -> None:
        self._move_cross(y, x)
        self._set(number, self._peaks[number].moved(*self._cross))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = self.place(*self._cross)
        if event.key() in _ARROWS:
            down, right = _ARROWS[event.key()]
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            step = far / (512 if self._decibels is None else len(self._decibels))
            to = (self._cross[0] + down * step, self._cross[1] + right * step)
            number = self._at(at) if event.modifiers() & Qt.KeyboardModifier.ControlModifier else None
            if number is None:
                self._move_cross(*to)
            else:
                self._carry(number, *to)
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and self._peaks:
            step = 1 if event.key() == Qt.Key.Key_PageDown else -1
            here = self._at(at)
            number = (here + step) % len(self._peaks) if here is not None else min(step, 0)
            self._move_cross(self._peaks[number].y, self._peaks[number].x)
        elif event.key() == Qt.Key.Key_Space:
            self._click(at)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._remove(at)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self._room, SUNKEN)
        if self._pixmap is not None:
            painter.drawPixmap(self._room, self._pixmap, QRectF(self._pixmap.rect()))
        for peak in self._peaks:
            style = Qt.PenStyle.SolidLine if peak.on else Qt.PenStyle.DotLine
            for pen in (QPen(_HALO, 3), QPen(_ON if peak.on else _OFF, 1.5, style)):
                painter.setPen(pen)
                for sign in (1, -1):
                    painter.drawEllipse(self.place(sign * peak.y, sign * peak.x), _RING, _RING)
        if self.hasFocus():
            at = self.place(*self._cross)
            for pen in (QPen(_HALO, 3), QPen(_CURSOR, 1.5)):
                painter.setPen(pen)
                painter.drawLine(at - QPointF(10, 0), at + QPointF(10, 0))
                painter.drawLine(at - QPointF(0, 10), at + QPointF(0, 10))
