"""Where the face is that a hole lies in: the face locator, asked about the surroundings of the hole at several sizes.

A hole on an eye is a twelfth of the face's frame, one on the hair as large as the frame: so the locator looks at
squares round the hole, each twice as large as the one before, all reduced to the size it was trained at. Frames that
hold the hole count, and those that several looks agree on are averaged.
"""

from dataclasses import dataclass
from math import atan2, degrees

import cv2
import numpy as np

from editor.raster.frame import Frame

REFERENCE_SIDE = 96.0
STRIDE = 8


@dataclass(frozen=True)
class Detection:
    """A face that the locator sees."""

    score: float  # 0..1
    frame: Frame


def planes(image: np.ndarray, hole: np.ndarray, beyond: np.ndarray) -> np.ndarray:
    """(4, h, w) float32, what the locator takes: of a picture (h, w, 3) uint8 RGB, its hole (h, w) bool, and where it
    is beyond the photo's edge (h, w) bool.
    """
    out = np.empty((4, *hole.shape), np.float32)
    np.multiply(image.transpose(2, 0, 1), 1 / 127.5, out=out[:3], dtype=np.float32)
    out[:3] -= 1
    out[:3, beyond] = 0
    out[3] = hole | beyond
    return out


def detections(maps: np.ndarray, threshold: float) -> list[Detection]:
    """The faces in (6, rows, columns) float32 of the locator's output, best first, in pixels of what it looked at."""
    likely = 1 / (1 + np.exp(-maps[0]))
    peaks = (likely >= threshold) & (likely == cv2.dilate(likely, np.ones((3, 3), np.uint8)))
    found: list[Detection] = []
    for row, column in sorted(np.argwhere(peaks), key=lambda cell: -likely[*cell]):
        scale, across, up, down, right = map(float, maps[1:, row, column])
        frame = Frame(((row + 0.5 + down) * STRIDE, (column + 0.5 + right) * STRIDE),
                      REFERENCE_SIDE * 2 ** min(max(scale, -2.0), 2.0), degrees(atan2(up, across)))
        if all(np.hypot(*np.subtract(frame.centre, other.frame.centre)) > 0.4 * other.frame.side for other in found):
            found.append(Detection(float(likely[row, column]), frame))
    return found
