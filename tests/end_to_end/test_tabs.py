"""Several documents in one window: each in a tab, with its own view, work, fills, and place on disk."""

import gc
import shutil
import time
import weakref

import numpy as np
import pytest
from doing import (
    CTRL,
    LEFT,
    MIDDLE,
    NO_KEYS,
    SHIFT,
    a_picture,
    composite,
    dialog,
    drop,
    mask_of,
    message,
    modified,
    press,
    steps,
)
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QTabBar

from editor.app.file_controller import OpenFile
from editor.document.document import Document
from editor.document.photo import Photo


def names(window) -> list[str]:
    return [window.page.tabs.tabText(at) for at in range(window.page.tabs.count())]


def add(window, name: str, shape: tuple[int, int] = (300, 440)) -> OpenFile:
    """As if it had been opened beside what there is."""
    file = OpenFile(Document(Photo(a_picture(shape=shape))), name)
    window.files.controller.opened.emit(file, False)
    QApplication.processEvents()
    return file


def tab(window, at: int) -> QPoint:
    return window.page.tabs.tabRect(at).center()


@pytest.fixture
def three(window):
    """a.png, b.png and c.png, which is in sight."""
    return [add(window, "a.png"), add(window, "b.png", (1500, 2600)), add(window, "c.png")]


def test_files_dropped_together_open_in_tabs_in_their_order(qtbot, window, photo):
    others = [shutil.copy(photo, photo.with_name(f"{name}.png")) for name in ("dog", "eel")]
    drop(window, urls=[photo, *others])
    qtbot.waitUntil(lambda: names(window) == ["cat.png", "dog.png", "eel.png"], timeout=20000)
    assert window.file.name == "cat.png", "the first is shown, the others do not push in front of it"
    QTest.mouseClick(window.page.tabs, LEFT, NO_KEYS, tab(window, 2))
    assert window.document.photo.source == photo.with_name("eel.png")
    window.files.open_path(photo)
    assert window.file.name == "cat.png" and window.page.tabs.count() == 3, "what is open is shown, not opened twice"


def test_keys_go_round_the_tabs(three, window, hands):
    for modifiers, expected in ((CTRL, "abc"), (CTRL | SHIFT, "bac")):
        for name in expected:
            hands.key(Qt.Key.Key_Tab, modifiers)
            assert window.file.name == f"{name}.png"
            assert window.windowTitle().startswith(f"{name}.png")
            assert window.page.tabs.tabText(window.page.tabs.currentIndex()) == f"{name}.png"
            assert window.canvas.hasFocus()


def test_each_document_keeps_its_view(three, window, hands):
    window.canvas.zoom(4)
    window.canvas.set_view(window.canvas.view.panned(37, -21))
    close = window.canvas.view
    hands.key(Qt.Key.Key_Tab, CTRL | SHIFT)
    fitted = window.canvas.view
    assert fitted.photo == (1500, 2600) and fitted == fitted.fitted()
    hands.key(Qt.Key.Key_Tab, CTRL)
    assert window.canvas.view == close
    window.resize(1200, 800)
    hands.key(Qt.Key.Key_Tab, CTRL | SHIFT)
    assert window.canvas.view == window.canvas.view.fitted() != fitted, "what is fitted is fitted anew"


def test_strokes_steps_and_the_unsaved_mark_belong_to_one_document(three, window, hands):
    hands.stroke((100, 100), (200, 100))
    assert names(window) == ["a.png", "b.png", "c.png*"] and modified(window)
    painted = mask_of(window)
    hands.key(Qt.Key.Key_Tab, CTRL)
    assert not modified(window) and not steps(window) and not mask_of(window).any()
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.key(Qt.Key.Key_Tab, CTRL | SHIFT)
    assert (mask_of(window) == painted).all() and steps(window) == ["Paint mask"]
    hands.key(Qt.Key.Key_Z, CTRL)
    assert names(window) == ["a.png", "b.png", "c.png"], "what is undone is as it was on disk"


def test_a_stroke_under_the_pen_is_kept_when_the_tab_is_left(three, window, hands):
    hands.stroke((100, 100), (200, 100), release=False)
    hands.key(Qt.Key.Key_Tab, CTRL)
    QTest.mouseRelease(window.canvas, LEFT, NO_KEYS, hands.at(200, 100))
    assert [len(file.document.history.commands) for file in three] == [0, 0, 1]
    hands.stroke((50, 50))
    assert [len(file.document.history.commands) for file in three] == [1, 0, 1]


