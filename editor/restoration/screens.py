"""Halftone screens in a scan: found as peaks of its spectrum.

What was printed with a screen repeats, all over the picture, at exactly the same frequencies: in a spectrum that is the
median of those of many windows such a screen stands out as narrow peaks above a smooth ground. Blinds, roof tiles and
cloth repeat too, but in a part of the picture, or in one direction, or not so exactly: a screen is only believed where
there are two directions, nearly as fine as one another. The same goes for the raster of "silk" photographic
paper. Frequencies are cycles per pixel of the scan, (y, x); each peak stands for its mirror image too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from editor.engines.contract import Progress
from editor.errors import UserError
from editor.raster.surface import Box
from editor.restoration.contract import Scan

SIDE = 512  # pixels of a window, and frequencies of a spectrum each way, where the picture is that large
_WINDOWS = 80
_LEAST = 64  # pixels: smaller windows tell nothing
_LOWEST = 0.035  # cycles per pixel: what is coarser is the picture
_STANDS_OUT = 8.0  # decibels above the ground, of the median of the windows
_FIRST = 12.0  # the same, of the two peaks that prove a screen
_MOST = 64  # peaks
_ALIKE = 1.25  # a screen's two directions: at most so many times as fine as one another
_ACROSS = (50.0, 130.0)  # degrees between them: 90 for most screens, 60 for honeycombs
_TOGETHER = 3.0  # bins: a single peak, smeared by the window
_NARROW = 6.0  # decibels: by so much it falls off within six bins
_JPEG = 8  # pixels of a block, whose edges repeat as well


@dataclass(frozen=True)
class Peak:
    """Of the spectrum, with its mirror image."""

    y: float  # cycles per pixel, -0.5 to 0.5
    x: float
    radius: float = 0.012  # cycles per pixel round it that go with it
    strength: float = 0.0  # decibels above the ground; 0 where it was set by hand
    on: bool = True  # whether it is to be taken out

    @property
    def fineness(self) -> float:
        """Cycles per pixel."""
        return float(np.hypot(self.y, self.x))

    @property
    def angle(self) -> float:
        """Of its direction in degrees, 0 to 180."""
        return float(np.degrees(np.arctan2(self.y, self.x)) % 180)

    def moved(self, y: float, x: float) -> "Peak":
        return replace(self, y=y, x=x, strength=0.0)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """What repeats in a picture."""

    decibels: np.ndarray  # (SIDE, SIDE) float32, frequency 0 in the middle: above the ground
    peaks: tuple[Peak, ...]  # of a screen, strongest first; none where there is no screen


def spectrum(scan: Scan, progress: Progress) -> Spectrum:
    """Look at windows all over the scan."""
    side = min(SIDE, 1 << max(0, min(scan.shape).bit_length() - 2))  # several fit in: they must agree
    if side < _LEAST:
        return Spectrum(np.zeros((SIDE, SIDE), np.float32), ())
    hann = np.hanning(side + 1)[:-1].astype(np.float32)
    window = np.outer(hann, hann)
    places = list(_places(scan.bounds, side))
    powers: list[np.ndarray] = []
    for number, box in enumerate(places):
        progress(number / len(places), "Looking for a screen")
        pixels = scan.floats(box)
        # Inks show in the channels that they take light from.
        power = np.max([_power(pixels[..., channel], window) for channel in range(pixels.shape[2])], axis=0)
        if power is not None and power.max() > 0:
            powers.append(power)
    if not powers:
        return Spectrum(np.zeros((SIDE, SIDE), np.float32), ())
    level = np.median(powers, axis=0)
    over = _above_ground(10 * np.log10(level + 1e-12))
    peaks = _screen(_peaks(over), side)
    shown = np.fft.fftshift(over)
    if side < SIDE:
        shown = cv2.resize(shown, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return Spectrum(shown, peaks)


def written(peaks: tuple[Peak, ...]) -> str:
    """As a text, for settings: "y x radius strength on; …"; no peaks are not an empty text, which would mean those that
    are found."""
    return "; ".join(f"{peak.y:.5f} {peak.x:.5f} {peak.radius:.4f} {peak.strength:.1f} {peak.on:d}"
                     for peak in peaks) or ";"


def read(text: str) -> tuple[Peak, ...]:
    """What ``written`` wrote; UserError for anything else."""
    peaks = []
    for part in filter(str.strip, text.split(";")):
        try:
            y, x, radius, strength, on = (float(number) for number in part.split())
        except ValueError:
            raise UserError(f"a peak is written as five numbers, not as {part.strip()!r}") from None
        if not (max(abs(y), abs(x)) <= 0.5 and 0 < radius <= 0.5 and np.isfinite(strength)):
            raise UserError(f"there is no peak {part.strip()!r}: frequencies lie between -0.5 and 0.5")
        peaks.append(Peak(y, x, radius, strength, bool(on)))
    return tuple(peaks)


def _places(bounds: Box, side: int) -> Iterator[Box]:
    """Evenly spread windows, up to the edges."""
    share = np.sqrt(_WINDOWS / (bounds.height * bounds.width))
    rows, columns = (max(1, min(int(np.ceil(length * share)), 2 * length // side - 1))
                     for length in (bounds.height, bounds.width))
    for top in np.unique(np.linspace(0, bounds.height - side, rows).astype(int)):
        for left in np.unique(np.linspace(0, bounds.width - side, columns).astype(int)):
            yield Box(int(top), int(left), int(top) + side, int(left) + side)


def _power(plane: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Of a window, as a share of all that varies in it, so that quiet windows count like busy ones."""
    flat = plane - cv2.GaussianBlur(plane, (0, 0), 16)
    power = np.abs(np.fft.fft2(flat * window)) ** 2
    return power / max(power.sum(), 1e-6)


