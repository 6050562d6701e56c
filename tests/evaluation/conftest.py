import cv2
import numpy as np
import pytest


@pytest.fixture(scope="session")
def cat() -> np.ndarray:
    from skimage import data

    return data.chelsea()[:240, 60:380].copy()


@pytest.fixture(scope="session")
def hole(cat) -> np.ndarray:
    """A disc of 40 px radius on the cat's face."""
    return cv2.circle(np.zeros(cat.shape[:2], np.uint8), (150, 120), 40, 1, -1).view(bool)


@pytest.fixture(scope="session")
def with_hole_blurred(cat, hole):
    """The cat with the hole's content blurred by a sigma."""

    def blurred(sigma: float) -> np.ndarray:
        return np.where(hole[..., None], cv2.GaussianBlur(cat, (0, 0), sigma), cat)

    return blurred
