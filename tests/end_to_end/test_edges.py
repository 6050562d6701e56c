"""Edges that come into the sketch: proposed by EdgeConnect, or those of other fills."""

import threading
from typing import ClassVar

import numpy as np
import pytest
from doing import (
    CTRL,
    LEFT,
    SHIFT,
    a_picture,
    action,
    dialog,
    mask_of,
    message,
    press,
    read_error,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QToolButton
from skimage import data

from editor.app.cards import IMAGE
from editor.app.panels import engine_options
from editor.document.document import SKETCH
from editor.document.photo import Photo
from editor.engines import registry
from editor.engines.networks.engines import EdgeSettings
from editor.engines.patches.engine import Patches
from editor.errors import UserError

KEY = Qt.Key


class Proposer:
    """Proposes one upright line for each seed, farther right each time."""

    name, title, card = "edge-connect", "EdgeConnect", None
    uses: ClassVar = frozenset({"sketch", "variants"})
    Settings = EdgeSettings
    max_working_side, context = 1024, 0.5
    proposes = True

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.error = ""
        self.asked = []

    def proposed_lines(self, request, seed, width):
        self.asked.append(request)
        self.gate.wait(10)
        if self.error:
            raise UserError(self.error)
        lines = np.zeros(request.hole.shape, np.uint8)
        rows, columns = np.nonzero(request.hole)
        lines[:, columns.min() + 10 + 12 * seed:][:, :width] = 255
        return lines


@pytest.fixture
def proposer(monkeypatch):
    engine, engines = Proposer(), registry.engines
    others = tuple(one for one in engines() if one.name != engine.name)
    monkeypatch.setattr(registry, "engines", lambda: (*others, engine))
    monkeypatch.setattr(engine_options, "engines", lambda: (*others, engine))
    yield engine
    engine.gate.set()


@pytest.fixture
def masked(proposer, window, hands):
    """A photograph of 300 x 440 with a hole of 120 x 80 about (200, 150)."""
    show(window, Photo(a_picture()))
    set_brush(window, size=80, hardness=1.0)
    hands.stroke((180, 150), (220, 150))
    return window


def sketch_of(window) -> np.ndarray:
    surface = window.document.surfaces[SKETCH]
    return surface.read(surface.bounds)[..., 0]


def gallery(qtbot, window, cards: int = 6):
    box = dialog(qtbot, window, "edge-proposals")
    qtbot.waitUntil(lambda: box.list.cards.rowCount() == cards, timeout=20000)
    return box


def click_card(box, row: int) -> None:
    QTest.mouseClick(box.list.viewport(), LEFT, pos=box.list.visualRect(box.list.cards.index(row, 0)).center())


def columns_of(window) -> list[int]:
    return np.flatnonzero((sketch_of(window) > 127).any(axis=0)).tolist()


def test_proposals_are_shown_and_the_chosen_one_is_one_step(qtbot, masked, hands):
    hands.key(KEY.Key_P, CTRL | SHIFT)
    box = gallery(qtbot, masked)
    assert all(not box.list.cards.item(row).data(IMAGE).isNull() for row in range(6))
    first = columns_of(masked)
    assert box.list.currentIndex().row() == 0, "the likeliest is shown at once"
    click_card(box, 2)
    third = columns_of(masked)
    assert first and third[0] == first[0] + 24 and not set(first) & set(third), "another one takes its place"
    assert not sketch_of(masked)[mask_of(masked) == 0].any(), "in the mask only"
    press(box, "take-lines")
    assert steps(masked) == ["Paint mask", "Take proposed edges"] and columns_of(masked) == third
    hands.key(KEY.Key_Z, CTRL)
    assert not sketch_of(masked).any()


def test_taken_lines_are_filled_as_they_are_changed(qtbot, masked, hands):
    masked.engine_options.set_choice("edge-connect", {"edge-connect": {"grain": 0.5}}, 1)
    masked.findChild(QToolButton, "engine-edges").click()
    box = gallery(qtbot, masked)
    click_card(box, 1)
    press(box, "take-lines")
    assert masked.engine_options.choice() == ("edge-connect", {"grain": 0.5, "complete": False}, 1)
    assert "as they are" in message(masked)
    taken = sketch_of(masked)
    hands.key(KEY.Key_X)
    hands.stroke((150, 150), (250, 150))
    assert (sketch_of(masked)[150] == 0).all() and (sketch_of(masked)[120] == taken[120]).all()


def test_they_carry_on_what_is_drawn_with_lines_as_wide_as_the_pens(qtbot, masked, hands, proposer):
    hands.key(KEY.Key_P)
    set_brush(masked, size=5)
    hands.stroke((160, 160), (240, 160))
    drawn = sketch_of(masked)
    action(masked, "propose_edges").trigger()
    box = gallery(qtbot, masked)
    assert proposer.asked[0].sketch is not None
    assert len(columns_of(masked)) > 80 and (sketch_of(masked)[drawn > 0] >= drawn[drawn > 0]).all()
    assert 3 <= (sketch_of(masked)[130] > 127).sum() <= 5
    press(box, "take-lines")


def test_closing_the_gallery_takes_everything_back(qtbot, masked, hands):
    hands.key(KEY.Key_P, CTRL | SHIFT)
    box = gallery(qtbot, masked)
    click_card(box, 3)
    assert sketch_of(masked).any()
    QTest.keyClick(box, KEY.Key_Escape)
    qtbot.waitUntil(lambda: not masked.findChildren(QDialog, "edge-proposals"))
    assert not sketch_of(masked).any() and steps(masked) == ["Paint mask"]
    assert masked.engine_options.choice()[0] == "auto"


def test_closing_it_half_way_stops_the_work(qtbot, masked, hands, proposer):
    proposer.gate.clear()
    hands.key(KEY.Key_P, CTRL | SHIFT)
    box = dialog(qtbot, masked, "edge-proposals")
    qtbot.waitUntil(lambda: bool(proposer.asked))
    QTest.keyClick(box, KEY.Key_Escape)
    proposer.gate.set()
    qtbot.waitUntil(lambda: not masked.findChildren(QDialog, "edge-proposals"))
    qtbot.wait(100)
    assert len(proposer.asked) == 1 and not hands.find("progress").isVisible() and steps(masked) == ["Paint mask"]


def test_what_is_wrong_with_the_network_is_said(qtbot, masked, hands, proposer):
    proposer.error = "its weights are damaged"
    hands.key(KEY.Key_P, CTRL | SHIFT)
    assert "weights are damaged" in read_error(qtbot, masked)
    assert not masked.findChildren(QDialog, "edge-proposals") and not masked.document.changing


def test_without_edgeconnect_the_edges_of_other_engines_fills_are_proposed(qtbot, window, hands, monkeypatch):
    monkeypatch.setattr(registry, "engines", lambda: (Patches(),))
    show(window, Photo(data.astronaut()))
    set_brush(window, size=60, hardness=1.0)
    hands.stroke((200, 100), (240, 130))
    hands.key(KEY.Key_P, CTRL | SHIFT)
    box = gallery(qtbot, window, cards=2)
    first = sketch_of(window)
    assert first.any() and not first[mask_of(window) == 0].any()
    click_card(box, 1)
    assert not np.array_equal(sketch_of(window), first)
    press(box, "take-lines")
    assert steps(window)[-1] == "Take proposed edges" and window.engine_options.choice()[0] == "auto"
    assert "as they are" in message(window)


def test_only_engines_that_propose_edges_have_the_button(masked, hands):
    button = hands.find("engine-edges")
    for engine, there in (("auto", False), ("edge-connect", True), ("telea", False)):
        masked.engine_options.set_choice(engine, {}, 1)
        assert button.isVisible() == there
    masked.engine_options.set_choice("edge-connect", {}, 1)
    hands.key(KEY.Key_D, CTRL)
    hands.click("engine-edges")
    assert "mask is empty" in message(masked) and not masked.findChildren(QDialog, "edge-proposals")
