"""The start page."""

from pathlib import Path

import pytest
from app_documents import gradient
from PySide6.QtCore import Qt

from editor.app import thumbnail_cache, thumbnails
from editor.app.cards import IMAGE
from editor.app.start_page import SAMPLES, StartPage

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(qtbot):
    widget = StartPage()
    qtbot.addWidget(widget)
    widget.resize(1200, 800)
    return widget


def click(qtbot, gallery, row: int) -> None:
    index = gallery.cards.index(row, 0)
    qtbot.mouseClick(gallery.viewport(), LEFT, pos=gallery.visualRect(index).center())


def image(gallery, row: int):
    return gallery.cards.item(row).data(IMAGE)


def all_looked_at(page) -> bool:
    return not page._waiting


def test_open_is_asked_for(qtbot, page):
    page.show()
    with qtbot.waitSignal(page.open_requested):
        qtbot.mouseClick(page.open_button, LEFT)


def test_samples_are_scikit_images_and_open_by_a_click(qtbot, page):
    page.show()
    assert page.samples.cards.rowCount() == len(SAMPLES)
    with qtbot.waitSignal(page.chosen) as chosen:
        click(qtbot, page.samples, 1)
    assert chosen.args[0].name == "chelsea.png" and chosen.args[0].is_file()


def test_keys_open_too(qtbot, page):
    page.show()
    page.samples.setCurrentIndex(page.samples.cards.index(0, 0))
    with qtbot.waitSignal(page.chosen) as chosen:
        qtbot.keyClick(page.samples, Qt.Key.Key_Return)
    assert chosen.args[0].name == "astronaut.png"


def test_pictures_come_only_once_the_page_is_seen(qtbot, page):
    qtbot.wait(30)
    assert image(page.samples, 0).isNull()
    page.show()
    qtbot.waitUntil(lambda: not any(image(page.samples, row).isNull() for row in range(len(SAMPLES))))


def test_recent_files_show_what_was_kept_of_them_and_grey_those_that_are_gone(qtbot, page, tmp_path):
    known, unknown, gone = (tmp_path / name for name in ("known.jpg", "unknown.ora", "gone.jpg"))
    known.touch()
    unknown.touch()
    thumbnail_cache.store(known, thumbnails.to_image(gradient((30, 40))))
    page.set_recent([known, unknown, gone])
    page.show()
    qtbot.waitUntil(lambda: all_looked_at(page))
    cards = page.recent.cards
    assert [cards.item(row).isEnabled() for row in range(3)] == [True, True, False]
    assert [image(page.recent, row).isNull() for row in range(3)] == [False, True, True]
    assert "no longer there" in cards.item(2).toolTip()
    told = []
    page.chosen.connect(told.append)
    for row in (2, 0):
        click(qtbot, page.recent, row)
    assert told == [known]


def test_without_recent_files_there_is_no_heading(page):
    page.show()
    assert not page.recent.isVisible() and not page._recent_title.isVisible()
    page.set_recent([Path("/nowhere/a.jpg")])
    assert page.recent.isVisible() and page._recent_title.isVisible()


def test_the_list_can_change_while_pictures_come(qtbot, page, tmp_path):
    page.show()
    for count in (12, 3, 7):
        page.set_recent([tmp_path / f"{number}.jpg" for number in range(count)])
        qtbot.wait(1)
    qtbot.waitUntil(lambda: all_looked_at(page))
    assert page.recent.cards.rowCount() == 7
    assert not any(image(page.samples, row).isNull() for row in range(len(SAMPLES)))


@pytest.mark.parametrize("width", [420, 700, 1440])
def test_every_card_is_within_its_gallery_at_any_width(qtbot, page, width):
    page.set_recent([Path(f"/nowhere/{number}.jpg") for number in range(12)])
    page.resize(width, 800)
    page.show()
    qtbot.wait(20)
    for gallery in (page.recent, page.samples):
        last = gallery.visualRect(gallery.cards.index(gallery.cards.rowCount() - 1, 0))
        assert gallery.viewport().rect().contains(last)
