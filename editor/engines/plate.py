"""Thin plates bent over holes: the biharmonic equation, for many holes at once.

The equations are those of scikit-image's ``inpaint_biharmonic`` (Damelin and Hoang, "On surface completion and image
inpainting by biharmonic functions", 2018): the square of the five-point Laplacian of the pixel grid, whose border lets
nothing through. scikit-image writes them down pixel by pixel in Python near a border, and wants one call a hole; here
they are made for all unknown pixels together, and solved as the symmetric system that they are.
"""

import numpy as np

_STENCIL = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1),
            (0, 2), (0, -2), (2, 0), (-2, 0))
REACH = 2  # of the stencil


def bent(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """What stands in ``hole`` (h, w) bool of ``image`` (h, w, c) once plates are bent over it: (n, c) float64, row by
    row, in the image's range but for overshoots.

    At least one pixel of the picture must be known. Some 100 ms for 25,000 unknown pixels, most of it outside Python.
    """
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import splu

    height, width = hole.shape
    rows, columns = np.nonzero(hole)
    count = len(rows)
    number = np.full(hole.shape, -1, np.int32)
    number[rows, columns] = np.arange(count, dtype=np.int32)
    entries, known = [], np.zeros((count, image.shape[2]))
    degrees = _degrees(rows, columns, hole.shape)
    for down, across in _STENCIL:
        y, x = rows + down, columns + across
        inside = np.flatnonzero((y >= 0) & (y < height) & (x >= 0) & (x < width))
        y, x, degree = y[inside], x[inside], degrees[inside]
        # An entry of the squared Laplacian counts the ways of two steps from the one pixel to the other.
        if (down, across) == (0, 0):
            weights = degree * (degree + 1)
        elif abs(down) + abs(across) == 1:
            weights = -(degree + _degrees(y, x, hole.shape))
        else:
            weights = np.full(len(y), 2.0 if down and across else 1.0)
        other = number[y, x]
        rim = other < 0
        entries.append((weights[~rim], inside[~rim], other[~rim]))
        known[inside[rim]] -= weights[rim, None] * image[y[rim], x[rim]]
    weights, first, second = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    matrix = csc_array((weights, (first, second)), shape=(count, count))
    return splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}).solve(known)


def _degrees(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """How many of the four neighbours of each pixel lie in the picture, float64."""
    return 4.0 - (rows == 0) - (rows == shape[0] - 1) - (columns == 0) - (columns == shape[1] - 1)
