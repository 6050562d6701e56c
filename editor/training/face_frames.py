"""The faces in ordinary photographs, each cut out as the square frame that a face network is trained on."""

import cv2
import numpy as np
import torch

from editor.engines.networks.face_locator import Locator
from editor.engines.networks.framing import SIZE, Detection, detections, mean_frame, overlap, planes
from editor.raster.frame import Frame
from editor.training.data import SMALLEST

# Pixels of the longer side: frames of all of it to a tenth are each found in several looks.
_LOOKS = tuple(round(SIZE * 2 ** (step / 2)) for step in range(-2, 6))
_SEEN = 0.2  # of the likelihood in one look
_SURE = 2.0  # of all looks together: what is seen once may be a wheel, and costs more than a face that is missed
_SAME = 0.4  # of intersection over union: two looks see the same face
_INSIDE = 0.8  # of a frame must lie in the photo
_SHARED = 0.4  # of the smaller of two frames: more, and they are of one face
_MULTIPLE = 32  # of the sides of what the locator takes


def face_squares(picture: np.ndarray, side: int, network: Locator) -> list[np.ndarray]:
    """The faces in (h, w, 3) uint8 sRGB as upright frames, (side, side, 3) uint8; as ``data.Squares``, but for the
    network. For any thread."""
    return [_cut(picture, frame, side) for frame in faces(picture, network)]


def faces(picture: np.ndarray, network: Locator) -> list[Frame]:
    """The frames of the faces in (h, w, 3) uint8 sRGB, surest first, that lie in it nearly whole and are not small."""
    height, width = picture.shape[:2]
    photo = np.array([[0, 0], [0, width], [height, width], [height, 0]])
    looks = [_seen(picture, max(height, width) / side, network) for side in _LOOKS]
    found = [one for one in _agreed(looks) if one.score >= _SURE and one.frame.side >= SMALLEST]
    kept: list[Frame] = []
    for frame in (one.frame for one in sorted(found, key=lambda one: -one.score)):
        if _shared(frame.corners(), photo) >= _INSIDE * frame.side**2 and all(
                _shared(frame.corners(), other.corners()) < _SHARED * min(frame.side, other.side)**2
                for other in kept):
            kept.append(frame)
    return kept


def _agreed(looks: list[list[Detection]]) -> list[Detection]:
    """What several looks see of the same face as one, with their scores' sum."""
    left = sorted((one for look in looks for one in look), key=lambda one: -one.score)
    found = []
    while left:
        same = [one for one in left if overlap(one.frame, left[0].frame) >= _SAME]
        left = [one for one in left if one not in same]
        found.append(Detection(sum(one.score for one in same), mean_frame(same)))
    return found


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
            for one in detections(maps, _SEEN)]


def _shared(one: np.ndarray, other: np.ndarray) -> float:
    """The area that two squares have in common, by their corners (4, 2)."""
    return cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))[0]


def _cut(picture: np.ndarray, frame: Frame, side: int) -> np.ndarray:
    """A frame seen upright, mirrored where it reaches over the edge; averaged as far as it is reduced."""
    times = max(1, int(np.ceil(frame.side / side)))
    fine = cv2.warpAffine(picture, frame.sampling(side * times), (side * times,) * 2,
                          flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101)
    return cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA) if times > 1 else fine
