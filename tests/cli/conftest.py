from pathlib import Path

import cv2
import numpy as np
import pytest

from editor.main import main


@pytest.fixture
def pentimento(capsys):
    """Run the program: (exit status, standard output, standard error)."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    from skimage import data

    return data.astronaut()[:240, :320]


@pytest.fixture
def photo(tmp_path, astronaut) -> Path:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), astronaut[..., ::-1])
    return path


@pytest.fixture
def mask(tmp_path) -> Path:
    path = tmp_path / "mask.png"
    hole = cv2.circle(np.zeros((240, 320), np.uint8), (200, 120), 20, 255, -1)
    cv2.imwrite(str(path), hole)
    return path


@pytest.fixture
def one_line():
    """Check that an error is one line ``error: …`` and return it."""

    def check(answer: tuple[int, str, str]) -> str:
        status, out, err = answer
        assert status == 2 and out == ""
        assert err.startswith("error: ") and err.count("\n") == 1 and "Traceback" not in err
        return err

    return check