def test_a_fill_goes_on_behind_and_lands_where_it_was_asked_for(qtbot, three, window, hands):
    hands.stroke((100, 100), (140, 100))
    window.engine_options.set_choice("telea", {}, 1)
    hands.click("fill")
    hands.key(Qt.Key.Key_Tab, CTRL)
    assert window.file is three[0]
    before = composite(window)
    qtbot.waitUntil(lambda: bool(three[2].document.layers), timeout=30000)
    assert [len(file.document.layers) for file in three] == [0, 0, 1]
    assert (composite(window) == before).all() and not steps(window)
    assert "c.png" in message(window), "it is told which has been filled"
    hands.key(Qt.Key.Key_Tab, CTRL | SHIFT)
    assert steps(window) == ["Paint mask", "Fill"] and names(window)[2] == "c.png*"


def test_a_result_that_waits_waits_in_its_own_tab(qtbot, three, window, hands):
    hands.stroke((100, 100), (140, 100))
    window.engine_options.set_choice("telea", {}, 1)
    hands.click("fill")
    hands.key(Qt.Key.Key_Tab, CTRL)
    with three[2].document.change("Meanwhile") as change:
        change.edit("mask", three[2].document.base.bounds, lambda box, pixels: np.full_like(pixels, 255))
    qtbot.waitUntil(lambda: not window.filling.busy, timeout=30000)
    shown = len(window.filling.waiting_here())
    assert shown == 0
    hands.key(Qt.Key.Key_Tab, CTRL | SHIFT)
    assert len(window.filling.waiting_here()) + len(three[2].document.layers) == 1


@pytest.fixture
def endless(window, monkeypatch):
    """Fills that end when they are cancelled and not before."""
    from editor.engines import filling

    def wait(*arguments, progress, **more):
        while True:
            progress(0.5, "waiting")
            time.sleep(0.01)
        yield

    monkeypatch.setattr(filling, "fill", wait)
    window.engine_options.set_choice("telea", {}, 1)


def test_esc_stops_the_fill_that_is_in_sight_first(three, endless, window, hands):
    stopped = []
    for file in (three[2], three[0]):
        window.files.open_files.show(file)
        hands.stroke((100, 100), (140, 100))
        hands.click("fill")
    for document, job in window.filling._jobs:
        job.cancelled.connect(lambda document=document: stopped.append(document))
    hands.key(Qt.Key.Key_Escape)
    assert stopped == [three[0].document]
    hands.key(Qt.Key.Key_Escape)
    assert stopped == [three[0].document, three[2].document] and not window.filling.busy


def test_closing_a_tab_stops_its_fill_and_asks_only_for_itself(qtbot, three, endless, window, hands):
    hands.stroke((100, 100), (140, 100))
    hands.click("fill")
    window.files.open_files.show(three[0])
    hands.stroke((100, 100), (140, 100))
    QTest.mouseClick(window.page.tabs, MIDDLE, NO_KEYS, tab(window, 1))
    assert names(window) == ["a.png*", "c.png*"] and window.file is three[0], "nothing was unsaved in it"
    QTest.mouseClick(window.page.tabs.tabButton(1, QTabBar.ButtonPosition.RightSide), LEFT)
    assert window.file is three[2], "what is asked for is in sight"
    press(dialog(qtbot, window, "unsaved"), "unsaved-discard")
    assert names(window) == ["a.png*"] and window.file is three[0]
    assert not window.filling.busy and not three[2].document.layers
    window.files.forget_unsaved()


def test_the_last_tab_leaves_the_start_page(three, window, hands):
    for left in (2, 1, 0):
        hands.key(Qt.Key.Key_W, CTRL)
        assert window.page.tabs.count() == left
    assert window.document is None and window.start_page.isVisible()
    hands.key(Qt.Key.Key_Tab, CTRL)
    assert window.document is None


