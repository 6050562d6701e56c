"""The gallery of variants."""

from dataclasses import replace

import numpy as np
import pytest
from app_documents import paint, variant
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QToolButton

from editor.app.cards import IMAGE
from editor.app.panels.variants import VariantsPanel
from editor.document import fills, layer_ops
from editor.raster.surface import Box

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot, filled):
    widget = VariantsPanel()
    qtbot.addWidget(widget)
    widget.set_document(filled)
    widget.resize(360, 260)
    widget.show()
    return widget


def captions(panel) -> list[str]:
    return [panel.list.cards.item(row).text() for row in range(panel.list.cards.rowCount())]


def picture(panel, row: int) -> QImage:
    return panel.list.cards.item(row).data(IMAGE)


def click(qtbot, panel, row: int) -> None:
    qtbot.mouseClick(panel.list.viewport(), LEFT, pos=panel.list.visualRect(panel.list.cards.index(row, 0)).center())


def shown(document) -> int:
    """The grey of the fill on the canvas."""
    return int(document.picture().read(Box(60, 100, 61, 101))[0, 0, 0])


def test_each_variant_has_a_numbered_card_and_says_how_it_was_made(panel):
    assert captions(panel) == ["1 · telea", "2 · telea", "3 · ns"]
    tip = panel.list.cards.item(2).toolTip()
    assert "seed 3" in tip and "0.25 s" in tip and "note of 200" in tip and "filled at" not in tip
    assert panel.list.currentIndex().row() == 0


def test_a_variant_coarser_than_the_photograph_says_so(panel, filled):
    fills.append_variant(filled, "first", replace(variant(90), worked_at=512, worked_on=1024))
    assert "filled at 512 px of 1024 (0.50×)" in panel.list.cards.item(3).toolTip()


def test_a_click_swaps_the_fill_and_undo_swaps_it_back(qtbot, panel, filled):
    steps = len(filled.history.commands)
    click(qtbot, panel, 2)
    assert shown(filled) == 200
    assert len(filled.history.commands) == steps + 1
    filled.undo()
    assert shown(filled) == 60
    assert panel.list.currentIndex().row() == 0


def test_clicking_the_chosen_one_is_no_step(qtbot, panel, filled):
    steps = len(filled.history.commands)
    click(qtbot, panel, 0)
    assert len(filled.history.commands) == steps


def test_arrow_keys_walk_through_the_variants(qtbot, panel, filled):
    qtbot.keyClick(panel.list, Qt.Key.Key_Right)
    assert shown(filled) == 120
    qtbot.keyClick(panel.list, Qt.Key.Key_Left)
    assert shown(filled) == 60


def test_pictures_show_the_variant_over_what_is_beneath(qtbot, panel, filled):
    qtbot.waitUntil(lambda: not picture(panel, 2).isNull())
    sizes = {(picture(panel, row).width(), picture(panel, row).height()) for row in range(3)}
    assert len(sizes) == 1
    middle = [picture(panel, row).pixelColor(picture(panel, row).rect().center()).red() for row in range(3)]
    assert middle == [60, 120, 200]
    corner = picture(panel, 0).pixelColor(0, 0)
    assert corner.red() != corner.green(), "round the patch the photograph is seen"


def test_a_variant_that_arrives_later_joins(qtbot, panel, filled):
    fills.append_variant(filled, "first", variant(90, seed=9))
    assert captions(panel)[-1] == "4 · telea"
    assert panel.list.currentIndex().row() == 0
    qtbot.waitUntil(lambda: not picture(panel, 3).isNull())


def test_only_the_active_fill_layer_has_a_gallery(panel, filled):
    layer_ops.add_paint_layer(filled)
    assert not panel.list.isVisible() and "Select a fill layer" in panel.hint.text()
    filled.activate(filled.layers[0].id)
    assert panel.list.isVisible() and captions(panel)


def test_a_layer_that_is_undone_takes_its_gallery_along(panel, filled):
    filled.undo()
    assert captions(panel) == [] and not panel.list.isVisible()
    filled.redo()
    assert len(captions(panel)) == 3 and panel.list.currentIndex().row() == 0


def test_a_fill_that_waits_can_be_used_or_dismissed(qtbot, panel):
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    panel.set_waiting([("Fill with telea", image, "a"), ("Fill with ns", np.zeros((20, 30, 3), np.uint8), "b")])
    uses = panel.findChildren(QToolButton, "waiting-use")
    dismissals = panel.findChildren(QToolButton, "waiting-dismiss")
    with qtbot.waitSignal(panel.waiting_chosen) as chosen:
        qtbot.mouseClick(uses[0], LEFT)
    with qtbot.waitSignal(panel.waiting_dismissed) as dismissed:
        qtbot.mouseClick(dismissals[1], LEFT)
    assert (chosen.args, dismissed.args) == (["a"], ["b"])
    panel.set_waiting([])
    qtbot.waitUntil(lambda: not panel.findChildren(QToolButton, "waiting-use"))


def test_pictures_follow_what_is_painted_beneath(qtbot, panel, filled):
    qtbot.waitUntil(lambda: not picture(panel, 0).isNull())
    layer = layer_ops.add_paint_layer(filled)
    layer_ops.move(filled, layer.id, 0)
    paint(filled, layer.id, (9, 200, 9, 255), Box(0, 0, 180, 240))
    filled.activate(filled.layers[1].id)
    qtbot.waitUntil(lambda: picture(panel, 0).pixelColor(0, 0).green() == 200)
