import numpy as np
import pytest


def read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


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
