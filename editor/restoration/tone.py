"""Faded photographs: the levels that bring their tone back, read off the photograph itself.

Fading lifts the blacks and dulls the whites, in a colour print of each dye differently, which is its cast. So each
channel has a black point and a white point of its own, as far as the photograph looks faded at all: where even its
best channels use little of the range. One that uses the range has its colours from the light, and keeps them.

A toned monochrome (sepia, say) is told from a faded colour photograph by its colours: they follow from the lightness
alone. Its tone is kept, or taken out.
"""

import cv2
import numpy as np

from editor.engines.contract import Progress, no_progress
from editor.raster.adjustments import Band, Levels
from editor.raster.surface import Box, level_shape
from editor.restoration.contract import Scan, as_floats

_SIDE = 1024  # pixels: the longer side at which a photograph is looked at
_SAMPLES = 60_000
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)

# The figures below were set by the mean error over photographs faded by code, and over the same ones not faded.
_SHARE = 0.92  # of what looks faded that is taken back: the darkest and lightest of a scene need not be black and white
_RANGE_KEPT, _RANGE_LOST = 0.05, 0.2  # of the range is missing: not faded; faded for certain
_LEAST_TRUST = 0.2  # how much of a cast is taken out of a photograph that uses the whole range
_DARK_CAST, _LIGHT_CAST = 0.25, 0.35  # what black and white points of channels differ by at most
_DARKEST_WHITE, _LIGHTEST_BLACK = 0.4, 0.45
_MIDDLE = (0.27, 0.66)  # where the median of a well exposed photograph lies
_GAMMAS = (0.75, 1.4)  # what it is moved by at most
_TONED = (0.03, 0.08)  # colours this far from those of their lightness, 80 % and 95 % of them, are a toned monochrome's
_THERE = 0.015  # black and white points so near to the range's end are there already
_BLANK = 0.03  # of the range: less has no tone to bring back


def unfaded(scan: Scan, keep_sepia: bool = True, balance: bool = True, clipped: float = 0.001,
            progress: Progress = no_progress) -> Levels:
    """The levels that bring a photograph's tone back; those that do nothing where there is none.

    keep_sepia: a toned monochrome stays as it is toned. balance: casts of colour photographs are taken out. clipped:
    the share of the photograph that may be lost at each end. What is transparent and a border of bare paper or of the
    scanner's bed do not count. Calls ``progress`` at least every 100 ms.
    """
    return levels_for(samples(scan, progress), keep_sepia, balance, clipped)


