"""Pixels alike, and pixels of chosen colours."""

import numpy as np
import pytest
from scipy import ndimage

from editor.raster.selection import similar
from editor.raster.selection.similar import ColourRange, colour_range, laid_on, wand
from editor.raster.surface import Box, Surface


def snake(shape: tuple[int, int] = (500, 700)) -> np.ndarray:
    """A winding path of one grey on another, with a patch of the path's grey apart from it."""
    pixels = np.full((*shape, 1), 60, np.uint8)
    for index, left in enumerate(range(40, 600, 80)):
        pixels[20:480, left:left + 20] = 150
        row = 20 if index % 2 else 460
        pixels[row:row + 20, left:left + 80] = 150
    pixels[:, 600:] = 60
    pixels[200:260, 640:690] = 150
    return pixels


def whole(found: tuple[np.ndarray, Box], shape: tuple[int, int]) -> np.ndarray:
    surface = laid_on(*found, shape)
    return surface.read(surface.bounds)[..., 0]


@pytest.mark.parametrize("first", [16, 100, 4096])
def test_the_window_that_is_searched_grows_as_far_as_needed_and_no_farther(monkeypatch, first):
    monkeypatch.setattr(similar, "_FIRST", first)
    pixels = snake()
    read = Surface.from_array(pixels).read
    found = wand(read, pixels.shape[:2], (30, 45), 10, smooth=False)
    labels, _ = ndimage.label(pixels[..., 0] == 150)
    expected = 255 * (labels == labels[30, 45])
    assert (whole(found, pixels.shape[:2]) == expected).all() and expected[200, 650] == 0
    small = wand(read, pixels.shape[:2], (230, 660), 10, smooth=False)
    assert whole(small, pixels.shape[:2]).sum() == 255 * 60 * 50
    if first == 16:
        assert small[1].width < 300, "the rest of the photograph was not looked at"


def test_pixels_hang_together_over_sides_not_corners():
    pixels = np.zeros((6, 6, 3), np.uint8)
    pixels[2, 2] = pixels[3, 3] = 200
    found = wand(Surface.from_array(pixels).read, (6, 6), (2, 2), 5, smooth=False)
    assert whole(found, (6, 6)).sum() == 255


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_tolerance_holds_for_every_channel_and_ends_at_the_range(dtype):
    worth = 257 if dtype == np.uint16 else 1
    pixels = (np.array([[[250, 3, 100], [255, 0, 105], [250, 3, 106], [244, 3, 100]]]) * worth).astype(dtype)
    found = wand(Surface.from_array(pixels).read, (1, 4), (0, 0), 5, contiguous=False, smooth=False)
    assert found[0].tolist() == [[255, 255, 0, 0]]


def test_a_search_can_be_cancelled():
    class Stop(Exception):
        pass

    def progress(fraction, words):
        raise Stop

    pixels = snake()
    with pytest.raises(Stop):
        wand(Surface.from_array(pixels).read, pixels.shape[:2], (30, 45), 10, progress=progress)
    with pytest.raises(Stop):
        colour_range(lambda box: np.zeros((box.height, box.width, 3), np.uint8), (10, 10), ColourRange(((0, 0, 0),)),
                     progress)


def test_a_colour_range_is_the_nearest_of_its_colours_in_cielab():
    from skimage.color import deltaE_cie76, rgb2lab

    pixels = np.random.default_rng(4).integers(0, 256, (700, 40, 3)).astype(np.uint8)
    colours = ((200, 60, 50), (30, 90, 180), (240, 240, 230))
    wanted = ColourRange(colours, 25, 30)
    away = np.min([deltaE_cie76(rgb2lab(pixels), rgb2lab(np.uint8([[colour]]))) for colour in colours], axis=0)
    expected = np.clip(1 - (away - 25) / 30, 0, 1) * 255
    found = colour_range(Surface.from_array(pixels).read, pixels.shape[:2], wanted)
    assert np.abs(found - expected).max() < 12, "in steps of eight bits"
    assert np.abs(found - expected).mean() < 2


def test_no_colours_select_nothing_and_no_softness_is_a_hard_edge():
    pixels = np.zeros((4, 256, 3), np.uint8)
    pixels[:] = np.arange(256)[None, :, None]
    assert not ColourRange(()).coverage(pixels).any()
    assert set(np.unique(ColourRange(((128, 128, 128),), 10, 0).coverage(pixels))) == {0, 255}
