"""The very edge of a filled hole: what is left there of a step is spread over the few pixels next to it.

Colour is matched over a wide ring (blending.py), grain is given, patches are put together without steps in the light;
still the last pixel of the photo and the first of the fill seldom meet. A line of steps a pixel wide is what the eye
finds first.
"""

import cv2
import numpy as np

from editor.engines.mosaic import tiles
from editor.engines.pyramid import average_near

_LARGE = 60 / 255  # steps much larger are edges of things
_FADE = 2.0  # pixels inwards after which a third of a step is left
_DEEP = 5  # pixels: as far in is nothing left
_ALONG = 1.0  # pixels along the edge over which steps are averaged, as a Gaussian's deviation
_LEAST = 1e-3  # of a Gaussian: what has less of the edge near is not changed
_REACH = 8  # pixels round a place that count there


def soften(pixels: np.ndarray, image: np.ndarray, filled: np.ndarray, holes: np.ndarray) -> None:
    """Bring ``pixels`` (h, w, 3), in place, to meet ``image`` (h, w, 3) of the same dtype, uint8 or uint16, at the edge
    of what is ``filled`` (h, w) bool.

    holes (h, w) bool: what of the image is not to be met, all that is filled among it.
    """
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _DEEP + 1, 2 * _DEEP + 1))
    rim = filled & (cv2.erode(filled.view(np.uint8), disc, borderValue=1) == 0)
    if not rim.any():
        return
    highest = np.float32(np.iinfo(image.dtype).max)
    for sheet in tiles(rim, _REACH):
        fill = sheet.collect(lambda box: pixels[box.slices]) / highest
        photo = sheet.collect(lambda box: image[box.slices]) / highest
        inside = sheet.collect(lambda box: filled[box.slices])
        around = sheet.collect(lambda box: ~holes[box.slices])
        fill += _film(fill, photo, inside, around)
        sheet.deliver(np.rint(np.clip(fill, 0, 1) * highest).astype(image.dtype), pixels)


def _film(fill: np.ndarray, photo: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """What to add to the fill ``inside``: (h, w, 3) float32."""
    first = inside & (cv2.dilate(outside.view(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    last = outside & (cv2.dilate(inside.view(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    step = _beside(photo, last) - _beside(fill, first)
    trust = np.exp(-(step ** 2).max(axis=2) / np.float32(_LARGE ** 2)) * first
    depth = cv2.distanceTransform(np.pad(inside, 1, mode="edge").view(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return average_near(step, trust, _ALONG, _LEAST) * np.exp(-depth / np.float32(_FADE))[..., None]


def _beside(picture: np.ndarray, where: np.ndarray) -> np.ndarray:
    """At each place, of the pixels next to it that are ``where``."""
    return average_near(picture, where.astype(np.float32), 0.5, _LEAST)
