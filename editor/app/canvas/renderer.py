"""Turns the visible part of a document into device pixels.

Composited tiles are converted for the screen once and cached, per mip level; a change of the document throws away
only the tiles it touched. The view is then sampled from them: linearly when reduced, by nearest pixel when
magnified, so that single pixels can be seen and painted.
"""

import math
from collections import OrderedDict

import cv2
import numpy as np

from editor.app.canvas.view import View
from editor.document.document import Document
from editor.document.picture import Picture
from editor.raster.colour import as_depth, to_srgb8
from editor.raster.surface import Box, Key, Surface, keys_in, level_shape, tile_box

_CACHED_TILES = 256  # 64 MiB of converted tiles: three screens' worth at 1440 x 900; more where the view has more
_CHECK = 16  # pixels of the checkerboard's squares, shown through transparency
_OPAQUE = np.uint32(0xFF000000)


class Renderer:
    """Draws one document's composite and its mask, for any View of it."""

    def __init__(self, document: Document):
        self._document = document
        self._tiles: OrderedDict[tuple[int, Key], np.ndarray] = OrderedDict()
        self._stale: dict[tuple[int, Key], Box] = {}  # parts of them, in pixels of their level, to be drawn again
        self._room = _CACHED_TILES
        self._original = False

    @property
    def shows_original(self) -> bool:
        return self._original

    def show_original(self, on: bool) -> None:
        """Draw the photograph without its layers."""
        self._original = on
        self.forget()

    def forget(self, box: Box | None = None) -> None:
        """Composited pixels at full resolution have changed (None: all of them)."""
        if box is None:
            self._tiles.clear()
            self._stale.clear()
            return
        for level, key in self._tiles:
            part = Box(box.top >> level, box.left >> level, -(-box.bottom >> level), -(-box.right >> level)).intersect(
                tile_box(key))
            if not part.empty:
                self._stale[level, key] = self._stale.get((level, key), part).union(part)

    def draw(self, view: View, box: Box, ground: int) -> np.ndarray:
        """(height, width) uint32 0xffRRGGBB of the device pixels of ``box``; ``ground`` lies round the photograph."""
        out = np.full((box.height, box.width), _OPAQUE | np.uint32(ground), np.uint32)
        inside = self._on_photo(view, box)
        if not inside.empty:
            # All that is in sight, and some more: with less, each frame would drop what the next one needs.
            self._room = max(_CACHED_TILES, view.tiles * 5 // 4)
            picture = Picture(self._document.base, ()) if self._original else self._document.picture()
            out[inside.shift(-box.top, -box.left).slices] = _sample(
                view, inside, lambda key: self._tile(picture, view.level, key), np.uint32)
        return out

    def draw_mask(self, view: View, box: Box, table: np.ndarray) -> np.ndarray | None:
        """(height, width) uint32 premultiplied ARGB of the mask's overlay in ``box``; None where the mask is empty.

        ``table`` has the colour for each coverage 0..255.
        """
        inside = self._on_photo(view, box)
        mask = self._document.mask
        if inside.empty or not mask.keys():
            return None
        coverage = _sample(view, inside, lambda key: _plane(mask, key, view.level), np.uint8)
        out = np.zeros((box.height, box.width), np.uint32)
        out[inside.shift(-box.top, -box.left).slices] = table[coverage]
        return out

    def _on_photo(self, view: View, box: Box) -> Box:
        """The part of a device box whose pixel centres lie on the photograph."""
        left, top = view.to_device(0, 0)
        right, bottom = view.to_device(view.photo[1], view.photo[0])
        return box.intersect(Box(math.ceil(top - 0.5), math.ceil(left - 0.5), math.ceil(bottom - 0.5),
                                 math.ceil(right - 0.5)))

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


def overlay_table(red: int, green: int, blue: int, opacity: float) -> np.ndarray:
    """(256,) uint32 premultiplied ARGB for each coverage."""
    alpha = np.arange(256) / 255 * opacity
    channels = [np.rint(alpha * value).astype(np.uint32) for value in (255, red, green, blue)]
    return channels[0] << 24 | channels[1] << 16 | channels[2] << 8 | channels[3]


def _plane(surface: Surface, key: Key, level: int) -> np.ndarray | None:
    tile = surface.tile(key, level)
    return None if tile is None else tile[..., 0]


def _over_checkerboard(rgb: np.ndarray, alpha: np.ndarray, part: Box) -> np.ndarray:
    rows = np.arange(part.top, part.bottom)[:, None] // _CHECK
    columns = np.arange(part.left, part.right)[None, :] // _CHECK
    ground = np.where((rows + columns) % 2, 102, 153).astype(np.float32)[..., None]
    share = alpha.astype(np.float32) / 255
    return np.rint(ground + (rgb - ground) * share).astype(np.uint8)


def _sample(view: View, box: Box, tile_at, dtype: type) -> np.ndarray:
    """The device pixels of ``box``, all on the photograph, from the tiles of the view's mip level.

    ``tile_at(key)`` gives (h, w) tiles of ``dtype`` or None for all 0.
    """
    level = view.level
    scale = view.scale * 2**level  # device pixels a pixel of that level
    height, width = level_shape(view.photo, level)
    # Centres of device pixels, in pixels of the level.
    x = (np.arange(box.left, box.right) + 0.5 - view.left) / scale
    y = (np.arange(box.top, box.bottom) + 0.5 - view.top) / scale
    if scale >= 1:
        columns = np.clip(np.floor(x).astype(np.intp), 0, width - 1)
        rows = np.clip(np.floor(y).astype(np.intp), 0, height - 1)
        around = Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
        source = _assemble(around, tile_at, dtype)
        if scale == 1:
            return source
        return source.take(columns - around.left, axis=1).take(rows - around.top, axis=0)
    around = Box(math.floor(y[0] - 0.5), math.floor(x[0] - 0.5), math.floor(y[-1] - 0.5) + 2,
                 math.floor(x[-1] - 0.5) + 2).intersect(Box(0, 0, height, width))
    source = _assemble(around, tile_at, dtype)
    channels = source.view(np.uint8).reshape(*source.shape, source.itemsize)
    matrix = np.array([[1 / scale, 0, x[0] - 0.5 - around.left], [0, 1 / scale, y[0] - 0.5 - around.top]])
    drawn = cv2.warpAffine(channels, matrix, (box.width, box.height),
                           flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    return drawn.reshape(box.height, box.width, source.itemsize).view(dtype)[..., 0]


def _assemble(box: Box, tile_at, dtype: type) -> np.ndarray:
    out = np.zeros((box.height, box.width), dtype)
    for key in keys_in(box):
        tile = tile_at(key)
        if tile is not None:
            part = tile_box(key).intersect(box)
            out[part.shift(-box.top, -box.left).slices] = tile[
                part.shift(-tile_box(key).top, -tile_box(key).left).slices]
    return out
