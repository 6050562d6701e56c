"""What the damage finder is shown of a scan besides its colours: how far each pixel stands out from its surroundings.

A small network would have to learn medians and noise levels, and divide by them, before it saw a faint scratch or a
speck of two pixels. Both take OpenCV a few milliseconds a megapixel.
"""

import cv2
import numpy as np

PLANES = 6
"""Three colours, what stands out at two sizes, and how rough the surroundings are."""

_SMALL = 5  # pixels across, of the median that takes away specks of three pixels and lines of two
_BROAD = 9  # pixels across at half the size, of the one that takes away lines of eight pixels
_AROUND = 41  # pixels across, over which roughness is averaged
_EVEN = 1.5  # levels of 255: what there is of it on the evenest ground
_MOST = 12.0  # times the roughness: more tells nothing more


def planes(picture: np.ndarray) -> np.ndarray:
    """picture: (h, w, 3) uint8 sRGB. Gives (6, h, w) float32, each about -1..1."""
    height, width = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    half = cv2.resize(grey, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA)
    level = cv2.resize(cv2.medianBlur(half, _BROAD), (2 * half.shape[1], 2 * half.shape[0]),
                       interpolation=cv2.INTER_LINEAR)[:height, :width]
    out = np.empty((PLANES, height, width), np.float32)
    for plane, colour in zip(out, cv2.split(picture), strict=False):
        np.multiply(colour, np.float32(1 / 127.5), out=plane)
        plane -= 1
    out[3], rough = _standing_out(grey, cv2.medianBlur(grey, _SMALL))
    out[4], _ = _standing_out(grey, level)
    out[5] = cv2.log(rough) * np.float32(0.4) - np.float32(0.6)
    return out


def _standing_out(grey: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far ``grey`` is from ``level``, in a quarter of the roughness round about, signed; and that roughness."""
    away = cv2.subtract(grey, level, dtype=cv2.CV_32F)
    rough = cv2.blur(cv2.absdiff(away, 0), (_AROUND, _AROUND), borderType=cv2.BORDER_REFLECT) + np.float32(_EVEN)
    return np.clip(away / rough, -_MOST, _MOST) * np.float32(0.25), rough
