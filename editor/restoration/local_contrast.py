"""Local contrast: contrast-limited adaptive histogram equalisation that leaves grain alone.

K. Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994: the photo is divided into
cells; each cell's histogram, no bin of it above a limit, gives a curve; a pixel takes what the curves of the four
cells next to it say. Here the limit is the steepest that a curve may be, and curves run through black and white.

Only luminance changes; the colours follow with their hue, and with their saturation as far as there is room for it.
What is grain passes by the curves: they are asked for the brightness that a guided filter leaves (He, Sun and Tang,
"Guided image filtering", ECCV 2010), which smooths where the local variance is not above the noise's own, and what it
took off is put back as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cv2
import numpy as np

from editor.engines.contract import Progress
from editor.raster.surface import Box
from editor.restoration.contract import Scan
from editor.restoration.noise_level import noise_by_brightness

_BINS = 256
_FULL = 65535  # luminance is looked up in 16 bits, whatever the depth
_STEEPEST = 4.0  # slope of a curve at an amount of 1
_RADIUS = 8  # pixels: of what local variance is measured in; coarser than grain
_SURE = 2.0  # times the noise's variance: what is not above it is noise
_STRIP = 256  # rows read at once


@dataclass(frozen=True)
class Settings:
    amount: float = field(default=0.3, metadata={
        "min": 0.0, "max": 1.0, "title": "Amount", "help": "how much contrast may be raised at most"})
    size: float = field(default=12.0, metadata={
        "min": 3.0, "max": 100.0, "unit": "%", "title": "Size",
        "help": "how large a part of the photo (of its longer side) contrast is evened out in"})
    limit_grain: float = field(default=1.0, metadata={
        "min": 0.0, "max": 1.0, "title": "Spare grain",
        "help": "how far grain is left as it is where there is nothing else to see; 0 raises it with the rest"})


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is known of the whole photo."""

    histograms: np.ndarray  # (rows, columns, _BINS) float32: of the luminance of each cell; each sums to _BINS
    noise: np.ndarray  # (_BINS,) float32: variance of the noise at each luminance, in units of 0..1
    shape: tuple[int, int]


class LocalContrast:
    name = "local-contrast"
    title = "Local contrast"
    order = 40
    Settings = Settings
    card = ("Raises contrast part by part, so that faded shadows and pale faces show what is in them; grain stays as "
            "it is. Zuiderveld, “Contrast limited adaptive histogram equalization”, Graphics Gems IV, 1994.")

    def reach(self, settings: Settings) -> int:
        return 2 * _RADIUS

    def prepared_by(self, settings: Settings) -> Any:
        return settings.size

    def prepare(self, scan: Scan, settings: Settings, progress: Progress) -> Prepared:
        rows, columns = _grid(scan.shape, settings.size)
        histograms = np.zeros((rows, columns, _BINS), np.float32)
        across = _bounds(scan.shape[1], columns)
        for row, (top, bottom) in enumerate(_bounds(scan.shape[0], rows)):
            for start in range(top, bottom, _STRIP):
                progress(0.9 * start / scan.shape[0], self.title)
                pixels = scan.read(Box(start, 0, min(start + _STRIP, bottom), scan.shape[1]))
                luma = _eight_bits(pixels, scan.colours)
                for column, (left, right) in enumerate(across):
                    part = np.ascontiguousarray(luma[:, left:right])
                    histograms[row, column] += cv2.calcHist([part], [0], None, [_BINS], [0, _BINS]).ravel()
        histograms *= _BINS / histograms.sum(axis=2, keepdims=True)
        return Prepared(histograms, noise_by_brightness(scan, progress) ** 2, scan.shape)

    def apply(self, pixels: np.ndarray, prepared: Prepared, settings: Settings, box: Box) -> np.ndarray:
        if settings.amount == 0:
            return pixels
        luma = pixels[..., 0] if pixels.shape[2] == 1 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        # Whole numbers: sums of them are exact, so that it does not matter where a tile begins.
        luma = np.rint(luma * _FULL)
        plain = luma
        if settings.limit_grain > 0:
            plain = np.rint(luma + settings.limit_grain * (_without_grain(luma, prepared.noise) - luma))
        limit = 1 + (_STEEPEST - 1) * settings.amount

        @cache
        def curve(row: int, column: int) -> np.ndarray:
            return _curve(prepared.histograms[row, column], limit)

        changed = _looked_up(plain.clip(0, _FULL).astype(np.uint16), curve, prepared, box)
        changed += (luma - plain) / np.float32(_FULL)
        return _with_luminance(pixels, luma / np.float32(_FULL), changed.clip(0, 1))


