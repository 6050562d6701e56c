"""Outlines into the mask: lasso, rectangle and ellipse, with mouse, pen and keys."""

import cv2
import numpy as np
import pytest
from doing import (
    ALT,
    CTRL,
    LEFT,
    NO_KEYS,
    SHIFT,
    a_picture,
    action,
    another_window,
    distance,
    mask_of,
    message,
    seen_photo,
    show,
    steps,
)
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from editor.document.photo import Photo

SHAPE = (300, 440)
CORNERS = [(100, 60), (330, 90), (210, 240)]


@pytest.fixture
def selecting(window):
    """A photograph of 300 x 440 at 100 %, and the lasso."""
    show(window, Photo(a_picture()))
    window.tools.choose("lasso")
    assert window.canvas.view.scale == 1
    return window


def inside(points) -> np.ndarray:
    """What a polygon covers, sampled sixteen by sixteen times a pixel."""
    big = np.zeros((SHAPE[0] * 16, SHAPE[1] * 16), np.uint8)
    cv2.fillPoly(big, [np.rint(np.array(points) * 16 - 0.5).astype(np.int32)], 255)
    return cv2.resize(big, SHAPE[::-1], interpolation=cv2.INTER_AREA)


def assert_selected(window, expected: np.ndarray) -> None:
    """To within what a sample is worth."""
    off = np.abs(mask_of(window).astype(int) - expected)
    assert np.count_nonzero(off > 40) <= 3 and expected.any()


def click(hands, *points, modifiers=NO_KEYS) -> None:
    for point in points:
        hands.stroke(point, modifiers=modifiers)


def double_click(hands, x: float, y: float) -> None:
    """As Qt sends it: the second press is the double click."""
    hands.stroke((x, y))
    QTest.mouseDClick(hands.canvas, LEFT, NO_KEYS, hands.at(x, y))


def drag_with(hands, *moves: tuple[float, float, Qt.KeyboardModifier], press: Qt.KeyboardModifier = NO_KEYS) -> None:
    """A drag whose moves say what is held; QTest's own do not."""
    first, last = moves[0], moves[-1]
    QTest.mousePress(hands.canvas, LEFT, press, hands.at(*first[:2]))
    for x, y, keys in moves[1:]:
        place = QPointF(hands.at(x, y))
        QApplication.sendEvent(hands.canvas, QMouseEvent(
            QEvent.Type.MouseMove, place, hands.canvas.mapToGlobal(place), LEFT, LEFT, keys))
    QTest.mouseRelease(hands.canvas, LEFT, last[2], hands.at(*last[:2]))


def set_option(hands, name: str, value: str) -> None:
    """Choose in the tool's options with the keyboard."""
    combo = hands.find(f"option-{name}")
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Home)
    for _ in range(combo.findText(value)):
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert combo.currentText() == value


# The lasso

def test_l_chooses_the_lasso_and_m_the_rectangle(selecting, hands):
    selecting.tools.choose("hand")
    for key, name in ((Qt.Key.Key_L, "lasso"), (Qt.Key.Key_M, "marquee")):
        hands.key(key)
        assert selecting.tools.current.name == name
        assert hands.find(f"tool-{name}").toolTip().endswith(f"({chr(key)})")


def test_a_drag_round_something_selects_it_in_one_step(selecting, hands):
    hands.stroke(*CORNERS)
    assert_selected(selecting, inside(CORNERS))
    assert steps(selecting) == ["Lasso"]
    action(selecting, "undo").trigger()
    assert not mask_of(selecting).any()


def test_clicks_make_a_polygon_that_enter_closes(qtbot, selecting, hands):
    selecting.engine_options.set_choice("telea", {}, 1)
    click(hands, *CORNERS)
    assert not mask_of(selecting).any() and not steps(selecting)
    hands.key(Qt.Key.Key_Return)
    assert_selected(selecting, inside(CORNERS))
    assert not selecting.filling.busy and steps(selecting) == ["Lasso"]
    hands.key(Qt.Key.Key_Return)
    assert selecting.filling.busy, "now Enter fills"
    qtbot.waitUntil(lambda: not selecting.filling.busy, timeout=20000)


def test_a_double_click_closes_the_polygon(selecting, hands):
    click(hands, *CORNERS[:2])
    double_click(hands, *CORNERS[2])
    assert_selected(selecting, inside(CORNERS))
    assert not hands.find("tool-overlay").isVisible()
    hands.stroke((20, 20))
    assert len(steps(selecting)) == 1, "it begins another"


