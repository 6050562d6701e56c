"""Every command: there, reachable without a mouse, explained, and harmless wherever it is enabled."""

from collections import Counter

import numpy as np
import pytest
from doing import a_picture, held, show
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QScrollBar,
    QToolButton,
    QWidget,
)

from editor.app.commands import GESTURES, MENUS
from editor.document import fills
from editor.document.document import MASK
from editor.document.layers import Patch, Recipe, Variant
from editor.document.photo import Photo
from editor.raster import masks

ENTRIES = {entry.name: entry for entries in MENUS.values() for entry in entries if entry}


def window_actions(window) -> list[QAction]:
    """Those whose keys work all over the window."""
    return [one for one in window.findChildren(QAction)
            if one.shortcutContext() == Qt.ShortcutContext.WindowShortcut and one.text()]


def mnemonic(text: str) -> str:
    at = text.replace("&&", "").find("&")
    return text.replace("&&", "")[at + 1].lower() if at >= 0 else ""


def with_a_fill(window) -> None:
    """A photograph, a mask, and a fill layer with two variants."""
    document = show(window, Photo(a_picture()))
    plane = np.zeros(document.shape, np.uint8)
    plane[100:140, 100:160] = 255
    mask = masks.from_array(plane)
    with document.change("Paint mask") as change:
        change.replace(MASK, mask)
    variants = tuple(Variant((Patch(np.full((40, 60, 3), grey, np.uint8), np.full((40, 60), 255, np.uint8),
                                    (100, 100)),), "telea", grey) for grey in (80, 160))
    fills.add_fill_layer(document, Recipe(mask, "telea", {}, 1, variants=variants, run="one"))
    with document.change("Paint mask") as change:
        change.replace(MASK, mask)


def test_every_command_is_an_action_in_a_menu(window):
    for title in MENUS:
        assert mnemonic(title), f"{title} cannot be opened by a key"
    for name, entry in ENTRIES.items():
        found = window.findChild(QAction, name)
        assert found is not None and (found.shortcuts() or mnemonic(entry.title)), name
        assert [key.toString() for key in found.shortcuts()] == [QKeySequence(key).toString() for key in entry.keys]


def test_mnemonics_are_told_apart(window):
    menus = [window.menuBar(), *(one.menu() for one in window.menuBar().actions())]
    for menu in menus:
        used = Counter(filter(None, (mnemonic(one.text()) for one in menu.actions())))
        assert not [key for key, times in used.items() if times > 1], f"{menu.title() if menu in menus[1:] else 'bar'}"


def test_no_two_actions_share_a_key(window):
    keys = Counter(key.toString() for one in window_actions(window) for key in one.shortcuts())
    assert not [key for key, times in keys.items() if times > 1]
    assert len(keys) > 40


def test_every_control_says_what_it_is(window):
    with_a_fill(window)
    controls = [one for kind in (QAbstractButton, QComboBox, QAbstractSlider, QAbstractSpinBox, QLineEdit)
                for one in window.findChildren(kind)]
    own = [one for one in controls if not one.objectName().startswith("qt_") and not isinstance(one, QScrollBar)
           and not isinstance(one.parent(), QAbstractSpinBox | QComboBox) and one.isVisibleTo(window)]
    assert len(own) > 20
    for one in own:
        assert one.toolTip(), f"{type(one).__name__} {one.objectName()!r} in {one.parent().objectName()!r}"
    for one in own:
        if isinstance(one, QToolButton | QAbstractSlider | QComboBox):
            spoken = one.accessibleName() or (one.text() if isinstance(one, QToolButton) else "")
            assert spoken, f"{one.objectName()!r} has no name for a screen reader"


