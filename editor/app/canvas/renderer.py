"""Turns the visible part of a document into device pixels.

Composited tiles are converted for the screen once and cached, per mip level; a change of the document throws away
only the tiles it touched. The view is then sampled from them.
"""

from collections import OrderedDict
from collections.abc import Callable

import cv2
import numpy as np

from editor.app.canvas.sampling import on_photo, sample
from editor.app.canvas.view import View
from editor.document.document import Document
from editor.document.picture import Picture
from editor.raster.colour import as_depth, to_srgb8
from editor.raster.surface import Box, Key, keys_in, level_shape, tile_box

_CACHED_TILES = 256  # 64 MiB of converted tiles: three screens' worth at 1440 x 900; more where the view has more
_CHECK = 16  # pixels of the checkerboard's squares, shown through transparency
_OPAQUE = np.uint32(0xFF000000)


class Renderer:
    """Draws one document's composite, for any View of it."""

    def __init__(self, document: Document):
        self._document = document
        self._tiles: OrderedDict[tuple[int, Key], np.ndarray] = OrderedDict()
        self._stale: dict[tuple[int, Key], Box] = {}  # parts of them, in pixels of their level, to be drawn again
        self._room = _CACHED_TILES
        self._original = False
        self._picture_of: Callable[[Document], Picture] = Document.picture

    @property
    def shows_original(self) -> bool:
        return self._original

    def show_original(self, on: bool) -> None:
        """Draw the photograph without its layers."""
        self._original = on
        self.forget()

    def show_instead(self, picture_of: Callable[[Document], Picture] | None) -> None:
        """Draw another picture than the document's composite, or that again."""
        self._picture_of = picture_of or Document.picture
        self.forget()

    def forget(self, box: Box | None = None) -> None:
        """Composited pixels at full resolution have changed (None: all of them)."""
        if box is None:
            self._tiles.clear()
            self._stale.clear()
            return
        for level in {level for level, _ in self._tiles}:
            part = Box(box.top >> level, box.left >> level, -(-box.bottom >> level), -(-box.right >> level))
            for key in keys_in(part):
                if (level, key) in self._tiles:
                    here = part.intersect(tile_box(key))
                    self._stale[level, key] = self._stale.get((level, key), here).union(here)

    def draw(self, view: View, box: Box, ground: int) -> np.ndarray:
        """(height, width) uint32 0xffRRGGBB of the device pixels of ``box``; ``ground`` lies round the photograph."""
        out = np.full((box.height, box.width), _OPAQUE | np.uint32(ground), np.uint32)
        inside = on_photo(view, box)
        if not inside.empty:
            # All that is in sight, and some more: with less, each frame would drop what the next one needs.
            self._room = max(_CACHED_TILES, view.tiles * 5 // 4)
            picture = Picture(self._document.base, ()) if self._original else self._picture_of(self._document)
            out[inside.shift(-box.top, -box.left).slices] = sample(
                view, inside, lambda key: self._tile(picture, view.level, key), np.uint32)
        return out

    def _tile(self, picture: Picture, level: int, key: Key) -> np.ndarray:
        tile = self._tiles.get((level, key))
        if tile is None:
            whole = tile_box(key).intersect(Box(0, 0, *level_shape(self._document.shape, level)))
            tile = self._tiles[level, key] = self._for_screen(picture, whole, level)
            while len(self._tiles) > self._room:
                oldest, _ = self._tiles.popitem(last=False)
                self._stale.pop(oldest, None)
        else:
            self._tiles.move_to_end((level, key))
            part = self._stale.pop((level, key), Box(0, 0, 0, 0)).intersect(
                Box(0, 0, *level_shape(self._document.shape, level)))
            if not part.empty:
                corner = tile_box(key)
                tile[part.shift(-corner.top, -corner.left).slices] = self._for_screen(picture, part, level)
        return tile

    def _for_screen(self, picture: Picture, part: Box, level: int) -> np.ndarray:
        """Composited pixels as (h, w) uint32 0xffRRGGBB in sRGB."""
        pixels = picture.read(part, level)
        rgb = to_srgb8(pixels[..., :picture.colours], self._document.photo.profile)
        if picture.has_alpha:
            alpha = as_depth(np.ascontiguousarray(pixels[..., picture.colours:]), np.dtype(np.uint8))
            rgb = _over_checkerboard(rgb, alpha, part)
        return cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2BGRA).view(np.uint32)[..., 0]


def _over_checkerboard(rgb: np.ndarray, alpha: np.ndarray, part: Box) -> np.ndarray:
    rows = np.arange(part.top, part.bottom)[:, None] // _CHECK
    columns = np.arange(part.left, part.right)[None, :] // _CHECK
    ground = np.where((rows + columns) % 2, 102, 153).astype(np.float32)[..., None]
    share = alpha.astype(np.float32) / 255
    return np.rint(ground + (rgb - ground) * share).astype(np.uint8)
