"""Holes are of the kinds that people paint, at whatever size."""

import pytest
import torch
import torch.nn.functional as F

from editor.training.guided import FACE_HOLES, SCENE_HOLES
from editor.training.holes import KINDS, mixed, pixel_places

N = 16


def made(kind: str, size: int, seed: int = 3) -> torch.Tensor:
    return mixed(torch.Generator().manual_seed(seed), pixel_places(N, size, size), {kind: 1.0})


@pytest.mark.parametrize("kind", KINDS)
def test_a_hole_is_neither_empty_nor_everything(kind):
    hole = made(kind, 96)
    assert hole.shape == (N, 1, 96, 96) and hole.unique().tolist() == [0, 1]
    covered = hole.mean((1, 2, 3))
    assert covered.min() > 0.001 and covered.max() < 0.96


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_hole_at_any_size(kind):
    small, big = made(kind, 128), made(kind, 256)
    differing = F.avg_pool2d(big, 2) != small
    at_edge = F.max_pool2d(small, 5, 1, 2) + F.max_pool2d(-small, 5, 1, 2) > 0  # a pixel's middle lies elsewhere
    elsewhere = (differing & ~at_edge).sum((1, 2, 3))
    assert (elsewhere <= 64).all(), "but for the tips of what is thinner than a pixel"


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_gives_another_hole(kind):
    assert (made(kind, 64) != made(kind, 64, seed=4)).float().mean() > 0.002


@pytest.mark.parametrize(("kind", "x", "y"), [("eye", -0.16, -0.17), ("nose", 0, 0), ("mouth", 0, 0.2),
                                              ("hair", 0, -0.55), ("face", 0, 0)])
def test_a_part_of_a_face_is_where_it_is_in_a_frame(kind, x, y):
    hole, places = made(kind, 96), pixel_places(N, 96, 96)
    middle = (places * hole[:, 0, :, :, None]).sum((0, 1, 2)) / hole.sum()
    assert middle.tolist() == pytest.approx([x, y], abs=0.12)


def test_scratches_are_thin_and_large_holes_large():
    thickest = F.avg_pool2d(made("scratches", 128), 17, 1).amax((1, 2, 3))
    assert thickest.median() < 0.8, "no disc of an eighth of the picture fits in"
    assert made("large", 64).mean() > 0.5 > made("blobs", 64).mean()


def test_a_hole_that_lies_outside_the_crop_becomes_one_in_its_middle():
    corner = pixel_places(N, 64, 64) * 0.05 + 0.94  # the lower right corner of a face's frame: no eye is there
    hole = mixed(torch.Generator().manual_seed(1), corner, {"eye": 1.0})
    assert (hole.mean((1, 2, 3)) > 0.01).all() and hole[:, 0, 32, 32].all()


@pytest.mark.parametrize("kinds", [FACE_HOLES, SCENE_HOLES])
def test_kinds_are_mixed_by_their_weights(kinds):
    """Each picture's is one of the kinds: with the same seed and one kind alone, small ones stay small."""
    holes = mixed(torch.Generator().manual_seed(1), pixel_places(200, 32, 32), kinds)
    shares = holes.mean((1, 2, 3))
    assert shares.min() < 0.03 and shares.max() > 0.5 and 0.08 < shares.mean() < 0.4


@pytest.mark.parametrize("kind", KINDS)
def test_edges_run_in_steps_of_single_pixels(kind):
    hole = made(kind, 96)
    across, down = (torch.diff(hole, dim=axis).abs().sum((0, 1)) for axis in (3, 2))
    for steps, axis in ((across.sum(0), "across"), (down.sum(1), "down")):
        even, odd = steps[::2].sum(), steps[1::2].sum()
        assert 0.8 < even / odd < 1.25, f"edges {axis} at even and odd pixels: {even} and {odd}"