def test_a_click_on_the_first_point_closes_the_polygon(selecting, hands):
    click(hands, *CORNERS, (103, 58))
    assert_selected(selecting, inside(CORNERS))


def test_clicks_and_drags_can_be_mixed(selecting, hands):
    click(hands, *CORNERS[:2])
    hands.stroke((300, 200), (280, 230), (240, 250))
    hands.key(Qt.Key.Key_Return)
    assert_selected(selecting, inside([*CORNERS[:2], (300, 200), (280, 230), (240, 250)]))


def test_backspace_and_undo_take_back_a_point_and_nothing_else(selecting, hands):
    hands.stroke((20, 20), (60, 20), (40, 60))
    before = mask_of(selecting)
    click(hands, *CORNERS, (10, 290), (400, 290))
    hands.key(Qt.Key.Key_Backspace)
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (mask_of(selecting) == before).all()
    hands.key(Qt.Key.Key_Return)
    assert_selected(selecting, np.maximum(before, inside(CORNERS)))
    for _ in range(2):
        hands.key(Qt.Key.Key_Z, CTRL)
    assert not mask_of(selecting).any()


def test_undo_is_offered_while_there_are_points(selecting, hands):
    assert not action(selecting, "undo").isEnabled()
    click(hands, *CORNERS[:2])
    assert action(selecting, "undo").isEnabled()
    for _ in range(2):
        hands.key(Qt.Key.Key_Backspace)
    hands.key(Qt.Key.Key_Backspace)
    assert not selecting.tools.busy and not hands.find("tool-overlay").isVisible()


def test_escape_gives_the_outline_up(selecting, hands):
    click(hands, *CORNERS)
    hands.key(Qt.Key.Key_Escape)
    assert not hands.find("tool-overlay").isVisible()
    hands.key(Qt.Key.Key_Backspace)
    hands.stroke(*CORNERS, release=False)
    hands.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(selecting.canvas, LEFT, NO_KEYS, hands.at(50, 50))
    assert not mask_of(selecting).any() and not steps(selecting)


def test_escape_in_a_dragged_piece_takes_back_that_piece(selecting, hands):
    click(hands, *CORNERS)
    hands.stroke((30, 200), (10, 100), release=False)
    hands.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(selecting.canvas, LEFT, NO_KEYS, hands.at(10, 100))
    hands.key(Qt.Key.Key_Return)
    assert_selected(selecting, inside(CORNERS))


def test_another_tool_closes_the_polygon_so_that_no_point_is_lost(selecting, hands):
    click(hands, *CORNERS)
    hands.key(Qt.Key.Key_B)
    assert_selected(selecting, inside(CORNERS))
    assert not hands.find("tool-overlay").isVisible()


def test_another_photograph_forgets_the_points(selecting, hands):
    click(hands, *CORNERS)
    show(selecting, Photo(a_picture(shape=(200, 200))))
    assert not selecting.tools.busy and not hands.find("tool-overlay").isVisible()
    hands.key(Qt.Key.Key_Return)
    assert not selecting.document.mask.keys() and "mask is empty" in message(selecting)


def test_the_fill_button_fills_what_is_outlined(qtbot, selecting, hands):
    selecting.engine_options.set_choice("telea", {}, 1)
    click(hands, *CORNERS)
    hands.click("fill")
    assert selecting.filling.busy and steps(selecting) == ["Lasso"]
    qtbot.waitUntil(lambda: not selecting.filling.busy, timeout=20000)


def test_points_and_lines_outside_the_photograph_are_cut(selecting, hands):
    outline = [(-60, -40), (480, 40), (200, 340)]
    hands.stroke(*outline)
    for _ in range(2):
        assert_selected(selecting, clipped(outline))
        hands.key(Qt.Key.Key_D, CTRL)
        click(hands, *outline)
        hands.key(Qt.Key.Key_Return)


def clipped(points) -> np.ndarray:
    big = np.zeros((SHAPE[0] * 16 + 1600, SHAPE[1] * 16 + 1600), np.uint8)
    cv2.fillPoly(big, [np.rint(np.array(points) * 16 + 799.5).astype(np.int32)], 255)
    return cv2.resize(big[800:-800, 800:-800], SHAPE[::-1], interpolation=cv2.INTER_AREA)


def test_a_line_of_no_width_selects_nothing(selecting, hands):
    hands.stroke((50, 50), (150, 50))
    click(hands, (50, 90), (150, 90))
    hands.key(Qt.Key.Key_Return)
    assert not steps(selecting) and not selecting.tools.busy


