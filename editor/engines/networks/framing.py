"""Where the face is that a hole lies in: the face locator, asked about the surroundings of the hole at several sizes.

A hole on an eye is a twelfth of the face's frame, one on the hair as large as the frame: so the locator looks at
squares round the hole, each twice as large as the one before, all reduced to the size it was trained at. The likeliest
face whose frame holds the hole is then looked at straight, from nearer and farther and mirrored: the mean counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, exp, hypot, radians, sin
from typing import TYPE_CHECKING

import cv2
import numpy as np

from editor.engines.contract import Progress, no_progress
from editor.engines.networks.store import LoadedModels, find_model
from editor.errors import UserError
from editor.raster.colour import to_srgb8
from editor.raster.frame import Frame
from editor.raster.surface import Box

if TYPE_CHECKING:
    from editor.engines.networks.face_locator import Locator

SIZE = 128
"""Pixels: the side of what the locator looks at, and was trained on."""

STRIDE = 8
"""Pixels of that to a cell of the locator's output."""

REFERENCE_SIDE = 64.0
"""Pixels: the side of a frame for which the network says a scale of 0."""

THRESHOLD = 0.45  # of the likelihood that there is a face
_PERHAPS = 0.2  # and of what is worth another look
_HELD = 0.7  # of the hole must lie in a face's frame
_SMALLEST = 48  # pixels of the photo: the side of the smallest frame, whose face no network would mend
_LARGEST = 1.3  # times the photo's longer side
_FIRST_LOOK = 1.6  # times the hole's longer side: the smallest face that holds it fills that
_LOOKS = 6
_PARTS = 3  # to a side of a photo in which a face is looked for everywhere
_CANDIDATES = 3  # faces that are looked at straight
_AROUND = (1.6, 2.0, 2.5)  # sides of a face's frame that such a look is wide
_READ = 4 << 20  # pixels of the photo that a look may read
_POINTS = 128  # to a side of the grid that stands for the hole

_kept = LoadedModels()


@dataclass(frozen=True)
class Detection:
    """A face that the locator sees."""

    score: float  # 0..1
    frame: Frame


def locator() -> "Locator":
    """The network that finds faces. Raises UserError where there are no weights for it, or broken ones."""
    return _kept.get(find_model("face-locator"))


def propose_frame(read: Callable[[Box], np.ndarray], shape: tuple[int, int], mask: np.ndarray,
                  mask_origin: tuple[int, int] = (0, 0), *, profile: bytes | None = None,
                  progress: Progress = no_progress) -> Frame | None:
    """The frame, in pixels of the photo, of the face that a hole lies in; None where no face is seen there, or where
    there is nothing to see it with (``locator``).

    read: gives (h, w, 3) uint8 or uint16 in ``profile`` of a box of the photo of ``shape`` (h, w). mask: (h, w) uint8
    of the part of the photo at ``mask_origin`` (y, x), above 0 in the hole. On the processor, where a look takes
    some 15 ms. Raises what ``progress`` raises.
    """
    hole = _grid(mask, mask_origin)
    if not len(hole.points):
        return None
    try:
        network = locator()
    except UserError:
        return None
    view = _View(network, read, shape, hole, profile)
    looks = _looks(hole, shape)
    seen: list[Detection] = []
    for index, look in enumerate(looks):
        progress(0.5 * index / len(looks), "Looking for a face")
        seen += [Detection(one.score * held, one.frame) for one in view.faces(look, _PERHAPS)
                 if (held := view.held(one.frame)) >= _HELD]
    seen.sort(key=lambda one: -one.score)
    for index in range(_CANDIDATES):
        if not seen:
            break
        progress(0.5 + 0.5 * index / _CANDIDATES, "Looking at the face")
        best = seen[0].frame
        face = view.straight_at(best)
        if face is not None and face.score >= THRESHOLD and view.held(face.frame) >= _HELD:
            return face.frame
        seen = [one for one in seen if overlap(one.frame, best) < 0.3]
    return None


