"""Filters in the window: tried out on the canvas, applied in the background, edited again, out of date, undone."""

import time

import cv2
import numpy as np
import pytest
from blur_filter import Blur
from doing import (
    CTRL,
    a_picture,
    action,
    composite,
    dialog,
    message,
    open_and_wait,
    press,
    read_error,
    seen_photo,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QPushButton, QSpinBox

from editor.app import filter_trial
from editor.app.panels.layer_list import thumbnail_rect
from editor.document import layer_ops
from editor.document.photo import Photo
from editor.restoration import registry
from editor.restoration.contract import Scan
from editor.restoration.filtering import restored
from editor.storage.openraster import save_project

KEY = Qt.Key


class Soft(Blur):
    """The blur of tests in the place of a filter that there is a menu entry for."""

    name, title, tile = "local-contrast", "Local contrast", 64


@pytest.fixture
def soft(monkeypatch) -> Soft:
    filter = Soft()
    monkeypatch.setattr(registry, "filters", lambda: (filter,))
    return filter


def blurred(pixels: np.ndarray, radius: int = 3) -> np.ndarray:
    side = (2 * radius + 1,) * 2
    return cv2.blur(pixels.astype(np.float64), side, borderType=cv2.BORDER_REPLICATE).reshape(pixels.shape)


def alike(pixels: np.ndarray, expected: np.ndarray) -> bool:
    return np.abs(pixels.astype(float) - expected).max() <= 1


def opened_dialog(qtbot, window, name: str = "filter_local_contrast"):
    action(window, name).trigger()
    return dialog(qtbot, window, "filter-dialog")


def tried(qtbot, window, box) -> None:
    """Wait until the canvas shows all of it."""
    note = box.findChild(QLabel, "filter-note")
    qtbot.waitUntil(lambda: note.text() == "The canvas shows the result.", timeout=20000)


def applied(qtbot, window, box) -> None:
    position = window.document.history.position
    press(box, "apply-filter")
    qtbot.waitUntil(lambda: window.document.history.position > position, timeout=20000)


@pytest.fixture
def scan(window) -> np.ndarray:
    """16 bits at 100 %, wholly in sight."""
    pixels = a_picture(np.uint16)
    show(window, Photo(pixels))
    return pixels


def test_the_canvas_shows_the_result_before_it_is_applied(qtbot, window, hands, scan, soft):
    before = seen_photo(window)
    box = opened_dialog(qtbot, window)
    tried(qtbot, window, box)
    assert alike(seen_photo(window), np.rint(blurred(scan) / 257))
    assert not window.document.layers and steps(window) == []
    button = box.findChild(QPushButton, "filter-before")
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    assert np.array_equal(seen_photo(window), before)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert alike(seen_photo(window), np.rint(blurred(scan) / 257))
    press(box, "filter-preview")
    assert np.array_equal(seen_photo(window), before)
    QTest.keyClick(box, KEY.Key_Escape)
    qtbot.waitUntil(lambda: not box.isVisible())
    assert np.array_equal(seen_photo(window), before) and steps(window) == []


def test_another_setting_is_seen_at_once_and_applied_as_one_step(qtbot, window, hands, scan, soft):
    box = opened_dialog(qtbot, window)
    box.findChild(QSpinBox, "setting-radius").setValue(9)
    tried(qtbot, window, box)
    qtbot.waitUntil(lambda: alike(seen_photo(window), np.rint(blurred(scan, 9) / 257)), timeout=10000)
    applied(qtbot, window, box)
    assert steps(window) == ["Local contrast"] and alike(composite(window), blurred(scan, 9))
    (layer,) = window.document.layers
    assert layer.filtered.settings == {"radius": 9} and layer.name == "Local contrast 1"
    assert alike(seen_photo(window), np.rint(blurred(scan, 9) / 257))
    hands.key(KEY.Key_Z, CTRL)
    assert np.array_equal(composite(window), scan) and not window.document.layers


def test_a_painted_mask_limits_it(qtbot, painting, hands, soft):
    set_brush(painting, size=60, hardness=1.0)
    hands.stroke((200, 150))
    covered = painting.document.mask.read(painting.document.base.bounds)[..., 0]
    picture, veiled = composite(painting), seen_photo(painting)
    share = covered[..., None] / 255
    expected = picture * (1 - share) + blurred(picture) * share
    box = opened_dialog(qtbot, painting)
    tried(qtbot, painting, box)
    assert alike(seen_photo(painting), expected)  # and no mask over it
    QTest.keyClick(box, KEY.Key_Escape)
    assert np.array_equal(seen_photo(painting), veiled)
    applied(qtbot, painting, opened_dialog(qtbot, painting))
    (layer,) = painting.document.layers
    assert layer.masked and not painting.document.mask.keys()
    assert alike(composite(painting), expected)
    assert np.array_equal(composite(painting)[covered == 0], picture[covered == 0])
    assert layer.filtered.box.height <= 64 and layer.filtered.box.width <= 64
    hands.key(KEY.Key_Z, CTRL)
    assert np.array_equal(painting.document.mask.read(painting.document.base.bounds)[..., 0], covered)


def test_a_double_click_on_its_picture_edits_it(qtbot, window, hands, scan, soft):
    applied(qtbot, window, opened_dialog(qtbot, window))
    rows = window.layers.list
    row = rows.visualRect(rows.model().index(0, 0))
    QTest.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=thumbnail_rect(row).center())
    box = dialog(qtbot, window, "filter-dialog")
    assert box.findChild(QSpinBox, "setting-radius").value() == 3
    box.findChild(QSpinBox, "setting-radius").setValue(7)
    tried(qtbot, window, box)
    applied(qtbot, window, box)
    (layer,) = window.document.layers
    assert layer.filtered.settings == {"radius": 7} and alike(composite(window), blurred(scan, 7))
    hands.key(KEY.Key_Z, CTRL)
    assert alike(composite(window), blurred(scan, 3))


