"""The damage finder in the window: searched once, marked as sensitively as is asked, corrected, undone as one step."""

import threading

import cv2
import numpy as np
import pytest
from doing import CTRL, action, mask_of, message, set_brush, show, steps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QPushButton, QSlider, QSpinBox

from editor.document.photo import Photo
from editor.engines.networks import store
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


def option(window, kind: type, name: str):
    return window.tool_options.own.findChild(kind, name)


def is_marked(window) -> bool:
    """All that was asked for is in the mask."""
    tool = window.tools.tools["damage-finder"]
    return tool.busy and not tool.searching and not window.tools.mask_work.busy


def searched(qtbot, window, hands, *region: tuple[float, float]) -> np.ndarray:
    """The mask once a region, or by default the whole photo, is searched with the tool."""
    hands.key(KEY.Key_D)
    if region:
        hands.stroke(*region)
    else:
        QTest.mouseClick(option(window, QPushButton, "action-find"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_marked(window), timeout=20000)
    return mask_of(window)


def changed(qtbot, window, change) -> np.ndarray:
    """The mask after a change of the options."""
    change()
    assert window.tools.mask_work.busy
    qtbot.waitUntil(lambda: is_marked(window), timeout=20000)
    return mask_of(window)


@pytest.fixture
def gate(monkeypatch):
    """Searches wait until it is opened."""
    opened, find = threading.Event(), finding.find

    def wait_and_find(*arguments, progress, **more):
        while not opened.wait(0.01):
            progress(0.5, "waiting")
        return find(*arguments, progress=progress, **more)

    monkeypatch.setattr(finding, "find", wait_and_find)
    yield opened
    opened.set()


def test_what_is_found_comes_into_the_mask_as_one_step(qtbot, window, hands, scan):
    mask = searched(qtbot, window, hands)
    assert "of the photo is marked" in message(window)
    assert (mask[scan] == 255).mean() > 0.9 and (mask > 0).mean() < 4 * scan.mean()
    hands.key(KEY.Key_Return)
    assert steps(window) == ["Find damage"] and (mask_of(window) == mask).all()
    hands.key(KEY.Key_Z, CTRL)
    assert not mask_of(window).any()


def test_a_part_is_dragged_round_and_another_one_after_it(qtbot, window, hands, scan):
    right = searched(qtbot, window, hands, (240, 60), (420, 200))
    assert right[115:126, 325:336].any() and not right[:, :230].any()
    assert "of this part is marked" in message(window)
    hands.stroke((160, 260), (40, 30))  # from the lower right corner
    qtbot.waitUntil(lambda: is_marked(window), timeout=20000)
    both = mask_of(window)
    assert (both >= right).all() and (both[scan] == 255).mean() > 0.9
    hands.key(KEY.Key_Return)
    assert steps(window) == ["Find damage"] * 2


def test_slider_kinds_and_width_answer_without_another_search(qtbot, window, hands, scan, monkeypatch):
    searched(qtbot, window, hands)
    monkeypatch.setattr(finding, "find", None)  # would fail, and say so
    grow = option(window, QSpinBox, "option-grow")
    bare = changed(qtbot, window, lambda: grow.setValue(0))
    assert 0 < (bare > 0).sum() < 2 * scan.sum()
    wide = changed(qtbot, window, lambda: grow.setValue(4))
    assert (wide[bare > 0] == 255).all() and (wide > 0).sum() > 1.5 * (bare > 0).sum()
    lines = option(window, QCheckBox, "option-line")
    no_lines = changed(qtbot, window, lambda: QTest.mouseClick(lines, Qt.MouseButton.LeftButton))
    assert no_lines[115:126, 325:336].any() and not no_lines[60:230, 60:130].any()
    slider = option(window, QSlider, "option-sensitivity")
    slider.setFocus()
    none = changed(qtbot, window, lambda: QTest.keyClick(slider, KEY.Key_Home))
    assert not none.any() and "No damage" in message(window)
    assert steps(window) == []


def test_the_last_place_of_the_slider_counts_however_soon_it_is_kept(qtbot, window, hands, scan):
    found = searched(qtbot, window, hands)
    option(window, QSpinBox, "option-grow").setValue(8)
    window.canvas.setFocus()
    hands.key(KEY.Key_Return)
    qtbot.waitUntil(lambda: steps(window) == ["Find damage"], timeout=20000)
    assert (mask_of(window) > 0).sum() > 1.5 * (found > 0).sum()


@pytest.mark.parametrize("key", [(KEY.Key_Escape,), (KEY.Key_Z, CTRL)])
def test_given_up_it_leaves_the_mask_as_it_was(qtbot, window, hands, scan, key):
    set_brush(window, size=20, hardness=1.0)
    hands.stroke((220, 250))
    before = mask_of(window)
    mask = searched(qtbot, window, hands)
    assert (mask >= before).all() and (mask > 0).sum() > (before > 0).sum()
    hands.key(*key)
    assert (mask_of(window) == before).all() and steps(window) == ["Paint mask"]
    assert not option(window, QPushButton, "action-keep").isEnabled()


def test_a_search_is_cancelled_half_way(qtbot, window, hands, scan, gate):
    hands.key(KEY.Key_D)
    hands.stroke((240, 60), (420, 200))
    assert window.tools.busy
    hands.key(KEY.Key_Escape)
    assert not window.tools.busy and not window.tools.mask_work.busy
    gate.set()
    assert searched(qtbot, window, hands, (240, 60), (420, 200)).any(), "the next one is not held up"


def test_another_tool_may_be_taken_while_it_searches(qtbot, window, hands, scan, gate):
    hands.key(KEY.Key_D)
    hands.key(KEY.Key_D, Qt.KeyboardModifier.ShiftModifier)
    hands.key(KEY.Key_B)
    set_brush(window, size=20, hardness=1.0)
    hands.stroke((220, 250))
    assert mask_of(window)[250, 220] and not mask_of(window)[scan].any()
    gate.set()
    qtbot.waitUntil(lambda: not window.tools.mask_work.busy, timeout=20000)
    assert (mask_of(window)[scan] == 255).mean() > 0.9 and mask_of(window)[250, 220] == 255
    assert steps(window) == ["Paint mask", "Find damage"]


def test_escape_stops_a_search_that_goes_on_behind_another_tool(qtbot, window, hands, scan, gate):
    hands.key(KEY.Key_D, Qt.KeyboardModifier.ShiftModifier)
    hands.key(KEY.Key_H)
    assert window.tools.mask_work.busy and not window.tools.busy
    hands.key(KEY.Key_Escape)
    assert not window.tools.mask_work.busy
    gate.set()
    qtbot.wait(300)
    assert not mask_of(window).any() and steps(window) == []


def test_a_crop_while_it_searches_ends_the_search(qtbot, window, hands, scan, gate):
    hands.key(KEY.Key_D, Qt.KeyboardModifier.ShiftModifier)
    action(window, "turn_left").trigger()
    qtbot.waitUntil(lambda: window.document.shape == (440, 300), timeout=20000)
    gate.set()
    qtbot.waitUntil(lambda: not window.tools.mask_work.busy, timeout=20000)
    assert not mask_of(window).any() and steps(window) == ["Turn left"] and not window.tools.busy


def test_a_click_says_what_to_do(window, hands, scan):
    hands.key(KEY.Key_D)
    hands.stroke((220, 250))
    assert "Drag round" in message(window) and not window.tools.busy


def test_found_corrected_and_filled(qtbot, window, hands, scan):
    searched(qtbot, window, hands)
    hands.key(KEY.Key_E)  # which keeps it
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
