"""Small documents made by code."""

import numpy as np

from editor.document.document import Document
from editor.document.layers import Patch, Variant
from editor.raster.surface import Box

SHAPE = (180, 240)
PLACE = Box(0, 0, 90, 120)


def gradient(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """(h, w, 3) uint8, another colour everywhere."""
    rows, columns = np.indices(shape)
    pixels = np.stack([rows % 256, columns % 256, (rows + columns) % 256], axis=2).astype(np.uint8)
    pixels.flags.writeable = False
    return pixels


def variant(grey: int, engine: str = "telea", seed: int = 1) -> Variant:
    """A 60 x 40 patch of one grey at (50, 80)."""
    pixels, alpha = np.full((40, 60, 3), grey, np.uint8), np.full((40, 60), 255, np.uint8)
    return Variant((Patch(pixels, alpha, (50, 80)),), engine, seed, 0.25, notes=(f"note of {grey}",))


def paint(document: Document, surface: str, colour: tuple[int, ...], box: Box = PLACE) -> None:
    """One step that gives a part of a surface one colour."""
    with document.change("Paint") as change:
        change.edit(surface, box, lambda part, old: np.broadcast_to(np.array(colour, np.uint8), old.shape).copy())
