"""Whole-mask operations."""

import math
import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.raster import masks
from editor.raster.surface import Surface

_shapes = st.sampled_from([(1, 1), (40, 60), (256, 256), (257, 513), (300, 40)])


def _plane(seed: int, shape: tuple[int, int]) -> np.ndarray:
    """Specks, blocks and soft parts."""
    rng = np.random.default_rng(seed)
    plane = np.zeros(shape, np.uint8)
    for _ in range(rng.integers(0, 4)):
        y, x = rng.integers(0, shape[0]), rng.integers(0, shape[1])
        height, width = rng.integers(1, 60, 2)
        plane[y:y + height, x:x + width] = rng.choice([255, 128, 1])
    return plane


def _array(mask: Surface) -> np.ndarray:
    return mask.read(mask.bounds)[..., 0]


def _disc(shape: tuple[int, int], centre: tuple[int, int], radius: float) -> np.ndarray:
    y, x = np.indices(shape)
    return (np.hypot(y - centre[0], x - centre[1]) <= radius).astype(np.uint8) * 255


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), _shapes)
def test_a_mask_from_an_array_is_that_array_and_keeps_no_empty_tiles(seed, shape):
    plane = _plane(seed, shape)
    mask = masks.from_array(plane)
    assert np.array_equal(_array(mask), plane)
    assert all(mask.tile(key).any() for key in mask.keys())
    plane[:] = 77
    assert not (_array(mask) == 77).any(), "the mask is its own"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), _shapes)
def test_inverting_twice_changes_nothing(seed, shape):
    plane = _plane(seed, shape)
    once = masks.invert(masks.from_array(plane))
    assert np.array_equal(_array(once), 255 - plane)
    assert np.array_equal(_array(masks.invert(once)), plane)
    assert all(once.tile(key).any() for key in once.keys())


def test_a_whole_48_megapixel_mask_is_cheap_to_make_and_to_take_away():
    empty = Surface((6000, 8000), 1, np.uint8)
    started = time.perf_counter()
    full = masks.invert(empty)
    distinct = {id(full.tile(key)): full.tile(key).nbytes for key in full.keys()}
    assert sum(distinct.values()) < 2**20, "empty tiles become one shared full one"
    assert not masks.invert(full).keys()
    assert time.perf_counter() - started < 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), _shapes, st.integers(1, 20))
def test_growing_and_shrinking_contain_what_they_should(seed, shape, pixels):
    mask = masks.from_array(_plane(seed, shape))
    plane = _array(mask)
    grown, shrunk = masks.grow(mask, pixels), masks.shrink(mask, pixels)
    assert (_array(grown) >= plane).all() and (_array(shrunk) <= plane).all()
    assert (_array(masks.shrink(grown, pixels)) >= plane).all(), "closing fills, and takes nothing away"
    assert (_array(masks.grow(shrunk, pixels)) <= plane).all(), "opening adds nothing"
    assert set(np.unique(_array(grown))) <= {0, *np.unique(plane)}, "soft parts stay as soft as they were"


@pytest.mark.parametrize("pixels", [1, 3, 8, 9, 40, 64, 65, 66, 67, 120, 170])
def test_growing_is_round(pixels):
    mask = masks.from_array(_disc((400, 400), (200, 200), 20))
    y, x = np.indices((400, 400))
    distance = np.hypot(y - 200, x - 200)
    grown = _array(masks.grow(mask, pixels)) > 0
    slack = 1.5 + 0.04 * pixels
    assert grown[distance < 20 + pixels - slack].all() and not grown[distance > 20 + pixels + slack].any()
    back = _array(masks.shrink(masks.from_array(grown.astype(np.uint8) * 255), pixels)) > 0
    assert np.abs(distance[back].max() - 20) < 2 * slack


def test_growing_far_is_quick_and_leaves_smooth_edges():
    mask = masks.from_array(_disc((2400, 2400), (1200, 1200), 300))
    started = time.perf_counter()
    grown = _array(masks.grow(mask, 500)) > 0
    assert time.perf_counter() - started < 1
    y, x = np.nonzero(grown & ~cv2.erode(grown.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool))
    order = np.argsort(np.arctan2(y - 1200, x - 1200))
    radius = np.hypot(y - 1200, x - 1200)[order]
    assert np.abs(radius - 800).max() < 25, "a disc of twelve sides"
    assert np.abs(radius[8:] - radius[:-8]).max() < 6, "no stairs"


