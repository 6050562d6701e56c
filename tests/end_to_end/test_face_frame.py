"""The face frame on the canvas, with mouse and keys."""

import numpy as np
import pytest
from doing import ALT, NO_KEYS, SHIFT, a_picture, action, message, seen_photo, show, steps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from editor.app.tools.frame_handles import knob
from editor.document.photo import Photo
from editor.raster.frame import Frame

FRAME = Frame((150.0, 200.0), 120.0)


@pytest.fixture
def framing(window):
    """A photograph of 300 x 440 at 100 %, a frame on it, and the frame's tool."""
    show(window, Photo(a_picture()))
    window.tools.choose("face-frame")
    lay(window, FRAME)
    assert window.canvas.view.scale == 1
    return window


def lay(window, frame: Frame | None) -> None:
    with window.document.change("Frame") as change:
        change.set_frame(frame)


def close_to(frame: Frame | None, y: float, x: float, side: float, angle: float = 0.0) -> bool:
    """To within what a pointer on whole pixels can do."""
    assert frame is not None
    return (*frame.centre, frame.side, frame.angle) == pytest.approx((y, x, side, angle), abs=1.5)


def test_f_chooses_the_tool(framing, hands):
    framing.tools.choose("hand")
    hands.key(Qt.Key.Key_F)
    assert framing.tools.current.name == "face-frame"
    assert "(F)" in hands.find("tool-face-frame").toolTip()


def test_a_drag_beside_any_frame_draws_one_and_a_click_does_not(framing, hands):
    lay(framing, None)
    hands.stroke((100, 90), (110, 95), (150, 120))
    assert close_to(framing.document.frame, 90, 100, 100)
    assert steps(framing)[-1] == "Draw face frame"
    count = len(steps(framing))
    hands.stroke((300, 200))
    assert close_to(framing.document.frame, 90, 100, 100) and len(steps(framing)) == count


def test_inside_moves_a_corner_scales_the_knob_turns_each_in_one_step(framing, hands):
    hands.stroke((200, 150), (205, 160), (230, 140))
    assert close_to(framing.document.frame, 140, 230, 120)
    hands.stroke((290, 200), (300, 205), (310, 220))  # its lower right corner; the upper left one stays
    assert close_to(framing.document.frame, 150, 240, 140)
    place = knob(framing.document.frame, 1.0)
    hands.stroke((place.x, place.y), (300, 60), (400, 150))
    assert close_to(framing.document.frame, 150, 240, 140, 90)
    assert steps(framing)[-3:] == ["Move face frame", "Scale face frame", "Turn face frame"]
    for _ in range(3):
        action(framing, "undo").trigger()
    assert framing.document.frame == FRAME


def test_alt_scales_about_the_centre(framing, hands):
    hands.stroke((260, 210), (270, 220), (280, 230), modifiers=ALT)
    QTest.mouseMove(framing.canvas, hands.at(280, 230))
    assert framing.document.frame.centre[1] < 215  # QTest's moves carry no keys: the press alone has Alt


def test_escape_takes_a_drag_back(framing, hands):
    hands.stroke((200, 150), (250, 190), release=False)
    assert framing.document.frame != FRAME
    hands.key(Qt.Key.Key_Escape)
    assert framing.document.frame == FRAME
    hands.stroke((200, 150), (210, 150))
    assert close_to(framing.document.frame, 150, 210, 120)


def test_arrow_keys_nudge_it_and_one_held_down_is_one_step(framing, hands):
    framing.canvas.setFocus()
    hands.key(Qt.Key.Key_Left)
    hands.key(Qt.Key.Key_Down, SHIFT)
    assert framing.document.frame == FRAME.shift(10, -1)
    assert steps(framing)[-2:] == ["Move face frame"] * 2
    count = len(steps(framing))
    hold(framing, Qt.Key.Key_Right, 5)
    assert framing.document.frame == FRAME.shift(10, 4)
    assert len(steps(framing)) == count + 1
    assert not framing.document.changing


