"""Pixels like one that is pointed at, and pixels like colours that are chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from editor.raster.surface import Box, Surface

Read = Callable[[Box], np.ndarray]
"""Gives (h, w, c) uint8 or uint16 of a box of the picture, wherever it lies inside it."""

Progress = Callable[[float, str], None]
"""Called with a share of the work and words; raises where the work has been cancelled."""

_BAND = 512  # rows read at a time
_FEW = 32  # rows worked on at a time, so that what lies between stays in the cache
_LAB = np.array((100 / 255, 1.0, 1.0))  # what a step of OpenCV's eight-bit L, a, b is worth
_FIRST = 1024  # pixels: side of the window that is looked at first
_SOFT = 0.7  # sigma in pixels of an anti-aliased edge


def wand(read: Read, shape: tuple[int, int], at: tuple[int, int], tolerance: int, *, contiguous: bool = True,
         smooth: bool = True, progress: Progress = lambda fraction, words: None) -> tuple[np.ndarray, Box]:
    """Coverage (h, w) uint8, and the box it lies in, of the pixels like the one at ``at`` (row, column).

    Alike is what differs by at most ``tolerance`` (0..255, of eight bits) in every channel. ``contiguous``: only what
    hangs together with that pixel, over sides; looked for in a window that grows, so that a small patch of a large
    photo costs little. ``smooth`` softens the staircase of the edge.
    """
    row, column = at
    pixel = read(Box(row, column, row + 1, column + 1))[0, 0].astype(int)
    reach = tolerance * (257 if read(Box(row, column, row + 1, column + 1)).dtype == np.uint16 else 1)
    low, high = tuple(map(float, pixel - reach)), tuple(map(float, pixel + reach))
    photo = Box(0, 0, *shape)
    side = _FIRST if contiguous else max(shape) * 2
    while True:
        window = Box(row - side // 2, column - side // 2, row + side // 2, column + side // 2).intersect(photo)
        alike = _alike(read, window, low, high, progress)
        if not contiguous:
            break
        alike = _flooded(alike, (column - window.left, row - window.top))
        if window == photo or not _touches(alike, window, photo):
            break
        side *= 4
    if smooth:
        alike = cv2.GaussianBlur(alike, (3, 3), _SOFT, borderType=cv2.BORDER_REPLICATE)
    return alike, window


@dataclass(frozen=True)
class ColourRange:
    """Colours and what counts as like them. Distances are CIE 1976 colour differences (about 2 is just seen)."""

    colours: tuple[tuple[int, int, int], ...]  # sRGB
    tolerance: float = 12.0  # wholly selected up to here
    softness: float = 12.0  # from there falling to nothing over this much more

    def coverage(self, pixels: np.ndarray) -> np.ndarray:
        """(h, w) uint8 of (h, w, 3) uint8 sRGB."""
        if not self.colours:
            return np.zeros(pixels.shape[:2], np.uint8)
        out = np.empty(pixels.shape[:2], np.uint8)
        values = np.arange(256)[:, None] * _LAB
        tables = [np.float32((values - colour) ** 2)[None] for colour in cv2.cvtColor(
            np.array([self.colours], np.uint8), cv2.COLOR_RGB2LAB)[0] * _LAB]
        for top in range(0, len(pixels), _FEW):
            lab = cv2.cvtColor(pixels[top:top + _FEW], cv2.COLOR_RGB2LAB)
            nearest = None
            for table in tables:
                away = cv2.transform(cv2.LUT(lab, table), np.ones((1, 3), np.float32))
                nearest = away if nearest is None else cv2.min(nearest, away)
            away = cv2.sqrt(nearest)
            slope = 255 / max(self.softness, 0.01)
            out[top:top + _FEW] = cv2.addWeighted(away, -slope, away, 0, 255 + slope * self.tolerance, dtype=cv2.CV_8U)
        return out


def colour_range(read: Read, shape: tuple[int, int], wanted: ColourRange,
                 progress: Progress = lambda fraction, words: None) -> np.ndarray:
    """Coverage (h, w) uint8 of the whole picture, which ``read`` gives as (h, w, 3) uint8 sRGB."""
    out = np.empty(shape, np.uint8)
    for band in _bands(Box(0, 0, *shape)):
        progress(band.top / shape[0], "Looking for colours")
        out[band.slices] = wanted.coverage(read(band))
    return out


def laid_on(plane: np.ndarray, box: Box, shape: tuple[int, int]) -> Surface:
    """A mask surface of ``shape`` with a plane (h, w) uint8 in ``box``."""
    out = Surface(shape, 1, np.uint8)
    out.write(plane[..., None], (box.top, box.left))
    return out


def _alike(read: Read, window: Box, low: Sequence[float], high: Sequence[float], progress: Progress) -> np.ndarray:
    out = np.empty((window.height, window.width), np.uint8)
    for band in _bands(window):
        progress((band.top - window.top) / window.height, "Comparing colours")
        out[band.shift(-window.top, -window.left).slices] = cv2.inRange(read(band), low, high)
    return out


def _flooded(alike: np.ndarray, seed: tuple[int, int]) -> np.ndarray:
    """What of a plane of 0 and 255 hangs together with the pixel ``seed`` (x, y), as 0 and 255."""
    flooded = np.zeros((alike.shape[0] + 2, alike.shape[1] + 2), np.uint8)
    cv2.floodFill(alike, flooded, seed, 0, flags=4 | cv2.FLOODFILL_MASK_ONLY | 255 << 8)
    return np.ascontiguousarray(flooded[1:-1, 1:-1])


def _touches(plane: np.ndarray, window: Box, photo: Box) -> bool:
    """Whether there is something at a side of the window that is not the photo's own."""
    return bool(window.top > photo.top and plane[0].any() or window.bottom < photo.bottom and plane[-1].any()
                or window.left > photo.left and plane[:, 0].any() or window.right < photo.right and plane[:, -1].any())


def _bands(box: Box) -> list[Box]:
    return [Box(top, box.left, min(top + _BAND, box.bottom), box.right) for top in range(box.top, box.bottom, _BAND)]
