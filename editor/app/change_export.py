"""The map of changes as a file: row of tiles by row of tiles, however large the photograph."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from editor.app.canvas.change_overlay import COLOURS
from editor.app.change_commands import share
from editor.app.pixels import array_of
from editor.atomic import replacing
from editor.document.changes import STRENGTHS, class_table, count_classes, strengths
from editor.document.document import Snapshot
from editor.engines.contract import Progress
from editor.raster.colour import grey, to_srgb8
from editor.raster.surface import TILE, Box, keys_in
from editor.storage.png_chunks import chunk
from editor.storage.png_strips import write_png

NAMES = ("slight", "clear", "strong")
_LEAST_WIDTH = 480  # pixels that the legend needs
_GROUND = 24  # grey beside and beneath the picture
_DIM = (60, 0.35)  # the picture's grey: what black becomes, and how much of its contrast is left
_SRGB = chunk(b"sRGB", b"\0")


def write_mask(snapshot: Snapshot, path: Path, progress: Progress) -> None:
    """An 8-bit grey PNG of the photograph's size: 255 where any bit of a pixel has changed, else 0.

    Raises UserError where it cannot be written.
    """
    with replacing(path) as file:
        strips = (np.where(found > 0, np.uint8(255), np.uint8(0))[..., None] for _, found in _rows(snapshot, progress))
        write_png(file, file, snapshot.base.shape, 1, np.dtype(np.uint8), strips, b"")


def write_map(snapshot: Snapshot, path: Path, progress: Progress) -> None:
    """An RGB PNG: the picture in dim greys, what has changed in the colours of its class, and beneath it a legend that
    says how many pixels of each there are. Raises UserError where it cannot be written.
    """
    height, width = snapshot.base.shape
    wide = max(width, _LEAST_WIDTH)
    with replacing(path) as file:
        write_png(file, file, (height + _legend_height(wide), wide), 3, np.dtype(np.uint8),
                  _map_strips(snapshot, wide, progress), _SRGB)


def _map_strips(snapshot: Snapshot, wide: int, progress: Progress) -> Iterator[np.ndarray]:
    picture, profile = snapshot.picture(), snapshot.photo.profile
    table, counts = class_table(), np.zeros(1 + len(STRENGTHS), np.int64)
    colours = np.array([(0, 0, 0), *COLOURS], np.uint8)
    for box, found in _rows(snapshot, progress):
        classes = table[found]
        counts += count_classes(found)
        seen = to_srgb8(picture.read(box)[..., :picture.colours], profile)
        dim = np.rint(_DIM[0] + grey(seen).astype(np.float32) * _DIM[1]).astype(np.uint8)
        strip = np.full((box.height, wide, 3), _GROUND, np.uint8)
        strip[:, :box.width] = np.where(classes[..., None] > 0, colours[classes], dim.reshape(*classes.shape, 1))
        yield strip
    name = snapshot.photo.source.name if snapshot.photo.source else "Untitled"
    yield _legend(name, snapshot.base.shape, wide, [int(count) for count in counts])


def _rows(snapshot: Snapshot, progress: Progress) -> Iterator[tuple[Box, np.ndarray]]:
    """Row of tiles by row of tiles: its box, and the strengths (h, w) in it."""
    height, width = snapshot.base.shape
    for top in range(0, height, TILE):
        progress(top / height, "Comparing with the original")
        box = Box(top, 0, min(height, top + TILE), width)
        row = np.zeros((box.height, width), np.uint8)
        for key, found in strengths(snapshot, keys_in(box)):
            if found is not None:
                row[:, key[1] * TILE:key[1] * TILE + found.shape[1]] = found
        yield box, row


def _letter(wide: int) -> int:
    """Height of the legend's letters: as easily read beneath a picture of any size."""
    return min(max(wide // 48, 12), 160)


def _legend_height(wide: int) -> int:
    return round(_letter(wide) * (3.2 + 1.9 * (1 + len(STRENGTHS))))


def _legend(name: str, shape: tuple[int, int], wide: int, counts: list[int]) -> np.ndarray:
    """(height, wide, 3) uint8 sRGB. ``counts`` are those of unchanged pixels, and of each class."""
    letter = _letter(wide)
    image = QImage(wide, _legend_height(wide), QImage.Format.Format_RGB888)
    image.fill(QColor(_GROUND, _GROUND, _GROUND))
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont()
        font.setPixelSize(letter)
        painter.setFont(font)
        painter.setPen(QColor(230, 230, 230))
        height, width = shape
        size = height * width
        title = f"Changes against the original: {name}, {width} × {height}"
        painter.drawText(QRectF(letter, letter * 0.8, wide - 2 * letter, letter * 1.6), _LINE, painter.fontMetrics()
                         .elidedText(title, Qt.TextElideMode.ElideMiddle, wide - 2 * letter))
        rows = [(COLOURS[number], f"{NAMES[number]}, by {low} to {high} of 255", counts[number + 1])
                for number, (low, high) in enumerate(STRENGTHS)]
        rows.append(((_DIM[0] + 40,) * 3, "unchanged, to the last bit", counts[0]))
        for number, (colour, words, count) in enumerate(rows):
            top = letter * (2.9 + 1.9 * number)
            painter.fillRect(QRectF(letter, top, 2 * letter, 1.4 * letter), QColor(*colour))
            painter.drawText(QRectF(4 * letter, top, wide - 5 * letter, 1.4 * letter), _LINE,
                             f"{words}: {count:,} px, {share(count, size)}")
    finally:
        painter.end()
    return array_of(image)[..., :3]


_LINE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