def hold(window, key: Qt.Key, times: int) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    for index in range(times):
        QApplication.sendEvent(window.canvas, QKeyEvent(QEvent.Type.KeyPress, key, NO_KEYS, "", index > 0))
    QApplication.sendEvent(window.canvas, QKeyEvent(QEvent.Type.KeyRelease, key, NO_KEYS))


def test_arrow_keys_leave_the_frame_alone_with_another_tool(framing, hands):
    framing.tools.choose("hand")
    framing.canvas.setFocus()
    hands.key(Qt.Key.Key_Left)
    assert framing.document.frame == FRAME


def test_it_is_seen_only_where_it_is_and_gone_when_cleared(framing):
    lay(framing, None)
    without = seen_photo(framing).astype(int)
    lay(framing, FRAME)
    differs = np.abs(seen_photo(framing) - without).max(axis=2) > 20
    assert differs[90, 145:255].all() and differs[95:205, 140].all(), "the edges"
    assert not differs[100:200, 150:250].any(), "nothing is drawn inside"
    action(framing, "clear_frame").trigger()
    assert framing.document.frame is None and np.array_equal(seen_photo(framing), without)
    assert not action(framing, "clear_frame").isEnabled()
    assert not framing.findChild(QWidget, "face-frame").isVisible()
    action(framing, "undo").trigger()
    assert framing.document.frame == FRAME and framing.findChild(QWidget, "face-frame").isVisible()


def test_it_follows_the_view(framing):
    overlay = framing.findChild(QWidget, "face-frame")
    framing.canvas.set_view(framing.canvas.view.zoomed(2.0, 0, 0))
    before = overlay.grab().toImage()
    framing.canvas.set_view(framing.canvas.view.panned(30, 20))
    assert overlay.grab().toImage() != before
    framing.resize(framing.width() - 100, framing.height() - 80)
    QTest.qWait(50)
    assert overlay.size() == framing.canvas.size()


def test_a_stroke_passes_through_it(framing, hands):
    framing.tools.choose("mask-brush")
    hands.stroke((200, 150), (210, 150))
    assert steps(framing)[-1] == "Paint mask" and framing.document.frame == FRAME


def test_another_document_has_its_own(framing):
    show(framing, Photo(a_picture(shape=(200, 200))))
    assert framing.document.frame is None
    assert not framing.findChild(QWidget, "face-frame").isVisible()


def paint_mask(window, x: float, y: float) -> None:
    with window.document.change("Paint mask") as change:
        from editor.raster.surface import Box

        box = Box(int(y) - 8, int(x) - 14, int(y) + 8, int(x) + 14)
        change.edit("mask", box, lambda part, old: np.full(old.shape, 255, np.uint8))


def test_the_face_round_the_mask_is_found_in_the_background(qtbot, window):
    skimage_data = pytest.importorskip("skimage.data")
    show(window, Photo(skimage_data.astronaut()))
    assert not action(window, "propose_frame").isEnabled(), "there is no mask"
    paint_mask(window, 205, 105)  # an eye
    action(window, "propose_frame").trigger()
    assert window.filling.busy
    qtbot.waitUntil(lambda: not window.filling.busy, timeout=20000)
    frame = window.document.frame
    assert frame is not None and frame.contains(105, 205) and frame.contains(165, 225) and frame.contains(60, 220)
    assert 130 < frame.side < 330
    assert steps(window)[-1] == "Propose face frame"
    action(window, "undo").trigger()
    assert window.document.frame is None


def test_where_there_is_no_face_the_user_is_told(qtbot, window):
    skimage_data = pytest.importorskip("skimage.data")
    show(window, Photo(skimage_data.coffee()))
    paint_mask(window, 300, 200)
    action(window, "propose_frame").trigger()
    qtbot.waitUntil(lambda: not window.filling.busy, timeout=20000)
    assert window.document.frame is None
    assert "No face was found" in message(window)