def find_face(read: Callable[[Box], np.ndarray], shape: tuple[int, int], *, profile: bytes | None = None,
              progress: Progress = no_progress) -> Frame | None:
    """The frame of the likeliest face in a photo without a hole: in all of it, else in its parts.

    Arguments, None and errors are those of ``propose_frame``.
    """
    try:
        network = locator()
    except UserError:
        return None
    view = _View(network, read, shape, _Hole(np.empty((0, 2)), 1.0), profile)
    height, width = shape
    looks = [Frame((height / 2, width / 2), float(max(shape)))]
    side = min(shape) / _PARTS * 1.5  # they overlap by half of what a face takes of one
    looks += [Frame(((row + 0.5) * height / _PARTS, (column + 0.5) * width / _PARTS), side)
              for row in range(_PARTS) for column in range(_PARTS)]
    best: Detection | None = None
    for index, look in enumerate(looks):
        progress(index / len(looks), "Looking for a face")
        if index == 1 and best is not None:
            break
        for seen in view.faces(look, _PERHAPS)[:1]:
            progress(index / len(looks), "Looking at the face")
            face = view.straight_at(seen.frame) if view.held(seen.frame) else None
            if face is not None and face.score >= max(THRESHOLD, best.score if best else 0):
                best = face
    return best and best.frame


@dataclass(frozen=True)
class _Hole:
    """A hole as a grid of points."""

    points: np.ndarray  # (n, 2) float64 (y, x), in pixels of the photo
    step: float  # pixels between them


