"""Keys are changed in the preferences."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from editor.app.dialogs.keys_page import KeysPage
from editor.app.dialogs.preferences import PreferencesDialog
from editor.app.settings import Settings
from editor.app.shortcuts import Binding

CTRL = Qt.KeyboardModifier.ControlModifier
BINDINGS = (Binding("open", "File: Open", ("Ctrl+O",)), Binding("redo", "Edit: Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
            Binding("flatten", "Layer: Flatten", ()))


@pytest.fixture
def page(window):
    page = KeysPage(BINDINGS, window)
    page.told = []
    page.changed.connect(page.told.append)
    page.show()
    return page


def rows(page) -> dict[str, str]:
    model = page.table.model()
    return {model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())}


def test_everything_is_listed_and_found_by_name_or_key(page):
    assert rows(page) == {"Edit: Redo": "Ctrl+Shift+Z, Ctrl+Y", "File: Open": "Ctrl+O", "Layer: Flatten": ""}
    page.search.setText("ctrl+o")
    assert list(rows(page)) == ["File: Open"]
    page.search.setText("flat")
    assert list(rows(page)) == ["Layer: Flatten"]


def test_a_key_that_is_pressed_is_set(page):
    page.choose("flatten")
    page.edit.setFocus()
    QTest.keyClick(page.edit, Qt.Key.Key_F2)
    assert "free" in page.note.text() and not page.told
    page.set_button.click()
    assert page.told == [{"flatten": ("F2",)}] and rows(page)["Layer: Flatten"] == "F2"


def test_a_clash_is_told_before_the_key_is_taken_away(page):
    page.choose("flatten")
    QTest.keyClick(page.edit, Qt.Key.Key_Y, CTRL)
    assert "Edit: Redo" in page.note.text() and rows(page)["Edit: Redo"].endswith("Ctrl+Y")
    page.set_button.click()
    assert rows(page) == {"Edit: Redo": "Ctrl+Shift+Z", "File: Open": "Ctrl+O", "Layer: Flatten": "Ctrl+Y"}


def test_held_keys_cannot_be_given_away(page):
    page.choose("flatten")
    QTest.keyClick(page.edit, Qt.Key.Key_Space)
    assert not page.set_button.isEnabled() and "held" in page.note.text()


def test_none_reset_and_reset_all(page):
    page.choose("redo")
    assert not page.reset_button.isEnabled() and not page.reset_all_button.isEnabled()
    page.none_button.click()
    assert page.told[-1] == {"redo": ()} and rows(page)["Edit: Redo"] == ""
    page.reset_button.click()
    assert page.told[-1] == {}
    page.none_button.click()
    page.choose("open")
    page.none_button.click()
    assert page.told[-1] == {"redo": (), "open": ()}
    page.reset_all_button.click()
    assert page.told[-1] == {} and rows(page)["File: Open"] == "Ctrl+O"


def test_without_a_chosen_row_nothing_can_be_done(page):
    assert not any(one.isEnabled() for one in (page.edit, page.set_button, page.none_button, page.reset_button))


def test_keys_and_device_are_preferences_that_cancel_takes_back(qtbot, window):
    before = Settings(shortcuts={"open": ("F4",)}, device="cuda:1")
    dialog = PreferencesDialog(before, window, BINDINGS)
    told = []
    dialog.changed.connect(told.append)
    dialog.open()
    assert rows(dialog.keys)["File: Open"] == "F4" and dialog.device.currentData() == "cuda:1"
    dialog.pages.setCurrentWidget(dialog.keys)
    dialog.findChild(type(dialog.colour), "preferences-defaults").click()
    assert told[-1] == Settings(device="cuda:1"), "the defaults of this page, and not of the other"
    dialog.reject()
    assert told[-1] == before
