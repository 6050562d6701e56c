"""Where the photograph lies in the canvas."""

import pytest

from editor.app.canvas.view import MAX_SCALE, View
from editor.raster.surface import Box


@pytest.fixture
def view():
    return View((3000, 4000), (800, 1200)).fitted()


def test_fitting_shows_all_of_it_centred(view):
    assert view.photo_box() == Box(0, 0, 3000, 4000)
    left, top = view.to_device(0, 0)
    right, bottom = view.to_device(4000, 3000)
    assert abs(left - (1200 - right)) <= 1 and abs(top - (800 - bottom)) <= 1


def test_fitting_never_magnifies():
    assert View((20, 30), (800, 1200)).fitted().scale == 1.0


@pytest.mark.parametrize("factor", [1.25, 0.8, 3, 10])
@pytest.mark.parametrize("at", [(600, 400), (500, 300), (700, 500)])
def test_zoom_keeps_the_point_under_the_pointer(view, factor, at):
    before = view.to_photo(*at)
    zoomed = view.zoomed(factor, *at)
    after = zoomed.to_device(*before)
    assert after == pytest.approx(at, abs=0.51)  # the photograph lies on whole device pixels


def test_zoom_has_ends(view):
    for _ in range(100):
        view = view.zoomed(2, 0, 0)
    assert view.scale == MAX_SCALE


def test_the_photograph_cannot_be_lost_by_panning(view):
    far = view.panned(1e6, -1e6)
    assert not far.photo_box().empty


def test_wheel_in_and_out_comes_back_to_the_same_scale(view):
    start = view.actual_size()
    back = start.zoomed(1.25, 10, 10).zoomed(1 / 1.25, 10, 10)
    assert back.scale == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(("scale", "level"), [(4, 0), (1, 0), (0.75, 0), (0.5, 1), (0.3, 1), (0.25, 2), (1 / 64, 6)])
def test_mip_level_has_a_pixel_for_every_device_pixel(scale, level):
    view = View((3000, 4000), (800, 1200), scale)
    assert view.level == level
    assert 0.5 < scale * 2**level <= 1 or scale >= 1


def test_photo_and_device_coordinates_are_inverse(view):
    assert view.to_photo(*view.to_device(123.25, 456.75)) == pytest.approx((123.25, 456.75))


def test_device_box_covers_the_pixels_and_is_cut_to_the_canvas():
    view = View((100, 100), (50, 60), 3.0, -10, -20)
    assert view.device_box(Box(10, 10, 12, 13)) == Box(10, 20, 16, 29)
    assert view.device_box(Box(0, 0, 100, 100)) == Box(0, 0, 50, 60)


def test_resizing_keeps_the_middle():
    view = View((3000, 4000), (800, 1200), 0.5, -300, -250)
    middle = view.to_photo(600, 400)
    larger = view.resized((1000, 1500))
    assert larger.to_photo(750, 500) == pytest.approx(middle, abs=2)
