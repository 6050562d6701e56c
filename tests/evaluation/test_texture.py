"""Seam, sharpness and patch statistics: known values, and the failing that each one is there to see."""

import cv2
import numpy as np
import pytest

from editor.evaluation.texture import (
    laplacian_levels,
    seam,
    sharpness,
    sliced_wasserstein,
    texture_distance,
    texture_distance_outside,
)


def test_an_untouched_photo_has_no_seam_and_all_its_sharpness(cat, hole):
    assert seam(cat, hole) == pytest.approx(1, abs=0.15)
    found = sharpness(cat, hole, cat)
    assert found["detail"] == found["fine"] == 1
    assert set(found) == {"detail", "fine", "detail_outside", "fine_outside"}


def test_a_step_of_brightness_at_the_edge_is_a_seam(cat, hole):
    brighter = np.where(hole[..., None], cat + np.uint8(20), cat)
    assert seam(brighter, hole) > 2 * seam(cat, hole)


def test_seam_of_a_known_step():
    hole = np.zeros((40, 40), bool)
    hole[10:30, 10:30] = True
    # Flat but for the hole: the middle step is 8 where both slopes are 0, and flat surroundings count as 0.5.
    assert seam(np.where(hole[..., None], np.uint8(58), np.full((40, 40, 3), 50, np.uint8)), hole) == 16


def test_a_slope_across_the_edge_is_no_seam():
    hole = np.zeros((40, 40), bool)
    hole[10:30, 10:30] = True
    ramp = np.repeat(np.arange(0, 200, 5, dtype=np.uint8)[None, :, None], 40, axis=0).repeat(3, axis=2)
    assert seam(ramp, hole) == 0


def test_a_hole_without_an_edge_has_no_seam_and_nothing_outside(cat):
    everything = np.ones(cat.shape[:2], bool)
    assert np.isnan(seam(cat, everything)) and np.isnan(texture_distance_outside(cat, everything))
    assert set(sharpness(cat, everything, cat)) == {"detail", "fine"}


def test_blur_lowers_every_sharpness(cat, hole, with_hole_blurred):
    scores = [sharpness(with_hole_blurred(sigma), hole, cat) for sigma in (0.5, 1, 2, 4)]
    for name in scores[0]:
        row = [score[name] for score in scores]
        assert row == sorted(row, reverse=True)
    assert scores[-1]["fine"] < 0.2


def test_without_a_truth_sharpness_is_held_against_the_surroundings(cat, hole):
    assert set(sharpness(cat, hole)) == {"detail_outside", "fine_outside"}


def test_the_levels_add_up_to_the_picture(cat):
    octaves = laplacian_levels(cat, 3)
    rest = octaves[2]
    for octave in (octaves[1], octaves[0]):
        rest = cv2.pyrUp(rest, dstsize=octave.shape[1::-1]) + octave
    assert np.allclose(rest, cat, atol=1e-3)


def test_texture_distance_is_zero_for_the_truth_and_grows_with_blur(cat, hole, with_hole_blurred):
    row = [texture_distance(picture, cat, hole) for picture in (cat, *map(with_hole_blurred, (1, 2, 4, 8)))]
    assert row[0] == 0 and row == sorted(row)


def test_texture_distance_forgives_another_place_and_not_another_texture(hole):
    random = np.random.default_rng(1)
    noise = random.integers(0, 256, (240, 320, 3), np.uint8)
    moved, softer = np.roll(noise, 50, axis=0), cv2.GaussianBlur(noise, (0, 0), 1)
    assert texture_distance(moved, noise, hole) < 0.2 * texture_distance(softer, noise, hole)


def test_against_the_surroundings_the_same_texture_is_nearer_than_blur():
    random = np.random.default_rng(1)
    noise = random.integers(0, 256, (240, 320, 3), np.uint8)
    hole = np.zeros((240, 320), bool)
    hole[80:160, 100:200] = True
    softer = np.where(hole[..., None], cv2.GaussianBlur(noise, (0, 0), 2), noise)
    assert texture_distance_outside(noise, hole) < 0.2 * texture_distance_outside(softer, hole)


def test_the_distance_of_two_shifted_sets_is_their_shift():
    random = np.random.default_rng(2)
    model = random.normal(0, 10, (2000, 1, 1, 1)).astype(np.float32)
    distance = sliced_wasserstein(model + np.float32(7), model, random)  # in one dimension: the shift itself
    assert distance == pytest.approx(7 / (model.std() + 4), rel=1e-3)


def test_a_hole_of_a_few_pixels_has_no_texture(cat):
    hole = np.zeros(cat.shape[:2], bool)
    hole[100, 100:103] = True
    assert np.isnan(texture_distance(cat, cat, hole))
