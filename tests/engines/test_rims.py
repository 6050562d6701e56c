"""The step at a hole's edge goes; what lies deeper, what is an edge of things, and the photo itself stay."""

import numpy as np
import pytest

from editor.engines.rims import soften


@pytest.fixture
def hole():
    out = np.zeros((200, 300), bool)
    out[60:140, 100:200] = True
    return out


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_small_step_at_the_edge_is_spread_over_a_few_pixels(hole, dtype):
    unit = np.iinfo(dtype).max // 255
    photo = np.full((200, 300, 3), 100 * unit, dtype)
    pixels = photo.copy()
    pixels[hole] = 115 * unit
    soften(pixels, photo, hole, hole)
    across = pixels[100, 96:112, 0] / unit
    assert np.abs(np.diff(across)).max() < 8
    assert (np.diff(across) >= -0.5).all()
    assert np.array_equal(pixels[~hole], photo[~hole])
    assert (pixels[80:120, 120:180] == 115 * unit).all()


def test_a_large_step_is_an_edge_and_stays(hole):
    photo = np.full((200, 300, 3), 20, np.uint8)
    pixels = photo.copy()
    pixels[hole] = 230
    soften(pixels, photo, hole, hole)
    assert (pixels[hole] >= 228).all()


def test_what_stands_in_another_hole_is_not_met(hole):
    holes = hole.copy()
    holes[60:140, 80:100] = True  # touches the left edge, and holds what nobody wants
    photo = np.full((200, 300, 3), 100, np.uint8)
    photo[holes & ~hole] = 130
    pixels = photo.copy()
    pixels[hole] = 115
    soften(pixels, photo, hole, holes)
    assert (pixels[70:130, 100:110] == 115).all()
    assert (pixels[70:130, 199] < 112).all()


def test_a_hole_at_the_border_of_the_picture_has_no_edge_there():
    hole = np.zeros((100, 100), bool)
    hole[:, :60] = True
    photo = np.full((100, 100, 3), 100, np.uint8)
    pixels = photo.copy()
    pixels[hole] = 115
    soften(pixels, photo, hole, hole)
    assert (pixels[:, :50] == 115).all()
    assert (pixels[:, 59] < 112).all()
