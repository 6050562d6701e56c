"""Tools that paint with a round brush: on the guidance planes, and on paint layers."""

import time
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from editor.app.tools.palette import Palette
from editor.app.tools.tool import Pointer
from editor.document.document import COLOUR, MASK, SKETCH, Document, Transaction
from editor.document.layer_ops import free_name, stack_with
from editor.document.layers import Layer
from editor.errors import UserError
from editor.raster.brush import Brush, Point, Stroke, within_limits
from editor.raster.colour import from_srgb8
from editor.raster.painting import add_coverage, fade, paint_colour

_SLOW = 0.008  # seconds: pens report their steps no further apart


class BrushTool(QObject):
    """A stroke from press to release is one step of the history.

    Subclasses have ``_begin(document)``, which opens the step and returns it and the name of the surface to paint on
    (raises UserError where nothing can be painted), and ``_paint(document, before, coverage)``, which returns the
    pixels ``before`` the stroke painted with its coverage.
    """

    brush_changed = Signal()
    refused = Signal(str)  # why nothing is painted

    name = title = key = ""
    is_eraser = False  # erases with either end of the pen
    uses_colour = False  # paints in the palette's
    eraser_width = 1.0  # of the pen's other end, in multiples of the brush's size

    def __init__(self, brush: Brush, palette: Palette, parent: QObject | None = None):
        super().__init__(parent)
        self.brush = brush
        self.palette = palette
        self._stroke: Stroke | None = None
        self._change: Transaction | None = None
        self._target = ""
        self._erases = False
        # Where painting takes longer than the next step does to come, those that have come are painted together: else
        # the stroke would lag further and further behind the pen.
        self._later = QTimer(self, singleShot=True, interval=0)
        # No bound method: it would be a new slot of this type, and move the signals of a second base class.
        self._later.timeout.connect(lambda: self._show_timed())
        self._is_slow = False
        self._document: Document | None = None  # that the stroke is painted on
        # The end of the last stroke in each document and its geometry then, for straight lines.
        self._last: WeakKeyDictionary[Document, tuple[object, Point]] = WeakKeyDictionary()

    def set_brush(self, **properties: float | bool) -> None:
        """Change some of the brush, within its limits."""
        brush = within_limits(replace(self.brush, **properties))
        if brush != self.brush:
            self.brush = brush
            self.brush_changed.emit()

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor if self.brush.size < 3 else Qt.CursorShape.BlankCursor

    def outline(self) -> float:
        return self.brush.size

    def core(self) -> float:
        """Diameter of the part that is covered fully."""
        return self.brush.size * self.brush.hardness

    def press(self, document: Document, pointer: Pointer) -> None:
        self._erases = self.is_eraser or pointer.eraser
        try:
            self._change, self._target = self._begin(document)
        except UserError as error:
            self.refused.emit(str(error))
            return
        wider = self.eraser_width if pointer.eraser else 1.0
        self._stroke = Stroke(document.shape, within_limits(replace(self.brush, size=self.brush.size * wider)))
        if self.uses_colour and not self._erases:
            self.palette.use()
        geometry, start = self._last.get(document, (None, None))
        if geometry is not document.geometry or not pointer.holds(Qt.KeyboardModifier.ShiftModifier):
            start = None
        point = _point(pointer)
        if start is None:
            self._stroke.begin(point)
        else:
            self._stroke.begin(replace(start, pressure=point.pressure))
            self._stroke.line(point)
        self._document, self._is_slow = document, False
        self._show(document)

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._stroke is not None:
            self._stroke.move(_point(pointer))
            if self._is_slow:
                self._later.start()
            else:
                self._show_timed()

    def release(self, document: Document, pointer: Pointer) -> None:
        if self._stroke is None:
            return
        self._later.stop()
        self._stroke.finish()
        self._show(document)
        self._last[document] = document.geometry, _point(pointer)
        self._stroke = self._document = None
        if self._change.open:
            self._change.commit()

    def cancel(self, document: Document) -> None:
        if self._stroke is None:
            return
        self._later.stop()
        if self._change.open:
            self._change.roll_back()
        self._stroke = self._document = None

    def _show_timed(self) -> None:
        before = time.thread_time()
        self._show(self._document)
        self._is_slow = time.thread_time() - before > _SLOW

    def _show(self, document: Document) -> None:
        if not self._change.open:
            return  # another step has ended this stroke; what came until then is kept
        before = self._change.before(self._target)
        self._change.edit(self._target, self._stroke.take_changed(), lambda part, now: self._paint(
            document, before.read(part), self._stroke.coverage(part)))


