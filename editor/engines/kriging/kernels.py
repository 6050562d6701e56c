"""The inner loops of kriging, compiled: imported only once a fill needs them, since numba loads slowly.

They let go of the interpreter's lock, so that threads share the cells. No cell reads what another of the same call
writes: same pixels, whatever the number of threads.
"""

import numpy as np
from numba import njit

SIDE = 8  # pixels to a cell, whose unknown pixels are estimated together
LAGS = 64  # to a side of a table of covariances: lags of -32 to 31 pixels, wrapped
_FARTHEST = 24  # pixels that a witness may be away
_MOST = SIDE + 2 * _FARTHEST
_NUGGET = 0.001  # of the variance: how far a witness is not trusted


@njit(nogil=True, cache=True)
def reach_of(depth):
    """How far round a cell witnesses are looked for, given how deep in the hole its deepest pixel lies."""
    return min(_FARTHEST, np.int64(depth) + 5)


@njit(nogil=True, cache=True)
def _witnesses(known, rows, columns, count, box, most, out):
    """The ``most`` known pixels within ``box`` that are nearest to any of the unknown ones, as (row, column) in
    ``out``; how many there are."""
    top, left, bottom, right = box
    farthest = 4 * _FARTHEST * _FARTHEST
    numbers = np.zeros(farthest + 2, np.int64)
    found = 0
    places = np.empty((_MOST * _MOST, 3), np.int64)
    for y in range(top, bottom):
        for x in range(left, right):
            if not known[y, x]:
                continue
            near = farthest
            for i in range(count):
                dy, dx = y - rows[i], x - columns[i]
                near = min(near, dy * dy + dx * dx)
            places[found, 0], places[found, 1], places[found, 2] = near, y, x
            numbers[near + 1] += 1
            found += 1
    total = 0
    for near in range(farthest + 2):
        total += numbers[near]
        numbers[near] = total
    for i in range(found):
        near = places[i, 0]
        if numbers[near] < most:
            out[numbers[near], 0], out[numbers[near], 1] = places[i, 1], places[i, 2]
        numbers[near] += 1
    return min(found, most)


@njit(nogil=True, cache=True, fastmath=True)
def _solved(matrix, right, count):
    """Solve a symmetric positive definite system in place: ``right`` (count, k) becomes its solutions (Cholesky)."""
    for i in range(count):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            if i == j:
                matrix[i, i] = np.sqrt(max(total, 1e-12))
            else:
                matrix[i, j] = total / matrix[j, j]
    for c in range(right.shape[1]):
        for i in range(count):
            total = right[i, c]
            for k in range(i):
                total -= matrix[i, k] * right[k, c]
            right[i, c] = total / matrix[i, i]
        for i in range(count - 1, -1, -1):
            right[i, c] /= matrix[i, i]
            for k in range(i):
                right[k, c] -= matrix[i, k] * right[i, c]


@njit(nogil=True, cache=True)
def estimate(image, known, wanted, depth, cells, covariances, most, out):
    """Write to ``out`` (h, w, c) float32 what the wanted pixels of some cells are likeliest to be.

    image: (h, w, c) float32. known, wanted: (h, w) bool. depth: (h, w) float32, how far each unknown pixel is from the
    known ones. cells: (n, 2), their first rows and columns, which may lie before the image. covariances: (n, LAGS,
    LAGS) float32, how pixels go together round each cell, by how far apart they lie. most: witnesses to a cell.
    """
    height, width, channels = image.shape
    rows, columns = np.empty(SIDE * SIDE, np.int64), np.empty(SIDE * SIDE, np.int64)
    places = np.empty((most, 2), np.int64)
    matrix = np.empty((most, most), np.float64)
    right = np.empty((most, channels + 1), np.float64)
    for cell in range(len(cells)):
        table, count, deepest = covariances[cell], 0, np.float32(0)
        top, left, bottom, right_edge = height, width, 0, 0
        for y in range(max(0, cells[cell, 0]), min(height, cells[cell, 0] + SIDE)):
            for x in range(max(0, cells[cell, 1]), min(width, cells[cell, 1] + SIDE)):
                if wanted[y, x]:
                    rows[count], columns[count] = y, x
                    count += 1
                    deepest = max(deepest, depth[y, x])
                    top, bottom = min(top, y), max(bottom, y + 1)
                    left, right_edge = min(left, x), max(right_edge, x + 1)
        reach = reach_of(deepest)
        box = (max(0, top - reach), max(0, left - reach), min(height, bottom + reach), min(width, right_edge + reach))
        found = _witnesses(known, rows, columns, count, box, most, places)
        if found == 0:
            continue
        noise = np.float64(_NUGGET) * table[0, 0] + 1e-9
        for i in range(found):
            y, x = places[i]
            for j in range(i + 1):
                matrix[i, j] = table[(y - places[j, 0]) % LAGS, (x - places[j, 1]) % LAGS]
            matrix[i, i] += noise
            for c in range(channels):
                right[i, c] = image[y, x, c]
            right[i, channels] = 1
        _solved(matrix, right[:found], found)
        one = 0.0
        for i in range(found):
            one += right[i, channels]
        for c in range(channels):
            total, lowest, highest = 0.0, np.float32(np.inf), np.float32(-np.inf)
            for i in range(found):
                total += right[i, c]
                value = image[places[i, 0], places[i, 1], c]
                lowest, highest = min(lowest, value), max(highest, value)
            mean = total / one  # the likeliest one, given the witnesses
            for u in range(count):
                value = mean
                for i in range(found):
                    value += (right[i, c] - mean * right[i, channels]) * table[
                        (places[i, 0] - rows[u]) % LAGS, (places[i, 1] - columns[u]) % LAGS]
                out[rows[u], columns[u], c] = min(max(value, lowest), highest)
