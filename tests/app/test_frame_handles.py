"""A frame's handles: where they are met, and what dragging them does, upright and turned."""

import pytest

from editor.app.tools.frame_handles import (
    CORNERS,
    INSIDE,
    KNOB,
    SMALLEST,
    TURN,
    Point,
    dragged,
    drawn,
    handle_at,
    knob,
    within,
)
from editor.raster.frame import Frame

UPRIGHT, TURNED = Frame((200.0, 300.0), 100.0), Frame((200.0, 300.0), 100.0, 30.0)


def corner(frame: Frame, name: str) -> Point:
    return Point(*frame.corners()[CORNERS.index(name)])


def test_the_knob_stands_above_the_upper_edge_as_the_frame_sees_it():
    assert knob(UPRIGHT, 1.0) == Point(200 - 50 - KNOB, 300)
    sideways = knob(Frame((200.0, 300.0), 100.0, 90.0), 2.0)  # its upright points to the right
    assert (sideways.y, sideways.x) == pytest.approx((200, 300 + 50 + 2 * KNOB))


@pytest.mark.parametrize("frame", [UPRIGHT, TURNED, Frame((200.0, 300.0), 100.0, -170.0)])
def test_each_handle_is_met_where_it_is_seen(frame):
    for name in CORNERS:
        assert handle_at(frame, corner(frame, name), 1.0) == name
    assert handle_at(frame, knob(frame, 1.0), 1.0) == TURN
    assert handle_at(frame, Point(210, 290), 1.0) == INSIDE
    assert handle_at(frame, Point(200, 400), 1.0) is None


def test_a_frame_that_is_small_on_the_screen_can_still_be_moved():
    assert handle_at(UPRIGHT, Point(200, 300), 40.0) == INSIDE


def test_handles_are_as_large_on_the_screen_at_any_zoom():
    beside = Point(150, 350 + 20)
    assert handle_at(UPRIGHT, beside, 1.0) is None
    assert handle_at(UPRIGHT, beside, 2.5) == "upper right"


@pytest.mark.parametrize("name", CORNERS)
@pytest.mark.parametrize("frame", [UPRIGHT, TURNED])
def test_a_corner_follows_the_pointer_and_the_opposite_one_stays(frame, name):
    start, opposite = corner(frame, name), CORNERS[(CORNERS.index(name) + 2) % 4]
    still = corner(frame, opposite)
    now = Point(start.y + (start.y - still.y) / 2, start.x + (start.x - still.x) / 2)
    larger = dragged(frame, name, start, now)
    assert larger.side == pytest.approx(150) and larger.angle == frame.angle
    assert (corner(larger, name).y, corner(larger, name).x) == pytest.approx((now.y, now.x))
    assert (corner(larger, opposite).y, corner(larger, opposite).x) == pytest.approx((still.y, still.x))


def test_with_alt_a_corner_scales_about_the_centre():
    start = corner(TURNED, "upper left")
    now = Point(start.y + (start.y - 200) / 2, start.x + (start.x - 300) / 2)
    larger = dragged(TURNED, "upper left", start, now, about_centre=True)
    assert larger.centre == pytest.approx((200, 300)) and larger.side == pytest.approx(150)


def test_a_corner_taken_a_little_beside_does_not_jump():
    start = corner(UPRIGHT, "lower right")
    beside = Point(start.y + 3, start.x - 4)
    assert dragged(UPRIGHT, "lower right", beside, beside) == UPRIGHT


def test_a_corner_dragged_through_the_opposite_one_leaves_the_smallest_frame():
    tiny = dragged(UPRIGHT, "upper left", corner(UPRIGHT, "upper left"), Point(900, 900))
    assert tiny.side == pytest.approx(SMALLEST)
    assert (corner(tiny, "lower right").y, corner(tiny, "lower right").x) == pytest.approx((250, 350))


def test_the_knob_turns_about_the_centre_and_shift_in_steps():
    start = knob(UPRIGHT, 1.0)
    turned = dragged(UPRIGHT, TURN, start, Point(200, 400))
    assert turned == Frame((200.0, 300.0), 100.0, pytest.approx(90))
    assert dragged(TURNED, TURN, knob(TURNED, 1.0), start).angle == pytest.approx(0)
    assert dragged(UPRIGHT, TURN, start, Point(100, 300 + 23), in_steps=True).angle == 15


def test_turning_on_and_on_keeps_the_angle_within_half_a_turn():
    over = dragged(Frame((200.0, 300.0), 100.0, 170.0), TURN, Point(200, 400), Point(300, 300))
    assert over.angle == pytest.approx(-100)


def test_inside_it_moves_as_far_as_the_pointer():
    assert dragged(TURNED, INSIDE, Point(190, 310), Point(205, 290)) == Frame((215.0, 280.0), 100.0, 30.0)


def test_a_new_frame_is_drawn_from_its_centre():
    assert drawn(Point(50, 60), Point(80, 40)) == Frame((50, 60), 60)
    assert drawn(Point(50, 60), Point(53, 62)) is None, "a click is none"


def test_a_frame_cannot_be_lost_beside_the_photo():
    assert within(Frame((-40.0, 90.0), 30.0, 5.0), (100, 80)) == Frame((0.0, 80.0), 30.0, 5.0)
    assert within(Frame((40.0, 40.0), 900.0), (100, 80)).side == 200
