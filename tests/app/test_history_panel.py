"""The history panel."""

import time

import pytest
from app_documents import paint
from PySide6.QtCore import Qt

from editor.app.icons import DISABLED
from editor.app.panels.history import HistoryPanel
from editor.document.history import Command

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot, stacked):
    widget = HistoryPanel()
    qtbot.addWidget(widget)
    widget.set_document(stacked)
    widget.resize(250, 400)
    widget.show()
    return widget


def rows(panel) -> list[str]:
    model = panel.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def is_grey(panel, row: int) -> bool:
    return panel.list.model().index(row, 0).data(Qt.ItemDataRole.ForegroundRole) == DISABLED


def test_steps_follow_the_opened_state(panel):
    assert rows(panel) == ["Opened", *["Add paint layer"] * 3, "Paint"]
    assert panel.list.currentIndex().row() == 4


def test_a_click_goes_to_that_step_and_greys_the_later_ones(qtbot, panel, stacked):
    place = panel.list.visualRect(panel.list.model().index(1, 0)).center()
    qtbot.mouseClick(panel.list.viewport(), LEFT, pos=place)
    assert stacked.history.position == 1
    assert len(stacked.layers) == 1
    assert [is_grey(panel, row) for row in range(5)] == [False, False, True, True, True]


def test_arrow_keys_step_through_to_the_first_state_and_back(qtbot, panel, stacked):
    for _ in range(6):
        qtbot.keyClick(panel.list, Qt.Key.Key_Up)
    assert stacked.history.position == 0 and not stacked.layers
    qtbot.keyClick(panel.list, Qt.Key.Key_End)
    assert stacked.history.position == 4
    assert not any(is_grey(panel, row) for row in range(5))


def test_a_new_step_replaces_the_undone_ones(panel, stacked):
    stacked.go_to(2)
    paint(stacked, stacked.layers[0].id, (1, 2, 3, 255))
    assert rows(panel) == ["Opened", "Add paint layer", "Add paint layer", "Paint"]
    assert panel.list.currentIndex().row() == 3
    assert stacked.history.position == 3


def test_undo_elsewhere_moves_the_mark(panel, stacked):
    stacked.undo()
    assert panel.list.currentIndex().row() == 3


def test_memory_is_told(qtbot, panel, stacked):
    for grey in range(20):
        paint(stacked, "mask", (grey + 1,))
    qtbot.waitUntil(lambda: panel.memory.text().startswith("24 steps"))
    assert panel.memory.text().endswith("of 128 MiB")


def test_thousands_of_steps_stay_quick_and_the_current_one_in_sight(panel, document):
    panel.set_document(document)
    for number in range(3000):
        document.history.commands.append(Command(f"Step {number}", ()))
    document.history.position = 3000
    document.history_changed.emit()
    start = time.perf_counter()
    for _ in range(20):
        document.undo()
    assert (time.perf_counter() - start) / 20 < 0.016
    assert panel.list.viewport().rect().intersects(panel.list.visualRect(panel.list.currentIndex()))


def test_without_a_document_it_is_empty(panel, stacked):
    panel.set_document(None)
    assert panel.list.model() is None and panel.memory.text() == ""
    stacked.undo()  # the old document is no longer listened to
