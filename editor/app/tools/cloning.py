"""Tools that copy from one place of the picture to another: as it is, or healed into its new surroundings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import Signal

from editor.app.canvas.tool_overlay import Drawing, Line
from editor.app.tools.brushes import PaintBrush
from editor.app.tools.options import OptionTool
from editor.app.tools.tool import Pointer
from editor.document.document import Document, Snapshot, Transaction
from editor.document.layers import Layer
from editor.document.picture import Picture
from editor.document.snapshot import composite
from editor.engines.healing import healed
from editor.errors import UserError
from editor.raster.painting import paint_pixels
from editor.raster.surface import Box

ALL_LAYERS, ACTIVE_LAYER = "all layers", "active layer"
_CIRCLE = np.linspace(0, 2 * np.pi, 49)
_SMALLEST_ARM = 4.0  # pixels of the photo: of the crosshair


@dataclass(frozen=True)
class CloneOptions:
    """Where is copied from."""

    aligned: bool = field(default=True, metadata={
        "title": "Aligned", "help": "Every stroke keeps the distance of the first one to the source; "
                                    "otherwise every stroke begins at the source again"})
    sample: str = field(default=ALL_LAYERS, metadata={
        "title": "Copy", "choices": (ALL_LAYERS, ACTIVE_LAYER),
        "help": "Copy what is seen, or the active layer's own pixels"})


@dataclass
class _Source:
    """Where one document is copied from."""

    geometry: object  # of the document, when
    place: tuple[float, float]  # (x, y) Alt was clicked
    offset: tuple[int, int] | None = None  # (rows, columns) from what is painted to what is copied


class CloneStamp(PaintBrush, OptionTool):
    """Copies, with the brush's edge, what lies at a distance: from the picture as it was when the stroke began.

    Alt+click sets the source. It paints on the active layer, or on a new one if the photograph is active.
    """

    name, title, key = "clone-stamp", "Clone stamp", "K"
    step = "Clone"
    uses_colour = False
    Options = CloneOptions
    drawing_changed = Signal(object)

    def __init__(self, *args: object):
        super().__init__(*args)
        self._sources: WeakKeyDictionary[Document, _Source] = WeakKeyDictionary()
        self._copied: Callable[[Box], np.ndarray] | None = None  # of this stroke, where it is painted
        self._beneath: Callable[[Box], np.ndarray] | None = None

    def set_source(self, document: Document, x: float, y: float) -> None:
        """Copy from there from now on."""
        self._sources[document] = _Source(document.geometry, (x, y))
        self.hover(document, x, y)

    def hover(self, document: Document, x: float, y: float) -> None:
        """The pointer is there: show what would be copied."""
        source = self._source(document)
        if source is None:
            self.drawing_changed.emit(None)
            return
        across, down = source.place
        if source.offset is not None and (self.options.aligned or self._stroke is not None):
            across, down = x + source.offset[1], y + source.offset[0]
        radius = self.brush.size / 2
        arm = max(radius / 2, _SMALLEST_ARM)
        circle = np.stack([across + radius * np.cos(_CIRCLE), down + radius * np.sin(_CIRCLE)], axis=1)
        self.drawing_changed.emit(Drawing((
            Line(circle, dashed=True),
            Line(np.array([[across - arm, down], [across + arm, down]])),
            Line(np.array([[across, down - arm], [across, down + arm]])))))

    def press(self, document: Document, pointer: Pointer) -> None:
        source = self._source(document)
        if not pointer.eraser:
            if source is None:
                self.refused.emit("Alt+click first where to copy from.")
                return
            if source.offset is None or not self.options.aligned:
                source.offset = round(source.place[1] - pointer.y), round(source.place[0] - pointer.x)
            read = _reader(document.snapshot(), self.options.sample)
            rows, columns = source.offset
            self._beneath, self._copied = read, lambda box: read(box.shift(rows, columns))
        super().press(document, pointer)
        self.hover(document, pointer.x, pointer.y)

    def move(self, document: Document, pointer: Pointer) -> None:
        super().move(document, pointer)
        self.hover(document, pointer.x, pointer.y)

    def release(self, document: Document, pointer: Pointer) -> None:
        super().release(document, pointer)
        self._copied = self._beneath = None
        self.hover(document, pointer.x, pointer.y)

    def cancel(self, document: Document) -> None:
        super().cancel(document)
        self._copied = self._beneath = None

    def _source(self, document: Document) -> _Source | None:
        """Where that document is copied from; turned or cropped since, it has none."""
        source = self._sources.get(document)
        return source if source is not None and source.geometry is document.geometry else None

    def _begin(self, document: Document) -> tuple[Transaction, str]:
        layer = document.layer(document.active)
        if layer is not None and layer.adjustment is not None and not self._erases:
            raise UserError(f"The layer “{layer.name}” is an adjustment: choose the photograph or another layer.")
        if document.painted_mask is not None and not self._erases:
            raise UserError("A layer mask takes no picture: choose the layer's own thumbnail first.")
        return super()._begin(document)

    def _show(self, document: Document) -> None:
        if self._erases:
            super()._show(document)
        elif self._change.open:
            self._change.edit(self._target, self._stroke.take_changed(),
                              lambda part, now: self._painted(part, self._copied(part)))

    def _painted(self, part: Box, pixels: np.ndarray) -> np.ndarray:
        """The target's own pixels of ``part`` with these painted over them."""
        before = self._change.before(self._target)
        return paint_pixels(before.read(part), pixels, self._stroke.coverage(part), self.brush.opacity)


class HealingBrush(CloneStamp):
    """Copies the texture; light and colour are those of where it is laid. Seen when the stroke ends."""

    name, title, key = "healing-brush", "Healing brush", "Shift+K"
    step = "Heal"

    def release(self, document: Document, pointer: Pointer) -> None:
        if self._stroke is not None and not self._erases and self._change.open:
            self._stroke.finish()
            self._show(document)
            for box, pixels in healed(self._copied, self._beneath, self._stroke.coverage, self._stroke.box):
                self._change.edit(self._target, box, lambda part, now, box=box, pixels=pixels: self._painted(
                    part, pixels[part.shift(-box.top, -box.left).slices]))
        super().release(document, pointer)


def _not_adjusted_again(snapshot: Snapshot) -> tuple[Layer, ...]:
    """The layers without what adjusts them above the active one: it will adjust what is painted there, too."""
    at = next((at for at, layer in enumerate(snapshot.layers) if layer.id == snapshot.active), len(snapshot.layers))
    return tuple(layer for number, layer in enumerate(snapshot.layers) if number <= at or layer.adjustment is None)


def _reader(snapshot: Snapshot, sample: str) -> Callable[[Box], np.ndarray]:
    """Gives (h, w, c + 1), straight alpha, of any box; 0 beyond the picture."""
    if sample == ACTIVE_LAYER and snapshot.active is not None:
        return snapshot.surfaces[snapshot.active].read
    picture = Picture(snapshot.base, ()) if sample == ACTIVE_LAYER else composite(
        snapshot.base, _not_adjusted_again(snapshot), snapshot.surfaces, None)

    def read(box: Box) -> np.ndarray:
        pixels = picture.read(box)
        if picture.has_alpha:
            return pixels
        alpha = np.zeros((box.height, box.width, 1), pixels.dtype)
        inside = box.intersect(picture.base.bounds)
        if not inside.empty:
            alpha[inside.shift(-box.top, -box.left).slices] = picture.base.max_value
        return np.concatenate([pixels, alpha], axis=2)

    return read
