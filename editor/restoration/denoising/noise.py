"""How much noise there is in a picture, how that depends on brightness, and which frequencies it has.

Film grain is coarse: neighbouring pixels share it, so that neither the deviation of one pixel nor a median of the
finest wavelet coefficients tells how strong it is. It is measured where the picture is flat: of windows spread over it
those count in which, for their brightness, least goes on (after Colom, Buades and Morel, "Nonparametric noise
estimation method for raw images", JOSA A 2014). How large each DCT coefficient of the denoiser's own blocks is in them
is what it needs to know.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from editor.engines.contract import Progress
from editor.raster.surface import Box
from editor.restoration.contract import Scan
from editor.restoration.denoising.planes import apart, halved

SIZE = 16  # pixels of a block's side: the denoiser's
LEVELS = 3  # at which noise is measured, and taken out: 1, 1/2 and 1/4 of the size
_WINDOW = 32  # pixels, of what is flat or not
_PATCH = 256  # pixels of the scan that are read at once
_PATCHES = 96  # of them at most
_BINS = 16  # brightnesses at which it is told
_FEW = 6  # windows, fewer of which tell nothing
_MANY = 1500  # windows that are enough
_SHARE = 0.03  # of the windows lie below the curve that tells how noisy what is flat is
_NEAR = 0.15  # above the curve, as a logarithm of deviations: flat as well
_QUANTILE, _ITS_SHARE = 0.3, 0.1485  # of squared Gaussian numbers, 0.3 are below 0.1485 of their mean
_RATIOS = (1.2, 0.85)  # of variance, from a level to the next: the coarsest grain that there is
_BANDS = ((3, 6), (6, 10))  # of the coefficients' fineness
_GAUSSIAN = 0.9  # how alike a quantile and a mean are told to be by so few numbers
_DOUBT = 4  # what is not Gaussian is believed to this power of how alike they are
_CAUTIOUS = 0.9  # of what is measured: too little costs less than too much, where little is flat
_NOTHING = 0.1 / 255  # of deviation
_WORDS = "Measuring noise"


@dataclass(frozen=True, eq=False)
class Noise:
    """Of one level, in units of 0..1."""

    spectrum: np.ndarray  # (planes, SIZE, SIZE) float32: the variance of each DCT coefficient, at ``level`` 1
    light: np.ndarray  # (n,) float32, increasing: brightnesses
    level: np.ndarray  # (planes, n) float32: how many times the variance is that, at each of them

    @property
    def deviation(self) -> np.ndarray:
        """(planes,) of a pixel in the mid-tones, without what is coarser than a block."""
        return np.sqrt(self.spectrum.sum(axis=(1, 2)) / SIZE ** 2)

    def at(self, plane: int, light: np.ndarray) -> np.ndarray:
        """How many times the variance it is where it is so bright; float32 of the same shape."""
        return np.interp(light, self.light, self.level[plane]).astype(np.float32)


def measure(scan: Scan, progress: Progress) -> tuple[Noise | None, ...]:
    """The noise of each level; None where there is nothing to measure it in, or none to be seen."""
    windows: list[list[np.ndarray]] = [[] for _ in range(LEVELS)]
    patches = list(_patches(scan.bounds))
    step = _WINDOW // 2 if len(patches) < _PATCHES // 4 else _WINDOW  # overlapping where there are few
    for number, box in enumerate(patches):
        progress(0.8 * number / len(patches), _WORDS)
        planes = apart(scan.floats(box))
        for level in range(LEVELS):
            windows[level].append(_windows(planes, step))
            planes = halved(planes)
    levels = []
    for number, found in enumerate(windows):
        progress(0.8 + 0.2 * number / LEVELS, _WORDS)
        levels.append(_noise(np.concatenate(found)))
    return _agreeing(levels)


def _patches(bounds: Box) -> Iterator[Box]:
    """Evenly spread parts of the scan."""
    rows, columns = (max(1, -(-side // _PATCH)) for side in (bounds.height, bounds.width))
    every = max(1.0, np.sqrt(rows * columns / _PATCHES))
    for top in np.unique((np.arange(0, rows - 0.5, every)).astype(int)) * _PATCH:
        for left in np.unique((np.arange(0, columns - 0.5, every)).astype(int)) * _PATCH:
            yield Box(int(top), int(left), int(top) + _PATCH, int(left) + _PATCH).intersect(bounds)


def _windows(planes: np.ndarray, step: int) -> np.ndarray:
    """(n, planes, _WINDOW, _WINDOW) of (h, w, planes), one every ``step`` pixels, where nothing is clipped."""
    if min(planes.shape[:2]) < _WINDOW:
        return np.empty((0, planes.shape[2], _WINDOW, _WINDOW), np.float32)
    views = np.lib.stride_tricks.sliding_window_view(planes, (_WINDOW, _WINDOW), axis=(0, 1))[::step, ::step]
    found = views.reshape(-1, planes.shape[2], _WINDOW, _WINDOW)
    brightness = found[:, 0].reshape(len(found), -1)
    cut = (brightness < 0.008).mean(axis=1) + (brightness > 0.992).mean(axis=1)  # noise is less where it is clipped
    return found[cut < 0.01].copy()


def _noise(windows: np.ndarray) -> Noise | None:
    if len(windows) < _FEW:
        return None
    light = windows[:, 0].mean(axis=(1, 2))
    found = [_of_plane(windows[:, plane], light) for plane in range(windows.shape[1])]
    if found[0] is None:
        return None
    lights = found[0][0]
    nothing = np.zeros((SIZE, SIZE)), np.zeros(_BINS)
    spectra, levels = zip(*(nothing if one is None else (one[2], np.interp(lights, one[0], one[1])) for one in found),
                          strict=True)
    return Noise(np.array(spectra, np.float32), lights.astype(np.float32), np.array(levels, np.float32))


def _of_plane(windows: np.ndarray, light: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Brightnesses, how many times the spectrum the noise is there, and the spectrum, of one plane's windows."""
    unevenness = _unevenness(windows)
    usable = unevenness > _NOTHING  # a border that was painted has none, and says nothing of the rest
    windows, unevenness, light = windows[usable], unevenness[usable], light[usable]
    if len(windows) < _FEW:
        return None
    uneven = np.log(unevenness)
    curve = _lower_edge(light, uneven)
    above = uneven - _values(curve, light)
    calm = np.argsort(above, kind="stable")[:max(_FEW, min(_MANY, np.count_nonzero(above < _NEAR)))]
    lights = np.linspace(*np.quantile(light[calm], (0.02, 0.98)), _BINS)
    levels = np.exp(2 * _values(curve, lights))
    blocks = _coefficients(windows[calm])
    power = blocks.reshape(-1, len(calm), SIZE, SIZE) ** 2 / np.exp(2 * _values(curve, light[calm]))[:, None, None]
    # Texture makes a few coefficients large, grain all of them alike.
    power = power.reshape(-1, SIZE, SIZE)
    spectrum = np.quantile(power, _QUANTILE, axis=0) / _ITS_SHARE
    spectrum *= _believed(spectrum, power.mean(axis=0))
    middle = np.median(levels)
    return lights, levels / middle, _bounded(spectrum * middle * _CAUTIOUS ** 2)


