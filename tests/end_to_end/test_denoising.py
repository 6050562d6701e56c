"""Grain taken out in the window, seen first and applied as one step."""

import importlib.util
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from doing import CTRL, action, composite, dialog, press, seen_photo, set_brush, show, steps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QLabel
from skimage.metrics import peak_signal_noise_ratio as psnr

from editor.document.photo import Photo
from editor.evaluation.film import with_grain
from editor.restoration.contract import Scan
from editor.restoration.denoising import Denoise, DenoiseSettings
from editor.restoration.filtering import restored


@lru_cache
def cat() -> tuple[np.ndarray, np.ndarray]:
    """Without and with grain, 16 bits."""
    path = Path(importlib.util.find_spec("skimage").origin).parent / "data" / "chelsea.png"
    truth = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)[:, :440] / np.float32(255)
    return tuple(np.rint(pixels * 65_535).astype(np.uint16) for pixels in (truth, with_grain(truth, 0.05, 1.2)))


@pytest.fixture
def grainy(window) -> np.ndarray:
    show(window, Photo(cat()[1]))
    assert window.canvas.view.scale == 1
    return cat()[1]


def opened(qtbot, window):
    action(window, "filter_denoise").trigger()
    return dialog(qtbot, window, "filter-dialog")


def applied(qtbot, window, box) -> np.ndarray:
    count = len(steps(window))
    press(box, "apply-filter")
    qtbot.waitUntil(lambda: len(steps(window)) > count, timeout=60000)
    return composite(window)


def test_grain_goes_from_the_canvas_and_then_from_the_picture(qtbot, window, hands, grainy):
    box = opened(qtbot, window)
    note = box.findChild(QLabel, "filter-note")
    qtbot.waitUntil(lambda: note.text() == "The canvas shows the result.", timeout=60000)
    expected = restored(Scan.of(grainy), Denoise())
    assert np.abs(seen_photo(window) - np.rint(expected / 257)).max() <= 1
    box.findChild(QDoubleSpinBox, "setting-keep_grain").setValue(0.0)
    made = applied(qtbot, window, box)
    assert np.array_equal(made, restored(Scan.of(grainy), Denoise(), DenoiseSettings(keep_grain=0.0)))
    truth = cat()[0]
    assert psnr(truth, made) > psnr(truth, grainy) + 2
    assert steps(window) == ["Denoise"]
    hands.key(Qt.Key.Key_Z, CTRL)
    assert np.array_equal(composite(window), grainy)


def test_a_painted_mask_limits_it_and_what_is_given_up_leaves_nothing(qtbot, window, hands, grainy):
    set_brush(window, size=80, hardness=1.0)
    hands.stroke((220, 150))
    covered = window.document.mask.read(window.document.base.bounds)[..., 0]
    box = opened(qtbot, window)
    qtbot.waitUntil(box.isActiveWindow)
    QTest.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not box.isVisible())
    assert np.array_equal(composite(window), grainy)
    made = applied(qtbot, window, opened(qtbot, window))
    assert np.array_equal(made[covered == 0], grainy[covered == 0])
    whole = restored(Scan.of(grainy), Denoise())
    assert np.abs(made[covered == 255].astype(int) - whole[covered == 255]).max() <= 1
