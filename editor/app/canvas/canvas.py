"""The canvas widget: shows the document and hands the pointer to the tool.

It keeps the drawn view in a buffer and redraws only the device pixels beneath tiles that have changed.
"""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPointingDevice,
    QResizeEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from editor.app.canvas.outline import paint_outline
from editor.app.canvas.overlays import Overlays
from editor.app.canvas.previews import Previews
from editor.app.canvas.renderer import Renderer
from editor.app.canvas.stack import Seen, changed, visible
from editor.app.canvas.view import View
from editor.app.tools.tool import Pointer, Tool
from editor.document.document import AVOID, COLOUR, MASK, PLANES, SKETCH, SOURCE, Document
from editor.document.picture import Picture
from editor.raster.surface import Box, Key, box_round

_NOTCH = 120  # Qt's angle of one notch of a mouse wheel
_ZOOM_STEP = 1.25  # a notch


class Canvas(QWidget):
    """objectName ``canvas``. Without a document it is plain ground."""

    view_changed = Signal()
    hovered = Signal(float, float)  # photo coordinates
    colour_wanted = Signal(float, float)  # Alt-click with a tool that paints
    brush_dragged = Signal(float, float)  # Alt and the right button: change of size in photo pixels, of hardness
    trial_began = Signal()  # another picture than the document's is about to be shown: whoever shows one ends
    stroking_changed = Signal()  # the tool has taken the pointer or let it go

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self.ground = 0x2B2B2B
        self._document: Document | None = None
        self._renderer: Renderer | None = None
        self._tool: Tool | None = None
        self._view = View((1, 1), (1, 1))
        self._fit = True  # the view still follows the window
        self._stack: tuple[Seen, ...] = ()  # what of the layers can be seen
        self._picture = np.zeros((1, 1), np.uint32)
        self._overlays = Overlays()
        self._previews = Previews()
        # Painted beneath the sketch, as veils are over all planes.
        self.underlays: list[Callable[[QPainter, QRect], None]] = []
        # What else is painted over the picture and its planes, beneath the brush's outline; told the part in need.
        self.veils: list[Callable[[QPainter, QRect], None]] = []
        self._pressed = False  # the tool has the pointer
        self._panning: QPointF | None = None
        self._resizing: QPointF | None = None
        self._space = False
        self._pen_down = False
        self._feeling: set[int] = set()  # pens that have reported a pressure
        self._last: Pointer | None = None  # where the tool had the pointer last
        self._pointer: QPointF | None = None  # where the outline is drawn, in widget coordinates

    # What is shown

    def set_document(self, document: Document | None, view: View | None = None) -> None:
        """Show another document as ``view`` says, or fitted; None shows nothing."""
        self.cancel()
        if self._busy:
            self._tool.cancel(self._document)
        if self._document is not None:
            self._document.tiles_changed.disconnect(self._on_tiles)
            self._document.layers_changed.disconnect(self._on_layers)
            self._document.reshaped.disconnect(self._on_reshaped)
        self._document = document
        self._renderer = Renderer(document) if document else None
        self._overlays.set_document(document)
        self._previews.clear()
        if document is not None:
            document.tiles_changed.connect(self._on_tiles)
            document.layers_changed.connect(self._on_layers)
            document.reshaped.connect(self._on_reshaped)
            self._stack = visible(document)
            if view is not None and view.photo == document.shape:
                self.set_view(view.resized(self._device_size()))
            else:
                self._view = View(document.shape, self._device_size())
                self.fit()
        self.update()

    @property
    def document(self) -> Document | None:
        return self._document

    @property
    def view(self) -> View:
        return self._view

    @property
    def chosen_view(self) -> View | None:
        """What ``set_document`` takes to show it so again: None while the photograph is fitted."""
        return None if self._fit else self._view

    @property
    def pixel(self) -> float:
        """A logical pixel of the screen in pixels of the photo."""
        return self._ratio / self._view.scale

    def set_view(self, view: View) -> None:
        self._view = view
        self._fit = False
        self._redraw_all()
        self.view_changed.emit()

    def fit(self) -> None:
        """Show the whole photograph, also when the window is resized, until the view is changed."""
        self.set_view(self._view.fitted())
        self._fit = True

    def actual_size(self) -> None:
        """100 %, at the pointer if it is on the canvas."""
        self.zoom(1 / self._view.scale)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify about a widget position; by default the pointer's, else the middle."""
        at = at or self._pointer or QPointF(self.width() / 2, self.height() / 2)
        self.set_view(self._view.zoomed(factor, at.x() * self._ratio, at.y() * self._ratio))

    def set_colours(self, mask: tuple[int, int, int], opacity: float, ground: int) -> None:
        """The colour and opacity that show the mask, and the grey (0..255) round the photograph."""
        self._overlays.set_mask_colour(mask, opacity)
        self.ground = ground * 0x010101
        self._redraw_all()
        self.update()

    def show_plane(self, plane: str, shown: bool) -> None:
        """Show or hide one of the guidance planes."""
        self._overlays.show(plane, shown)
        self.update()

    def shows_plane(self, plane: str) -> bool:
        return self._overlays.shows(plane)

    def show_preview(self, box: Box, pixels: np.ndarray) -> None:
        """Lay a picture over a box of the photograph until another is laid there, or ``clear_previews``.

        pixels: (h, w, 4) uint8 straight-alpha sRGB at any size, 0 alpha where the photograph is to be seen. It lies
        over mask and colours and under the sketch, is no part of the document, and may be shown from a fill under way.
        """
        self._update_photo(self._previews.show(box, pixels))

    def clear_previews(self) -> None:
        self._update_photo(self._previews.clear())

    def _update_photo(self, box: Box) -> None:
        if not box.empty:
            self.update(self._widget_rect(self._device_box(box)))

    def show_original(self, shown: bool) -> None:
        """The photograph without layers and guidance planes, for comparing."""
        if self._renderer is not None and self._renderer.shows_original != shown:
            self._renderer.show_original(shown)
            self._redraw_all()

    def show_instead(self, picture_of: Callable[[Document], Picture] | None) -> None:
        """Draw another picture than the document's composite: one with a layer that is only tried out, say. None draws
        the composite again. It is told of the document whenever something of it is drawn.
        """
        if self._renderer is not None:
            self._renderer.show_instead(picture_of)
            self._redraw_all()

    def repaint_photo(self, box: Box) -> None:
        """What is shown instead has changed in a box of the photo."""
        if self._renderer is not None:
            self._repaint(box)

    # The tool

    def set_tool(self, tool: Tool) -> None:
        self.let_go()
        if self._busy:
            self._tool.leave(self._document)
        self._tool = tool
        self._update_cursor()
        self.update()

    def cancel(self) -> None:
        """Take back what the pointer is in the middle of."""
        if self._pressed:
            self._set_pressed(False)
            self._tool.cancel(self._document)

    def let_go(self) -> None:
        """The pointer is lost, to another window say: end what it is in the middle of, and keep it."""
        self._panning = self._resizing = None
        self._pen_down = False
        if self._pressed:
            self._set_pressed(False)
            self._tool.release(self._document, self._last)

    @property
    def stroking(self) -> bool:
        """Whether the tool has the pointer right now."""
        return self._pressed

    @property
    def pointer(self) -> QPointF | None:
        """Where the pointer is, in widget coordinates; None elsewhere."""
        return self._pointer

    @property
    def _busy(self) -> bool:
        """Whether the tool is in the middle of something that goes on between presses."""
        return self._document is not None and getattr(self._tool, "busy", False)

    @property
    def space_held(self) -> bool:
        return self._space

    def hold_space(self, held: bool) -> None:
        """While held, dragging pans."""
        self._space = held
        self._update_cursor()

    # Drawing

    @property
    def _ratio(self) -> float:
        return self.devicePixelRatioF()

    def _device_size(self) -> tuple[int, int]:
        return max(1, round(self.height() * self._ratio)), max(1, round(self.width() * self._ratio))

    def _redraw_all(self) -> None:
        if self._renderer is None:
            return
        box = Box(0, 0, *self._view.canvas)
        self._picture = self._renderer.draw(self._view, box, self.ground)
        self._overlays.redraw(self._view, self._ratio)
        self.update()

    def _on_layers(self) -> None:
        """Redraw where layers that came, went, moved or look different have pixels."""
        before, self._stack = self._stack, visible(self._document)
        unlike = changed(before, self._stack)
        if any(one.everywhere for one in unlike):
            self._renderer.forget()
            self._redraw_all()
        elif unlike:
            self._repaint(box_round(set().union(*(self._document.surfaces[one.id].keys() for one in unlike))))

    def _on_reshaped(self) -> None:
        """The photograph has another size, or lies otherwise: nothing that was drawn is of use."""
        self.cancel()
        if self._busy:
            self._tool.cancel(self._document)
        self._renderer.forget()
        self._stack = visible(self._document)
        self._view = View(self._document.shape, self._device_size())
        self.fit()

    def _on_tiles(self, surface: str, keys: frozenset[Key], box: Box) -> None:
        if surface in PLANES:
            device = self._overlays.change(surface, self._view, box, self._ratio)
            if not device.empty:
                self.update(self._widget_rect(device))
        elif any(surface in (one.id, one.mask) for one in self._stack):
            self._repaint(box)

    def _repaint(self, box: Box) -> None:
        """The composite has changed in a box of photo pixels."""
        self._renderer.forget(box)
        device = self._device_box(box)
        if not device.empty:
            self._picture[device.slices] = self._renderer.draw(self._view, device, self.ground)
            self.update(self._widget_rect(device))

    def _device_box(self, box: Box) -> Box:
        # Reduced views sample a little beyond what has changed.
        return self._view.device_box(box, margin=2) if not box.empty else Box(0, 0, 0, 0)

    def _widget_rect(self, box: Box) -> QRect:
        ratio = self._ratio
        return QRectF(box.left / ratio, box.top / ratio, box.width / ratio, box.height / ratio).toAlignedRect()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._document is not None and self._view.canvas != self._device_size():
            self._follow_size()  # the window has come to a screen of another density
        painter = QPainter(self)
        try:
            self._paint(painter, event.rect())
        finally:
            painter.end()  # one left open by an error takes the program down

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        if self._document is None:
            painter.fillRect(rect, QColor.fromRgb(self.ground))
            return
        target = QRectF(rect)
        ratio = self._ratio
        source = QRectF(target.x() * ratio, target.y() * ratio, target.width() * ratio, target.height() * ratio)
        height, width = self._picture.shape
        painter.drawImage(target, QImage(self._picture.data, width, height, 4 * width, QImage.Format.Format_RGB32),
                          source)
        if not self._renderer.shows_original:
            # A stroke of colour is seen while it is drawn, and then what comes of it.
            beneath, above = ((), (COLOUR,)) if self._pressed else ((COLOUR,), ())
            self._overlays.paint(painter, target, source, (SOURCE, AVOID, MASK, *beneath))
            self._previews.paint(painter, self._view, ratio)
            for underlay in self.underlays:
                underlay(painter, rect)
            self._overlays.paint(painter, target, source, (*above, SKETCH))
            for veil in self.veils:
                veil(painter, rect)
        self._paint_outline(painter)

    def _paint_outline(self, painter: QPainter) -> None:
        radius = self._outline_radius()
        if self._pointer is None or radius < 1.5 or self._space:
            return
        core = self._tool.core() * self._view.scale / self._ratio / 2 if hasattr(self._tool, "core") else 0.0
        paint_outline(painter, self._pointer, radius, core)

    def _outline_radius(self) -> float:
        return self._tool.outline() * self._view.scale / self._ratio / 2 if self._tool else 0.0

    def update_outline(self) -> None:
        """The brush's size has changed."""
        self._update_cursor()
        self.update()

    def _move_outline(self, position: QPointF | None) -> None:
        radius = self._outline_radius() + 3
        for point in (self._pointer, position):
            if point is not None:
                self.update(QRectF(point.x() - radius, point.y() - radius, 2 * radius, 2 * radius).toAlignedRect())
        self._pointer = position

    def _update_cursor(self) -> None:
        if self._panning is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._space or self._tool is None:
            self.setCursor(Qt.CursorShape.OpenHandCursor if self._space else Qt.CursorShape.ArrowCursor)
        else:
            cursor = self._tool.cursor()
            # A circle too small to see needs a cursor that is not.
            if cursor == Qt.CursorShape.BlankCursor and self._outline_radius() < 2:
                cursor = Qt.CursorShape.CrossCursor
            self.setCursor(QCursor(cursor))

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._follow_size()

    def _follow_size(self) -> None:
        fit = self._fit
        self._view = self._view.resized(self._device_size())
        if fit:
            self.fit()
        else:
            self.set_view(self._view)

    def wheelEvent(self, event: QWheelEvent) -> None:
        angle = event.angleDelta().y() or event.angleDelta().x()
        if angle and self._document is not None:
            self._pointer = event.position()
            self.zoom(_ZOOM_STEP ** (angle / _NOTCH), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._pen_down:  # Qt also sends a pen's contact as a mouse press
            self._press(event.position(), event.button(), event.modifiers(), 1.0, False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._busy and event.button() == Qt.MouseButton.LeftButton and not (self._pressed or self._space):
            self._tool.finish(self._document)
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._pen_down:
            if not event.buttons():  # a release that another window got is never heard of
                self.let_go()
            self._move(event.position(), event.modifiers(), 1.0, False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._pen_down:
            self._release(event.position(), event.button(), event.modifiers(), 1.0, False)

    def tabletEvent(self, event: QTabletEvent) -> None:
        eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        if event.pressure() > 0:
            self._feeling.add(event.pointingDevice().systemId())
        # Some tablets report no pressure at all; a stroke must still paint.
        pressure = event.pressure() if event.pointingDevice().systemId() in self._feeling else 1.0
        if event.type() == QEvent.Type.TabletPress:
            self._pen_down = True
            self._press(event.position(), event.button(), event.modifiers(), pressure, eraser)
        elif event.type() == QEvent.Type.TabletMove:
            self._move(event.position(), event.modifiers(), pressure, eraser)
        else:
            self._release(event.position(), event.button(), event.modifiers(), pressure, eraser)
            self._pen_down = False
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._move_outline(None)

    def _set_pressed(self, pressed: bool) -> None:
        self._pressed = pressed
        self._update_photo(self._previews.box)
        self.stroking_changed.emit()

    def _pointer_at(self, position: QPointF, modifiers: Qt.KeyboardModifier, pressure: float, eraser: bool,
                    button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> Pointer:
        x, y = position.x() * self._ratio, position.y() * self._ratio
        return Pointer(*self._view.to_photo(x, y), x, y, pressure, eraser, button, modifiers)

    def _press(self, position: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier, pressure: float,
               eraser: bool) -> None:
        if self._document is None or self._pressed:
            return
        self._move_outline(position)
        alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        pointer = self._pointer_at(position, modifiers, pressure, eraser, button)
        if button == Qt.MouseButton.MiddleButton or (self._space and button == Qt.MouseButton.LeftButton):
            self._panning = position
            self._update_cursor()
        elif alt and button == Qt.MouseButton.RightButton:
            self._resizing = position
        elif alt and button == Qt.MouseButton.LeftButton and self._tool.outline():
            self.colour_wanted.emit(pointer.x, pointer.y)
        elif button == Qt.MouseButton.LeftButton:
            self._last = pointer
            self._set_pressed(True)
            self._tool.press(self._document, pointer)

    def _move(self, position: QPointF, modifiers: Qt.KeyboardModifier, pressure: float, eraser: bool) -> None:
        if self._document is None:
            return
        if self._resizing is not None:
            moved = position - self._resizing
            self._resizing = position
            self.brush_dragged.emit(2 * moved.x() * self._ratio / self._view.scale, -moved.y() / 200)
            return  # the outline stays where the drag began
        self._move_outline(position)
        pointer = self._pointer_at(position, modifiers, pressure, eraser)
        if self._panning is not None:
            moved = (position - self._panning) * self._ratio
            self._panning = position
            self.set_view(self._view.panned(moved.x(), moved.y()))
        elif self._pressed:
            self._last = pointer
            self._tool.move(self._document, pointer)
        self.hovered.emit(pointer.x, pointer.y)

    def _release(self, position: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier, pressure: float,
                 eraser: bool) -> None:
        self._panning = self._resizing = None
        self._update_cursor()
        if self._pressed and button == Qt.MouseButton.LeftButton:
            self._set_pressed(False)
            self._tool.release(self._document, self._pointer_at(position, modifiers, pressure, eraser))
