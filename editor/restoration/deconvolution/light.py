"""Between a file's numbers and light: blur adds up light, not the numbers that stand for it."""

from dataclasses import dataclass

import numpy as np

_SRGB = 2.4  # the exponent of its curve beyond the shadows; its offset is 0.055
_RAMP = np.arange(16, 256, 4, dtype=np.uint8)
_OFF = 3.0  # levels of 255 by which a profile's greys may differ from sRGB's and still be taken for them
_TOE = 0.02  # of the numbers, below which a power curve goes on as a straight line


@dataclass(frozen=True)
class Encoding:
    """How a file's numbers stand for light. gamma: the exponent of a power curve; None is sRGB's own curve."""

    gamma: float | None = None

    def light(self, numbers: np.ndarray) -> np.ndarray:
        """Of float32 0..1, the like."""
        if self.gamma is None:
            return np.where(numbers <= 0.04045, numbers / np.float32(12.92),
                            ((np.maximum(numbers, 0) + np.float32(0.055)) / np.float32(1.055)) ** np.float32(_SRGB))
        slope = np.float32(_TOE ** (self.gamma - 1))
        return np.where(numbers <= _TOE, numbers * slope, np.maximum(numbers, _TOE) ** np.float32(self.gamma))

    def numbers(self, light: np.ndarray) -> np.ndarray:
        """What ``light`` gives, back; 0 for what is darker than dark."""
        light = np.maximum(light, 0)
        if self.gamma is None:
            return np.where(light <= 0.0031308, light * np.float32(12.92),
                            np.float32(1.055) * light ** np.float32(1 / _SRGB) - np.float32(0.055))
        slope = np.float32(_TOE ** (self.gamma - 1))
        return np.where(light <= _TOE * slope, light / slope, light ** np.float32(1 / self.gamma))


def encoding(profile: bytes | None, channels: int) -> Encoding:
    """Of a file with this ICC profile, None being sRGB: sRGB's curve, or the power curve that its greys follow."""
    if not profile:
        return Encoding()
    from editor.raster.colour import to_srgb8

    ramp = np.repeat(_RAMP[None, :, None], channels, axis=2)
    shown = to_srgb8(ramp, profile)[0].mean(axis=1)
    if np.abs(shown - _RAMP).max() <= _OFF:
        return Encoding()
    light = Encoding().light((shown / 255).astype(np.float32))
    usable = (light > 0.002) & (light < 0.98)
    if np.count_nonzero(usable) < 4:
        return Encoding()
    x, y = np.log(_RAMP[usable] / 255), np.log(light[usable])
    return Encoding(float(np.clip((x @ y) / (x @ x), 1.0, 3.0)))


def brightness(light: np.ndarray) -> np.ndarray:
    """(h, w) float32 of light (h, w, 1 or 3): Rec. 709 luminance."""
    return light[..., 0] if light.shape[2] == 1 else light @ np.array([0.2126, 0.7152, 0.0722], np.float32)
