"""Pixels alike into the mask: the wand, and colours chosen on a small picture."""

import threading

import numpy as np
import pytest
from doing import ALT, CTRL, NO_KEYS, SHIFT, a_picture, action, dialog, mask_of, message, press, show, steps
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from scipy import ndimage

from editor.app.dialogs.colour_range import ColourRangeDialog
from editor.app.tools import wand
from editor.document import layer_ops
from editor.document.photo import Photo
from editor.raster.selection import similar
from editor.raster.surface import Box

SHAPE = (300, 440)


def patches() -> np.ndarray:
    """Grey with noise of up to 3, and on it three squares about red: two hang together over a bridge, one is apart."""
    pixels = np.full((*SHAPE, 3), 120, np.uint8)
    for top, left in ((40, 40), (40, 160), (180, 300)):
        pixels[top:top + 80, left:left + 80] = (200, 60, 50)
    pixels[70:80, 120:160] = (200, 60, 50)
    noise = np.random.default_rng(2).integers(-3, 4, pixels.shape)
    pixels = (pixels + noise).astype(np.uint8)
    pixels[80, 80] = pixels[81, 81] = (200, 60, 50)
    pixels.flags.writeable = False
    return pixels


PICTURE = patches()
RED = np.abs(PICTURE.astype(int) - PICTURE[80, 80]).max(axis=2) <= 10


@pytest.fixture
def waving(window):
    """The patches at 100 %, and the wand without anti-aliasing."""
    show(window, Photo(PICTURE))
    window.tools.choose("wand")
    window.tools.current.set_options(tolerance=10, smooth=False)
    assert window.canvas.view.scale == 1
    return window


def wave(qtbot, window, hands, x: float, y: float, modifiers=NO_KEYS) -> None:
    hands.stroke((x, y), modifiers=modifiers)
    qtbot.waitUntil(lambda: not window.tools.mask_work.busy, timeout=10000)


def together(plane: np.ndarray, x: int, y: int) -> np.ndarray:
    labels, _ = ndimage.label(plane)
    return labels == labels[y, x]


def test_w_chooses_the_wand(waving, hands):
    waving.tools.choose("hand")
    hands.key(Qt.Key.Key_W)
    assert waving.tools.current.name == "wand"


def test_a_click_selects_what_is_alike_and_hangs_together(qtbot, waving, hands):
    wave(qtbot, waving, hands, 80, 80)
    assert (mask_of(waving) == 255 * together(RED, 80, 80)).all()
    assert mask_of(waving)[75, 140] == 255 and mask_of(waving)[200, 320] == 0
    assert steps(waving) == ["Magic wand"]
    action(waving, "undo").trigger()
    assert not mask_of(waving).any()


def test_not_contiguous_selects_it_everywhere(qtbot, waving, hands):
    hands.click("option-contiguous")
    wave(qtbot, waving, hands, 80, 80)
    assert (mask_of(waving) == 255 * RED).all() and mask_of(waving)[200, 320] == 255


def test_of_tolerance_nought_only_the_same_colour(qtbot, waving, hands):
    waving.tools.current.set_options(tolerance=0, contiguous=False)
    wave(qtbot, waving, hands, 80, 80)
    assert (mask_of(waving) == 255 * (PICTURE[80, 80] == PICTURE).all(axis=2)).all()


def test_alt_takes_away_and_both_keys_intersect(qtbot, waving, hands):
    waving.tools.current.set_options(contiguous=False)
    wave(qtbot, waving, hands, 80, 80)
    waving.tools.current.set_options(contiguous=True)
    wave(qtbot, waving, hands, 80, 80, ALT)
    left = RED & ~together(RED, 80, 80)
    assert (mask_of(waving) == 255 * left).all()
    hands.key(Qt.Key.Key_I, CTRL)
    wave(qtbot, waving, hands, 80, 80, SHIFT | ALT)
    assert (mask_of(waving) == 255 * together(RED, 80, 80)).all()


def test_anti_aliasing_softens_the_edge_alone(qtbot, waving, hands):
    waving.tools.current.set_options(smooth=True, tolerance=30)
    wave(qtbot, waving, hands, 80, 80)
    hard = together(np.abs(PICTURE.astype(int) - PICTURE[80, 80]).max(axis=2) <= 30, 80, 80)
    mask = mask_of(waving)
    assert (mask[ndimage.binary_erosion(hard, iterations=2)] == 255).all()
    assert not mask[~ndimage.binary_dilation(hard, iterations=2)].any()
    assert 30 < mask[60, 39] < 127 < mask[60, 40] < 225


