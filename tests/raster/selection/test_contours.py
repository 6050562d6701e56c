"""Paths run along contours."""

import numpy as np
import pytest

from editor.raster.selection.contours import SIDE, Contours
from editor.raster.surface import Surface

SHAPE = (500, 1400)
CENTRE, RADIUS = np.array([300.0, 250.0]), 160.0


def disc() -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    inside = np.hypot(columns + 0.5 - CENTRE[0], rows + 0.5 - CENTRE[1]) < RADIUS
    noise = np.random.default_rng(1).normal(0, 4, (*SHAPE, 3))
    return np.clip(np.where(inside[..., None], (200, 180, 40), (60, 70, 90)) + noise, 0, 255).astype(np.uint8)


READ = Surface.from_array(disc()).read


def on_circle(turn: float) -> tuple[float, float]:
    return tuple(CENTRE + RADIUS * np.array([np.cos(turn), np.sin(turn)]))


@pytest.mark.parametrize(("level", "off"), [(0, 2.0), (1, 4.0)])
def test_a_path_follows_the_edge_between_two_points_on_it(level, off):
    path = Contours(READ, SHAPE, on_circle(0.3), level).path_to(on_circle(2.5))
    away = np.abs(np.linalg.norm(path - CENTRE, axis=1) - RADIUS)
    assert away.max() < off
    assert tuple(path[0]) == on_circle(0.3) and tuple(path[-1]) == on_circle(2.5)
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    assert length == pytest.approx(RADIUS * 2.2, rel=0.06), "smooth, not a staircase"


def test_a_point_near_an_edge_is_drawn_to_it():
    contours = Contours(READ, SHAPE, on_circle(0), 0)
    x, y = on_circle(0.8)
    drawn = np.array(contours.drawn_to_edge((x + 2, y + 2)))
    assert abs(np.linalg.norm(drawn - CENTRE) - RADIUS) < 1.5


def test_where_there_is_no_edge_a_point_stays():
    flat = Surface.from_array(np.full((200, 200, 3), 90, np.uint8))
    assert Contours(flat.read, (200, 200), (50, 50), 0).drawn_to_edge((100.5, 120.5)) == (100.5, 120.5)


def test_beyond_the_surroundings_the_path_goes_straight_on():
    contours = Contours(READ, SHAPE, on_circle(0), 0)
    far = (1350.0, 20.0)
    path = contours.path_to(far)
    assert tuple(path[-1]) == far and path[-2][0] < on_circle(0)[0] + SIDE / 2 + 1
    assert contours.drawn_to_edge(far) == far


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 50)])
def test_tiny_pictures(shape):
    picture = Surface.from_array(np.full((*shape, 3), 90, np.uint8))
    path = Contours(picture.read, shape, (0.2, 0.2), 0).path_to((shape[1] - 0.2, shape[0] - 0.2))
    assert np.isfinite(path).all() and len(path) >= 2
