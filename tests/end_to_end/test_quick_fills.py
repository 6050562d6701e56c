"""Fills that nobody has to ask for: when a stroke ends, into the last fill; and a preview while one draws."""

import threading
import time
from typing import ClassVar

import numpy as np
import pytest
from doing import CTRL, SHIFT, a_picture, action, composite, mask_of, seen_photo, set_brush, show, steps
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QToolButton

from editor.app import settings as settings_file
from editor.app.panels import engine_options
from editor.document.photo import Photo
from editor.engines import registry
from editor.engines.contract import FillResult, Finish
from editor.errors import UserError

KEY = Qt.Key
GREY = 100


class Grey:
    """Fills with grey, with lines in white; waits at its gate."""

    name, title, card = "grey", "Grey", None
    uses: ClassVar = frozenset({"sketch", "variants"})
    Settings = Finish
    max_working_side, context = 1024, 0.5

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.asked = []
        self.error = ""

    def fill(self, request, progress):
        self.asked.append(request)
        while not self.gate.wait(0.01):
            progress(0.5, self.title)
        if self.error:
            raise UserError(self.error)
        pixels = np.where(request.hole[..., None] > 0, np.uint8(GREY), request.image)
        if request.sketch is not None:
            pixels[request.sketch > 127] = 255
        yield FillResult(pixels, request.hole, request.origin, self.name, request.seed, time.perf_counter())


@pytest.fixture
def grey(monkeypatch):
    engines, find, engine = registry.engines, registry.find, Grey()
    monkeypatch.setattr(engine_options, "engines", lambda: (*engines(), engine))
    monkeypatch.setattr(registry, "find", lambda name: engine if name == engine.name else find(name))
    yield engine
    engine.gate.set()


@pytest.fixture
def quick(grey, window):
    """A photograph of 300 x 440 at 100 %, an engine that fills with grey, a hard mask brush of 40 pixels."""
    show(window, Photo(a_picture()))
    window.engine_options.set_choice("grey", {"grey": {"grain": 0.0, "spread": 0}}, 1)
    set_brush(window, size=40, hardness=1.0)
    return window


def filled(window) -> np.ndarray:
    """Where the composite is no longer the photograph."""
    return (composite(window) != a_picture()).any(axis=2)


def settle(qtbot, window, position: int) -> None:
    qtbot.waitUntil(lambda: not window.filling.busy and window.document.history.position == position and
                    not mask_of(window).any(), timeout=20000)


# Filling when a stroke ends

def test_a_stroke_is_filled_as_it_ends_and_both_are_one_step(qtbot, quick, hands):
    hands.key(KEY.Key_R, SHIFT)
    assert hands.find("fill-on-release").isChecked() and action(quick, "toggle_fill_on_release").isChecked()
    hands.stroke((100, 100), (200, 100))
    settle(qtbot, quick, 1)
    there = filled(quick)
    assert there[100, 100:200].all() and not there[:70].any() and not there[130:].any()
    assert steps(quick) == ["Fill"]
    hands.key(KEY.Key_Z, CTRL)
    assert not filled(quick).any() and not mask_of(quick).any(), "one step back: before the stroke"
    qtbot.wait(50)
    assert not quick.filling.busy, "what is undone is not filled"
    hands.key(KEY.Key_Z, CTRL | SHIFT)
    assert (filled(quick) == there).all() and not mask_of(quick).any()


def test_it_is_off_at_first_and_remembered(qtbot, quick, hands, new_window, tmp_path):
    hands.stroke((100, 100), (200, 100))
    qtbot.wait(50)
    assert not quick.filling.busy and steps(quick) == ["Paint mask"]
    hands.click("fill-on-release")
    hands.click("touch-up")
    assert settings_file.load() == quick.files.settings
    assert quick.files.settings.fill_on_release and quick.files.settings.touch_up
    assert not quick.files.settings.live_preview


@pytest.mark.parametrize("name, keys, drag", [
    ("marquee", KEY.Key_M, [(100, 60), (200, 160)]),
    ("lasso", KEY.Key_L, [(100, 60), (200, 60), (200, 160), (100, 160)]),
])
def test_a_selection_is_filled_as_it_ends(qtbot, quick, hands, name, keys, drag):
    hands.key(KEY.Key_R, SHIFT)
    hands.key(keys)
    assert quick.tools.current.name == name
    hands.stroke(*drag)
    settle(qtbot, quick, 1)
    assert filled(quick)[65:155, 105:195].all() and not filled(quick)[:55].any()


