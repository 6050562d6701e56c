"""Damaged pictures made by code, and networks that need no training."""

import cv2
import numpy as np
import pytest


@pytest.fixture(autouse=True)
def small_and_apart(own_models, one_thread):
    """Networks of few channels, on small pictures, and none of the user's own."""


@pytest.fixture(scope="session")
def scratched() -> tuple[np.ndarray, np.ndarray]:
    """A smooth picture (300, 420, 3) uint8 with grain, scratched and dusty, and where it is (300, 420) bool."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[:300, :420].astype(np.float32)
    grey = 90 + 40 * np.sin(x / 90) + 40 * np.cos(y / 70) + 3 * random.standard_normal((300, 420))
    truth = np.zeros((300, 420), np.uint8)
    cv2.line(truth, (30, 20), (200, 280), 255, 2)
    cv2.polylines(truth, [np.array([[250, 40], [300, 120], [290, 220], [350, 260]])], False, 255, 1)
    for at in ((80, 230), (330, 60), (380, 180)):
        cv2.circle(truth, at, 3, 255, -1)
    grey = np.where(truth > 0, 235, grey)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, 2), truth > 0
