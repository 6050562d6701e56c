"""From the mask to a fill layer, with everything else going on meanwhile."""

import threading
import time

import numpy as np
import pytest
from doing import composite, fill_and_wait, mask_of, seen_photo
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from editor.document import fills
from editor.engines.contract import FillResult

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Slow:
    """An engine that takes as long as the test wants, and says when it is at work."""

    name, title, uses, card = "slow", "Slow", frozenset({"variants"}), None

    def __init__(self, engine, gate: threading.Event):
        self._engine, self._gate = engine, gate
        self.Settings = engine.Settings
        self.max_working_side, self.context = engine.max_working_side, engine.context
        self.at_work = threading.Event()

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def fill(self, request, progress):
        self.at_work.set()
        for result in self._engine.fill(request, progress):
            while not self._gate.wait(0.01):
                progress(0.5, "waiting")
            assert isinstance(result, FillResult)
            yield result


@pytest.fixture
def slow(monkeypatch):
    """Make Telea wait for the gate."""
    from editor.engines import registry

    gate = threading.Event()
    engine = Slow(registry.find("telea"), gate)
    find = registry.find
    monkeypatch.setattr(registry, "find", lambda name: engine if name == "telea" else find(name))
    engine.gate = gate
    yield engine
    gate.set()


@pytest.fixture
def telea(opened):
    opened.engine_options.set_choice("telea", {}, 1)
    return opened


def test_paint_fill_undo_all_redo_all(qtbot, telea, hands):
    window = telea
    original = composite(window)
    hands.stroke((200, 120), (240, 150), (220, 170))
    mask = mask_of(window)
    assert mask.max() == 255
    fill_and_wait(qtbot, window, hands)
    filled = composite(window)
    assert window.document.layers[0].is_fill
    assert mask_of(window).max() == 0, "the fill uses the mask up"
    assert (filled[mask == 0] == original[mask == 0]).all(), "not a bit outside the mask has changed"
    assert (filled[mask == 255] != original[mask == 255]).any()
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (mask_of(window) == mask).all() and not window.document.layers, "one step takes back fill and mask"
    hands.key(Qt.Key.Key_Z, CTRL)
    assert mask_of(window).max() == 0
    assert (composite(window) == original).all()
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert (composite(window) == filled).all()


def test_enter_fills(qtbot, telea, hands):
    hands.stroke((100, 100), (150, 100))
    hands.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(telea.document.layers) == 1, timeout=20000)


def test_nothing_masked_is_said_and_nothing_happens(telea, hands):
    hands.click("fill")
    assert "mask is empty" in telea.statusBar().currentMessage()
    assert telea.document.history.position == 0


def test_cancel_half_way_leaves_everything_as_it_was(qtbot, slow, telea, hands):
    hands.stroke((100, 100), (150, 100))
    mask, before = mask_of(telea), composite(telea)
    hands.click("fill")
    qtbot.waitUntil(slow.at_work.is_set)
    qtbot.waitUntil(lambda: hands.find("cancel").isVisible())
    started = time.monotonic()
    hands.click("cancel")
    assert not telea.filling.busy and time.monotonic() - started < 0.2
    slow.gate.set()
    qtbot.wait(100)
    assert not telea.document.layers
    assert (mask_of(telea) == mask).all() and (composite(telea) == before).all()
    assert not hands.find("progress").isVisible()
    assert "cancelled" in telea.statusBar().currentMessage()


def test_painting_zooming_and_undo_go_on_while_it_fills(qtbot, slow, telea, hands):
    hands.stroke((100, 100), (150, 100))
    used = mask_of(telea)
    hands.click("fill")
    qtbot.waitUntil(slow.at_work.is_set)
    hands.stroke((350, 200), (400, 220))
    hands.wheel(2, 200, 150)
    later = mask_of(telea)
    assert telea.filling.busy
    slow.gate.set()
    qtbot.waitUntil(lambda: len(telea.document.layers) == 1, timeout=20000)
    left = mask_of(telea)
    assert left[used > 0].max() == 0 and (left[200:220, 350:400] == later[200:220, 350:400]).all(), \
        "what was painted meanwhile stays in the mask"


