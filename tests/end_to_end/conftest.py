"""The real window, driven with real events, on photographs that come with scikit-image."""

import importlib.util
import shutil
from pathlib import Path

import pytest
from doing import a_picture, open_and_wait, set_brush, show
from hands import Hands
from PySide6.QtWidgets import QApplication

from editor.app import theme
from editor.app.settings import Settings
from editor.app.window import Window
from editor.document.photo import Photo


def skimage_photo(name: str) -> Path:
    """A photograph of scikit-image's package data."""
    return Path(importlib.util.find_spec("skimage").origin).parent / "data" / name


@pytest.fixture
def photo(tmp_path) -> Path:
    """A copy of a small colour photograph, 300 x 451."""
    return Path(shutil.copy(skimage_photo("chelsea.png"), tmp_path / "cat.png"))


@pytest.fixture
def new_window(qtbot, tmp_path, monkeypatch):
    """Makes windows as a start of the program does, with settings and sessions of the test's own."""
    monkeypatch.setenv("PENTIMENTO_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("PENTIMENTO_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PENTIMENTO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "data"))
    theme.apply(QApplication.instance())
    windows = []

    def make() -> Window:
        window = Window(Settings())
        windows.append(window)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        return window

    yield make
    for window in windows:
        window.files.forget_unsaved()
        window.close()
        window.deleteLater()
    qtbot.wait(1)


@pytest.fixture
def window(new_window) -> Window:
    return new_window()


@pytest.fixture
def hands(window) -> Hands:
    return Hands(window)


@pytest.fixture
def opened(qtbot, window, photo, hands):
    """The window with the cat in it."""
    open_and_wait(qtbot, window, photo)
    return window


@pytest.fixture
def painting(window):
    """A photograph of 300 x 440 at 100 %, and a hard mask brush of 30 pixels."""
    show(window, Photo(a_picture()))
    set_brush(window, size=30, hardness=1.0)
    assert window.canvas.view.scale == 1
    return window