def samples(scan: Scan, progress: Progress = no_progress) -> np.ndarray:
    """(n, 1 or 3) float32 0..1: pixels all over the photograph without its border, specks apart."""
    level = max((max(scan.shape) - 1) // _SIDE, 0).bit_length()
    height, width = level_shape(scan.shape, level)
    strips = []
    for top in range(0, height, 64):
        progress(top / height, "Measuring the tone")
        strips.append(scan.read(Box(top, 0, min(top + 64, height), width), level))
    pixels = np.concatenate(strips)
    colour = as_floats(pixels, scan.colours)
    if min(height, width) > 9:
        colour = cv2.medianBlur(colour, 3).reshape(colour.shape)
    inside = _without_border(colour)
    if scan.channels in (2, 4):
        inside &= pixels[..., -1] > np.iinfo(pixels.dtype).max // 2
    kept = colour[inside]
    return kept[::max(1, len(kept) // _SAMPLES)]


def levels_for(values: np.ndarray, keep_sepia: bool = True, balance: bool = True, clipped: float = 0.001) -> Levels:
    """As ``unfaded``, of ``samples``."""
    if not len(values) or np.ptp(_luminance(values)) < _BLANK:
        return Levels()
    if values.shape[1] == 3 and is_toned(values):
        return _toned(values, keep_sepia, clipped)
    low, high = (end.astype(float) for end in np.quantile(values, [clipped, 1 - clipped], axis=0))
    darkest, lightest = min(low.min(), _LIGHTEST_BLACK), max(high.max(), _DARKEST_WHITE)
    trust = 0.0
    if balance:
        lost = 1 - (lightest - darkest)
        trust = _LEAST_TRUST + (1 - _LEAST_TRUST) * _smooth((lost - _RANGE_KEPT) / (_RANGE_LOST - _RANGE_KEPT))
    black = _SHARE * (darkest + trust * np.clip(low - darkest, 0, _DARK_CAST))
    white = 1 - _SHARE * (1 - lightest + trust * np.clip(lightest - high, 0, _LIGHT_CAST))
    black[black < _THERE], white[white > 1 - _THERE] = 0, 1
    bands = [Band(float(b), float(w)) for b, w in zip(black, white, strict=True)]
    middle = Band(gamma=_middle_gamma(_luminance(np.clip((values - black) / (white - black), 0, 1))))
    if len(bands) == 1:
        return Levels(Band(bands[0].black, bands[0].white, middle.gamma))
    return Levels(middle, *bands)


def is_toned(values: np.ndarray) -> bool:
    """Whether samples (n, 3) are those of a monochrome, toned or not: its colours follow from its lightness."""
    light = _luminance(values)
    low, high = np.quantile(light, [0.005, 0.995])
    if high - low < _BLANK:
        return False
    place = np.clip((light - low) / (high - low) * 24, 0, 23).astype(int)
    chroma = np.stack([values[:, 0] - values[:, 1], values[:, 2] - values[:, 1]], axis=1)
    for one in np.unique(place):
        chroma[place == one] -= np.median(chroma[place == one], axis=0)
    most, nearly_all = np.quantile(np.hypot(*chroma.T) / (high - low), [0.8, 0.95])
    return bool(most < _TONED[0] and nearly_all < _TONED[1])


def _toned(values: np.ndarray, keep: bool, clipped: float) -> Levels:
    """Its darkest becomes black, its lightest as light as its tone can be, or white; what is between keeps its hue and
    saturation, or has none.
    """
    light = _luminance(values)
    dark, bright = (_colour_at(values, light, share) for share in (clipped, 1 - clipped))
    black = np.maximum(_SHARE * dark, 0)
    white = 1 - _SHARE * (1 - bright)
    high = np.maximum(bright / bright.max(), 1e-3) if keep else np.ones(3)
    low_light, high_light = float(black @ _LUMA), float(white @ _LUMA)
    gamma_of_all = _middle_gamma(np.clip((light - low_light) / (high_light - low_light), 0, 1))
    exponents = []  # of each channel, at several lightnesses
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        own = _colour_at(values, light, share)
        place = (float(own @ _LUMA) - low_light) / (high_light - low_light)  # in the range, and so in the new one
        wanted = own / max(float(own @ _LUMA), 1e-6) * place * float(high @ _LUMA) / high if keep else np.full(3, place)
        inside = (own - black) / np.maximum(white - black, 1e-3)
        if all(0.05 < value < 0.95 for value in (*wanted, *inside)):
            exponents.append(np.log(wanted) / np.log(inside))
    gammas = 1 / np.clip(np.mean(exponents, axis=0), 0.5, 2) if exponents else np.ones(3)
    return Levels(Band(gamma=gamma_of_all), *(
        Band(float(b), float(max(w, b + 1e-3)), float(g), high=float(h))
        for b, w, g, h in zip(black, white, gammas, high, strict=True)))


def _colour_at(values: np.ndarray, light: np.ndarray, share: float) -> np.ndarray:
    """The usual colour (3,) of the pixels about as light as ``share`` of all are at most."""
    order = np.argsort(light)
    at, around = round(share * (len(order) - 1)), len(order) // 100
    colour = np.median(values[order[max(at - around, 0):at + around + 1]], axis=0).astype(float)
    return np.clip(colour + (float(light[order[at]]) - float(colour @ _LUMA)), 0, 1)


def _middle_gamma(light: np.ndarray) -> float:
    """What brings the median half-way to where it should lie, if it does not; of what is neither black nor white."""
    between = light[(light > 0.04) & (light < 0.96)]
    if len(between) < len(light) / 10:
        return 1.0
    median = float(np.median(between))
    wanted = min(max(median, _MIDDLE[0]), _MIDDLE[1])
    return float(np.clip((np.log(median) / np.log(wanted)) ** 0.5, *_GAMMAS))


def _luminance(values: np.ndarray) -> np.ndarray:
    return values[..., 0] if values.shape[-1] == 1 else values @ _LUMA


def _smooth(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


# The border.

_FLAT = 0.025  # of the range: what a border's pixels differ by from its colour
_DEEPEST = 0.25  # of a side: how deep a border may be
_MOST = 0.97  # of a row of a border is as flat as that
_EXTREME = 0.985  # at the end of the range from here on: an empty scanner's bed, or clipped for good


def _without_border(colour: np.ndarray) -> np.ndarray:
    """(h, w) bool: what is neither a margin of one colour on two sides or more, nor at the end of the range up to the
    picture's edge.
    """
    height, width = colour.shape[:2]
    inside = np.ones((height, width), bool)
    if min(height, width) < 32:
        return inside
    within, part = inside, colour
    for _ in range(2):  # the scanner's bed, and the print's margin in it
        depths = [_margin(np.rot90(part, turns)) for turns in range(4)]  # from above, right, below, left
        if sum(depth > 0 for depth in depths) < 2:
            break
        middle = slice(depths[0], len(part) - depths[2]), slice(depths[3], part.shape[1] - depths[1])
        kept = np.zeros(within.shape, bool)
        kept[middle] = True
        within &= kept
        within, part = within[middle], part[middle]
    light = _luminance(colour)
    for extreme in (light > _EXTREME, light < 1 - _EXTREME):
        _, labels = cv2.connectedComponents(np.pad(extreme, 1, constant_values=True).astype(np.uint8), connectivity=4)
        outer = labels[1:-1, 1:-1] == labels[0, 0]
        inside &= ~outer
    return inside if inside.mean() > 0.1 else np.ones((height, width), bool)


def _margin(colour: np.ndarray) -> int:
    """How many rows from above are a margin: all of one colour, and then suddenly no more; 0 where there is none."""
    own = np.median(colour[:2], axis=(0, 1))
    alike = (np.abs(colour - own).max(axis=2) < _FLAT).mean(axis=1)
    deepest = int(len(alike) * _DEEPEST)
    depth = int(np.argmax(alike[:deepest] < _MOST))
    soft = max(3, len(alike) // 40)  # a scan is never quite straight
    if depth < 2 or alike[depth + soft] > 0.5:
        return 0
    return depth + soft
