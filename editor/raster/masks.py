"""Whole-mask operations on a coverage plane (Surface of one uint8 channel).

Each returns a new surface. Work is confined to the part of the mask that has anything in it.
"""

import math

import cv2
import numpy as np

from editor.raster.surface import Surface, keys_in, tile_box

_STEP = 8  # radius of the discs that a larger disc is built from
_BLOCK = 4  # side in pixels of the blocks that take a long way for their pixels
_LONG = 64  # radius from which a way is long
_WIDE = 16  # sigma in pixels from which a blur is taken at a smaller size
_FINE = 4  # the same, where it is made steep again


def invert(mask: Surface) -> Surface:
    """255 minus every pixel."""
    out = Surface(mask.shape, 1, np.uint8)
    full: dict[tuple[int, int], np.ndarray] = {}  # empty tiles become one shared array per size
    for key in keys_in(mask.bounds):
        tile = mask.tile(key)
        if tile is None:
            size = mask.tile_shape(key)
            if size not in full:
                full[size] = np.full((*size, 1), 255, np.uint8)
            out.put(key, full[size])
        elif not (tile == 255).all():
            out.put(key, 255 - tile)
    return out


def grow(mask: Surface, pixels: int) -> Surface:
    """Widen by a disc of ``pixels`` radius (grey dilation, so soft edges stay soft)."""
    return _near(mask, pixels, lambda plane: _by_discs(cv2.dilate, plane, pixels, 0))


def shrink(mask: Surface, pixels: int) -> Surface:
    """Narrow by a disc of ``pixels`` radius; the picture's border does not count as an edge."""
    return _near(mask, 0, lambda plane: _by_discs(cv2.erode, plane, pixels, 255), context=pixels)


def feather(mask: Surface, pixels: int) -> Surface:
    """Soften the edge over about ``pixels`` to either side (Gaussian, sigma = pixels / 2)."""
    return _near(mask, 2 * pixels, lambda plane: _blur(plane, max(pixels / 2, 0.1)))


def smooth(mask: Surface, pixels: int) -> Surface:
    """Round off what of the edge is finer than about ``pixels``; straight edges stay where they are, and become sharp.

    Half the level of a Gaussian (sigma = pixels / 2), made steep again.
    """
    def rounded(plane: np.ndarray) -> np.ndarray:
        sigma = max(pixels / 2, 0.5)
        fine = sigma > _FINE  # what is made steep by so much needs the sixteen bits
        level = _blur(plane.astype(np.uint16) * 257 if fine else plane, sigma, _FINE)
        steep = math.sqrt(2 * math.pi) * sigma
        return cv2.addWeighted(level, steep / (257 if fine else 1), level, 0, 127.5 * (1 - steep), dtype=cv2.CV_8U)

    return _near(mask, 2 * pixels, rounded)


def fill_holes(mask: Surface) -> Surface:
    """Fill what the mask encloses: what is less than half covered and has no way out of the photo but through more."""
    def filled(plane: np.ndarray) -> np.ndarray:
        out = plane.copy()
        out[_enclosed(plane < 128) | _enclosed(plane < 255)] = 255
        return out

    return _near(mask, 0, filled)


def remove_specks(mask: Surface, pixels: int) -> Surface:
    """Take away every patch that is at most ``pixels`` wide and high; thin but long ones stay."""
    def cleaned(plane: np.ndarray) -> np.ndarray:
        _, labels, boxes, _ = cv2.connectedComponentsWithStats((plane > 0).view(np.uint8))
        large = (boxes[:, cv2.CC_STAT_WIDTH] > pixels) | (boxes[:, cv2.CC_STAT_HEIGHT] > pixels)
        large[0] = False  # all that is not covered
        return np.where(large[labels], plane, np.uint8(0))

    return _near(mask, 0, cleaned)


def from_array(plane: np.ndarray) -> Surface:
    """A sparse mask surface from (h, w) uint8."""
    out = Surface(plane.shape, 1, np.uint8)
    for key in keys_in(out.bounds):
        tile = plane[tile_box(key).intersect(out.bounds).slices]
        if tile.any():
            out.put(key, tile[..., None].copy())
    return out


def _enclosed(open_: np.ndarray) -> np.ndarray:
    """Which pixels of a (h, w) bool plane have no way of such pixels to its border."""
    ways = cv2.copyMakeBorder(open_.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    cv2.floodFill(ways, None, (0, 0), 0)
    return ways[1:-1, 1:-1].view(bool)


def _blur(plane: np.ndarray, sigma: float, wide: float = _WIDE) -> np.ndarray:
    """Gaussian blur; a wide one on a reduced plane, which loses nothing that it would keep."""
    factor = 1
    while sigma / factor > wide:
        factor *= 2
    height, width = plane.shape
    padded = cv2.copyMakeBorder(plane, 0, -height % factor, 0, -width % factor, cv2.BORDER_REPLICATE)
    size = padded.shape[1], padded.shape[0]
    small = cv2.resize(padded, (size[0] // factor, size[1] // factor), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)[:height, :width]


def _by_discs(operation, plane: np.ndarray, pixels: int, border: int) -> np.ndarray:
    """Dilate or erode by a large disc as a chain of small ones: the cost grows with the radius, not its square."""
    if pixels >= _LONG:
        blocks = pixels // _BLOCK - 3  # the rest leaves no trace of their corners
        plane = _by_blocks(operation, plane, blocks, border)
        # A block that has any of the hole counts as all of it: some 3 pixels, measured with discs.
        pixels -= blocks * _BLOCK + 3
    while pixels > 0:
        radius = min(pixels, _STEP)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
        plane = operation(plane, disc, borderType=cv2.BORDER_CONSTANT, borderValue=border)
        pixels -= radius
    return plane


def _by_blocks(operation, plane: np.ndarray, count: int, border: int) -> np.ndarray:
    """Dilate or erode by a disc of ``count`` blocks."""
    height, width = plane.shape
    plane = cv2.copyMakeBorder(plane, 0, -height % _BLOCK, 0, -width % _BLOCK, cv2.BORDER_CONSTANT, value=border)
    size = plane.shape[1], plane.shape[0]
    square = np.ones((_BLOCK, _BLOCK), np.uint8)
    blocks = operation(plane, square, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT, borderValue=border)
    blocks = np.ascontiguousarray(blocks[::_BLOCK, ::_BLOCK])
    blocks = _by_discs(operation, blocks, count, border)
    return cv2.resize(blocks, size, interpolation=cv2.INTER_NEAREST)[:height, :width]


def _near(mask: Surface, reach: int, change, context: int = 0) -> Surface:
    """Apply ``change`` to the (h, w) plane round the mask's content, grown by ``reach`` pixels."""
    content = mask.content_box()
    out = Surface(mask.shape, 1, np.uint8)
    if content.empty:
        return out
    box = content.grow(reach + context + 1).intersect(mask.bounds)
    changed = change(mask.read(box)[..., 0])
    out.edit(box, lambda part, old: changed[part.shift(-box.top, -box.left).slices][..., None])
    return out
