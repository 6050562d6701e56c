"""Small holes of one picture laid side by side on sheets, so that one call serves them all.

Specks lie far apart: an engine that looks only a few pixels round a hole would otherwise go over a whole crop for a
hundredth of its area, or be called once a speck. A sheet holds one window a hole, with as much round it as the engine
looks at; holes whose surroundings meet share a window. What an engine with that reach makes of a hole is to the last
bit what it would have made of it in the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from editor.engines.holes import Parts, separate, squares
from editor.raster.surface import Box

_TILE = 64

Places = tuple[np.ndarray, np.ndarray]
"""Rows and columns of pixels."""


@dataclass(frozen=True)
class Sheet:
    """Windows of a picture, of which no two overlap on the sheet."""

    shape: tuple[int, int]
    windows: tuple[tuple[Box, Box], ...]  # where each lies in the picture, and where on the sheet
    inside: Places  # of the hole's pixels in the picture, each once
    there: Places  # of the same on the sheet

    @classmethod
    def whole(cls, hole: np.ndarray) -> "Sheet":
        """The picture itself."""
        picture, inside = Box(0, 0, *hole.shape), np.nonzero(hole)
        return cls(hole.shape, ((picture, picture),), inside, inside)

    @property
    def hole(self) -> np.ndarray:
        """(h, w) bool on the sheet."""
        out = np.zeros(self.shape, bool)
        out[self.there] = True
        return out

    def collect(self, read: Callable[[Box], np.ndarray]) -> np.ndarray:
        """The sheet with what ``read`` gives for the box of each window, (h, w[, c]); 0 between them."""
        first = read(self.windows[0][0])
        if len(self.windows) == 1:
            return first
        out = np.zeros((*self.shape, *first.shape[2:]), first.dtype)
        for box, place in self.windows:
            out[place.slices] = read(box)
        return out

    def deliver(self, pixels: np.ndarray, out: np.ndarray) -> None:
        """Write the hole's pixels of the sheet (h, w, c) where they belong in the picture ``out``."""
        out[self.inside] = pixels[self.there]


def sheets(hole: np.ndarray, reach: int) -> tuple[Sheet, ...]:
    """Sheets on which lies all of ``hole`` (h, w) bool, with ``reach`` pixels of the picture round it.

    One with everything that has its surroundings on all sides, and one for each window that the border of the picture
    cuts, since nothing may lie beyond that. A single one, the picture itself, where windows would not be much smaller.
    """
    return _laid_out(hole, separate(hole, 2 * reach), reach)


def tiles(hole: np.ndarray, reach: int) -> tuple[Sheet, ...]:
    """The same, but large holes lie in pieces: for work whose outcome at a pixel hangs on nothing beyond ``reach``."""
    return _laid_out(hole, squares(hole, _TILE), reach)


def _laid_out(hole: np.ndarray, parts: Parts, reach: int) -> tuple[Sheet, ...]:
    boxes = parts.boxes + np.array([-reach, -reach, reach, reach])
    inner = np.clip(boxes, 0, hole.shape * 2)
    if ((inner[:, 2] - inner[:, 0]) * (inner[:, 3] - inner[:, 1])).sum() > hole.size / 2:
        return (Sheet.whole(hole),)
    single = (inner != boxes).any(axis=1)
    groups = [np.flatnonzero(~single)] if not single.all() else []
    groups += [np.array([part]) for part in np.flatnonzero(single)]
    return tuple(_packed(inner[group], *parts.pixels(group)) for group in groups)


def _packed(boxes: np.ndarray, which: np.ndarray, inside: Places) -> Sheet:
    """Boxes (n, 4) in rows, the highest first, with the pixels that each of them has in the hole."""
    heights, widths = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    width = max(int((heights * widths).sum() ** 0.5), int(widths.max()))
    corners = np.empty((len(boxes), 2), int)
    top, left, row = 0, 0, 0
    for index in np.argsort(-heights, kind="stable").tolist():
        if left + widths[index] > width:
            top, left, row = top + row, 0, 0
        corners[index] = top, left
        left += int(widths[index])
        row = max(row, int(heights[index]))
    ends = corners + np.stack([heights, widths], axis=1)
    shift = corners - boxes[:, :2]
    there = inside[0] + shift[which, 0], inside[1] + shift[which, 1]
    windows = tuple((Box(*box), Box(*place)) for box, place in
                    zip(boxes.tolist(), np.hstack([corners, ends]).tolist(), strict=True))
    return Sheet((int(ends[:, 0].max()), int(ends[:, 1].max())), windows, inside, there)
