"""How much of each frequency a picture holds: blurred, and, by what photographs are like, sharp.

The sharp picture is taken for one whose power falls as a power of frequency (Field 1987), which may differ by direction
(a horizon, a wall). With a blur that is given, what the blurred picture's power should be follows. The strength and the
slope of the sharp picture's are what fits the measured power best, and so is, in ``blind``, the blur itself.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from editor.restoration.deconvolution.psfs import FOCUS, HALF_HEIGHT, MOTION, Blur

_LOWEST = 2.0  # cycles a block: below that windows leak
_EXPECTED = np.array([0.0, -2.3, 0, 0, 0, 0, 0])  # logarithms: strength, slope, four of direction, noise
_DOUBT = np.array([np.inf, 0.35, *[0.4] * 4, 0.7])  # how far they are from that, as a rule
_MISFIT = 0.03  # what the doubts weigh beside what is measured
_FILLED = 0.03  # of the power beside a hole in the spectrum is found in it: no blur is quite even
_WIDEST = 8.0  # frequencies: what lies beside a hole
_ROUNDS = 14
_ENOUGH = 64  # frequencies a side; of larger blocks, whose windows smooth over their neighbours, some are left out


@dataclass(frozen=True, eq=False)
class Power:
    """The mean power of square blocks of a picture, white noise of variance v having v at every frequency."""

    values: np.ndarray  # (side, side // 2 + 1) float64, as rfft2 orders frequencies
    blocks: int  # how many it is the mean of, about, if they were independent

    @property
    def side(self) -> int:
        return self.values.shape[0]

    @property
    def frequencies(self) -> tuple[np.ndarray, np.ndarray]:
        """Down (side, 1) and across (side // 2 + 1,), cycles a pixel."""
        return np.fft.fftfreq(self.side)[:, None], np.fft.rfftfreq(self.side)


@dataclass(frozen=True)
class Prior:
    """Power of the sharp picture: exp(level) / f**slope, times what depends on direction."""

    level: float
    slope: float
    direction: tuple[float, ...] = ()  # of cos 2t, sin 2t, cos 4t, sin 4t

    def power(self, fy: np.ndarray, fx: np.ndarray) -> np.ndarray:
        f, features = _features(fy, fx)
        weights = np.array((self.level, -self.slope, *self.direction))
        return np.exp(np.tensordot(weights, features[:len(weights)], 1))


def window(side: int) -> np.ndarray:
    row = np.hanning(side + 2)[1:-1]
    return np.outer(row, row)


def measured(blocks: Iterable[np.ndarray]) -> Power | None:
    """Of square blocks (side, side), even; None where there are none."""
    from scipy import fft

    total, count = None, 0
    for block in blocks:
        shade = window(block.shape[0])
        even = block - np.average(block, weights=shade)
        power = np.abs(fft.rfft2(even * shade)) ** 2 / (shade**2).sum()
        total = power if total is None else total + power
        count += 1
    return None if total is None else Power(total / count, count)


def let_through(blur: Blur, side: int) -> np.ndarray:
    """The share of power that a blur lets through, as blocks of ``side`` see it: zeros are filled by what the window
    leaks. (side, side // 2 + 1) float64."""
    from scipy.special import j1

    fy, fx = np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)
    if blur.kind == MOTION:
        turn = math.radians(blur.angle)
        response = np.sinc(blur.size * (fx * math.cos(turn) - fy * math.sin(turn)))
    elif blur.kind == FOCUS:
        at = np.maximum(np.pi * blur.size * np.hypot(fy, fx), 1e-6)
        response = 2 * j1(at) / at
    else:
        response = np.exp(-2 * (np.pi * blur.size / HALF_HEIGHT) ** 2 * (fy**2 + fx**2))
    power = response**2
    for axis in (0, 1):  # the Hann window's own power spectrum
        power = (power * 4 + np.roll(power, 1, axis) + np.roll(power, -1, axis)) / 6
    wide = float(np.clip(0.5 * side / max(blur.size, 1.0), 1.0, _WIDEST))
    around = cv2.GaussianBlur(np.fft.fftshift(power), (0, 0), wide, borderType=cv2.BORDER_REFLECT)
    return ((1 - _FILLED) * power + _FILLED * np.fft.ifftshift(around))[:, :side // 2 + 1]


def fitted(power: Power, through: np.ndarray, noise: np.ndarray | float) -> tuple[Prior, float]:
    """The sharp picture that explains ``power`` best, and how badly that is: the mean square of the difference of
    logarithms, which a hole in the spectrum at the wrong place makes larger as well as a missing one.

    through: the blur's share of power (``let_through``); noise: its power, about, at each frequency.
    """
    used, low, x = _looked_at(power.side)
    p, h = np.log(np.maximum(power.values[used], 1e-14)), through[used] + 1e-9
    n = np.broadcast_to(noise, used.shape)[used] + 1e-12
    doubt = _MISFIT / _DOUBT**2
    weights = _EXPECTED.copy()
    weights[0] = np.mean(p[low] - np.log(h[low]) - x[1, low] * weights[1])
    best, lam = np.inf, 1e-3
    kept = weights
    for _ in range(_ROUNDS):
        sharp = h * np.exp(np.clip(weights @ x, -60, 40))
        noisy = n * np.exp(np.clip(weights[-1], -10, 10))
        model = sharp + noisy
        rest = p - np.log(model)
        badness = np.mean(rest**2) + doubt @ (weights - _EXPECTED)**2
        if badness < best:
            better = best - badness
            best, kept, lam = badness, weights, lam / 4
            jacobian = x * (sharp / model)
            jacobian[-1] = noisy / model
            slope = jacobian @ rest / len(p) - doubt * (weights - _EXPECTED)
            bend = jacobian @ jacobian.T / len(p) + np.diag(doubt)
            if better < 1e-5:
                break
        else:
            lam *= 8
        weights = kept + np.linalg.solve(bend + lam * np.diag(np.diag(bend)), slope)
    return Prior(float(kept[0]), float(-kept[1]), tuple(float(w) for w in kept[2:6])), float(best)


@lru_cache(maxsize=4)
def _looked_at(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which frequencies of blocks count, (side, side // 2 + 1) bool; which of those are low; and (7, n) what their
    power's logarithm depends on, the last being left for the noise."""
    f, features = _features(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    used = (f >= _LOWEST / side) & (f <= 0.5)
    used &= np.add.outer(*[np.arange(length) for length in f.shape]) % max(1, side // _ENOUGH) == 0
    return used, f[used] <= 0.1, np.vstack([features[:, used], np.zeros(np.count_nonzero(used))])


def _features(fy: np.ndarray, fx: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The frequency, (h, w), and (6, h, w): 1, its logarithm, and the waves of its direction."""
    f = np.hypot(fy, fx)
    f = np.where(f == 0, f[f > 0].min(initial=1.0), f)
    angle = np.arctan2(np.broadcast_to(fy, f.shape), np.broadcast_to(fx, f.shape))
    return f, np.stack([np.ones_like(f), np.log(f), np.cos(2 * angle), np.sin(2 * angle), np.cos(4 * angle),
                        np.sin(4 * angle)])
