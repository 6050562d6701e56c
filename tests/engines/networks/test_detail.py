"""Detail for a fill that is larger than the network's working size."""

import cv2
import numpy as np
import pytest

from editor.engines.contract import Cancelled
from editor.engines.networks.detail import add_detail
from editor.engines.networks.matching import matched
from editor.engines.pyramid import enlarged
from editor.raster.surface import Box


@pytest.fixture(scope="module")
def grass() -> np.ndarray:
    """A photograph of one texture, (512, 512, 3) uint8."""
    from skimage import data

    return np.repeat(data.grass()[..., None], 3, axis=2)


def disc(shape: tuple[int, int], radius: int) -> np.ndarray:
    return cv2.circle(np.zeros(shape, np.uint8), (shape[1] // 2, shape[0] // 2), radius, 255, -1) > 0


def reduced(photo: np.ndarray, hole: np.ndarray, times: int) -> tuple[np.ndarray, np.ndarray]:
    """The whole photo at a network's size, and what of it may be copied from."""
    size = (photo.shape[1] // times, photo.shape[0] // times)
    small = cv2.resize(photo.astype(np.float32) / 255, size, interpolation=cv2.INTER_AREA)
    return small, cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) == 0


def sharpness(picture: np.ndarray, hole: np.ndarray) -> float:
    inside = cv2.erode(hole.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    return float(cv2.Laplacian(picture.mean(axis=2, dtype=np.float32), cv2.CV_32F)[inside].std())


@pytest.mark.parametrize("times, blur", [(2, 0), (4, 0), (4, 1.0)])
def test_a_fill_is_as_sharp_as_what_lies_round_it(grass, times, blur):
    hole = disc(grass.shape[:2], 110)
    small, sources = reduced(grass, hole, times)
    if blur:  # what networks make is softer than a photo reduced
        small[~sources] = cv2.GaussianBlur(small, (0, 0), blur)[~sources]
    photo = grass.copy()
    photo[hole] = 0
    photo[hole] = np.rint(255 * np.clip(add_detail(photo, hole, small, sources, 0), 0, 1))
    base = 255 * enlarged(small, hole.shape, Box(0, 0, *hole.shape))
    assert sharpness(base, hole) < 0.5 * sharpness(grass, hole)
    assert 0.75 < sharpness(photo, hole) / sharpness(grass, hole) < 1.25
    assert np.abs(photo.astype(float) - base)[hole].mean() < 30  # it is still the network's picture


def test_detail_comes_from_its_own_kind():
    """Left of the edge lies coarse noise, right of it a smooth ground: so it is in the hole across it."""
    random = np.random.default_rng(1)
    photo = np.full((600, 600, 3), 200, np.uint8)
    photo[:, :300] = np.clip(random.normal(90, 25, (600, 300, 1)), 0, 255)
    hole = disc((600, 600), 120)
    small, sources = reduced(photo, hole, 4)
    small[~sources] = cv2.GaussianBlur(small, (0, 0), 1.0)[~sources]
    out = photo.copy()
    out[hole] = np.rint(255 * np.clip(add_detail(photo, hole, small, sources, 0), 0, 1))
    assert out[220:380, 220:280].std() > 15 and out[220:380, 320:380].std() < 4


def test_what_has_no_like_in_the_surroundings_gets_no_foreign_detail():
    random = np.random.default_rng(1)
    photo = np.clip(random.normal((90, 60, 40), 25, (600, 600, 3)), 0, 255).astype(np.uint8)
    hole = disc((600, 600), 120)
    small, sources = reduced(photo, hole, 4)
    small[~sources] = (0.3, 0.8, 0.95)
    out = photo.copy()
    out[hole] = np.rint(255 * np.clip(add_detail(photo, hole, small, sources, 0), 0, 1))
    assert out[260:340, 260:340].std(axis=(0, 1)).max() < 3


def test_the_same_seed_gives_the_same_detail_and_the_hole_is_never_copied_from(grass):
    hole = disc(grass.shape[:2], 90)
    small, sources = reduced(grass, hole, 4)
    other = grass.copy()
    other[hole] = 255
    one, two = (add_detail(photo, hole, small, sources, 3) for photo in (grass, other))
    assert np.array_equal(one, two)


def test_depths_differ_by_rounding_alone(grass):
    hole = disc(grass.shape[:2], 60)
    small, sources = reduced(grass, hole, 4)
    deep = add_detail(grass.astype(np.uint16) * 257, hole, small, sources, 0)
    assert np.allclose(add_detail(grass, hole, small, sources, 0), deep, atol=1e-5)


@pytest.mark.parametrize("shape, times", [((40, 40), 4), ((9, 300), 3), ((64, 64), 64)])
def test_where_there_is_nothing_to_copy_from_the_network_s_picture_stands(shape, times):
    photo = np.full((*shape, 3), 100, np.uint8)
    hole = np.ones(shape, bool)
    hole[0] = False
    small = np.full((max(1, shape[0] // times), max(1, shape[1] // times), 3), 0.4, np.float32)
    values = add_detail(photo, hole, small, np.zeros(small.shape[:2], bool), 0)
    assert values.shape == (hole.sum(), 3) and np.allclose(values, 0.4, atol=1e-4)


def test_a_cancel_is_heard(grass):
    def step(fraction: float) -> None:
        if fraction > 0.3:
            raise Cancelled

    hole = disc(grass.shape[:2], 60)
    with pytest.raises(Cancelled):
        add_detail(grass, hole, *reduced(grass, hole, 4), 0, step)


def test_a_tint_of_the_network_is_taken_off():
    known = np.full((128, 128, 3), 0.5, np.float32)
    hole = disc((128, 128), 40)
    picture = known + np.float32((0.04, 0.0, -0.03))
    assert np.abs(matched(picture, known, hole) - known)[hole].max() < 0.003


def test_one_side_of_a_large_hole_does_not_tint_the_other():
    known = np.full((256, 256, 3), 0.5, np.float32)
    picture = known.copy()
    picture[:, :60] += 0.05  # off at the left edge of the hole alone
    hole = np.zeros((256, 256), bool)
    hole[48:208, 48:208] = True
    out = matched(picture, known, hole)
    assert np.abs(out - picture)[hole & (np.indices(hole.shape)[1] > 120)].max() < 0.01
    assert np.abs(out[128, 49] - 0.5).max() < 0.015


def test_an_edge_that_the_network_has_moved_is_no_tint():
    known = np.full((128, 128, 3), 0.2, np.float32)
    known[64:] = 0.8
    picture = np.full_like(known, 0.2)
    picture[61:] = 0.8
    hole = np.zeros((128, 128), bool)
    hole[40:90, 40:90] = True
    assert np.abs(matched(picture, known, hole) - picture)[hole].max() < 0.09  # of a difference of 0.6
