"""The filter that takes out the screen of what was printed."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

import cv2
import numpy as np

from editor.engines.contract import Progress
from editor.raster.surface import Box
from editor.restoration import screens
from editor.restoration.contract import Scan
from editor.restoration.screens import Peak, Spectrum

_REACH = 96  # pixels: notches are no narrower than this tells apart
_FROM, _TO = 0.5, 1.0  # of the screen's fineness: where what is finer begins to go, and where it is gone


@dataclass(frozen=True)
class Settings:
    strength: float = field(default=1.0, metadata={
        "min": 0.0, "max": 1.0, "title": "Strength", "help": "how much of what repeats goes"})
    width: float = field(default=1.0, metadata={
        "min": 0.25, "max": 4.0, "title": "Width",
        "help": "how far round each peak frequencies go with it: more clears dots beside edges, and softens"})
    smooth: float = field(default=0.7, metadata={
        "min": 0.0, "max": 1.0, "title": "Smooth",
        "help": "how much goes of all that is finer than the screen: print has no detail there, only dots"})
    peaks: str = field(default="", metadata={
        "hidden": True, "title": "Peaks", "help": "frequencies that go (screens.written); empty: those that are found"})


class Descreen:
    """Notches in the spectrum, as one convolution all over the picture."""

    name: ClassVar[str] = "descreen"
    title: ClassVar[str] = "Descreen"
    order: ClassVar[int] = 10
    grid: ClassVar[bool] = True  # a Fourier transform's pixels all depend on one another, if ever so little
    tile: ClassVar[int] = 512
    Settings: ClassVar[type] = Settings
    card: ClassVar[str] = (
        "Takes out the dots of printed pictures, moiré and the raster of textured paper. What repeats all over the "
        "scan stands out as peaks of its spectrum; they are damped, and the rest is left alone. Finds the screens of "
        "several inks; where it finds none it changes nothing. Peaks can be switched off, moved and added.")

    def reach(self, settings: Settings) -> int:
        return _REACH

    def prepared_by(self, settings: Settings) -> None:
        """The spectrum is the same whatever is wanted."""

    def prepare(self, scan: Scan, settings: Settings, progress: Progress) -> Spectrum:
        return screens.spectrum(scan, progress)

    def apply(self, pixels: np.ndarray, prepared: Spectrum, settings: Settings, box: Box) -> np.ndarray:
        kernel = _kernel(peaks_of(prepared, settings), settings.strength, settings.width, settings.smooth)
        if kernel is None:
            return pixels
        return cv2.filter2D(pixels, -1, kernel, borderType=cv2.BORDER_REFLECT).reshape(pixels.shape)


def peaks_of(found: Spectrum, settings: Settings) -> tuple[Peak, ...]:
    """The peaks that the settings name, or those that were found."""
    return screens.read(settings.peaks) if settings.peaks else found.peaks


@lru_cache(maxsize=4)
def _kernel(peaks: tuple[Peak, ...], strength: float, width: float, smooth: float) -> np.ndarray | None:
    """(2 * _REACH + 1,) * 2 float32, to be convolved with; None where nothing is to be done."""
    peaks = tuple(peak for peak in peaks if peak.on)
    if not peaks or not strength:
        return None
    side = 2 * _REACH + 1
    frequencies = np.fft.fftfreq(side)
    y, x = frequencies[:, None], frequencies[None]
    passes = np.ones((side, side))
    for peak in peaks:
        for sign in (1, -1):
            distance = sum(((own - sign * there + 0.5) % 1 - 0.5) ** 2 for own, there in ((y, peak.y), (x, peak.x)))
            passes *= 1 - np.exp(-((distance / (2 * (width * peak.radius) ** 2)) ** 2))
    coarsest = min(peak.fineness for peak in peaks)
    beyond = np.clip((np.hypot(y, x) / coarsest - _FROM) / (_TO - _FROM), 0, 1)
    passes *= 1 - smooth * (0.5 - 0.5 * np.cos(np.pi * beyond))
    passes = 1 - strength * (1 - passes)
    taper = np.hanning(side + 2)[1:-1]
    kernel = np.fft.fftshift(np.fft.ifft2(passes).real) * np.outer(taper, taper)
    return (kernel / kernel.sum()).astype(np.float32)


FILTERS = (Descreen(),)
