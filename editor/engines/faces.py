"""Which face a region's hole lies in: the one whose frame the user has set, or else one that is found there."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from editor.engines.contract import Progress
from editor.engines.region import Region
from editor.raster.frame import Frame
from editor.raster.surface import Box

_SHARE = 0.5  # of a hole's pixels that lie in the frame of the face that it is in


@dataclass(frozen=True)
class Faces:
    """The faces of one photo; asked by one thread."""

    read: Callable[[Box], np.ndarray]
    shape: tuple[int, int]  # (h, w) of the photo
    profile: bytes | None = None
    given: Frame | None = None  # by the user, in the photo
    found: dict[Box, Frame | None] = field(default_factory=dict)  # by the hole's box: what has been looked for so far
    alike: float = 1.0  # how much of two holes' boxes is common (intersection over union) if they lie in one face

    def frame(self, region: Region, mask: np.ndarray, progress: Progress) -> Frame | None:
        """Of the face that the region's hole, the ``mask`` (h, w) uint8 of its box in the photo, lies in; in the photo.

        None where there is none, and where none has been set and there are no weights to find one with.
        """
        if self.given is not None and inside(mask, region.hole, self.given) >= _SHARE:
            return self.given
        hole = next((box for box in self.found if _common(box, region.hole) >= self.alike), region.hole)
        if hole not in self.found:
            # Light until there are weights to look with.
            from editor.engines.networks.framing import propose_frame

            self.found[hole] = propose_frame(self.read, self.shape, mask, hole[:2], profile=self.profile,
                                             progress=progress)
        return self.found[hole]


def _common(one: Box, other: Box) -> float:
    """Intersection over union."""
    shared = one.intersect(other)
    if shared.empty:
        return 0.0
    common = shared.height * shared.width
    return common / (one.height * one.width + other.height * other.width - common)


def inside(mask: np.ndarray, box: Box, frame: Frame) -> float:
    """How much of ``mask`` (h, w) uint8, above 0 in ``box`` of the photo, lies in the frame: 0 to 1."""
    corners = np.rint(frame.corners()[:, ::-1] - (box.left, box.top)).astype(np.int32)
    square = cv2.fillConvexPoly(np.zeros_like(mask), corners, 1)
    return np.count_nonzero(square & (mask > 0)) / max(1, np.count_nonzero(mask))
