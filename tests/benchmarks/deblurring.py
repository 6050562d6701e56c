"""``python -m tests.benchmarks.deblurring [FOLDER]``: photographs blurred by code, and how near to the sharp ones the
filter's methods bring them, beside an unsharp mask and scikit-image's own functions.

Of a FOLDER's photographs the middle is taken at half size, so that it is sharp; without one, scikit-image's are. Means
of PSNR (dB) and SSIM. Blurs are added up in light, sampled four times as finely as pixels; noise is Gaussian.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from skimage import restoration
from skimage.metrics import structural_similarity

from editor.restoration.contract import Scan
from editor.restoration.deblurring import METHODS, Deblur, Settings
from editor.restoration.filtering import restored
from tests.restoration.blurred_photos import blurred, photograph, psnr

BLURS = (("focus", 6.0, 0.0), ("focus", 14.0, 0.0), ("motion", 14.0, 25.0), ("gaussian", 4.0, 0.0))
NOISES = (1, 4)  # levels of 255
_SIDE = 500  # pixels, before the blur's margin is cut off
_SAMPLES = ("astronaut", "camera", "chelsea", "coffee")


def main() -> None:
    photographs = list(_photographs(*sys.argv[1:2]))
    print("| blur | noise | " + " | ".join(_columns()) + " |")
    for blur in BLURS:
        for noise in NOISES:
            scores: dict[str, list[tuple[float, float]]] = {}
            for number, sharp in enumerate(photographs):
                truth, soft = blurred(sharp, *blur, noise=noise, seed=number)
                for name, made in _made(soft, Settings(kind=blur[0], size=blur[1], angle=blur[2])):
                    likeness = structural_similarity(made, truth, channel_axis=2, data_range=255)
                    scores.setdefault(name, []).append((psnr(made, truth), likeness))
            means = (np.mean(scores[name], axis=0) for name in _columns())
            print(f"| {blur[0]} {blur[1]:g} px | {noise} | " +
                  " | ".join(f"{decibels:.1f} {likeness:.3f}" for decibels, likeness in means) + " |", flush=True)


def _columns() -> tuple[str, ...]:
    return ("blurred", *METHODS, "unsharp mask", "skimage wiener", "skimage unsupervised", "skimage richardson-lucy")


def _made(soft: np.ndarray, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    yield "blurred", soft
    for method in METHODS:
        yield method, restored(Scan.of(soft), Deblur(), replace(settings, method=method))
    wide = cv2.GaussianBlur(soft, (0, 0), settings.size / 3)
    yield "unsharp mask", cv2.addWeighted(soft, 2.0, wide, -1.0, 0)
    psf = settings.blur.psf().astype(float)
    yield "skimage wiener", _by_channel(soft, lambda plane: restoration.wiener(plane, psf, 0.1))
    yield "skimage unsupervised", _by_channel(
        soft, lambda plane: restoration.unsupervised_wiener(plane, psf, rng=0)[0])
    yield "skimage richardson-lucy", _by_channel(
        soft, lambda plane: restoration.richardson_lucy(plane, psf, num_iter=20))


def _by_channel(soft: np.ndarray, method: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """As one would call them: each channel of the file's numbers, the border's ripples kept down by mirroring."""
    margin = 32
    wide = cv2.copyMakeBorder(soft, *[margin] * 4, cv2.BORDER_REFLECT) / 255
    made = np.stack([method(wide[..., channel]) for channel in range(3)], 2)
    return np.rint(255 * np.clip(made[margin:-margin, margin:-margin], 0, 1)).astype(np.uint8)


def _photographs(folder: str = "") -> Iterator[np.ndarray]:
    if not folder:
        for name in _SAMPLES:
            yield photograph(name)[:_SIDE, :_SIDE]
    for path in sorted(Path(folder).iterdir()) if folder else ():
        whole = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
        if whole is not None:
            half = cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            top, left = ((side - _SIDE) // 2 for side in half.shape[:2])
            yield half[max(0, top):top + _SIDE, max(0, left):left + _SIDE]


if __name__ == "__main__":
    main()
