"""The shape of the program: who may import whom, and what stays out of the start."""

import re
import subprocess
import sys
from pathlib import Path

import cv2

TOP = Path(__file__).parents[1]
EXPENSIVE = {"torch", "numba", "OpenImageIO", "skimage", "scipy", "PIL"}


def run_python(*arguments: str) -> str:
    """What Python prints when run with these arguments from the top of the checkout; it must exit with 0."""
    done = subprocess.run([sys.executable, *arguments], cwd=TOP, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_rooms_import_one_way():
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    assert "0 broken" in run_python("-c", lint)


def test_code_is_clean():
    run_python("-m", "ruff", "check", "--no-cache", "editor", "tests", "packaging")


def test_opencv_brings_no_window_toolkit_of_its_own():
    assert re.search(r"GUI:\s+NONE", cv2.getBuildInformation())


def test_commands_start_without_expensive_libraries():
    start = "import sys; from editor.main import main; main(['--version']); print(*sys.modules)"
    loaded = run_python("-c", start).split()
    assert "editor.cli.run" in loaded
    assert not EXPENSIVE & set(loaded)


# One round of events paints the window; then it says what was loaded for that.
OPEN_WINDOW = """
import os, sys
from PySide6.QtWidgets import QApplication
from editor.main import main

def one_round():
    QApplication.processEvents()
    print(*sys.modules)
    print(*(widget.isVisible() for widget in QApplication.topLevelWidgets()), flush=True)
    os._exit(0)

QApplication.exec = staticmethod(one_round)
main([])
"""


def test_window_is_up_before_expensive_libraries(tmp_path, monkeypatch):
    for place in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(place, str(tmp_path))
    loaded = run_python("-c", OPEN_WINDOW).split()
    assert "True" in loaded
    assert not EXPENSIVE & set(loaded)
