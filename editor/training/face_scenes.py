"""Pictures to learn from where faces are: portraits laid into scenes, with the holes a user might paint on them.

A portrait of the training set is a face frame itself. Laid into a scene with a soft edge of some head's shape, turned,
scaled, cut off at the border, greyed, faded, blurred and noisy, it says where the frame is; what is under the hole is
left, or replaced by something else. Of faces too large for the picture nothing is to be found: a cheek is no face.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from editor.engines.networks.framing import SIZE
from editor.raster.frame import Frame

SMALLEST, LARGEST = 36.0, 132.0
"""Pixels: the sides of the frames that are to be found."""

_DOUBTFUL = 172.0  # pixels: a frame up to this side is neither asked for nor held against the network
_UPRIGHT = 128  # pixels: the side of the square on which holes and edges are drawn before they are turned


@dataclass(frozen=True)
class FaceScene:
    """One picture and the faces in it."""

    image: np.ndarray  # (SIZE, SIZE, 3) uint8 RGB, 0 beyond the photo
    hole: np.ndarray  # (SIZE, SIZE) bool, True beyond the photo too
    beyond: np.ndarray  # (SIZE, SIZE) bool: no photo there
    frames: tuple[Frame, ...]  # to be found
    doubtful: tuple[Frame, ...] = ()  # there, but of a size at which finding them is neither right nor wrong


def compose(rng: np.random.Generator, faces: Sequence[Path], scenes: Sequence[Path], empty: float = 0.4) -> FaceScene:
    """A picture with one face or two, or (with the probability ``empty`` at least) none. Raises OSError for files that
    cannot be read."""
    image = _ground(rng, scenes)
    if rng.random() < empty:
        return _finished(rng, image, [], None)
    kind = rng.random()
    frame = _frame(rng, LARGEST, 2.5 * SIZE) if kind < 0.12 else _frame(rng, SMALLEST, LARGEST)
    if kind > 0.92:  # only a chest is seen: the head is beyond the upper edge
        frame = Frame((-rng.uniform(0.0, 0.25) * frame.side, frame.centre[1]), frame.side, frame.angle / 2)
    image = _with_face(rng, image, _read(rng.choice(faces)), frame, spread=rng.random() < 0.45)
    frames = [frame]
    other = _frame(rng, SMALLEST, SIZE / 2)
    if rng.random() < 0.3 and np.hypot(*np.subtract(other.centre, frame.centre)) > 0.5 * (other.side + frame.side):
        image = _with_face(rng, image, _read(rng.choice(faces)), other, spread=False)
        frames.append(other)
    return _finished(rng, image, frames, frame)


def _frame(rng: np.random.Generator, smallest: float, largest: float) -> Frame:
    """Its centre lies in the picture; most are turned by at most 40 degrees."""
    angle = rng.uniform(-40, 40) if rng.random() < 0.8 else rng.normal(0, 50)
    side = float(np.exp(rng.uniform(np.log(smallest), np.log(largest))))
    if rng.random() < 0.3:
        angle /= 4
    return Frame(tuple(map(float, rng.uniform(0.06 * SIZE, 0.94 * SIZE, 2))), side, float(angle))


def _ground(rng: np.random.Generator, scenes: Sequence[Path]) -> np.ndarray:
    """(SIZE, SIZE, 3) uint8: some part of a scene; sometimes only its colours, as behind a studio's portraits."""
    scene = _read(rng.choice(scenes))
    side = int(rng.uniform(0.35, 1.0) * min(scene.shape[:2]))
    top, left = (int(rng.integers(0, length - side + 1)) for length in scene.shape[:2])
    out = cv2.resize(scene[top:top + side, left:left + side], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.15:
        few = int(rng.integers(2, 16))
        out = cv2.resize(cv2.resize(out, (few, few), interpolation=cv2.INTER_AREA), (SIZE, SIZE),
                         interpolation=cv2.INTER_CUBIC)
    return out[:, ::-1] if rng.random() < 0.5 else out


def _with_face(rng: np.random.Generator, image: np.ndarray, face: np.ndarray, frame: Frame,
               spread: bool) -> np.ndarray:
    """The face laid in at ``frame``; ``spread``: with its own surroundings drawn out over the whole picture."""
    if rng.random() < 0.5:
        face = face[:, ::-1]
    size = int(min(frame.side, face.shape[0]))
    face = cv2.resize(face, (size, size), interpolation=cv2.INTER_AREA)
    matrix = frame.sampling(size)
    laid = cv2.warpAffine(face, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
    if spread:
        edge = np.full((_UPRIGHT, _UPRIGHT), 255, np.uint8)
        around = cv2.warpAffine(edge, frame.sampling(_UPRIGHT), (SIZE, SIZE))
        smooth = cv2.GaussianBlur(laid, (0, 0), max(1.0, 0.04 * frame.side))
        laid = _mixed(smooth, laid, cv2.GaussianBlur(around, (0, 0), 2))
        if rng.random() < 0.4:
            return laid
        alpha = _ellipse((0.5, 0.5), rng.uniform(0.5, 0.9, 2), 0.1)
    elif rng.random() < 0.2:
        alpha = np.zeros((_UPRIGHT, _UPRIGHT), np.uint8)
        edge = int(rng.integers(0, 10))
        alpha[edge:_UPRIGHT - edge, edge:_UPRIGHT - edge] = 255
        alpha = cv2.blur(alpha, (2 * edge + 1, 2 * edge + 1))
    else:
        head = _ellipse((0.5, rng.uniform(0.42, 0.47)), rng.uniform((0.26, 0.34), (0.38, 0.45)), 0)
        shoulders = _ellipse((0.5, 1.05), rng.uniform((0.38, 0.3), (0.6, 0.48)), 0)
        alpha = cv2.GaussianBlur(np.maximum(head, shoulders), (0, 0), rng.uniform(1, 8))
    # Spread ones reach over the frame: drawn on a larger square there.
    where = Frame(frame.centre, 2 * frame.side, frame.angle) if spread else frame
    alpha = cv2.warpAffine(alpha, where.sampling(_UPRIGHT), (SIZE, SIZE))
    return _mixed(image, laid, alpha)


def _finished(rng: np.random.Generator, image: np.ndarray, frames: list[Frame], main: Frame | None) -> FaceScene:
    """The picture as a worn or cheap photograph, with a hole in it."""
    image = _worn(rng, image)
    hole = np.zeros((SIZE, SIZE), bool)
    # A hole must not be taken for a face: there are more without one, and beside one.
    if rng.random() < (0.9 if main is None else 0.75):
        if main is not None and rng.random() < 0.7:
            drawn = cv2.warpAffine(_face_hole(rng), main.sampling(_UPRIGHT), (SIZE, SIZE))
        else:
            somewhere = Frame(tuple(rng.uniform(0, SIZE, 2)), rng.uniform(20, SIZE), float(rng.uniform(-180, 180)))
            drawn = cv2.warpAffine(_face_hole(rng), somewhere.sampling(_UPRIGHT), (SIZE, SIZE))
        hole = drawn > 127
        if rng.random() < 0.5:
            image = np.where(hole[..., None], _content(rng, image), image)
    beyond = np.zeros((SIZE, SIZE), bool)
    if rng.random() < 0.3:
        top, left, bottom, right = rng.integers(0, SIZE // 3, 4) * (rng.random(4) < 0.4)
        beyond[:] = True
        beyond[top:SIZE - bottom, left:SIZE - right] = False
        image = np.where(beyond[..., None], np.uint8(0), image)
    found = tuple(frame for frame in frames
                  if frame.side <= LARGEST and frame.centre[0] >= 0 and not beyond[_cell(frame.centre)])
    return FaceScene(image, hole | beyond, beyond, found, tuple(
        frame for frame in frames if frame.side <= _DOUBTFUL and frame not in found))


def _cell(centre: tuple[float, float]) -> tuple[int, int]:
    return tuple(int(np.clip(place, 0, SIZE - 1)) for place in centre)


def _worn(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    if rng.random() < 0.4:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.4))
    picture = image.astype(np.float32) / 255
    picture = picture ** np.exp(rng.normal(0, 0.3))
    kind = rng.random()
    if kind < 0.4:
        grey = picture @ np.array([0.299, 0.587, 0.114], np.float32)
        tint = np.array([1.0, rng.uniform(0.82, 0.95), rng.uniform(0.6, 0.85)]) if kind < 0.18 else np.ones(3)
        picture = grey[..., None] * tint.astype(np.float32)
    elif kind < 0.75:
        picture = picture * rng.uniform(0.8, 1.15, 3).astype(np.float32)
    if rng.random() < 0.35:  # faded
        low, high = rng.uniform(0, 0.35), rng.uniform(0.65, 1.0)
        picture = low + picture * (high - low)
    if rng.random() < 0.45:
        grain = rng.standard_normal((SIZE, SIZE, 1 if rng.random() < 0.6 else 3), np.float32)
        if rng.random() < 0.5:
            grain = cv2.GaussianBlur(grain, (0, 0), 0.8).reshape(grain.shape) * 2
        picture = picture + grain * np.float32(rng.uniform(0.01, 0.07))
    out = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
    if rng.random() < 0.3:
        _, data = cv2.imencode(".jpg", out, (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 80))))
        out = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return out


