"""Photographs in a scan: found, corrected with the mouse, straightened and cropped, or opened each in a tab."""

import numpy as np
import pytest
from beds import an_empty_bed, farthest, lay, scanned
from doing import CTRL, SHIFT, a_picture, action, composite, dialog, message, press, show, steps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from editor.document.photo import Metadata, Photo
from editor.raster.rectangle import Rectangle
from editor.raster.surface import Surface
from editor.raster.transforms import Cut, surface_after

KEY = Qt.Key
LEFT, RIGHT = Rectangle((200.0, 160.0), 220.0, 190.0, 3.0), Rectangle((210.0, 420.0), 260.0, 200.0, -4.0)


def a_scan(*places: Rectangle, dtype: type = np.uint16) -> np.ndarray:
    bed = an_empty_bed((400, 560), 248.0, 4.0, dust=10)
    for place, name in zip(places, ("astronaut.png", "coffee.png"), strict=False):
        lay(bed, place, name)
    pixels = scanned(bed, dtype=dtype)
    pixels.flags.writeable = False
    return pixels


def found(qtbot, window, command: str) -> QDialog:
    """The dialog, once the rectangles are on the canvas."""
    action(window, command).trigger()
    box = dialog(qtbot, window, "scan-photos")
    qtbot.waitUntil(lambda: window.tools.current.name == "photograph-frames", timeout=20000)
    return box


def rectangles(window) -> tuple[Rectangle, ...]:
    return window.tools.current.rectangles


def words(box: QDialog) -> str:
    return box.findChild(QLabel, "scan-found").text()


def is_open(window) -> bool:
    return any(box.isVisible() for box in window.findChildren(QDialog, "scan-photos"))


def test_the_photograph_is_straightened_and_cropped_in_one_step(qtbot, window, hands):
    picture = a_scan(RIGHT)
    show(window, Photo(picture, metadata=Metadata(resolution=(300.0, 300.0))))
    box = found(qtbot, window, "find_photo")
    assert words(box).startswith("One photograph") and "−4.0" in words(box)
    place, = rectangles(window)
    assert farthest(place, RIGHT) < 1.0
    hands.key(KEY.Key_Return)
    qtbot.waitUntil(lambda: bool(steps(window)), timeout=20000)
    assert steps(window) == ["Straighten and crop"] and not is_open(window)
    expected = surface_after(Cut(place), Surface.from_array(picture))
    assert np.array_equal(composite(window), expected.read(expected.bounds)), "sampled once, at its own depth"
    assert abs(composite(window).shape[0] - 260) < 2 and window.document.photo.metadata.resolution == (300.0, 300.0)
    hands.key(KEY.Key_Z, CTRL)
    assert np.array_equal(composite(window), picture)
    hands.key(KEY.Key_Z, CTRL | SHIFT)
    assert np.array_equal(composite(window), expected.read(expected.bounds))


def test_a_scan_of_two_becomes_two_documents(qtbot, window, hands):
    picture = a_scan(LEFT, RIGHT)
    document = show(window, Photo(picture), "box.tif")
    box = found(qtbot, window, "split_scan")
    assert box.findChild(QPushButton, "scan-take").text() == "Open 2 documents"
    press(box, "scan-take")
    files = window.files.open_files.files
    qtbot.waitUntil(lambda: len(files) == 3, timeout=20000)
    assert [file.name for file in files] == ["box.tif", "box-1.tif", "box-2.tif"]
    assert window.document is files[1].document, "the first is in sight"
    for file, place in zip(files[1:], (LEFT, RIGHT), strict=True):
        assert file.document.modified and file.document.base.dtype == np.uint16
        assert np.abs(np.subtract(file.document.shape, (place.height, place.width))).max() < 2
        truth = surface_after(Cut(place), Surface.from_array(picture))
        inner = np.s_[5:200, 5:180]
        off = file.document.base.read(file.document.base.bounds)[inner].astype(float) - truth.read(truth.bounds)[inner]
        assert np.abs(off).mean() < 257 * 4, "the photograph, not something else"
    assert np.array_equal(document.base.read(document.base.bounds), picture) and not document.history.commands


