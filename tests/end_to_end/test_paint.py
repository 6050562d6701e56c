"""Painting the mask, with mouse, pen and keys."""


import cv2
import numpy as np
import pytest
from doing import (
    ALT,
    CTRL,
    LEFT,
    NO_KEYS,
    RIGHT,
    SHIFT,
    a_picture,
    action,
    another_window,
    dialog,
    distance,
    held,
    mask_of,
    seen,
    seen_photo,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QSpinBox

from editor.document.photo import Photo


def assert_painted(mask: np.ndarray, away: np.ndarray, radius: float) -> None:
    """Full to within a pixel of the radius, nothing beyond a pixel outside it."""
    assert (mask[away < radius - 1] == 255).all()
    assert (mask[away > radius + 1] == 0).all()
    expected = np.clip(radius + 0.5 - away, 0, 1).sum()
    assert abs(mask.sum() / 255 - expected) < 0.02 * expected


def test_a_click_paints_one_round_dab(painting, hands):
    hands.stroke((200, 150))
    assert_painted(mask_of(painting), distance((300, 440), (200, 150)), 15)
    assert steps(painting) == ["Paint mask"]


def test_a_stroke_follows_the_mouse(painting, hands):
    hands.stroke((100, 100), (140, 100), (180, 100), (220, 100))
    assert_painted(mask_of(painting), distance((300, 440), (100, 100), (220, 100)), 15)
    assert len(steps(painting)) == 1


def test_a_fast_stroke_has_no_gaps(painting, hands):
    set_brush(painting, size=6)
    hands.stroke((20, 40), (410, 250))
    assert_painted(mask_of(painting), distance((300, 440), (20, 40), (410, 250)), 3)


def test_a_fast_curve_is_one_piece_without_corners(painting, hands):
    set_brush(painting, size=6)
    around = [(220 + 100 * np.cos(turn), 150 + 100 * np.sin(turn)) for turn in np.linspace(0, 2 * np.pi, 13)]
    hands.stroke(*around)
    mask = mask_of(painting)
    assert cv2.connectedComponents((mask > 0).astype(np.uint8))[0] == 2, "background and one stroke"
    rows, columns = np.nonzero(mask == 255)
    off = np.abs(np.hypot(columns + 0.5 - 220, rows + 0.5 - 150) - 100)
    assert off.max() < 9, "a chord would cut corners by far more than the curve may"


def test_shift_draws_a_straight_line_from_the_last_stroke(painting, hands):
    hands.stroke((60, 60))
    hands.stroke((300, 200), modifiers=SHIFT)
    hands.stroke((400, 60), modifiers=SHIFT)
    assert_painted(mask_of(painting), distance((300, 440), (60, 60), (300, 200), (400, 60)), 15)
    assert len(steps(painting)) == 3


def test_a_straight_line_never_comes_from_another_photograph(painting, hands):
    hands.stroke((60, 60))
    show(painting, Photo(a_picture()))
    hands.stroke((300, 200), modifiers=SHIFT)
    assert_painted(mask_of(painting), distance((300, 440), (300, 200)), 15)


def test_a_soft_brush_falls_off_smoothly(painting, hands):
    set_brush(painting, size=80, hardness=0.0)
    hands.stroke((200, 150))
    inward = np.clip(1 - distance((300, 440), (200, 150)) / 40, 0, 1)
    assert np.abs(mask_of(painting) - 255 * inward**2 * (3 - 2 * inward)).max() <= 3


def test_opacity_is_that_of_the_whole_stroke(painting, hands):
    set_brush(painting, opacity=0.5)
    hands.stroke((100, 100), (200, 100), (100, 100), (200, 100))
    assert mask_of(painting)[100, 150] == 128, "going over it again in one stroke adds nothing"
    hands.stroke((150, 60), (150, 140))
    assert mask_of(painting)[100, 150] == 192, "a second stroke does"


@pytest.mark.parametrize("pressure", [0.25, 0.5, 1.0])
def test_a_pens_pressure_is_the_width(painting, hands, pressure):
    set_brush(painting, size=40)
    hands.pen((100, 100, pressure), (200, 100, pressure))
    assert_painted(mask_of(painting), distance((300, 440), (100, 100), (200, 100)), 20 * pressure)


def test_pressure_that_grows_widens_the_stroke(painting, hands):
    set_brush(painting, size=40)
    hands.pen(*((100 + 10 * i, 100, 0.1 + 0.09 * i) for i in range(11)))
    widths = (mask_of(painting) > 127).sum(axis=0)[105:195]
    assert (np.diff(widths.astype(int)) >= -1).all() and widths[-1] > 3 * widths[0]


def test_the_pens_other_end_erases_and_the_mouse_paints_on(painting, hands):
    hands.stroke((100, 100), (200, 100))
    hands.pen((150, 80, 1.0), (150, 120, 1.0), eraser=True)
    mask = mask_of(painting)
    assert mask[100, 150] == 0 and mask[100, 110] == 255
    hands.stroke((150, 100))
    assert mask_of(painting)[100, 150] == 255
    assert steps(painting) == ["Paint mask", "Erase mask", "Paint mask"]


def test_a_tablet_without_pressure_paints_all_the_same(painting, hands):
    hands.pen((100, 100, 0.0), (200, 100, 0.0))
    assert_painted(mask_of(painting), distance((300, 440), (100, 100), (200, 100)), 15)


def test_a_pen_that_lands_softly_begins_thin(painting, hands):
    set_brush(painting, size=40)
    hands.pen((100, 200, 0.5), (200, 200, 0.5))
    hands.pen((100, 100, 0.0), (150, 100, 0.2), (200, 100, 0.5))
    mask = mask_of(painting)
    assert (mask[:150, 100] > 127).sum() <= 4, "no blot where it landed"
    assert (mask[:150, 185] > 127).sum() > 10


def test_a_stroke_may_begin_outside_leave_and_come_back(painting, hands):
    hands.stroke((-40, 100), (30, 100), (100, 100), (100, -40), (200, -40), (200, 60), (200, 100))
    mask = mask_of(painting)
    assert (mask[100, :90] == 255).all(), "from the edge on"
    assert (mask[:80, 200] == 255).all(), "and where it came back"
    assert (mask[:20, 150] == 0).all(), "but not on the way"
    assert len(steps(painting)) == 1


def test_a_stroke_wholly_outside_is_no_step(painting, hands):
    hands.stroke((-60, 100), (-40, 200))
    assert not steps(painting) and mask_of(painting).max() == 0


def test_a_press_without_a_release_does_not_paint_on(painting, hands):
    """The release went to another window: a move without a button ends the stroke."""
    hands.stroke((100, 100), (200, 100), release=False)
    QTest.mouseRelease(painting.statusBar(), LEFT)  # lets the test's mouse go, unseen by the canvas
    hands.hover(300, 100)
    hands.hover(300, 200)
    assert_painted(mask_of(painting), distance((300, 440), (100, 100), (200, 100)), 15)
    assert steps(painting) == ["Paint mask"]


@pytest.mark.parametrize("earlier", [0, 1])
@pytest.mark.parametrize("key", [(Qt.Key.Key_Escape, NO_KEYS), (Qt.Key.Key_Z, CTRL)], ids=["Esc", "Ctrl+Z"])
def test_a_stroke_is_taken_back_half_way(painting, hands, key, earlier):
    for _ in range(earlier):
        hands.stroke((50, 250), (90, 250))
    before = mask_of(painting)
    hands.stroke((100, 100), (200, 100), release=False)
    hands.key(*key)
    assert (mask_of(painting) == before).all()
    QTest.mouseMove(painting.canvas, hands.at(300, 200))
    QTest.mouseRelease(painting.canvas, LEFT, NO_KEYS, hands.at(300, 200))
    assert (mask_of(painting) == before).all() and len(steps(painting)) == earlier
    hands.stroke((100, 100))
    assert mask_of(painting)[100, 100] == 255, "the next stroke paints"


def test_a_stroke_is_kept_when_the_window_loses_the_focus(qtbot, painting, hands):
    hands.stroke((100, 100), (200, 100), release=False)
    with another_window(qtbot):
        hands.hover(300, 200)
        assert_painted(mask_of(painting), distance((300, 440), (100, 100), (200, 100)), 15)
        assert steps(painting) == ["Paint mask"]
    QTest.mouseRelease(painting.canvas, LEFT, NO_KEYS, hands.at(300, 200))
    assert len(steps(painting)) == 1


def test_a_pen_that_was_lost_does_not_block_the_mouse(qtbot, painting, hands):
    hands.pen((100, 100, 1.0), (200, 100, 1.0), release=False)
    with another_window(qtbot):
        pass
    hands.stroke((300, 200))
    assert mask_of(painting)[200, 300] == 255


def test_keys_choose_the_tools(painting, hands):
    for key, modifiers, name in ((Qt.Key.Key_E, NO_KEYS, "mask-eraser"), (Qt.Key.Key_H, NO_KEYS, "hand"),
                                 (Qt.Key.Key_Z, NO_KEYS, "zoom"), (Qt.Key.Key_N, NO_KEYS, "paint-brush"),
                                 (Qt.Key.Key_N, SHIFT, "eraser"), (Qt.Key.Key_I, NO_KEYS, "eyedropper"),
                                 (Qt.Key.Key_B, NO_KEYS, "mask-brush")):
        hands.key(key, modifiers)
        assert painting.tools.current.name == name
        assert hands.find(f"tool-{name}").isChecked()
    hands.click("tool-hand")
    assert painting.tools.current.name == "hand"


def test_keys_change_the_brush(painting, hands):
    def brush():
        return painting.tools.brush_tool.brush

    hands.key(Qt.Key.Key_BracketRight)
    assert brush().size > 30
    hands.key(Qt.Key.Key_BracketLeft)
    hands.key(Qt.Key.Key_BracketLeft)
    assert brush().size < 30
    assert hands.find("brush-size").value() == brush().size
    hands.key(Qt.Key.Key_BraceLeft, SHIFT)
    assert brush().hardness == 0.9 and hands.find("brush-hardness").value() == 90
    hands.key(Qt.Key.Key_BraceRight, SHIFT)
    assert brush().hardness == 1.0
    for _ in range(60):
        hands.key(Qt.Key.Key_BracketLeft)
    assert brush().size == 1
    hands.key(Qt.Key.Key_BracketRight)
    assert brush().size == 2, "the smallest brush grows too"


def test_alt_and_the_right_button_resize_and_harden(painting, hands):
    hands.stroke((200, 150), (230, 150), (230, 190), modifiers=ALT, button=RIGHT)
    brush = painting.tools.brush_tool.brush
    assert brush.size == 90, "the brush's edge follows the pointer"
    assert brush.hardness == pytest.approx(0.8)
    assert not steps(painting) and not painting.findChildren(QDialog)


def test_the_options_set_the_brush(qtbot, painting, hands):
    """A size typed and ended with Enter is the brush's size; Enter there does not fill, and the keys are back."""
    size: QSpinBox = hands.find("brush-size")
    hands.stroke((100, 100))
    size.setFocus()
    size.selectAll()
    QTest.keyClicks(size, "52")
    QTest.keyClick(size, Qt.Key.Key_Return)
    assert painting.tools.brush_tool.brush.size == 52
    assert not painting.filling.busy and "Fill" not in steps(painting)
    hands.key(Qt.Key.Key_E)
    assert painting.tools.current.name == "mask-eraser"


def test_the_mask_eraser_takes_the_mask_away(painting, hands):
    hands.stroke((100, 100), (200, 100))
    painted = mask_of(painting)
    hands.key(Qt.Key.Key_E)
    set_brush(painting, size=20, hardness=1.0)
    hands.stroke((150, 60), (150, 140))
    away = distance((300, 440), (150, 60), (150, 140))
    mask = mask_of(painting)
    assert (mask[away < 9] == 0).all() and (mask[away > 11] == painted[away > 11]).all()


def test_invert_and_clear(painting, hands):
    hands.stroke((100, 100), (200, 100))
    mask = mask_of(painting)
    hands.key(Qt.Key.Key_I, CTRL)
    assert (mask_of(painting) == 255 - mask).all()
    hands.key(Qt.Key.Key_D, CTRL)
    assert mask_of(painting).max() == 0
    for _ in range(2):
        hands.key(Qt.Key.Key_Z, CTRL)
    assert (mask_of(painting) == mask).all()


def amount(qtbot, painting, name: str, pixels: int) -> None:
    """Open the command's dialog, type a number, press Enter."""
    action(painting, name).trigger()
    box = dialog(qtbot, painting, "mask-amount")
    number = box.findChild(QSpinBox)
    number.selectAll()
    QTest.keyClicks(number, str(pixels))
    QTest.keyClick(number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not box.isVisible())


@pytest.mark.parametrize(("name", "by"), [("grow_mask", 12), ("shrink_mask", -9)])
def test_grow_and_shrink_move_the_edge(qtbot, painting, hands, name, by):
    hands.stroke((150, 120), (250, 120))
    away = distance((300, 440), (150, 120), (250, 120))
    amount(qtbot, painting, name, abs(by))
    mask = mask_of(painting)
    assert (mask[away < 15 + by - 2] == 255).all() and (mask[away > 15 + by + 2] == 0).all()


def test_feather_softens_the_edge(qtbot, painting, hands):
    from scipy.ndimage import gaussian_filter

    hands.stroke((150, 120), (250, 120))
    mask = mask_of(painting).astype(float)
    amount(qtbot, painting, "feather_mask", 10)
    assert np.abs(mask_of(painting) - gaussian_filter(mask, 5)).max() <= 2


def test_a_dialog_that_is_cancelled_changes_nothing(qtbot, painting, hands):
    hands.stroke((150, 120), (250, 120))
    mask = mask_of(painting)
    hands.key(Qt.Key.Key_G, CTRL | SHIFT)
    box = dialog(qtbot, painting, "mask-amount")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not painting.findChildren(QDialog, "mask-amount"))
    assert (mask_of(painting) == mask).all() and len(steps(painting)) == 1


