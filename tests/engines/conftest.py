import cv2
import numpy as np
import pytest


def read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


def specks(shape: tuple[int, int], number: int, seed: int = 1) -> np.ndarray:
    """A mask with that many specks of up to 12 px, some touching one another or the border."""
    random = np.random.default_rng(seed)
    mask = np.zeros(shape, np.uint8)
    for y, x, radius in zip(random.integers(0, shape[0], number), random.integers(0, shape[1], number),
                            random.integers(1, 7, number), strict=True):
        cv2.circle(mask, (int(x), int(y)), int(radius), 255, -1)
    return mask


@pytest.fixture(scope="session")
def coffee() -> np.ndarray:
    """A photograph, (400, 600, 3) uint8."""
    from skimage import data

    return read_only(data.coffee())


@pytest.fixture(scope="session")
def fine_sky() -> np.ndarray:
    """A sky of 16 bits with less than one 8-bit step between neighbouring rows, (300, 400, 3)."""
    rows = np.linspace(20000, 24000, 300)[:, None, None]
    return read_only(np.broadcast_to(rows * [0.8, 1.0, 1.4], (300, 400, 3)).astype(np.uint16))
