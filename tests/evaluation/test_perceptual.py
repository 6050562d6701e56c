"""Feature distances with a network of random weights: what must hold whatever the weights are."""

import numpy as np
import pytest
import torch

from editor.evaluation.perceptual import feature_distance, kernel_distance, pooled_features
from editor.training.features import TAPS, MobileNetFeatures


@pytest.fixture(scope="module")
def features() -> MobileNetFeatures:
    """The right layers with an eighth of the channels."""
    random = torch.Generator().manual_seed(0)
    widths = [4, 8, 16, 16, 32, 32, 64, 64, 64, 64, 64, 64, 128]

    def layer(name: str, out: int, taken: int, side: int) -> dict[str, torch.Tensor]:
        weight = torch.randn(out, taken, side, side, generator=random) * (2 / (taken * side * side)) ** 0.5
        return {f"{name}.weight": weight, f"{name}.bias": torch.full((out,), 0.1)}

    tensors = layer("conv1", widths[0], 3, 3)
    for index in range(1, TAPS[-1] + 1):
        tensors |= layer(f"dw{index}", widths[index - 1], 1, 3)
        tensors |= layer(f"pw{index}", widths[index], widths[index - 1], 1)
    return MobileNetFeatures(tensors).eval()


def test_the_truth_has_no_feature_distance_and_blur_has_more_and_more(features, cat, hole, with_hole_blurred):
    row = [feature_distance(features, picture, cat, hole) for picture in (cat, *map(with_hole_blurred, (1, 2, 4)))]
    assert row[0] == 0 and row == sorted(row) and row[1] > 0


def test_only_what_is_in_the_hole_counts(features, cat, hole):
    """Places that the hole does not reach have no weight; a change far outside cannot be seen at all."""
    changed = cat.copy()
    changed[:, 280:] = 0
    assert feature_distance(features, changed, cat, hole) == pytest.approx(0, abs=1e-6)


def test_a_large_picture_is_reduced_first(features):
    picture = np.random.default_rng(0).integers(0, 256, (1200, 300, 3), np.uint8)
    hole = np.zeros((1200, 300), bool)
    hole[50:1150, 50:250] = True
    assert feature_distance(features, picture, picture, hole) == 0


def test_pooled_features_are_of_the_crop_round_the_hole(features, cat, hole):
    changed = cat.copy()
    changed[:, 300:] = 0  # 70 px from the hole, whose box is 81 px wide: outside a crop of 122
    assert np.array_equal(pooled_features(features, changed, hole), pooled_features(features, cat, hole))
    changed[100:140, 130:170] = 0
    assert not np.allclose(pooled_features(features, changed, hole), pooled_features(features, cat, hole))


def test_pooled_features_of_a_hole_in_the_corner_of_a_small_picture(features, cat):
    hole = np.zeros((30, 40), bool)
    hole[:25, :38] = True
    assert pooled_features(features, cat[:30, :40], hole).shape == (128,)


def test_equal_sets_have_no_kernel_distance():
    features = np.random.default_rng(0).normal(size=(20, 16))
    assert kernel_distance(features, features, list(range(20))) == (0, 0)


def test_kernel_distance_by_hand():
    """d = 1, two photos: k(x, y) = (xy + 1)^3; the only pairs of different photos are (0, 1) and (1, 0)."""
    fills, truths = np.array([[1.0], [2.0]]), np.array([[0.0], [1.0]])
    # k(1, 2) + k(0, 1) - k(1, 1) - k(2, 0) = 27 + 1 - 8 - 1
    distance, error = kernel_distance(fills, truths, ["a", "b"])
    assert distance == 19 and np.isnan(error)


def test_kernel_distance_is_unbiased_for_paired_sets_and_its_error_is_honest():
    """Fills that differ from their truths in each row but not as a set: mean 0 over many draws, within what it says."""
    found = []
    for seed in range(100):
        random = np.random.default_rng(seed)
        common, one, other = random.normal(size=(3, 25, 8))
        found.append(kernel_distance(common + 0.5 * one, common + 0.5 * other, list(range(25))))
    distances, errors = np.array(found).T
    assert abs(distances.mean()) < 3 * distances.std() / np.sqrt(len(distances))
    assert distances.std() < errors.mean() < 2 * distances.std()  # the jackknife is careful where sets are equal


def test_kernel_distance_grows_as_the_sets_part():
    random = np.random.default_rng(3)
    one, other = random.normal(size=(2, 200, 8))
    row = [kernel_distance(one + shift, other, list(range(200)))[0] for shift in (0, 0.3, 0.6, 1.2)]
    assert row == sorted(row) and row[1] > 5 * abs(row[0])


def test_several_holes_of_one_photo_are_no_evidence_of_likeness():
    random = np.random.default_rng(4)
    truths = random.normal(size=(30, 8))
    fills = random.normal(size=(30, 8)) + 0.5
    twice = kernel_distance(np.repeat(fills, 2, 0), np.repeat(truths, 2, 0), list(np.repeat(np.arange(30), 2)))
    assert twice == pytest.approx(kernel_distance(fills, truths, list(range(30))))


def test_one_photo_has_no_kernel_distance():
    assert np.isnan(kernel_distance(np.ones((3, 4)), np.ones((3, 4)), ["a", "a", "a"])).all()
