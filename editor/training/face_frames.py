"""The faces in ordinary photographs, each cut out as the square frame that a face network is trained on."""

import cv2
import numpy as np
import torch

from editor.engines.networks.face_locator import Locator
from editor.engines.networks.framing import SIZE, THRESHOLD, Detection, detections, overlap, planes
from editor.raster.frame import Frame
from editor.training.data import SMALLEST

_LOOKS = (SIZE, 2 * SIZE, 4 * SIZE)  # pixels of the longer side: frames of a twentieth of it and more are found
_INSIDE = 0.8  # of a frame must lie in the photo
_MULTIPLE = 32  # of the sides of what the locator takes


def face_squares(picture: np.ndarray, side: int, network: Locator) -> list[np.ndarray]:
    """The faces in (h, w, 3) uint8 sRGB as upright frames, (side, side, 3) uint8; as ``data.Squares``, but for the
    network. For any thread."""
    return [_cut(picture, frame, side) for frame in faces(picture, network)]


def faces(picture: np.ndarray, network: Locator) -> list[Frame]:
    """The frames of the faces in (h, w, 3) uint8 sRGB, surest first, that lie in it nearly whole and are not small."""
    found: list[Detection] = []
    for side in _LOOKS:
        found += _seen(picture, max(picture.shape[:2]) / side, network)
    kept: list[Frame] = []
    for one in sorted(found, key=lambda one: -one.score):
        if one.frame.side >= SMALLEST and _inside(one.frame, picture.shape) >= _INSIDE and all(
                overlap(one.frame, other) < 0.3 for other in kept):
            kept.append(one.frame)
    return kept


def _seen(picture: np.ndarray, scale: float, network: Locator) -> list[Detection]:
    """The faces that the locator sees in the picture reduced by ``scale``, in pixels of the picture."""
    height, width = picture.shape[:2]
    size = max(1, round(width / scale)), max(1, round(height / scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR)
    below, right = (-length % _MULTIPLE for length in small.shape[:2])
    beyond = np.pad(np.zeros(small.shape[:2], bool), ((0, below), (0, right)), constant_values=True)
    image = np.pad(small, ((0, below), (0, right), (0, 0)))
    with torch.inference_mode():
        maps = network(torch.from_numpy(planes(image, np.zeros_like(beyond), beyond))[None])[0].numpy()
    return [Detection(one.score, Frame((one.frame.centre[0] * scale, one.frame.centre[1] * scale),
                                       one.frame.side * scale, one.frame.angle))
            for one in detections(maps, THRESHOLD)]


def _inside(frame: Frame, shape: tuple[int, ...]) -> float:
    """The share of a frame that lies in a photo (h, w, ...)."""
    height, width = shape[:2]
    corners = np.float32([[0, 0], [0, width], [height, width], [height, 0]])
    return cv2.intersectConvexConvex(frame.corners().astype(np.float32), corners)[0] / frame.side**2


def _cut(picture: np.ndarray, frame: Frame, side: int) -> np.ndarray:
    """A frame seen upright, mirrored where it reaches over the edge; averaged as far as it is reduced."""
    times = max(1, int(np.ceil(frame.side / side)))
    fine = cv2.warpAffine(picture, frame.sampling(side * times), (side * times,) * 2,
                          flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101)
    return cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA) if times > 1 else fine
