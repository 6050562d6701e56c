"""Photographs that come with scikit-image, as files and as training sees them."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch


@pytest.fixture(autouse=True)
def small_and_apart(own_models, one_thread):
    """Networks of few channels, on small pictures, and none of the user's own."""


@pytest.fixture
def random():
    return torch.Generator().manual_seed(7)


@pytest.fixture(scope="session")
def photographs() -> dict[str, np.ndarray]:
    """(h, w, 3) uint8 RGB."""
    from skimage import data

    found = {"astronaut": data.astronaut(), "cat": data.chelsea(), "coffee": data.coffee(), "rocket": data.rocket()}
    return {name: cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            for name, picture in found.items()}


@pytest.fixture(scope="session")
def pictures(photographs) -> torch.Tensor:
    """(4, 3, 128, 128) -1..1."""
    squares = [cv2.resize(picture[:150, :150], (128, 128), interpolation=cv2.INTER_AREA)
               for picture in photographs.values()]
    return torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).float() / 127.5 - 1


@pytest.fixture
def folder(tmp_path, photographs) -> Path:
    """A folder of the photographs."""
    into = tmp_path / "photos"
    into.mkdir()
    for name, picture in photographs.items():
        cv2.imwrite(str(into / f"{name}.png"), picture[..., ::-1])
    return into
