"""What the Mask menu does, on small masks at once and on large ones in the background; mask files."""

import threading

import cv2
import numpy as np
import pytest
from doing import (
    CTRL,
    SHIFT,
    a_picture,
    action,
    choose_file,
    dialog,
    mask_of,
    message,
    press,
    read_error,
    show,
    steps,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox, QSpinBox

from editor.app import mask_work
from editor.document.document import MASK
from editor.document.photo import Photo
from editor.raster import masks

SHAPE = (300, 440)


def lay(window, plane: np.ndarray) -> None:
    with window.document.change("Mask") as change:
        change.replace(MASK, masks.from_array(plane))


def amount(qtbot, window, name: str, pixels: int) -> None:
    """Open the command's dialog, type a number, press Enter."""
    action(window, name).trigger()
    number = dialog(qtbot, window, "mask-amount").findChild(QSpinBox)
    number.selectAll()
    QTest.keyClicks(number, str(pixels))
    QTest.keyClick(number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.findChildren(QDialog, "mask-amount") and not window.tools.mask_work.busy)


def ring_and_specks() -> np.ndarray:
    plane = np.zeros(SHAPE, np.uint8)
    cv2.circle(plane, (150, 150), 80, 255, -1)
    cv2.circle(plane, (150, 150), 40, 0, -1)
    plane[20:24, 300:303] = 255
    plane[250:252, 300:340] = 255
    return plane


@pytest.fixture
def masked(window):
    show(window, Photo(a_picture()))
    lay(window, ring_and_specks())
    return window


def test_holes_are_filled(masked, hands):
    hands.key(Qt.Key.Key_H, CTRL | SHIFT)
    expected = ring_and_specks()
    cv2.circle(expected, (150, 150), 60, 255, -1)
    assert (mask_of(masked) == expected).all() and steps(masked)[-1] == "Fill holes in mask"
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (mask_of(masked) == ring_and_specks()).all()


def test_small_specks_go_and_long_scratches_stay(qtbot, masked):
    amount(qtbot, masked, "remove_specks", 6)
    expected = ring_and_specks()
    expected[20:24, 300:303] = 0
    assert (mask_of(masked) == expected).all() and steps(masked)[-1] == "Remove specks"


def test_smoothing_rounds_corners_and_leaves_straight_edges(qtbot, masked):
    plane = np.zeros(SHAPE, np.uint8)
    plane[50:250, 100:340] = 255
    plane[150, 340:360] = 255
    lay(masked, plane)
    amount(qtbot, masked, "smooth_mask", 20)
    mask = mask_of(masked)
    assert mask[50, 100] == 0 and mask[150, 355] == 0, "a corner and a hair"
    assert (mask[52, 140:300] == 255).all() and (mask[47, 140:300] == 0).all()
    assert ((mask > 0) & (mask < 255)).sum() < 4 * 700, "the edge is as sharp as before"


def test_the_new_commands_have_keys_that_work(qtbot, masked, hands):
    for key, keys, name in ((Qt.Key.Key_M, CTRL | SHIFT, "mask-amount"),
                            (Qt.Key.Key_Backspace, CTRL | SHIFT, "mask-amount"),
                            (Qt.Key.Key_O, CTRL | Qt.KeyboardModifier.AltModifier, "load-mask-dialog"),
                            (Qt.Key.Key_S, CTRL | Qt.KeyboardModifier.AltModifier, "save-mask-dialog")):
        hands.key(key, keys)
        box = dialog(qtbot, masked, name)
        QTest.keyClick(box, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda name=name: not masked.findChildren(QDialog, name))


# In the background

@pytest.fixture
def any_size_is_large(monkeypatch):
    monkeypatch.setattr(mask_work, "AT_ONCE", -1)


def test_large_masks_are_changed_in_the_background(qtbot, masked, hands, any_size_is_large):
    action(masked, "fill_mask_holes").trigger()
    assert masked.tools.mask_work.busy and len(steps(masked)) == 1
    qtbot.waitUntil(lambda: not masked.tools.mask_work.busy)
    assert steps(masked)[-1] == "Fill holes in mask" and mask_of(masked)[150, 150] == 255


def test_what_is_asked_for_meanwhile_is_done_after_it(qtbot, masked, any_size_is_large):
    masked.engine_options.set_choice("telea", {}, 1)
    action(masked, "fill_mask_holes").trigger()
    action(masked, "invert_mask").trigger()
    action(masked, "fill").trigger()
    qtbot.waitUntil(lambda: len(steps(masked)) == 4 and not masked.filling.busy, timeout=20000)
    assert steps(masked)[1:3] == ["Fill holes in mask", "Invert mask"]
    recipe = masked.document.layers[0].recipe.mask.read(masked.document.base.bounds)[..., 0]
    assert recipe[150, 150] == 0 and recipe[5, 5] == 255


def test_a_stroke_painted_meanwhile_is_in_what_comes_of_it(qtbot, masked, hands, monkeypatch, any_size_is_large):
    gate, invert = threading.Event(), masks.invert

    def wait_and_invert(mask):
        gate.wait(10)
        return invert(mask)

    monkeypatch.setattr(masks, "invert", wait_and_invert)
    action(masked, "invert_mask").trigger()
    masked.tools.choose("mask-brush")
    hands.stroke((400, 50), (400, 60))
    gate.set()
    qtbot.waitUntil(lambda: not masked.tools.mask_work.busy)
    assert steps(masked)[1:] == ["Paint mask", "Invert mask"]
    mask = mask_of(masked)
    assert mask[55, 400] == 0 and mask[5, 5] == 255 and mask[150, 210] == 0


def test_escape_leaves_the_mask_as_it_is(qtbot, masked, hands, any_size_is_large):
    action(masked, "fill_mask_holes").trigger()
    hands.key(Qt.Key.Key_Escape)
    qtbot.wait(50)
    assert not masked.tools.mask_work.busy and len(steps(masked)) == 1


def test_what_cannot_be_done_is_said_and_the_fill_that_waits_is_not_begun(
        qtbot, masked, monkeypatch, any_size_is_large):
    def fail(mask):
        raise MemoryError

    monkeypatch.setattr(masks, "fill_holes", fail)
    action(masked, "fill_mask_holes").trigger()
    action(masked, "fill").trigger()
    assert "not enough memory" in read_error(qtbot, masked)
    assert len(steps(masked)) == 1 and not masked.filling.busy


# Files

def save(qtbot, window, path) -> None:
    action(window, "save_mask").trigger()
    choose_file(qtbot, window, "save-mask-dialog", path)


def load(qtbot, window, path) -> None:
    action(window, "load_mask").trigger()
    choose_file(qtbot, window, "load-mask-dialog", path)


def test_a_mask_goes_to_a_file_and_comes_back_bit_for_bit(qtbot, masked, tmp_path):
    amount(qtbot, masked, "feather_mask", 6)
    mask, path = mask_of(masked), tmp_path / "mask.png"
    save(qtbot, masked, path)
    qtbot.waitUntil(lambda: message(masked) == f"Saved {path}")
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert stored.dtype == np.uint8 and (stored == mask).all()
    action(masked, "clear_mask").trigger()
    load(qtbot, masked, path)
    qtbot.waitUntil(lambda: steps(masked)[-1] == "Load mask")
    assert (mask_of(masked) == mask).all()
    action(masked, "undo").trigger()
    assert not mask_of(masked).any()


@pytest.mark.parametrize(("size", "stretched"), [((150, 220), False), ((600, 440), True)])
def test_a_mask_of_another_size_is_scaled_if_that_is_wanted(qtbot, masked, tmp_path, size, stretched):
    other = np.zeros(size, np.uint8)
    other[:size[0] // 2] = 255
    path = tmp_path / "other.png"
    cv2.imwrite(str(path), other)
    load(qtbot, masked, path)
    box = dialog(qtbot, masked, "scale-mask")
    assert f"{size[1]} × {size[0]}" in box.text() and "440 × 300" in box.text()
    assert ("stretched" in box.informativeText()) == stretched
    press(box, "scale-mask-no")
    qtbot.waitUntil(lambda: not masked.findChildren(QMessageBox, "scale-mask"))
    assert (mask_of(masked) == ring_and_specks()).all()
    load(qtbot, masked, path)
    QTest.keyClick(dialog(qtbot, masked, "scale-mask"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: steps(masked)[-1] == "Load mask")
    mask = mask_of(masked)
    assert (mask[:146] == 255).all() and (mask[154:] == 0).all()


def test_a_picture_that_is_transparent_in_places_masks_by_its_opacity(qtbot, masked, tmp_path):
    pixels = np.zeros((*SHAPE, 4), np.uint8)
    pixels[100:200, 50:150, 3] = 200
    cv2.imwrite(str(tmp_path / "alpha.png"), pixels)
    load(qtbot, masked, tmp_path / "alpha.png")
    qtbot.waitUntil(lambda: steps(masked)[-1] == "Load mask")
    assert (mask_of(masked) == pixels[..., 3]).all()


def test_a_bad_mask_file_is_said_and_changes_nothing(qtbot, masked, tmp_path):
    path = tmp_path / "bad.png"
    for content in (b"", b"not a picture", b"\x89PNG\r\n\x1a\n cut off"):
        path.write_bytes(content)
        load(qtbot, masked, path)
        assert "bad.png" in read_error(qtbot, masked)
        assert (mask_of(masked) == ring_and_specks()).all()


def test_a_mask_is_saved_as_png_and_never_over_the_photograph(qtbot, masked, tmp_path):
    save(qtbot, masked, tmp_path / "mask.jpg")
    assert ".png" in read_error(qtbot, masked)
    photo = tmp_path / "photo.png"
    cv2.imwrite(str(photo), a_picture())
    before = photo.read_bytes()
    show(masked, Photo(a_picture(), source=photo))
    lay(masked, ring_and_specks())
    masked.controllers.masking._save(masked.document, photo)
    assert "photograph itself" in read_error(qtbot, masked)
    assert photo.read_bytes() == before and not (tmp_path / "mask.jpg").exists()


def test_a_disk_that_takes_nothing_is_said(qtbot, masked, tmp_path):
    masked.controllers.masking._save(masked.document, tmp_path / "nowhere" / "mask.png")
    assert "folder does not exist" in read_error(qtbot, masked)


def test_the_photograph_may_be_another_when_the_mask_has_been_read(qtbot, masked, tmp_path):
    path, first = tmp_path / "mask.png", masked.document
    cv2.imwrite(str(path), 255 - ring_and_specks())
    load(qtbot, masked, path)
    show(masked, Photo(a_picture(shape=(80, 80))))
    qtbot.waitUntil(lambda: first.history.position == 2, timeout=10000)
    assert (first.mask.read(first.base.bounds)[..., 0] == 255 - ring_and_specks()).all()
    assert not masked.document.mask.keys()
