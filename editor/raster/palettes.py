"""The main colours of a picture."""

import cv2
import numpy as np

_BOXES = 48
_APART = 7.0  # least distance in CIELAB of two colours that are both worth having


def main_colours(pixels: np.ndarray, count: int) -> list[tuple[int, int, int]]:
    """At most ``count`` colours that stand for (n, 3) uint8 sRGB pixels, dark to light; the same for the same pixels.

    Median cut (Heckbert 1982) in CIELAB, and of its boxes' means first the fullest, then again and again the one
    that is both full and far from those there are: a small accent, lips say, is not lost among fifty shades of wall.
    """
    if not len(pixels):
        return []
    lab = cv2.cvtColor(pixels.reshape(-1, 1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[:, 0]
    boxes = _median_cut(lab)
    means = np.array([box.mean(axis=0) for box in boxes])
    weights = np.sqrt([len(box) for box in boxes])
    chosen = [int(np.argmax(weights))]
    while len(chosen) < count:
        away = np.linalg.norm(means[:, None] - means[chosen], axis=2).min(axis=1)
        best = int(np.argmax(np.where(away < _APART, 0, away * weights)))
        if away[best] < _APART:
            break
        chosen.append(best)
    chosen.sort(key=lambda index: means[index, 0])
    srgb = cv2.cvtColor(means[chosen].astype(np.float32)[:, None], cv2.COLOR_LAB2RGB)[:, 0]
    return [tuple(int(value) for value in colour) for colour in np.rint(np.clip(srgb, 0, 1) * 255)]


def _median_cut(colours: np.ndarray) -> list[np.ndarray]:
    """The colours in at most _BOXES groups of such as are alike."""
    boxes = [(_worth(colours), colours)]
    while len(boxes) < _BOXES:
        place = max(range(len(boxes)), key=lambda index: boxes[index][0])
        worth, box = boxes[place]
        if worth == 0:
            break
        along = box[:, int(np.argmax(np.ptp(box, axis=0)))]
        lower = along < (along.min() + along.max()) / 2
        boxes[place:place + 1] = [(_worth(part), part) for part in (box[lower], box[~lower])]
    return [box for _, box in boxes]


def _worth(box: np.ndarray) -> float:
    """How much a cut is worth: the longest side counts for more than the number of pixels."""
    return float(np.ptp(box, axis=0).max()) * len(box) ** 0.25
