"""Sketches and colours are those of a hand: thin soft lines near the edges, flat dabs in the hole."""

import pytest
import torch
import torch.nn.functional as F

from editor.training.data import Album
from editor.training.guided import BARE, guided_input, scene
from editor.training.hints import _as_drawn, blur, colours, dark_lines, edges, grey, sketches, smoothed

CENTRE = 64


@pytest.fixture
def square() -> torch.Tensor:
    """(1, 3, 128, 128): light on dark, from 40 to 88."""
    picture = torch.full((1, 3, 128, 128), -0.6)
    picture[..., 40:88, 40:88] = 0.6
    return picture


@pytest.fixture
def hole() -> torch.Tensor:
    hole = torch.zeros(4, 1, 128, 128)
    hole[..., 30:90, 20:100] = 1
    return hole


def across(lines: torch.Tensor, y: int) -> torch.Tensor:
    return lines[0, 0, y]


def test_edges_are_one_pixel_wide_and_lie_on_the_edge(square):
    found = edges(square, 1.5, torch.tensor([0.2]))
    assert found.unique().tolist() == [0, 1]
    row = across(found, CENTRE).nonzero()[:, 0].tolist()
    assert len(row) == 2 and abs(row[0] - 39.5) <= 1 and abs(row[1] - 87.5) <= 1
    assert across(found, 20).sum() == 0


def test_weak_edges_count_only_where_they_hang_on_to_strong_ones():
    """A step that is strong above and fades to weak below: it is followed down for as far as twelve pixels."""
    contrast = (1 - (torch.arange(128.0) - 40) / 50).clamp(0.4, 1)[:, None]
    picture, weak = torch.full((2, 1, 3, 128, 64), -0.5)
    picture[..., 32:] += contrast
    weak[..., 32:] += 0.4
    strength = torch.tensor([0.15])
    rows = edges(picture, 1.5, strength).amax(3)[0, 0].nonzero()[:, 0]
    assert rows.min() == 0 and 66 < rows.max() < 84
    assert edges(weak, 1.5, strength).sum() == 0 < edges(weak, 1.5, strength / 2).sum()


def test_dark_lines_are_found_and_light_ones_not():
    for tone, there in ((-0.8, True), (0.9, False)):
        picture = torch.full((1, 3, 64, 64), 0.2)
        picture[..., 31:33] = tone
        assert (dark_lines(picture, 1.0, torch.tensor([0.05]))[0, 0, 20:44, 31:33].mean() == 1) == there


def a_line() -> torch.Tensor:
    """(16, 1, 64, 256): but for its height, at the size that networks work at."""
    lines = torch.zeros(16, 1, 64, 256)
    lines[..., 32, 20:236] = 1
    return lines


def test_a_drawn_line_is_one_to_two_pixels_wide_and_soft(random):
    """At 256 px, where the pen's strokes will be."""
    lines = a_line()
    drawn = _as_drawn(random, lines)
    assert drawn.min() >= 0 and drawn.max() <= 1
    columns = drawn[..., 40:216]
    darkest = columns.amax(2, keepdim=True)
    wide = (columns >= 0.5 * darkest).float().sum(2).mean((1, 2))  # at half its height
    assert (wide >= 1).all() and (wide <= 3).all() and 1.2 < wide.mean() < 2.6
    assert ((columns > 0.05) & (columns < 0.9 * darkest)).any(2).float().mean() > 0.9, "with soft sides"
    assert darkest.mean((1, 2, 3)).min() > 0.35 and darkest.mean((1, 2, 3)).std() > 0.03, "pressed more or less"


def test_a_drawn_line_wobbles_but_stays_near_the_edge(random):
    lines = a_line()
    drawn = _as_drawn(random, lines)[..., 40:216]
    rows = torch.arange(64.0)[:, None]
    middle = (drawn * rows).sum(2) / drawn.sum(2)  # (16, 1, 176)
    assert (middle - 32).abs().max() < 6 and (middle - 32).abs().mean() < 1.5
    assert middle.std(2).max() > 0.5


def test_a_sketch_follows_the_pictures_edges(pictures, random):
    near = [edges(pictures, sigma, torch.full((4,), 0.015)) for sigma in (0.7, 1.06, 1.7)]
    near.append(dark_lines(pictures, 0.85, torch.full((4,), 0.03)))
    near = F.max_pool2d(torch.cat(near, 1).amax(1, keepdim=True), 5, 1, 2)
    assert near.mean() < 0.8
    for _ in range(4):
        strong = sketches(random, pictures, empty=0.0) > 0.4
        assert (strong * near).sum() > 0.95 * strong.sum()


def test_a_share_of_the_pictures_have_no_sketch_at_all_and_others_gaps(pictures, random):
    many = pictures[..., :48, :48].repeat(32, 1, 1, 1)
    drawn = sketches(random, many, empty=0.25).amax((1, 2, 3)) > 0.2
    assert 0.6 < drawn.float().mean() < 0.85
    assert sketches(random, many, empty=1.0).sum() == 0
    everything = sketches(random, many, empty=0.0)
    shares = everything.mean((1, 2, 3)).view(32, 4)
    assert (shares.amax(0) > 2 * shares.amin(0)).all(), "of the same picture more or less is drawn"


