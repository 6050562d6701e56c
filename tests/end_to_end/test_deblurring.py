"""Deblurring in the window: the motion drawn along the blur, the blur guessed from a region, tried out, applied."""

import numpy as np
import pytest
from blurred_photos import blurred, photograph, psnr
from doing import action, composite, dialog, press, show, steps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QPushButton

from editor.document.photo import Photo
from editor.restoration.contract import Scan
from editor.restoration.deblurring import Deblur, Settings
from editor.restoration.filtering import restored

SHARP, MOVED = blurred(photograph("astronaut")[:330, :420], "motion", 16, 30)


def opened(qtbot, window):
    action(window, "filter_deblur").trigger()
    return dialog(qtbot, window, "filter-dialog")


def values(box) -> tuple[str, float, float]:
    size, angle = (box.findChild(QDoubleSpinBox, f"setting-{name}").value() for name in ("size", "angle"))
    return box.findChild(QComboBox, "setting-kind").currentText(), size, angle


def blur_picture(box) -> np.ndarray:
    image = box.findChild(QLabel, "blur-picture").pixmap().toImage()
    return np.array([[image.pixelColor(x, y).red() for x in range(image.width())] for y in range(image.height())])


@pytest.fixture
def moved(window):
    show(window, Photo(MOVED))
    assert window.canvas.view.scale == 1
    return window


def test_a_line_drawn_along_the_motion_is_its_length_and_angle(qtbot, moved, hands):
    box = opened(qtbot, moved)
    before = blur_picture(box)
    tool = moved.tools.current
    press(box, "draw-motion")
    hands.stroke((200, 150), (207, 146), (214, 142), release=False)
    assert moved.tools.overlay.drawing.words == "16.1 px, 30°"
    QTest.mouseRelease(moved.canvas, Qt.MouseButton.LeftButton, pos=hands.at(214, 142))
    assert moved.tools.current is tool and moved.tools.overlay.drawing is None
    kind, size, angle = values(box)
    assert kind == "motion" and size == pytest.approx(16.1, abs=0.1) and angle == pytest.approx(29.7, abs=0.1)
    assert not np.array_equal(blur_picture(box), before)
    expected = restored(Scan.of(MOVED), Deblur(), Settings(kind="motion", size=size, angle=angle))
    press(box, "apply-filter")
    qtbot.waitUntil(lambda: steps(moved) == ["Deblur"], timeout=30000)
    made = composite(moved)
    assert np.array_equal(made, expected)
    assert psnr(made, SHARP) > psnr(MOVED, SHARP) + 1
    (layer,) = moved.document.layers
    assert layer.filtered.settings["angle"] == angle


def test_escape_and_a_click_leave_the_blur_as_it_is(qtbot, moved, hands):
    box = opened(qtbot, moved)
    before = values(box)
    press(box, "draw-motion")
    hands.stroke((200, 150), (201, 150))  # a click that trembled
    assert box.findChild(QPushButton, "draw-motion").isChecked()
    moved.canvas.setFocus()
    hands.key(Qt.Key.Key_Escape)
    assert not box.findChild(QPushButton, "draw-motion").isChecked() and values(box) == before
    assert moved.tools.current.name != "motion-line" and box.isVisible()


def test_the_blur_is_guessed_from_a_region_in_the_background(qtbot, moved, hands):
    box = opened(qtbot, moved)
    guess, note = box.findChild(QPushButton, "guess-blur"), box.findChild(QLabel, "blur-note")
    press(box, "guess-blur")
    hands.stroke((60, 30), (200, 200), (360, 300))
    assert guess.text() == "Stop" and moved.tools.current.name != "region-box"
    qtbot.waitUntil(lambda: guess.text() != "Stop", timeout=60000)
    kind, size, angle = values(box)
    assert kind == "motion" and size == pytest.approx(16, rel=0.1) and angle == pytest.approx(30, abs=4)
    assert "tells a blur of" in note.text()
    press(box, "guess-blur")
    hands.stroke((60, 30), (90, 60))
    qtbot.waitUntil(lambda: "too small" in note.text(), timeout=10000)
    assert values(box) == (kind, size, angle)


def test_what_is_guessed_of_the_whole_picture_is_told(qtbot, moved, hands):
    box = opened(qtbot, moved)
    assert values(box)[0] == "guess"
    note = box.findChild(QLabel, "blur-note")
    qtbot.waitUntil(lambda: note.text() == "Guessed: motion, 16 px.", timeout=60000)
    assert blur_picture(box).max() == 255


def test_guessing_can_be_stopped(qtbot, moved, hands):
    box = opened(qtbot, moved)
    guess, before = box.findChild(QPushButton, "guess-blur"), values(box)
    press(box, "guess-blur")
    hands.stroke((20, 20), (380, 300))
    assert guess.text() == "Stop"
    press(box, "guess-blur")
    qtbot.waitUntil(lambda: guess.text() != "Stop", timeout=5000)
    assert values(box) == before