def test_what_the_wand_finds_is_filled_too(qtbot, quick, hands):
    pixels = np.full((300, 440, 3), 200, np.uint8)
    pixels[100:160, 100:200] = 30
    pixels.flags.writeable = False
    show(quick, Photo(pixels))
    hands.key(KEY.Key_R, SHIFT)
    hands.key(KEY.Key_W)
    hands.stroke((150, 130))
    settle(qtbot, quick, 1)
    assert (composite(quick)[105:155, 105:195] == GREY).all() and (composite(quick)[:95] == 200).all()


def test_neither_erasing_nor_the_menu_nor_other_tools_fill(qtbot, quick, hands):
    hands.stroke((100, 100), (200, 100))
    hands.key(KEY.Key_R, SHIFT)
    hands.key(KEY.Key_E)
    set_brush(quick, size=20)
    hands.stroke((100, 100), (120, 100))
    hands.key(KEY.Key_P)
    hands.stroke((100, 100), (120, 100))
    hands.key(KEY.Key_I, CTRL)
    qtbot.waitUntil(lambda: steps(quick)[-1] == "Invert mask")
    qtbot.wait(50)
    assert not quick.filling.busy and len(steps(quick)) == 4


def test_a_stroke_that_comes_meanwhile_is_filled_with_the_one_before(qtbot, quick, hands, grey):
    hands.key(KEY.Key_R, SHIFT)
    grey.gate.clear()
    hands.stroke((100, 100), (200, 100))
    qtbot.waitUntil(lambda: len(grey.asked) == 1)
    hands.stroke((100, 200), (200, 200))
    qtbot.waitUntil(lambda: len(grey.asked) >= 2)
    grey.gate.set()
    qtbot.waitUntil(lambda: not quick.filling.busy and not mask_of(quick).any(), timeout=20000)
    assert steps(quick) == ["Paint mask", "Fill"] and filled(quick)[[100, 200], 150].all()
    assert len(quick.document.layers) == 1 and not quick.filling.waiting
    hands.key(KEY.Key_Z, CTRL)
    assert not filled(quick).any() and mask_of(quick)[100, 150] and not mask_of(quick)[200, 150]


def test_a_fill_that_arrives_while_the_next_stroke_is_under_the_pen(qtbot, quick, hands, grey):
    hands.key(KEY.Key_R, SHIFT)
    grey.gate.clear()
    hands.stroke((100, 100), (200, 100))
    qtbot.waitUntil(lambda: len(grey.asked) == 1)
    hands.stroke((100, 200), (150, 200), release=False)
    grey.gate.set()
    qtbot.waitUntil(lambda: not quick.filling.busy, timeout=20000)
    hands.stroke((150, 200), (200, 200))
    qtbot.waitUntil(lambda: not quick.filling.busy and not mask_of(quick).any(), timeout=20000)
    assert filled(quick)[[100, 200], 120].all() and not quick.filling.waiting
    while quick.document.history.position:
        hands.key(KEY.Key_Z, CTRL)
    assert not filled(quick).any() and not mask_of(quick).any()


def test_cancelling_it_leaves_the_mask(qtbot, quick, hands, grey):
    hands.key(KEY.Key_R, SHIFT)
    grey.gate.clear()
    hands.stroke((100, 100), (200, 100))
    qtbot.waitUntil(lambda: len(grey.asked) == 1)
    hands.key(KEY.Key_Escape)
    assert not quick.filling.busy and mask_of(quick)[100, 150] and steps(quick) == ["Paint mask"]


# Touching up

def test_a_stroke_near_the_last_fill_extends_it_in_one_step(qtbot, quick, hands):
    hands.key(KEY.Key_R, SHIFT)
    hands.key(KEY.Key_T, SHIFT)
    hands.stroke((100, 100), (200, 100))
    settle(qtbot, quick, 1)
    first = composite(quick)
    hands.stroke((200, 130), (240, 140))
    settle(qtbot, quick, 2)
    layer, = quick.document.layers
    assert filled(quick)[100, 150] and filled(quick)[140, 240]
    assert len(layer.recipe.variants) == 2 and layer.recipe.chosen == 1
    mask = layer.recipe.mask.read(layer.recipe.mask.bounds)[..., 0]
    assert mask[100, 150] and mask[140, 240]
    assert (filled(quick) <= (mask > 0)).all() and filled(quick)[mask == 255].all()
    hands.key(KEY.Key_Z, CTRL)
    assert (composite(quick) == first).all() and not mask_of(quick).any(), "one step back"
    hands.key(KEY.Key_Z, CTRL)
    assert not filled(quick).any()


