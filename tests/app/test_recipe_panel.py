"""The recipe of the active fill layer."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from editor.app.panels.recipe import RecipePanel
from editor.document import fills, layer_ops
from editor.raster.surface import Surface

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot, filled):
    widget = RecipePanel()
    qtbot.addWidget(widget)
    widget.set_document(filled)
    widget.show()
    return widget


def test_it_tells_how_the_chosen_variant_was_made(panel, filled):
    fills.choose_variant(filled, filled.layers[0].id, 2)
    texts = {name: label.text() for name, label in panel.values.items()}
    assert texts == {"Engine": "ns (chosen by auto)", "Settings": "grain 0.5", "Guides": "", "Seed": "3",
                     "Device": "cpu, float32", "Time": "0.25 s", "Region": "60 × 40 px at 80, 50", "Resolution": "",
                     "Notes": "note of 200"}


def test_it_tells_what_guided_the_fill(panel, filled):
    lines, dabs = Surface(filled.shape, 1, np.uint8), Surface(filled.shape, 4, np.uint8)
    recipe = filled.layers[0].recipe
    for guides, words in (({"sketch": lines}, "sketch"), ({"sketch": lines, "colour": dabs}, "sketch, colour strokes")):
        fills.refill(filled, filled.layers[0].id, replace(recipe, **guides))
        assert panel.values["Guides"].text() == words and panel.values["Guides"].isVisible()


def test_a_fill_coarser_than_the_photograph_says_how_coarse(panel, filled):
    fine = filled.layers[0].recipe.variants[0]
    for worked_at, words in ((1490, ""), (512, "filled at 512 px of 1490 (0.34×)")):
        fills.append_variant(filled, "first", replace(fine, worked_at=worked_at, worked_on=1490))
        fills.choose_variant(filled, filled.layers[0].id, len(filled.layers[0].recipe.variants) - 1)
        assert panel.values["Resolution"].text() == words


def test_reopen_and_new_seed_name_the_layer(qtbot, panel, filled):
    for button, signal in ((panel.reopen, panel.reopen_requested), (panel.refill, panel.refill_requested)):
        with qtbot.waitSignal(signal) as asked:
            qtbot.mouseClick(button, LEFT)
        assert asked.args == [filled.layers[0].id]


def test_a_reopened_layer_says_so(panel, filled):
    fills.reopen(filled, filled.layers[0].id)
    assert not panel.reopen.isEnabled() and panel.reopen.text() == "Reopened"


def test_a_locked_layer_is_not_filled_again(panel, filled):
    layer_ops.set_locked(filled, filled.layers[0].id, True)
    assert not panel.reopen.isEnabled() and not panel.refill.isEnabled()


def test_out_of_date_is_shown_when_told(panel):
    assert not panel.stale.isVisible()
    panel.set_stale(True)
    assert panel.stale.isVisible()


def test_without_a_fill_layer_there_is_a_hint(panel, filled):
    filled.activate(None)
    assert panel.hint.isVisible() and not panel.refill.isVisible()
    panel.set_document(None)
    assert panel.hint.isVisible()
