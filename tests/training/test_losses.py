"""Losses against values computed by hand."""

import math

import pytest
import torch

from editor.training import losses


@pytest.fixture
def half() -> torch.Tensor:
    """(1, 1, 4, 4): the left half is the hole."""
    hole = torch.zeros(1, 1, 4, 4)
    hole[..., :2] = 1
    return hole


def flat(value: float) -> torch.Tensor:
    return torch.full((1, 3, 4, 4), value)


def test_the_absolute_error_counts_less_outside_the_hole(half):
    output = flat(0.0)
    output[..., :2], output[..., 2:] = 0.5, 0.25
    assert losses.hole_l1(output, flat(0.0), half).item() == pytest.approx(0.5 + 0.2 * 0.25)
    assert losses.hole_l1(output, flat(0.0), half, outside=0).item() == pytest.approx(0.5)
    assert losses.hole_l1(output, flat(0.0), half * 0).item() == pytest.approx(0.2 * 0.375), "no hole, no division by 0"


def test_variation_is_of_neighbours_in_the_hole(half):
    output = flat(0.0)
    output[..., 1:] = 0.6  # a step between columns 0 and 1, within the hole: four pairs in each of three channels
    assert losses.variation(output, half).item() == pytest.approx(12 * 0.6 / (3 * 8))
    output = flat(0.0)
    output[..., 3:] = 0.6  # outside
    assert losses.variation(output, half).item() == 0


def test_hinge_losses():
    real, fake = torch.tensor([[2.0, 0.5]]), torch.tensor([[-3.0, 0.25]])
    assert losses.hinge_critic(real, fake).item() == pytest.approx((0 + 0.5) / 2 + (0 + 1.25) / 2)
    assert losses.hinge_generator(fake).item() == pytest.approx(1.375)


def test_feature_matching_is_the_sum_of_the_maps_mean_differences_and_teaches_the_fake_alone():
    fake = [torch.ones(1, 2, 2, 2, requires_grad=True), torch.zeros(1, 4, 1, 1)]
    real = [torch.zeros(1, 2, 2, 2, requires_grad=True), torch.full((1, 4, 1, 1), 0.5)]
    loss = losses.feature_matching(fake, real)
    assert loss.item() == pytest.approx(1.5)
    loss.backward()
    assert fake[0].grad is not None and real[0].grad is None


def test_peak_signal_to_noise_is_of_the_hole_and_a_mean_over_pictures(half):
    output = torch.cat([flat(0.2), flat(0.02)])
    output[..., 2:] = 1.0  # outside does not count
    found = losses.hole_psnr(output, torch.zeros(2, 3, 4, 4), half.expand(2, -1, -1, -1))
    assert found == pytest.approx((10 * math.log10(4 / 0.04) + 10 * math.log10(4 / 0.0004)) / 2, abs=1e-3)


class TwoMaps:
    """Features in the place of a network's: the picture itself, and its first two channels; the last is not used."""

    def __call__(self, x: torch.Tensor) -> list[torch.Tensor]:
        return [x, x[:, :2], x * 100]


def test_perceptual_and_style_losses_by_hand():
    picture, output = torch.zeros(1, 3, 1, 2), torch.zeros(1, 3, 1, 2)
    picture[0, 0], output[0, 1] = 3.0, 2.0  # unit vectors along the first axis, and along the second
    perceptual, style = losses.perceptual_and_style(TwoMaps(), output, picture)
    assert perceptual.item() == pytest.approx(2 + 2, abs=1e-4), "squared distance of unit vectors at right angles"
    assert style.item() == pytest.approx(2 + 2, abs=1e-4), "one correlation is gone, another has come"
    same = losses.perceptual_and_style(TwoMaps(), picture, picture)
    assert [term.item() for term in same] == [0, 0]


def test_style_does_not_ask_where_and_perception_does():
    torch.manual_seed(0)
    picture = torch.randn(1, 3, 6, 6)
    moved = picture.flatten(2)[..., torch.randperm(36)].view_as(picture)
    perceptual, style = losses.perceptual_and_style(TwoMaps(), moved, picture)
    assert style.item() == pytest.approx(0, abs=1e-4) and perceptual.item() > 0.5
