"""The small dialogs: none blocks, each tells by signals what was answered."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QKeySequence
from PySide6.QtWidgets import QColorDialog, QMenu, QMessageBox, QPushButton

from editor.app.dialogs.errors import show_error
from editor.app.dialogs.mask_amount import MaskAmountDialog
from editor.app.dialogs.preferences import PreferencesDialog
from editor.app.dialogs.shortcuts import ShortcutsDialog
from editor.app.dialogs.unsaved import UnsavedDialog
from editor.app.settings import Settings

LEFT = Qt.MouseButton.LeftButton


def heard(*signals) -> list:
    """What the signals told, in order."""
    told = []
    for signal in signals:
        signal.connect(lambda *values, told=told: told.append(values[0] if values else None))
    return told


def press(qtbot, dialog, name: str) -> None:
    qtbot.mouseClick(dialog.findChild(QPushButton, name), LEFT)


def test_an_error_is_one_plain_line_and_goes_by_enter(qtbot, window):
    show_error(window, "<b>odd</b> name.jpg: cut off")
    box = window.findChild(QMessageBox, "error")
    assert box.isVisible() and box.text() == "<b>odd</b> name.jpg: cut off"
    assert box.textFormat() == Qt.TextFormat.PlainText
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "error") is None)


@pytest.mark.parametrize(("answer", "expected"), [
    ("unsaved-save", "save"), ("unsaved-discard", "discard"), ("unsaved-cancel", "cancelled"),
    (Qt.Key.Key_Return, "save"), (Qt.Key.Key_Escape, "cancelled")])
def test_unsaved_work_has_three_answers_by_mouse_and_keys(qtbot, window, answer, expected):
    dialog = UnsavedDialog("photo.jpg", window)
    told = []
    for name in ("save", "discard", "cancelled"):
        getattr(dialog, name).connect(lambda name=name: told.append(name))
    dialog.open()
    if isinstance(answer, str):
        press(qtbot, dialog, answer)
    else:
        qtbot.keyClick(dialog, answer)
    assert told == [expected]


def test_mask_amount_by_number_or_slider(qtbot, window):
    dialog = MaskAmountDialog("Grow", "Grow by", window)
    live, chosen = heard(dialog.amount_changed), heard(dialog.chosen)
    dialog.open()
    dialog.slider.setValue(30)
    assert dialog.number.value() == 30
    dialog.number.setValue(240)
    assert dialog.number.value() == 240, "the number goes further than the slider"
    dialog.number.selectAll()
    qtbot.keyClicks(dialog.number, "17")
    qtbot.keyClick(dialog.number, Qt.Key.Key_Return)
    assert live[0] == 30 and live[-1] == 17
    assert chosen == [17]


def test_mask_amount_can_be_left(qtbot, window):
    dialog = MaskAmountDialog("Grow", "Grow by", window)
    chosen = heard(dialog.chosen)
    dialog.open()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert chosen == []


def test_shortcuts_are_searched_by_name_and_by_key(qtbot, window):
    actions = [QAction("&Undo", window), QAction("Save &as…", window), QAction("No key", window)]
    actions[0].setShortcuts([QKeySequence("Ctrl+Z"), QKeySequence("Alt+Backspace")])
    actions[1].setShortcut(QKeySequence("Ctrl+Shift+S"))
    dialog = ShortcutsDialog(actions, [("Pan", "Space and drag")], window)
    dialog.open()

    def rows() -> list[tuple[str, str]]:
        model = dialog.filter
        return [(model.index(row, 0).data(), model.index(row, 1).data()) for row in range(model.rowCount())]

    assert rows() == [("Undo", "Ctrl+Z, Alt+Backspace"), ("Save as", "Ctrl+Shift+S"), ("Pan", "Space and drag")]
    qtbot.keyClicks(dialog.search, "undo")
    assert [what for what, _ in rows()] == ["Undo"]
    dialog.search.clear()
    qtbot.keyClicks(dialog.search, "shift")
    assert [what for what, _ in rows()] == ["Save as"]
    dialog.close()


def test_shortcuts_say_where_they_belong(qtbot, window):
    there, everywhere = QAction("Rename", window), QAction("&Clear…", window)
    there.setShortcut(QKeySequence("F2"))
    there.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    everywhere.setShortcut(QKeySequence("Ctrl+D"))
    window.menu = QMenu("&Mask", window)
    window.menu.addAction(everywhere)
    dialog = ShortcutsDialog([there, everywhere], [], window)
    assert [dialog.filter.index(row, 0).data() for row in (0, 1)] == ["Mask: Clear", "In the layers list: Rename"]
    dialog.close()


def test_preferences_are_seen_at_once_and_cancel_takes_them_back(qtbot, window):
    before = Settings(ground=50, engine="telea")
    dialog = PreferencesDialog(before, window)
    told = heard(dialog.changed)
    dialog.open()
    dialog.ground.setValue(80)
    dialog.opacity.setValue(30)
    dialog.history.setValue(256)
    last = told[-1]
    assert (last.ground, last.overlay_opacity, last.history_budget, last.engine) == (80, 0.3, 256, "telea")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert told[-1] == before


def test_the_masks_colour_is_picked(qtbot, window):
    dialog = PreferencesDialog(Settings(), window)
    told = heard(dialog.changed)
    dialog.open()
    press(qtbot, dialog, "overlay-colour")
    picker = dialog.findChild(QColorDialog)
    picker.setCurrentColor(QColor(10, 200, 30))
    picker.accept()
    assert told[-1].overlay_colour == (10, 200, 30)
    assert dialog.colour.text() == "#0ac81e"
    dialog.accept()


def test_defaults_come_back_but_what_is_not_shown_stays(qtbot, window):
    dialog = PreferencesDialog(Settings(ground=1, overlay_opacity=0.9, recent=(Path("/a.jpg"),)), window)
    told = heard(dialog.changed)
    dialog.open()
    press(qtbot, dialog, "preferences-defaults")
    assert told[-1] == Settings(recent=(Path("/a.jpg"),))
    dialog.accept()
