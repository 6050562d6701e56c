"""Engines in processes of their own."""

import numpy as np
import psutil
import pytest

from editor.errors import UserError
from editor.evaluation.runner import Order, Runner


@pytest.fixture
def order(cat, hole) -> Order:
    return Order(np.where(hole[..., None], np.uint8(127), cat), hole)


@pytest.fixture(scope="module")
def telea() -> Runner:
    with Runner("telea", {"grain": "0"}) as runner:
        yield runner


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_a_fill_says_what_it_took_and_leaves_the_rest_alone(telea, order, cat, hole):
    first, second = telea.fill(order), telea.fill(order)
    assert np.array_equal(first.picture[~hole], cat[~hole]) and np.array_equal(first.picture, second.picture)
    assert (first.picture[hole] != 127).any()
    assert first.cost.first and not second.cost.first and second.cost.seconds > 0
    assert first.cost.peak_memory > 20 and first.cost.device == "cpu"


def test_settings_reach_the_engine_and_its_process_ends_with_it(telea, order):
    usual = telea.fill(order)
    before = len(children())
    with Runner("telea", {"grain": "0", "radius": "30"}) as runner:
        assert not np.array_equal(runner.fill(order).picture, usual.picture)
        assert len(children()) == before + 1
    assert len(children()) == before


def test_an_engine_that_gives_up_is_asked_again_next_time(telea, order, cat):
    with pytest.raises(UserError, match="covers the whole photo"):
        telea.fill(Order(cat, np.ones(cat.shape[:2], bool)))
    assert telea.fill(order).picture.shape == cat.shape


def test_a_defect_in_an_engine_is_one_line(telea, cat, hole):
    with pytest.raises(UserError, match=r"^\w*(Error|error): "):
        telea.fill(Order(cat[..., 0], hole))


def test_a_process_that_dies_costs_one_fill(telea, order):
    telea.fill(order)
    child, = children()
    child.kill()
    with pytest.raises(UserError, match="was ended by Killed"):
        telea.fill(order)
    assert telea.fill(order).cost.first


def test_an_engine_or_a_setting_that_there_is_not_is_refused_at_once():
    with pytest.raises(UserError, match="no engine"):
        Runner("tele", {})
    with pytest.raises(UserError, match="no setting"):
        Runner("telea", {"colour": "blue"})
