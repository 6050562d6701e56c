"""Precision, recall and average precision, against counting by hand."""

import numpy as np
import pytest

from editor.training.ranking import Ranking


def ranked(probability, damage, counts=None) -> Ranking:
    ranking = Ranking()
    ranking.add(np.array(probability, np.uint8), np.array(damage), None if counts is None else np.array(counts))
    return ranking


def test_average_precision_is_that_of_the_books():
    # In falling order: right, wrong, right, wrong: precision 1 at half the recall, 2/3 at all of it.
    assert ranked([200, 150, 100, 50], [1, 0, 1, 0]).average_precision() == pytest.approx((1 + 2 / 3) / 2)
    assert ranked([9, 8, 1, 0], [1, 1, 0, 0]).average_precision() == 1.0
    random = np.random.default_rng(0)
    chance = ranked(random.integers(0, 256, 100_000), random.random(100_000) < 0.1)
    assert chance.average_precision() == pytest.approx(0.1, abs=0.01)


def test_it_agrees_with_a_count_of_all_thresholds():
    random = np.random.default_rng(1)
    damage = random.random((40, 50)) < 0.2
    probability = np.clip(random.normal(100 + 60 * damage, 50), 0, 255).astype(np.uint8)
    ranking = Ranking()
    for half in (slice(0, 25), slice(25, 50)):
        ranking.add(probability[:, half], damage[:, half])
    precision, recall = ranking.precision_recall()
    for level in (0, 60, 128, 200):
        marked = probability >= level
        assert precision[level] == pytest.approx((marked & damage).sum() / marked.sum())
        assert recall[level] == pytest.approx((marked & damage).sum() / damage.sum())
    best, its_precision, its_recall, level = ranking.best()
    assert best == pytest.approx(2 * its_precision * its_recall / (its_precision + its_recall))
    assert best == pytest.approx(max(2 * p * r / (p + r) for p, r in zip(precision, recall, strict=True) if p + r))


def test_what_cannot_be_said_does_not_count():
    assert ranked([200, 250], [1, 0], [True, False]).average_precision() == 1.0
    assert Ranking().average_precision() == 0.0
