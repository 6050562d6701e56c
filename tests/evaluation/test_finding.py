"""Measuring the finding of damage, with damage of another generator than the network learns from."""

import ast
from pathlib import Path

import numpy as np
import pytest

from editor.evaluation import damage, finding


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    from skimage import data

    return np.ascontiguousarray(data.chelsea()[40:200, 100:280])


@pytest.mark.parametrize("kind", damage.KINDS)
def test_every_kind_damages_something_and_says_where(kind, picture):
    share = []
    for seed in range(6):
        case = damage.damaged(seed, picture, kind)
        assert case.picture.shape == picture.shape and case.picture.dtype == np.uint8
        assert case.counts[case.damage].all(), "what is damaged for certain counts"
        share.append(case.damage.mean())
        again = damage.damaged(seed, picture, kind)
        assert np.array_equal(case.picture, again.picture) and np.array_equal(case.damage, again.damage)
    assert 0.0005 < max(share) < 0.7


def test_the_two_generators_share_no_code():
    source = ast.parse(Path(damage.__file__).read_text())
    imported = [node for node in ast.walk(source) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert not any("editor" in ast.dump(node) for node in imported)


def test_a_finder_that_knows_is_perfect_and_one_that_guesses_is_not(picture, monkeypatch):
    from editor.restoration.damage_map import DamageMap

    truths = {}
    for number, kind in enumerate(damage.KINDS):
        case = damage.damaged(number, picture, kind)
        truths[case.picture.tobytes()] = case.damage

    def knowing(method: str, seen: np.ndarray, device: str) -> DamageMap:
        truth = truths.get(seen.tobytes(), np.zeros(seen.shape[:2], bool))
        likely = truth * np.uint8(255) if method == "knows" else np.full(truth.shape, 200, np.uint8)
        return DamageMap(likely, np.zeros_like(likely))

    monkeypatch.setattr(finding, "found_by", knowing)
    watched = []
    tallies = finding.measure([picture] * len(damage.KINDS), ["knows", "marks all"],
                              watch=lambda *what: watched.append(what))
    knows, marks_all = tallies.values()
    assert knows.all.average_precision() == knows.recall == knows.precision == 1.0
    assert knows.alarms == 0 and knows.clean == len(damage.KINDS) * picture[..., 0].size
    assert marks_all.recall == 1.0 and marks_all.precision < 0.5 and marks_all.marked_share == 1.0
    assert knows.pieces > 20 and knows.pieces_found == marks_all.pieces_found == 1.0
    assert marks_all.alarms_a_megapixel == pytest.approx(1e6 / picture[..., 0].size)
    assert len(watched) == len(damage.KINDS)
    assert [row[0] for row in finding.table(tallies)[1:]] == ["knows", "marks all"]
    assert len(finding.table_of_kinds(tallies)[1]) == 2 + len(damage.KINDS)


def test_filters_find_more_than_a_plain_top_hat_on_a_plain_ground():
    plain = np.full((160, 160, 3), 120, np.uint8)
    tallies = finding.measure([plain] * 8, ["classical", finding.TOP_HAT])
    classical, top_hat = tallies.values()
    assert classical.all.average_precision() > 0.5
    assert classical.all.average_precision() > top_hat.all.average_precision() - 0.1
    assert classical.alarms_a_megapixel < 2000


def test_damage_that_is_lost_in_grain_is_not_asked_for_and_a_wide_stain_is():
    grainy = np.random.default_rng(2).integers(0, 256, (160, 160, 1), dtype=np.uint8).repeat(3, 2)
    plain = np.full((160, 160, 3), 120, np.uint8)

    def share(kind: str, ground: np.ndarray) -> float:
        return sum(damage.damaged(seed, ground, kind).damage.mean() for seed in range(8))

    assert share("specks", grainy) < 0.6 * share("specks", plain)
    assert share("blotches", grainy) > 0.8 * share("blotches", plain)


def test_a_pixel_beside_the_truth_is_found_and_what_is_farther_off_is_not(picture, monkeypatch):
    from editor.restoration.damage_map import DamageMap

    upright = np.zeros(picture.shape[:2], bool)
    upright[20:120, 60:62] = True
    near = np.zeros_like(upright)
    near[18:122, 58:64] = True
    case = damage.Case(np.zeros_like(picture), upright, upright | ~near, "scratches")
    monkeypatch.setattr(finding, "damaged", lambda *which: case)

    def shifted(method: str, seen: np.ndarray, device: str) -> DamageMap:
        likely = np.roll(upright, int(method), 1) * np.uint8(255 * (seen is case.picture))
        return DamageMap(likely, np.zeros_like(likely))

    monkeypatch.setattr(finding, "found_by", shifted)
    beside, off = finding.measure([picture], ["1", "8"]).values()
    assert beside.recall == beside.precision == 1.0
    assert off.recall == off.precision == 0.0
