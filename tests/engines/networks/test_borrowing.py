"""Edges of another picture as lines over a hole."""

import cv2
import numpy as np
import pytest

from editor.engines.networks.borrowing import borrowed_lines, lies_like
from editor.raster.surface import Box

PHOTO = (900, 1200)


def disc(shape: tuple[int, int]) -> np.ndarray:
    """A bright disc in the middle of a picture, a quarter of its height in radius."""
    height, width = shape
    picture = np.full((*shape, 3), 60, np.uint8)
    return cv2.circle(picture, (width // 2, height // 2), height // 4, (220, 200, 180), -1)


def off_the_circle(lines: np.ndarray, centre: tuple[float, float], radius: float) -> np.ndarray:
    rows, columns = np.nonzero(lines > 127)
    assert rows.size
    return np.abs(np.hypot(rows + 0.5 - centre[0], columns + 0.5 - centre[1]) - radius)


@pytest.mark.parametrize("shape", [(900, 1200), (450, 600), (2700, 3600)])
def test_a_picture_over_the_whole_photo_has_its_edges_where_they_are(shape):
    box = Box(200, 350, 700, 850)
    lines = borrowed_lines(disc(shape), PHOTO, box, True, 2.0, 2)
    assert lines.shape == (500, 500) and lines.dtype == np.uint8
    off = off_the_circle(lines, (250, 250), 225)
    assert off.max() < 6 and np.median(off) < 3
    angles = np.degrees(np.arctan2(*(np.argwhere(lines > 127) - 250).T))
    assert len(np.unique(np.round(angles / 10))) >= 36, "all the way round"


def test_a_picture_over_the_mask_covers_it_with_its_proportions():
    box = Box(100, 100, 300, 200)
    lines = borrowed_lines(disc((400, 400)), PHOTO, box, False, 2.0, 2)
    assert off_the_circle(lines, (100, 50), 50).max() < 4, "as high as the mask, a disc still"


def test_more_smoothing_leaves_fewer_lines():
    noise = np.random.default_rng(3).integers(0, 255, (60, 60, 3), np.uint8)
    picture = cv2.resize(noise, (600, 600), interpolation=cv2.INTER_CUBIC)
    amounts = [int((borrowed_lines(picture, PHOTO, Box(0, 0, 250, 250), False, sigma, 2) > 0).sum())
               for sigma in (1.0, 3.0, 6.0)]
    assert amounts[0] > amounts[1] > amounts[2]


def test_the_border_of_the_picture_is_no_edge():
    bright = np.full((300, 400, 3), 250, np.uint8)
    assert not borrowed_lines(bright, PHOTO, Box(0, 0, 900, 400), True, 2.0, 2).any()
    assert not borrowed_lines(bright, PHOTO, Box(0, 0, 100, 400), False, 2.0, 2).any()


def test_pictures_with_the_photos_proportions_are_taken_for_another_take_of_it():
    assert lies_like((450, 600), PHOTO) and lies_like((898, 1200), PHOTO)
    assert not lies_like((1200, 900), PHOTO) and not lies_like((600, 600), PHOTO)
