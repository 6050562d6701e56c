"""The compositor: the photograph and its visible layers as one picture.

It works at the photograph's depth, tile by tile, and is the same for the screen, for fills and for export.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from editor.raster.adjustments import Adjustment, adjusted
from editor.raster.blending import MODES, NORMAL, composite
from editor.raster.surface import Box, Key, Surface, keys_in, level_shape, tile_box


@dataclass(frozen=True)
class Sheet:
    """One visible layer as the compositor sees it."""

    surface: Surface  # colour channels and alpha
    opacity: float
    mode: str
    hidden: Surface | None = None  # its mask: 1 channel, uint8, how much of it is hidden
    adjustment: Adjustment | None = None  # what it does to all that is beneath it, alpha apart; its surface is empty

    @property
    def everywhere(self) -> bool:
        """Whether it may change the picture also where it has no pixels."""
        return self.adjustment is not None or MODES[self.mode].cuts


@dataclass(frozen=True)
class Picture:
    """A photograph and the sheets over it, bottom to top.

    ``tile`` and ``read`` give (h, w, c) of the photograph's dtype, where c is its colour channels (1 or 3), plus
    straight alpha if ``has_alpha``. Pixels that no sheet covers are the photograph's own, bit for bit.
    """

    base: Surface
    sheets: tuple[Sheet, ...]

    @property
    def colours(self) -> int:
        return 1 if self.base.channels < 3 else 3

    @property
    def has_alpha(self) -> bool:
        return self.base.channels in (2, 4) or any(MODES[sheet.mode].cuts for sheet in self.sheets)

    @property
    def channels(self) -> int:
        return self.colours + self.has_alpha

    def touched(self) -> frozenset[Key]:
        """The tiles that can differ from the photograph's own."""
        if any(sheet.everywhere for sheet in self.sheets):
            return frozenset(keys_in(self.base.bounds))
        return frozenset().union(*(sheet.surface.keys() for sheet in self.sheets))

    def tile(self, key: Key, level: int = 0) -> np.ndarray:
        """The composited tile at ``key`` of a mip level; possibly the photograph's own, so not to be written to."""
        return self._part(key, level, (slice(None), slice(None)))

    def read(self, box: Box, level: int = 0) -> np.ndarray:
        """A new array of the pixels of ``box``, which must lie inside the picture at that level."""
        if not self.sheets and self.base.channels == self.channels:
            return self.base.read(box, level)
        out = np.zeros((box.height, box.width, self.channels), self.base.dtype)
        inside = box.intersect(Box(0, 0, *level_shape(self.base.shape, level)))
        for key in keys_in(inside):
            part = tile_box(key).intersect(inside)
            out[part.shift(-box.top, -box.left).slices] = self._part(
                key, level, part.shift(-tile_box(key).top, -tile_box(key).left).slices)
        return out

    def _part(self, key: Key, level: int, where: tuple[slice, slice]) -> np.ndarray:
        """The composite of some rows and columns of a tile."""
        beneath = self.base.tile(key, level)
        if beneath is None:
            beneath = np.zeros((*self.base.tile_shape(key, level), self.base.channels), self.base.dtype)
        over = [(sheet, None if tile is None else tile[where], _hidden(sheet, key, level, where))
                for sheet in self.sheets
                if (tile := sheet.surface.tile(key, level)) is not None or sheet.everywhere]
        if not over and self.base.channels == self.channels:
            return beneath[where]
        return self._blend(beneath[where], over)

    def _blend(self, beneath: np.ndarray, over: list[tuple[Sheet, np.ndarray | None, np.ndarray | None]]) -> np.ndarray:
        full = np.float32(self.base.max_value)
        if beneath.shape[2] > self.colours:
            colour, alpha = _shares(beneath, full)
        else:
            colour, alpha = beneath / full, None
        for number, (sheet, tile, hidden) in enumerate(over):
            if sheet.adjustment is not None:
                # Whole numbers are looked up faster.
                source = adjusted(sheet.adjustment, colour if number else beneath[..., :self.colours])
                coverage = np.ones_like(colour[..., :1])
                if hidden is None and (sheet.mode, sheet.opacity) == (NORMAL, 1):
                    colour = source
                    continue
            elif tile is None:
                source, coverage = np.zeros_like(colour), np.zeros_like(colour[..., :1])
            else:
                source, coverage = _shares(tile, full)
            coverage *= np.float32(sheet.opacity)
            if hidden is not None:
                coverage *= 1 - hidden / np.float32(255)
            if sheet.adjustment is not None and not MODES[sheet.mode].cuts:
                colour, _ = composite(colour, None, source, coverage, sheet.mode)  # transparent stays transparent
            else:
                colour, alpha = composite(colour, alpha, source, coverage, sheet.mode)
        colour = _whole(colour, full, self.base.dtype)
        if not self.has_alpha:
            return colour
        alpha = np.full_like(colour[..., :1], full) if alpha is None else _whole(alpha, full, self.base.dtype)
        return cv2.merge([colour, alpha])


def _hidden(sheet: Sheet, key: Key, level: int, where: tuple[slice, slice]) -> np.ndarray | None:
    """(h, w, 1) of a sheet's mask; None where it hides nothing."""
    tile = None if sheet.hidden is None else sheet.hidden.tile(key, level)
    return None if tile is None else tile[where]


def shown(surface: Surface, hidden: Surface, colours_stay: bool = False) -> Surface:
    """A layer's pixels with what its mask hides taken from their alpha.

    Pixels of which nothing is left are all 0, unless ``colours_stay``.
    """
    out = surface.snapshot()
    for key in surface.keys() & hidden.keys():
        tile = surface.tile(key).copy()
        tile[..., -1:] = np.rint(tile[..., -1:] * (1 - hidden.tile(key) / np.float32(255)))
        if not colours_stay:
            tile *= tile[..., -1:] > 0
        out.put(key, tile if tile.any() else None)
    return out


def merged(sheets: Sequence[Sheet], shape: tuple[int, int], channels: int, dtype: np.dtype) -> Surface:
    """Sheets composited over nothing, as the pixels of one layer: (*shape, channels) of ``dtype``, alpha last."""
    picture, out = Picture(Surface(shape, channels, dtype), tuple(sheets)), Surface(shape, channels, dtype)
    for key in set().union(*(sheet.surface.keys() for sheet in sheets)):
        tile = picture.tile(key)
        tile = tile * (tile[..., -1:] > 0)  # an adjustment gives colour also to what is transparent
        if tile.any():
            out.put(key, tile)
    return out


def _shares(pixels: np.ndarray, full: np.float32) -> tuple[np.ndarray, np.ndarray]:
    """(h, w, 2 or 4) to float32 0..1: the colour (h, w, 1 or 3) and the alpha (h, w, 1), each contiguous."""
    colour = pixels[..., :1] if pixels.shape[2] == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB)
    return colour / full, pixels[..., -1:] / full


def _whole(shares: np.ndarray, full: np.float32, dtype: np.dtype) -> np.ndarray:
    """float32 0..1 back to the photograph's depth."""
    out = np.clip(shares, 0, 1)
    out *= full
    return np.rint(out, out=out).astype(dtype)