def test_the_pen_draws_outlines_too(selecting, hands):
    hands.pen(*((x, y, 0.3) for x, y in CORNERS))
    assert_selected(selecting, inside(CORNERS))


def test_a_window_that_loses_the_focus_ends_the_drag(qtbot, selecting, hands):
    hands.stroke(*CORNERS, release=False)
    with another_window(qtbot):
        assert_selected(selecting, inside(CORNERS))


def test_shift_steers_a_polygon_in_eight_directions(selecting, hands):
    click(hands, (100, 100))
    click(hands, (202, 108), modifiers=SHIFT)
    click(hands, (140, 165), modifiers=SHIFT)
    hands.key(Qt.Key.Key_Return)
    assert_selected(selecting, inside([(100, 100), (202, 100), (138.5, 163.5)]))


def test_the_same_outline_selects_the_same_at_any_zoom(selecting, hands):
    masks = []
    for zoom in (1.0, 2.0, 0.5):
        selecting.canvas.zoom(zoom / selecting.canvas.view.scale)
        left, top = selecting.canvas.view.to_device(200, 150)
        selecting.canvas.set_view(selecting.canvas.view.panned(500 - left, 350 - top))
        click(hands, (150, 100), (250, 120), (200, 200))
        hands.key(Qt.Key.Key_Return)
        masks.append(mask_of(selecting))
        hands.key(Qt.Key.Key_D, CTRL)
    assert masks[0].max() == 255 and all((mask == masks[0]).all() for mask in masks)


def test_the_outline_is_seen_while_it_is_drawn_and_moves_with_the_view(selecting, hands):
    bare = seen_photo(selecting).astype(int)
    click(hands, *CORNERS[:2])
    hands.hover(*CORNERS[2])
    line = distance(SHAPE, *CORNERS[:2]) < 0.6
    grabbed = selecting.canvas.grab().toImage()
    view = selecting.canvas.view
    rows, columns = np.nonzero(line)
    shown = np.array([grabbed.pixelColor(int(view.left) + x, int(view.top) + y).getRgb()[:3]
                      for y, x in zip(rows[::9], columns[::9], strict=True)])
    assert (np.abs(shown - bare[rows[::9], columns[::9]]).max(axis=1) > 10).mean() > 0.9
    overlay = selecting.findChild(QWidget, "tool-overlay")
    before = overlay.grab().toImage()
    selecting.canvas.set_view(view.panned(30, 20))
    assert overlay.grab().toImage() != before


# Modes

BOX, HALF = (100, 100, 200, 200), (150, 50, 300, 150)


