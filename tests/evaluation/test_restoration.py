"""How much of spoilt photographs comes back: the spoiling is what it says, and the measures tell better from worse."""

import numpy as np
import pytest
from skimage import data

from editor.evaluation.restoration import BEFORE, METHODS, SPOILING, Figures, Spoilt, disc, measure, table


def small(photo) -> np.ndarray:
    return np.ascontiguousarray(photo()[60:220, 100:292])


def spoilt(kind: str, seed: int = 1) -> Spoilt:
    return SPOILING[kind](np.random.default_rng(seed), small(data.coffee))


@pytest.mark.parametrize("kind", SPOILING)
def test_the_same_seed_spoils_alike_and_something_is_lost(kind):
    one, other = spoilt(kind), spoilt(kind)
    assert (one.picture == other.picture).all() and one.picture.dtype == np.uint8
    assert (one.picture != one.truth).any() and (one.truth == small(data.coffee)).all()
    assert set(METHODS) == set(SPOILING)


def test_damage_lies_in_its_mask_and_nowhere_else():
    case = spoilt("cracks and losses")
    changed = (case.picture != case.truth).any(axis=2)
    assert changed.any() and not changed[case.mask == 0].any()


def test_blur_keeps_the_light_and_spreads_it_as_far_as_its_disc():
    assert disc().sum() == pytest.approx(1) and disc()[0, 0] == 0 and disc().shape[0] % 2 == 1
    light = (spoilt("blur").picture / 255.0) ** 2.2
    assert light.mean() == pytest.approx(((small(data.coffee) / 255.0) ** 2.2).mean(), rel=0.02)


def test_measures_fall_with_the_error():
    case = spoilt("specks and scratches")
    near, far = Figures(), Figures()
    near.add(((case.truth.astype(int) * 3 + case.picture) // 4).astype(np.uint8), case)
    far.add(case.picture, case)
    assert near.psnr[0] > far.psnr[0] and near.ssim[0] > far.ssim[0] and near.inside[0] > far.inside[0]
    assert far.inside[0] < far.psnr[0], "the damage is where the error is"


def test_what_is_mended_and_unfaded_is_better_than_before_in_the_table():
    figures = measure([small(data.coffee)], ["specks and scratches", "fading"])
    mended, before = (figures["specks and scratches"][name] for name in ("mended", BEFORE))
    assert mended.inside[0] > before.inside[0] + 3
    assert figures["fading"]["unfaded"].psnr[0] > figures["fading"][BEFORE].psnr[0]
    rows = table(figures)
    assert len(rows) == 1 + sum(len(methods) for methods in figures.values())
    assert rows[1][:2] == ["specks and scratches", "before"]
    assert float(rows[1][2]) == pytest.approx(before.psnr[0], abs=0.01)