def test_a_result_waits_for_the_end_of_a_stroke(qtbot, slow, telea, hands):
    hands.stroke((100, 100), (150, 100))
    hands.click("fill")
    qtbot.waitUntil(slow.at_work.is_set)
    hands.stroke((350, 200), (380, 210), release=False)
    slow.gate.set()
    qtbot.waitUntil(lambda: not telea.filling.busy, timeout=20000)
    qtbot.wait(30)
    assert not telea.document.layers, "a stroke under the pen is not torn in two"
    QTest.mouseRelease(telea.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, hands.at(380, 210))
    qtbot.waitUntil(lambda: len(telea.document.layers) == 1)
    assert [command.name for command in telea.document.history.commands] == ["Paint mask", "Paint mask", "Fill"]


def test_a_late_result_waits_in_the_gallery_if_its_ground_has_changed(qtbot, slow, telea, hands):
    hands.stroke((100, 100), (150, 100))
    hands.click("fill")
    qtbot.waitUntil(slow.at_work.is_set)
    telea.tools.choose("paint-brush")
    hands.stroke((110, 100), (130, 100))
    slow.gate.set()
    qtbot.waitUntil(lambda: len(telea.filling.waiting) == 1, timeout=20000)
    assert [layer.is_fill for layer in telea.document.layers] == [False]
    hands.key(Qt.Key.Key_Z, CTRL)
    assert telea.document.history.position < len(telea.document.history.commands), "redo is not destroyed"
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    telea.filling.use_waiting(next(iter(telea.filling.waiting)))
    assert [layer.is_fill for layer in telea.document.layers] == [False, True]
    assert not telea.filling.waiting


def test_variants_arrive_can_be_swapped_and_undone(qtbot, opened, hands):
    opened.engine_options.set_choice("telea", {}, 3)
    hands.stroke((150, 100), (260, 160))
    hands.click("fill")
    qtbot.waitUntil(lambda: len(opened.document.layers) == 1 and not opened.filling.busy, timeout=30000)
    layer = opened.document.layers[0]
    assert len(layer.recipe.variants) == 3
    assert opened.document.history.position == 2, "variants that arrive are not steps"
    first = composite(opened)
    hands.key(Qt.Key.Key_Right, CTRL)
    second = composite(opened)
    assert (first != second).any()
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (composite(opened) == first).all()
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert len(opened.document.layers[0].recipe.variants) == 3, "undo and redo keep the gallery"
    assert (composite(opened) == first).all()


def test_a_fill_layer_is_reopened_changed_and_filled_again(qtbot, telea, hands):
    hands.stroke((150, 100), (200, 100))
    mask = mask_of(telea)
    fill_and_wait(qtbot, telea, hands)
    layer = telea.document.layers[0].id
    hands.key(Qt.Key.Key_R, CTRL)
    assert (mask_of(telea) == mask).all()
    hands.stroke((200, 100), (260, 130))
    wider = mask_of(telea)
    fill_and_wait(qtbot, telea, hands)
    assert [one.id for one in telea.document.layers] == [layer], "the same layer, filled again"
    recipe = telea.document.layers[0].recipe
    assert (recipe.mask.read(telea.document.base.bounds)[..., 0] == wider).all()
    assert len(recipe.variants) == 2 and recipe.chosen == 1
    assert fills.reopened(telea.document) is None and mask_of(telea).max() == 0


def test_fill_again_reads_the_layers_below_its_own(qtbot, telea, hands):
    telea.engine_options.set_choice("telea", {"telea": {"grain": 0.0}}, 1)  # grain follows the seed
    hands.stroke((150, 100), (200, 100))
    fill_and_wait(qtbot, telea, hands)
    first = composite(telea)
    position = telea.document.history.position
    hands.key(Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: telea.document.history.position == position + 1, timeout=20000)
    assert (composite(telea) == first).all(), "the same engine on the same ground gives the same pixels"
    assert len(telea.document.layers[0].recipe.variants) == 2


