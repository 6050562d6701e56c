"""The layers panel, by mouse and keys."""

import pytest
from app_documents import paint
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLineEdit, QToolButton

from editor.app.panels import layer_list
from editor.app.panels.layer_model import THUMBNAIL
from editor.app.panels.layers import LayersPanel
from editor.document import layer_ops

LEFT = Qt.MouseButton.LeftButton


class Hands:
    """Clicks and keys on the panel's rows and buttons."""

    def __init__(self, qtbot, panel: LayersPanel):
        self.qtbot, self.panel, self.list = qtbot, panel, panel.list

    def row(self, row: int):
        return self.list.visualRect(self.list.model().index(row, 0))

    def names(self) -> list[str]:
        model = self.list.model()
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def click(self, place) -> None:
        self.qtbot.mouseClick(self.list.viewport(), LEFT, pos=place.center())

    def button(self, name: str) -> None:
        self.qtbot.mouseClick(self.panel.findChild(QToolButton, name), LEFT)

    def key(self, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.list, key, modifiers)

    def rename(self, text: str) -> None:
        editor = self.list.findChild(QLineEdit)
        editor.selectAll()
        self.qtbot.keyClicks(editor, text)
        self.qtbot.keyClick(editor, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: self.list.findChild(QLineEdit) is None)


@pytest.fixture
def panel(qtbot, stacked):
    widget = LayersPanel()
    qtbot.addWidget(widget)
    widget.set_document(stacked)
    widget.resize(300, 400)
    widget.show()
    return widget


@pytest.fixture
def hands(qtbot, panel):
    return Hands(qtbot, panel)


def test_top_layer_stands_first_and_the_photograph_last(hands):
    assert hands.names() == ["Paint 3", "Paint 2", "Paint 1", "Photograph"]


def test_a_click_on_a_row_makes_that_layer_active_without_a_step(hands, stacked):
    steps = len(stacked.history.commands)
    hands.click(layer_list.name_rect(hands.row(2)))
    assert stacked.active == stacked.layers[0].id
    hands.click(layer_list.name_rect(hands.row(3)))
    assert stacked.active is None
    assert len(stacked.history.commands) == steps


def test_the_eye_hides_a_layer_in_one_step(hands, stacked):
    steps = len(stacked.history.commands)
    hands.click(layer_list.eye_rect(hands.row(2)))
    assert not stacked.layers[0].visible
    assert stacked.active == stacked.layers[2].id, "a click on an eye chooses nothing"
    assert len(stacked.history.commands) == steps + 1
    stacked.undo()
    assert stacked.layers[0].visible


def test_the_photograph_has_neither_eye_nor_lock(hands, stacked):
    steps = len(stacked.history.commands)
    hands.click(layer_list.eye_rect(hands.row(3)))
    hands.click(layer_list.lock_rect(hands.row(3)))
    assert len(stacked.history.commands) == steps


def test_the_lock_locks(hands, stacked):
    hands.click(layer_list.lock_rect(hands.row(0)))
    assert stacked.layers[2].locked


def test_space_hides_the_active_layer(hands, stacked):
    hands.key(Qt.Key.Key_Space)
    assert not stacked.layers[2].visible


def test_f2_renames_in_place(hands, stacked):
    hands.key(Qt.Key.Key_F2)
    hands.rename("Sky")
    assert stacked.layers[2].name == "Sky"
    stacked.undo()
    assert hands.names()[0] == "Paint 3"


def test_a_double_click_on_the_name_renames(hands, stacked):
    place = layer_list.name_rect(hands.row(2))
    hands.click(place)
    hands.qtbot.mouseDClick(hands.list.viewport(), LEFT, pos=place.center())
    hands.rename("Tree")
    assert stacked.layers[0].name == "Tree"


def test_an_empty_name_is_not_taken(hands, stacked):
    hands.key(Qt.Key.Key_F2)
    hands.rename("  ")
    assert stacked.layers[2].name == "Paint 3"


def test_delete_key_removes_the_active_layer(hands, stacked):
    hands.key(Qt.Key.Key_Delete)
    assert hands.names() == ["Paint 2", "Paint 1", "Photograph"]
    assert hands.list.currentIndex().row() == 0
    stacked.undo()
    assert hands.names()[0] == "Paint 3"


