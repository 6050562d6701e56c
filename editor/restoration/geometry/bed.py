"""The scanner's bed: what of a scan is lid, and nothing else."""

from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np

from editor.engines.contract import Progress
from editor.raster.surface import Box
from editor.restoration.contract import Scan

_SIDE = 1200  # pixels: the longer side of what is looked at first
_ROWS = 128  # of the scan, read at once
_RING = 0.01  # of the shorter side: how wide the rim is that tells what the lid looks like
_SURE = 24.0  # levels of 255: so far from the lid is no lid, before its shading is known
_LEAST = 0.35  # of the rim: a lid that shows less is none, but a sky
_SMOOTH = 1.0  # pixels: a Gaussian that takes the noise of what is even
_EVEN = 1.0  # levels: a lid with more noise, when smoothed, is a wall
_TRIALS = 3  # of colours that the lid may have


@dataclass(frozen=True, eq=False)
class Small:
    """A scan as it is looked at first."""

    picture: np.ndarray  # (h, w, c) float32, 0..255
    factor: int  # by how much it is reduced


@dataclass(frozen=True, eq=False)
class Lid:
    """What a scan looks like where nothing lies: a smooth surface in each channel."""

    weights: np.ndarray  # (6, c): of 1, x, y, xx, xy, yy, with x and y in reduced pixels over ``scale``
    scale: float
    noise: float  # levels by which it differs from that, smoothed, where it is lid: half of it by less
    share: float  # of the rim that is lid

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(…, c) levels of 255 at points of the reduced picture."""
        return (_terms(x / self.scale, y / self.scale) @ self.weights).astype(np.float32)


def reduced(scan: Scan, progress: Progress) -> Small:
    """All of it, every pixel counted; read in strips."""
    factor = max(1, -(-max(scan.shape) // _SIDE))
    height, width = (-(-side // factor) for side in scan.shape)
    out = np.empty((height, width, scan.colours), np.float32)
    rows = max(1, _ROWS // factor)
    for top in range(0, height, rows):
        progress(top / height, "Looking for photographs")
        bottom = min(top + rows, height)
        strip = 255 * scan.floats(Box(top * factor, 0, min(bottom * factor, scan.shape[0]), scan.shape[1]))
        short = (bottom - top) * factor - len(strip), width * factor - scan.shape[1]
        strip = cv2.copyMakeBorder(strip, 0, short[0], 0, short[1], cv2.BORDER_REPLICATE)
        small = cv2.resize(strip, (width, bottom - top), interpolation=cv2.INTER_AREA)
        out[top:bottom] = small.reshape(bottom - top, width, scan.colours)
    return Small(out, factor)


def lids(small: Small) -> list[Lid]:
    """What may be the lid, likeliest first; none where the picture fills its frame."""
    picture = small.picture
    rim = _rim(picture.shape[:2])
    light = cv2.GaussianBlur(picture.mean(axis=2), (0, 0), 1.0)
    slope = np.hypot(*(cv2.Sobel(light, cv2.CV_32F, *order, ksize=3) / 8 for order in ((1, 0), (0, 1))))
    smooth = slope < max(1.0, 2 * float(np.median(slope[rim])))
    tried, left = [], rim & smooth
    for _ in range(_TRIALS):
        if left.sum() < 0.1 * rim.sum():
            break
        # Where most of what is left of the rim has about the same light; its median colour begins.
        counts = np.bincount(np.clip(light[left] / 2, 0, 127).astype(int), minlength=128)
        middle = 2 * float(np.convolve(counts, np.ones(9), "same").argmax()) + 1
        alike = left & (np.abs(light - middle) < 10)
        lid = _fitted(picture, rim, smooth, np.median(picture[alike], axis=0))
        if lid is not None and lid.share >= _LEAST and lid.noise <= _EVEN:
            tried.append(lid)
        left &= np.abs(light - middle) >= 16
    return sorted(tried, key=lambda lid: -lid.share)


def unlike(small: Small, lid: Lid) -> np.ndarray:
    """(h, w) float32: by how many levels each pixel differs from the lid, in the channel where it does most; noise
    smoothed."""
    rows, columns = np.indices(small.picture.shape[:2], np.float32)
    off = cv2.GaussianBlur(small.picture - lid.at(columns + 0.5, rows + 0.5), (0, 0), _SMOOTH)
    return _most(off.reshape(small.picture.shape))


def _most(differences: np.ndarray) -> np.ndarray:
    """The largest of each pixel's channels; several times quicker than numpy's way along a short axis."""
    return reduce(np.maximum, np.moveaxis(np.abs(differences), 2, 0))


def _rim(shape: tuple[int, int]) -> np.ndarray:
    width = max(3, round(_RING * min(shape)))
    rim = np.ones(shape, bool)
    rim[width:-width, width:-width] = False
    return rim


def _fitted(picture: np.ndarray, rim: np.ndarray, smooth: np.ndarray, colour: np.ndarray) -> Lid | None:
    """The surface through what hangs together with the rim, from a first colour on; None where that comes to nothing.

    From rough to fine: shading may lead far from the first colour, but leads there slowly.
    """
    height, width = picture.shape[:2]
    scale = float(max(height, width))
    picture = cv2.GaussianBlur(picture, (0, 0), _SMOOTH).reshape(picture.shape)
    rows, columns = np.indices((height, width), np.float32)
    terms = _terms((columns + 0.5) / scale, (rows + 0.5) / scale).astype(np.float32)
    off = _most(picture - colour)
    noise, allowed = 1.0, _SURE / 2
    for count in (1, 3, 3, 3, 6, 6, 6):
        mine = _reached(smooth & (off < allowed), rim)
        if mine.sum() < 0.2 * rim.sum():
            return None
        places = np.flatnonzero(mine)
        places = places[:: max(1, len(places) // 30000)]
        weights = np.zeros((6, picture.shape[2]), np.float32)
        weights[:count] = np.linalg.lstsq(terms.reshape(-1, 6)[places, :count],
                                          picture.reshape(-1, picture.shape[2])[places], rcond=None)[0]
        off = _most(picture - terms @ weights)
        noise = max(0.2, float(np.median(off[mine])))
        allowed = min(_SURE / 2, max(2.5, 6 * noise))
    return Lid(weights, scale, noise, float((off[rim] < allowed).mean()))


def _reached(mask: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """What of ``mask`` hangs together with what of it lies on the rim."""
    _, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)
    there = np.zeros(labels.max() + 1, bool)
    there[labels[rim & mask]] = True
    there[0] = False
    return there[labels]


def _terms(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