def _face_hole(rng: np.random.Generator) -> np.ndarray:
    """(_UPRIGHT, _UPRIGHT) uint8: what users paint over in a face's frame."""
    return _HOLES[int(rng.integers(len(_HOLES)))](rng)


def _feature(y: float, x: float, across: float, down: float) -> Callable[[np.random.Generator], np.ndarray]:
    def draw(rng: np.random.Generator) -> np.ndarray:
        side = rng.choice((-1, 1))
        return _ellipse((0.5 + side * x + rng.normal(0, 0.02), y + rng.normal(0, 0.02)),
                        np.array((across, down)) * rng.uniform(0.7, 1.6, 2), 0)

    return draw


def _half(rng: np.random.Generator) -> np.ndarray:
    head = _ellipse((0.5, 0.46), rng.uniform(0.2, 0.36, 2), 0)
    turn, shift = rng.uniform(0, 2 * np.pi), rng.uniform(-0.05, 0.1)
    y, x = np.mgrid[:_UPRIGHT, :_UPRIGHT] / _UPRIGHT - 0.47
    return np.where(x * np.cos(turn) + y * np.sin(turn) > shift, head, 0).astype(np.uint8)


def _hair(rng: np.random.Generator) -> np.ndarray:
    head = _ellipse((0.5, 0.42), rng.uniform((0.22, 0.28), (0.36, 0.4)), 0)
    face = _ellipse((0.5, 0.5), rng.uniform(0.14, 0.22, 2), 0)
    head[int(rng.uniform(0.4, 0.7) * _UPRIGHT):] = 0
    return np.where(face > 0, 0, head).astype(np.uint8)