def test_alt_and_arrows_reorder(hands, stacked):
    alt = Qt.KeyboardModifier.AltModifier
    hands.key(Qt.Key.Key_Down, alt)
    assert hands.names() == ["Paint 2", "Paint 3", "Paint 1", "Photograph"]
    hands.key(Qt.Key.Key_Down, alt)
    hands.key(Qt.Key.Key_Down, alt)  # already the lowest
    assert hands.names() == ["Paint 2", "Paint 1", "Paint 3", "Photograph"]
    hands.key(Qt.Key.Key_Up, alt)
    assert hands.names() == ["Paint 2", "Paint 3", "Paint 1", "Photograph"]


@pytest.mark.parametrize(("source", "target", "names"), [
    (0, 2, "231"), (0, 3, "213"), (0, 4, "213"), (2, 0, "132"), (1, 0, "231"), (1, 3, "312"), (2, 3, "321")])
def test_dropping_a_row_above_another_moves_its_layer(hands, stacked, source, target, names):
    hands.list.model().moveRow(QModelIndex(), source, QModelIndex(), target)  # as the view does at a drop
    assert hands.names() == [*(f"Paint {name}" for name in names), "Photograph"]


def test_the_photograph_cannot_be_moved(hands, stacked):
    assert not hands.list.model().moveRow(QModelIndex(), 3, QModelIndex(), 0)
    assert hands.names()[-1] == "Photograph"


def test_buttons_add_duplicate_and_delete(hands, stacked):
    hands.button("layer-add-layer")
    assert hands.names()[0] == "Paint 4"
    hands.click(layer_list.name_rect(hands.row(3)))  # the red one
    hands.button("layer-duplicate")
    assert hands.names() == ["Paint 4", "Paint 3", "Paint 2", "Paint 1 copy", "Paint 1", "Photograph"]
    hands.button("layer-delete")
    assert hands.names() == ["Paint 4", "Paint 3", "Paint 2", "Paint 1", "Photograph"]


def test_merge_down_joins_two_layers(hands, stacked):
    paint(stacked, stacked.layers[1].id, (0, 0, 255, 255))
    hands.click(layer_list.name_rect(hands.row(1)))
    hands.button("layer-merge-down")
    assert hands.names() == ["Paint 3", "Paint 1", "Photograph"]
    assert stacked.surfaces[stacked.layers[0].id].tile((0, 0))[10, 10].tolist() == [0, 0, 255, 255]


def test_the_lowest_layer_cannot_be_merged(hands, panel):
    hands.click(layer_list.name_rect(hands.row(2)))
    assert not panel.actions_by_name["merge-down"].isEnabled()


def test_flatten_leaves_one_layer(hands, stacked):
    hands.button("layer-flatten")
    assert hands.names() == ["Flattened", "Photograph"]


def test_what_cannot_be_flattened_is_said(hands, stacked, qtbot, panel):
    layer_ops.set_mode(stacked, stacked.layers[0].id, "svg:dst-out")
    with qtbot.waitSignal(panel.failed) as failure:
        hands.button("layer-flatten")
    assert "flatten" in failure.args[0]
    assert hands.names() == ["Paint 3", "Paint 2", "Paint 1", "Photograph"]


def test_dragging_the_opacity_is_live_and_one_step(panel, stacked):
    steps = len(stacked.history.commands)
    slider = panel.opacity.slider
    slider.setSliderDown(True)
    for percent in (80, 50, 30):
        slider.setValue(percent)
        assert stacked.layers[2].opacity == percent / 100
    slider.setSliderDown(False)
    assert len(stacked.history.commands) == steps + 1
    stacked.undo()
    assert stacked.layers[2].opacity == 1
    assert panel.opacity.number.value() == 100


