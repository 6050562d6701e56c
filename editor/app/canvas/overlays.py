"""The guidance planes as they are seen over the picture: mask, sources, colour strokes, sketch.

Each plane that has something on it keeps its drawn view in a buffer; of a change only the device pixels beneath it are
drawn again. A plane with nothing on it costs nothing. Lines and colours outside the mask, which no fill goes by, are
faint.
"""

from collections.abc import Iterable

import cv2
import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from editor.app.canvas.sampling import on_photo, sample
from editor.app.canvas.view import View
from editor.document.document import AVOID, COLOUR, MASK, SKETCH, SOURCE, Document
from editor.raster.surface import Box, Surface, box_round

# Bottom to top; the opacity of the mask and the sources is in their colours.
_OPACITY = {SOURCE: 1.0, AVOID: 1.0, MASK: 1.0, COLOUR: 0.9, SKETCH: 1.0}
_SOURCES = {SOURCE: (30, 210, 140), AVOID: (255, 170, 0)}
_SOURCE_OPACITY = 0.4
_LINE = (255, 246, 214)  # of the sketch: light, within a dark halo, so that it is seen on any ground
_HALO = 0.75  # opacity
_REACH = 2  # device pixels beyond a change that reduced views sample


class Overlays:
    """The drawn planes of the document that a canvas shows."""

    def __init__(self) -> None:
        self._document: Document | None = None
        self._drawn: dict[str, np.ndarray] = {}  # (height, width) uint32 premultiplied ARGB, as large as the canvas
        self._hidden: set[str] = set()
        self._coverage_colours = {MASK: coverage_colours((255, 40, 40), 0.5), **{
            plane: coverage_colours(colour, _SOURCE_OPACITY) for plane, colour in _SOURCES.items()}}
        self._line_colours = coverage_colours(_LINE, 1.0)

    def set_document(self, document: Document | None) -> None:
        """Nothing is drawn of it before ``redraw``."""
        self._document = document
        self._drawn.clear()

    def set_mask_colour(self, colour: tuple[int, int, int], opacity: float) -> None:
        """What shows the mask, from the next drawing on."""
        self._coverage_colours[MASK] = coverage_colours(colour, opacity)

    def show(self, plane: str, shown: bool) -> None:
        (self._hidden.discard if shown else self._hidden.add)(plane)

    def shows(self, plane: str) -> bool:
        return plane not in self._hidden

    def redraw(self, view: View, ratio: float) -> None:
        """Draw all planes for another view; ``ratio`` is the screen's device pixels a logical one."""
        self._drawn.clear()
        for plane in _OPACITY:
            self._draw(plane, view, Box(0, 0, *view.canvas), ratio)

    def change(self, plane: str, view: View, box: Box, ratio: float) -> Box:
        """A plane has changed in ``box`` of the photo; returns the device pixels that were drawn again."""
        part = view.device_box(box, _REACH + (_halo(ratio) if plane == SKETCH else 0))
        if not part.empty:
            # What lies beside the mask looks different from what lies in it.
            for changed in (MASK, *self._drawn.keys() - {MASK}) if plane == MASK else (plane,):
                self._draw(changed, view, part, ratio)
        return part

    def paint(self, painter: QPainter, target: QRectF, source: QRectF, planes: Iterable[str] = tuple(_OPACITY)) -> None:
        """Lay the device pixels of ``source`` over ``target``."""
        for plane in planes:
            opacity, pixels = _OPACITY[plane], self._drawn.get(plane)
            if pixels is not None and plane not in self._hidden:
                height, width = pixels.shape
                painter.setOpacity(opacity)
                painter.drawImage(target, QImage(pixels.data, width, height, 4 * width,
                                                 QImage.Format.Format_ARGB32_Premultiplied), source)
        painter.setOpacity(1.0)

    def _draw(self, plane: str, view: View, box: Box, ratio: float) -> None:
        surface = self._document.surfaces[plane]
        if not surface.keys():
            self._drawn.pop(plane, None)
            return
        if plane not in self._drawn:
            self._drawn[plane] = np.zeros(view.canvas, np.uint32)
        drawn = self._drawn[plane]
        drawn[box.slices] = 0
        halo = _halo(ratio) if plane == SKETCH else 0
        box = box.intersect(view.device_box(box_round(surface.keys()), _REACH + halo))
        if box.empty:
            return
        if plane == SKETCH:
            drawn[box.slices] = self._lines(surface, view, box, halo)
        inside = on_photo(view, box)
        if inside.empty:
            return
        if plane in self._coverage_colours:
            drawn[inside.slices] = self._coverage_colours[plane][_coverage(surface, view, inside)]
            return
        hole = _coverage(self._document.mask, view, inside)
        if plane == COLOUR:
            drawn[inside.slices] = _colours(surface, view, inside)
        part = drawn[inside.slices]
        np.copyto(part, _faint(part), where=hole == 0)

    def _lines(self, surface: Surface, view: View, box: Box, halo: int) -> np.ndarray:
        around = box.grow(halo)
        lines = np.zeros((around.height, around.width), np.uint8)
        inside = on_photo(view, around)
        if not inside.empty:
            coverage = _coverage(surface, view, inside)
            if view.scale < 1:  # a line that is thinner than a pixel here is still a line
                coverage = cv2.convertScaleAbs(coverage, alpha=1 / view.scale)
            lines[inside.shift(-around.top, -around.left).slices] = coverage
        wide = cv2.dilate(lines, np.ones((2 * halo + 1, 2 * halo + 1), np.uint8))
        shade = cv2.multiply(wide, 255 - lines, scale=_HALO / 255)
        out = self._line_colours[lines] + (shade.astype(np.uint32) << 24)
        return out[halo:-halo, halo:-halo]


def coverage_colours(colour: tuple[int, int, int], opacity: float) -> np.ndarray:
    """(256,) uint32 premultiplied ARGB for each coverage."""
    alpha = np.arange(256) / 255 * opacity
    channels = [np.rint(alpha * value).astype(np.uint32) for value in (255, *colour)]
    return channels[0] << 24 | channels[1] << 16 | channels[2] << 8 | channels[3]


def _faint(pixels: np.ndarray) -> np.ndarray:
    """Premultiplied ARGB (uint32) at three eighths of its opacity."""
    return (pixels >> 2 & 0x3F3F3F3F) + (pixels >> 3 & 0x1F1F1F1F)


def _halo(ratio: float) -> int:
    """Device pixels."""
    return 1 + round(ratio)


def _coverage(surface: Surface, view: View, box: Box) -> np.ndarray:
    def tile_at(key):
        tile = surface.tile(key, view.level)
        return None if tile is None else tile[..., 0]

    return sample(view, box, tile_at, np.uint8)


def _colours(surface: Surface, view: View, box: Box) -> np.ndarray:
    def tile_at(key):
        tile = surface.tile(key, view.level)
        return None if tile is None else tile.view(np.uint32)[..., 0]

    # Premultiplied before it is reduced: what is transparent has no colour to mix in.
    return sample(view, box, tile_at, np.uint32, _premultiplied)


def _premultiplied(pixels: np.ndarray) -> np.ndarray:
    """(h, w) uint32 whose bytes are straight R, G, B, A as premultiplied 0xAARRGGBB."""
    channels = pixels.view(np.uint8).reshape(*pixels.shape, 4)
    channels = cv2.cvtColor(cv2.cvtColor(channels, cv2.COLOR_RGBA2mRGBA), cv2.COLOR_RGBA2BGRA)
    return channels.view(np.uint32)[..., 0]
