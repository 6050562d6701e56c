"""The shapes of holes: which pixels belong together, and how thick they are."""

from dataclasses import dataclass

import cv2
import numpy as np

BLOCK = 8
_EVEN = 2.5 / 255  # how far what lies round a plain hole is from a smooth surface, on average


@dataclass(frozen=True)
class Parts:
    """The pixels of a hole, row by row, and which part of it each belongs to; parts are numbered from 0."""

    rows: np.ndarray  # (n,)
    columns: np.ndarray  # (n,)
    which: np.ndarray  # (n,)
    boxes: np.ndarray  # (parts, 4): top, left, bottom, right
    areas: np.ndarray  # (parts,) pixels

    def pixels(self, parts: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Of the pixels of some parts, row by row: the index in ``parts``, rows and columns."""
        index = np.full(len(self.areas), -1)
        index[parts] = np.arange(len(parts))
        index = index[self.which]
        mine = index >= 0
        return index[mine], (self.rows[mine], self.columns[mine])


def separate(hole: np.ndarray, distance: int) -> Parts:
    """The parts of ``hole`` (h, w) bool; any two pixels up to ``distance`` apart, and some further ones, are of one.

    Looked for in blocks of BLOCK x BLOCK pixels, which takes a fraction of the time.
    """
    rows, columns = np.nonzero(hole)
    blocks = occupied_blocks(hole.view(np.uint8))
    reach = -(-distance // BLOCK) // 2
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate(blocks.view(np.uint8), square))
    which = labels[rows // BLOCK, columns // BLOCK]
    boxes, areas = boxes_of(rows, columns, which)
    return Parts(rows, columns, which - 1, boxes, areas)


def squares(hole: np.ndarray, side: int) -> Parts:
    """What of ``hole`` (h, w) bool lies in each square of a grid."""
    rows, columns = np.nonzero(hole)
    _, which = np.unique(rows // side * hole.shape[1] + columns // side, return_inverse=True)
    boxes, areas = boxes_of(rows, columns, which + 1)
    return Parts(rows, columns, which, boxes, areas)


def occupied_blocks(mask: np.ndarray) -> np.ndarray:
    """Which blocks of BLOCK x BLOCK pixels have any pixel above 0: (rows, columns) bool, rounded up."""
    rows, columns = -(-mask.shape[0] // BLOCK), -(-mask.shape[1] // BLOCK)
    out = np.zeros((rows, columns), bool)
    strip = 128  # blocks at a time: the padded copy stays small
    for first in range(0, rows, strip):
        part = mask[first * BLOCK:(first + strip) * BLOCK]
        height = -(-part.shape[0] // BLOCK)
        padded = np.zeros((height * BLOCK, columns * BLOCK), np.uint8)
        padded[:part.shape[0], :part.shape[1]] = part
        # Eight bytes are one word: a block is eight words or-ed together.
        words = padded.view(np.uint64).reshape(height, BLOCK, columns)
        out[first:first + height] = np.bitwise_or.reduce(words, axis=1) != 0
    return out


def boxes_of(rows: np.ndarray, columns: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (n, 4) and numbers (n,) of the points labelled 1..n."""
    order = np.argsort(which, kind="stable")
    rows, columns, which = rows[order], columns[order], which[order]
    starts = np.flatnonzero(np.diff(which, prepend=0))
    boxes = np.stack([np.minimum.reduceat(rows, starts), np.minimum.reduceat(columns, starts),
                      np.maximum.reduceat(rows, starts) + 1, np.maximum.reduceat(columns, starts) + 1], axis=1)
    return boxes, np.diff(starts, append=len(which))


def thickness(mask: np.ndarray) -> float:
    """Diameter in pixels of the largest disc inside the mask (h, w), 0 for an empty one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return 0.0
    part = (mask[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1] > 0).astype(np.uint8)
    return max(1.0, 2 * float(cv2.distanceTransform(np.pad(part, 1), cv2.DIST_L2, 3).max()) - 1)


def is_plain(image: np.ndarray, mask: np.ndarray) -> bool:
    """Whether ``image`` (h, w, 3 uint8/uint16) is even round the hole, where ``mask`` (h, w) is above 0: nothing but a
    gradient, and grain."""
    hole = (mask > 0).view(np.uint8)
    factor = max(1, max(hole.shape) // 128)  # small enough for grain to be averaged away
    size = (-(-hole.shape[1] // factor), -(-hole.shape[0] // factor))
    luma = cv2.resize(image.mean(axis=2, dtype=np.float32) / np.iinfo(image.dtype).max, size,
                      interpolation=cv2.INTER_AREA)
    unknown = (cv2.resize(hole * np.float32(1), size, interpolation=cv2.INTER_AREA) > 0).view(np.uint8)
    around = cv2.dilate(unknown, np.ones((17, 17), np.uint8)) & ~cv2.dilate(unknown, np.ones((3, 3), np.uint8))
    y, x = np.nonzero(around)
    if len(y) < 32:
        return False
    y, x, light = y / hole.shape[0], x / hole.shape[1], luma[around > 0]
    surface = np.stack([np.ones(len(y)), y, x, y * y, x * y, x * x], axis=1)
    fitted, *_ = np.linalg.lstsq(surface, light, rcond=None)
    return bool(np.abs(surface @ fitted - light).mean() < _EVEN)
