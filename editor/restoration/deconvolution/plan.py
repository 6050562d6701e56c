"""How hard a blur can be taken back from one picture: what its noise is, and what power its sharp self would have."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from editor.engines.contract import Progress
from editor.raster.surface import Box
from editor.restoration.contract import Scan
from editor.restoration.deconvolution.borders import endless
from editor.restoration.deconvolution.light import Encoding, brightness, encoding
from editor.restoration.deconvolution.psfs import Blur
from editor.restoration.deconvolution.spectra import Power, Prior, fitted, let_through, measured
from editor.restoration.denoising.noise import Noise, measure

_BLOCK = 128  # pixels of a side, of those that the power is measured in
_SPREAD = 6  # of them down, and as many across
_SAMPLE = 256  # pixels of a side, of the part that the unsupervised method looks at
_COARSER = 4.0  # times the power of the finest grain that coarser grain may have
_LEAST = 0.4 / 255  # deviation of the noise of a picture that has none: its numbers are rounded


@dataclass(frozen=True, eq=False)
class Findings:
    """What a picture tells before its blur is known."""

    shape: tuple[int, int]  # of the picture
    encoding: Encoding
    deviation: float  # of the noise of its brightness, in the file's numbers, 0..1
    grain: Noise | None  # how that differs by brightness and frequency
    in_light: float  # variance of the noise of its light
    power: Power | None  # of its light
    sample: np.ndarray  # (h, w) float32 light: the part of it in which most goes on
    guess: Blur | None = None  # where the blur was to be guessed, and could be


def findings(scan: Scan, progress: Progress) -> Findings:
    """Reads some hundred parts of the scan."""
    grain = _without_texture(measure(scan, lambda fraction, words: progress(0.6 * fraction, words))[0])
    code = encoding(scan.profile, scan.colours)
    deviation = max(_LEAST, float(grain.deviation[0]) if grain is not None else 0.0)
    blocks, steepness = [], []
    boxes = _spread(scan.shape, _BLOCK, _SPREAD)
    for number, box in enumerate(boxes):
        progress(0.6 + 0.4 * number / len(boxes), "Measuring sharpness")
        numbers = scan.floats(box)
        light = brightness(code.light(numbers))
        if min(light.shape) == _BLOCK and np.mean(numbers > 0.995) < 0.02:
            blocks.append(light)
        steepness.append(np.mean((code.light(numbers + np.float32(0.005)) - code.light(numbers)) ** 2) / 0.005**2)
    sample = liveliest(scan, _SAMPLE, 1)[0]
    return Findings(scan.shape, code, deviation, grain, deviation**2 * float(np.mean(steepness)),
                    measured(block.astype(np.float64) for block in blocks), brightness(code.light(scan.floats(sample))))


def prior(found: Findings, blur: Blur) -> Prior:
    """The power of the sharp picture."""
    if found.power is None:  # small, or nearly all blown: as most photographs
        return Prior(float(np.log(1e-4)), 2.3)
    through = let_through(blur, found.power.side)
    return fitted(found.power, through, noise_power(found, *found.power.frequencies))[0]


def noise_power(found: Findings, fy: np.ndarray, fx: np.ndarray) -> np.ndarray:
    """Of the picture's light, at frequencies in cycles a pixel that broadcast to the result's shape."""
    shape = np.broadcast_shapes(np.shape(fy), np.shape(fx))
    if found.grain is None:
        return np.full(shape, found.in_light, np.float32)
    spectrum = found.grain.spectrum[0] / max(float(found.grain.spectrum[0].mean()), 1e-12)
    side = spectrum.shape[0]
    rows, columns = (np.broadcast_to(2 * side * np.abs(f), shape).astype(np.float32) for f in (fy, fx))
    # A DCT's first coefficient, the mean, is never noise: its neighbour stands for it.
    spectrum = spectrum.copy()
    spectrum[0, 0] = (spectrum[0, 1] + spectrum[1, 0]) / 2
    return found.in_light * cv2.remap(spectrum, np.minimum(columns, side - 1), np.minimum(rows, side - 1),
                                      cv2.INTER_LINEAR)


def unsupervised(found: Findings, blur: Blur) -> float:
    """How many times the noise's precision that of the sharp picture's Laplacian is, by Gibbs sampling (Orieux,
    Giovannelli and Rodet 2010; scikit-image's): the weight of a Wiener filter that holds the Laplacian small."""
    from skimage.restoration import unsupervised_wiener

    psf = blur.psf()
    sheet = endless(found.sample, psf.shape[0])  # which it takes pictures to be
    _, chains = unsupervised_wiener(sheet.astype(np.float64), psf.astype(np.float64), rng=0, clip=False)
    half = len(chains["noise"]) // 2
    return float(np.mean(chains["prior"][half:]) / np.mean(chains["noise"][half:]))


def _without_texture(grain: Noise | None) -> Noise | None:
    """In a picture that is nowhere flat, soft texture is taken for coarse grain. What is finest is noise, since the
    blur has left nothing else there, and grain is only so much stronger where it is coarser."""
    if grain is None:
        return None
    spectrum = grain.spectrum[:1]
    k = np.add.outer(*[np.arange(spectrum.shape[1])] * 2)
    finest = np.median(spectrum[0][k >= spectrum.shape[1]])
    return replace(grain, spectrum=np.minimum(spectrum, _COARSER * finest))


def _spread(shape: tuple[int, int], side: int, count: int) -> list[Box]:
    """Squares spread evenly over a picture, at most ``count`` down and across, that do not overlap."""
    def starts(length: int) -> list[int]:
        number = max(1, min(count, length // side))
        return [round(at) for at in np.linspace(0, max(0, length - side), number)]

    return [Box(top, left, min(top + side, shape[0]), min(left + side, shape[1]))
            for top in starts(shape[0]) for left in starts(shape[1])]


def liveliest(scan: Scan, side: int, count: int) -> list[Box]:
    """Those squares of the picture in which most goes on that is not blown."""
    return sorted(_spread(scan.shape, side, 4), key=lambda box: -_liveliness(scan, box))[:count]


def _liveliness(scan: Scan, box: Box) -> float:
    pixels = scan.floats(box)
    return float(pixels.std()) * (1 - float(np.mean(pixels > 0.99)))