def _grid(shape: tuple[int, int], size: float) -> tuple[int, int]:
    """Rows and columns of cells, each some ``size`` percent of the longer side."""
    cell = max(shape) * size / 100
    return tuple(min(side, max(1, round(side / cell))) for side in shape)


def _bounds(side: int, count: int) -> list[tuple[int, int]]:
    edges = [side * number // count for number in range(count + 1)]
    return list(zip(edges[:-1], edges[1:], strict=True))


def _eight_bits(pixels: np.ndarray, colours: int) -> np.ndarray:
    """(h, w) uint8 luminance."""
    luma = pixels[..., 0] if colours == 1 else cv2.cvtColor(
        np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_RGB2GRAY)
    return luma if luma.dtype == np.uint8 else cv2.convertScaleAbs(np.ascontiguousarray(luma), alpha=255 / _FULL)


def _curve(histogram: np.ndarray, limit: float) -> np.ndarray:
    """(_FULL + 1,) float32 0..1: what becomes of each luminance; nowhere steeper than ``limit``.

    What is cut off a histogram (with a mean of 1 a bin) is spread evenly over the bins that have room, until none is
    above the limit and nothing is left.
    """
    low, high = 0.0, limit
    for _ in range(20):
        middle = (low + high) / 2
        if np.minimum(histogram + middle, limit).sum() < _BINS:
            low = middle
        else:
            high = middle
    bins = np.minimum(histogram + high, limit)
    middles = np.cumsum(bins) - bins / 2
    middles = (middles - middles[0]) / (middles[-1] - middles[0])
    return np.interp(np.arange(_FULL + 1), np.linspace(0, _FULL, _BINS), middles).astype(np.float32)


def _without_grain(luma: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """``luma`` (0.._FULL) smoothed where it varies no more than the noise does."""
    side = (2 * _RADIUS + 1,) * 2
    mean = cv2.blur(luma, side)
    variance = cv2.blur(luma * luma, side) - mean * mean
    of_noise = (noise * np.float32(_FULL) ** 2)[np.rint(mean * np.float32((_BINS - 1) / _FULL)).astype(np.uint8)]
    slope = 1 - np.minimum(1, _SURE * of_noise / np.maximum(variance, 1e-3))
    return cv2.blur(slope, side) * luma + cv2.blur((1 - slope) * mean, side)


def _looked_up(luma: np.ndarray, curve: Callable[[int, int], np.ndarray], prepared: Prepared,
               box: Box) -> np.ndarray:
    """What the curves of the cells make of ``luma`` (h, w) uint16, between whose middles it is interpolated."""
    out = np.empty(luma.shape, np.float32)
    rows, columns = (_stretches(box[axis], box[axis + 2], prepared.shape[axis], prepared.histograms.shape[axis])
                     for axis in (0, 1))
    for down, above, below, share_down in rows:
        for across, left, right, share_across in columns:
            part = luma[down, across]
            upper, lower = (_between(curve(row, left).take(part), curve(row, right).take(part), share_across)
                            if left != right else curve(row, left).take(part) for row in (above, below))
            out[down, across] = _between(upper, lower, share_down[:, None]) if above != below else upper
    return out


def _between(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    return one + (other - one) * share


def _stretches(start: int, stop: int, side: int, count: int) -> list[tuple[slice, int, int, np.ndarray]]:
    """The pixels start..stop, cut where another pair of cells is next to them: where in the tile, the two cells, and
    the share of the second."""
    place = ((np.arange(start, stop) + 0.5) * count / side - 0.5).clip(0, count - 1)
    first = place.astype(int)
    cuts = [0, *(np.flatnonzero(np.diff(first)) + 1).tolist(), stop - start]
    return [(slice(a, b), int(first[a]), min(int(first[a]) + 1, count - 1), (place - first)[a:b].astype(np.float32))
            for a, b in zip(cuts[:-1], cuts[1:], strict=True)]


def _with_luminance(pixels: np.ndarray, luma: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Pixels of another luminance and the same hue: their distance from grey is scaled as their luminance is, and less
    where a channel would reach beyond white (after Naik and Murthy, "Hue-preserving color image enhancement without
    gamut problem", IEEE TIP 2003)."""
    if pixels.shape[2] == 1:
        return changed[..., None]
    channels = [channel - luma for channel in cv2.split(pixels)]
    most = np.maximum(np.maximum(*channels[:2]), channels[2])
    scale = np.minimum(changed / np.maximum(luma, 1e-4), (1 - changed) / np.maximum(most, 1e-4))
    return cv2.merge([changed + channel * scale for channel in channels])


FILTERS = (LocalContrast(),)
