"""Points that should be black, white or grey become so; histograms count."""

import numpy as np
import pytest

from editor.raster.adjustments import Band, Levels, adjusted
from editor.raster.tone_points import histogram, with_black, with_grey, with_white


def _after(levels: Levels, colour: list[float]) -> np.ndarray:
    return adjusted(levels, np.array([[colour]], np.float32))[0, 0]


_EARLIER = Levels(red=Band(0.05, 0.9, 1.2), blue=Band(gamma=0.8))


@pytest.mark.parametrize("levels", [Levels(), _EARLIER])
def test_the_point_that_should_be_black_or_white_is(levels):
    dark, light = [0.2, 0.15, 0.1], [0.85, 0.9, 0.7]
    both = with_white(with_black(levels, np.array(dark)), np.array(light))
    assert np.abs(_after(both, dark)).max() < 1e-4 and np.abs(_after(both, light) - 1).max() < 1e-4


@pytest.mark.parametrize("levels", [Levels(), _EARLIER, Levels(red=Band(high=0.9), master=Band(gamma=1.3))])
def test_the_point_that_should_be_grey_is_neutral_and_as_light_as_it_was(levels):
    point = [0.55, 0.45, 0.35]
    grey = _after(with_grey(levels, np.array(point)), point)
    assert np.ptp(grey) < 1e-3
    without_master = Levels(red=levels.red, green=levels.green, blue=levels.blue)
    lightness = _after(with_grey(without_master, np.array(point)), point)[0]
    assert lightness == pytest.approx(_after(without_master, point) @ [0.299, 0.587, 0.114], abs=1e-3)


def test_what_is_black_white_or_grey_already_says_nothing_of_a_cast():
    assert with_grey(Levels(), np.array([0.0, 0.5, 0.5])) is None
    assert with_grey(Levels(), np.array([0.5, 0.5, 1.0])) is None
    assert with_grey(Levels(), np.array([0.5])) is None


def test_black_and_white_never_meet():
    assert with_black(Levels(), np.array([1.0])).master.black < 1
    assert with_white(Levels(), np.array([0.0])).master.white > 0


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_histogram_counts_what_is_seen(dtype, channels):
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, np.iinfo(dtype).max, (40, 50, channels), dtype, endpoint=True)
    seen = np.ones((40, 50), bool)
    if channels in (2, 4):
        pixels[:10, :, -1], pixels[10:, :, -1] = 0, np.iinfo(dtype).max
        seen[:10] = False
    found = histogram(pixels)
    assert found.shape == (1 if channels < 3 else 3, 256)
    for channel, counts in enumerate(found):
        values = pixels[..., channel][seen].astype(int) * 256 // (np.iinfo(dtype).max + 1)
        assert np.array_equal(counts, np.bincount(values, minlength=256))