def test_the_opacity_jumps_to_where_it_is_clicked_and_is_dragged_from_there(qtbot, panel, stacked):
    slider, steps = panel.opacity.slider, len(stacked.history.commands)
    middle, quarter = slider.rect().center(), QPoint(slider.width() // 4, slider.height() // 2)
    qtbot.mousePress(slider, LEFT, pos=middle)
    assert stacked.layers[2].opacity == pytest.approx(0.5, abs=0.05)
    qtbot.mouseMove(slider, quarter)
    assert stacked.layers[2].opacity == pytest.approx(0.2, abs=0.07)
    qtbot.mouseRelease(slider, LEFT, pos=quarter)
    assert len(stacked.history.commands) == steps + 1 and not slider.isSliderDown()


def test_a_hidden_layers_name_can_be_read_on_the_highlight(panel, stacked, hands):
    layer = stacked.layers[2]
    layer_ops.set_visible(stacked, layer.id, False)
    stacked.activate(layer.id)
    row = panel.list.currentIndex().row()
    image = panel.list.viewport().grab(layer_list.name_rect(hands.row(row))).toImage()
    ground = panel.list.palette().highlight().color().lightness()
    assert max(image.pixelColor(x, y).lightness() for x in range(60) for y in range(image.height())) > ground + 50


def test_keys_on_the_opacity_are_one_step_when_they_follow_quickly(qtbot, panel, stacked):
    steps = len(stacked.history.commands)
    for _ in range(3):
        qtbot.keyClick(panel.opacity.slider, Qt.Key.Key_Left)
    panel.opacity.finish()
    assert stacked.layers[2].opacity == 0.97
    assert len(stacked.history.commands) == steps + 1


def test_an_undo_in_the_middle_of_a_drag_ends_its_step(panel, stacked):
    slider = panel.opacity.slider
    slider.setSliderDown(True)
    slider.setValue(40)
    stacked.undo()
    assert stacked.layers[2].opacity == 1
    slider.setValue(60)
    slider.setSliderDown(False)
    assert stacked.layers[2].opacity == 0.6
    stacked.undo()
    assert stacked.layers[2].opacity == 1


def test_choosing_another_layer_ends_an_opacity_step(qtbot, hands, panel, stacked):
    steps = len(stacked.history.commands)
    qtbot.keyClick(panel.opacity.slider, Qt.Key.Key_Left)
    hands.click(layer_list.name_rect(hands.row(2)))
    assert len(stacked.history.commands) == steps + 1
    assert panel.opacity.slider.value() == 100


def test_blend_mode_is_chosen_from_all_modes(qtbot, panel, stacked):
    qtbot.keyClick(panel.mode, Qt.Key.Key_Down)
    assert stacked.layers[2].mode == "svg:multiply"
    assert panel.mode.currentText() == "Multiply"
    stacked.undo()
    assert panel.mode.currentText() == "Normal"


def test_the_photograph_has_no_opacity_mode_or_deletion(hands, panel):
    hands.click(layer_list.name_rect(hands.row(3)))
    assert not panel.opacity.isEnabled()
    assert not panel.mode.isEnabled()
    assert not panel.actions_by_name["delete"].isEnabled()


def test_thumbnails_follow_what_is_painted(qtbot, panel, stacked):
    index = panel.list.model().index(2, 0)
    qtbot.waitUntil(lambda: not index.data(THUMBNAIL).isNull())
    assert index.data(THUMBNAIL).pixelColor(5, 5) == QColor(255, 0, 0)
    paint(stacked, stacked.layers[0].id, (0, 255, 0, 255))
    qtbot.waitUntil(lambda: index.data(THUMBNAIL).pixelColor(5, 5) == QColor(0, 255, 0))


def test_without_a_document_nothing_can_be_done(panel, stacked):
    panel.set_document(None)
    assert not any(action.isEnabled() for action in panel.actions_by_name.values())
    layer_ops.add_paint_layer(stacked)  # the old document is no longer listened to
    assert panel.list.model() is None


def test_out_of_date_fills_say_so(qtbot, filled):
    panel = LayersPanel()
    qtbot.addWidget(panel)
    panel.set_document(filled)
    index = panel.list.model().index(0, 0)
    assert "out of date" not in index.data(Qt.ItemDataRole.ToolTipRole)
    panel.set_stale(frozenset({filled.layers[0].id}))
    assert "out of date" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_every_control_has_a_tooltip(panel):
    buttons = panel.findChildren(QToolButton)
    assert len(buttons) >= 7
    assert all(button.toolTip() for button in buttons)
    assert "Del" in panel.actions_by_name["delete"].toolTip()