def test_filling_a_layer_again_that_was_deleted_meanwhile_brings_nothing_back_unasked(qtbot, slow, telea, hands):
    slow.gate.set()
    hands.stroke((150, 100), (200, 100))
    fill_and_wait(qtbot, telea, hands)
    slow.gate.clear()
    slow.at_work.clear()
    hands.key(Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(slow.at_work.is_set)
    hands.key(Qt.Key.Key_Delete)
    slow.gate.set()
    qtbot.waitUntil(lambda: len(telea.filling.waiting) == 1, timeout=20000)
    assert not telea.document.layers
    hands.click("waiting-use")
    assert [layer.is_fill for layer in telea.document.layers] == [True] and not telea.filling.waiting


def test_a_locked_layer_is_not_filled_again(qtbot, telea, hands):
    hands.stroke((150, 100), (200, 100))
    fill_and_wait(qtbot, telea, hands)
    from editor.document import layer_ops

    layer_ops.set_locked(telea.document, telea.document.layers[0].id, True)
    hands.key(Qt.Key.Key_Return, CTRL)
    assert not telea.filling.busy and "locked" in telea.statusBar().currentMessage()


def test_ground_that_changed_is_seen(qtbot, telea, hands):
    hands.stroke((150, 100), (200, 100))
    fill_and_wait(qtbot, telea, hands)
    layer = telea.document.layers[0]
    assert not fills.is_stale(telea.document, layer.id)
    telea.document.activate(None)
    telea.tools.choose("paint-brush")
    hands.stroke((140, 95), (220, 105))
    from editor.document import layer_ops

    painted = next(one for one in telea.document.layers if not one.is_fill)
    layer_ops.move(telea.document, painted.id, 0)
    assert fills.is_stale(telea.document, layer.id)
    telea.document.activate(layer.id)
    qtbot.waitUntil(lambda: telea.recipe.stale.isVisibleTo(telea.recipe))
    telea.document.activate(painted.id)
    assert not telea.recipe.stale.isVisibleTo(telea.recipe), "it is the other layer that is out of date"
    telea.document.activate(layer.id)
    assert telea.recipe.stale.isVisibleTo(telea.recipe)


def test_sixteen_bit_grey_photographs_stay_so(qtbot, window, hands, tmp_path):
    import cv2
    from doing import open_and_wait

    rows, columns = np.mgrid[0:200, 0:300]
    deep = (20000 + 100 * columns + 31 * rows).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "deep.png"), deep)
    open_and_wait(qtbot, window, tmp_path / "deep.png")
    window.engine_options.set_choice("telea", {}, 1)
    window.tools.brush_tool.set_brush(size=30)
    hands.stroke((100, 100), (160, 100))
    mask = mask_of(window)
    fill_and_wait(qtbot, window, hands)
    filled = composite(window)
    assert filled.dtype == np.uint16 and filled.shape == (200, 300, 1)
    assert (filled[mask == 0, 0] == deep[mask == 0]).all()
    inside = filled[mask == 255, 0]
    assert np.abs(inside.astype(int) - deep[mask == 255]).max() < 4000
    assert len(np.unique(inside % 257)) > 50, "more than 8 bits of it are used"


class Showing(Slow):
    """Shows a red hole while it waits."""

    def fill(self, request, progress):
        request.show(np.full((*request.hole.shape, 3), (250, 0, 0), np.uint8)[::4, ::4])
        yield from super().fill(request, progress)


@pytest.fixture
def showing(monkeypatch, slow):
    from editor.engines import registry

    engine = Showing(slow._engine, slow.gate)
    engine.gate = slow.gate
    find = registry.find
    monkeypatch.setattr(registry, "find", lambda name: engine if name == "telea" else find(name))
    return engine


@pytest.mark.parametrize("end", ["landed", "cancelled"])
def test_a_fill_is_seen_coming(qtbot, telea, hands, showing, end):
    hands.stroke((100, 100), (140, 100))
    hole = mask_of(telea) > 200
    before = composite(telea)
    qtbot.keyClick(telea, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: (seen_photo(telea)[hole][:, 0] > 200).mean() > 0.9, timeout=20000)
    assert np.array_equal(composite(telea), before)  # seen, and no part of the document
    if end == "landed":
        showing.gate.set()
        qtbot.waitUntil(lambda: len(telea.document.layers) == 1, timeout=20000)
    else:
        telea.cancel()
    qtbot.waitUntil(lambda: not telea.filling.busy, timeout=20000)
    assert (seen_photo(telea)[hole][:, 0] > 240).mean() < 0.2
    assert telea.canvas._previews.box.empty
