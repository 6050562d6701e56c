"""The shape of the program: who may import whom, and what stays out of the start."""

import re
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

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


@pytest.mark.parametrize("start", ["editor.app.run", "editor.cli.run"])
def test_start_leaves_expensive_libraries_alone(start):
    loaded = run_python("-c", f"import editor.main, {start}, sys; print(*sys.modules)").split()
    assert start in loaded
    assert not EXPENSIVE & set(loaded)