@pytest.mark.parametrize(("colour", "opacity"), [((0, 200, 80), 0.5), ((40, 90, 255), 0.8)])
def test_the_overlay_has_the_chosen_colour(painting, hands, colour, opacity):
    from dataclasses import replace

    painting.apply_settings(replace(painting.files.settings, overlay_colour=colour, overlay_opacity=opacity))
    hands.stroke((100, 100), (200, 100))
    share = mask_of(painting)[..., None] / 255 * opacity
    expected = a_picture() * (1 - share) + np.array(colour) * share
    assert np.abs(seen_photo(painting) - expected).max() <= 2


def test_q_hides_and_shows_the_mask(painting, hands):
    hands.stroke((100, 100), (200, 100))
    with_mask = seen_photo(painting)
    hands.key(Qt.Key.Key_Q)
    assert (seen_photo(painting) == a_picture()).all()
    assert not action(painting, "toggle_mask").isChecked()
    hands.key(Qt.Key.Key_Q)
    assert (seen_photo(painting) == with_mask).all()
    assert action(painting, "toggle_mask").isChecked()


def test_the_canvas_shows_the_stroke_while_it_is_painted(painting, hands):
    hands.stroke((100, 100), (200, 100), (210, 100), release=False)
    shown = painting.canvas.grab().toImage().pixelColor(hands.at(150, 100)).getRgb()[:3]
    expected = (a_picture()[100, 150].astype(int) + painting.files.settings.overlay_colour) / 2
    assert np.abs(shown - expected).max() <= 2
    QTest.mouseRelease(painting.canvas, LEFT, NO_KEYS, hands.at(210, 100))