def test_it_is_out_of_date_when_what_is_beneath_changes_and_is_made_again(qtbot, window, hands, scan, soft):
    paint = layer_ops.add_paint_layer(window.document)
    applied(qtbot, window, opened_dialog(qtbot, window))
    layer = window.document.layers[-1]
    window.document.activate(paint.id)
    with window.document.change("Dab") as change:
        change.edit(paint.id, window.document.base.bounds, lambda part, old: np.full_like(old, 65_535))
    qtbot.waitUntil(lambda: layer.id in window._stale.stale, timeout=5000)
    window.document.activate(layer.id)
    action(window, "apply_filter_again").trigger()
    qtbot.waitUntil(lambda: steps(window)[-1] == "Local contrast" and len(steps(window)) == 4, timeout=20000)
    assert alike(composite(window), np.full(scan.shape, 65_535))
    qtbot.waitUntil(lambda: not window._stale.stale, timeout=5000)


def test_the_window_stays_usable_while_it_is_applied_and_esc_cancels(qtbot, window, hands, scan, soft):
    soft.seconds = 0.2
    box = opened_dialog(qtbot, window)
    press(box, "apply-filter")
    assert window.filling.busy
    hands.stroke((100, 100), (200, 100))  # the mask brush
    assert steps(window) == ["Paint mask"]
    began = time.monotonic()
    hands.key(KEY.Key_Escape)
    assert not window.filling.busy and time.monotonic() - began < 0.2
    assert "cancelled" in message(window) and not window.document.layers
    soft.seconds = 0.0


def test_a_stroke_under_the_pen_is_not_torn_when_it_lands(qtbot, window, hands, scan, soft):
    soft.seconds = 0.02
    box = opened_dialog(qtbot, window)
    press(box, "apply-filter")
    hands.stroke((100, 100), (200, 100), release=False)
    qtbot.waitUntil(lambda: not window.filling.busy, timeout=20000)
    assert steps(window) == []
    QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, pos=hands.at(200, 100))
    qtbot.waitUntil(lambda: steps(window) == ["Paint mask", "Local contrast"], timeout=5000)


