"""The filter that takes back blur."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import ClassVar

import cv2
import numpy as np

from editor.engines.contract import Progress
from editor.raster.surface import Box
from editor.restoration.contract import Scan
from editor.restoration.deconvolution import richardson_lucy, ringing, wiener
from editor.restoration.deconvolution.blind import GUESSED_AT_MOST, of_scan
from editor.restoration.deconvolution.light import brightness
from editor.restoration.deconvolution.plan import Findings, findings, noise_power, prior, unsupervised
from editor.restoration.deconvolution.psfs import KINDS, MOTION, Blur
from editor.restoration.filtering import part_of

METHODS = RICHARDSON_LUCY, WIENER, UNSUPERVISED = "richardson-lucy", "wiener", "unsupervised"
GUESS = "guess"
MOST = 120.0  # pixels: the widest blur
_CLIPPED = 0.996  # of the file's range: light beyond it was not recorded
_VARIATION = 0.2  # total variation's weight, for a noise of all of the range
_ROUNDS = 28.0  # of Richardson and Lucy's, without noise
_TIRES = 5.0 / 255  # noise at which they are half as many
_FAINT = 2e-3  # of full light: darker pixels are not multiplied by more than that is worth
_BRIGHTER = 4.0  # times, the most that a pixel may become brighter
_COLOUR_NOISE = 8.0  # times the noise is feared in colours, as their noise is what is seen first


@dataclass(frozen=True)
class Settings:
    """All that is undone is one blur, the same everywhere."""

    method: str = field(default=RICHARDSON_LUCY, metadata={
        "title": "Method", "choices": METHODS,
        "help": "Richardson-Lucy with total variation keeps edges best; Wiener is quicker; unsupervised Wiener finds "
                "out for itself how much noise there is"})
    kind: str = field(default=GUESS, metadata={
        "title": "Blur", "choices": (GUESS, *KINDS),
        "help": "out of focus (a disc), moved (a line), soft all over (a Gaussian); or guessed from the liveliest "
                "parts of the picture, and nothing if one of them is sharp"})
    size: float = field(default=4.0, metadata={
        "min": 0.0, "max": MOST, "unit": "px", "title": "Width", "when": ("kind", KINDS),
        "help": "the disc's diameter, the line's length, the Gaussian's width at half its height"})
    angle: float = field(default=0.0, metadata={
        "min": -180.0, "max": 180.0, "unit": "°", "title": "Angle", "when": ("kind", (MOTION,)),
        "help": "of the motion, anticlockwise from level"})
    strength: float = field(default=1.0, metadata={
        "min": 0.1, "max": 3.0, "title": "Strength",
        "help": "how far the blur is taken back: more is sharper, and finds more in the noise"})
    noise: float = field(default=1.0, metadata={
        "min": 0.1, "max": 10.0, "title": "Noise",
        "help": "how many times the noise that was measured counts: more is smoother"})
    deringing: float = field(default=0.5, metadata={
        "min": 0.0, "max": 1.0, "title": "Hold back ringing",
        "help": "how far ripples beside edges are held within what is seen there; at 1 thin lines stay pale"})

    colours: bool = field(default=True, metadata={
        "title": "Colours too",
        "help": "deblur colours too, less far than brightness, so that their noise does not grow; takes three "
                "times as long"})

    @property
    def blur(self) -> Blur | None:
        """None while it is to be guessed."""
        if self.kind == GUESS:
            return None
        return Blur(self.kind, self.size, self.angle if self.kind == MOTION else 0.0)


class Deblur:
    """Deconvolution of the picture's light: of its brightness, which its colours follow less far."""

    name: ClassVar[str] = "deblur"
    title: ClassVar[str] = "Deblur"
    order: ClassVar[int] = 30
    grid: ClassVar[bool] = True  # a Fourier transform's pixels all depend on one another, if ever so little
    tile: ClassVar[int] = 640
    Settings: ClassVar[type] = Settings
    card: ClassVar[str] = (
        "Takes back one blur: of a lens out of focus, a motion, a softness all over. Richardson-Lucy with total "
        "variation (Dey et al. 2006), Wiener, or unsupervised Wiener (Orieux et al. 2010). What moved otherwise, or "
        "lies at another distance, needs a mask.")

    def reach(self, settings: Settings) -> int:
        psf = (settings.blur or Blur(MOTION, GUESSED_AT_MOST)).psf()
        return 16 + 2 * psf.shape[0] if settings.method == RICHARDSON_LUCY else wiener.reach(psf) + 2

    def prepare(self, scan: Scan, settings: Settings, progress: Progress) -> Findings:
        guess = settings.blur is None
        found = findings(scan, part_of(progress, 0, 0.3 if guess else 1))
        return replace(found, guess=of_scan(scan, part_of(progress, 0.3, 1))) if guess else found

    def prepared_by(self, settings: Settings) -> bool:
        """Only whether the blur is to be guessed: what is measured besides is the same for any."""
        return settings.blur is None

    def apply(self, pixels: np.ndarray, prepared: Findings, settings: Settings, box: Box) -> np.ndarray:
        blur = settings.blur or prepared.guess
        psf = None if blur is None else blur.psf()
        if psf is None or psf.size == 1:
            return pixels
        light = prepared.encoding.light(pixels)
        before = np.ascontiguousarray(brightness(light))
        blown = 2 * (pixels >= _CLIPPED).sum(axis=2) > pixels.shape[2]  # one channel of three does little harm
        after = self._deconvolved(before, psf, blown, prepared, settings)
        amount: float | np.ndarray = settings.deringing
        if settings.method != RICHARDSON_LUCY:  # which knows where the border is
            amount = np.maximum(amount, ringing.near_border(psf, box, prepared.shape))
        detail = self._detail(pixels, prepared, settings)
        after = before + detail * (ringing.held(after, before, psf, amount) - before)
        if settings.colours and light.shape[2] == 3:
            light = self._colours(light, psf, pixels >= _CLIPPED, detail, prepared, settings)
        ratio = (np.maximum(after, 0) + _FAINT) / (brightness(light) + _FAINT)
        return prepared.encoding.numbers(light * np.minimum(ratio, _BRIGHTER)[..., None])

    def _colours(self, light: np.ndarray, psf: np.ndarray, blown: np.ndarray, detail: np.ndarray, found: Findings,
                 settings: Settings) -> np.ndarray:
        """(h, w, 3) light whose colours are sharp, though not its brightness."""
        wary = replace(settings, noise=_COLOUR_NOISE * settings.noise)
        planes = []
        for channel in range(3):
            plane = np.ascontiguousarray(light[..., channel])
            after = self._richardson_lucy(plane, psf, blown[..., channel], found, wary)
            planes.append(plane + detail * (ringing.held(after, plane, psf, settings.deringing) - plane))
        return np.stack(planes, axis=2)

    def _deconvolved(self, light: np.ndarray, psf: np.ndarray, blown: np.ndarray, found: Findings,
                     settings: Settings) -> np.ndarray:
        if settings.method == RICHARDSON_LUCY:
            return self._richardson_lucy(light, psf, blown, found, settings)
        sharp = wiener.restored(light, _kernel(found, settings, settings.blur or found.guess))
        if not blown.any():
            return sharp
        near = ringing.near(blown, psf)  # there a filter that does not know them ripples
        return sharp + near * (self._richardson_lucy(light, psf, blown, found, settings) - sharp)

    @staticmethod
    def _richardson_lucy(light: np.ndarray, psf: np.ndarray, blown: np.ndarray, found: Findings,
                         settings: Settings) -> np.ndarray:
        noise = settings.noise * found.deviation
        rounds = max(2, round(settings.strength * _ROUNDS / (1 + noise / _TIRES)))
        return richardson_lucy.restored(light, psf, rounds, _VARIATION * noise, blown)

    @staticmethod
    def _detail(pixels: np.ndarray, found: Findings, settings: Settings) -> np.ndarray:
        plane = pixels[..., 0] if pixels.shape[2] == 1 else pixels.mean(axis=2)
        variance: float | np.ndarray = settings.noise * found.deviation**2
        if found.grain is not None:
            variance = variance * found.grain.at(0, cv2.GaussianBlur(plane, (0, 0), 4.0))
        return ringing.detail(plane, variance)


@lru_cache(maxsize=4)
def _kernel(found: Findings, settings: Settings, blur: Blur) -> np.ndarray:
    """Wiener's filter, supervised or not: the same for all tiles."""
    psf, regular = blur.psf(), settings.noise / settings.strength
    if settings.method == UNSUPERVISED:
        weight = regular * unsupervised(found, blur)
        return wiener.kernel_for(psf, lambda fy, fx: weight * _laplacian(fy, fx) ** 2)
    power = prior(found, blur).power
    return wiener.kernel_for(psf, lambda fy, fx: regular * noise_power(found, fy, fx) / power(fy, fx))


def _laplacian(fy: np.ndarray, fx: np.ndarray) -> np.ndarray:
    """Transform of the discrete one."""
    return 4 - 2 * np.cos(2 * np.pi * fy) - 2 * np.cos(2 * np.pi * fx)


FILTERS = (Deblur(),)