def _grid(mask: np.ndarray, origin: tuple[int, int]) -> _Hole:
    rows, columns = (np.flatnonzero((mask > 0).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return _Hole(np.empty((0, 2)), 1.0)
    part = mask[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1] > 0
    step = max(1.0, max(part.shape) / _POINTS)
    size = tuple(max(1, round(length / step)) for length in part.shape)
    small = cv2.resize(part.astype(np.float32), size[::-1], interpolation=cv2.INTER_AREA)
    points = (np.argwhere(small > 0) + 0.5) * np.divide(part.shape, size)
    return _Hole(points + (origin[0] + rows[0], origin[1] + columns[0]), step)


def _looks(hole: _Hole, shape: tuple[int, int]) -> list[Frame]:
    """Squares round the hole, smallest first; they may reach over the photo's edge, but no farther than they must."""
    low, high = hole.points.min(axis=0), hole.points.max(axis=0)
    side = max(float(SIZE), _FIRST_LOOK * max(high - low))
    looks: list[Frame] = []
    while not looks or (len(looks) < _LOOKS and side < 2 * max(shape)):
        centre = [float(np.clip(middle, *sorted((side / 2, length - side / 2))))
                  for middle, length in zip((low + high) / 2, shape, strict=True)]
        looks.append(Frame(tuple(centre), side))
        side *= 2
    return looks


def _looked_at(read: Callable[[Box], np.ndarray], shape: tuple[int, int], look: Frame, hole: _Hole,
               profile: bytes | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What ``planes`` takes, of a square of the photo, upright."""
    scale = look.side / SIZE
    part = look.box().intersect(Box(0, 0, *shape))
    size = tuple(max(1, round(length / scale)) for length in (part.height, part.width))
    small = to_srgb8(_reduced(read, part, size), profile) if not part.empty else np.zeros((1, 1, 3), np.uint8)
    # From the look's pixels to the photo's, and on to those of the part, both from corner to corner.
    to_photo = np.vstack([look.matrix(SIZE), [0, 0, 1]])
    to_small = np.diag([size[1] / part.width, size[0] / part.height, 1]) @ np.array(
        [[1, 0, -part.left], [0, 1, -part.top], [0, 0, 1]])
    matrix = (to_small @ to_photo)[:2]
    matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5) - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    image = cv2.warpAffine(small, matrix, (SIZE, SIZE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    beyond = cv2.warpAffine(np.full(size, 255, np.uint8), matrix, (SIZE, SIZE), flags=flags) < 128
    inside = np.zeros((SIZE, SIZE), np.uint8)
    x, y = (np.linalg.inv(to_photo) @ np.vstack([hole.points.T[::-1], np.ones(len(hole.points))]))[:2]
    there = (np.minimum(x, y) >= 0) & (np.maximum(x, y) < SIZE)
    inside[y[there].astype(int), x[there].astype(int)] = 1
    gap = int(np.ceil(hole.step / scale))
    return image, cv2.dilate(inside, np.ones((gap, gap), np.uint8)) > 0, beyond


def _reduced(read: Callable[[Box], np.ndarray], part: Box, size: tuple[int, int]) -> np.ndarray:
    """A box of the photo as (h, w, 3) of ``size``; of a very large one only some rows are read."""
    height, width = size
    if part.height * part.width <= _READ:
        shrinks = height < part.height
        return cv2.resize(read(part), (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    rows = max(1, _READ // (height * part.width))
    strips = []
    for index in range(height):
        top = part.top + int((index + 0.5) * part.height / height - rows / 2)
        strip = read(Box(top, part.left, top + rows, part.right))
        strips.append(cv2.resize(strip, (width, 1), interpolation=cv2.INTER_AREA))
    return np.concatenate(strips)


@dataclass(frozen=True)
class _View:
    """A photo with a hole, and the network that looks at it."""

    network: "Locator"
    read: Callable[[Box], np.ndarray]
    shape: tuple[int, int]
    hole: _Hole
    profile: bytes | None

    def faces(self, look: Frame, threshold: float, mirrored: bool = False) -> list[Detection]:
        """Those in a square of the photo, as frames on the photo; best first."""
        import torch

        inputs = planes(*_looked_at(self.read, self.shape, look, self.hole, self.profile))
        inputs = np.ascontiguousarray(inputs[..., ::-1]) if mirrored else inputs
        with torch.inference_mode():
            maps = self.network(torch.from_numpy(inputs)[None])[0].numpy()
        found, matrix = [], look.matrix(SIZE)
        for one in detections(maps, threshold):
            (y, x), angle = one.frame.centre, one.frame.angle
            x, angle = (SIZE - x, -angle) if mirrored else (x, angle)
            x, y = map(float, matrix @ (x, y, 1))
            found.append(Detection(one.score, Frame((y, x), one.frame.side * look.side / SIZE, look.angle + angle)))
        return found

    def held(self, frame: Frame) -> float:
        """The share of the hole in a frame; 0 where that is too small or too large to be of use."""
        if not _SMALLEST <= frame.side <= _LARGEST * max(self.shape):
            return 0.0
        if not len(self.hole.points):
            return 1.0
        turn, (down, right) = radians(frame.angle), (self.hole.points - frame.centre).T
        across, along = right * cos(turn) + down * sin(turn), down * cos(turn) - right * sin(turn)
        return float(np.mean(np.maximum(abs(across), abs(along)) <= frame.side / 2))

    def straight_at(self, frame: Frame) -> Detection | None:
        """The face of about that frame, looked at upright, from nearer and farther and mirrored: the mean of all."""
        seen = []
        for factor in _AROUND:
            look = Frame(frame.centre, factor * frame.side, frame.angle)
            for mirrored in (False, True):
                near = [one for one in self.faces(look, _PERHAPS / 2, mirrored)
                        if overlap(one.frame, frame) >= 0.3]
                seen += near[:1]
        if not seen:
            return None
        return Detection(sum(one.score for one in seen) / (2 * len(_AROUND)), mean_frame(seen))


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
        if all(hypot(*np.subtract(frame.centre, other.frame.centre)) > 0.4 * other.frame.side for other in found):
            found.append(Detection(float(likely[row, column]), frame))
    return found


def overlap(one: Frame, other: Frame) -> float:
    """Intersection over union of two frames."""
    # The other one's corners as the first sees them, cut off at each of its sides (Sutherland and Hodgman 1974).
    turn = radians(one.angle)
    shape = (other.corners() - one.centre) @ np.array([[cos(turn), sin(turn)], [-sin(turn), cos(turn)]])
    for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        room = one.side / 2 - sign * shape[:, axis]
        cut = []
        for point, after, here, there in zip(shape, np.roll(shape, -1, 0), room, np.roll(room, -1), strict=True):
            if here >= 0:
                cut.append(point)
            if here * there < 0:
                cut.append(point + (after - point) * here / (here - there))
        shape = np.reshape(cut, (-1, 2))
    y, x = shape.T
    shared = abs(y @ np.roll(x, -1) - x @ np.roll(y, -1)) / 2
    return float(shared / (one.side**2 + other.side**2 - shared))


def mean_frame(detected: Sequence[Detection]) -> Frame:
    """The frame in the middle of several of one face, each counted by its score."""
    weights = np.array([one.score for one in detected]) / sum(one.score for one in detected)
    frames = [one.frame for one in detected]
    turns = np.radians([frame.angle for frame in frames])
    y, x = weights @ np.array([frame.centre for frame in frames])
    side = exp(weights @ np.log([frame.side for frame in frames]))
    return Frame((float(y), float(x)), side, degrees(atan2(weights @ np.sin(turns), weights @ np.cos(turns))))