def _strokes(rng: np.random.Generator) -> np.ndarray:
    out = np.zeros((_UPRIGHT, _UPRIGHT), np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        points = rng.normal(0.48, 0.17, (int(rng.integers(2, 6)), 2)) * _UPRIGHT
        cv2.polylines(out, [points.astype(np.int32)], False, 255, int(rng.integers(2, 18)), cv2.LINE_AA)
    return out


_HOLES = (_feature(0.41, 0.08, 0.06, 0.045), _feature(0.41, 0, 0.16, 0.06), _feature(0.58, 0, 0.09, 0.05),
          _feature(0.49, 0, 0.06, 0.08), _feature(0.47, 0, 0.15, 0.18), _half, _hair, _strokes)


def _content(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """What may stand in a hole: one colour, noise, or another part of the picture."""
    kind = rng.random()
    if kind < 0.5:
        return np.full_like(image, rng.integers(0, 256, 3 if kind < 0.15 else 1, np.uint8))
    if kind < 0.65:
        return rng.integers(0, 256, image.shape, np.uint8)
    return np.roll(image, rng.integers(SIZE // 4, 3 * SIZE // 4, 2), (0, 1))


def _ellipse(centre: Sequence[float], radii: Sequence[float], soft: float) -> np.ndarray:
    """(_UPRIGHT, _UPRIGHT) uint8 with centre and radii (x, y) in shares of its side."""
    out = np.zeros((_UPRIGHT, _UPRIGHT), np.uint8)
    cv2.ellipse(out, ((centre[0] * _UPRIGHT, centre[1] * _UPRIGHT),
                      (2 * radii[0] * _UPRIGHT, 2 * radii[1] * _UPRIGHT), 0), 255, -1)
    return cv2.GaussianBlur(out, (0, 0), soft * _UPRIGHT) if soft else out


def _mixed(below: np.ndarray, above: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., None].astype(np.float32) / 255
    return (below + (above.astype(np.float32) - below) * share + 0.5).astype(np.uint8)


def _read(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise OSError(f"{path} could not be read")
    return image
