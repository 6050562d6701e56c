"""Edges and colours of a picture as lines and strokes over a hole."""

import cv2
import numpy as np
import pytest

from editor.engines.networks.borrowing import Pen, colours_of, lies_like, lines_of, scene_of
from editor.raster.frame import Frame
from editor.raster.placement import Placement, covering
from editor.raster.surface import Box

PHOTO = (900, 1200)
WHOLE = Box(0, 0, *PHOTO)


def disc(shape: tuple[int, int]) -> np.ndarray:
    """A bright disc in the middle of a picture, a quarter of its height in radius."""
    height, width = shape
    picture = np.full((*shape, 3), 60, np.uint8)
    return cv2.circle(picture, (width // 2, height // 2), height // 4, (220, 200, 180), -1)


def lines(picture: np.ndarray, over: Box, box: Box, pen: Pen = Pen()) -> np.ndarray:  # noqa: B008
    return lines_of(picture, covering(picture.shape[:2], over).matrix(), scene_of(box), pen)


def off_the_circle(drawn: np.ndarray, centre: tuple[float, float], radius: float) -> np.ndarray:
    rows, columns = np.nonzero(drawn > 127)
    assert rows.size
    return np.abs(np.hypot(rows + 0.5 - centre[0], columns + 0.5 - centre[1]) - radius)


@pytest.mark.parametrize("shape", [(900, 1200), (450, 600), (2700, 3600)])
def test_a_picture_over_the_whole_photo_has_its_edges_where_they_are(shape):
    drawn = lines(disc(shape), WHOLE, Box(200, 350, 700, 850))
    assert drawn.shape == (500, 500) and drawn.dtype == np.uint8
    off = off_the_circle(drawn, (250, 250), 225)
    assert off.max() < 6 and np.median(off) < 3
    angles = np.degrees(np.arctan2(*(np.argwhere(drawn > 127) - 250).T))
    assert len(np.unique(np.round(angles / 10))) >= 36, "all the way round"


def test_a_picture_over_the_mask_covers_it_with_its_proportions():
    box = Box(100, 100, 300, 200)
    drawn = lines(disc((400, 400)), box, box)
    assert off_the_circle(drawn, (100, 50), 50).max() < 4, "as high as the mask, a disc still"


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, -140.0])
def test_a_picture_may_be_turned_and_scaled(angle):
    picture = np.full((400, 600, 3), 40, np.uint8)
    picture[100:300, 400:402] = 250  # an upright line right of the middle
    placed = Placement((400, 600), (450.0, 600.0), 1.5, angle)
    drawn = lines_of(picture, placed.matrix(), scene_of(WHOLE), Pen(sigma=1.0))
    way = np.radians(angle)
    middle = 600 + 150 * np.cos(way), 450 + 150 * np.sin(way)
    rows, columns = np.nonzero(drawn > 127)
    assert np.hypot(columns.mean() - middle[0], rows.mean() - middle[1]) < 8
    across = (columns - middle[0]) * np.cos(way) + (rows - middle[1]) * np.sin(way)
    assert np.abs(across).max() < 20 and np.ptp((rows - middle[1]) * np.cos(way) - (columns - middle[0]) * np.sin(way)
                                                ) > 250


def test_more_smoothing_or_a_higher_threshold_leaves_fewer_lines():
    noise = np.random.default_rng(3).integers(0, 255, (60, 60, 3), np.uint8)
    picture = cv2.resize(noise, (600, 600), interpolation=cv2.INTER_CUBIC)
    box = Box(0, 0, 250, 250)

    def amounts(*pens: Pen) -> list[int]:
        return [int((lines(picture, box, box, pen) > 0).sum()) for pen in pens]

    smooth = amounts(*(Pen(sigma=sigma) for sigma in (1.0, 3.0, 6.0)))
    assert smooth[0] > smooth[1] > smooth[2]
    strong = amounts(*(Pen(strength=strength) for strength in (0.5, 2.0, 4.0)))
    assert strong[0] > strong[1] > strong[2]


def test_lines_are_as_wide_as_the_pen_draws():
    box = Box(0, 0, 400, 400)
    picture = np.full((400, 400, 3), 30, np.uint8)
    picture[:, 200:] = 220
    for width in (2, 6):
        row = lines(picture, box, box, Pen(width=width))[200]
        assert abs(row.sum() / 255 - width) < 1


def test_what_the_networks_see_is_what_counts():
    """A texture of single pixels is nothing to a network that sees the hole reduced by eight."""
    fine = np.random.default_rng(1).integers(0, 255, (2048, 2048, 3), np.uint8)
    box = Box(0, 0, 2048, 2048)
    assert not lines(fine, box, box).any()
    assert scene_of(box).reduction == 1 / 8 and scene_of(Box(0, 0, 90, 80)).reduction == 1
    assert scene_of(box, hole=False).reduction == 1 / 4, "a hole in it is smaller"
    assert scene_of(Box(0, 0, 90, 80), frame=Frame((40, 40), 512.0)).reduction == 1 / 2, "the face as a whole"


def test_the_border_of_the_picture_is_no_edge():
    bright = np.full((300, 400, 3), 250, np.uint8)
    assert not lines(bright, WHOLE, Box(0, 0, 900, 400)).any()
    half = covering((300, 400), Box(0, 0, 450, 600)).matrix()
    assert not lines_of(bright, half, scene_of(WHOLE), Pen()).any()


def test_colours_lose_their_detail_and_end_with_the_picture():
    picture = np.full((400, 400, 3), (200, 40, 40), np.uint8)
    picture[:, 200:] = 40, 60, 220
    picture[::7, ::5] = 255  # specks
    box = Box(100, 100, 500, 700)
    colours = colours_of(picture, covering((400, 400), Box(100, 100, 500, 500)).matrix(), scene_of(box))
    assert colours.shape == (400, 600, 4)
    assert np.abs(colours[50:350, 20:150, :3].astype(int) - (200, 40, 40)).max() < 30
    assert np.abs(colours[50:350, 250:380, :3].astype(int) - (40, 60, 220)).max() < 30
    assert (colours[50:350, 20:380, 3] == 255).all() and not colours[:, 420:, 3].any()


def test_pictures_with_the_photos_proportions_are_taken_for_another_take_of_it():
    assert lies_like((450, 600), PHOTO) and lies_like((898, 1200), PHOTO)
    assert not lies_like((1200, 900), PHOTO) and not lies_like((600, 600), PHOTO)
