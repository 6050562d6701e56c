"""The patch engine: what it makes of a hole."""

import cv2
import numpy as np
import pytest

from editor.engines.patches.engine import filled


@pytest.fixture(scope="session")
def stripes() -> np.ndarray:
    """Slanted stripes of 8 pixels, (160, 200, 3)."""
    y, x = np.mgrid[:160, :200]
    light = ((x + y) % 16 < 8) * 120 + 60
    return np.stack([light, light, 255 - light], axis=2).astype(np.uint8)


def test_stripes_go_on(stripes):
    hole = cv2.circle(np.zeros(stripes.shape[:2], np.uint8), (100, 80), 30, 255, -1) > 0
    pixels, notes = filled(np.where(hole[..., None], 0, stripes), hole, None, 0, lambda fraction, words="": None)
    assert not notes
    assert (pixels[hole] == stripes[hole]).all(axis=1).mean() > 0.98