def test_closing_the_window_asks_for_one_document_after_the_other(qtbot, three, window, hands, tmp_path):
    for number, file in enumerate(three):
        window.files.open_files.show(file)
        if number != 1:
            hands.stroke((100, 100), (140, 100))
    three[0].project = tmp_path / "a.ora"
    window.close()
    assert window.file is three[0] and window.isVisible()
    press(dialog(qtbot, window, "unsaved"), "unsaved-discard")
    assert window.file is three[2] and window.isVisible()
    QTest.keyClick(dialog(qtbot, window, "unsaved"), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not any(one.isVisible() for one in window.findChildren(QDialog)))
    assert window.isVisible() and names(window) == ["a.png*", "b.png", "c.png*"], "one no keeps everything"
    window.close()
    press(dialog(qtbot, window, "unsaved"), "unsaved-save")
    qtbot.waitUntil(lambda: window.file is three[2], timeout=20000)
    press(dialog(qtbot, window, "unsaved"), "unsaved-discard")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert (tmp_path / "a.ora").exists()
    assert not list((tmp_path / "state").rglob("log")), "nothing of them is offered at the next start"


def test_a_project_is_not_saved_over_one_that_is_open(qtbot, three, window, hands, tmp_path):
    three[0].project = tmp_path / "a.ora"
    window.files._save_to(three[2], tmp_path / "a.ora", lambda: None)
    box = dialog(qtbot, window, "error")
    assert "open in another tab" in box.text()
    box.reject()
    assert not (tmp_path / "a.ora").exists()


def test_tabs_are_dragged_into_another_order(three, window, hands):
    start = tab(window, 2)
    QTest.mousePress(window.page.tabs, LEFT, NO_KEYS, start)
    for share in (0.2, 0.4, 0.6, 0.8, 1.0, 1.0):
        QTest.mouseMove(window.page.tabs, QPoint(round(start.x() - share * (start.x() - 3)), start.y()))
    QTest.mouseRelease(window.page.tabs, LEFT, NO_KEYS, QPoint(3, start.y()))
    assert window.file is three[2]
    assert [file.name for file in window.files.open_files.files] == names(window) == ["c.png", "a.png", "b.png"]
    hands.key(Qt.Key.Key_Tab, CTRL)
    assert window.file is three[0]


def test_undo_memory_is_shared_and_nothing_is_forgotten(qtbot, three, window, hands):
    files = window.files
    for file in three[0], three[2]:
        files.open_files.show(file)
        with file.document.change("Noise") as change:
            noise = np.random.default_rng(1).integers(0, 255, (300, 440, 1), np.uint8)
            change.edit("mask", file.document.base.bounds, lambda box, pixels, noise=noise: noise[box.slices])
        with file.document.change("Clear") as change:
            change.clear("mask")
    held = three[2].document.history.nbytes
    assert held > 100_000
    files.open_files.share(held * 2)
    assert three[0].document.history.nbytes == 0, "what is not in sight makes room first"
    assert three[2].document.history.nbytes == held
    files.open_files.show(three[0])
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (mask_of(window) == np.random.default_rng(1).integers(0, 255, (300, 440, 1), np.uint8)[..., 0]).all()


def test_a_small_window_with_many_tabs_stays_small(qtbot, window):
    window.resize(1000, 700)
    for number in range(12):
        add(window, f"a rather long name of a photograph {number}.png", (40, 60))
    qtbot.wait(20)
    assert window.width() == 1000
    assert window.page.tabs.tabRect(window.page.tabs.currentIndex()).intersects(window.page.tabs.rect())


def test_a_closed_document_takes_no_memory_any_more(qtbot, three, window, hands):
    hands.key(Qt.Key.Key_Bar, SHIFT)
    hands.key(Qt.Key.Key_M, CTRL | Qt.KeyboardModifier.AltModifier)
    hands.stroke((100, 100), (140, 100))
    window.engine_options.set_choice("telea", {}, 1)
    hands.click("fill")
    qtbot.waitUntil(lambda: bool(three[2].document.layers) and not window.filling.busy, timeout=30000)
    closed = weakref.ref(three[2].document)
    three[2].document.mark_saved(three[2].document.state())
    hands.key(Qt.Key.Key_W, CTRL)
    assert window.page.tabs.count() == 2
    three.clear()

    def gone() -> bool:
        gc.collect()
        return closed() is None

    qtbot.waitUntil(gone, timeout=5000)