def test_the_active_layer_alone_can_be_looked_at(qtbot, waving, hands):
    layer_ops.add_paint_layer(waving.document)
    with waving.document.change("Paint") as change:
        change.edit(waving.document.active, Box(100, 100, 200, 300),
                    lambda part, old: np.broadcast_to(np.uint8([10, 200, 10, 255]), old.shape).copy())
    painted = np.zeros(SHAPE, bool)
    painted[100:200, 100:300] = True
    waving.tools.current.set_options(sample="Active layer")
    wave(qtbot, waving, hands, 150, 150)
    assert (mask_of(waving) == 255 * painted).all()
    hands.key(Qt.Key.Key_D, CTRL)
    wave(qtbot, waving, hands, 50, 50)
    assert (mask_of(waving) == 255 * ~painted).all(), "what is transparent is alike"
    hands.key(Qt.Key.Key_D, CTRL)
    waving.tools.current.set_options(sample="All layers")
    wave(qtbot, waving, hands, 60, 60)
    assert (mask_of(waving) == 255 * together(RED & ~painted, 60, 60)).all()


def test_a_fill_that_waits_is_not_begun_on_another_photograph(qtbot, waving, hands, slow):
    first = waving.document
    hands.stroke((80, 80))
    hands.key(Qt.Key.Key_Return)
    show(waving, Photo(a_picture(shape=(90, 90))))
    slow.set()
    qtbot.waitUntil(lambda: not waving.tools.mask_work.busy, timeout=10000)
    assert first.mask.read(first.base.bounds)[80, 80, 0] == 255, "the mask is of the photograph that was clicked"
    assert not waving.filling.busy and not waving.document.mask.keys() and not message(waving)


def test_a_click_beside_the_photograph_does_nothing(waving, hands):
    hands.stroke((-5, 20))
    assert not waving.tools.mask_work.busy and not steps(waving)


def test_enter_fills_what_the_wand_is_still_looking_for(qtbot, waving, hands):
    waving.engine_options.set_choice("telea", {}, 1)
    hands.stroke((80, 80))
    hands.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(steps(waving)) == 2 and not waving.filling.busy, timeout=20000)
    assert steps(waving)[0] == "Magic wand" and waving.document.layers[0].is_fill


@pytest.fixture
def slow(monkeypatch):
    """The wand's search ends when this is set."""
    gate = threading.Event()

    def wait_and_look(*where, progress, **how):
        while not gate.wait(0.005):
            progress(0.5, "waiting")
        return similar.wand(*where, progress=progress, **how)

    monkeypatch.setattr(wand, "wand", wait_and_look)
    return gate


def test_a_stroke_begun_meanwhile_is_kept_whole(qtbot, waving, hands, slow):
    hands.stroke((80, 80))
    waving.tools.choose("mask-brush")
    hands.stroke((350, 40), (400, 40), release=False)
    slow.set()
    qtbot.wait(150)
    assert not steps(waving) and waving.tools.mask_work.busy
    QTest.mouseRelease(waving.canvas, Qt.MouseButton.LeftButton, NO_KEYS, hands.at(400, 40))
    qtbot.waitUntil(lambda: len(steps(waving)) == 2)
    assert steps(waving) == ["Paint mask", "Magic wand"]
    assert mask_of(waving)[40, 370] == 255 and mask_of(waving)[80, 80] == 255


def test_escape_stops_the_search_and_the_fill_that_waits_for_it(qtbot, waving, hands, slow):
    hands.stroke((80, 80))
    hands.key(Qt.Key.Key_Return)
    assert hands.find("progress").isVisible()
    hands.key(Qt.Key.Key_Escape)
    slow.set()
    assert not waving.tools.mask_work.busy
    qtbot.wait(100)
    assert not steps(waving) and not waving.filling.busy


def test_photographs_of_any_kind(qtbot, window, hands):
    for dtype, channels in ((np.uint16, 3), (np.uint8, 1), (np.uint16, 1), (np.uint8, 4), (np.uint8, 2)):
        wave_at_a_square(qtbot, window, hands, dtype, channels)


def wave_at_a_square(qtbot, window, hands, dtype: type, channels: int) -> None:
    worth = 257 if dtype == np.uint16 else 1
    pixels = np.full((200, 300, channels), 100 * worth, dtype)
    pixels[50:150, 100:200] = 160 * worth
    pixels[..., -1] = 255 * worth if channels in (2, 4) else pixels[..., -1]
    pixels[60, 110] = 169 * worth
    show(window, Photo(pixels))
    window.tools.choose("wand")
    window.tools.current.set_options(tolerance=8, smooth=False)
    wave(qtbot, window, hands, 150, 100)
    expected = np.zeros((200, 300), bool)
    expected[50:150, 100:200] = True
    expected[60, 110] = False
    assert (mask_of(window) == 255 * expected).all()