def boxed(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    out = np.zeros(SHAPE, np.uint8)
    out[top:bottom, left:right] = 255
    return out


EXPECTED = {
    "Add": np.maximum(boxed(*BOX), boxed(*HALF)), "Subtract": boxed(*BOX) & ~boxed(*HALF),
    "Intersect": boxed(*BOX) & boxed(*HALF), "Replace": boxed(*HALF)}


@pytest.fixture
def with_box(selecting, hands):
    """A square in the mask, and the rectangle."""
    selecting.tools.choose("marquee")
    hands.stroke(BOX[:2], BOX[2:])
    assert (mask_of(selecting) == boxed(*BOX)).all()
    return selecting


@pytest.mark.parametrize("tool", ["marquee", "lasso"])
def test_the_option_says_what_a_selection_does(with_box, hands, tool):
    with_box.tools.choose(tool)
    left, top, right, bottom = HALF
    for mode, expected in EXPECTED.items():
        set_option(hands, "mode", mode)
        hands.stroke((left, top), (right, top), (right, bottom), *([(left, bottom)] if tool == "lasso" else []))
        assert (mask_of(with_box) == expected).all(), mode
        hands.key(Qt.Key.Key_Z, CTRL)


def test_keys_held_at_the_press_say_so_for_once(with_box, hands):
    with_box.tools.current.set_options(mode="Replace")
    for keys, mode in ((SHIFT, "Add"), (ALT, "Subtract"), (SHIFT | ALT, "Intersect")):
        hands.stroke(HALF[:2], HALF[2:], modifiers=keys)
        assert (mask_of(with_box) == EXPECTED[mode]).all(), mode
        hands.key(Qt.Key.Key_Z, CTRL)
    assert with_box.tools.current.options.mode == "Replace"


def test_options_are_remembered(new_window, qtbot):
    first = new_window()
    show(first, Photo(a_picture()))
    first.tools.choose("marquee")
    first.tools.current.set_options(shape="Ellipse", mode="Subtract")
    first.close()
    from editor.app import settings
    from editor.app.window import Window

    stored = settings.load()
    assert stored.tool_options["marquee"] == {"shape": "Ellipse", "mode": "Subtract"}
    second = Window(stored)
    second.show()
    assert second.tools.tools["marquee"].options.shape == "Ellipse"
    assert second.tools.tools["lasso"].options.mode == "Add"
    second.close()
    second.deleteLater()


# Rectangle and ellipse

def test_a_drag_selects_an_ellipse_if_that_is_the_shape(selecting, hands):
    hands.key(Qt.Key.Key_M)
    set_option(hands, "shape", "Ellipse")
    hands.stroke((80, 60), (200, 100), (320, 200))
    rows, columns = np.indices(SHAPE)
    away = np.hypot((columns + 0.5 - 200) / 120, (rows + 0.5 - 130) / 70)
    mask = mask_of(selecting)
    assert (mask[away < 0.98] == 255).all() and (mask[away > 1.02] == 0).all()
    assert mask.sum() / 255 == pytest.approx(np.pi * 120 * 70, rel=2e-3)
    assert steps(selecting) == ["Select ellipse"]


def test_shift_pressed_in_a_drag_makes_a_square_and_alt_draws_from_the_centre(selecting, hands):
    selecting.tools.choose("marquee")
    drag_with(hands, (100, 100, NO_KEYS), (150, 120, SHIFT), (160, 130, SHIFT))
    assert (mask_of(selecting) == boxed(100, 100, 160, 160)).all()
    hands.key(Qt.Key.Key_D, CTRL)
    drag_with(hands, (100, 100, NO_KEYS), (150, 120, ALT), (160, 130, ALT))
    assert (mask_of(selecting) == boxed(40, 70, 160, 130)).all()


def test_keys_that_chose_the_mode_do_not_also_constrain(with_box, hands):
    drag_with(hands, (150, 50, NO_KEYS), (200, 70, SHIFT), (300, 150, SHIFT), press=SHIFT)
    assert (mask_of(with_box) == EXPECTED["Add"]).all()


def test_the_size_is_said_beside_the_pointer(selecting, hands):
    selecting.tools.choose("marquee")
    hands.stroke((100, 100), (150, 120), (180, 130), release=False)
    assert selecting.tools.overlay.drawing.words == "80 × 30"
    QTest.mouseRelease(selecting.canvas, LEFT, NO_KEYS, hands.at(180, 130))
    assert not selecting.tools.overlay.isVisible()


def test_a_click_selects_nothing(with_box, hands):
    hands.stroke((20, 20))
    assert (mask_of(with_box) == boxed(*BOX)).all() and len(steps(with_box)) == 1


def test_escape_gives_a_rectangle_up(with_box, hands):
    hands.stroke((10, 10), (60, 60), release=False)
    hands.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(with_box.canvas, LEFT, NO_KEYS, hands.at(60, 60))
    assert (mask_of(with_box) == boxed(*BOX)).all()


def test_tiny_and_grey_photographs(window, hands):
    for pixels in (np.full((1, 1, 1), 9, np.uint8), np.full((40, 50, 1), 900, np.uint16)):
        show(window, Photo(pixels))
        window.tools.choose("marquee")
        hands.stroke((-9, -9), (90, 90))
        assert (mask_of(window) == 255).all() and mask_of(window).shape == pixels.shape[:2]


def test_undo_in_the_middle_of_a_drag_takes_the_drag_back_and_nothing_else(with_box, hands):
    for tool in ("marquee", "lasso"):
        with_box.tools.choose(tool)
        hands.stroke((10, 10), (60, 10), (60, 60), release=False)
        hands.key(Qt.Key.Key_Z, CTRL)
        QTest.mouseRelease(with_box.canvas, LEFT, NO_KEYS, hands.at(60, 60))
        assert (mask_of(with_box) == boxed(*BOX)).all() and len(steps(with_box)) == 1


def test_another_tool_in_the_middle_of_a_drag_ends_it_there(with_box, hands):
    hands.stroke((10, 10), (60, 10), (60, 60), release=False)
    hands.key(Qt.Key.Key_B)
    QTest.mouseRelease(with_box.canvas, LEFT, NO_KEYS, hands.at(200, 200))
    assert (mask_of(with_box) == np.maximum(boxed(*BOX), boxed(10, 10, 60, 60))).all()
