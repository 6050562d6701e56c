"""What happens to work that is not saved when it would go."""

import pytest
from doing import (
    a_picture,
    action,
    dialog,
    mask_of,
    modified,
    press,
    read_error,
    show,
    slow_saving,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from editor.document.photo import Photo


@pytest.fixture
def unsaved(window, hands, tmp_path):
    """A photograph with one stroke on it that is in no file, and the file where a project would go."""
    show(window, Photo(a_picture()))
    hands.stroke((100, 100), (150, 100))
    window.file.project = tmp_path / "mine.ora"
    assert modified(window)
    return window


def leave(window, how: str) -> None:
    if how == "close the window":
        window.close()
    else:
        action(window, "close_document").trigger()


def has_left(window, how: str, document) -> bool:
    return not window.isVisible() if how == "close the window" else window.document is not document


LEAVING = pytest.mark.parametrize("how", ["close the window", "close the document"])


@LEAVING
def test_unsaved_work_is_saved_first(qtbot, unsaved, tmp_path, how):
    mask, document = mask_of(unsaved), unsaved.document
    leave(unsaved, how)
    press(dialog(qtbot, unsaved, "unsaved"), "unsaved-save")
    qtbot.waitUntil(lambda: has_left(unsaved, how, document), timeout=20000)
    from editor.storage.openraster import load_project
    from editor.storage.photos import Decoder

    with Decoder() as decoder:
        again = load_project(tmp_path / "mine.ora", decoder.read)
    assert (again.surfaces["mask"].read(again.base.bounds)[..., 0] == mask).all()


@LEAVING
def test_unsaved_work_may_go(qtbot, unsaved, tmp_path, how):
    document = unsaved.document
    leave(unsaved, how)
    press(dialog(qtbot, unsaved, "unsaved"), "unsaved-discard")
    qtbot.waitUntil(lambda: has_left(unsaved, how, document), timeout=20000)
    assert not (tmp_path / "mine.ora").exists()
    assert not list((tmp_path / "state").rglob("*.log")), "nor is it offered at the next start"


@LEAVING
def test_or_one_stays(qtbot, unsaved, how):
    mask, document = mask_of(unsaved), unsaved.document
    leave(unsaved, how)
    QTest.keyClick(dialog(qtbot, unsaved, "unsaved"), Qt.Key.Key_Escape)
    qtbot.wait(50)
    assert not has_left(unsaved, how, document)
    assert modified(unsaved) and (mask_of(unsaved) == mask).all()


def test_where_there_is_nothing_unsaved_nothing_is_asked(window, photo):
    show(window, Photo(a_picture()))
    action(window, "close_document").trigger()
    assert window.document is None and window.start_page.isVisible()
    window.close()
    assert not window.isVisible() and not window.findChildren(QDialog)


def test_a_save_that_fails_keeps_everything_open(qtbot, unsaved, photo, tmp_path):
    document = unsaved.document
    unsaved.file.project = tmp_path / "no such folder" / "mine.ora"
    unsaved.close()
    press(dialog(qtbot, unsaved, "unsaved"), "unsaved-save")
    assert "the folder does not exist" in read_error(qtbot, unsaved)
    assert unsaved.isVisible() and unsaved.document is document and modified(unsaved)


def test_giving_up_the_name_keeps_everything_open(qtbot, unsaved):
    unsaved.file.project = None
    unsaved.close()
    press(dialog(qtbot, unsaved, "unsaved"), "unsaved-save")
    dialog(qtbot, unsaved, "save-dialog").reject()
    qtbot.wait(20)
    assert unsaved.isVisible() and modified(unsaved)


def test_what_is_painted_while_it_is_saved_for_closing_is_asked_for(qtbot, monkeypatch, unsaved, hands):
    with slow_saving(monkeypatch) as (gate, at_work):
        unsaved.close()
        press(dialog(qtbot, unsaved, "unsaved"), "unsaved-save")
        qtbot.waitUntil(at_work.is_set)
        hands.stroke((300, 200))
        gate.set()
        press(dialog(qtbot, unsaved, "unsaved"), "unsaved-cancel")
    assert unsaved.isVisible() and modified(unsaved)


@LEAVING
def test_a_stroke_under_the_pen_is_work_too(qtbot, window, hands, how):
    show(window, Photo(a_picture()))
    hands.stroke((100, 100), (150, 100), release=False)
    leave(window, how)
    press(dialog(qtbot, window, "unsaved"), "unsaved-cancel")
    assert modified(window) and mask_of(window)[100, 120] == 255
