"""Compiles the kernels and keeps them on disk, so that the first fill does not wait: run during set-up.

python -m editor.engines.patches.warming
"""

import numpy as np

from editor.engines.contract import FillRequest, no_progress
from editor.engines.patches.engine import Patches


def warm() -> None:
    """One fill at each depth, large enough for every kernel to be used on every kind of picture."""
    side, middle = 560, slice(150, 410)
    noise = np.random.default_rng(0).integers(0, 255, (side, side, 3))
    hole = np.zeros((side, side), np.float32)
    hole[middle, middle] = 1
    for dtype, step in ((np.uint8, 1), (np.uint16, 257)):
        for _ in Patches().fill(FillRequest((noise * step).astype(dtype), hole), no_progress):
            pass


if __name__ == "__main__":
    warm()
