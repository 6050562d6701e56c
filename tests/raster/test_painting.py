"""What coverage does to pixels, against 64-bit arithmetic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.raster.brush import FULL
from editor.raster.painting import add_coverage, fade, paint_colour, paint_pixels

_shapes = st.tuples(st.sampled_from([1, 2, 4, 31, 32, 33, 70]), st.sampled_from([1, 2, 4, 33]))
_dtypes = st.sampled_from([np.uint8, np.uint16])
_opacities = st.sampled_from([1.0, 0.5, 0.013])


def _pixels(seed: int, shape: tuple[int, int], channels: int, dtype: type) -> tuple[np.ndarray, np.ndarray]:
    """Pixels with all alphas among them (of every fifth seed: empty ones), and coverage from none to full."""
    rng = np.random.default_rng(seed)
    full = np.iinfo(dtype).max
    pixels = rng.integers(0, full, (*shape, channels), dtype, endpoint=True)
    pixels[..., -1] = rng.choice([0, 1, full // 2, full - 1, full], shape)
    if seed % 5 == 0:
        pixels[:] = 0
    coverage = rng.choice([0, 1, 300, FULL // 3, FULL - 1, FULL], shape).astype(np.uint16)
    return pixels, coverage


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), _shapes, _dtypes, _opacities)
def test_painting_coverage_goes_towards_full(seed, shape, dtype, opacity):
    plane, coverage = _pixels(seed, shape, 1, dtype)
    full = np.iinfo(dtype).max
    expected = plane + (full - plane.astype(float)) * (coverage[..., None] * opacity / FULL)
    got = add_coverage(plane, coverage, opacity)
    assert got.dtype == dtype and np.abs(got - expected).max() < 0.51
    assert np.array_equal(got[coverage == 0], plane[coverage == 0])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), _shapes, _dtypes, _opacities, st.sampled_from([1, 2, 4]))
def test_erasing_takes_alpha_away_and_leaves_no_colour_where_none_is_left(seed, shape, dtype, opacity, channels):
    pixels, coverage = _pixels(seed, shape, channels, dtype)
    got = fade(pixels, coverage, opacity)
    expected = pixels[..., -1] * (1 - coverage * opacity / FULL)
    assert got.shape == pixels.shape and got.dtype == dtype
    assert np.abs(got[..., -1] - expected).max() < 0.51
    seen = got[..., -1] > 0
    assert np.array_equal(got[seen][:, :-1], pixels[seen][:, :-1]), "colour stays as it is"
    assert not got[~seen].any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 999), _shapes, _dtypes, _opacities, st.sampled_from([1, 3]))
def test_painting_a_colour_is_laying_it_over(seed, shape, dtype, opacity, colours):
    pixels, coverage = _pixels(seed, shape, colours + 1, dtype)
    full = np.iinfo(dtype).max
    colour = np.random.default_rng(seed + 1).integers(0, full, colours, dtype, endpoint=True)
    got = paint_colour(pixels, colour, coverage, opacity)
    share = (coverage * opacity / FULL)[..., None]
    alpha = pixels[..., -1:] / full
    total = share + alpha * (1 - share)
    mixed = (share * colour + alpha * (1 - share) * pixels[..., :-1].astype(float)) / np.maximum(total, 1e-15)
    assert got.shape == pixels.shape and got.dtype == dtype
    assert np.abs(got[..., -1:] - total * full).max() < 0.52
    seen = got[..., -1] > 0
    assert np.abs(got[..., :-1] - mixed)[seen].max(initial=0) < 0.52
    assert not got[~seen].any()
    untouched = (coverage == 0) & (pixels[..., -1] > 0)
    assert np.array_equal(got[untouched], pixels[untouched])
    if opacity == 1:
        assert (got[coverage == FULL] == [*colour, full]).all()


@pytest.mark.parametrize("paint", [
    lambda pixels, coverage: fade(pixels, coverage, 0.5),
    lambda pixels, coverage: paint_colour(pixels, np.array([9, 8, 7], np.uint8), coverage, 0.5)])
def test_the_pixels_before_the_stroke_stay_as_they_were(paint):
    pixels, coverage = _pixels(5, (20, 30), 4, np.uint8)
    pixels.flags.writeable = coverage.flags.writeable = False
    assert paint(pixels, coverage) is not pixels


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 999), _shapes, _dtypes, _opacities, st.sampled_from([1, 3]))
def test_painting_a_picture_weighs_its_colours_by_their_own_alpha(seed, shape, dtype, opacity, colours):
    pixels, coverage = _pixels(seed, shape, colours + 1, dtype)
    picture, _ = _pixels(seed + 1, shape, colours + 1, dtype)
    full = np.iinfo(dtype).max
    share = coverage[..., None] * opacity / FULL * (picture[..., -1:] / full)
    beneath = pixels[..., -1:] / full
    total = share + beneath * (1 - share)
    colour = (picture[..., :-1] * share + pixels[..., :-1] * beneath * (1 - share)) / np.maximum(total, 1e-12)
    expected = np.where(np.rint(total * full) > 0, np.concatenate([colour, total * full], axis=2), 0)
    got = paint_pixels(pixels, picture, coverage, opacity)
    seen = np.abs(total[..., 0] * full - np.rint(total[..., 0] * full)) < 0.49  # else rounding decides
    assert got.dtype == dtype and np.abs(got - expected)[seen].max(initial=0) <= 1
    exact = (coverage == FULL) & (picture[..., -1] == full)
    if opacity == 1:
        assert np.array_equal(got[exact], picture[exact]), "a full dab copies bit for bit"
    assert np.array_equal(got[coverage == 0][:, -1], pixels[coverage == 0][:, -1])
