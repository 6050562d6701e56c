"""Finding damage without a network: what is narrow, and stands out from its surroundings more than they do.

Lines are ridges of either polarity at several widths (eigenvalues of the Hessian: Lindeberg 1998, Frangi et al. 1998),
specks are what a closing or an opening with a small disc takes away (top-hat: Meyer 1979). Both are divided by how much
of the like there is all around, so that grain, hair and cloth, which are full of it, count for less.
"""

import cv2
import numpy as np

WIDTHS = (1.0, 2.0, 4.0)  # pixels, of the Gaussian before the second derivatives
DISCS = (5, 9, 15)  # pixels across
_AROUND = 41  # pixels across, where the like is looked for
_DIRECTION = 15  # pixels across, where a line has to keep its direction
_LINE, _SPOT = 0, 1  # of damage_map.KINDS
_FAINT = 4.0  # levels of 255 that are nothing, however even the surroundings
_EVEN = 7.5  # times the surroundings' own: as likely damage as not


def damage(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """picture: (h, w, 3) uint8 sRGB. Gives how likely each pixel is damaged, (h, w) uint8, and its kind, (h, w) uint8
    of damage_map.KINDS (no areas: nothing here knows a stain from a shadow)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    lines, spots = _ridges(grey), _specks(grey)
    standing = np.maximum(lines, spots)
    kind = np.where(_elongated(standing), np.uint8(_LINE), np.uint8(_SPOT))
    standing = standing**2
    return np.rint(255 * standing / (standing + _EVEN**2)).astype(np.uint8), kind


def _ridges(grey: np.ndarray) -> np.ndarray:
    """(h, w): how many times the surroundings' own a ridge stands out there, at the width where it does most."""
    most = np.zeros_like(grey)
    for sigma in WIDTHS:
        smooth = cv2.GaussianBlur(grey, (0, 0), sigma)
        xx, yy, xy = (sigma * sigma * cv2.Sobel(smooth, cv2.CV_32F, *order, ksize=3) / scale
                      for order, scale in (((2, 0), 4), ((0, 2), 4), ((1, 1), 4)))
        half = (xx + yy) / 2
        root = np.sqrt(((xx - yy) / 2) ** 2 + xy * xy)
        across = np.abs(half) + root  # the eigenvalue that is farther from 0, and the other
        along = np.abs(np.abs(half) - root)
        most = np.maximum(most, _standing_out(np.maximum(across - along, 0)))
    return most


def _specks(grey: np.ndarray) -> np.ndarray:
    """(h, w): how many times the surroundings' own a speck, or a line, stands out there."""
    most = np.zeros_like(grey)
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.7)
    for across in DISCS:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
        for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
            most = np.maximum(most, _standing_out(cv2.morphologyEx(smooth, operation, disc)))
    return most


def _elongated(strength: np.ndarray) -> np.ndarray:
    """(h, w) bool: whether what stands out there goes on in one direction (structure tensor: Bigün, Granlund 1987)."""
    smooth = cv2.GaussianBlur(np.minimum(strength, 2 * _EVEN), (0, 0), 1.0)
    x, y = (cv2.Sobel(smooth, cv2.CV_32F, *order, ksize=3) for order in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.blur(product, (_DIRECTION, _DIRECTION)) for product in (x * x, y * y, x * y))
    return np.hypot(xx - yy, 2 * xy) > 0.5 * (xx + yy)


def _standing_out(strength: np.ndarray) -> np.ndarray:
    """``strength`` over its mean all around, the middle of which does not count for itself alone."""
    around = cv2.blur(strength, (_AROUND, _AROUND), borderType=cv2.BORDER_REFLECT)
    return strength / (around + _FAINT)
