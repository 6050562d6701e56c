"""The colours that stand for a picture."""

import numpy as np
import pytest

from editor.raster.palettes import main_colours


def _near(colours: list[tuple[int, int, int]], wanted: tuple[int, int, int], by: int = 6) -> bool:
    return any(np.abs(np.subtract(colour, wanted)).max() <= by for colour in colours)


def test_a_few_flat_colours_are_found_exactly_dark_to_light():
    wanted = [(10, 12, 20), (150, 20, 30), (40, 120, 200), (240, 230, 210)]
    pixels = np.repeat(np.array(wanted, np.uint8), [500, 20, 900, 60], axis=0)
    np.random.default_rng(0).shuffle(pixels)
    assert main_colours(pixels, 12) == wanted


def test_a_small_accent_is_not_lost_among_many_shades():
    rng = np.random.default_rng(1)
    wall = rng.normal((150, 140, 120), 9, (8000, 3))
    lips = rng.normal((190, 30, 50), 3, (60, 3))
    colours = main_colours(np.clip(np.concatenate([wall, lips]), 0, 255).astype(np.uint8), 6)
    assert _near(colours, (150, 140, 120), 15) and _near(colours, (190, 30, 50), 15)


@pytest.mark.parametrize("count", [1, 5, 12])
def test_there_are_no_more_than_wanted_and_all_differ(count):
    pixels = np.random.default_rng(2).integers(0, 256, (3000, 3)).astype(np.uint8)
    colours = main_colours(pixels, count)
    assert len(colours) == count == len(set(colours))
    assert colours == main_colours(pixels, count), "the same for the same picture"


@pytest.mark.parametrize(("pixels", "colours"), [
    (np.zeros((0, 3), np.uint8), []), (np.full((1, 3), 9, np.uint8), [(9, 9, 9)]),
    (np.full((400, 3), 77, np.uint8), [(77, 77, 77)])])
def test_a_picture_of_nothing_of_one_pixel_and_of_one_colour(pixels, colours):
    assert main_colours(pixels, 12) == colours


def test_a_real_photograph_has_the_colours_one_would_name():
    from skimage import data

    colours = main_colours(data.astronaut()[::6, ::6].reshape(-1, 3), 12)
    assert _near(colours, (225, 110, 70), 45), "the orange suit"
    assert any(blue > red + 20 for red, _, blue in colours), "the flag's blue"
    assert max(map(min, colours)) > 220 and min(map(max, colours)) < 25
