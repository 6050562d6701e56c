"""Damage drawn by code, scans made of photographs, and learning to find it."""

import numpy as np
import pytest
import torch

from editor.training import damage, scans
from editor.training.damage import AREA, LINE, Coat
from editor.training.damage_finder import FindingTask
from editor.training.data import Album


@pytest.fixture(scope="module")
def picture(photographs) -> np.ndarray:
    return np.ascontiguousarray(photographs["astronaut"][:128, :160])


@pytest.mark.parametrize("maker", damage.MAKERS)
def test_makers_draw_within_bounds_and_something_in_the_end(maker, picture):
    light = picture.astype(np.float32) / 255
    covered = 0.0
    for seed in range(12):
        for coat in maker(np.random.default_rng(seed), light):
            assert coat.cover.shape == (128, 160) and coat.cover.dtype == coat.colour.dtype == np.float32
            assert coat.cover.min() >= 0 and coat.cover.max() <= 1.001 and np.isfinite(coat.colour).all()
            covered += coat.cover.mean() * coat.counts
    assert covered > 0.001


def test_the_same_seed_makes_the_same_scan(picture):
    one, two, other = (scans.scanned(np.random.default_rng(seed), picture) for seed in (4, 4, 5))
    assert all(np.array_equal(getattr(one, name), getattr(two, name)) for name in vars(one))
    assert not np.array_equal(one.picture, other.picture)


def test_undamaged_scans_have_no_damage(picture):
    for seed in range(5):
        scan = scans.scanned(np.random.default_rng(seed), picture, damaged=0.0)
        assert not scan.damage.any() and (scan.weight == 1).all()
        assert scan.picture.dtype == np.float32 and scan.picture.min() >= 0 and scan.picture.max() <= 1


def test_what_is_seen_is_damage_and_what_is_hidden_is_not():
    plain = np.full((40, 40, 3), 0.5, np.float32)
    cover = np.zeros((40, 40), np.float32)
    cover[10:14, 5:35] = 1
    bright, faint = np.full(3, 0.9, np.float32), np.full(3, 0.51, np.float32)
    _, found, weight, kind = scans.laid(plain, [Coat(cover, bright, LINE)])
    assert np.array_equal(found > 0, cover > 0) and (kind[cover > 0] == LINE).all() and (weight[20:] == 1).all()
    assert not scans.laid(plain, [Coat(cover, faint, AREA)])[1].any()
    noisy = np.random.default_rng(0).uniform(0, 1, (40, 40, 1)).astype(np.float32).repeat(3, 2)
    _, found, weight, _ = scans.laid(noisy, [Coat(0.5 * cover, np.full(3, 0.6, np.float32), LINE)])
    assert found.mean() < 0.02 and (weight[cover > 0] == 0).any(), "lost in the noise: nobody can say"


def test_shading_beside_a_crease_is_neither_asked_for_nor_forbidden():
    plain, whole = np.full((30, 30, 3), 0.5, np.float32), np.ones((30, 30), np.float32)
    shade = Coat(whole, np.full(3, 0.8, np.float32), LINE, tints=True, counts=False)
    picture, found, weight, _ = scans.laid(plain, [shade])
    assert np.allclose(picture, 0.4) and not found.any() and not weight.any()


def test_a_network_learns_to_find_damage(photographs, random):
    squares = np.stack([picture[:96, :96] for picture in photographs.values()])
    album = Album(torch.from_numpy(squares).permute(0, 3, 1, 2).contiguous())
    torch.manual_seed(0)
    task = FindingTask(8)
    examples = task.examples(random, album, 3, 64)
    assert examples["picture"].shape == (3, 6, 64, 64) and examples["damage"].shape == (3, 1, 64, 64)
    assert examples["picture"][:, :3].min() >= -1 and examples["picture"][:, :3].max() <= 1 and examples["damage"].any()
    optimiser = torch.optim.Adam(task.generator.parameters(), 5e-3)
    losses = []
    for _ in range(15):
        loss, _, terms = task.generator_loss(examples, None, False)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0] and set(terms) == {"entropy", "overlap", "kind"}
    assert [row.shape for row in task.rows(task.generator, examples)] == [(3, 3, 64, 64)] * 3
    figures = task.figures(task.generator, examples)
    assert figures["average precision"] > 2 * float(examples["damage"].mean())