class CoveragePlaneBrush(BrushTool):
    """Paints one of the guidance planes that are coverage."""

    plane = ""
    steps = ("", "")  # what painting and erasing are called in the history

    def _begin(self, document: Document) -> tuple[Transaction, str]:
        return document.change(self.steps[self._erases]), self.plane

    def _paint(self, document: Document, before: np.ndarray, coverage: np.ndarray) -> np.ndarray:
        return (fade if self._erases else add_coverage)(before, coverage, self.brush.opacity)


class MaskBrush(CoveragePlaneBrush):
    """Paints the mask: what is to be filled."""

    name, title, key = "mask-brush", "Mask brush", "B"
    plane, steps = MASK, ("Paint mask", "Erase mask")


class MaskEraser(MaskBrush):
    """Takes the mask away."""

    name, title, key = "mask-eraser", "Mask eraser", "E"
    is_eraser = True


class SketchPen(CoveragePlaneBrush):
    """Draws the lines that a fill is to follow."""

    name, title, key = "sketch-pen", "Sketch pen", "P"
    plane, steps = SKETCH, ("Draw sketch", "Erase sketch")
    eraser_width = 6.0  # nobody could hit a line with another as thin


class SketchEraser(SketchPen):
    """Takes lines away."""

    name, title, key = "sketch-eraser", "Sketch eraser", "X"
    is_eraser, eraser_width = True, 1.0


class ColourStroke(BrushTool):
    """Dabs the colours that a fill is to take up."""

    name, title, key = "colour-stroke", "Colour stroke", "C"
    uses_colour = True

    def _begin(self, document: Document) -> tuple[Transaction, str]:
        return document.change("Erase colour strokes" if self._erases else "Colour stroke"), COLOUR

    def _paint(self, document: Document, before: np.ndarray, coverage: np.ndarray) -> np.ndarray:
        if self._erases:
            return fade(before, coverage, self.brush.opacity)
        return paint_colour(before, np.array(self.palette.colour), coverage, self.brush.opacity)


class ColourEraser(ColourStroke):
    """Takes colour strokes away."""

    name, title, key = "colour-eraser", "Colour stroke eraser", "Shift+C"
    is_eraser, uses_colour = True, False


class PaintBrush(BrushTool):
    """Paints a colour on the active layer, or on a new one if the photograph is active."""

    name, title, key = "paint-brush", "Paint brush", "N"
    uses_colour = True
    step = "Paint"  # what painting is called in the history

    def _begin(self, document: Document) -> tuple[Transaction, str]:
        layer = document.layer(document.active)
        if layer is None and self._erases:
            raise UserError("The photograph itself is never erased. Choose a layer, or paint a mask and fill it.")
        if layer is not None and layer.locked:
            raise UserError(f"The layer “{layer.name}” is locked.")
        if layer is not None and not layer.visible:
            raise UserError(f"The layer “{layer.name}” is hidden.")
        self._on_mask = document.painted_mask is not None
        if self._on_mask:
            return document.change("Hide with layer mask" if self._erases else "Show with layer mask"), \
                document.painted_mask
        if layer is not None and layer.adjustment is not None:
            raise UserError(f"The layer “{layer.name}” is an adjustment: give it a mask to paint where it counts.")
        change = document.change("Erase" if self._erases else self.step)
        if layer is None:
            layer = Layer(free_name(document, "Paint"))
            change.set_layers(stack_with(document, layer), layer.id)
        return change, layer.id

    def _paint(self, document: Document, before: np.ndarray, coverage: np.ndarray) -> np.ndarray:
        if self._on_mask:  # which is kept as what it hides
            return (add_coverage if self._erases else fade)(before, coverage, self.brush.opacity)
        if self._erases:
            return fade(before, coverage, self.brush.opacity)
        own = from_srgb8(np.array([[self.palette.colour]], np.uint8), document.photo.profile, document.colours,
                         before.dtype)
        return paint_colour(before, own[0, 0], coverage, self.brush.opacity)


class Eraser(PaintBrush):
    """Makes the active layer transparent again."""

    name, title, key = "eraser", "Eraser", "Shift+N"
    is_eraser, uses_colour = True, False


def _point(pointer: Pointer) -> Point:
    return Point(pointer.x, pointer.y, pointer.pressure)
