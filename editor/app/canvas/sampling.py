"""Tiles of a mip level brought to the device pixels of a view.

Linearly when reduced, by nearest pixel when magnified, so that single pixels can be seen and painted.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np

from editor.app.canvas.view import View
from editor.raster.surface import Box, Key, keys_in, level_shape, tile_box


def on_photo(view: View, box: Box) -> Box:
    """The part of a device box whose pixel centres lie on the photograph."""
    left, top = view.to_device(0, 0)
    right, bottom = view.to_device(view.photo[1], view.photo[0])
    return box.intersect(Box(math.ceil(top - 0.5), math.ceil(left - 0.5), math.ceil(bottom - 0.5),
                             math.ceil(right - 0.5)))


def sample(view: View, box: Box, tile_at: Callable[[Key], np.ndarray | None], dtype: type,
           prepare: Callable[[np.ndarray], np.ndarray] = lambda pixels: pixels) -> np.ndarray:
    """The device pixels of ``box``, all on the photograph, from the tiles of the view's mip level.

    ``tile_at(key)`` gives (h, w) tiles of ``dtype`` or None for all 0; ``prepare`` makes of the pixels read from
    them, however many there are, what is sampled.
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
        source = prepare(_assemble(around, tile_at, dtype))
        if scale == 1:
            return source
        return source.take(columns - around.left, axis=1).take(rows - around.top, axis=0)
    around = Box(math.floor(y[0] - 0.5), math.floor(x[0] - 0.5), math.floor(y[-1] - 0.5) + 2,
                 math.floor(x[-1] - 0.5) + 2).intersect(Box(0, 0, height, width))
    source = prepare(_assemble(around, tile_at, dtype))
    channels = source.view(np.uint8).reshape(*source.shape, source.itemsize)
    matrix = np.array([[1 / scale, 0, x[0] - 0.5 - around.left], [0, 1 / scale, y[0] - 0.5 - around.top]])
    drawn = cv2.warpAffine(channels, matrix, (box.width, box.height),
                           flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    return drawn.reshape(box.height, box.width, source.itemsize).view(dtype)[..., 0]


def _assemble(box: Box, tile_at: Callable[[Key], np.ndarray | None], dtype: type) -> np.ndarray:
    out = np.zeros((box.height, box.width), dtype)
    for key in keys_in(box):
        tile = tile_at(key)
        if tile is not None:
            part = tile_box(key).intersect(box)
            out[part.shift(-box.top, -box.left).slices] = tile[
                part.shift(-tile_box(key).top, -tile_box(key).left).slices]
    return out