def test_what_was_undone_meanwhile_can_be_done_again(qtbot, window, hands, scan, soft):
    hands.stroke((100, 100), (200, 100))
    soft.seconds = 0.05
    press(opened_dialog(qtbot, window), "apply-filter")
    hands.key(KEY.Key_Z, CTRL)
    qtbot.waitUntil(lambda: "undone meanwhile" in message(window), timeout=20000)
    hands.key(KEY.Key_Y, CTRL)
    assert steps(window) == ["Paint mask"]
    hands.key(KEY.Key_Z, CTRL)  # before it is asked for: then it takes the place of what was undone
    applied(qtbot, window, opened_dialog(qtbot, window))
    assert steps(window) == ["Local contrast"] and len(window.document.history.commands) == 1


def test_zoomed_out_what_is_seen_is_the_full_result_reduced(qtbot, window, hands, soft):
    pixels = a_picture(np.uint8, 3, (1200, 1600))
    show(window, Photo(pixels))
    assert window.canvas.view.scale < 1
    soft.tile = 512
    box = opened_dialog(qtbot, window)
    tried(qtbot, window, box)
    shown = window.canvas.grab().toImage()
    press(box, "apply-filter")
    qtbot.waitUntil(lambda: steps(window) == ["Local contrast"], timeout=20000)
    from editor.app.pixels import array_of

    assert np.abs(array_of(shown).astype(int) - array_of(window.canvas.grab().toImage())).max() <= 1


def test_of_a_very_large_photo_the_middle_is_shown_and_no_more_is_held(qtbot, window, hands, scan, soft, monkeypatch):
    before = seen_photo(window)
    monkeypatch.setattr(filter_trial, "_HELD", 4 * 64 * 64 * 4 * 2)  # four tiles
    box = opened_dialog(qtbot, window)
    note = box.findChild(QLabel, "filter-note")
    qtbot.waitUntil(lambda: note.text().startswith("The middle of the canvas"), timeout=20000)
    shown, result = seen_photo(window), np.rint(blurred(scan) / 257)
    assert alike(shown[128:192, 192:256], result[128:192, 192:256])
    for corner in (np.s_[:100, :100], np.s_[-100:, -100:]):
        assert np.array_equal(shown[corner], before[corner])
    applied(qtbot, window, box)
    assert alike(composite(window), blurred(scan))


def test_turning_the_photo_or_showing_another_closes_the_dialog(qtbot, window, hands, scan, soft):
    box = opened_dialog(qtbot, window)
    action(window, "turn_right").trigger()
    qtbot.waitUntil(lambda: not window.findChildren(type(box)), timeout=5000)
    box = opened_dialog(qtbot, window)
    show(window, Photo(a_picture()))
    qtbot.waitUntil(lambda: not window.findChildren(type(box)), timeout=5000)
    assert alike(seen_photo(window), a_picture())


def test_what_is_painted_meanwhile_is_filtered_too(qtbot, window, hands, scan, soft):
    box = opened_dialog(qtbot, window)
    tried(qtbot, window, box)
    paint = layer_ops.add_paint_layer(window.document)
    with window.document.change("Dab") as change:
        change.edit(paint.id, window.document.base.bounds, lambda part, old: np.full_like(old, 30_000))
    window.document.undo()  # twice: the layer is gone again
    window.document.undo()
    qtbot.waitUntil(lambda: alike(seen_photo(window), np.rint(blurred(scan) / 257)), timeout=10000)
    QTest.keyClick(box, KEY.Key_Escape)


