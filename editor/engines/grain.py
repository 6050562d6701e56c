"""Grain for fills that are smoother than the photo round them: film grain, sensor noise.

Measured in the flattest blocks of the surroundings whose brightness is the fill's own, after a smooth surface has been
taken off each; so that texture and edges do not count. What is kept is the noise's strength, the way its
channels go together, and its spectrum; new noise with the same three is made from a seed (random-phase synthesis:
Galerne, Gousseau and Morel, "Random phase textures", IEEE TIP 2011). A fill that has grain already gets only what
it lacks.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from editor.engines.pyramid import enlarged, push_pull
from editor.raster.surface import Box

_BLOCK = 16
_TILE = 512  # pixels after which the grain repeats; far too far for the eye
_THIN_TILE = 128  # the same in holes too thin to show it: making a large tile for a few specks takes longest of all
_THIN = 24  # pixels
_FULL = 3  # depth in pixels, beyond the first, from which on a hole gets all the grain it lacks
_STRONGEST = 10 / 255  # what is stronger is texture
_LOUDEST = 2.5  # times what was measured: beyond that it is texture as well
_WEAKEST = 0.35 / 255  # what is weaker cannot be seen in 8 bits


@dataclass(frozen=True)
class Grain:
    """Noise of a photo, all in units of 0..1."""

    noise: np.ndarray  # (side, side, 3) float32, made anew with the photo's spectrum; repeats without a seam
    fine: float  # the power of its finest detail
    strength: np.ndarray  # (rows, columns) float32: how much stronger it is in each block of the picture
    shape: tuple[int, int]  # of those blocks together, in pixels

    def at(self, box: Box, origin: tuple[int, int]) -> np.ndarray:
        """The noise in ``box`` of the picture it was measured in, whose own place in the photo is ``origin``.

        It hangs on the place in the photo, so that holes filled apart fit one another.
        """
        side = self.noise.shape[0]
        rows, columns = np.arange(box.top, box.bottom) + origin[0], np.arange(box.left, box.right) + origin[1]
        return self.noise[rows[:, None] % side, columns % side]

    def stronger(self, box: Box) -> np.ndarray:
        """How much stronger it is, pixel by pixel."""
        return enlarged(self.strength, self.shape, box)


def measure(image: np.ndarray, known: np.ndarray, fill: np.ndarray, seed: int, thickness: float) -> Grain | None:
    """The grain of ``image`` (h, w, 3 uint8/uint16) where ``known`` (h, w) and as bright as ``fill`` (n, 3; 0..1).

    None where there is none, or nothing flat enough to measure it. The same noise for a seed. thickness: of the
    thickest hole, in pixels.
    """
    places, planes = _blocks(image, known)
    if len(planes) < 8:
        return None
    light = planes.mean(axis=1)
    strength = _without_surface(light).std(axis=1)
    spread = _strengths(places, strength, known.shape)
    mean = light.mean(axis=1)
    low, high = np.quantile(fill.mean(axis=1), (0.1, 0.9)) + (-0.06, 0.06)
    alike = np.flatnonzero((mean > low) & (mean < high))
    if alike.size < 8:
        alike = np.arange(len(mean))
    order = alike[np.argsort(strength[alike], kind="stable")]
    first = len(order) // 20
    chosen = order[first:first + max(8, len(order) // 4)][:256]
    luminance = float(np.median(strength[chosen]))
    if not _WEAKEST < luminance < _STRONGEST:
        return None
    rest = _without_surface(planes[chosen].reshape(-1, _BLOCK ** 2)).reshape(-1, 3, _BLOCK ** 2)
    noise = _noise(rest, seed, _TILE if thickness > _THIN else _THIN_TILE)
    fine = float((cv2.Laplacian(noise.mean(axis=2), cv2.CV_32F) ** 2).mean())
    return Grain(noise, fine, np.minimum(spread / luminance, _LOUDEST),
                 (spread.shape[0] * _BLOCK, spread.shape[1] * _BLOCK))


def _noise(rest: np.ndarray, seed: int, side: int) -> np.ndarray:
    """A tile (side, side, 3) of noise as in the blocks ``rest`` (n, 3, _BLOCK**2): their colours, strength and mean
    spectrum."""
    flat = rest.transpose(1, 0, 2).reshape(3, -1)
    covariance = np.einsum("in,jn->ij", flat, flat) / flat.shape[1]
    variances, axes = np.linalg.eigh(covariance)  # directions of colour in which it is independent
    along = cv2.transform(rest.transpose(0, 2, 1), axes.T).transpose(2, 0, 1).reshape(3, -1, _BLOCK, _BLOCK)
    spectrum = (np.abs(np.fft.fft2(along)) ** 2).mean(axis=1)
    random = np.random.default_rng(seed)
    noise = np.empty((side, side, 3), np.float32)
    for axis in range(3):
        kernel = np.fft.fftshift(np.fft.ifft2(np.sqrt(spectrum[axis])).real)[1:, 1:]  # odd: it has a centre
        kernel *= np.sqrt(max(variances[axis], 0)) / max(np.sqrt((kernel ** 2).sum()), 1e-9)
        reach = kernel.shape[0] // 2
        white = np.pad(random.standard_normal((side, side), np.float32), reach, mode="wrap")
        noise[..., axis] = cv2.filter2D(white, -1, kernel)[reach:-reach, reach:-reach]
    return cv2.transform(noise, axes)


def _strengths(places: np.ndarray, strength: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Strength by block over the whole picture, from the blocks at ``places`` (n, 2): noise depends on brightness and
    so on place. The calmest block near each counts, since what is stronger there is texture."""
    nothing = np.float32(9)  # more than any strength
    grid = np.full((-(-shape[0] // _BLOCK), -(-shape[1] // _BLOCK)), nothing)
    grid[tuple(places.T)] = strength
    calm = cv2.erode(grid, np.ones((5, 5), np.uint8))
    weight = (calm < nothing).astype(np.float32)
    # The least of some 25 equal ones is about a tenth less than they are.
    return 1.1 * cv2.GaussianBlur(push_pull(calm[..., None], weight)[..., 0], (0, 0), 1.5)


def _blocks(image: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Known blocks that are not clipped, at most some 1,000 evenly taken: their places in the grid of blocks (n, 2) and
    their pixels (n, 3, _BLOCK**2) float32 0..1."""
    highest = np.iinfo(image.dtype).max
    rows, columns = known.shape[0] // _BLOCK, known.shape[1] // _BLOCK
    if not rows or not columns:
        return np.empty((0, 2), int), np.empty((0, 3, _BLOCK ** 2), np.float32)
    inside = (slice(rows * _BLOCK), slice(columns * _BLOCK))
    share = cv2.resize(known[inside].view(np.uint8) * np.float32(1), (columns, rows), interpolation=cv2.INTER_AREA)
    places = np.argwhere(share == 1)
    places = places[::max(1, len(places) // 1000)]
    tiles = image[inside].reshape(rows, _BLOCK, columns, _BLOCK, 3)[places[:, 0], :, places[:, 1]]
    planes = np.ascontiguousarray(tiles.reshape(-1, _BLOCK ** 2, 3).transpose(0, 2, 1))
    # Where every channel is at its end there is no grain to see; one alone may well be (a deep blue has no red).
    ends = (planes <= 0.01 * highest) | (planes >= 0.99 * highest)
    clipped = np.count_nonzero(ends[:, 0] & ends[:, 1] & ends[:, 2], axis=1) > 0.1 * _BLOCK ** 2
    return places[~clipped], planes[~clipped] / np.float32(highest)


@cache
def _surfaces() -> np.ndarray:
    """The surfaces of fourth order on a block, (_BLOCK**2, 15) float32 orthonormal."""
    y, x = np.mgrid[-1:1:_BLOCK * 1j, -1:1:_BLOCK * 1j].reshape(2, -1)
    basis, _ = np.linalg.qr(np.stack([x ** i * y ** j for i in range(5) for j in range(5 - i)], axis=1))
    return basis.astype(np.float32)


def _without_surface(blocks: np.ndarray) -> np.ndarray:
    """The blocks (n, _BLOCK**2) less the surface of fourth order that fits each best: what is left is finer than
    texture mostly is."""
    basis = _surfaces()
    # A few at a time: larger products go to the threads of the linear algebra library, which then spin beside ours.
    few = (blocks[start:start + 32] for start in range(0, len(blocks), 32))
    return np.concatenate([some - (some @ basis) @ basis.T for some in few])


def missing(fill: np.ndarray, hole: np.ndarray, grain: float, noise: np.ndarray, stronger: np.ndarray) -> np.ndarray:
    """The grain that ``fill`` (h, w, 3; 0..1) lacks within ``hole`` (h, w) bool: (h, w, 3).

    grain: the power of the noise's finest detail. noise (h, w, 3) and how much ``stronger`` (h, w) it is, at the fill's
    own place.
    """
    # Compared in the finest detail, where a smooth picture has next to nothing and grain has much; a pixel inside the
    # hole, since its edge against the photo is no grain, but for holes too thin to have an inside.
    whole = hole.astype(np.float32)
    inner = cv2.erode(whole, np.ones((3, 3), np.uint8))
    fine = cv2.Laplacian(fill.mean(axis=2), cv2.CV_32F) ** 2
    there = [cv2.blur(fine * part, (15, 15)) / np.maximum(cv2.blur(part, (15, 15)), 1e-3) for part in (inner, whole)]
    has = np.where(cv2.blur(inner, (15, 15)) > 0.05, *there)
    gain = stronger * np.sqrt(np.clip(1 - has / np.maximum(grain * stronger ** 2, 1e-12), 0, 1))
    # Across a hair the neighbours' own grain runs on; new grain beside it is only noise.
    depth = cv2.distanceTransform(np.pad(hole, 1).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    gain *= np.clip((cv2.dilate(depth, np.ones((9, 9), np.uint8)) - 1) / _FULL, 0, 1)
    return noise * gain[..., None]
