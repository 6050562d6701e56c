"""Light that runs through: the steps where pieces of the photo meet are spread as smoothly as can be.

Of the copied picture only the differences between neighbours are believed, each from the place that it was copied
from; the picture that has them, and meets the photo at the hole's edge, is found by multigrid. Perez, Gangnet and
Blake, "Poisson image editing" (SIGGRAPH 2003). Large steps are edges and stay.
"""

import cv2
import numpy as np

from editor.engines.patches import seam_kernels
from editor.engines.patches.crew import Crew

LARGE = 60.0  # 1/255: steps much larger are edges
CHOSEN = 30.0  # the same where the user has said what to copy, and wants it as it is
_SWEEPS = 2  # at each size, before and after the coarser ones
_ROWS = 64  # to a stretch of work


def evened(image: np.ndarray, known: np.ndarray, holes: np.ndarray, offsets: np.ndarray, cuts: np.ndarray,
           team: Crew, large: float = LARGE) -> np.ndarray:
    """What to add to the copied pixels ``holes`` (n, 2) of ``image`` (h, w, 3): (n, 3) float32 in units of 1/255.

    known (h, w) uint8; offsets (h, w, 2) int16; cuts: of the list of pixels into stretches. large: steps much larger
    stay, four times that at the hole's edge.
    """
    scale = np.float32(255 / np.iinfo(image.dtype).max)
    steps = np.empty((len(holes), 3), np.float32)
    team.each(seam_kernels.steps_at_seams, image, known, holes, offsets, scale, np.float32(large), steps, cuts=cuts)
    corner = np.maximum(holes.min(axis=0) - 1, 0)
    shape = np.minimum(holes.max(axis=0) + 2, known.shape) - corner
    y, x = (holes - corner).T
    hole = np.zeros(shape, np.uint8)
    hole[y, x] = 1
    wanted = np.zeros(shape, np.float32)
    for channel in range(3):
        wanted[y, x] = steps[:, channel]
        film = np.zeros_like(wanted)
        _cycle(film, wanted, hole, team)
        steps[:, channel] = film[y, x]
    return steps


def _cycle(film: np.ndarray, wanted: np.ndarray, hole: np.ndarray, team: Crew) -> None:
    height, width = hole.shape
    cuts = np.append(np.arange(0, height, _ROWS), height)
    smaller = min(height, width) >= 8
    for sweep in range(2 * (_SWEEPS if smaller else 8 * _SWEEPS)):
        team.each(seam_kernels.relax, film, wanted, hole, sweep % 2, cuts=cuts)
    if not smaller:
        return
    rest = np.empty_like(film)
    team.each(seam_kernels.remainder, film, wanted, hole, rest, cuts=cuts)
    edge = (0, height % 2, 0, width % 2)
    size = ((width + 1) // 2, (height + 1) // 2)
    # A pixel at half the size stands for four; it is one of the hole's where all of them are.
    less = 4 * cv2.resize(cv2.copyMakeBorder(rest, *edge, cv2.BORDER_CONSTANT), size, interpolation=cv2.INTER_AREA)
    whole = cv2.copyMakeBorder(hole, *edge, cv2.BORDER_REPLICATE)
    inner = whole[::2, ::2] & whole[1::2, ::2] & whole[::2, 1::2] & whole[1::2, 1::2]
    coarse = np.zeros_like(less)
    if inner.any():
        _cycle(coarse, less, inner, team)
        fine = cv2.resize(coarse, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_LINEAR)[:height, :width]
        fine *= hole
        film += fine
    for sweep in range(2 * _SWEEPS):
        team.each(seam_kernels.relax, film, wanted, hole, sweep % 2, cuts=cuts)
