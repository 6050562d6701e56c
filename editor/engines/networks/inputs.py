"""A fill request as networks see it: at their working size, in sRGB, with lines and colours as in training."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np

from editor.engines.contract import FillRequest
from editor.engines.networks.encoding import to_srgb
from editor.engines.networks.view import View
from editor.raster.colour import as_depth

_LINE = 1.2  # pixels: how wide a line at least is, whatever it was reduced by
_THICK = 1.8  # pixels from a line's middle to its edge: thicker ones are drawn anew along their middle
_BLOB = 5.0  # the same: thicker ones are no lines, and drawn round their edge


@dataclass(frozen=True)
class Seen:
    """What a network sees, (h, w) its working size; hints are 0 outside the hole."""

    image: np.ndarray  # (h, w, 3) float32 0..1 sRGB, 0 in the hole
    hole: np.ndarray  # (h, w) bool
    known: np.ndarray  # (h, w, 3) float32 0..1, the image in the photo's own encoding
    sketch: np.ndarray  # (h, w) float32 0..1
    colour: np.ndarray  # (h, w, 3) float32 0..1 sRGB
    given: np.ndarray  # (h, w) bool: where colour is given
    grey: bool  # whether there is no colour, neither in the image nor in the hints
    face: bool  # whether it is an upright face in its frame


def see(request: FillRequest, image: np.ndarray, hole: np.ndarray, view: View) -> Seen:
    """What a network sees of ``request`` through ``view``, with ``image`` and ``hole`` (bool) in place of its own."""
    # Beyond a face's frame the photo may end: a network that redraws faces had better take that for unknown. What a
    # scene looks like beyond is anyone's guess; mirrored, it does no harm.
    outside = None if view.frame is None else 0
    known, share = known_averages(image, hole, lambda plane: view.seen(plane, outside))
    unknown = share < 0.5
    if request.colour is None:
        colour, given = np.zeros_like(known), np.zeros_like(unknown)
    else:
        alpha = request.colour[..., 3:] / np.float32(255)
        cover = view.seen(alpha[..., 0], 0)
        given = (cover >= 0.5) & unknown
        total = view.seen(request.colour[..., :3] * alpha, 0) / np.float32(255)
        colour = np.where(given[..., None], total / np.maximum(cover, 1e-6)[..., None], 0).astype(np.float32)
    sketch = np.zeros_like(known[..., 0]) if request.sketch is None else lines(request.sketch, view) * unknown
    seen = np.where(unknown[..., None], 0, to_srgb(known, request.profile)).astype(np.float32)
    some = image[::5, ::5][~hole[::5, ::5]]
    grey = bool(some.size) and not np.ptp(some, axis=1).any() and not np.ptp(colour, axis=2).any()
    return Seen(seen, unknown, known, sketch, colour, given, grey, view.frame is not None)


def known_averages(image: np.ndarray, hole: np.ndarray,
                   reduce: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """``image`` (h, w, 3 uint8/uint16) reduced by averaging the pixels outside ``hole`` (h, w) bool, float32 0..1, 0
    where there are none; and how much of each reduced pixel lies outside, the same.

    reduce: takes a plane of the image's size, uint16, to float32 averages.
    """
    masked = as_depth(image, np.dtype(np.uint16))
    masked = masked.copy() if masked is image else masked
    masked[hole] = 0
    weight = reduce(np.multiply(~hole, 65535, dtype=np.uint16)) / np.float32(65535)
    average = reduce(masked) / (np.maximum(weight, 1e-6)[..., None] * 65535)
    return np.where(weight[..., None] > 1e-3, np.clip(average, 0, 1), 0).astype(np.float32), weight


def lines(sketch: np.ndarray, view: View) -> np.ndarray:
    """The user's lines (h, w) uint8 at a network's size: (h, w) float32 0..1, one to two pixels wide and of full
    contrast however far they are reduced, as the lines of the training are (training/hints.py)."""
    side = max(1, ceil(_LINE * view.scale))
    if side > 1:
        sketch = cv2.dilate(sketch, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    small = np.minimum(1, view.seen(sketch.astype(np.float32), 0) / 255)
    drawn = (small >= 0.5).astype(np.uint8)
    depth = cv2.distanceTransform(np.pad(drawn, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    if depth.max() <= _THICK:
        return small
    return np.where(_near(depth > _THICK, drawn), _redrawn(drawn, depth), small)


def _near(thick: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Everything that hangs together with what is ``thick``, and a pixel round it."""
    _, labels = cv2.connectedComponents(drawn)
    chosen = np.isin(labels, np.unique(labels[thick]))
    return cv2.dilate(chosen.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


def _redrawn(drawn: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Thick lines (h, w) uint8, 0 or 1, as thin ones along their middle, blobs as thin ones round their edge."""
    from skimage.morphology import skeletonize

    core = (depth > _BLOB).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * ceil(_BLOB) + 1,) * 2)
    blobs = cv2.dilate(core, disc) & drawn
    edge = blobs & ~cv2.erode(blobs, np.ones((3, 3), np.uint8))
    thin = skeletonize((drawn & ~blobs) > 0) | (edge > 0)
    return np.minimum(1, 2.2 * cv2.GaussianBlur(thin.astype(np.float32), (0, 0), 0.6))


def guided_input(seen: Seen, noise: np.ndarray) -> np.ndarray:
    """The ten planes that SC-FEGAN and the scene network take (sc_fegan.CHANNELS), (10, h, w) float32.

    noise: (h, w), normal.
    """
    hole, given = seen.hole[..., None].astype(np.float32), seen.given[..., None].astype(np.float32)
    planes = [(2 * seen.image - 1) * (1 - hole), hole, seen.sketch[..., None], (2 * seen.colour - 1) * given, given,
              noise[..., None] * hole]
    return np.ascontiguousarray(np.concatenate(planes, axis=2).transpose(2, 0, 1), np.float32)
