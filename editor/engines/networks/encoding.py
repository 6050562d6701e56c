"""Between a photo's own encoding and the sRGB that networks were trained on, for small pictures in floats.

LittleCMS is asked at 8 bits (raster/colour.py); the way back goes through a table with what it says of a few thousand
colours, interpolated, so that gradients have no steps in photos of 16 bits.
"""

from functools import lru_cache

import numpy as np

from editor.raster.colour import from_srgb8, is_usable, to_srgb8

_NODES = 18  # to an axis of the table: 15 levels apart


def to_srgb(pixels: np.ndarray, profile: bytes | None) -> np.ndarray:
    """(h, w, 3) float32 0..1 in ``profile`` to the same in sRGB."""
    channels = _channels(profile)
    if not channels:
        return pixels
    return to_srgb8(np.rint(pixels[..., :channels] * 255).astype(np.uint8), profile) / np.float32(255)


def from_srgb(pixels: np.ndarray, profile: bytes | None) -> np.ndarray:
    """(h, w, 3) float32 0..1 in sRGB to the same in ``profile``; grey three times where that is grey."""
    if not _channels(profile):
        return pixels
    table = _table(profile)
    place = np.clip(pixels, 0, 1) * (_NODES - 1)
    low = np.minimum(place.astype(int), _NODES - 2)
    part = (place - low).astype(np.float32)
    out = np.zeros_like(pixels)
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, part, 1 - part), axis=-1, keepdims=True)
        out += weight * table[tuple((low + corner)[..., axis] for axis in range(3))]
    return out


@lru_cache(maxsize=8)
def _channels(profile: bytes | None) -> int:
    """Of the pixels that the profile describes; 0 where there is nothing to convert."""
    if profile is None:
        return 0
    channels = next((count for count in (3, 1) if is_usable(profile, count)), 0)
    if channels == 3:
        colours = _colours()
        same = np.abs(from_srgb8(colours, profile, 3, np.uint8).astype(int) - colours).max() <= 1
        return 0 if same else 3
    return channels


@lru_cache(maxsize=8)
def _table(profile: bytes) -> np.ndarray:
    """(_NODES, _NODES, _NODES, 3) float32: what of the profile's stands for each sRGB colour, by red, green, blue."""
    there = from_srgb8(_colours(), profile, _channels(profile), np.uint8)
    return np.repeat(there, 3 // there.shape[2], axis=2).reshape(_NODES, _NODES, _NODES, 3) / np.float32(255)


def _colours() -> np.ndarray:
    levels = np.rint(np.linspace(0, 255, _NODES)).astype(np.uint8)
    return np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(_NODES, -1, 3)
