"""Another picture laid on a photo."""

import numpy as np
import pytest

from editor.raster.frame import Frame
from editor.raster.placement import SMALLEST, Placement, covering, face_to_face
from editor.raster.surface import Box

SHAPE = (300, 400)


def test_upright_and_unscaled_it_lies_about_its_middle():
    placed = Placement(SHAPE, (500.0, 700.0))
    assert placed.corners().tolist() == [[500, 350], [900, 350], [900, 650], [500, 650]]
    assert placed.contains(351, 501) and not placed.contains(349, 501)


@pytest.mark.parametrize("angle", [0, 25, 90, 180, -70])
def test_its_points_are_turned_clockwise_and_scaled(angle):
    placed = Placement(SHAPE, (500.0, 700.0), 2.0, angle)
    turn = np.radians(angle)
    right = placed.matrix() @ (400, 150, 1)  # the middle of its right edge
    assert np.allclose(right, (700 + 400 * np.cos(turn), 500 + 400 * np.sin(turn)))


def test_scaling_about_a_corner_leaves_it_where_it_is():
    placed = Placement(SHAPE, (500.0, 700.0), 1.5, 20)
    x, y = placed.corners()[2]
    larger = placed.scaled(1.7, (y, x))
    assert np.allclose(larger.corners()[2], (x, y)) and larger.scale == pytest.approx(1.5 * 1.7)
    assert larger.angle == 20


def test_it_never_becomes_too_small_to_be_taken_hold_of_nor_turns_inside_out():
    placed = Placement(SHAPE, (500.0, 700.0))
    for factor in (1e-9, 0.0, -3.0):
        assert placed.scaled(factor).scale * max(SHAPE) == pytest.approx(SMALLEST)


def test_turning_goes_round():
    placed = Placement(SHAPE, (0.0, 0.0), angle=170)
    assert placed.turned(20).angle == -170 and placed.turned(10).angle == 180 and placed.turned(-350).angle == 180


def test_it_is_not_lost():
    assert Placement(SHAPE, (-90.0, 5000.0)).within((1000, 2000)).centre == (0, 2000)


def test_it_covers_a_box_whole():
    placed = covering(SHAPE, Box(100, 200, 500, 400))
    assert placed.centre == (300, 300) and placed.scale == pytest.approx(400 / 300)


def test_one_face_comes_to_lie_on_the_other():
    theirs, ours = Frame((100.0, 150.0), 80.0, 10.0), Frame((1200.0, 900.0), 400.0, -25.0)
    placed = face_to_face(SHAPE, theirs, ours)
    for corner, wanted in zip(theirs.corners(), ours.corners(), strict=True):
        assert np.allclose(placed.matrix() @ (corner[1], corner[0], 1), wanted[::-1])
