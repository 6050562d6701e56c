"""Find damage in the window: searched once, marked as sensitively as is asked, corrected and undone as one step."""

import cv2
import numpy as np
import pytest
from doing import CTRL, action, dialog, mask_of, message, press, set_brush, show, steps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QPushButton, QSlider, QSpinBox

from editor.document.photo import Photo
from editor.engines.networks import store
from editor.raster.surface import Box
from editor.restoration import finding

KEY = Qt.Key


@pytest.fixture(autouse=True)
def filters_only(tmp_path, monkeypatch):
    """Whatever the network is worth: what is tested here is the window."""
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")


def a_scan(dtype: type = np.uint8) -> tuple[np.ndarray, np.ndarray]:
    """A smooth picture with a scratch at its left and a speck at its right, and where they are."""
    y, x = np.mgrid[:300, :440].astype(np.float32)
    truth = np.zeros((300, 440), np.uint8)
    cv2.line(truth, (60, 40), (130, 250), 255, 2)
    cv2.circle(truth, (330, 120), 3, 255, -1)
    grey = np.where(truth > 0, 240, 100 + 30 * np.sin(x / 80) + 20 * np.cos(y / 60)).astype(np.uint8)
    picture = np.repeat(grey[..., None], 3, 2).astype(dtype) * (257 if dtype == np.uint16 else 1)
    picture.flags.writeable = False
    return picture, truth > 0


@pytest.fixture
def scan(window):
    picture, truth = a_scan(np.uint16)
    show(window, Photo(picture))
    return truth


def is_ready(box: QDialog) -> bool:
    return box.findChild(QPushButton, "take-damage").isEnabled()


def searching(qtbot, window, hands) -> QDialog:
    """The dialog, once what is found is on the canvas."""
    hands.key(KEY.Key_D)
    box = dialog(qtbot, window, "find-damage-dialog")
    qtbot.waitUntil(lambda: is_ready(box), timeout=20000)
    return box


def changed(qtbot, window, box: QDialog, change) -> np.ndarray:
    """The mask after a change of the dialog's controls."""
    before = window.document.mask.snapshot()
    change()
    qtbot.waitUntil(lambda: window.document.mask.snapshot().tile((0, 0)) is not before.tile((0, 0))
                    or window.document.mask.keys() != before.keys(), timeout=20000)
    return mask_of(window)


def test_what_is_found_comes_into_the_mask_as_one_step(qtbot, window, hands, scan):
    box = searching(qtbot, window, hands)
    assert message(window) == "" or "filters" in message(window)
    mask = mask_of(window)
    assert (mask[scan] == 255).mean() > 0.9 and (mask > 0).mean() < 4 * scan.mean()
    press(box, "take-damage")
    assert steps(window)[-1] == "Find damage" and len(steps(window)) == 1
    assert (mask_of(window) == mask).all()
    hands.key(KEY.Key_Z, CTRL)
    assert not mask_of(window).any()


def test_the_slider_and_the_kinds_answer_without_another_search(qtbot, window, hands, scan, monkeypatch):
    box = searching(qtbot, window, hands)
    monkeypatch.setattr(finding, "find", None)  # would fail, and say so
    box.findChild(QSpinBox, "damage-grow").setValue(0)
    qtbot.waitUntil(lambda: (mask_of(window) > 0).sum() < 2 * scan.sum(), timeout=20000)
    bare = mask_of(window)
    wide = changed(qtbot, window, box, lambda: box.findChild(QSpinBox, "damage-grow").setValue(4))
    assert (wide[bare > 0] == 255).all() and (wide > 0).sum() > 1.5 * (bare > 0).sum()
    no_lines = changed(qtbot, window, box, lambda: box.findChild(QCheckBox, "damage-line").setChecked(False))
    assert no_lines[115:126, 325:336].any() and not no_lines[60:230, 60:130].any()
    slider = box.findChild(QSlider, "damage-sensitivity")
    slider.setFocus()
    QTest.keyClick(slider, KEY.Key_Home)
    qtbot.waitUntil(lambda: is_ready(box) and not mask_of(window).any(), timeout=20000)


def test_cancelled_it_leaves_the_mask_as_it_was(qtbot, window, hands, scan):
    set_brush(window, size=20, hardness=1.0)
    hands.stroke((220, 250))
    before = mask_of(window)
    box = searching(qtbot, window, hands)
    assert (mask_of(window) >= before).all() and (mask_of(window) > 0).sum() > (before > 0).sum()
    QTest.keyClick(box, KEY.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(QDialog, "find-damage-dialog"))
    assert (mask_of(window) == before).all() and steps(window)[-1] != "Find damage"


def test_only_what_is_in_view_is_searched(qtbot, window, hands, scan):
    box = searching(qtbot, window, hands)
    seen = Box(0, 240, 300, 440)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(window.canvas.view), "photo_box", lambda view: seen)
        box.findChild(QComboBox, "damage-place").setCurrentIndex(1)
        qtbot.waitUntil(lambda: is_ready(box) and not mask_of(window)[:, :200].any(), timeout=20000)
    assert mask_of(window)[115:126, 325:336].any()


def test_found_corrected_and_filled(qtbot, window, hands, scan):
    press(searching(qtbot, window, hands), "take-damage")
    window.tools.choose("mask-eraser")
    set_brush(window, size=40, hardness=1.0)
    hands.stroke((330, 120))
    assert not mask_of(window)[115:126, 325:336].any() and mask_of(window)[scan].any()
    window.engine_options.set_choice("telea", {}, 1)
    before = window.document.history.position
    hands.key(KEY.Key_Return)
    qtbot.waitUntil(lambda: not window.filling.busy and window.document.history.position > before, timeout=30000)
    picture, _ = a_scan(np.uint16)
    shown = window.document.picture().read(window.document.base.bounds)[..., :3]
    assert (shown[100:200, 60:130][scan[100:200, 60:130]] < 200 * 257).all(), "the scratch is mended"
    assert (shown[115:126, 325:336] == picture[115:126, 325:336]).all(), "what was taken out of the mask is as it was"


def test_without_a_document_there_is_nothing_to_search(window):
    assert not action(window, "find_damage").isEnabled()
