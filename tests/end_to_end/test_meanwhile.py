"""Work that goes on while something is read in the background."""

import threading

import numpy as np
import pytest
from doing import CTRL, SHIFT, action, dialog, mask_of, open_and_wait, steps
from PySide6.QtCore import Qt


@pytest.fixture
def slow(window, monkeypatch):
    """The decoder waits for this event."""
    let_go, read = threading.Event(), window.files.controller._decoder.read

    def slowly(path, progress):
        assert let_go.wait(30)
        return read(path, progress=progress)

    def make():
        monkeypatch.setattr(window.files.controller._decoder, "read", slowly)
        return let_go

    yield make
    let_go.set()


@pytest.fixture
def dog(photo):
    path = photo.with_name("dog.png")
    path.write_bytes(photo.read_bytes())
    return path


def test_work_done_while_another_file_is_read_stays_in_its_tab(qtbot, window, photo, dog, hands, slow):
    open_and_wait(qtbot, window, photo)
    read = slow()
    window.files.open_path(dog)
    hands.stroke((60, 60), (120, 80))
    painted = mask_of(window)
    read.set()
    qtbot.waitUntil(lambda: window.file.name == "dog.png")
    assert not steps(window)
    hands.key(Qt.Key.Key_Tab, CTRL | SHIFT)
    assert window.file.name == "cat.png" and steps(window) == ["Paint mask"] and (mask_of(window) == painted).all()


def test_a_file_that_comes_in_mid_stroke_does_not_take_the_pen_away(qtbot, window, photo, dog, hands, slow):
    open_and_wait(qtbot, window, photo)
    read = slow()
    window.files.open_path(dog)
    hands.stroke((60, 60), (120, 80), release=False)
    read.set()
    qtbot.waitUntil(lambda: window.page.tabs.count() == 2)
    assert window.file.name == "cat.png" and window.canvas.stroking
    hands.stroke((120, 80), (180, 80))
    assert steps(window) == ["Paint mask"] and np.count_nonzero(mask_of(window))[()] > 0
    hands.key(Qt.Key.Key_Tab, CTRL)
    assert window.file.name == "dog.png" and not steps(window)


def test_a_file_that_comes_in_behind_a_question_does_not_change_what_is_asked_about(
        qtbot, window, photo, dog, hands, slow):
    open_and_wait(qtbot, window, photo)
    hands.stroke((60, 60), (120, 80))
    before = mask_of(window)
    read = slow()
    window.files.open_path(dog)
    action(window, "grow_mask").trigger()
    box = dialog(qtbot, window, "mask-amount")
    read.set()
    qtbot.waitUntil(lambda: window.page.tabs.count() == 2)
    assert window.file.name == "cat.png"
    box.accept()
    qtbot.waitUntil(lambda: len(steps(window)) == 2, timeout=10000)
    assert (mask_of(window) >= before).all() and mask_of(window).sum() > before.sum()