def _agreeing(levels: list[Noise | None]) -> tuple[Noise | None, ...]:
    """What is noise in the reduced pictures is noise of the whole, smoothed: more than that is texture, which is flat
    nowhere when it is made small."""
    out = levels[:1]
    for one in levels[1:]:
        above = out[-1]
        if one is None or above is None:
            out.append(above and Noise(_reduced(above.spectrum), above.light, above.level))
            continue
        spectrum = np.minimum(one.spectrum, _reduced(above.spectrum))
        most = _RATIOS[len(out) - 1] * above.spectrum.sum(axis=(1, 2))
        spectrum *= np.minimum(1, most / np.maximum(spectrum.sum(axis=(1, 2)), 1e-12))[:, None, None]
        out.append(Noise(spectrum, above.light, above.level))
    return tuple(out)


def _reduced(spectrum: np.ndarray) -> np.ndarray:
    """(planes, SIZE, SIZE): the spectrum of what ``halved`` makes of noise with this one."""
    half = np.arange(SIZE, dtype=np.float32) / 2
    known = np.arange(SIZE)
    rows = np.stack([[np.interp(half, known, line) for line in plane.T] for plane in spectrum]).transpose(0, 2, 1)
    both = np.stack([[np.interp(half, known, line) for line in plane] for plane in rows])
    passed = np.cos(np.pi * half / (2 * SIZE)) ** 8  # of power, by a binomial of five taps, at k / 2 of SIZE
    return (both * np.outer(passed, passed)).astype(np.float32)