def _above_ground(decibels: np.ndarray) -> np.ndarray:
    """(side, side): less the smooth ground, which is the median round about, but for the nearest."""
    smooth = cv2.GaussianBlur(np.tile(decibels, (2, 2)), (0, 0), 0.8)[:len(decibels), :len(decibels)]
    side = len(decibels)
    reach = max(8, side // 16)
    around = np.pad(smooth, reach, mode="wrap")
    low, high = around.min(), around.max()
    eight = np.rint((around - low) / max(high - low, 1e-6) * 255).astype(np.uint8)
    ground = cv2.medianBlur(eight, 2 * reach // 2 * 2 - 1)[reach:-reach, reach:-reach].astype(np.float32)
    ground = cv2.GaussianBlur(ground / 255 * (high - low) + low, (0, 0), reach / 4)
    return (smooth - ground).astype(np.float32)


def _peaks(over: np.ndarray) -> list[Peak]:
    """Narrow ones that stand out, strongest first; each pair once."""
    side = len(over)
    wrapped = np.pad(over, 8, mode="wrap")
    highest = cv2.dilate(wrapped, np.ones((7, 7), np.uint8))[8:-8, 8:-8]
    lower = cv2.blur(wrapped, (13, 13))[8:-8, 8:-8]
    frequencies = np.fft.fftfreq(side)
    fineness = np.hypot(frequencies[:, None], frequencies)
    good = (over == highest) & (over > _STANDS_OUT) & (over - lower > _NARROW) & (fineness > _LOWEST)
    found: list[Peak] = []
    for row, column in sorted(np.argwhere(good), key=lambda place: -over[tuple(place)]):
        y, x = (_refined(over, (row, column), axis) for axis in (0, 1))
        peak = Peak(*_one_half(y, x), strength=float(over[row, column]))
        if all(_apart(peak, other) > _TOGETHER / side for other in found):
            found.append(peak)
    return found[:_MOST]


def _refined(over: np.ndarray, place: tuple[int, int], axis: int) -> float:
    """The frequency of a maximum between bins: of the parabola through it and its neighbours."""
    side = len(over)
    before, here, after = (over[tuple((np.array(place) + step * np.eye(2, dtype=int)[axis]) % side)]
                           for step in (-1, 0, 1))
    bend = before - 2 * here + after
    shift = 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
    return float((place[axis] + shift + side / 2) % side / side - 0.5)


def _one_half(y: float, x: float) -> tuple[float, float]:
    """Of a peak and its mirror image, the one in the lower half."""
    return (y, x) if y > 1e-9 or (abs(y) <= 1e-9 and x > 0) else (-y, -x)


def _apart(one: Peak, other: Peak) -> float:
    """Cycles per pixel between two peaks, or one's mirror image and the other; frequencies go round."""
    def distance(sign: int) -> float:
        return float(np.hypot(*((a - sign * b + 0.5) % 1 - 0.5 for a, b in ((one.y, other.y), (one.x, other.x)))))

    return min(distance(1), distance(-1))


def _screen(peaks: list[Peak], side: int) -> tuple[Peak, ...]:
    """The peaks, where two of them prove a screen."""
    strong = [peak for peak in peaks if peak.strength > _FIRST and not _of_jpeg(peak, side)]
    for number, one in enumerate(strong):
        for other in strong[:number]:
            finer, coarser = sorted((one.fineness, other.fineness), reverse=True)
            if finer <= _ALIKE * coarser and _ACROSS[0] <= abs(one.angle - other.angle) <= _ACROSS[1]:
                return tuple(peaks)
    return ()


def _of_jpeg(peak: Peak, side: int) -> bool:
    """Whether it is as the edges of a JPEG file's blocks are: along an axis, at a multiple of an eighth."""
    one, other = sorted((abs(peak.y), abs(peak.x)))
    return one < 1.5 / side and abs(other * _JPEG - round(other * _JPEG)) < _JPEG * 1.5 / side
