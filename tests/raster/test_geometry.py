"""Boxes and tile keys: the arithmetic that everything else stands on."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from editor.raster.surface import TILE, Box, keys_in, level_shape, tile_box

_coordinate = st.integers(-600, 900)
boxes = st.builds(lambda y, x, h, w: Box(y, x, y + h, x + w), _coordinate, _coordinate,
                  st.integers(0, 700), st.integers(0, 700))


def _pixels(box: Box) -> np.ndarray:
    """The box as a set of pixels: a truth table over everything that ``boxes`` and its kin can reach."""
    table = np.zeros((3200, 3200), bool)
    if not box.empty:
        table[box.shift(1200, 1200).slices] = True
    return table


@given(boxes, boxes)
def test_an_intersection_has_the_pixels_that_are_in_both(a, b):
    common = a.intersect(b)
    assert common.empty or (common.intersect(a) == common and common.intersect(b) == common)
    assert np.array_equal(_pixels(common), _pixels(a) & _pixels(b))


@given(boxes, boxes)
def test_a_union_is_the_smallest_box_with_the_pixels_of_both(a, b):
    both = _pixels(a) | _pixels(b)
    union = a.union(b)
    if not both.any():
        assert union.empty
        return
    rows, columns = np.flatnonzero(both.any(axis=1)) - 1200, np.flatnonzero(both.any(axis=0)) - 1200
    assert union == (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)


@given(boxes, st.integers(-300, 300), st.integers(-300, 300))
def test_a_shift_moves_and_keeps_the_size(box, rows, columns):
    moved = box.shift(rows, columns)
    assert (moved.height, moved.width) == (box.height, box.width)
    assert moved.shift(-rows, -columns) == box


@given(boxes, st.integers(0, 100))
def test_growing_and_shrinking_again_gives_the_box_back(box, pixels):
    assert box.grow(pixels).grow(-pixels) == box
    assert box.grow(pixels).height == box.height + 2 * pixels


@given(boxes)
def test_the_tiles_of_a_box_are_those_that_share_pixels_with_it_each_once_and_row_by_row(box):
    keys = list(keys_in(box))
    assert keys == sorted(set(keys))
    grid = [(row, column) for row in range(-4, 8) for column in range(-4, 8)]
    assert keys == [key for key in grid if not box.empty and not tile_box(key).intersect(box).empty]


@given(st.tuples(st.integers(1, 20000), st.integers(1, 20000)), st.integers(0, 9))
def test_a_mip_level_is_halved_and_rounded_up_level_times(shape, level):
    expected = shape
    for _ in range(level):
        expected = tuple((side + 1) // 2 for side in expected)
    assert level_shape(shape, level) == expected


def test_tiles_meet_without_gap_or_overlap():
    assert tile_box((2, 3)) == (2 * TILE, 3 * TILE, 3 * TILE, 4 * TILE)
    assert tile_box((2, 3)).right == tile_box((2, 4)).left
