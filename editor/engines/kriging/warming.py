"""Compiles the kernels and keeps them on disk, so that the first mending does not wait: run during set-up.

python -m editor.engines.kriging.warming
"""

import numpy as np

from editor.engines.kriging.estimating import estimated


def warm() -> None:
    """One estimate; its kernels see floats, whatever the depth of the photo."""
    hole = np.zeros((64, 64), bool)
    hole[30:34, 20:40] = True
    estimated(np.zeros((64, 64, 3), np.uint8), hole, hole, lambda fraction: None)


if __name__ == "__main__":
    warm()
