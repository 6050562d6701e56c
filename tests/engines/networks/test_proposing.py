"""EdgeConnect's first step by itself: lines for the sketch."""

import numpy as np
import pytest
from torch import Tensor, nn, zeros_like

from editor.engines.classical import ENGINES
from editor.engines.contract import Cancelled
from editor.engines.networks import engines
from editor.engines.networks.engines import EdgeConnect
from editor.engines.networks.proposing import lines_of_fills, proposed_lines
from editor.errors import UserError


class Stripes(nn.Module):
    """Proposes an edge in the middle of the picture, as high as it, whatever it sees."""

    def forward(self, planes: Tensor) -> Tensor:
        out = zeros_like(planes[:, :1])
        out[..., planes.shape[-1] // 2] = 1
        return out


class Kept:
    def get(self, model: object, device: str) -> nn.Module:
        return Stripes()


@pytest.fixture
def engine(monkeypatch) -> EdgeConnect:
    """With a network that needs no weights."""
    monkeypatch.setattr(engines, "find_model", lambda network: network)
    return EdgeConnect(Kept())


def photo(shape: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(2).integers(90, 130, (*shape, 3), np.uint8)


def lines_of(engine: EdgeConnect, mask: np.ndarray, **more) -> list[np.ndarray]:
    pixels = photo(mask.shape)
    return list(proposed_lines(engine, lambda box: pixels[box.slices], mask.shape, mask, **more))


def test_each_seed_is_a_proposal_with_lines_in_every_hole_and_about_nothing_else(engine):
    mask = np.zeros((400, 900), np.uint8)
    mask[60:140, 100:200] = mask[250:350, 700:820] = 255
    proposals = lines_of(engine, mask, seeds=(0, 1, 2))
    assert len(proposals) == 3
    for lines in proposals:
        assert lines.shape == mask.shape and lines.dtype == np.uint8
        for hole in (np.s_[60:140, 100:200], np.s_[250:350, 700:820]):
            assert ((lines[hole] > 127).sum(axis=1) >= 1).mean() > 0.8, "from the top of the hole to its bottom"
        assert not lines[:, 300:600].any()


@pytest.mark.parametrize("width", [2, 6])
def test_lines_are_as_wide_as_the_pen_also_where_the_network_sees_the_hole_reduced(engine, width):
    mask = np.zeros((1500, 1500), np.uint8)
    mask[500:1000, 500:1000] = 255
    lines, = lines_of(engine, mask, width=width)
    across = lines[700:800].sum(axis=1) / 255
    assert np.abs(across - width).max() < 2.5


def test_what_is_drawn_is_not_proposed_again(engine):
    mask = np.zeros((400, 400), np.uint8)
    mask[100:300, 100:300] = 255
    free, = lines_of(engine, mask)
    lines, = lines_of(engine, mask, sketch=lambda box: free[box.slices])
    assert free.any() and not lines.any()


def test_a_part_of_the_mask_is_enough(engine):
    mask = np.zeros((400, 500), np.uint8)
    mask[100:200, 300:400] = 255
    whole, = lines_of(engine, mask)
    pixels = photo(mask.shape)
    part, = proposed_lines(engine, lambda box: pixels[box.slices], mask.shape, mask[100:200, 300:400],
                           mask_origin=(100, 300))
    places = [np.flatnonzero((lines > 127).any(axis=0)).mean() for lines in (part, whole[100:200, 300:400])]
    assert part.shape == (100, 100) and abs(places[0] - places[1]) < 12, "crops begin at whole blocks"


def test_it_is_cancelled_between_two_proposals(engine):
    mask = np.zeros((300, 300), np.uint8)
    mask[100:200, 100:200] = 255
    told = []

    def progress(fraction: float, words: str) -> None:
        told.append(fraction)
        if fraction > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        lines_of(engine, mask, seeds=(0, 1, 2, 3), progress=progress)
    assert max(told) == 0.5


def test_an_empty_mask_is_refused(engine):
    with pytest.raises(UserError, match="mask is empty"):
        lines_of(engine, np.zeros((300, 300), np.uint8))


def test_the_edges_of_what_engines_make_of_the_hole_are_proposed_in_it():
    picture = np.full((160, 240, 3), 40, np.uint8)
    picture[80:] = 200  # a horizon, which both engines carry on
    mask = np.zeros((60, 60), np.uint8)
    mask[5:-5, 5:-5] = 255
    found = list(lines_of_fills(ENGINES[:2], lambda box: picture[box.slices], picture.shape[:2], mask,
                                mask_origin=(50, 90), variants=1, width=3))
    assert len(found) == 2
    for lines in found:
        assert lines.shape == mask.shape and lines.dtype == np.uint8 and not lines[mask == 0].any()
        assert abs(int(np.median(np.nonzero(lines)[0])) - 30) <= 3
