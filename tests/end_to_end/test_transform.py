"""Cropping, turning, flipping, rotating and straightening, with keys and mouse."""

import threading

import numpy as np
import pytest
from doing import (
    ALT,
    CTRL,
    SHIFT,
    a_picture,
    action,
    another_window,
    composite,
    dialog,
    distance,
    fill_and_wait,
    mask_of,
    message,
    open_and_wait,
    seen_photo,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from editor.document.photo import Photo
from editor.raster.surface import Box

SHAPE = (300, 440)


def photo_of(window) -> np.ndarray:
    return window.document.base.read(window.document.base.bounds)


EXACT = {
    "turn_left": np.rot90, "turn_right": lambda a: np.rot90(a, -1), "turn_over": lambda a: np.rot90(a, 2),
    "flip_horizontally": lambda a: a[:, ::-1], "flip_vertically": lambda a: a[::-1],
}


@pytest.mark.parametrize("name", EXACT)
def test_the_picture_menu_takes_the_mask_and_what_is_painted_along(painting, hands, name):
    picture = a_picture()
    hands.stroke((100, 100), (160, 130))
    hands.key(Qt.Key.Key_N)
    set_brush(painting, size=20, hardness=1.0)
    hands.stroke((300, 50), (330, 80))
    mask, seen_before = mask_of(painting), composite(painting)
    action(painting, name).trigger()
    assert np.array_equal(photo_of(painting), EXACT[name](picture))
    assert np.array_equal(mask_of(painting), EXACT[name](mask))
    assert np.array_equal(composite(painting), EXACT[name](seen_before))
    action(painting, "fit").trigger()
    action(painting, "toggle_mask").trigger()
    assert np.array_equal(seen_photo(painting), composite(painting)), "the canvas follows"
    action(painting, "toggle_mask").trigger()
    hands.key(Qt.Key.Key_Z, CTRL)
    assert np.array_equal(mask_of(painting), mask) and np.array_equal(composite(painting), seen_before)
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert np.array_equal(composite(painting), EXACT[name](seen_before))


def test_keys_turn_and_flip(painting, hands):
    picture = a_picture()
    hands.key(Qt.Key.Key_Left, CTRL | ALT)
    hands.key(Qt.Key.Key_H, CTRL | ALT)
    assert np.array_equal(photo_of(painting), np.rot90(picture)[:, ::-1])
    assert "300 × 440" in hands.find("photo-label").text()
    hands.key(Qt.Key.Key_V, CTRL | ALT)
    hands.key(Qt.Key.Key_Right, CTRL | ALT)
    assert np.array_equal(photo_of(painting), picture[::-1, ::-1])


def test_a_mask_can_be_painted_after_a_turn_where_the_pointer_is(painting, hands):
    action(painting, "turn_right").trigger()
    set_brush(painting, size=30, hardness=1.0)
    hands.stroke((150, 400))
    inside = distance(SHAPE[::-1], (150, 400))
    assert (mask_of(painting)[inside < 13] == 255).all() and not mask_of(painting)[inside > 17].any()


def test_a_crop_is_drawn_changed_and_carried_out_with_enter(painting, hands):
    picture = a_picture()
    hands.stroke((100, 100), (160, 130))
    mask = mask_of(painting)
    hands.key(Qt.Key.Key_R)
    hands.stroke((50, 40), (100, 90), (250, 200))
    assert painting.tools.busy and not steps(painting)[1:], "nothing has happened yet"
    hands.stroke((250, 200), (260, 210), (300, 220))  # its lower right corner
    hands.stroke((175, 40), (175, 50), (175, 60))  # its upper edge
    hands.stroke((150, 130), (155, 135), (140, 120))  # inside: moved
    assert painting.tools.current.box == Box(50, 40, 210, 290)
    hands.key(Qt.Key.Key_Return)
    assert np.array_equal(photo_of(painting), picture[50:210, 40:290])
    assert np.array_equal(mask_of(painting), mask[50:210, 40:290])
    assert steps(painting) == ["Paint mask", "Crop"] and not painting.tools.busy
    assert not painting.tools.overlay.isVisible() and not painting.filling.busy
    hands.key(Qt.Key.Key_Z, CTRL)
    assert np.array_equal(photo_of(painting), picture) and np.array_equal(mask_of(painting), mask)


def test_escape_gives_a_crop_up_and_in_mid_drag_only_the_drag(painting, hands):
    hands.key(Qt.Key.Key_R)
    hands.stroke((50, 40), (100, 90), (250, 200))
    hands.stroke((150, 130), (155, 135), (170, 150), release=False)
    hands.key(Qt.Key.Key_Escape)
    assert painting.tools.current.box == Box(40, 50, 200, 250)
    QTest.mouseRelease(painting.canvas, Qt.MouseButton.LeftButton, pos=hands.at(170, 150))
    hands.key(Qt.Key.Key_Escape)
    assert not painting.tools.busy and painting.document.shape == SHAPE and not steps(painting)
    hands.stroke((50, 40), (100, 90), (250, 200))
    hands.key(Qt.Key.Key_B)
    assert painting.document.shape == SHAPE and not painting.tools.overlay.isVisible(), "nor does another tool crop"


def test_a_crop_stays_on_the_photograph_and_a_click_draws_none(painting, hands):
    hands.key(Qt.Key.Key_R)
    hands.stroke((100, 100))
    assert not painting.tools.busy
    hands.stroke((-20, -10), (100, 100), (700, 150))
    assert painting.tools.current.box == Box(0, 0, 150, 440)


def test_a_ratio_holds_lying_and_standing(painting, hands):
    hands.key(Qt.Key.Key_R)
    assert hands.find("option-ratio").isVisible()
    painting.tools.current.set_options(ratio="3 : 2")
    hands.stroke((50, 40), (100, 60), (200, 80))
    assert painting.tools.current.box == Box(40, 50, 140, 200)
    hands.key(Qt.Key.Key_Escape)
    hands.stroke((50, 40), (60, 100), (90, 190))
    assert painting.tools.current.box == Box(40, 50, 190, 150)
    painting.tools.current.set_options(ratio="1 : 1")
    assert painting.tools.current.box == Box(65, 50, 165, 150)


def test_what_a_crop_takes_away_is_darkened(painting, hands):
    before = seen_photo(painting).astype(int)
    hands.key(Qt.Key.Key_R)
    hands.stroke((50, 40), (100, 90), (250, 200))
    ratio, canvas = painting.devicePixelRatioF(), painting.canvas
    from editor.app.pixels import array_of

    left, top = int(canvas.view.left), int(canvas.view.top)
    now = array_of(canvas.grab().toImage())[top:top + 300, left:left + 440, :3].astype(int)
    assert ratio == 1 and (now[:30].sum() < 0.7 * before[:30].sum())
    inside = now[50:80, 60:110], before[50:80, 60:110]  # between the edge and the first third
    assert np.array_equal(*inside)


def test_cropping_to_the_mask(painting, hands):
    assert not action(painting, "crop_to_mask").isEnabled()
    hands.stroke((100, 100), (160, 130))
    rows, columns = np.nonzero(mask_of(painting))
    action(painting, "crop_to_mask").trigger()
    assert painting.document.shape == (np.ptp(rows) + 1, np.ptp(columns) + 1)


def straighten(qtbot, window, hands, *points) -> None:
    before = window.document.history.position
    hands.stroke(*points)
    qtbot.waitUntil(lambda: window.document.history.position == before + 1, timeout=20000)


def test_a_line_along_the_horizon_makes_it_level(qtbot, window, hands):
    rows, columns = np.indices(SHAPE)
    slope = np.tan(np.radians(6))
    sky = rows - 150 < (columns - 220) * slope
    show(window, Photo(np.repeat(np.where(sky, 220, 40).astype(np.uint8)[..., None], 3, axis=2)))
    hands.key(Qt.Key.Key_A)
    straighten(qtbot, window, hands, (60, 150 - 160 * slope), (200, 150), (380, 150 + 160 * slope))
    now = photo_of(window)[..., 0]
    edge = np.argmax(now < 128, axis=0)
    assert np.ptp(edge) <= 3, "the horizon is level"
    assert steps(window)[0].startswith("Rotate −6") or steps(window)[0].startswith("Rotate −5.")
    corners = now[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert now.shape[0] < 300 and list(corners) == [220, 220, 40, 40], "no corner is empty"
    hands.key(Qt.Key.Key_Z, CTRL)
    assert window.document.shape == SHAPE


def test_a_line_along_a_wall_makes_it_upright_and_all_can_be_kept(qtbot, painting, hands):
    hands.key(Qt.Key.Key_A)
    painting.tools.current.set_options(keep="all of it")
    straighten(qtbot, painting, hands, (200, 50), (205, 150), (210, 250))
    assert painting.document.photo.has_alpha and painting.document.shape[0] > 300
    assert composite(painting)[0, 0, 3] == 0
    assert steps(painting)[0].startswith("Rotate +2.8") or steps(painting)[0].startswith("Rotate +2.9")


def test_a_short_line_does_nothing(painting, hands):
    hands.key(Qt.Key.Key_A)
    hands.stroke((200, 50), (203, 51))
    hands.stroke((200, 50))
    assert not steps(painting)


def test_the_dialog_rotates_by_any_angle_in_the_background(qtbot, painting, hands):
    hands.key(Qt.Key.Key_R, CTRL | ALT)
    box = dialog(qtbot, painting, "rotation")
    box.angle.setValue(10.0)
    box.accept()
    qtbot.waitUntil(lambda: steps(painting) == ["Rotate +10.00°"], timeout=20000)
    action(painting, "rotate_by").trigger()
    box = dialog(qtbot, painting, "rotation")
    box.angle.setValue(-90.0)
    box.accept()
    assert steps(painting)[-1] == "Rotate" and painting.document.shape[0] > painting.document.shape[1]


def test_a_rotation_is_not_laid_over_what_was_painted_meanwhile(qtbot, painting, hands, monkeypatch):
    gate = threading.Event()
    from editor.app import transform_commands

    real = transform_commands.transformed

    def slow(*args):
        gate.wait(20)
        return real(*args)

    monkeypatch.setattr(transform_commands, "transformed", slow)
    rotate = next(one for one in painting.controllers.all if isinstance(one, transform_commands.TransformCommands))
    rotate.rotate(5.0, False)
    hands.stroke((100, 100), (150, 100))
    gate.set()
    qtbot.waitUntil(lambda: "changed meanwhile" in message(painting), timeout=20000)
    assert steps(painting) == ["Paint mask"] and painting.document.shape == SHAPE
    gate.clear()
    rotate.rotate(5.0, False)
    hands.key(Qt.Key.Key_Escape)
    gate.set()
    assert "cancelled" in message(painting) and painting.document.shape == SHAPE


def test_a_turn_ends_a_fill_that_is_running_and_nothing_lands_in_the_wrong_place(qtbot, opened, hands, monkeypatch):
    from editor.engines.classical import Telea

    gate, at_work = threading.Event(), threading.Event()
    real = Telea.fill

    def slow(self, request, progress):
        at_work.set()
        while not gate.wait(0.01):
            progress(0.0, "waiting")
        yield from real(self, request, progress)

    monkeypatch.setattr(Telea, "fill", slow)
    opened.engine_options.choose("telea")
    set_brush(opened, size=30, hardness=1.0)
    hands.stroke((100, 100), (120, 100))
    hands.click("fill")
    qtbot.waitUntil(at_work.is_set, timeout=20000)
    action(opened, "turn_right").trigger()
    gate.set()
    qtbot.waitUntil(lambda: not opened.filling.busy, timeout=20000)
    qtbot.wait(50)
    assert steps(opened) == ["Paint mask", "Turn right"] and not opened.document.layers
    assert "cancelled" in message(opened)
    fill_and_wait(qtbot, opened, hands)
    assert steps(opened)[-1] == "Fill" and not mask_of(opened).any()


def test_a_fill_follows_is_chosen_anew_and_filled_again_after_a_turn(qtbot, opened, hands):
    opened.engine_options.choose("telea")
    set_brush(opened, size=30, hardness=1.0)
    hands.stroke((100, 100), (130, 110))
    mask = mask_of(opened)
    fill_and_wait(qtbot, opened, hands)
    seen_before = composite(opened)
    action(opened, "turn_left").trigger()
    assert np.array_equal(composite(opened), np.rot90(seen_before))
    qtbot.wait(600)  # the panel looks whether the fill is out of date
    assert not opened._stale.stale
    action(opened, "reopen_fill").trigger()
    assert np.array_equal(mask_of(opened), np.rot90(mask))
    fill_and_wait(qtbot, opened, hands)
    outside = np.rot90(mask) == 0
    assert np.array_equal(composite(opened)[outside], np.rot90(seen_before)[outside])
    assert len(opened.document.layers[0].recipe.variants) == 2


def test_a_cropped_project_is_saved_and_opened_again(qtbot, opened, hands, tmp_path):
    hands.key(Qt.Key.Key_R)
    hands.stroke((50, 40), (100, 90), (250, 200))
    hands.key(Qt.Key.Key_Return)
    expected = composite(opened)
    opened.files.controller.save(opened.file, tmp_path / "cropped.ora")
    qtbot.waitUntil(lambda: (tmp_path / "cropped.ora").exists() and not opened.isWindowModified(), timeout=20000)
    action(opened, "close_document").trigger()
    assert opened.document is None
    open_and_wait(qtbot, opened, tmp_path / "cropped.ora")
    assert np.array_equal(composite(opened), expected)


def test_holding_backslash_shows_the_photograph_as_it_lies_now(painting, hands):
    hands.key(Qt.Key.Key_N)
    set_brush(painting, size=60, hardness=1.0)
    hands.stroke((100, 100), (200, 150))
    action(painting, "flip_horizontally").trigger()
    action(painting, "fit").trigger()
    painting.canvas.show_original(True)
    assert np.array_equal(seen_photo(painting), a_picture()[:, ::-1])
    painting.canvas.show_original(False)


def test_the_smallest_photograph_and_none_at_all(window, hands):
    assert not action(window, "turn_left").isEnabled() and not action(window, "rotate_by").isEnabled()
    show(window, Photo(np.full((1, 1, 3), 77, np.uint8)))
    for name in EXACT:
        action(window, name).trigger()
    hands.key(Qt.Key.Key_R)
    hands.stroke((0.2, 0.2), (0.8, 0.8))
    hands.key(Qt.Key.Key_Return)
    assert window.document.shape == (1, 1) and len(steps(window)) == 5


def test_a_turn_in_mid_stroke_keeps_what_came_until_then(painting, hands):
    hands.stroke((100, 100), (160, 130), (200, 130), release=False)
    action(painting, "turn_right").trigger()
    assert steps(painting) == ["Paint mask", "Turn right"] and not painting.canvas.stroking
    mask = mask_of(painting)
    assert mask.shape == SHAPE[::-1] and mask[100:140].any()
    QTest.mouseMove(painting.canvas, hands.at(50, 50))
    QTest.mouseRelease(painting.canvas, Qt.MouseButton.LeftButton, pos=hands.at(50, 50))
    assert steps(painting) == ["Paint mask", "Turn right"] and np.array_equal(mask_of(painting), mask)
    hands.stroke((60, 300))
    assert steps(painting)[-1] == "Paint mask"


def test_a_turn_gives_up_what_a_tool_was_preparing(painting, hands):
    hands.key(Qt.Key.Key_R)
    hands.stroke((50, 40), (100, 90), (250, 200))
    action(painting, "turn_right").trigger()
    assert not painting.tools.busy and not painting.tools.overlay.isVisible()
    hands.key(Qt.Key.Key_L)
    for place in ((50, 60), (150, 60), (150, 200)):
        hands.stroke(place)
    assert painting.tools.busy
    action(painting, "flip_vertically").trigger()
    assert not painting.tools.busy and steps(painting) == ["Turn right", "Flip vertically"]


def test_the_window_loses_focus_in_mid_drag_of_a_crop(qtbot, painting, hands):
    hands.key(Qt.Key.Key_R)
    hands.stroke((50, 40), (100, 90), (250, 200), release=False)
    with another_window(qtbot):
        pass
    assert painting.tools.current.box == Box(40, 50, 200, 250) and not steps(painting)
    hands.key(Qt.Key.Key_Return)
    assert painting.document.shape == (160, 200)


def test_transforms_of_deep_and_grey_photographs_in_the_window(qtbot, window, hands):
    for dtype, channels in ((np.uint16, 3), (np.uint16, 1), (np.uint8, 4)):
        picture = a_picture(dtype, 3)[..., :channels] if channels < 4 else np.concatenate(
            [a_picture(), np.full((*SHAPE, 1), 200, np.uint8)], axis=2)
        show(window, Photo(picture))
        action(window, "turn_left").trigger()
        assert np.array_equal(photo_of(window), np.rot90(picture))
        hands.key(Qt.Key.Key_A)
        straighten(qtbot, window, hands, (60, 150), (150, 152), (240, 156))
        assert photo_of(window).dtype == dtype and photo_of(window).shape[2] == channels
        for _ in range(2):
            hands.key(Qt.Key.Key_Z, CTRL)
        assert np.array_equal(photo_of(window), picture)
