"""Smart select and the edge-following lasso on the real window."""

import numpy as np
import pytest
from doing import ALT, CTRL, NO_KEYS, action, mask_of, set_brush, show, steps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from editor.document.photo import Photo

SHAPE = (300, 440)
CENTRE, RADIUS = (200.0, 150.0), 80.0
BALL, BEAM = ((175, 135), (225, 165)), ((345, 40), (345, 260))


def picture() -> np.ndarray:
    """A yellow ball and a yellow beam on blue, noisy."""
    pixels = np.where(ball()[..., None] | beam()[..., None], (210, 180, 40), (50, 70, 110))
    noise = np.random.default_rng(1).normal(0, 5, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def ball() -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.hypot(columns + 0.5 - CENTRE[0], rows + 0.5 - CENTRE[1]) < RADIUS


def beam() -> np.ndarray:
    out = np.zeros(SHAPE, bool)
    out[20:280, 305:385] = True
    return out


@pytest.fixture
def looking(window):
    """The ball and the beam at 100 %, and smart select."""
    show(window, Photo(picture()))
    window.tools.choose("smart-select")
    assert window.canvas.view.scale == 1
    return window


def settle(qtbot, window) -> None:
    qtbot.waitUntil(lambda: not window.tools.mask_work.busy, timeout=20000)


def assert_selected(window, truth: np.ndarray) -> None:
    mask = mask_of(window) > 127
    assert (mask & truth).sum() / (mask | truth).sum() > 0.97


def test_s_chooses_it(looking, hands):
    looking.tools.choose("hand")
    hands.key(Qt.Key.Key_S)
    assert looking.tools.current.name == "smart-select"


def test_a_scribble_is_answered_in_the_mask_and_enter_makes_it_a_step(qtbot, looking, hands):
    hands.stroke(*BALL)
    settle(qtbot, looking)
    assert_selected(looking, ball())
    assert not steps(looking) and hands.find("tool-overlay").isVisible()
    hands.key(Qt.Key.Key_Return)
    assert steps(looking) == ["Smart select"] and not hands.find("tool-overlay").isVisible()
    assert not looking.filling.busy
    hands.key(Qt.Key.Key_Z, CTRL)
    assert not mask_of(looking).any()


def test_more_scribbles_correct_it_and_undo_takes_them_back(qtbot, looking, hands):
    hands.stroke(*BALL)
    settle(qtbot, looking)
    first = mask_of(looking)
    hands.stroke(*BEAM)
    settle(qtbot, looking)
    assert_selected(looking, ball() | beam())
    hands.stroke(*BALL, modifiers=ALT)
    settle(qtbot, looking)
    assert mask_of(looking)[150, 345] == 255 and mask_of(looking)[150, 200] == 0
    hands.key(Qt.Key.Key_Z, CTRL)
    assert_selected(looking, ball() | beam())
    hands.key(Qt.Key.Key_Backspace)
    settle(qtbot, looking)
    assert (mask_of(looking) == first).all()
    hands.key(Qt.Key.Key_Backspace)
    assert not mask_of(looking).any() and not looking.tools.busy and not steps(looking)


def test_it_joins_the_mask_that_is_there(qtbot, looking, hands):
    looking.tools.choose("marquee")
    hands.stroke((180, 20), (430, 290))
    looking.tools.choose("smart-select")
    looking.tools.current.set_options(mode="Subtract")
    hands.stroke(*BALL)
    settle(qtbot, looking)
    hands.key(Qt.Key.Key_Return)
    boxed = np.zeros(SHAPE, bool)
    boxed[20:290, 180:430] = True
    assert_selected(looking, boxed & ~ball())


def test_escape_gives_the_scribble_up_then_all_that_was_found(qtbot, looking, hands):
    hands.stroke(*BALL)
    settle(qtbot, looking)
    hands.stroke(*BEAM, release=False)
    hands.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(looking.canvas, Qt.MouseButton.LeftButton, NO_KEYS, hands.at(345, 260))
    assert_selected(looking, ball())
    hands.key(Qt.Key.Key_Escape)
    assert not mask_of(looking).any() and not steps(looking) and not looking.document.changing


def test_escape_while_it_is_looking(qtbot, looking, hands):
    hands.stroke(*BALL)
    hands.key(Qt.Key.Key_Escape)
    assert not looking.tools.mask_work.busy and not looking.tools.busy
    qtbot.wait(300)
    assert not mask_of(looking).any() and not steps(looking)


def test_enter_before_the_answer_waits_for_it_and_enter_again_fills_then(qtbot, looking, hands):
    looking.engine_options.set_choice("telea", {}, 1)
    hands.stroke(*BALL)
    hands.key(Qt.Key.Key_Return)
    hands.click("fill")
    qtbot.waitUntil(lambda: len(steps(looking)) == 2 and not looking.filling.busy, timeout=20000)
    assert steps(looking)[0] == "Smart select" and looking.document.layers[0].is_fill
    recipe = looking.document.layers[0].recipe.mask.read(looking.document.base.bounds)[..., 0] > 127
    assert (recipe & ball()).sum() / (recipe | ball()).sum() > 0.97


def test_another_tool_or_command_keeps_what_was_found(qtbot, looking, hands):
    hands.stroke(*BALL)
    settle(qtbot, looking)
    action(looking, "invert_mask").trigger()
    assert steps(looking) == ["Smart select", "Invert mask"]
    hands.key(Qt.Key.Key_Z, CTRL)
    assert_selected(looking, ball())
    hands.stroke(*BEAM)
    settle(qtbot, looking)
    looking.tools.choose("mask-brush")
    assert steps(looking) == ["Smart select", "Smart select"]
    set_brush(looking, size=20)
    hands.stroke((20, 20))
    assert steps(looking)[-1] == "Paint mask"


def test_scribbles_that_say_nothing(qtbot, looking, hands):
    hands.stroke((-40, 20), (-20, 60))
    hands.stroke((20, 20), (60, 20), modifiers=ALT)
    assert not looking.tools.busy and not looking.document.changing and not looking.tools.mask_work.busy


def test_another_photograph_meanwhile(qtbot, looking, hands):
    hands.stroke(*BALL)
    show(looking, Photo(picture()[:200, :200].copy()))
    settle(qtbot, looking)
    assert not looking.tools.busy and not mask_of(looking).any()


def test_a_grey_photograph_of_sixteen_bits(qtbot, looking, hands):
    grey = (picture()[..., :1].astype(np.uint16) * 257).copy()
    show(looking, Photo(grey))
    hands.stroke(*BALL)
    settle(qtbot, looking)
    hands.key(Qt.Key.Key_Return)
    assert_selected(looking, ball())


# The edge-following lasso

def on_ball(turn: float) -> tuple[float, float]:
    return CENTRE[0] + RADIUS * np.cos(turn), CENTRE[1] + RADIUS * np.sin(turn)


@pytest.fixture
def snipping(looking, hands):
    hands.key(Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert looking.tools.current.name == "scissors"
    return looking


def click_round(qtbot, window, hands, *turns: float) -> None:
    for turn in turns:
        hands.stroke(on_ball(turn))
        known(qtbot, window)


def known(qtbot, window) -> None:
    """Until the contours that begin in the last point are."""
    scissors = window.tools.current
    qtbot.waitUntil(lambda: scissors._job is None, timeout=10000)


def test_a_few_clicks_follow_the_edge_all_round(qtbot, snipping, hands):
    click_round(qtbot, snipping, hands, 0.2, 1.7, 3.4, 4.9)
    assert not steps(snipping)
    hands.key(Qt.Key.Key_Return)
    settle(qtbot, snipping)
    assert_selected(snipping, ball())
    assert steps(snipping) == ["Edge-following lasso"] and not hands.find("tool-overlay").isVisible()


def test_a_click_on_the_first_point_and_a_double_click_close_it(qtbot, snipping, hands):
    click_round(qtbot, snipping, hands, 0.2, 2.2, 4.3)
    hands.stroke(on_ball(0.22))
    settle(qtbot, snipping)
    assert_selected(snipping, ball())
    hands.key(Qt.Key.Key_D, CTRL)
    click_round(qtbot, snipping, hands, 0.2, 2.2, 4.3)
    QTest.mouseDClick(snipping.canvas, Qt.MouseButton.LeftButton, NO_KEYS, hands.at(*on_ball(4.3)))
    settle(qtbot, snipping)
    assert_selected(snipping, ball())


def test_clicks_faster_than_the_search_lose_nothing(qtbot, snipping, hands):
    for turn in (0.2, 1.7, 3.4, 4.9):
        hands.stroke(on_ball(turn))
    hands.key(Qt.Key.Key_Return)
    settle(qtbot, snipping)
    assert_selected(snipping, ball())


def test_the_line_snaps_live_under_the_pointer(qtbot, snipping, hands):
    click_round(qtbot, snipping, hands, 0.2)
    hands.hover(*on_ball(2.0))
    ahead = snipping.tools.overlay.drawing.lines[-1].points
    assert len(ahead) > 60
    assert np.abs(np.linalg.norm(ahead - CENTRE, axis=1) - RADIUS).max() < 4


def test_backspace_takes_a_point_back(qtbot, snipping, hands):
    click_round(qtbot, snipping, hands, 0.2, 1.7, 3.4)
    hands.stroke((420, 20))
    known(qtbot, snipping)
    hands.key(Qt.Key.Key_Backspace)
    known(qtbot, snipping)
    click_round(qtbot, snipping, hands, 4.9)
    hands.key(Qt.Key.Key_Return)
    settle(qtbot, snipping)
    assert_selected(snipping, ball())


def test_escape_and_another_photograph_forget_the_points(qtbot, snipping, hands):
    click_round(qtbot, snipping, hands, 0.2, 1.7)
    hands.key(Qt.Key.Key_Escape)
    assert not snipping.tools.busy and not hands.find("tool-overlay").isVisible()
    hands.stroke(on_ball(0.2))
    show(snipping, Photo(picture()[:200, :200].copy()))
    settle(qtbot, snipping)
    assert not snipping.tools.busy and not mask_of(snipping).any()
    known(qtbot, snipping)


def test_zoomed_in_and_out_it_follows_the_same_edge(qtbot, snipping, hands):
    snipping.canvas.zoom(0.5)
    click_round(qtbot, snipping, hands, 0.2, 1.7)
    snipping.canvas.zoom(2.0)
    known(qtbot, snipping)
    click_round(qtbot, snipping, hands, 3.4, 4.9)
    hands.key(Qt.Key.Key_Return)
    settle(qtbot, snipping)
    assert_selected(snipping, ball())


def test_points_beside_the_photograph_lie_on_its_border(qtbot, snipping, hands):
    for point in ((-10, -10), (450, -5), (450, 310), (-5, 310)):
        hands.stroke(point)
        known(qtbot, snipping)
    hands.key(Qt.Key.Key_Return)
    settle(qtbot, snipping)
    assert (mask_of(snipping) > 0).mean() > 0.5


def test_escape_stops_the_search_for_the_last_pieces(qtbot, snipping, hands):
    for turn in (0.2, 1.7, 3.4, 4.9):
        hands.stroke(on_ball(turn))
    hands.key(Qt.Key.Key_Return)
    hands.key(Qt.Key.Key_Escape)
    assert not snipping.tools.mask_work.busy
    qtbot.wait(300)
    assert not steps(snipping) and not hands.find("tool-overlay").isVisible()


def test_a_crop_meanwhile_ends_the_scribbles(qtbot, looking, hands):
    hands.stroke(*BALL)
    action(looking, "turn_right").trigger()
    settle(qtbot, looking)
    assert not looking.tools.busy and not looking.document.changing
    assert not hands.find("tool-overlay").isVisible()