def test_a_stroke_far_away_is_a_fill_of_its_own(qtbot, quick, hands):
    hands.key(KEY.Key_R, SHIFT)
    hands.key(KEY.Key_T, SHIFT)
    hands.stroke((60, 60), (80, 60))
    settle(qtbot, quick, 1)
    hands.stroke((360, 240), (380, 240))
    settle(qtbot, quick, 2)
    assert [len(layer.recipe.variants) for layer in quick.document.layers] == [1, 1]


def test_without_filling_on_release_the_button_extends_it_with_its_lines(qtbot, quick, hands):
    hands.key(KEY.Key_T, SHIFT)
    hands.stroke((100, 100), (200, 100))
    hands.key(KEY.Key_P)
    set_brush(quick, size=3)
    hands.stroke((110, 100), (190, 100))
    hands.click("fill")
    settle(qtbot, quick, 3)
    hands.key(KEY.Key_B)
    hands.stroke((100, 130), (200, 130))
    hands.click("fill")
    settle(qtbot, quick, 5)
    layer, = quick.document.layers
    assert (composite(quick)[100, 120:180] == 255).all(), "the line of the first fill is followed still"
    assert (composite(quick)[140, 120:180] == GREY).all() and layer.recipe.sketch is not None


def test_a_locked_fill_is_not_extended(qtbot, quick, hands):
    hands.key(KEY.Key_R, SHIFT)
    hands.key(KEY.Key_T, SHIFT)
    hands.stroke((100, 100), (200, 100))
    settle(qtbot, quick, 1)
    with quick.document.change("Lock layer") as change:
        change.update_layer(quick.document.active, locked=True)
    hands.stroke((100, 120), (200, 120))
    settle(qtbot, quick, 3)
    assert len(quick.document.layers) == 2


# A preview while one draws

def shown(window, x: int, y: int) -> bool:
    """Whether the preview is seen there; without another tool, which would end a stroke."""
    place = window.canvas.view.to_device(x + 0.5, y + 0.5)
    colour = window.canvas.grab().toImage().pixelColor(int(place[0]), int(place[1]))
    return all(abs(value - GREY) <= 3 for value in colour.getRgb()[:3])


def test_a_preview_is_shown_while_the_mask_is_painted_and_never_in_the_history(qtbot, quick, hands, grey):
    hands.key(KEY.Key_V, SHIFT)
    assert hands.find("live-preview").isChecked()
    hands.stroke((100, 100), (200, 100), release=False)
    qtbot.waitUntil(lambda: shown(quick, 150, 100), timeout=20000)
    assert quick.document.changing and not quick.document.layers
    hands.stroke((200, 100), (250, 100))
    qtbot.waitUntil(lambda: shown(quick, 245, 100), timeout=20000)
    assert not shown(quick, 150, 150)
    assert steps(quick) == ["Paint mask"] and (composite(quick) == a_picture()).all()
    hands.key(KEY.Key_Z, CTRL)
    assert (seen_photo(quick) == a_picture()).all(), "no mask, no preview"


def test_a_line_that_is_drawn_changes_the_preview(qtbot, quick, hands, grey):
    hands.stroke((100, 100), (200, 100))
    hands.key(KEY.Key_V, SHIFT)
    qtbot.waitUntil(lambda: shown(quick, 150, 100), timeout=20000)
    action(quick, "toggle_sketch").trigger()  # not the line itself is to be seen, but what follows it
    hands.key(KEY.Key_P)
    set_brush(quick, size=5)
    hands.stroke((110, 100), (190, 100))
    qtbot.waitUntil(lambda: (seen_photo(quick)[100, 120:180] > 240).all(), timeout=20000)


def test_a_stroke_of_colour_is_seen_while_it_is_drawn_and_then_what_comes_of_it(qtbot, quick, hands, grey):
    hands.stroke((100, 100), (200, 100))
    hands.key(KEY.Key_V, SHIFT)
    qtbot.waitUntil(lambda: shown(quick, 150, 100), timeout=20000)
    hands.key(KEY.Key_C)
    quick.tools.palette.choose((255, 0, 0))
    hands.stroke((120, 100), (180, 100), release=False)
    assert not shown(quick, 150, 100)
    hands.stroke((180, 100))
    qtbot.waitUntil(lambda: shown(quick, 150, 100), timeout=20000)


def test_switched_off_or_escaped_it_goes(qtbot, quick, hands):
    hands.key(KEY.Key_V, SHIFT)
    hands.stroke((100, 100), (200, 100))
    for leave in (lambda: hands.key(KEY.Key_Escape), lambda: hands.click("live-preview")):
        quick.controllers.previewing.refresh()
        qtbot.waitUntil(lambda: shown(quick, 150, 100), timeout=20000)
        leave()
        assert not shown(quick, 150, 100) and mask_of(quick)[100, 150]


