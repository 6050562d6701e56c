"""The inner loops of the denoiser, compiled: imported only once one is needed, since numba loads slowly.

Blocks of 16 x 16 overlap and stand on a grid. Each is taken to its discrete cosine transform, its coefficients are
shrunk by what of them is noise, and what comes back is averaged over all the blocks that a pixel lies in (Yaroslavsky
1996; Yu and Sapiro, "DCT image denoising", IPOL 2011). The vertical transforms are done once for a row of blocks
instead of once for a block, since neighbours share them.
"""

import numpy as np
from numba import njit

SIZE = 16  # pixels of a block's side


def cosines() -> np.ndarray:
    """(SIZE, SIZE) float32: the orthonormal DCT-II, a row for each frequency."""
    k, n = np.mgrid[:SIZE, :SIZE]
    basis = np.sqrt(2 / SIZE) * np.cos(np.pi * (2 * n + 1) * k / (2 * SIZE))
    basis[0] /= np.sqrt(2)
    return basis.astype(np.float32)


@njit(nogil=True, cache=True, fastmath=True)
def _down(basis, rows, out):
    """out = basis @ rows: (SIZE, w)."""
    width = rows.shape[1]
    for i in range(SIZE):
        line = out[i]
        for x in range(width):
            line[x] = basis[i, 0] * rows[0, x]
        for k in range(1, SIZE):
            factor, source = basis[i, k], rows[k]
            for x in range(width):
                line[x] += factor * source[x]


@njit(nogil=True, cache=True, fastmath=True)
def _across(basis, line, start, out):
    """out[j] = sum over k of line[start + k] * basis[k, j]: a row of a block."""
    for j in range(SIZE):
        out[j] = np.float32(0)
    for k in range(SIZE):
        value, factors = line[start + k], basis[k]
        for j in range(SIZE):
            out[j] += value * factors[j]


@njit(nogil=True, cache=True, fastmath=True)
def shrink(plane, pilot, guided, noise, level, stride, threshold, forth, total, weights):
    """Adds to ``total`` and ``weights`` (h, w) what the blocks of ``plane`` (h, w) say, all float32.

    h and w are SIZE and a multiple of ``stride``, the pixels between blocks. noise (SIZE, SIZE): variance of each
    coefficient; level (rows, columns of blocks): how many times that it is, in each block. guided: coefficients are
    multiplied by what part of them the ``pilot``, a denoised picture, says is signal (Wiener); else they are kept or
    not, by ``threshold`` deviations. forth (SIZE, SIZE): cosines().
    """
    height, width = plane.shape
    back = forth.T.copy()
    vertical = np.empty((SIZE, width), np.float32)
    hinted = np.empty((SIZE, width), np.float32)
    gathered = np.empty((SIZE, width), np.float32)
    counted = np.empty(width, np.float32)
    block = np.empty((SIZE, SIZE), np.float32)
    hint = np.empty(SIZE, np.float32)
    line = np.empty(SIZE, np.float32)
    limit = threshold * threshold
    for row in range((height - SIZE) // stride + 1):
        top = row * stride
        _down(forth, plane[top:top + SIZE], vertical)
        if guided:
            _down(forth, pilot[top:top + SIZE], hinted)
        gathered[:] = 0
        counted[:] = 0
        for column in range((width - SIZE) // stride + 1):
            left = column * stride
            times = level[row, column]
            kept = np.float32(0)
            for i in range(SIZE):
                coefficients, variances = block[i], noise[i]
                _across(back, vertical[i], left, coefficients)
                if guided:
                    _across(back, hinted[i], left, hint)
                    for j in range(SIZE):
                        power = hint[j] * hint[j]
                        gain = power / (power + times * variances[j] + np.float32(1e-20))
                        coefficients[j] *= gain
                        kept += gain * gain
                else:
                    for j in range(SIZE):
                        stays = np.float32(coefficients[j] * coefficients[j] > limit * times * variances[j])
                        coefficients[j] *= stays
                        kept += stays
            trust = np.float32(1) / (np.float32(1) + kept)
            for i in range(SIZE):
                _across(forth, block[i], 0, line)
                target = gathered[i]
                for j in range(SIZE):
                    target[left + j] += trust * line[j]
            for j in range(SIZE):
                counted[left + j] += trust
        for k in range(SIZE):
            out, counts = total[top + k], weights[top + k]
            for i in range(SIZE):
                factor, source = forth[i, k], gathered[i]
                for x in range(width):
                    out[x] += factor * source[x]
            for x in range(width):
                counts[x] += counted[x]