def test_the_same_stroke_gives_the_same_pixels_at_any_zoom(painting, hands):
    masks = []
    for zoom in (1.0, 2.0, 0.5, 4.0):
        painting.canvas.zoom(zoom / painting.canvas.view.scale)
        left, top = painting.canvas.view.to_device(200, 150)
        painting.canvas.set_view(painting.canvas.view.panned(500 - left, 350 - top))
        hands.stroke((180, 140), (200, 160), (230, 140), (240, 170))
        masks.append(mask_of(painting))
        hands.key(Qt.Key.Key_D, CTRL)
    assert masks[0].max() == 255
    assert all((mask == masks[0]).all() for mask in masks)


def test_the_status_bar_says_what_is_under_the_pointer(painting, hands):
    hands.hover(123, 45)
    red, green, blue = a_picture()[45, 123]
    assert painting.findChild(QLabel, "pointer-label").text() == f"123, 45    R {red}  G {green}  B {blue}"


def test_backslash_shows_the_photograph_as_it_was(qtbot, painting, hands):
    hands.stroke((100, 200), (200, 200))
    hands.key(Qt.Key.Key_N)
    hands.stroke((100, 100), (200, 100))
    painted = seen(painting)
    with held(painting, Qt.Key.Key_Backslash):
        assert (seen_photo(painting) == a_picture()).all()
    assert (seen(painting) == painted).all()
    with held(painting, Qt.Key.Key_Backslash), another_window(qtbot):
        assert (seen(painting) == painted).all(), "it is let go with the focus"
