"""Whether fills follow lines and colours: pictures of which it is known that they do, or do not."""

import cv2
import numpy as np
import pytest

from editor.evaluation.adherence import (
    colour_adherence,
    edges_of,
    line_concentration,
    lines_of,
    redraw,
    sketch_adherence,
)

SHAPE = (128, 128)


@pytest.fixture
def hole() -> np.ndarray:
    hole = np.zeros(SHAPE, bool)
    hole[24:104, 24:104] = True
    return hole


def upright(x: int) -> np.ndarray:
    """A sketch of one upright line, two pixels wide."""
    sketch = np.zeros(SHAPE, np.uint8)
    sketch[24:104, x - 1:x + 1] = 255
    return sketch


def step(x: int) -> np.ndarray:
    """A picture that is dark on the left of ``x`` and light on its right."""
    picture = np.full((*SHAPE, 3), 90, np.uint8)
    picture[:, x:] = 170
    return picture


def blank() -> np.ndarray:
    return np.full((*SHAPE, 3), 90, np.uint8)


def bent(redrawn) -> np.ndarray:
    """The picture that a redrawn upright line asks for: dark on its left, light on its right."""
    lines = lines_of(redrawn.sketch, np.ones(SHAPE, bool))
    edge = np.array([np.flatnonzero(row).mean() if row.any() else 64 for row in lines])
    picture = np.full((*SHAPE, 3), 90, np.uint8)
    picture[np.arange(SHAPE[1])[None] >= edge[:, None]] = 170
    return picture


def test_an_edge_on_the_line_follows_it_and_one_elsewhere_does_not(hole):
    assert sketch_adherence(step(64), upright(64), hole) == pytest.approx(
        {"sketch_f": 1, "sketch_recall": 1, "sketch_precision": 1})
    assert sketch_adherence(step(66), upright(64), hole)["sketch_f"] > 0.9  # two pixels off is still the line
    assert sketch_adherence(step(72), upright(64), hole)["sketch_f"] == 0
    assert sketch_adherence(blank(), upright(64), hole)["sketch_f"] == 0


def test_edges_that_nobody_drew_cost_precision_only(hole):
    both = step(64)
    both[:, 90:] = 90
    found = sketch_adherence(both, upright(64), hole)
    assert found["sketch_recall"] == 1 and found["sketch_precision"] == pytest.approx(0.5, abs=0.02)
    assert found["sketch_f"] == pytest.approx(2 / 3, abs=0.02)


def test_without_a_line_in_the_hole_there_is_nothing_to_follow(hole):
    outside = np.zeros(SHAPE, np.uint8)
    outside[10, :] = 255
    assert sketch_adherence(step(64), outside, hole) == {}
    assert line_concentration(step(64), blank(), outside, hole) is None
    assert redraw(outside, hole, 6) is None


def test_a_line_merely_drawn_over_the_fill_is_told_from_an_edge(hole):
    pasted = blank()
    pasted[upright(64) > 0] = 0
    assert line_concentration(pasted, blank(), upright(64), hole) > 20
    assert line_concentration(step(64), blank(), upright(64), hole) < 2


def strokes(rgb: tuple[int, int, int]) -> np.ndarray:
    colour = np.zeros((*SHAPE, 4), np.uint8)
    colour[40:60, 40:80] = (*rgb, 255)
    return colour


def test_colour_difference_is_ciede2000_inside_the_strokes(hole):
    picture = blank()
    picture[40:60, 40:80] = (200, 40, 40)
    assert colour_adherence(picture, strokes((200, 40, 40)), hole) == {"colour_difference": 0}
    grey_on_grey = colour_adherence(blank(), strokes((110, 110, 110)), hole)["colour_difference"]
    # L* 38.24 and 46.43 of neutral greys; Sharma et al. 2005: 8.19 / (1 + 0.015 * 7.66 ** 2 / (20 + 7.66 ** 2) ** 0.5)
    assert grey_on_grey == pytest.approx(7.45, abs=0.02)


def test_strokes_outside_the_hole_or_hardly_there_do_not_count(hole):
    faint = strokes((200, 40, 40))
    faint[..., 3] //= 3
    assert colour_adherence(blank(), faint, hole) == {}
    assert colour_adherence(blank(), strokes((200, 40, 40)), ~hole) == {}


def test_a_flat_stroke_laid_over_a_textured_truth_has_lost_its_detail(hole):
    truth = np.random.default_rng(0).integers(60, 120, (*SHAPE, 3), np.uint8)
    flat = truth.copy()
    flat[40:60, 40:80] = 90
    assert colour_adherence(truth, strokes((90, 90, 90)), hole, truth)["colour_detail"] == 1
    assert colour_adherence(flat, strokes((90, 90, 90)), hole, truth)["colour_detail"] < 0.2


def test_a_line_is_bent_across_itself_most_in_its_middle_and_not_at_the_holes_edge(hole):
    redrawn = redraw(upright(64), hole, 8)
    places = np.argwhere(lines_of(redrawn.sketch, hole))
    moved = {int(y): abs(x - 63.5) for y, x in places}
    assert moved[64] == pytest.approx(8, abs=1.5)
    assert max(moved[y] for y in list(moved)[:3]) < 2.5
    assert redrawn.old.sum() > 15 and redrawn.new.sum() > 15 and not (redrawn.old & redrawn.new).any()


def test_a_feature_that_moves_with_its_line_follows_and_one_that_stays_does_not(hole):
    redrawn = redraw(upright(64), hole, 8)
    assert redrawn.follows(bent(redrawn), blank())
    assert not redrawn.follows(step(64), blank())  # stayed where it was
    assert not redrawn.follows(blank(), blank())  # vanished
    assert not redrawn.follows(bent(redrawn), bent(redrawn))  # was there without being asked for


def test_a_narrow_hole_leaves_no_room_to_bend_a_line():
    narrow = np.zeros(SHAPE, bool)
    narrow[24:104, 60:68] = True
    assert redraw(upright(64), narrow, 8) is None


def test_edges_are_thin():
    assert edges_of(step(64)).sum() <= 130 and cv2.countNonZero(edges_of(blank()).view(np.uint8)) == 0
