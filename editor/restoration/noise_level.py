"""How strong a scan's grain and noise are, at each brightness.

Measured in blocks from all over the picture, after the surface of second order that fits each has been taken off; of
blocks alike in brightness the calmest count, since the others have texture besides.
"""

import cv2
import numpy as np

from editor.engines.contract import Progress
from editor.raster.surface import Box
from editor.restoration.contract import Scan

_BLOCK = 16  # pixels: several times as large as grain
_PATCH = 256  # pixels: a side of what is read at once
_PATCHES = 36
_CLASSES = 12  # of brightness
_ENOUGH = 24  # blocks of a class
_CALM = 0.15  # the share of blocks that are taken to have no texture
_DULLEST = 1.1  # what the calmest of many are short of their mean
_CLIPPED = (2 / 255, 253 / 255)  # beyond them there may be noise that the scan cannot show


def noise_by_brightness(scan: Scan, progress: Progress) -> np.ndarray:
    """(256,) float32: standard deviation of the luminance's noise where the luminance is 0, 1/255, … 1; in units of
    0..1. Zeros where there is nothing to measure it in.
    """
    blocks = np.concatenate([_blocks(scan.floats(box)) for box in _patches(scan, progress)])
    if not len(blocks):
        return np.zeros(256, np.float32)
    mean = blocks.mean(axis=1)
    good = (mean > _CLIPPED[0]) & (mean < _CLIPPED[1])
    strength = _rest(blocks[good]).std(axis=1) * np.sqrt(_BLOCK**2 / (_BLOCK**2 - 6))  # six go with the surface
    place = np.minimum((mean[good] * _CLASSES).astype(int), _CLASSES - 1)
    centres, levels = [], []
    for number in range(_CLASSES):
        of_class = strength[place == number]
        if len(of_class) >= _ENOUGH:
            centres.append((number + 0.5) / _CLASSES)
            levels.append(_DULLEST * np.quantile(of_class, _CALM))
    if not levels:  # a small picture
        centres, levels = [0.5], [np.quantile(strength, _CALM) if len(strength) else 0.0]
    return np.interp(np.linspace(0, 1, 256), centres, levels).astype(np.float32)


def _patches(scan: Scan, progress: Progress):
    """Boxes evenly over the picture."""
    down, across = (np.unique(np.linspace(0, max(0, side - _PATCH), int(_PATCHES**0.5)).astype(int))
                    for side in scan.shape)
    for top in down.tolist():
        for left in across.tolist():
            progress(0.9, "Measuring the grain")
            yield Box(top, left, top + _PATCH, left + _PATCH).intersect(scan.bounds)


def _blocks(pixels: np.ndarray) -> np.ndarray:
    """(n, _BLOCK**2) luminance."""
    luma = pixels[..., 0] if pixels.shape[2] == 1 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    rows, columns = luma.shape[0] // _BLOCK, luma.shape[1] // _BLOCK
    blocks = luma[:rows * _BLOCK, :columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    return blocks.transpose(0, 2, 1, 3).reshape(-1, _BLOCK**2)


def _rest(blocks: np.ndarray) -> np.ndarray:
    """The blocks less the surface of second order that fits each best."""
    y, x = np.mgrid[-1:1:_BLOCK * 1j, -1:1:_BLOCK * 1j].reshape(2, -1)
    basis, _ = np.linalg.qr(np.stack([x**i * y**j for i in range(3) for j in range(3 - i)], axis=1))
    basis = basis.astype(np.float32)
    return blocks - (blocks @ basis) @ basis.T