def test_a_locked_layer_is_not_made_again_and_an_unknown_filter_is_told(qtbot, window, hands, scan, soft, monkeypatch):
    applied(qtbot, window, opened_dialog(qtbot, window))
    layer = window.document.layers[0]
    layer_ops.set_locked(window.document, layer.id, True)
    action(window, "apply_filter_again").trigger()
    assert "locked" in read_error(qtbot, window)
    layer_ops.set_locked(window.document, layer.id, False)
    monkeypatch.setattr(registry, "filters", lambda: ())
    action(window, "edit_filter").trigger()
    assert "no filter called" in read_error(qtbot, window)


@pytest.mark.parametrize("shape, channels", [((1, 1), 3), ((20, 20), 1), ((20, 20), 4), ((30, 40), 2)])
def test_small_grey_and_transparent_pictures(qtbot, window, hands, soft, shape, channels):
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, channels), np.uint8)
    pixels.flags.writeable = False
    show(window, Photo(pixels))
    applied(qtbot, window, opened_dialog(qtbot, window))
    colours = 1 if channels < 3 else 3
    after = composite(window)
    opaque = pixels[..., -1] > 0 if channels in (2, 4) else np.ones(shape, bool)
    assert alike(after[..., :colours][opaque], blurred(pixels[..., :colours])[opaque])
    if channels in (2, 4):
        assert np.array_equal(after[..., -1], pixels[..., -1])


def test_a_project_opens_with_it_ready_to_be_edited(qtbot, window, hands, scan, soft, tmp_path):
    applied(qtbot, window, opened_dialog(qtbot, window))
    save_project(window.document.snapshot(), tmp_path / "p.ora")
    window.document.mark_saved(window.document.state())
    open_and_wait(qtbot, window, tmp_path / "p.ora")
    window.document.activate(window.document.layers[0].id)
    box = opened_dialog(qtbot, window, "edit_filter")
    box.findChild(QSpinBox, "setting-radius").setValue(5)
    applied(qtbot, window, box)
    assert alike(composite(window), blurred(scan, 5))


def test_local_contrast_in_the_window_is_that_of_the_whole_photo(qtbot, opened, hands):
    picture = composite(opened)
    box = opened_dialog(qtbot, opened)
    amount = box.findChild(QDoubleSpinBox, "setting-amount")
    amount.setValue(0.6)
    tried(qtbot, opened, box)
    applied(qtbot, opened, box)
    filter = registry.find("local-contrast")
    expected = restored(Scan.of(picture), filter, filter.Settings(amount=0.6))
    assert np.array_equal(composite(opened), expected) and composite(opened).std() > picture.std()


def test_every_filter_has_its_entry_and_none_can_be_had_without_a_document(window):
    entries = [entry for entry in window.findChildren(QAction) if entry.objectName().startswith("filter_")]
    assert {entry.objectName() for entry in entries} == {
        f"filter_{filter.name.replace('-', '_')}" for filter in registry.filters()}
    assert not any(entry.isEnabled() for entry in entries)


@pytest.mark.parametrize("filter", registry.filters(), ids=lambda filter: filter.name)
@pytest.mark.parametrize("kind", ["blank", "black and white", "small", "grey of 16 bits"])
def test_each_takes_whatever_is_opened(qtbot, window, hands, filter, kind):
    pixels = {"blank": np.full((60, 80, 3), 255, np.uint8), "small": a_picture(np.uint8, 3, (3, 2)),
              "black and white": np.where(a_picture()[:90, :120] > 120, 255, 0).astype(np.uint8),
              "grey of 16 bits": a_picture(np.uint16, 1)[:90, :120]}[kind].copy()
    pixels.flags.writeable = False
    show(window, Photo(pixels))
    box = opened_dialog(qtbot, window, f"filter_{filter.name.replace('-', '_')}")
    tried(qtbot, window, box)
    applied(qtbot, window, box)
    assert np.array_equal(composite(window), restored(Scan.of(pixels), filter))
    if kind == "blank":
        assert np.abs(composite(window).astype(int) - pixels).max() <= 1
