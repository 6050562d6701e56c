"""Levels and curves: exact at 16 bits, at any depth, and no other than the books say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from editor.raster.adjustments import Band, Curve, Curves, Levels, adjusted, apply, table

_EVERY = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
_shares = st.floats(0, 1)


def _levels(value: float, band: Band) -> float:
    """One value by the definition of levels, in Python's own numbers."""
    inside = min(max((value - band.black) / (band.white - band.black), 0), 1)
    return band.low + (band.high - band.low) * inside ** (1 / band.gamma)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("adjustment", [Levels(), Curves()])
def test_one_that_does_nothing_changes_no_bit(adjustment, channels, dtype):
    pixels = np.random.default_rng(4).integers(0, np.iinfo(dtype).max, (31, 47, channels), dtype, endpoint=True)
    assert np.array_equal(apply(adjustment, pixels), pixels) and apply(adjustment, pixels).dtype == dtype


def test_each_of_the_65536_values_is_mapped_as_levels_are_defined():
    band = Band(black=0.1, white=0.83, gamma=1.37, low=0.05, high=0.9)
    got = apply(Levels(band), _EVERY)[..., 0].ravel()
    expected = [round(_levels(v / 65535, band) * 65535) for v in range(65536)]
    assert np.array_equal(got, expected)


@settings(max_examples=60, deadline=None)
@given(st.builds(Band, st.floats(0, 0.4), st.floats(0.5, 1), st.floats(0.1, 10), _shares, _shares),
       st.builds(Band, st.floats(0, 0.4), st.floats(0.5, 1), st.floats(0.1, 10), _shares, _shares),
       st.integers(0, 255))
def test_a_channels_own_levels_come_before_those_of_all(master, green, value):
    pixel = apply(Levels(master, green=green), np.full((1, 1, 3), value, np.uint8))[0, 0]
    assert abs(pixel[1] - 255 * _levels(_levels(value / 255, green), master)) < 0.503
    assert abs(pixel[0] - 255 * _levels(value / 255, master)) < 0.503


def test_grey_pixels_know_only_the_levels_of_all():
    adjustment = Levels(Band(gamma=2), red=Band(high=0))
    assert np.array_equal(apply(adjustment, _EVERY), apply(Levels(Band(gamma=2)), _EVERY))


def test_alpha_stays_as_it_is():
    pixels = np.random.default_rng(4).integers(0, 65535, (9, 9, 4), np.uint16)
    assert np.array_equal(apply(Levels(Band(high=0)), pixels), np.dstack([np.zeros((9, 9, 3), int), pixels[..., 3]]))


def test_shares_that_no_depth_has_are_looked_up_as_16_bits():
    adjustment = Levels(Band(black=0.2))
    pixels = np.array([[[0.2 + 1e-6], [0.6]]], np.float32)
    assert np.abs(adjusted(adjustment, pixels).ravel() - [0, 0.5]).max() < 2e-5
    exact = _EVERY / np.float32(65535)
    assert np.array_equal(adjusted(adjustment, exact.astype(np.float32)), adjusted(adjustment, _EVERY))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=9, unique=True), st.data())
def test_a_curve_is_the_monotone_interpolation_that_scipy_knows(across, data):
    across = np.sort(across) / 1000
    up = np.array(data.draw(st.lists(_shares, min_size=len(across), max_size=len(across))))
    inside = np.linspace(across[0], across[-1], 500)
    curve = Curve(tuple(zip(across.tolist(), up.tolist(), strict=True)))
    assert np.abs(curve(inside) - PchipInterpolator(across, up)(inside)).max() < 1e-9
    assert curve(np.array([0.0]))[0] == pytest.approx(up[0]) and curve(np.array([1.0]))[0] == pytest.approx(up[-1])


def test_a_curve_goes_through_its_points_at_16_bits():
    points = ((0.0, 0.1), (20000 / 65535, 30000 / 65535), (1.0, 0.8))
    got = table(Curves(Curve(points)), 1)[[0, 20000, 65535], 0] * 65535
    assert np.rint(got).tolist() == [round(0.1 * 65535), 30000, 52428]


@pytest.mark.parametrize("wrong", [
    {"black": 0.5, "white": 0.5}, {"black": -0.1}, {"white": 1.1}, {"gamma": 0}, {"gamma": float("nan")}, {"low": 2}])
def test_levels_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="no such levels"):
        Band(**wrong)


@pytest.mark.parametrize("wrong", [((0, 0),), ((0.5, 0), (0.5, 1)), ((1, 0), (0, 1)), ((0, 0), (1, 1.01))])
def test_curves_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="no such curve"):
        Curve(wrong)