def test_the_whole_fill_comes_with_enter_and_the_preview_goes(qtbot, quick, hands, grey):
    hands.key(KEY.Key_V, SHIFT)
    hands.stroke((100, 100), (200, 100))
    qtbot.waitUntil(lambda: shown(quick, 150, 100), timeout=20000)
    hands.key(KEY.Key_Return)
    qtbot.waitUntil(lambda: len(quick.document.layers) == 1 and not quick.filling.busy, timeout=20000)
    assert steps(quick) == ["Paint mask", "Fill"]
    action(quick, "delete_layer").trigger()
    assert (seen_photo(quick) == a_picture()).all(), "nothing of the preview is left"


def test_painting_does_not_wait_for_a_slow_engine_and_only_the_latest_is_previewed(qtbot, quick, hands, grey):
    hands.key(KEY.Key_V, SHIFT)
    grey.gate.clear()
    hands.stroke((100, 100), (110, 100), release=False)
    qtbot.waitUntil(lambda: len(grey.asked) == 1)
    began = time.monotonic()
    hands.stroke(*((100 + 5 * step, 100) for step in range(30)))
    assert mask_of(quick)[100, 245] and time.monotonic() - began < 5
    grey.gate.set()
    qtbot.waitUntil(lambda: shown(quick, 240, 100), timeout=20000)
    assert len(grey.asked) <= 3


@pytest.mark.parametrize("photo", [
    Photo(a_picture(np.uint16)), Photo(a_picture(np.uint8, 1)), Photo(a_picture(np.uint16, 1))],
    ids=["16 bits", "grey", "grey at 16 bits"])
def test_photographs_of_every_kind_are_previewed(qtbot, quick, hands, photo):
    quick.engine_options.set_choice("telea", {}, 1)
    show(quick, photo)
    hands.key(KEY.Key_V, SHIFT)
    plain = quick.canvas.grab().toImage()
    hands.stroke((100, 100), (200, 100))
    at = hands.at(150, 100)
    qtbot.waitUntil(lambda: 0 < colour_distance(plain, quick.canvas.grab().toImage(), at) < 150, timeout=20000)
    hands.key(KEY.Key_Return)
    qtbot.waitUntil(lambda: bool(quick.document.layers) and not quick.filling.busy, timeout=20000)


def colour_distance(one: QImage, other: QImage, at: QPoint) -> int:
    """Of a pixel; more than 150 where a mask's red lies over it."""
    first, second = (image.pixelColor(at).getRgb()[:3] for image in (one, other))
    return sum(abs(a - b) for a, b in zip(first, second, strict=True))


def test_a_mask_without_surroundings_is_told_and_a_photograph_of_one_pixel_is_no_trouble(qtbot, quick, hands):
    hands.key(KEY.Key_V, SHIFT)
    hands.key(KEY.Key_I, CTRL)
    qtbot.waitUntil(lambda: "No preview" in quick.statusBar().currentMessage(), timeout=20000)
    dot = np.zeros((1, 1, 3), np.uint8)
    dot.flags.writeable = False
    show(quick, Photo(dot))
    hands.key(KEY.Key_R, SHIFT)
    hands.stroke((0.5, 0.5))
    qtbot.waitUntil(lambda: not quick.filling.busy, timeout=20000)
    assert not quick.document.layers


def test_another_document_has_previews_and_strokes_of_its_own(qtbot, quick, hands, grey):
    hands.key(KEY.Key_V, SHIFT)
    hands.stroke((100, 100), (200, 100))
    qtbot.waitUntil(lambda: shown(quick, 150, 100), timeout=20000)
    other = show(quick, Photo(np.zeros((300, 440, 3), np.uint8)), "other.png")
    assert not shown(quick, 150, 100) and not other.mask.keys()
    hands.stroke((100, 200), (200, 200))
    qtbot.waitUntil(lambda: shown(quick, 150, 200), timeout=20000)


def test_an_engine_that_fails_is_told_without_a_dialog(qtbot, quick, hands, grey):
    grey.error = "its weights are damaged"
    hands.key(KEY.Key_V, SHIFT)
    hands.stroke((100, 100), (200, 100))
    qtbot.waitUntil(lambda: "No preview: its weights are damaged" in quick.statusBar().currentMessage(), timeout=20000)
    assert mask_of(quick)[100, 150]


def test_the_switches_are_buttons_with_their_keys(quick):
    for name, key in (("fill-on-release", "Shift+R"), ("touch-up", "Shift+T"), ("live-preview", "Shift+V")):
        button = quick.findChild(QToolButton, name)
        assert button.isVisible() and key in button.toolTip() and not button.isChecked()
