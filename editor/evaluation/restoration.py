"""How much of a photograph comes back that code has spoilt: before and after, beside peers where there are any.

Damage is drawn by the generator that the damage finder is measured with (damage.py); everything else is spoilt here in
linear light: dyes fade, the lens is out of focus, film has grain. Peers see what we see, and are told as much.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import mean
from typing import Any

import cv2
import numpy as np
from skimage.metrics import structural_similarity

from editor.evaluation.damage import KINDS as DAMAGE
from editor.evaluation.film import with_grain
from editor.restoration.mending import mended
from editor.restoration.restoring import Mending, Steps, Unfading, restore

BEFORE = "before"
_SEEN = 3.0  # levels of 255: what damage changes less is not in the mask that mending is given
_RIM = 1  # pixels by which that mask is widened, as one drawn by hand
_DISC = 5.0  # pixels: the width of the blur
_GRAIN = 0.045  # of the range, in the mid-tones


@dataclass(frozen=True)
class Spoilt:
    """A photograph, what has become of it, and what whoever restores it is told."""

    truth: np.ndarray  # (h, w, 3) uint8 sRGB
    picture: np.ndarray  # the same
    mask: np.ndarray | None = None  # (h, w) uint8: where damage is, 255


Method = Callable[[Spoilt], np.ndarray]


def _light(picture: np.ndarray) -> np.ndarray:
    return (picture.astype(np.float32) / 255) ** 2.2


def _coded(light: np.ndarray) -> np.ndarray:
    return np.rint(255 * np.clip(light, 0, 1) ** (1 / 2.2)).astype(np.uint8)


def _damaged(random: np.random.Generator, picture: np.ndarray, kinds: tuple[str, ...]) -> Spoilt:
    light = _light(picture)
    for kind in kinds:
        density, paper = DAMAGE[kind](random, picture.shape[:2])
        light = light * np.exp(-density)
        light = light * (1 - paper[..., :1]) + paper[..., 1:] * paper[..., :1]
    out = _coded(light)
    changed = np.abs(out.astype(np.int16) - picture).max(axis=2) > _SEEN
    mask = cv2.dilate(changed.astype(np.uint8) * 255, np.ones((2 * _RIM + 1,) * 2, np.uint8))
    return Spoilt(picture, np.where(mask[..., None] > 0, out, picture), mask)


def _faded(random: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Dyes that have lost up to half of their density, each its own share, on paper that has yellowed."""
    left = random.uniform(0.5, 0.8) * random.uniform(0.85, 1.0, 3).astype(np.float32)
    paper = np.array([0.97, 0.92, random.uniform(0.7, 0.85)], np.float32)
    return _coded(paper * np.exp(left * np.log(np.maximum(_light(picture), 1 / 400))))


def disc() -> np.ndarray:
    """The point spread function of the blur: (n, n) float32, in all 1."""
    fine = 8
    side = 2 * math.ceil(_DISC / 2) + 1
    y, x = (np.mgrid[:side * fine, :side * fine] + 0.5) / fine - side / 2
    inside = (np.hypot(y, x) <= _DISC / 2).astype(np.float32)
    out = cv2.resize(inside, (side, side), interpolation=cv2.INTER_AREA)
    return out / out.sum()


