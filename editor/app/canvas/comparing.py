"""Before and after: the photograph as it was, drawn beside or over what has become of it."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.renderer import Renderer
from editor.app.canvas.view import View
from editor.app.theme import ACCENT
from editor.document.document import Document
from editor.raster.surface import Box, Surface

_LINE, _HALO = QColor(0xFF, 0xFF, 0xFF), QColor(0, 0, 0, 150)
_GRIP, _KNOB = 4, 11  # logical pixels: half of what the line is taken by; its handle's radius
_LEAST = 0.02  # of the canvas's width that either side keeps
_STEP = 0.01  # of its width, that an arrow key moves the line
_RING = 5.0  # logical pixels: radius of the ring that stands for the pointer
_WHEEL = 1.25 ** (1 / 120)  # magnification for an eighth of a degree of the wheel


class BeforeImage:
    """The photograph without layers and guidance planes. Drawn again only for another view."""

    def __init__(self) -> None:
        self._document: Document | None = None
        self._document: Document | None = None
        self._renderer: Renderer | None = None
        self._base: Surface | None = None  # what the renderer has drawn from
        self._drawn: tuple | None = None  # (view, size, ground) and the device pixels

    def set_document(self, document: Document | None) -> None:
        self._document, self._drawn, self._renderer, self._base = document, None, None, None
        if document is not None:
            self._renderer = Renderer(document)
            self._renderer.show_original(True)

    def image(self, view: View, size: tuple[int, int], ground: int) -> QImage:
        """(height, width) device pixels as ``view`` shows them. Valid until the next call."""
        if self._base is not self._document.base:  # it has been turned, or cropped
            self._base, self._drawn = self._document.base, None
            self._renderer.forget()
        if self._drawn is None or self._drawn[0] != (view, size, ground):
            self._drawn = (view, size, ground), self._renderer.draw(view, Box(0, 0, *size), ground)
        height, width = size
        return QImage(self._drawn[1].data, width, height, 4 * width, QImage.Format.Format_RGB32)


class SplitLine(QWidget):
    """objectName ``split-line``. Left of it the canvas shows what was, right of it what is.

    Dragged with the pointer, or moved with the arrow keys when it has the focus. It stays where it is on the screen
    when the photograph is moved beneath it.
    """

    def __init__(self, canvas: Canvas):
        super().__init__(canvas, objectName="split-line", cursor=Qt.CursorShape.SplitHCursor,
                         focusPolicy=Qt.FocusPolicy.TabFocus,
                         toolTip="Before and after: drag, or move with the arrow keys")
        self.setAccessibleName("Line between before and after")
        self._canvas = canvas
        self._before = BeforeImage()
        self._share = 0.5  # of the canvas's width
        canvas.view_changed.connect(self._follow)
        canvas.veils.append(self._paint_before)
        self.hide()

    def set_document(self, document: Document | None) -> None:
        self._before.set_document(document)

    def set_shown(self, shown: bool) -> None:
        self.setVisible(shown)
        self._follow()
        self._canvas.update()

    @property
    def x(self) -> int:
        """Where it is on the canvas, in logical pixels."""
        return round(self._share * self._canvas.width())

    def move_to(self, x: float) -> None:
        self._share = min(max(x / self._canvas.width(), _LEAST), 1 - _LEAST)
        self._follow()
        self._canvas.update()

    def _follow(self) -> None:
        self.setGeometry(self.x - _KNOB - 1, 0, 2 * _KNOB + 2, self._canvas.height())

    def _paint_before(self, painter: QPainter, rect: QRect) -> None:
        """The canvas's own picture and planes are covered, the brush's outline is not."""
        left = rect.intersected(QRect(0, 0, self.x, self._canvas.height()))
        if not self.isVisible() or left.isEmpty():
            return
        view, ratio = self._canvas.view, self._canvas.devicePixelRatioF()
        source = QRectF(left.x() * ratio, left.y() * ratio, left.width() * ratio, left.height() * ratio)
        painter.drawImage(QRectF(left), self._before.image(view, view.canvas, self._canvas.ground), source)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, height = QPointF(self.width() / 2, self.height() / 2), self.height()
        for pen in (QPen(_HALO, 3.5), QPen(ACCENT if self.hasFocus() else _LINE, 1.5)):
            painter.setPen(pen)
            painter.drawLine(QPointF(middle.x(), 0), QPointF(middle.x(), height))
        painter.setPen(QPen(_HALO, 1.5))
        painter.setBrush(ACCENT if self.hasFocus() else _LINE)
        painter.drawEllipse(middle, _KNOB - 1, _KNOB - 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0x33, 0x33, 0x33))
        for side in (-1, 1):
            painter.drawPolygon(QPolygonF([middle + QPointF(side * 7, 0), middle + QPointF(side * 2.5, -4),
                                           middle + QPointF(side * 2.5, 4)]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Only what is seen of it takes the pointer: beside it one paints.
        line = QRegion(_KNOB + 1 - _GRIP, 0, 2 * _GRIP, self.height())
        knob = QRegion(0, self.height() // 2 - _KNOB - 1, 2 * _KNOB + 2, 2 * _KNOB + 2, QRegion.RegionType.Ellipse)
        self.setMask(line.united(knob))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.move_to(self.mapToParent(event.position()).x())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.move_to(self._canvas.width() / 2)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the canvas zooms

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() not in steps:
            super().keyPressEvent(event)
            return
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        self.move_to((self._share + steps[event.key()] * far * _STEP) * self._canvas.width())

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()


class BeforeView(QWidget):
    """objectName ``before``. Stands beside the canvas and shows the same place of the photograph as it was.

    Wheel and drag move both.
    """

    def __init__(self, canvas: Canvas, parent: QWidget | None = None):
        super().__init__(parent, objectName="before")
        self.setAccessibleName("The photograph as it was")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(canvas.minimumSize())
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._canvas = canvas
        self._before = BeforeImage()
        self._panning: QPointF | None = None
        self._ring: QPointF | None = None  # where the pointer is on the canvas
        canvas.view_changed.connect(self.update)
        canvas.hovered.connect(self._follow_pointer)
        self.hide()

    def set_document(self, document: Document | None) -> None:
        self._before.set_document(document)
        self.update()

    def _follow_pointer(self, x: float, y: float) -> None:
        if self.isVisible():
            self._ring = QPointF(*self._canvas.view.to_device(x, y)) / self.devicePixelRatioF()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._canvas.document is None:
            painter.fillRect(event.rect(), QColor.fromRgb(self._canvas.ground))
            return
        ratio = self.devicePixelRatioF()
        size = max(1, round(self.height() * ratio)), max(1, round(self.width() * ratio))
        image = self._before.image(self._canvas.view, size, self._canvas.ground)
        painter.drawImage(QRectF(self.rect()), image, QRectF(0, 0, size[1], size[0]))
        painter.setPen(QPen(QColor(0x26, 0x26, 0x26), 4))
        painter.drawLine(self.rect().topRight(), self.rect().bottomRight())
        if self._ring is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for colour, width in ((_HALO, 3.0), (_LINE, 1.25)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(self._ring, _RING, _RING)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if angle := event.angleDelta().y() or event.angleDelta().x():
            self._canvas.zoom(_WHEEL ** angle, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._panning = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            moved = (event.position() - self._panning) * self.devicePixelRatioF()
            self._panning = event.position()
            self._canvas.set_view(self._canvas.view.panned(moved.x(), moved.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._panning = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