def test_rectangles_are_corrected_by_hand(qtbot, window, hands):
    show(window, Photo(a_scan(LEFT, RIGHT, dtype=np.uint8)))
    assert window.canvas.view.scale == 1
    box = found(qtbot, window, "split_scan")
    first, second = rectangles(window)
    hands.stroke((420, 210), (430, 200))  # inside the second one: moved
    moved = rectangles(window)[1]
    assert moved.centre == pytest.approx((second.centre[0] - 10, second.centre[1] + 10)) and moved.angle == second.angle
    x, y = moved.corners()[2]
    hands.stroke((x, y), (x - 20, y - 30))  # its lower right corner
    smaller = rectangles(window)[1]
    assert smaller.corners()[0] == pytest.approx(moved.corners()[0]), "the opposite corner stays"
    assert smaller.corners()[2] == pytest.approx(np.subtract((x, y), (20, 30)), abs=1.0)
    hands.key(KEY.Key_Z, CTRL)
    assert rectangles(window)[1] == moved, "Undo takes back the last change"
    hands.key(KEY.Key_Left, SHIFT)
    assert rectangles(window)[1].centre[1] == pytest.approx(moved.centre[1] - 10)
    hands.stroke((20, 330), (90, 390))  # beside both: a third
    assert len(rectangles(window)) == 3 and words(box).startswith("3 photographs")
    hands.key(KEY.Key_Delete)
    press(box, "scan-remove")
    assert len(rectangles(window)) == 1
    hands.key(KEY.Key_Escape)
    assert not is_open(window) and window.tools.current.name != "photograph-frames" and not steps(window)


def test_the_knob_turns(qtbot, window, hands):
    show(window, Photo(a_scan(LEFT)))
    found(qtbot, window, "find_photo")
    before, = rectangles(window)
    up = -before.axes[1] * (before.height / 2 + 24)
    knob = before.centre[1] + up[0], before.centre[0] + up[1]
    to = before.centre[1] + 140, before.centre[0]
    hands.stroke(knob, to)
    after, = rectangles(window)
    assert after.angle == pytest.approx(90, abs=1.0) and after.centre == before.centre
    hands.key(KEY.Key_Return)
    qtbot.waitUntil(lambda: bool(steps(window)), timeout=20000)
    height, width = window.document.shape
    assert abs(height - 220) < 2 and abs(width - 190) < 2, "its own upright is up now"


def test_where_nothing_is_found_one_can_be_drawn(qtbot, window, hands):
    picture = a_picture()
    show(window, Photo(picture))
    box = found(qtbot, window, "find_photo")
    assert words(box).startswith("No photograph") and not box.findChild(QPushButton, "scan-take").isEnabled()
    hands.key(KEY.Key_Return)
    assert box.isVisible(), "there is nothing to take"
    hands.stroke((40, 30), (340, 230))
    press(box, "scan-take")
    qtbot.waitUntil(lambda: bool(steps(window)))
    assert np.array_equal(composite(window), picture[30:230, 40:340]), "upright: no pixel is sampled anew"


def test_another_document_or_another_step_ends_it(qtbot, window, hands):
    show(window, Photo(a_scan(LEFT)))
    found(qtbot, window, "find_photo")
    action(window, "flip_horizontally").trigger()
    assert not is_open(window) and steps(window) == ["Flip horizontally"]
    found(qtbot, window, "find_photo")
    window.files.controller.open_pixels(np.zeros((50, 60, 3), np.uint8), "other")
    qtbot.waitUntil(lambda: not is_open(window))
    assert window.tools.current.name != "photograph-frames"


def test_looking_can_be_cancelled(qtbot, window, hands, monkeypatch):
    from editor.restoration import geometry

    def endless(scan, progress):
        while True:
            progress(0.0, "Looking")
            QTest.qSleep(5)

    monkeypatch.setattr(geometry, "find_photographs", endless)
    show(window, Photo(a_scan(LEFT)))
    action(window, "find_photo").trigger()
    box = dialog(qtbot, window, "scan-photos")
    press(box, "scan-cancel")
    qtbot.waitUntil(lambda: not window.controllers.scans._worker.current)
    assert not steps(window) and message(window) == ""