def _blurred(random: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    out = cv2.filter2D(_light(picture), -1, disc(), borderType=cv2.BORDER_REFLECT)
    return _coded(out + random.normal(0, 0.002, out.shape))


def _grained(random: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    return np.rint(255 * with_grain(picture / np.float32(255), _GRAIN, seed=int(random.integers(2 ** 31)))).astype(
        np.uint8)


def _all(random: np.random.Generator, picture: np.ndarray) -> Spoilt:
    worse = _faded(random, _grained(random, _blurred(random, picture)))
    return Spoilt(picture, _damaged(random, worse, ("specks", "scratches")).picture)


SPOILING: dict[str, Callable[[np.random.Generator, np.ndarray], Spoilt]] = {
    "specks and scratches": lambda random, picture: _damaged(random, picture, ("specks", "scratches")),
    "cracks and losses": lambda random, picture: _damaged(random, picture, ("cracks", "loss")),
    "fading": lambda random, picture: Spoilt(picture, _faded(random, picture)),
    "blur": lambda random, picture: Spoilt(picture, _blurred(random, picture)),
    "grain": lambda random, picture: Spoilt(picture, _grained(random, picture)),
    "all together": _all,
}


def _restored(picture: np.ndarray, steps: Steps) -> np.ndarray:
    return next(restore(picture, steps, device="cpu")).pixels


def _sharpening(guessed: Spoilt | None = None) -> Any:
    """Settings of the filter that deblurs: told the blur, or (of a picture) guessing it."""
    from editor.raster.surface import Box
    from editor.restoration.contract import Scan
    from editor.restoration.deblurring import Settings
    from editor.restoration.deconvolution.blind import of_region
    from editor.restoration.deconvolution.psfs import FOCUS

    if guessed is None:
        return Settings(kind=FOCUS, size=_DISC)
    blur = of_region(Scan.of(guessed.picture), Box(0, 0, *guessed.picture.shape[:2])).blur
    if blur is None:
        return Settings(kind=FOCUS, size=0.0)
    return Settings(kind=blur.kind, size=blur.size, angle=blur.angle)


def _denoising() -> Any:
    from editor.restoration.denoising import DenoiseSettings

    return DenoiseSettings(keep_grain=0.0)


def _everything(case: Spoilt) -> np.ndarray:
    return _restored(case.picture, Steps(mend=Mending(), unfade=Unfading(), denoise=_denoising(),
                                         deblur=_sharpening()))


def _inpainted(flag: int) -> Method:
    return lambda case: cv2.inpaint(case.picture, case.mask, 4, flag)


def _frequency_selective(case: Spoilt) -> np.ndarray:
    out = np.zeros_like(case.picture)
    cv2.xphoto.inpaint(case.picture, cv2.bitwise_not(case.mask), out, cv2.xphoto.INPAINT_FSR_FAST)
    return out


def _plate(case: Spoilt) -> np.ndarray:
    from skimage.restoration import inpaint_biharmonic

    out = inpaint_biharmonic(case.picture, case.mask > 0, channel_axis=-1, split_into_regions=True)
    return np.rint(255 * np.clip(out, 0, 1)).astype(np.uint8)


def _in_light(method: Callable[[np.ndarray], np.ndarray]) -> Method:
    """Of each channel's light by itself."""
    return lambda case: _coded(np.dstack([np.clip(method(plane), 0, 1) for plane in
                                          np.ascontiguousarray(_light(case.picture).transpose(2, 0, 1))]))


def _richardson_lucy(plane: np.ndarray) -> np.ndarray:
    from skimage.restoration import richardson_lucy

    return richardson_lucy(plane, disc(), num_iter=20)


def _wiener(plane: np.ndarray) -> np.ndarray:
    from skimage.restoration import unsupervised_wiener

    return unsupervised_wiener(plane, disc(), rng=1)[0]


def _variation(case: Spoilt) -> np.ndarray:
    from skimage.restoration import denoise_tv_chambolle

    out = denoise_tv_chambolle(case.picture / np.float32(255), weight=0.06, channel_axis=-1)
    return np.rint(255 * np.clip(out, 0, 1)).astype(np.uint8)


def _stretched(case: Spoilt) -> np.ndarray:
    """Each channel between its first and last percentile, as "auto levels" does."""
    low, high = np.percentile(case.picture, (0.5, 99.5), axis=(0, 1))
    return np.rint(255 * np.clip((case.picture - low) / np.maximum(high - low, 1), 0, 1)).astype(np.uint8)


_MENDING: dict[str, Method] = {
    "mended": lambda case: mended(case.picture, case.mask, device="cpu")[0],
    "found and mended": lambda case: _restored(case.picture, Steps(mend=Mending())),
    "OpenCV FSR_FAST": _frequency_selective, "scikit-image biharmonic": _plate,
    "OpenCV Navier-Stokes": _inpainted(cv2.INPAINT_NS), "OpenCV Telea": _inpainted(cv2.INPAINT_TELEA)}
if not hasattr(cv2, "xphoto"):  # it comes with opencv-contrib, which is not needed otherwise
    del _MENDING["OpenCV FSR_FAST"]

METHODS: dict[str, dict[str, Method]] = {
    "specks and scratches": _MENDING,
    "cracks and losses": _MENDING,
    "fading": {"unfaded": lambda case: _restored(case.picture, Steps(unfade=Unfading())), "auto levels": _stretched},
    "blur": {"deblurred, told the blur": lambda case: _restored(case.picture, Steps(deblur=_sharpening())),
             "deblurred, guessing it": lambda case: _restored(case.picture, Steps(deblur=_sharpening(case))),
             "scikit-image Richardson-Lucy": _in_light(_richardson_lucy),
             "scikit-image unsupervised Wiener": _in_light(_wiener)},
    "grain": {"denoised": lambda case: _restored(case.picture, Steps(denoise=_denoising())),
              "OpenCV non-local means": lambda case: cv2.fastNlMeansDenoisingColored(case.picture, None, 6, 6, 7, 21),
              "scikit-image total variation": _variation},
    "all together": {"all steps": _everything},
}


@dataclass
class Figures:
    """One method's, over all photographs spoilt in one way."""

    psnr: list[float] = field(default_factory=list)  # dB over the whole picture
    ssim: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)  # dB over the damage alone

    def add(self, picture: np.ndarray, case: Spoilt) -> None:
        squares = np.square(picture.astype(np.float64) - case.truth)
        self.psnr.append(_decibel(squares))
        self.ssim.append(float(structural_similarity(picture, case.truth, channel_axis=2)))
        if case.mask is not None:
            self.inside.append(_decibel(squares[case.mask > 0]))


def _decibel(squares: np.ndarray) -> float:
    return 10 * math.log10(255 ** 2 / max(float(squares.mean()), 1e-6))


def measure(pictures: Iterable[np.ndarray], kinds: Iterable[str] = tuple(SPOILING),
            watch: Callable[[int, str, str, np.ndarray], None] | None = None) -> dict[str, dict[str, Figures]]:
    """By what was done to the (h, w, 3) uint8 sRGB ``pictures``, and by method. ``watch`` gets each picture's number,
    what was done to it, the method's name ("truth" first) and its picture."""
    figures = {kind: {name: Figures() for name in (BEFORE, *METHODS[kind])} for kind in kinds}
    for number, picture in enumerate(pictures):
        for kind, methods in figures.items():
            case = SPOILING[kind](np.random.default_rng((29, number)), picture)
            if case.mask is not None and not case.mask.any():
                continue
            for name, tally in methods.items():
                out = case.picture if name == BEFORE else METHODS[kind][name](case)
                tally.add(out, case)
                if watch is not None:
                    if name == BEFORE:
                        watch(number, kind, "truth", case.truth)
                    watch(number, kind, name, out)
    return figures


def table(figures: dict[str, dict[str, Figures]]) -> list[list[str]]:
    """Heading, and a row for each way of spoiling and method, as text."""
    rows = [["spoilt by", "", "PSNR, dB", "SSIM", "PSNR in the damage, dB", "photographs"]]
    for kind, methods in figures.items():
        for name, tally in methods.items():
            if tally.psnr:
                inside = f"{mean(tally.inside):.2f}" if tally.inside else ""
                rows.append([kind, name, f"{mean(tally.psnr):.2f}", f"{mean(tally.ssim):.3f}", inside,
                             str(len(tally.psnr))])
    return rows
