"""Small pictures of large surfaces, for panels: sampled sparsely, so that their cost does not grow with the photo."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap

from editor.document.document import SKETCH, Document
from editor.document.layers import Variant, mask_name
from editor.document.picture import Picture, Sheet
from editor.raster.blending import NORMAL
from editor.raster.colour import to_8_bit, to_srgb8
from editor.raster.surface import TILE, Box, Surface, keys_in, tile_box

_OVERSAMPLING = 2  # samples along a side for each pixel of the thumbnail
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
    for key in surface.keys() if box == surface.bounds else keys_in(box):  # most of a layer has no tiles
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


def mask_image(document: Document, layer_id: str, side: int) -> QImage:
    """A layer's mask: white where the layer is shown, black where it is hidden."""
    surface = document.surfaces[mask_name(layer_id)]
    return _image(255 - sampled(surface, surface.bounds, step_for(surface.bounds, side)), None, side)


def variants_box(document: Document, variants: Sequence[Variant]) -> Box:
    """The part of the photograph that thumbnails of these variants show: all they cover and a little round it."""
    box = Box(0, 0, 0, 0)
    for variant in variants:
        box = box.union(variant.box)
    return _square(box.grow(8 + max(box.height, box.width) // 8), document.base.bounds)


def variant_image(document: Document, variant: Variant, box: Box, below: str | None, side: int,
                  mode: str = NORMAL) -> QImage:
    """``box`` of the picture with a variant over what lies beneath the layer ``below`` (None: over all)."""
    beneath = small_picture(document.picture(below), box, side)
    own = _reduced(_sampled_variant(variant, box, step_for(box, side)), side)
    small = Picture(beneath.base, (*beneath.sheets, Sheet(Surface.from_array(own), 1.0, mode)))
    return _image(small.read(small.base.bounds), document.photo.profile, side)


def small_picture(picture: Picture, box: Box, side: int) -> Picture:
    """``box`` of a picture, ``side`` pixels long, 8 bits."""
    def small(surface: Surface) -> Surface:
        return Surface.from_array(_reduced(sampled(surface, box, step_for(box, side)), side))

    return Picture(small(picture.base), tuple(
        replace(sheet, surface=small(sheet.surface), hidden=sheet.hidden and small(sheet.hidden))
        for sheet in picture.sheets))


def lines_image(document: Document, box: Box, lines: np.ndarray, side: int) -> QImage:
    """The picture about ``box``, its mask bright and in it ``lines`` (coverage (h, w) uint8 of the box) and what is
    drawn already, dark; about ``side`` pixels long."""
    around = _square(box.grow(8 + max(box.height, box.width) // 4), document.base.bounds)
    level = step_for(around, side).bit_length() - 1
    part = Box(around.top >> level, around.left >> level, -(-around.bottom >> level), -(-around.right >> level))
    picture = document.picture()
    rgb = to_srgb8(picture.read(part, level)[..., :picture.colours], document.photo.profile)
    drawn = document.surfaces[SKETCH].read(around)[..., 0]
    own = drawn[box.shift(-around.top, -around.left).slices]
    np.maximum(own, lines, out=own)
    hole, drawn = (cv2.resize(plane, (part.width, part.height), interpolation=cv2.INTER_AREA)[..., None] / 255
                   for plane in (document.mask.read(around)[..., 0], drawn))
    rgb = rgb * (1 - 0.85 * hole) + 0.85 * 240 * hole
    return to_image((rgb * (1 - np.minimum(1, drawn * 2**level))).astype(np.uint8))


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


def _sampled_variant(variant: Variant, box: Box, step: int) -> np.ndarray:
    """As ``sampled``, of the layer that the variant would make."""
    first = variant.patches[0].pixels
    top, left = -(-box.top // step), -(-box.left // step)
    out = np.zeros((-(-box.bottom // step) - top, -(-box.right // step) - left, first.shape[2] + 1), first.dtype)
    for patch in variant.patches:
        part = patch.box.intersect(box)
        row, column = -(-part.top // step), -(-part.left // step)
        places = (slice(row * step - patch.box.top, part.bottom - patch.box.top, step),
                  slice(column * step - patch.box.left, part.right - patch.box.left, step))
        alpha = patch.alpha[places][..., None]
        new = np.concatenate([patch.pixels[places], alpha], axis=2)
        target = out[row - top:row - top + alpha.shape[0], column - left:column - left + alpha.shape[1]]
        np.copyto(target, new, where=(alpha > 0) & (alpha >= target[..., -1:]))
    return out


def _square(box: Box, bounds: Box) -> Box:
    """Make a long box less so, where the photograph has room: thumbnails should show alike much."""
    side = max(box.height, box.width)
    top, left = (box.top + box.bottom - side) // 2, (box.left + box.right - side) // 2
    top, left = max(0, min(top, bounds.bottom - side)), max(0, min(left, bounds.right - side))
    return Box(top, left, top + side, left + side).intersect(bounds)


def _reduced(pixels: np.ndarray, side: int) -> np.ndarray:
    """(h, w, c) averaged down to ``side`` pixels, uint8; colours count by their alpha, where there is one."""
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = to_8_bit(pixels)
    if pixels.shape[2] in (1, 3):
        return cv2.resize(small, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    alpha = small[..., -1:].astype(np.float32)
    weighted = cv2.resize(small[..., :-1] * alpha, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    cover = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)[..., None]
    colour = weighted / np.maximum(cover, 1e-6)
    return np.rint(np.concatenate([colour, cover], axis=2)).clip(0, 255).astype(np.uint8)


def _image(pixels: np.ndarray, profile: bytes | None, side: int) -> QImage:
    """(h, w, c) averaged down to ``side``, transparency over a checker, as sRGB."""
    if not pixels.size:
        return QImage()
    small = _reduced(pixels, side)
    if small.shape[2] in (1, 3):
        return to_image(to_srgb8(small, profile))
    colour, cover = to_srgb8(small[..., :-1], profile), small[..., -1:] / np.float32(255)
    rows, columns = np.indices(small.shape[:2]) // _SQUARE
    checker = np.where(((rows + columns) % 2)[..., None], *(np.array(grey, np.float32) for grey in _CHECKER))
    return to_image(np.rint(checker + (colour - checker) * cover).astype(np.uint8))