def test_the_same_chance_draws_the_same(pictures):
    one, two = (sketches(torch.Generator().manual_seed(9), pictures) for _ in range(2))
    assert torch.equal(one, two)


def test_colours_are_given_in_the_hole_alone_and_validity_is_yes_or_no(pictures, hole, random):
    for _ in range(4):
        colour, given = colours(random, pictures, hole)
        assert colour.shape == (4, 3, 128, 128) and given.shape == (4, 1, 128, 128)
        assert set(given.unique().tolist()) <= {0.0, 1.0}
        assert (given * (1 - hole)).sum() == 0 and (colour * (1 - given)).abs().sum() == 0
        assert colour.abs().max() <= 1


def test_a_share_has_no_colours_and_dabs_are_flat_and_of_what_is_there(pictures, hole, random):
    many, holes = (each[..., :64, :64].repeat(16, 1, 1, 1) for each in (pictures, hole))
    colour, given = colours(random, many, holes, empty=0.35)
    none = given.sum((1, 2, 3)) == 0
    assert 0.25 < none.float().mean() < 0.55
    assert colours(random, many, holes, empty=1.0)[1].sum() == 0
    whole = (given == holes).all(-1).all(-1).all(-1)
    assert 0.03 < whole.float().mean() < 0.35, "some have a smoothed picture instead"
    for index in (~none & ~whole).nonzero()[:, 0]:
        tints = colour[index][:, given[index, 0] > 0].T.unique(dim=0)
        assert len(tints) <= 6, "as many as there are dabs"
        away = (tints[:, None] - smoothed(many[index:index + 1])[0].flatten(1).T[None]).abs().amax(2).amin(1)
        assert (away < 0.16).all(), "each is a colour of the picture, nearly"


def test_black_is_not_the_same_as_none(hole, random):
    black = torch.full((4, 3, 128, 128), -1.0)
    colour, given = colours(random, black, hole, empty=0.0)
    none = guided_input(black, hole, torch.zeros_like(hole), colour * 0, given * 0, torch.zeros_like(hole))
    dabbed = guided_input(black, hole, torch.zeros_like(hole), colour, given, torch.zeros_like(hole))
    assert given.sum() > 0 and (dabbed[:, 8:9] * hole).sum() == given.sum()
    assert not torch.equal(none, dabbed) and dabbed[:, 5:8][given.expand(-1, 3, -1, -1) > 0].max() < -0.8
    assert none[:, 5:9].abs().sum() == 0


def test_the_generators_input_is_the_channels_in_their_order(pictures, hole):
    sketch, colour = torch.rand(4, 1, 128, 128), torch.rand(4, 3, 128, 128)
    given, noise = (torch.rand(4, 1, 128, 128) > 0.5).float(), torch.randn(4, 1, 128, 128)
    planes = guided_input(pictures, hole, sketch, colour, given, noise)
    assert planes.shape == (4, 10, 128, 128)
    assert torch.equal(planes[:, :3], pictures * (1 - hole)) and torch.equal(planes[:, 3:4], hole)
    assert torch.equal(planes[:, 4:5], sketch * hole) and torch.equal(planes[:, 5:8], colour * given * hole)
    assert torch.equal(planes[:, 8:9], given * hole) and torch.equal(planes[:, 9:], noise * hole)


def test_smoothing_keeps_colours_and_loses_detail(pictures):
    flat = torch.full((1, 3, 64, 64), 0.3)
    assert torch.allclose(smoothed(flat), flat)
    assert smoothed(pictures).shape == pictures.shape
    assert (smoothed(pictures).mean((2, 3)) - pictures.mean((2, 3))).abs().max() < 0.1
    assert smoothed(pictures).diff(dim=3).abs().mean() < 0.4 * pictures.diff(dim=3).abs().mean()


def test_blur_is_a_gaussian_and_grey_is_luma():
    point = torch.zeros(1, 1, 33, 33)
    point[..., 16, 16] = 1
    spread = blur(point, 2.0)[0, 0]
    at = torch.arange(33.0) - 16
    assert spread.sum() == pytest.approx(1, abs=1e-5)
    assert (spread.sum(0) * at.square()).sum() == pytest.approx(4.0, rel=0.05)
    assert grey(torch.tensor([1.0, 0.0, -1.0]).view(1, 3, 1, 1)).item() == pytest.approx(0.299 - 0.114)


def test_a_good_share_of_the_examples_has_no_hints(photographs):
    squares = torch.stack([torch.from_numpy(picture[:128, :128].copy()).permute(2, 0, 1)
                           for picture in photographs.values()])
    examples = scene(4, 1).examples(torch.Generator().manual_seed(2), Album(squares), 200, 64)
    bare = (examples["input"][:, 4:9].flatten(1) == 0).all(1).float().mean()
    assert BARE < bare < BARE + 0.25
