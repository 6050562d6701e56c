"""The colour under the eyedropper, beside the colour that is painted with, round the pointer."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from editor.app.canvas.canvas import Canvas
from editor.app.tools.palette import Colour, Palette

_SIDE = 84  # logical pixels
_EDGE, _GREY = 5.0, QColor(0x80, 0x80, 0x80)  # a neutral edge: the picture beside a colour changes how it looks
_WIDTH = 11.0  # of the ring of colours


class ColourRing(QWidget):
    """objectName ``colour-ring``. Lies over the canvas and lets the pointer through; hidden with nothing to pick from.

    Above is the colour under the pointer, beneath the chosen one.
    """

    def __init__(self, canvas: Canvas, palette: Palette):
        super().__init__(canvas, objectName="colour-ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.resize(QSize(_SIDE, _SIDE))
        self._canvas = canvas
        self._palette = palette
        self.colour: Colour | None = None
        palette.hovered.connect(self._follow)
        palette.changed.connect(self.update)
        self.hide()

    def _follow(self, colour: Colour | None) -> None:
        self.colour = colour
        pointer = self._canvas.pointer
        self.setVisible(colour is not None and pointer is not None)
        if self.isVisible():
            self.move(pointer.toPoint() - QPoint(_SIDE // 2, _SIDE // 2))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = _EDGE + _WIDTH / 2
        ring = QRectF(0, 0, _SIDE, _SIDE).adjusted(inset, inset, -inset, -inset)
        painter.setPen(QPen(_GREY, _WIDTH + 2 * _EDGE))
        painter.drawEllipse(ring)
        for colour, start in ((self.colour, 0), (self._palette.colour, 180)):
            painter.setPen(QPen(QColor(*colour), _WIDTH, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawArc(ring, start * 16, 180 * 16)
