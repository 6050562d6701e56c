"""Levels by what a picture shows: a point that should be black, white or grey, and how often each value occurs."""

from dataclasses import replace

import cv2
import numpy as np

from editor.raster.adjustments import LARGEST_GAMMA, LEAST_GAMMA, Band, Levels

BINS = 256
LEAST_SPAN = 1 / 255  # between black and white

_LUMA = np.array([0.299, 0.587, 0.114])


def histogram(pixels: np.ndarray) -> np.ndarray:
    """(c, BINS) int64 of the colour channels (1 or 3) of pixels (h, w, 1 to 4), uint8 or uint16, that are not
    transparent.
    """
    bins = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    colours = 1 if pixels.shape[2] < 3 else 3
    seen = (bins[..., -1] > 0).astype(np.uint8) if pixels.shape[2] in (2, 4) else None
    return np.stack([cv2.calcHist([np.ascontiguousarray(bins[..., channel])], [0], seen, [BINS], [0, BINS]).ravel()
                     for channel in range(colours)]).astype(np.int64)


def with_black(levels: Levels, colour: np.ndarray) -> Levels:
    """Levels that make this colour ((1,) or (3,) float 0..1, before them) black, each channel by itself."""
    return _with_bands(levels, [replace(band, black=min(max(float(value), 0.0), band.white - LEAST_SPAN))
                                for band, value in zip(_bands(levels, colour), colour, strict=True)])


def with_white(levels: Levels, colour: np.ndarray) -> Levels:
    """The same for white."""
    return _with_bands(levels, [replace(band, white=max(min(float(value), 1.0), band.black + LEAST_SPAN))
                                for band, value in zip(_bands(levels, colour), colour, strict=True)])


def with_grey(levels: Levels, colour: np.ndarray) -> Levels | None:
    """Levels that make this colour neutral, as light as it is now; None where that cannot be: of grey pictures, and of
    what is black or white in a channel.
    """
    bands = _bands(levels, colour)
    inside = np.array([(value - band.black) / (band.white - band.black)
                       for band, value in zip(bands, colour, strict=True)])
    if len(bands) < 3 or inside.min() < 0.01 or inside.max() > 0.99:
        return None
    now = np.array([band(np.array(float(value))) for band, value in zip(bands, colour, strict=True)])
    wanted = float(now @ _LUMA)
    target = np.array([(wanted - band.low) / (band.high - band.low) if band.high != band.low else 0 for band in bands])
    if target.min() < 0.01 or target.max() > 0.99:
        return None
    gammas = np.clip(np.log(inside) / np.log(target), LEAST_GAMMA, LARGEST_GAMMA)
    return _with_bands(levels, [replace(band, gamma=float(gamma)) for band, gamma in zip(bands, gammas, strict=True)])


def _bands(levels: Levels, colour: np.ndarray) -> list[Band]:
    """Those that a colour of so many channels goes through each by itself."""
    return [levels.master] if len(colour) == 1 else [levels.red, levels.green, levels.blue]


def _with_bands(levels: Levels, bands: list[Band]) -> Levels:
    if len(bands) == 1:
        return replace(levels, master=bands[0])
    return replace(levels, red=bands[0], green=bands[1], blue=bands[2])
