"""What is damaged in a photograph, as probabilities that are found once and asked again and again."""

import itertools
from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np

from editor.raster.surface import Box

KINDS = ("line", "spot", "area")
"""Scratches, hairs, creases; dust, specks, foxing; stains, tears, what is missing. Numbered in this order."""

_TILE = 1024  # pixels: what a processor's cache holds
_REACH = 32  # pixels that a mask may follow from what is sure over what is less so
_LESS = 0.7  # of the threshold: what is less sure


@dataclass(frozen=True)
class DamageMap:
    """Of a photo, or of a part of it."""

    probability: np.ndarray  # (h, w) uint8, 255 is certain damage
    kind: np.ndarray  # (h, w) uint8, index into KINDS; means something where there may be damage
    origin: tuple[int, int] = (0, 0)  # (y, x) in the photo
    method: str = ""  # "network" or "classical": what found it
    notes: tuple[str, ...] = ()  # for the user

    def mask(self, sensitivity: float = 0.5, kinds: Collection[str] = KINDS, grow: int = 0) -> np.ndarray:
        """(h, w) uint8, 255 where there is damage of one of ``kinds``, else 0.

        sensitivity: 0 takes what is all but certain, 1 whatever might be. With hysteresis: what is 0.7 times as likely
        counts too where it hangs on to what is likely enough, within 32 pixels; a part of the map therefore gives the
        same mask as the whole does farther than that from its edge. grow: pixels by which the mask is widened, for the
        soft edges of scratches. Raises ValueError for a kind that there is not.
        """
        unknown = set(kinds) - set(KINDS)
        if unknown:
            raise ValueError(f"there is no kind of damage {', '.join(sorted(unknown))!r}; there are {', '.join(KINDS)}")
        likely = threshold(sensitivity)
        wanted = np.array([255 * (kind in kinds) for kind in KINDS] + [0] * (256 - len(KINDS)), np.uint8)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1))
        height, width = self.probability.shape
        out, bounds = np.zeros((height, width), np.uint8), Box(0, 0, height, width)
        for top, left in itertools.product(range(0, height, _TILE), range(0, width, _TILE)):
            part = Box(top, left, top + _TILE, left + _TILE).intersect(bounds)
            seen = part.grow(_REACH + grow).intersect(bounds)
            probability = self.probability[seen.slices]
            if len(set(kinds)) < len(KINDS):
                probability = cv2.bitwise_and(probability, cv2.LUT(self.kind[seen.slices], wanted))
            mask = _from(probability, likely)
            if cv2.countNonZero(mask):
                mask = cv2.dilate(_followed(mask, _from(probability, max(1, round(_LESS * likely)))), disc)
                out[part.slices] = mask[part.shift(-seen.top, -seen.left).slices]
        return out


def threshold(sensitivity: float) -> int:
    """The probability, 1..255, from which something is damage."""
    return round(255 * (0.98 - 0.96 * min(1.0, max(0.0, sensitivity))))


def _from(probability: np.ndarray, level: int) -> np.ndarray:
    """255 where it is at least ``level``."""
    return cv2.threshold(probability, level - 1, 255, cv2.THRESH_BINARY)[1]


def _followed(mask: np.ndarray, weak: np.ndarray) -> np.ndarray:
    """``mask`` grown within ``weak``, by _REACH pixels at most."""
    around = np.ones((3, 3), np.uint8)
    count = cv2.countNonZero(mask)
    for step in range(_REACH):
        if not count:
            break
        mask = cv2.bitwise_and(cv2.dilate(mask, around), weak)
        if step % 4 == 3:  # counting takes half as long as growing
            before, count = count, cv2.countNonZero(mask)
            if count == before:
                break
    return mask
