"""``python -m tests.benchmarks.cleaning [FOLDER]``: photographs with grain, or printed with a screen, by code, and how
near to the clean ones the filters bring them, beside OpenCV's and scikit-image's own ways, each at its best strength.

Of a FOLDER's photographs the middle is taken at half size, so that it has no grain of its own; without one,
scikit-image's are. Means of PSNR (dB) and SSIM of the brightness. What is printed has been a JPEG file of quality 88.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from skimage.metrics import structural_similarity
from skimage.restoration import denoise_nl_means

from editor.evaluation.film import with_grain
from editor.evaluation.printing import printed
from editor.restoration.contract import Scan
from editor.restoration.denoising import DenoiseSettings
from editor.restoration.filtering import restored
from editor.restoration.registry import find

_SIDE = 512  # pixels
_SAMPLES = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")
_SIZES = (0.5, 1.2, 2.0)  # of clumps of grain, pixels
_STRENGTHS = (0.045,)
_PERIODS = (3.5, 5.0, 8.0)  # of screens, pixels

Score = tuple[float, float]


def main() -> None:
    pictures = list(_photographs(*sys.argv[1:2]))
    for strength in _STRENGTHS:
        for size in _SIZES:
            _table(f"grain {strength:g}, {size:g} px", pictures,
                   lambda truth, seed, strength=strength, size=size: with_grain(truth, strength, size, seed=seed),
                   _denoised)
    for period in _PERIODS:
        _table(f"screen, {period:g} px", pictures, lambda truth, _, period=period: _print(truth, period),
               lambda spoilt, period=period: _descreened(spoilt, period))


def _table(name: str, pictures: list[np.ndarray], spoil: Callable[[np.ndarray, int], np.ndarray],
           ways: Callable[[np.ndarray], Iterator[tuple[str, Iterable[np.ndarray]]]]) -> None:
    """A line: the mean of each way, of which the best try for each picture counts."""
    scores: dict[str, list[Score]] = {}
    for seed, truth in enumerate(pictures):
        for way, tries in ways(spoil(truth, seed)):
            scores.setdefault(way, []).append(max(_score(truth, made) for made in tries))
    print(f"{name}: " + ", ".join(f"{way} {np.mean(found, axis=0)[0]:.1f} {np.mean(found, axis=0)[1]:.3f}"
                                  for way, found in scores.items()), flush=True)


def _score(truth: np.ndarray, made: np.ndarray) -> Score:
    made = np.clip(made, 0, 1)
    likeness = structural_similarity(truth.mean(axis=2), made.mean(axis=2), data_range=1.0)
    return float(-10 * np.log10(np.mean((truth - made) ** 2))), float(likeness)


def _denoised(spoilt: np.ndarray) -> Iterator[tuple[str, Iterable[np.ndarray]]]:
    eight, sixteen = np.rint(spoilt * 255).astype(np.uint8), np.rint(spoilt * 65_535).astype(np.uint16)
    yield "as it is", [spoilt]
    yield "denoise", [restored(Scan.of(sixteen), find("denoise"), DenoiseSettings(keep_grain=0.0)) / 65_535]
    yield "OpenCV non-local means", (cv2.fastNlMeansDenoisingColored(eight, None, h, h) / 255 for h in (5, 10, 20))
    yield "scikit-image non-local means", (denoise_nl_means(spoilt, h=h, fast_mode=True, channel_axis=2,
                                                            patch_distance=6) for h in (0.04, 0.08))
    yield "Gaussian", (cv2.GaussianBlur(spoilt, (0, 0), sigma) for sigma in (0.7, 1.2, 2.0))


def _print(truth: np.ndarray, period: float) -> np.ndarray:
    pixels = np.rint(printed(truth, period) * 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1] / np.float32(255)


def _descreened(spoilt: np.ndarray, period: float) -> Iterator[tuple[str, Iterable[np.ndarray]]]:
    yield "as it is", [spoilt]
    yield "descreen", [restored(Scan.of(np.rint(spoilt * 255).astype(np.uint8)), find("descreen")) / 255]
    yield "Gaussian", (cv2.GaussianBlur(spoilt, (0, 0), share * period) for share in (0.25, 0.35, 0.5, 0.7))
    median = np.rint(spoilt * 255).astype(np.uint8)
    yield "median", (cv2.medianBlur(median, side) / 255 for side in (3, 5, 7, 9))


def _photographs(folder: str | None = None) -> Iterator[np.ndarray]:
    """(h, w, 3) float32 0..1."""
    data = Path(importlib.util.find_spec("skimage").origin).parent / "data"
    for path in sorted(Path(folder).glob("*.jpg")) if folder else [data / name for name in _SAMPLES]:
        picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        if folder:
            picture = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        top, left = (max(0, side - _SIDE) // 2 for side in picture.shape[:2])
        yield picture[top:top + _SIDE, left:left + _SIDE] / np.float32(255)


if __name__ == "__main__":
    main()
