"""Small pictures of large surfaces, for panels: sampled sparsely, so that their cost does not grow with the photo."""

from collections.abc import Sequence

import cv2
import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap

from editor.document.document import Document
from editor.document.layers import Variant
from editor.document.picture import Picture, Sheet
from editor.raster.blending import NORMAL
from editor.raster.colour import to_8_bit, to_srgb8
from editor.raster.surface import TILE, Box, Surface, keys_in, tile_box

_OVERSAMPLING = 4  # samples along a side for each pixel of the thumbnail
_CHECKER = ((0x58, 0x58, 0x58), (0x48, 0x48, 0x48))
_SQUARE = 5  # pixels of a checker's square


def sampled(surface: Surface, box: Box, step: int) -> np.ndarray:
    """Every ``step``-th pixel, counted from the upper left corner of the surface, of what of it lies in ``box``.

    ``step`` is a power of two up to TILE. (h, w, channels) of the surface's dtype.
    """
    box = box.intersect(surface.bounds)
    top, left = -(-box.top // step), -(-box.left // step)
    out = np.zeros((max(0, -(-box.bottom // step) - top), max(0, -(-box.right // step) - left), surface.channels),
                   surface.dtype)
    for key in keys_in(box):
        tile = surface.tile(key)
        if tile is None:
            continue
        corner = tile_box(key)
        part = corner.intersect(box)
        rows, columns = slice(-(-part.top // step), -(-part.bottom // step)), slice(
            -(-part.left // step), -(-part.right // step))
        out[rows.start - top:rows.stop - top, columns.start - left:columns.stop - left] = tile[
            rows.start * step - corner.top:part.bottom - corner.top:step,
            columns.start * step - corner.left:part.right - corner.left:step]
    return out


def step_for(box: Box, side: int) -> int:
    """The sampling step that gives a thumbnail of ``box``, ``side`` pixels long, enough to average."""
    step = 1
    while step < TILE and max(box.height, box.width) // (2 * step) >= side * _OVERSAMPLING:
        step *= 2
    return step


def photo_image(document: Document, side: int) -> QImage:
    """The photograph itself, ``side`` pixels long."""
    box = document.base.bounds
    return _image(sampled(document.base, box, step_for(box, side)), document.photo.profile, side)


def layer_image(document: Document, layer_id: str, side: int) -> QImage:
    """A layer's own pixels over a checker, in the place they have on the photograph."""
    surface = document.surfaces[layer_id]
    return _image(sampled(surface, surface.bounds, step_for(surface.bounds, side)), document.photo.profile, side)


def variant_images(document: Document, variants: Sequence[Variant], below: str | None, side: int,
                   mode: str = NORMAL) -> list[QImage]:
    """Each variant over what lies beneath the layer ``below`` (None: all), all with the same bit of surroundings."""
    box = Box(0, 0, 0, 0)
    for variant in variants:
        box = box.union(variant.box)
    box = _square(box.grow(8 + max(box.height, box.width) // 8), document.base.bounds)
    step = step_for(box, side)
    beneath = document.picture(below)
    base = Surface.from_array(sampled(beneath.base, box, step))
    sheets = tuple(Sheet(Surface.from_array(sampled(sheet.surface, box, step)), sheet.opacity, sheet.mode)
                   for sheet in beneath.sheets)
    images = []
    for variant in variants:
        pixels = np.zeros((*base.shape, document.colours + 1), base.dtype)
        _sample_variant(variant, box, step, pixels)
        own = Sheet(Surface.from_array(pixels), 1.0, mode)
        images.append(_image(Picture(base, (*sheets, own)).read(base.bounds), document.photo.profile, side))
    return images


def pixmap(image: QImage, size: QSize, ratio: float) -> QPixmap:
    """``image`` fitted into ``size`` (in units of the layout) on a screen with that device pixel ratio."""
    if image.isNull():
        return QPixmap()
    scaled = image.scaled(size * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    scaled.setDevicePixelRatio(ratio)
    return QPixmap.fromImage(scaled)


def to_image(rgb: np.ndarray) -> QImage:
    """A QImage with its own copy of (h, w, 3) uint8 sRGB."""
    height, width = rgb.shape[:2]
    return QImage(np.ascontiguousarray(rgb).data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _sample_variant(variant: Variant, box: Box, step: int, out: np.ndarray) -> None:
    """As ``sampled``, of the layer that the variant would make, into ``out``, which is all 0."""
    top, left = -(-box.top // step), -(-box.left // step)
    for patch in variant.patches:
        part = patch.box.intersect(box)
        rows = np.arange(-(-part.top // step), -(-part.bottom // step))
        columns = np.arange(-(-part.left // step), -(-part.right // step))
        if not rows.size or not columns.size:
            continue
        grid = np.ix_(rows * step - patch.box.top, columns * step - patch.box.left)
        alpha = patch.alpha[grid][..., None]
        new = np.concatenate([patch.pixels[grid], alpha], axis=2)
        target = out[rows[0] - top:rows[-1] + 1 - top, columns[0] - left:columns[-1] + 1 - left]
        np.copyto(target, new, where=(alpha > 0) & (alpha >= target[..., -1:]))


def _square(box: Box, bounds: Box) -> Box:
    """Make a long box less so, where the photograph has room: thumbnails should show alike much."""
    side = max(box.height, box.width)
    top, left = (box.top + box.bottom - side) // 2, (box.left + box.right - side) // 2
    top, left = max(0, min(top, bounds.bottom - side)), max(0, min(left, bounds.right - side))
    return Box(top, left, top + side, left + side).intersect(bounds)


def _image(pixels: np.ndarray, profile: bytes | None, side: int) -> QImage:
    """(h, w, c) averaged down to ``side``, transparency over a checker, as sRGB."""
    height, width = pixels.shape[:2]
    if not height or not width:
        return QImage()
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = to_8_bit(pixels)
    if small.shape[2] in (1, 3):
        colour = cv2.resize(small, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], small.shape[2])
        return to_image(to_srgb8(colour, profile))
    alpha = small[..., -1:].astype(np.float32) / 255
    weighted = cv2.resize(small[..., :-1] * alpha, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    cover = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)[..., None]
    colour = np.rint(weighted / np.maximum(cover, 1e-6)).clip(0, 255).astype(np.uint8)
    squares = (np.add.outer(np.arange(size[1]) // _SQUARE, np.arange(size[0]) // _SQUARE) % 2)[..., None]
    checker = np.where(squares, *(np.array(grey, np.float32) for grey in _CHECKER))
    mixed = checker + (to_srgb8(colour, profile) - checker) * cover
    return to_image(np.rint(mixed).astype(np.uint8))
