"""Outlines become exact anti-aliased coverage."""

import cv2
import numpy as np
import pytest

from editor.raster.selection.shapes import between, ellipse, polygon, rectangle

SHAPE = (280, 320)


def plane(points, shape=SHAPE) -> np.ndarray:
    surface = polygon(np.array(points, float), shape)
    return surface.read(surface.bounds)[..., 0]


def by_sampling(points, shape=SHAPE, fine: int = 16) -> np.ndarray:
    """The same by brute force: every pixel sampled fine x fine times."""
    big = np.zeros((shape[0] * fine, shape[1] * fine), np.uint8)
    cv2.fillPoly(big, [np.rint(np.array(points) * fine - 0.5).astype(np.int32)], 255)
    return cv2.resize(big, shape[::-1], interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("points", [
    [(20.3, 10.7), (310.2, 40.1), (250.5, 275.9)],
    [(20, 20), (310, 30), (30, 250), (300, 260), (180, 5)],
    [(255.5, 100.2), (256.5, 255.9), (256.1, 257.3), (255.2, 256.0)],
    [(100, 100), (101, 250), (99.5, 250)],
], ids=["triangle", "star", "where tiles meet", "sliver"])
def test_a_polygon_covers_what_lies_inside_it(points):
    off = np.abs(plane(points).astype(int) - by_sampling(points))
    assert np.count_nonzero(off > 36) <= 5, "but for single pixels in which lines cross"
    if len(points) < 5:  # of the star the outline alone does not tell it
        area = cv2.contourArea(np.array(points, np.float32))
        assert plane(points).sum() / 255 == pytest.approx(area, rel=0.01, abs=1)


def test_a_rectangle_covers_shares_of_the_pixels_at_its_edge():
    covered = plane(rectangle((10.25, 20.5), (300.75, 280)))
    expected = np.zeros(SHAPE)
    expected[20:280, 10:301] = 255
    expected[20] *= 0.5
    expected[:, 10] *= 0.75
    expected[:, 300] *= 0.75
    np.testing.assert_allclose(covered, expected, atol=1)


def test_the_area_of_an_ellipse_is_that_of_an_ellipse():
    covered = plane(ellipse((300.3, 20.2), (40.1, 270.6)))
    assert covered.sum() / 255 == pytest.approx(np.pi * 130.1 * 125.2, rel=1e-3)
    assert covered[155, 170] == 255 and covered[22, 42] == 0


def test_where_a_line_crosses_itself_nothing_falls_out():
    twice = [(50, 50), (250, 50), (250, 250), (50, 250), (50, 50), (250, 50), (250, 250), (50, 250)]
    assert (plane(twice)[50:250, 50:250] == 255).all()
    eight = plane([(20, 20), (120, 120), (120, 20), (20, 120)])
    assert eight[70, 30] == eight[70, 110] == 255 and eight[30, 70] == 0


def test_what_lies_outside_the_photo_is_cut_off():
    assert (plane([(-1000, -1000), (5000, -1000), (5000, 5000), (-1000, 5000)]) == 255).all()
    left = plane([(-300, -40), (100, 150), (-300, 900)])
    wide = plane(np.array([(-300, -40), (100, 150), (-300, 900)]) + (300, 40), (940, 620))[40:320, 300:]
    np.testing.assert_allclose(left, wide, atol=1)
    assert not plane([(700, 10), (900, 20), (800, 200)]).any()
    assert not plane([(10, 290), (90, 300), (80, 900)]).any()


@pytest.mark.parametrize("points", [
    [], [(5, 5)], [(5, 5), (90, 90)], [(5, 5), (5, 5), (5, 5)], [(5, 7), (90, 7), (40, 7)]])
def test_what_has_no_area_covers_nothing(points):
    assert not polygon(np.array(points, float).reshape(-1, 2), SHAPE).keys()


def test_tiles_wholly_inside_are_one_array():
    surface = polygon(rectangle((10, 10), (1000, 1000)), (1024, 1024))
    inside = [surface.tile((row, column)) for row in (1, 2) for column in (1, 2)]
    assert len({tile.ctypes.data for tile in inside}) == 1 and (inside[0] == 255).all()


def test_a_drag_means_two_corners():
    assert between((10, 20), (50, 30), square=False, centred=False) == ((10, 20), (50, 30))
    assert between((10, 20), (50, 30), square=True, centred=False) == ((10, 20), (50, 60))
    assert between((10, 20), (-50, 10), square=True, centred=False) == ((10, 20), (-50, -40))
    assert between((10, 20), (50, 30), square=False, centred=True) == ((-30, 10), (50, 30))
