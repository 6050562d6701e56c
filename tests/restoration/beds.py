"""Scanners' beds made by code, with photographs on them whose places are known to a fraction of a pixel."""

import importlib.util
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from editor.raster.rectangle import Rectangle

NAMES = ("astronaut.png", "chelsea.png", "coffee.png", "camera.png", "rocket.jpg", "ihc.png")


@lru_cache
def a_photograph(name: str) -> np.ndarray:
    """One of scikit-image's, (h, w, 3) uint8."""
    path = Path(importlib.util.find_spec("skimage").origin).parent / "data" / name
    return cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def an_empty_bed(shape: tuple[int, int], lid: float | tuple[float, float, float] = 250.0, shading: float = 0.0,
                 dust: int = 0, seed: int = 0) -> np.ndarray:
    """(h, w, 3) float32 levels of 255. ``shading``: by how many levels the lid darkens towards one corner."""
    random = np.random.default_rng(seed)
    rows, columns = np.indices(shape, np.float32)
    slope = (rows / shape[0] + columns / shape[1]) / 2
    bed = np.broadcast_to(np.float32(lid), (*shape, 3)) - shading * slope[..., None] ** 1.3
    for _ in range(dust):
        x, y = (int(random.integers(0, side)) for side in shape[::-1])
        cv2.circle(bed, (x, y), int(random.integers(1, 4)), (90, 85, 80), -1)
    return np.ascontiguousarray(bed, np.float32)


def lay(bed: np.ndarray, place: Rectangle, name: str, *, border: float = 0.0, paper: float = 244.0,
        shadow: float = 0.0, torn: float = 0.0) -> None:
    """Lay a photograph on it. border: of white paper round it, in pixels; shadow: how dark a soft line, 4 pixels wide,
    lies beside its right and lower edges; torn: the length of a corner that is missing."""
    picture = cv2.resize(a_photograph(name), (round(place.width), round(place.height)), interpolation=cv2.INTER_AREA)
    picture = cv2.copyMakeBorder(picture, *[2] * 4, cv2.BORDER_REPLICATE).astype(np.float32)
    right, down = _own(bed.shape[:2], place)
    seen = cv2.remap(picture, right + place.width / 2 + 1.5, down + place.height / 2 + 1.5, cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_REPLICATE)
    if border:
        inner = np.minimum(place.width / 2 - border - np.abs(right), place.height / 2 - border - np.abs(down))
        share = np.clip(inner + 0.5, 0, 1)[..., None]
        seen = share * seen + (1 - share) * np.float32((paper, paper - 1, paper - 4))
    inside = np.minimum(place.width / 2 - np.abs(right), place.height / 2 - np.abs(down))
    if torn:  # the upper left one
        inside = np.minimum(inside, (right + place.width / 2 + down + place.height / 2 - torn) / np.sqrt(2))
    if shadow:
        beside = np.maximum(right - place.width / 2, down - place.height / 2)
        under = (inside < 0) & (beside > 0) & (right > -place.width / 2 + 2) & (down > -place.height / 2 + 2)
        bed -= (shadow * np.clip(1 - np.abs(beside - 1) / 4, 0, 1) * under)[..., None]
    share = np.clip(inside + 0.5, 0, 1)[..., None]
    bed[:] = share * seen + (1 - share) * bed


def scanned(bed: np.ndarray, grain: float = 1.5, dtype: type = np.uint8, seed: int = 1) -> np.ndarray:
    """What a scanner makes of it: a little soft, a little noisy, (h, w, 3) of ``dtype``."""
    soft = cv2.GaussianBlur(bed, (0, 0), 0.6)
    noisy = soft + grain * np.random.default_rng(seed).standard_normal(bed.shape, np.float32)
    return np.rint(np.clip(noisy, 0, 255) * (np.iinfo(dtype).max / 255)).astype(dtype)


def farthest(found: Rectangle, truth: Rectangle) -> float:
    """Pixels between a corner and where it should be, at most."""
    return float(np.hypot(*(found.corners() - truth.corners()).T).max())


def _own(shape: tuple[int, int], place: Rectangle) -> tuple[np.ndarray, np.ndarray]:
    """For the middle of every pixel, how far right and down of the place's centre it lies."""
    rows, columns = np.indices(shape, np.float32)
    (ax, ay), (bx, by) = place.axes
    x, y = columns + 0.5 - place.centre[1], rows + 0.5 - place.centre[0]
    return (x * ax + y * ay).astype(np.float32), (x * bx + y * by).astype(np.float32)