def test_tooltips_name_the_keys(window):
    for name, entry in ENTRIES.items():
        if entry.keys:
            key = QKeySequence(entry.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
            assert key in window.findChild(QAction, name).toolTip(), name
    for tool in window.tools.tools.values():
        assert f"({tool.key})" in window.findChild(QWidget, f"tool-{tool.name}").toolTip()


def test_the_list_of_keys_has_every_key_and_gesture(qtbot, window):
    QTest.keyClick(window, Qt.Key.Key_F1)
    dialog = window.findChild(QDialog, "shortcuts")
    model = dialog.table.model()
    rows = {model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())}
    for menu, entries in MENUS.items():
        for entry in entries:
            if entry and entry.keys:
                assert entry.keys[0] in rows[f"{menu}: {entry.title}".replace("&", "").rstrip("…")]
    for tool in window.tools.tools.values():
        assert rows[tool.title] == tool.key
    assert rows["Brush smaller"] == "[", "what stands left, which keys right"
    assert [what for what, _ in GESTURES if what not in rows] == []
    dialog.close()


@pytest.fixture
def no_defects(window, monkeypatch):
    """An unexpected error is shown in a dialog: here it fails the test."""
    found = []
    monkeypatch.setattr(window, "report_defect", lambda kind, error, trace: found.append(error))
    yield
    assert not found


@pytest.mark.parametrize("state", ["nothing open", "fresh photograph", "fill layer", "reopened fill", "grey, 16 bit"])
def test_every_enabled_action_can_be_run(qtbot, window, hands, no_defects, state):
    """Again and again from the same state; whatever asks is answered with Esc."""
    def prepare() -> None:
        if state == "nothing open":
            window.files.forget_unsaved()
        elif state == "fresh photograph":
            show(window, Photo(a_picture()))
        elif state == "grey, 16 bit":
            show(window, Photo(a_picture(np.uint16, 1)))
        else:
            with_a_fill(window)
            if state == "reopened fill":
                window.editing.reopen_layer(window.document.layers[0].id)

    prepare()
    names = [one.objectName() for one in window_actions(window)
             if one.objectName() and not one.objectName().startswith("_q") and one.objectName() != "quit"]
    assert len(names) > 40
    ran = 0
    before = None
    for name in names:
        if state != "nothing open" and before != (window.document, window.document and window.document.state()):
            prepare()
            before = window.document, window.document.state()
        action = window.findChild(QAction, name)
        if action.isEnabled():
            action.trigger()
            ran += 1
            for dialog in window.findChildren(QDialog):
                if dialog.isVisible():
                    dialog.reject()
            window.filling.cancel()
    assert ran >= (8 if state == "nothing open" else 30)
    qtbot.waitUntil(lambda: not window.findChildren(QFileDialog))
    qtbot.waitUntil(lambda: not any(one.isVisible() for one in window.findChildren(QDialog)))


def test_without_a_document_only_what_makes_sense_is_offered(window, hands):
    enabled = {name for name in ENTRIES if window.findChild(QAction, name).isEnabled()}
    assert enabled == {name for name, entry in ENTRIES.items() if not entry.needs}
    for key in (Qt.Key.Key_B, Qt.Key.Key_Return, Qt.Key.Key_Q, Qt.Key.Key_BracketLeft, Qt.Key.Key_Delete):
        QTest.keyClick(window, key)
    with held(window, Qt.Key.Key_Space), held(window, Qt.Key.Key_Backslash):
        QTest.mouseClick(window.start_page, Qt.MouseButton.LeftButton)
    assert window.document is None


def test_the_menus_can_be_walked_through(window, qtbot):
    """Each menu opens by its key and closes again; those that are filled when opened, too."""
    for entry in window.menuBar().actions():
        menu: QMenu = entry.menu()
        menu.popup(window.mapToGlobal(window.rect().center()))
        assert any(one.isEnabled() for one in menu.actions())
        for one in menu.actions():
            if one.menu():
                one.menu().aboutToShow.emit()
        menu.close()


def test_after_choosing_an_engine_letters_choose_tools(opened, hands):
    engine = hands.find("engine")
    engine.setFocus()
    engine.activated.emit(1)
    hands.key(Qt.Key.Key_H)
    assert opened.tools.current.name == "hand" and engine.currentText() != "Hand"
