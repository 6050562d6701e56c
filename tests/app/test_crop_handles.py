"""What dragging a crop's handles does to it."""

import pytest

from editor.app.tools.crop_handles import INSIDE, Rect, dragged, drawn, fitted, handle_at, handles

SHAPE = (300, 400)
RECT = Rect(100, 100, 200, 160)


@pytest.mark.parametrize(("place", "name"), [((100, 100), "left top"), ((205, 162), "right bottom"), (
    (150, 95), "top"), ((150, 130), INSIDE), ((80, 130), None), ((200, 130), "right")])
def test_a_handle_is_met_near_it(place, name):
    assert handle_at(RECT, *place, None, 1.0) == name


def test_a_fixed_ratio_has_corners_only():
    assert len(handles(RECT, None)) == 8 and len(handles(RECT, 1.5)) == 4
    assert handle_at(RECT, 150, 100, 1.5, 1.0) == INSIDE


@pytest.mark.parametrize(("start", "end", "ratio", "rect"), [
    ((10, 20), (110, 60), None, (10, 20, 110, 60)),
    ((110, 60), (10, 20), None, (10, 20, 110, 60)),
    ((10, 20), (110, 40), 2.0, (10, 20, 110, 70)),  # as wide as drawn
    ((10, 20), (30, 120), 2.0, (10, 20, 60, 120)),  # standing
    ((390, 290), (500, 900), None, (390, 290, 400, 300)),  # never beyond the photo
    ((300, 250), (400, 260), 1.0, (300, 250, 350, 300)),  # nor for the ratio's sake
])
def test_drawing(start, end, ratio, rect):
    assert drawn(*start, *end, ratio, SHAPE) == pytest.approx(rect)


@pytest.mark.parametrize(("handle", "by", "ratio", "rect"), [
    ("left top", (10, 20), None, (110, 120, 200, 160)), ("right", (30, 99), None, (100, 100, 230, 160)),
    ("bottom", (0, 500), None, (100, 100, 200, 300)), ("left", (150, 0), None, (200, 100, 250, 160)),
    (INSIDE, (-500, 20), None, (0, 120, 100, 180)), ("right bottom", (50, 0), 1.0, (100, 100, 250, 250)),
    ("left top", (-50, 0), 2.0, (50, 85, 200, 160)),
])
def test_dragging(handle, by, ratio, rect):
    assert dragged(RECT, handle, *by, ratio, SHAPE) == pytest.approx(rect)


def test_another_ratio_is_fitted_into_what_was_there():
    assert fitted(RECT, 1.0) == pytest.approx((120, 100, 180, 160))
    assert fitted(RECT, None) == RECT
    assert fitted(Rect(0, 0, 30, 90), 2.0) == pytest.approx((0, 15, 30, 75))