# Colours

def open_colours(qtbot, window) -> ColourRangeDialog:
    action(window, "select_colours").trigger()
    return dialog(qtbot, window, "colour-range")


def accept(qtbot, window, box) -> None:
    QTest.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.findChildren(ColourRangeDialog) and not window.tools.mask_work.busy)


def at_picture(box, x: float, y: float) -> QPoint:
    """Where a photo point is in the dialog's picture."""
    scale = box.picture.width() / SHAPE[1]
    return QPoint(int(x * scale), int(y * scale))


def test_a_click_in_the_small_picture_selects_its_colour(qtbot, waving, hands):
    hands.key(Qt.Key.Key_L, CTRL | SHIFT)
    box = dialog(qtbot, waving, "colour-range")
    assert not box.findChild(QToolButton)
    before = box.picture.grab().toImage()
    QTest.mouseClick(box.picture, Qt.MouseButton.LeftButton, NO_KEYS, at_picture(box, 80, 60))
    after = box.picture.grab().toImage()
    there, away = at_picture(box, 200, 60), at_picture(box, 400, 250)
    assert after.pixelColor(there) == before.pixelColor(there)
    assert after.pixelColor(away).lightness() < 0.5 * before.pixelColor(away).lightness()
    accept(qtbot, waving, box)
    assert steps(waving) == ["Select colours"]
    clear = np.abs(PICTURE.astype(int) - (200, 60, 50)).max(axis=2) < 8
    assert (mask_of(waving)[clear] == 255).all() and not mask_of(waving)[~clear].any()


def test_colours_are_chosen_by_keyboard_alone_and_taken_away(qtbot, waving):
    box = open_colours(qtbot, waving)
    QTest.keyClick(box.picture, Qt.Key.Key_Space)
    for _ in range(10):
        QTest.keyClick(box.picture, Qt.Key.Key_Up, SHIFT)
    for _ in range(6):
        QTest.keyClick(box.picture, Qt.Key.Key_Left, SHIFT)
    QTest.keyClick(box.picture, Qt.Key.Key_Space)
    assert len(box.wanted.colours) == 2
    first = box.findChild(QToolButton)
    QTest.keyClick(first, Qt.Key.Key_Space)
    assert len(box.wanted.colours) == 1
    accept(qtbot, waving, box)
    assert mask_of(waving)[60, 60] == 255 and mask_of(waving)[10, 10] == 0


def test_the_painting_colour_can_be_taken_and_the_mode_chosen(qtbot, waving):
    waving.tools.palette.choose((200, 60, 50))
    action(waving, "invert_mask").trigger()
    box = open_colours(qtbot, waving)
    press(box, "add-own-colour")
    box.mode.setCurrentText("Subtract")
    accept(qtbot, waving, box)
    assert mask_of(waving)[60, 60] == 0 and mask_of(waving)[10, 10] == 255


def test_tolerance_and_softness_are_colour_differences(qtbot, window):
    from skimage.color import deltaE_cie76, rgb2lab

    pixels = np.zeros((64, 256, 3), np.uint8)
    pixels[:] = np.arange(256)[None, :, None]
    show(window, Photo(pixels))
    window.tools.palette.choose((128, 128, 128))
    box = open_colours(qtbot, window)
    press(box, "add-own-colour")
    box.tolerance.setValue(10)
    box.softness.setValue(20)
    accept(qtbot, window, box)
    away = deltaE_cie76(rgb2lab(pixels[:1]), rgb2lab(np.full((1, 1, 3), 128, np.uint8)))[0]
    expected = np.clip(1 - (away - 10) / 20, 0, 1) * 255
    assert np.abs(mask_of(window)[0] - expected).max() < 8


def test_without_a_colour_there_is_nothing_to_accept(qtbot, waving):
    box = open_colours(qtbot, waving)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.isVisible()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not waving.findChildren(ColourRangeDialog))
    assert not steps(waving) and not message(waving)


def test_a_picture_of_one_pixel(qtbot, window):
    show(window, Photo(a_picture()[:1, :1]))
    box = open_colours(qtbot, window)
    QTest.keyClick(box.picture, Qt.Key.Key_Space)
    accept(qtbot, window, box)
    assert (mask_of(window) == 255).all()
