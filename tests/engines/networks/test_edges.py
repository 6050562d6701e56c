"""Edges: found in photographs, taken from the pen's lines, proposed, and drawn again as the pen would."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt
from skimage import data

from editor.engines.networks.edges import (
    borrowed_edges,
    canny,
    drawn_edges,
    grey_of,
    pen_lines,
    propose_edges,
    proposed_edges,
    traced,
    variation,
)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """(192, 192, 3) float32 0..1."""
    return cv2.resize(data.astronaut(), (192, 192), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


@pytest.fixture
def hole() -> np.ndarray:
    region = np.zeros((192, 192), bool)
    region[50:110, 60:120] = True
    return region


def share_near(edges: np.ndarray, others: np.ndarray, reach: float = 1.5) -> float:
    """How much of ``edges`` is no farther than that from ``others``."""
    return float((distance_transform_edt(~others)[edges] <= reach).mean())


def disc(size: int = 96, radius: int = 30) -> np.ndarray:
    picture = np.zeros((size, size), np.uint8)
    cv2.circle(picture, (size // 2, size // 2), radius, 255, -1)
    return picture.astype(np.float32) / 255


def test_the_edge_of_a_disc_is_a_circle():
    edges = canny(disc())
    y, x = np.nonzero(edges)
    assert len(y) > 150
    assert np.abs(np.hypot(y - 48, x - 48) - 30).max() < 1.5


def test_what_is_in_the_hole_makes_no_edges_nor_does_the_hole_itself(photo, hole):
    painted = photo.copy()
    painted[hole] = np.random.default_rng(1).random((hole.sum(), 3))

    edges = canny(grey_of(painted), hole)

    assert not edges[hole].any()
    np.testing.assert_array_equal(edges, canny(grey_of(photo), hole))
    flat = np.full((64, 64), 0.5, np.float32)
    flat[20:40, 20:40] = 1
    assert not canny(flat, flat > 0.9).any()


def test_stronger_thresholds_and_wider_blur_find_fewer_edges(photo):
    grey = grey_of(photo)
    usual = canny(grey).sum()
    assert canny(grey, strength=2).sum() < 0.8 * usual
    assert canny(grey, sigma=4).sum() < 0.8 * usual


@pytest.mark.parametrize(("size", "width"), [(96, 2), (96, 7), (1200, 1), (1200, 9)])
def test_a_drawn_line_is_an_edge_one_pixel_wide_whatever_the_sizes(size, width):
    sketch = np.zeros((size, size), np.uint8)
    cv2.line(sketch, (size // 8, size // 2), (size * 7 // 8, size // 2), 255, width, cv2.LINE_AA)

    edges = drawn_edges(sketch, (96, 96))

    y, x = np.nonzero(edges)
    assert np.abs(y - 48).max() <= 1
    assert (edges.sum(axis=0)[16:80] == 1).all(), "unbroken"
    assert 10 <= x.min() <= 15 and 81 <= x.max() <= 86


def test_no_line_is_no_edge():
    assert not drawn_edges(np.zeros((300, 200), np.uint8), (32, 24)).any()


def test_a_hole_takes_the_edges_of_another_picture(photo, hole):
    known, other = canny(grey_of(photo)), canny(disc(192, 60))

    edges = borrowed_edges(known, other, hole)

    np.testing.assert_array_equal(edges[hole], other[hole])
    np.testing.assert_array_equal(edges[~hole], known[~hole])


class Watched:
    """An edge generator that finds the same line always, and keeps what it was shown."""

    def __init__(self, column: int = 70):
        self.shown: list[tuple[np.ndarray, ...]] = []
        self._column = column

    def __call__(self, *planes: np.ndarray) -> np.ndarray:
        self.shown.append(planes)
        found = np.full(planes[0].shape, 0.1, np.float32)
        found[:, self._column] = 0.9
        return found


def test_a_proposal_is_for_the_hole_alone(photo, hole):
    found, = propose_edges(Watched(), photo, hole)
    assert found.dtype == np.float32
    assert not found[~hole].any()
    np.testing.assert_allclose(found[hole].max(), 0.9)


def test_seed_nought_shows_the_photo_as_it_is(photo, hole):
    network = Watched()
    next(propose_edges(network, photo, hole))

    grey, edges, shown_hole, lines = network.shown[0]

    np.testing.assert_allclose(grey, grey_of(photo), atol=1e-6)
    np.testing.assert_array_equal(edges > 0, canny(grey_of(photo), hole))
    np.testing.assert_array_equal(shown_hole > 0, hole)
    assert not lines.any()
    assert all(plane.dtype == np.float32 and plane.flags.c_contiguous for plane in network.shown[0])


def test_every_seed_shows_the_network_something_else_and_the_same_again(photo, hole):
    first, second = Watched(), Watched()
    seeds = (0, 1, 2, 3, 4)
    assert len(list(propose_edges(first, photo, hole, seeds=seeds))) == len(seeds)
    list(propose_edges(second, photo, hole, seeds=seeds))

    for one, two in zip(first.shown, second.shown, strict=True):
        for plane, again in zip(one, two, strict=True):
            np.testing.assert_array_equal(plane, again)
    for one in range(len(seeds)):
        for two in range(one):
            assert (first.shown[one][1] != first.shown[two][1]).mean() > 0.01


def test_a_mirrored_look_is_turned_back(photo, hole):
    seed = next(seed for seed in range(1, 50) if variation(seed).mirrored)
    network = Watched(column=70)
    hole[:] = False
    hole[50:110, 90:150] = True

    found, = propose_edges(network, photo, hole, seeds=(seed,))

    assert (network.shown[0][2][:, ::-1] > 0).tolist() == hole.tolist()
    assert (found[60] > 0.5).nonzero()[0].tolist() == [192 - 1 - 70]


def test_only_edges_near_the_hole_are_left_out(photo, hole):
    seed = max(range(1, 50), key=lambda seed: variation(seed).dropped)
    network, how = Watched(), variation(seed)
    list(propose_edges(network, photo, hole, seeds=(seed,)))
    edges = network.shown[0][1] > 0
    edges = edges[:, ::-1] if how.mirrored else edges
    all_edges = canny(grey_of(photo), hole, how.sigma, how.strength)

    gone = all_edges & ~edges

    assert not (edges & ~all_edges).any()
    assert gone.any()
    assert distance_transform_edt(~hole)[gone].max() < 24


def test_a_proposal_carries_on_the_users_lines_and_does_not_double_them(photo, hole):
    lines = np.zeros_like(hole)
    lines[40:80, 69] = True  # beside what the network finds, and begun outside
    network = Watched(column=70)

    found, = propose_edges(network, photo, hole, lines)

    np.testing.assert_array_equal(network.shown[0][3] > 0, lines & hole)
    assert not found[50:80, 67:72].any()
    assert (found[90:110, 70] > 0.5).all()


def test_proposed_edges_are_thin_and_what_is_faint_counts_only_where_it_hangs_on():
    probability = np.zeros((40, 40), np.float32)
    probability[9:14, 5:20] = 0.8
    probability[9:14, 20:35] = 0.3
    probability[28:32, 5:35] = 0.3

    edges = proposed_edges(probability)

    assert (edges[:20].sum(axis=0)[8:32] == 1).all()
    assert not edges[20:].any()


def test_edges_become_smooth_lines_of_the_pen_and_back(photo):
    edges = canny(grey_of(photo))
    scale = 8.0
    matrix = np.array([[scale, 0, 0], [0, scale, 0]])

    lines = pen_lines(edges, (1536, 1536), matrix, width=3)

    assert lines.dtype == np.uint8 and lines.max() == 255
    assert 0.05 < ((lines > 0) & (lines < 255)).sum() / (lines == 255).sum() < 4, "anti-aliased"
    again = drawn_edges(lines, (192, 192))
    assert share_near(again, edges) > 0.97
    assert share_near(edges, again, 2.5) > 0.9


@pytest.mark.parametrize("width", [1, 2, 3, 8])
def test_a_pen_line_has_its_width_and_its_place(width):
    edges = np.zeros((40, 40), bool)
    edges[10, 5:35] = True

    lines = pen_lines(edges, (400, 300), np.array([[5.0, 0, 20], [0, 5.0, 30]]), width)

    y, x = np.nonzero(lines > 120)
    assert abs(y.mean() - (30 + 10.5 * 5 - 0.5)) < 0.6
    assert lines[:, 100].sum() / 255 == pytest.approx(width, abs=0.05)
    reach = 1 + width / 2  # of its round ends
    assert abs(x.min() - (20 + 5.5 * 5)) < reach and abs(x.max() - (20 + 34.5 * 5)) < reach


def test_a_pen_line_runs_smoothly_over_a_slope():
    edges = np.zeros((64, 64), bool)
    for x in range(8, 56):
        edges[16 + x // 3, x] = True

    lines = pen_lines(edges, (1024, 1024), np.array([[16.0, 0, 0], [0, 16.0, 0]]), width=2)

    y, x = np.nonzero(lines > 127)
    slope, start = np.polyfit(x, y, 1)
    assert slope == pytest.approx(1 / 3, abs=0.02)
    assert np.abs(y - slope * x - start).max() < 9, "a step of the edges' pixels is 16 high"


def test_specks_are_not_drawn():
    edges = np.zeros((20, 20), bool)
    edges[5, 5:8] = True
    assert not pen_lines(edges, (40, 40), np.array([[2.0, 0, 0], [0, 2.0, 0]])).any()


def test_lines_are_traced_from_end_to_end_and_branches_hang_on():
    edges = np.zeros((20, 20), bool)
    edges[10, 2:18] = True
    edges[3:10, 9] = True

    lines = traced(edges)

    assert sum(len(line) for line in lines) >= edges.sum()
    assert {(x, y) for line in lines for x, y in line} == {(x, y) for y, x in np.argwhere(edges)}
    assert all(np.abs(np.diff(line, axis=0)).max() == 1 for line in lines)
    branch = min(lines, key=len)
    assert any((branch[end] == place).all() for end in (0, -1) for line in lines if line is not branch
               for place in line)


def test_a_ring_is_one_closed_line():
    edges = canny(disc())
    from skimage.morphology import skeletonize

    line, = traced(skeletonize(edges))

    assert tuple(line[0]) == tuple(line[-1])
