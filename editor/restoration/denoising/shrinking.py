"""Taking noise out of planes, at several scales.

Grain is coarser than a few pixels in a fine scan: what a block of the whole picture cannot tell from shading, a block
of the reduced one can (Pierazzo, Lebrun, Rais and Facciolo, "Multi-scale DCT denoising", IPOL 2017).
"""

from collections.abc import Sequence

import cv2
import numpy as np

from editor.raster.surface import Box
from editor.restoration.denoising.noise import LEVELS, SIZE, Noise
from editor.restoration.denoising.planes import doubled, halved

_STRIDE = 4  # pixels between blocks
_WIDE = 8  # the same for the finest colour: the eye sees less of it
_THRESHOLD = 2.7  # deviations that a coefficient has to have to be believed: Yu and Sapiro
_NEAR = 32  # pixels beyond what is wanted that two rounds of blocks look at
_TWICE = 8  # pixels more for each change of size
REACH = 144  # pixels: those of the picture at a quarter of its size, nearly


def cleaned(planes: np.ndarray, noise: Sequence[Noise | None], strength: Sequence[float], wanted: Box,
            level: int = 0) -> np.ndarray:
    """``wanted`` of ``planes`` (h, w, n) without noise: what is coarse comes from the reduced picture's own cleaning.

    strength (n,): how many times as strong as it was measured noise is taken to be. The planes begin, and ``wanted``
    too, where pixels of the photo's grid of 16 do.
    """
    there = Box(0, 0, *planes.shape[:2])
    near = wanted.grow(_NEAR).intersect(there)
    out = _at_one_scale(planes[near.slices], noise[level], strength, level)
    inner = wanted.shift(-near.top, -near.left)
    if level + 1 == LEVELS or noise[level + 1] is None or min(there.height, there.width) < 2 * SIZE:
        return out[inner.slices]
    below = halved(planes)
    half = Box(*(side // 2 for side in wanted[:2]), *(-(-side // 2) for side in wanted[2:]))
    half = half.grow(_TWICE).intersect(Box(0, 0, *below.shape[:2]))
    coarse = cleaned(below, noise, strength, half, level + 1)
    before = halved(out)[half.shift(-near.top // 2, -near.left // 2).slices]
    whole = Box(2 * half.top, 2 * half.left, min(2 * half.bottom, there.bottom), min(2 * half.right, there.right))
    change = doubled(coarse - before, (whole.height, whole.width))
    return out[inner.slices] + change[wanted.shift(-whole.top, -whole.left).slices]


def _at_one_scale(planes: np.ndarray, noise: Noise, strength: Sequence[float], level: int) -> np.ndarray:
    from editor.restoration.denoising import kernels

    height, width, count = planes.shape
    edges = (SIZE, SIZE + -(height + SIZE) % _WIDE, SIZE, SIZE + -(width + SIZE) % _WIDE)
    mirrored = cv2.copyMakeBorder(planes, *edges, cv2.BORDER_REFLECT).reshape(
        height + edges[0] + edges[1], width + edges[2] + edges[3], count)
    padded = [np.ascontiguousarray(mirrored[..., plane]) for plane in range(count)]
    light = cv2.boxFilter(padded[0], -1, (SIZE, SIZE), anchor=(0, 0))[:1 - SIZE, :1 - SIZE]
    basis = kernels.cosines()
    out = np.empty_like(planes)
    for plane, times in enumerate(strength):
        pilot, finest_colour = padded[plane], level == 0 and plane > 0
        stride = _WIDE if finest_colour else _STRIDE
        spectrum = noise.spectrum[plane] * np.float32(times ** 2)
        strengths = noise.at(plane, light[::stride, ::stride])
        for guided in (False, True)[:1 if finest_colour else 2] if times else ():
            total, weights = np.zeros_like(pilot), np.zeros_like(pilot)
            kernels.shrink(padded[plane], pilot, guided, spectrum, strengths, stride, np.float32(_THRESHOLD), basis,
                           total, weights)
            pilot = total / weights
        out[..., plane] = pilot[SIZE:SIZE + height, SIZE:SIZE + width]
    return out
