"""Variants are shown something else to begin with, and what comes of it fits what was seen."""

from dataclasses import replace

import numpy as np
import pytest

from editor.engines.networks.inputs import Seen
from editor.engines.networks.varying import varied


@pytest.fixture
def seen() -> Seen:
    """Red above, blue below; a hole somewhat left of the middle."""
    image = np.zeros((96, 64, 3), np.float32)
    image[:48, :, 0] = image[48:, :, 2] = 1
    hole = np.zeros((96, 64), bool)
    hole[20:76, 8:48] = True
    image[hole] = 0
    nothing = np.zeros_like(image)
    return Seen(image, hole, image, nothing[..., 0], nothing, np.zeros_like(hole), grey=False, face=False)


def test_the_first_is_left_as_it_is(seen):
    same, undo = varied(seen, 0)
    assert same is seen and undo(seen.image) is seen.image


def test_colours_come_from_the_rim_and_differ_by_seed(seen):
    one, again, other = (varied(seen, seed)[0] for seed in (1, 1, 2))
    for each in (one, other):
        assert np.array_equal(each.given, seen.hole) and not each.colour[~seen.hole].any()
        inside = each.colour[seen.hole]
        assert inside[:, 1].max() < 1e-3 and np.allclose(inside.sum(axis=1), 1, atol=0.02), "red, blue or between"
        assert each.colour[22, 30, 0] > 0.9 and each.colour[73, 30, 2] > 0.9, "at the rim as the rim is"
    assert np.array_equal(one.colour, again.colour)
    assert np.abs(one.colour - other.colour)[seen.hole].mean() > 0.02


def test_what_the_user_gave_stays(seen):
    given = np.zeros_like(seen.hole)
    given[40:44, 30:40] = True
    dabbed = replace(seen, given=given, colour=given[..., None] * np.float32([0, 1, 0]))
    assert varied(dabbed, 3)[0] is dabbed


@pytest.mark.parametrize("covered", [True, False])
def test_where_there_is_no_rim_nothing_is_told(seen, covered):
    bare = replace(seen, hole=np.full_like(seen.hole, covered))
    assert varied(bare, 1)[0] is bare


def test_a_face_is_seen_in_another_light_and_given_back_in_its_own(seen):
    given = np.zeros_like(seen.hole)
    given[30:40, 14:30] = True
    face = replace(seen, face=True, given=given, colour=given[..., None] * np.float32([0.2, 0.6, 0.4]),
                   sketch=given * np.float32(0.5))
    ways = []
    for seed in range(1, 9):
        other, undo = varied(face, seed)
        ways.append(bool((other.hole != face.hole).any()))
        shown = np.where(other.given[..., None], other.colour, other.image)
        assert shown.min() >= 0 and shown.max() <= 1 and not other.image[other.hole].any()
        wanted, there = np.where(face.given[..., None], face.colour, face.image), face.given | ~face.hole
        assert np.allclose(undo(shown)[there], wanted[there], atol=1e-5)
        assert np.array_equal(other.sketch > 0, other.given)
    assert 0 < sum(ways) < 8
