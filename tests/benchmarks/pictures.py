"""Photographs at camera resolution, made by code so that anyone can measure with the same ones."""

import importlib.util
from pathlib import Path

import cv2
import numpy as np

SIZES = {12: (3000, 4000), 24: (4000, 6000), 48: (6000, 8000)}  # megapixels: (height, width)


def photograph(megapixels: int) -> np.ndarray:
    """(h, w, 3) uint8 RGB: scikit-image's coffee enlarged and mirrored, with grain as a camera has it."""
    path = Path(importlib.util.find_spec("skimage").origin).parent / "data" / "coffee.png"
    coffee = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    quarter = cv2.resize(coffee, (2000, 1500), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(1).normal(0, 3, quarter.shape)
    quarter = np.clip(quarter + noise, 0, 255).astype(np.uint8)
    block = np.concatenate([quarter, quarter[:, ::-1]], axis=1)
    block = np.concatenate([block, block[::-1]], axis=0)
    height, width = SIZES[megapixels]
    return np.tile(block, (-(-height // 3000), -(-width // 4000), 1))[:height, :width]


def jpeg(megapixels: int, folder: Path) -> Path:
    """The same as a JPEG file of quality 92."""
    path = folder / f"{megapixels}mp.jpg"
    if not path.exists():
        cv2.imwrite(str(path), photograph(megapixels)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    return path
