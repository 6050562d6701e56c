"""Tone curves as values: levels and curves, applied through tables at any depth.

An adjustment maps each colour channel on its own: the channel's curve first, then the one for all channels. Grey
pixels have only the latter. It is calculated in 64 bits for each of the 65,536 values of 16 bits and rounded to those
once; each 8-bit value v is looked up as 257 v.
"""

from dataclasses import dataclass, fields
from functools import lru_cache

import cv2
import numpy as np

ENTRIES = 1 << 16
LEAST_GAMMA, LARGEST_GAMMA = 0.1, 10.0

_TOP = np.float32(ENTRIES - 1)


@dataclass(frozen=True)
class Band:
    """What of a channel is spread over what: black..white to low..high, the middle moved by gamma. All but that 0..1.

    A low above the high turns light into dark. Raises ValueError for what is no such thing.
    """

    black: float = 0.0  # this and all below becomes low
    white: float = 1.0  # this and all above becomes high
    gamma: float = 1.0  # above 1 brightens the middle
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.black < self.white <= 1 and 0 <= self.low <= 1 and 0 <= self.high <= 1
                and LEAST_GAMMA <= self.gamma <= LARGEST_GAMMA):
            raise ValueError(f"there are no such levels: {self}")

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """float64 0..1 to the same."""
        if self == Band():
            return values
        inside = np.clip((values - self.black) / (self.white - self.black), 0, 1)
        return self.low + (self.high - self.low) * inside ** (1 / self.gamma)


Point = tuple[float, float]
"""Of a curve: what comes in, what goes out; both 0..1."""


@dataclass(frozen=True)
class Curve:
    """A smooth curve through points that never leaves the range of its neighbours: monotone cubic pieces.

    Beyond its first and last point it is level. Raises ValueError where they do not go from left to right.
    """

    points: tuple[Point, ...] = ((0.0, 0.0), (1.0, 1.0))

    def __post_init__(self) -> None:
        across, up = zip(*self.points, strict=True)
        if len(across) < 2 or not all(0 <= value <= 1 for value in (*across, *up)) or not all(
                one < other for one, other in zip(across, across[1:], strict=False)):
            raise ValueError(f"there is no such curve: {self.points}")

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """float64 0..1 to the same."""
        if self == Curve():
            return values
        across, up = np.array(self.points, np.float64).T
        width, slope = np.diff(across), _slopes(across, up)
        values = np.clip(values, across[0], across[-1])
        piece = np.clip(np.searchsorted(across, values, "right") - 1, 0, len(width) - 1)
        t, h = (values - across[piece]) / width[piece], width[piece]
        out = (up[piece] * (1 + 2 * t) * (1 - t) ** 2 + up[piece + 1] * t * t * (3 - 2 * t)
               + h * slope[piece] * t * (1 - t) ** 2 - h * slope[piece + 1] * t * t * (1 - t))
        return np.clip(out, 0, 1)  # a rounding beyond it at most


def _slopes(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """The curve's slope at each point: F. N. Fritsch, J. Butland, A method for constructing local monotone piecewise
    cubic interpolants, 1984; at the ends as in C. Moler, Numerical Computing with MATLAB, 3.6.
    """
    h = np.diff(across)
    d = np.diff(up) / h
    if len(d) == 1:
        return np.repeat(d, 2)
    out = np.zeros(len(up))
    one, other = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    same = d[:-1] * d[1:] > 0
    out[1:-1][same] = ((one + other)[same]
                       / (one[same] / d[:-1][same] + other[same] / d[1:][same]))
    out[0], out[-1] = _end_slope(h[0], h[1], d[0], d[1]), _end_slope(h[-1], h[-2], d[-1], d[-2])
    return out


def _end_slope(h: float, next_h: float, d: float, next_d: float) -> float:
    slope = ((2 * h + next_h) * d - h * next_d) / (h + next_h)
    if slope * d <= 0:
        return 0.0
    return 3 * d if d * next_d <= 0 and abs(slope) > 3 * abs(d) else slope


@dataclass(frozen=True)
class Levels:
    """Black point, white point and gamma of each channel, then of all."""

    master: Band = Band()
    red: Band = Band()
    green: Band = Band()
    blue: Band = Band()


@dataclass(frozen=True)
class Curves:
    """A curve for each channel, then one for all."""

    master: Curve = Curve()
    red: Curve = Curve()
    green: Curve = Curve()
    blue: Curve = Curve()


Adjustment = Levels | Curves

CHANNELS = tuple(field.name for field in fields(Levels))
"""master, red, green, blue: what both have one of each."""


@lru_cache(maxsize=16)  # 13 MB; a picture with more adjustments than that is drawn more slowly
def table(adjustment: Adjustment, colours: int) -> np.ndarray:
    """(65536, colours) float32, read-only: what each value v / 65535 of each channel (1 or 3) becomes, in 65535ths."""
    values = np.arange(ENTRIES) / (ENTRIES - 1)
    channels = (adjustment.red, adjustment.green, adjustment.blue) if colours == 3 else (Band(),)
    out = np.stack([adjustment.master(channel(values)) for channel in channels], axis=1)
    out = np.rint(out * (ENTRIES - 1)).astype(np.float32) / _TOP
    out.flags.writeable = False
    return out


def adjusted(adjustment: Adjustment, pixels: np.ndarray) -> np.ndarray:
    """What pixels (h, w, 1 or 3) become: float32 0..1. They are uint8, uint16 or float32 0..1, which are looked up as
    16 bits.
    """
    entries = table(adjustment, pixels.shape[2])
    if pixels.dtype == np.uint8:
        entries = entries[::257]
    elif pixels.dtype != np.uint16:
        pixels = cv2.multiply(pixels, float(_TOP), dtype=cv2.CV_16U)
    lookup = np.ascontiguousarray(entries).reshape(1, len(entries), -1)
    return cv2.LUT(np.ascontiguousarray(pixels), lookup).reshape(*pixels.shape[:2], -1)


def apply(adjustment: Adjustment, pixels: np.ndarray) -> np.ndarray:
    """(h, w, 1..4) uint8, uint16 or float32 0..1 of the same dtype; alpha (the second or fourth) stays as it is."""
    colours = 1 if pixels.shape[2] < 3 else 3
    out = adjusted(adjustment, pixels[..., :colours])
    if pixels.dtype != np.float32:
        out = np.rint(out * np.float32(np.iinfo(pixels.dtype).max)).astype(pixels.dtype)
    return np.concatenate([out, pixels[..., colours:]], axis=2)
