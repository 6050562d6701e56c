"""Everything by keyboard: each command and tool is reached by a key or through the menus, and keys can be changed."""

from collections import Counter

import pytest
from doing import ALT, CTRL, SHIFT, a_picture, dialog, show, steps
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QToolButton, QWidget
from test_commands import with_a_fill

from editor.app import bars
from editor.app import settings as settings_file
from editor.app.commands import GESTURES, MENUS
from editor.app.settings import Settings
from editor.app.shortcuts import HELD, written
from editor.app.window import Window
from editor.document.photo import Photo

ENTRIES = [entry for entries in MENUS.values() for entry in entries if entry]


class Recorder:
    """Has every command, and remembers which were called."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def __getattr__(self, name: str):
        return lambda *values: self.called.append(name)


@pytest.fixture
def menus(qtbot):
    """The menus as the window has them, over nothing else, and what was called of them."""
    window = QMainWindow()
    recorder = Recorder()
    bars.make_menus(window.menuBar(), (recorder,))
    window.setCentralWidget(QWidget())
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window, recorder
    window.close()
    window.deleteLater()


def mnemonic(text: str) -> Qt.Key | None:
    at = text.replace("&&", "").find("&")
    return Qt.Key(ord(text.replace("&&", "")[at + 1].upper())) if at >= 0 else None


def press(widget, key: str) -> None:
    """A key as it is written."""
    combination = QKeySequence(key)[0]
    QTest.keyClick(widget, combination.key(), combination.keyboardModifiers())


@pytest.mark.parametrize("title", MENUS)
def test_every_command_is_carried_out_by_the_keyboard_alone(menus, title):
    """By each of its keys; and by Alt and a letter for the menu, then a letter or arrow keys and Enter."""
    window, recorder = menus
    for entry in filter(None, MENUS[title]):
        for key in entry.keys:
            press(window.centralWidget(), key)
            assert recorder.called == [entry.name], key
            recorder.called.clear()
        QTest.keyClick(window, mnemonic(title), ALT)
        menu = QApplication.activePopupWidget()
        assert menu is not None and menu.title() == title
        if letter := mnemonic(entry.title):
            QTest.keyClick(menu, letter)
        else:
            there = [action for action in menu.actions() if not action.isSeparator()]
            for _ in range(1 + [action.objectName() for action in there].index(entry.name)):
                QTest.keyClick(menu, Qt.Key.Key_Down)
            assert menu.activeAction().objectName() == entry.name
            QTest.keyClick(menu, Qt.Key.Key_Return)
        assert recorder.called == [entry.name], f"{entry.name} through the menu"
        recorder.called.clear()


def test_every_tool_is_chosen_by_its_key(window, hands):
    show(window, Photo(a_picture()))
    for name, tool in window.tools.tools.items():
        window.tools.choose("hand" if name != "hand" else "zoom")
        if tool.key:
            press(window.canvas, tool.key)
            assert window.tools.current.name == name, tool.key
    without = [name for name, tool in window.tools.tools.items() if not tool.key]
    assert not [name for name in without if window.findChild(QAction, f"choose-{name}")], "no button without a key"


def test_no_key_does_two_things(window):
    """As the program has them: menus, tools, brush keys, docks, and those that act while they are held."""
    own = Counter(written(key) for entry in ENTRIES for key in entry.keys)
    own.update(written(tool.key) for tool in window.tools.tools.values() if tool.key)
    own.update(dock.toggleViewAction().shortcut().toString() for dock in window.workspace.docks)
    own.update(HELD.keys())
    assert not [key for key, times in own.items() if times > 1]
    now = Counter(key.toString() for action in window.findChildren(QAction) for key in action.shortcuts()
                  if action.shortcutContext() == Qt.ShortcutContext.WindowShortcut)
    assert not [key for key, times in now.items() if times > 1]
    assert set(own) - set(HELD) <= set(now), "and all of them are there"


def test_help_lists_the_keys_as_they_are_now(window, hands, qtbot):
    window.files.change_settings(Settings(shortcuts={"invert_mask": ("F4",), "choose-hand": ("Ctrl+Alt+Y",)}))
    window.apply_settings(window.files.settings)
    QTest.keyClick(window, Qt.Key.Key_F1)
    box = dialog(qtbot, window, "shortcuts")
    model = box.table.model()
    rows = {model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())}
    listed = {action.objectName() for action in window.findChildren(QAction) if action.shortcuts()}
    assert len(rows) >= len(listed - {""}) + len(GESTURES) - 2
    assert rows["Mask: Invert"] == "F4" and rows["Hand"] == "Ctrl+Alt+Y"
    box.reject()


def test_a_changed_key_works_at_once_is_told_and_kept(window, new_window, hands, qtbot):
    with_a_fill(window)
    done = len(steps(window))
    hands.key(Qt.Key.Key_Comma, CTRL)
    box = dialog(qtbot, window, "preferences")
    box.pages.setCurrentWidget(box.keys)
    box.keys.choose("fill")
    QTest.keyClick(box.keys.edit, Qt.Key.Key_I, CTRL)
    assert "Mask: Invert" in box.keys.note.text()
    box.keys.set_button.click()
    box.accept()
    assert hands.find("fill").toolTip().endswith("(Ctrl+I)")
    assert "(" not in window.findChild(QAction, "invert_mask").toolTip()
    hands.key(Qt.Key.Key_Return)
    assert not window.filling.busy and len(steps(window)) == done, "the old key does nothing"
    window.engine_options.set_choice("telea", {}, 1)
    hands.key(Qt.Key.Key_I, CTRL)
    qtbot.waitUntil(lambda: len(steps(window)) == done + 1, timeout=20000)
    assert steps(window)[-1] == "Fill"
    assert settings_file.load().shortcuts == {"fill": ("Ctrl+I",), "invert_mask": ()}


def test_kept_keys_are_there_at_the_next_start(qtbot, new_window):
    new_window()
    window = Window(Settings(shortcuts={"choose-lasso": ("Shift+F4",), "fit": ("no such key", "F3")}))
    try:
        assert window.findChild(QAction, "choose-lasso").shortcut().toString() == "Shift+F4"
        assert [key.toString() for key in window.findChild(QAction, "fit").shortcuts()] == ["F3"]
        assert "(Shift+F4)" in window.findChild(QToolButton, "tool-lasso").toolTip()
    finally:
        window.close()
        window.deleteLater()


def test_the_keys_dialog_leads_to_changing_them(window, qtbot):
    QTest.keyClick(window, Qt.Key.Key_F1)
    dialog(qtbot, window, "shortcuts").findChild(QWidget, "shortcuts-change").click()
    box = dialog(qtbot, window, "preferences")
    assert box.pages.currentWidget() is box.keys
    box.reject()
    assert not [one for one in window.findChildren(QDialog) if one.isVisible()]


def test_what_is_typed_into_a_field_is_no_command(window, hands):
    show(window, Photo(a_picture()))
    field = hands.find("brush-size")
    field.setFocus()
    field.selectAll()
    for key in (Qt.Key.Key_4, Qt.Key.Key_2, Qt.Key.Key_Return):
        QTest.keyClick(field, key)
    assert window.tools.brush_tool.brush.size == 42 and not steps(window)
    QApplication.sendEvent(window.canvas, QEvent(QEvent.Type.FocusIn))
    hands.key(Qt.Key.Key_F, SHIFT | CTRL)
    assert not steps(window), "nothing is masked: nothing to feather"


def test_the_guide_tells_the_keys_as_they_are(window, hands, qtbot):
    window.files.change_settings(Settings(shortcuts={"fill": ("Ctrl+Alt+Y",), "choose-lasso": ()}))
    window.apply_settings(window.files.settings)
    QTest.keyClick(window, Qt.Key.Key_F1, SHIFT)
    guide = dialog(qtbot, window, "guide")
    words = guide.text.toPlainText()
    assert "Press Ctrl+Alt+Y." in words and "Lasso the menu:" in words and "[[" not in words
    assert "[ and ] change its" in words.replace("\n", " ") and "Shift+\\ lays a line" in words.replace("\n", " ")
    assert not guide.isModal(), "one can try what one reads"
    guide.close()
