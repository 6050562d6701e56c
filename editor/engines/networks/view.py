"""What a network sees of a crop: all of it, reduced, or the square frame of a face, upright; and the way back."""

from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np

from editor.raster.frame import Frame

MULTIPLE = 32  # heights and widths that networks take are multiples of it
SMALLEST = 256  # pixels: the least working size


@dataclass(frozen=True)
class View:
    """A network's working size, laid on a crop."""

    shape: tuple[int, int]  # (h, w) of the crop
    size: tuple[int, int]  # (h, w) the network works at
    scale: float  # pixels of the crop to one of the network's
    frame: Frame | None = None  # in pixels of the crop; None: the crop's upper left corner is the view's

    @property
    def reduced(self) -> tuple[int, int]:
        """(h, w) of the whole crop at the network's scale; never larger than the crop."""
        return tuple(max(1, round(length / max(1.0, self.scale))) for length in self.shape)

    @property
    def covers(self) -> tuple[int, int]:
        """(h, w) of the crop's pixels that the network's size stands for."""
        return tuple(round(length * self.scale) for length in self.size) if self.frame else self.shape

    @property
    def matrix(self) -> np.ndarray:
        """(2, 3) float64: takes (x, y, 1) of what the network sees to (x, y) of the crop, both counted from pixels'
        corners."""
        if self.frame is not None:
            return self.frame.matrix(self.size[0])
        height, width = self.reduced
        return np.array([[self.shape[1] / width, 0, 0], [0, self.shape[0] / height, 0]])

    def seen(self, plane: np.ndarray, outside: float | None = None) -> np.ndarray:
        """A plane of the crop (h, w[, c]) as the network sees it, float32 averages over what each pixel stands for.

        outside: what stands beyond the crop; None: the crop mirrored.
        """
        if self.frame is None:
            return self._padded(self.small(plane), outside)
        return self._upright(plane, outside or 0)

    def small(self, plane: np.ndarray) -> np.ndarray:
        """A plane of the whole crop at the network's scale, float32, not turned."""
        if self.reduced == self.shape:
            return plane.astype(np.float32)
        return cv2.resize(_averaged(plane), self.reduced[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)

    def _padded(self, plane: np.ndarray, outside: float | None) -> np.ndarray:
        below, right = (wanted - there for wanted, there in zip(self.size, plane.shape, strict=False))
        widths = ((0, below), (0, right), (0, 0))[:plane.ndim]
        return np.pad(plane, widths, "reflect") if outside is None else np.pad(plane, widths, constant_values=outside)

    def _upright(self, plane: np.ndarray, outside: float) -> np.ndarray:
        frame, side = self.frame, self.size[0]
        factor = int(self.scale // 2)
        if factor > 1:  # first as far as whole pixels go: what is sampled stays small
            height, width = (-(-length // factor) for length in plane.shape[:2])
            plane = cv2.copyMakeBorder(plane, 0, height * factor - plane.shape[0], 0, width * factor - plane.shape[1],
                                       cv2.BORDER_CONSTANT, value=[outside] * 4)
            plane = cv2.resize(_averaged(plane), (width, height), interpolation=cv2.INTER_AREA)
            frame = Frame((frame.centre[0] / factor, frame.centre[1] / factor), frame.side / factor, frame.angle)
        times = max(1, ceil(frame.side / side))
        fine = cv2.warpAffine(plane.astype(np.float32), frame.sampling(side * times), (side * times,) * 2,
                              flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=[outside] * 4)
        return cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA) if times > 1 else fine

    def returned(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A picture (h, w, c) float32 of the network's size, laid on the ``reduced`` crop; and where it lies (bool)."""
        height, width = self.reduced
        if self.frame is None:
            return picture[:height, :width], np.ones((height, width), bool)
        if self.scale < 1:
            picture = cv2.GaussianBlur(picture, (0, 0), 0.5 * np.sqrt(self.scale ** -2 - 1) + 1e-3)
        to_crop = np.vstack([self.matrix, [0, 0, 1]])
        reduce = np.diag([width / self.shape[1], height / self.shape[0], 1])
        back = np.linalg.inv(reduce @ to_crop)[:2]
        back[:, 2] += back[:, :2] @ np.full(2, 0.5) - 0.5
        there = cv2.warpAffine(picture, back, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                               borderMode=cv2.BORDER_REPLICATE)
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        place = back[:, 0, None, None] * x + back[:, 1, None, None] * y + back[:, 2, None, None]
        return there, ((place >= -0.5) & (place <= self.size[0] - 0.5)).all(axis=0)


def view_of(shape: tuple[int, int], frame: Frame | None, size: int) -> View:
    """The view of a crop (h, w), or of a frame on it, whose longer side is at most ``size``, a multiple of MULTIPLE."""
    if frame is not None:
        return View(shape, (size, size), frame.side / size, frame)
    scale = max(1.0, max(shape) / size)
    lengths = (max(SMALLEST, _multiple(round(length / scale))) for length in shape)
    return View(shape, tuple(lengths), scale)


def working_sizes(shape: tuple[int, int], frame: Frame | None, largest: int) -> tuple[int, ...]:
    """The sizes to be tried, largest first: none above ``largest`` nor much larger than what there is to see."""
    there = _multiple(ceil(max(shape) if frame is None else frame.side))
    first = min(max(there, SMALLEST), largest)
    return tuple(dict.fromkeys((first, *(size for size in (384, 320, SMALLEST) if size < first))))


def _multiple(length: int) -> int:
    return -(-length // MULTIPLE) * MULTIPLE


def _averaged(plane: np.ndarray) -> np.ndarray:
    """A plane whose averages keep more than eight bits."""
    return plane.astype(np.float32) if plane.dtype == np.uint8 and plane.ndim == 2 else plane