def _believed(spectrum: np.ndarray, mean: np.ndarray) -> float:
    """How much of what was measured is grain: less, the farther the coefficients are from Gaussian. Where nothing is
    flat, what is calmest has texture in it."""
    fineness = np.hypot(*np.mgrid[:SIZE, :SIZE])
    bands = ((fineness >= low) & (fineness < high) for low, high in _BANDS)
    likeness = min(spectrum[band].sum() / max(mean[band].sum(), 1e-12) for band in bands)
    return min(1.0, likeness / _GAUSSIAN) ** _DOUBT


def _values(curve: np.ndarray, light: np.ndarray) -> np.ndarray:
    centred = light - 0.5
    return curve[0] + curve[1] * centred + curve[2] * centred ** 2


def _lower_edge(light: np.ndarray, uneven: np.ndarray) -> np.ndarray:
    """(3,): the parabola over brightness below which a few in a hundred of the points lie (quantile regression, by
    weights that are made anew; Koenker and Bassett 1978). Brightnesses at which nothing is flat lie above it, and
    do not lift it."""
    centred = light - 0.5
    basis = np.stack([np.ones_like(centred), centred, centred ** 2], axis=1).astype(np.float64)
    stiff = len(light) * _SHARE * np.diag([0, 1 / 2 ** 2, 1 / 6 ** 2])  # what is not measured is taken as even
    curve = np.array([np.quantile(uneven, _SHARE), 0, 0])
    for _ in range(40):
        rest = uneven - basis @ curve
        weight = np.where(rest > 0, _SHARE, 1 - _SHARE) / np.maximum(np.abs(rest), 0.02)
        weighted = basis * weight[:, None]
        curve = np.linalg.solve(basis.T @ weighted + stiff, weighted.T @ uneven)
    return curve


def _unevenness(windows: np.ndarray) -> np.ndarray:
    """(n,): deviation of (n, side, side) from a tilted plane."""
    side = windows.shape[1]
    y, x = (np.mgrid[:side, :side] - (side - 1) / 2).reshape(2, -1).astype(np.float32)
    basis = np.stack([np.full(side * side, 1 / side, np.float32), y / np.linalg.norm(y), x / np.linalg.norm(x)], 1)
    flat = windows.reshape(len(windows), -1)
    rest = flat - (flat @ basis) @ basis.T
    return rest.std(axis=1)


def _coefficients(windows: np.ndarray) -> np.ndarray:
    """(blocks * n, SIZE, SIZE): DCT coefficients of the overlapping blocks of (n, side, side)."""
    from editor.restoration.denoising.kernels import cosines

    basis = cosines()
    half = SIZE // 2
    parts = [windows[:, top:top + SIZE, left:left + SIZE] for top in range(0, _WINDOW - SIZE + 1, half)
             for left in range(0, _WINDOW - SIZE + 1, half)]
    blocks = np.concatenate(parts)
    return basis @ blocks @ basis.T


def _bounded(spectrum: np.ndarray) -> np.ndarray:
    """What shading and texture have added to the lowest frequencies is taken off: noise has no more there than a little
    above them. The mean of a block is never noise."""
    out = spectrum.copy()
    k = np.add.outer(np.arange(SIZE), np.arange(SIZE))
    out[k < 2] = np.minimum(out[k < 2], np.median(out[(k >= 2) & (k <= 3)]))
    out[0, 0] = 0
    return out
