"""Photographs of scikit-image's, blurred by code of the tests' own: in light, finely sampled, beyond the border too."""

import math

import numpy as np
from scipy.signal import fftconvolve
from skimage import data

_FINE = 4  # samples along a pixel's side


def light_of(numbers: np.ndarray) -> np.ndarray:
    """sRGB's curve (IEC 61966-2-1)."""
    return np.where(numbers <= 0.04045, numbers / 12.92, ((numbers + 0.055) / 1.055) ** 2.4)


def numbers_of(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def spread(kind: str, size: float, angle: float = 0.0) -> np.ndarray:
    """What a point becomes, (n, n): counted at 4 x 4 places of each pixel."""
    half = math.ceil(size if kind == "gaussian" else size / 2) + 1
    at = (np.arange((2 * half + 1) * _FINE) + 0.5) / _FINE - half - 0.5
    x, y = np.meshgrid(at, at)
    turn = math.radians(angle)
    along, across = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
    fine = {"focus": np.hypot(x, y) <= size / 2,
            "motion": (np.abs(along) <= size / 2) & (np.abs(across) <= 0.5),
            "gaussian": np.exp(-(x**2 + y**2) / 2 / (size / 2.3548) ** 2)}[kind].astype(float)
    share = fine.reshape(2 * half + 1, _FINE, 2 * half + 1, _FINE).sum((1, 3))
    return share / share.sum()


def blurred(sharp: np.ndarray, kind: str, size: float, angle: float = 0.0, noise: float = 1.0,
            seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The middle of a sharp photograph (h, w, 3) uint8, and the same blurred, with ``noise`` levels of it: uint8."""
    psf = spread(kind, size, angle)
    light = light_of(sharp / 255)
    soft = np.stack([fftconvolve(light[..., c], psf, "same") for c in range(sharp.shape[2])], 2)
    margin = psf.shape[0]
    inside = slice(margin, -margin), slice(margin, -margin)
    soft = 255 * numbers_of(soft[inside])
    soft += np.random.default_rng(seed).normal(0, noise, soft.shape)
    return sharp[inside], np.clip(np.rint(soft), 0, 255).astype(np.uint8)


def photograph(name: str) -> np.ndarray:
    """(h, w, 3) uint8."""
    pixels = getattr(data, name)()
    return np.repeat(pixels[..., None], 3, 2) if pixels.ndim == 2 else pixels[..., :3]


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))
