"""From probabilities to masks: sensitivity, kinds, what hangs on to what is sure."""

import numpy as np
import pytest

from editor.restoration import damage_map
from editor.restoration.damage_map import KINDS, DamageMap, threshold


def a_map() -> DamageMap:
    """A sure line that goes on less surely, a doubtful one, and a speck."""
    likely, kind = np.zeros((2, 60, 120), np.uint8)
    likely[10, 10:40], likely[10, 40:60] = 230, 90
    likely[30, 10:60] = 90
    likely[50, 100] = 200
    kind[50, 100] = KINDS.index("spot")
    return DamageMap(likely, kind)


def test_what_is_less_sure_counts_where_it_hangs_on_to_what_is_sure():
    mask = a_map().mask(0.5)
    assert set(np.unique(mask)) == {0, 255}
    assert mask[10, 10:60].all() and not mask[30].any() and mask[50, 100] and mask.sum() == 51 * 255


def test_it_does_not_follow_for_ever():
    likely = np.zeros((3, 200), np.uint8)
    likely[1, :10], likely[1, 10:] = 230, 90
    mask = DamageMap(likely, np.zeros_like(likely)).mask(0.5)
    assert mask[1, :42].all() and not mask[1, 42:].any()


def test_more_sensitive_marks_more():
    found = a_map()
    covered = [int((found.mask(sensitivity) > 0).sum()) for sensitivity in (0.0, 0.15, 0.5, 0.8, 1.0)]
    assert covered == sorted(covered) and covered[0] == 0 and covered[-1] == 101
    assert threshold(0.0) > threshold(0.5) > threshold(1.0) >= 1
    random = np.random.default_rng(0)
    noise = DamageMap(random.integers(0, 256, (80, 80), np.uint8), np.zeros((80, 80), np.uint8))
    for less, more in ((0.1, 0.3), (0.3, 0.6), (0.6, 0.95)):
        assert not (noise.mask(less) & ~noise.mask(more)).any()


def test_kinds_are_switched_off():
    found = a_map()
    assert not found.mask(0.5, ("line",))[50].any() and found.mask(0.5, ("line",))[10, 20]
    assert found.mask(0.5, ("spot",)).sum() == 255
    assert not found.mask(0.5, ()).any()
    with pytest.raises(ValueError, match="hole"):
        found.mask(0.5, ("hole",))


def test_masks_are_widened():
    mask = a_map().mask(0.5, ("spot",), grow=2)
    assert mask[48:53, 100].all() and mask[50, 98:103].all() and not mask[47].any() and not mask[48, 98]


def test_nothing_likely_is_an_empty_mask():
    empty = np.zeros((20, 30), np.uint8)
    assert not DamageMap(empty, empty).mask(1.0).any()


def test_a_part_gives_the_mask_of_the_whole():
    random = np.random.default_rng(4)
    likely = (random.random((160, 160)) ** 3 * 255).astype(np.uint8)
    kind = random.integers(0, 3, (160, 160)).astype(np.uint8)
    whole = DamageMap(likely, kind).mask(0.6)
    part = DamageMap(likely[30:130, 20:140], kind[30:130, 20:140], (30, 20)).mask(0.6)
    assert np.array_equal(part[32:-32, 32:-32], whole[62:98, 52:108])


def test_tiles_do_not_show(monkeypatch):
    random = np.random.default_rng(5)
    likely = (random.random((150, 210)) ** 3 * 255).astype(np.uint8)
    found = DamageMap(likely, random.integers(0, 3, likely.shape).astype(np.uint8))
    whole = [found.mask(0.6, kinds, grow) for kinds in (KINDS, ("line",)) for grow in (0, 5)]
    monkeypatch.setattr(damage_map, "_TILE", 40)
    tiled = [found.mask(0.6, kinds, grow) for kinds in (KINDS, ("line",)) for grow in (0, 5)]
    assert all(np.array_equal(one, other) and one.any() for one, other in zip(whole, tiled, strict=True))