def test_shrinking_does_not_eat_from_the_border_of_the_photograph():
    full = masks.invert(Surface((300, 500), 1, np.uint8))
    assert (_array(masks.shrink(full, 30)) == 255).all()
    half = np.zeros((300, 500), np.uint8)
    half[:, :250] = 255
    shrunk = _array(masks.shrink(masks.from_array(half), 30))
    assert (shrunk[:, :220] == 255).all() and not shrunk[:, 220:].any()


@pytest.mark.parametrize("pixels", [4, 20, 60, 200])
def test_a_feathered_edge_is_soft_to_both_sides_alike(pixels):
    shape = (80, 1400)
    half = np.zeros(shape, np.uint8)
    half[:, :700] = 255
    row = _array(masks.feather(masks.from_array(half), pixels))[40].astype(int)
    assert np.abs(row + row[::-1] - 255).max() <= 2, "symmetric about the edge"
    assert (np.diff(row) <= 1).all()
    ideal = 255 * 0.5 * (1 + math.erf((pixels - 0.5) / (pixels / 2) / math.sqrt(2)))
    assert row[700 - pixels] == pytest.approx(ideal, abs=3), "a Gaussian, of half the width"
    assert row[max(0, 700 - 2 * pixels - 2)] >= 254 and row[700 + 2 * pixels + 2] <= 1


def test_feathering_by_nothing_and_growing_by_nothing_change_nothing():
    plane = _plane(7, (300, 300))
    mask = masks.from_array(plane)
    for same in (masks.feather(mask, 0), masks.grow(mask, 0), masks.shrink(mask, 0)):
        assert np.array_equal(_array(same), plane)


@pytest.mark.parametrize("operation", [masks.grow, masks.shrink, masks.feather])
def test_an_empty_mask_stays_empty_and_the_given_mask_as_it_was(operation):
    assert not operation(Surface((300, 300), 1, np.uint8), 10).keys()
    plane = _plane(11, (257, 513))
    mask = masks.from_array(plane)
    operation(mask, 10)
    assert np.array_equal(_array(mask), plane)


def test_smoothing_leaves_a_straight_edge_where_it_is():
    plane = np.zeros((200, 700), np.uint8)
    plane[:, :333] = 255
    for pixels in (2, 8, 30, 120):
        out = _array(masks.smooth(masks.from_array(plane), pixels))
        np.testing.assert_array_equal(out[:, :331], 255)
        np.testing.assert_array_equal(out[:, 335:], 0)


def test_smoothing_takes_what_is_thin_and_keeps_what_is_not():
    plane = np.zeros((300, 300), np.uint8)
    plane[100:200, 100:200] = 255
    plane[150:152, 200:260] = 255
    plane[120:123, 100:140] = 0
    out = _array(masks.smooth(masks.from_array(plane), 12))
    assert not out[:, 215:].any() and (out[110:190, 110:190] == 255).all() and out[100, 100] == 0


def test_what_is_enclosed_is_filled_and_what_opens_to_the_border_is_not():
    plane = np.zeros((300, 600), np.uint8)
    plane[50:150, 50:150] = 255
    plane[70:130, 70:130] = 0
    plane[90:100, 90:100] = 255  # an island in the hole
    plane[0:120, 400:500] = 255
    plane[0:100, 420:480] = 0
    expected = plane.copy()
    expected[70:130, 70:130] = 255
    np.testing.assert_array_equal(_array(masks.fill_holes(masks.from_array(plane))), expected)


def test_the_soft_edge_of_a_hole_goes_with_it_and_that_of_the_mask_stays():
    rows, columns = np.indices((300, 300))
    away = np.hypot(rows - 150, columns - 150)
    soft = (np.clip((away - 40) / 10, 0, 1) * np.clip((110 - away) / 10, 0, 1) * 255).astype(np.uint8)
    out = _array(masks.fill_holes(masks.from_array(soft)))
    assert (out[away < 95] == 255).all()
    np.testing.assert_array_equal(out[away > 101], soft[away > 101])


def test_patches_up_to_a_size_are_taken_away_whatever_their_coverage():
    plane = np.zeros((300, 600), np.uint8)
    plane[10:15, 10:15] = 30
    plane[100:106, 100:105] = 255
    plane[200:202, 50:400] = 255
    expected = plane.copy()
    expected[10:15, 10:15] = 0
    np.testing.assert_array_equal(_array(masks.remove_specks(masks.from_array(plane), 5)), expected)


@pytest.mark.parametrize("operation", [lambda mask: masks.smooth(mask, 5), masks.fill_holes,
                                       lambda mask: masks.remove_specks(mask, 5)])
def test_nothing_comes_of_nothing(operation):
    assert not operation(Surface((300, 300), 1, np.uint8)).keys()
