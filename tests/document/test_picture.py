"""The compositor against the specification, pixel by pixel, and against itself."""

import compositing_reference as reference
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.document.picture import Picture, Sheet
from editor.raster.blending import MODES, NORMAL
from editor.raster.surface import Box, Surface, keys_in, level_shape, tile_box

# Where these divide by next to nothing, float32 shows; they are measured one at a time in tests/raster.
_STEEP = {"svg:color-dodge", "svg:color-burn", "svg:hue", "svg:saturation"}


def _surface(seed: int, shape: tuple[int, int], channels: int, dtype: type, sparse: bool = False) -> Surface:
    rng = np.random.default_rng(seed)
    full = np.iinfo(dtype).max
    pixels = rng.integers(0, full, (*shape, channels), dtype, endpoint=True)
    if channels in (2, 4):
        pixels[..., -1] = rng.choice([0, 1, full // 2, full, full], shape)
        pixels[pixels[..., -1] == 0] = 0
    if not sparse:
        return Surface.from_array(pixels)
    surface = Surface(shape, channels, dtype)
    middle = Box(shape[0] // 3, shape[1] // 3, shape[0] // 3 + 40, shape[1] // 3 + 40).intersect(surface.bounds)
    surface.write(pixels[middle.slices], (middle.top, middle.left))
    return surface


def _picture(seed: int, shape, channels: int, dtype: type, modes: list[str]) -> Picture:
    rng = np.random.default_rng(seed)
    layer_channels = 2 if channels < 3 else 4
    return Picture(_surface(seed, shape, channels, dtype), tuple(
        Sheet(_surface(seed + 1 + i, shape, layer_channels, dtype, sparse=bool(i % 2)),
              float(rng.choice([1.0, 0.6, 0.001])), mode) for i, mode in enumerate(modes)))


def _expected(picture: Picture, y: int, x: int) -> tuple[tuple[float, ...] | None, float]:
    full, grey = picture.base.max_value, picture.colours == 1
    box = Box(y, x, y + 1, x + 1)
    pixel = picture.base.read(box)[0, 0] / full
    colour = tuple(pixel[:picture.colours]) * (3 if grey else 1)
    alpha = float(pixel[-1]) if picture.base.channels in (2, 4) else 1.0
    for sheet in picture.sheets:
        source = sheet.surface.read(box)[0, 0] / full
        result, alpha = reference.composite(colour, alpha, tuple(source[:-1]) * (3 if grey else 1),
                                            float(source[-1]) * sheet.opacity, sheet.mode)
        colour = result or colour
    return (tuple(colour[:picture.colours]) if alpha > 0 else None), alpha


_stacks = st.lists(st.sampled_from(sorted(set(MODES) - _STEEP)), max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 999), st.integers(1, 4), st.sampled_from([np.uint8, np.uint16]), _stacks)
def test_a_stack_of_layers_is_what_the_specification_says(seed, channels, dtype, modes):
    picture = _picture(seed, (6, 7), channels, dtype, modes)
    got, full = picture.read(Box(0, 0, 6, 7)), picture.base.max_value
    assert got.shape == (6, 7, picture.channels) and got.dtype == dtype
    for y in range(6):
        for x in range(7):
            colour, alpha = _expected(picture, y, x)
            if picture.has_alpha:
                assert abs(got[y, x, -1] - alpha * full) < 0.52
            if colour is not None:
                # Thin remains of alpha magnify what float32 has rounded.
                assert np.abs(got[y, x, :picture.colours] - np.array(colour) * full).max() < 0.52 + full * 1e-6 / alpha


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.sampled_from([(1, 1), (256, 256), (257, 300), (300, 513)]), st.integers(1, 4),
       st.sampled_from([np.uint8, np.uint16]), st.lists(st.sampled_from(list(MODES)), max_size=3), st.integers(0, 2))
def test_a_tile_and_a_part_are_cut_from_the_same_picture(seed, shape, channels, dtype, modes, level):
    picture = _picture(seed, shape, channels, dtype, modes)
    bounds = Box(0, 0, *level_shape(shape, level))
    whole = picture.read(bounds, level)
    for key in keys_in(bounds):
        assert np.array_equal(picture.tile(key, level), whole[tile_box(key).intersect(bounds).slices])
    part = Box(bounds.bottom // 3, bounds.right // 4, bounds.bottom // 3 + bounds.bottom // 2 + 1,
               bounds.right // 4 + bounds.right // 2 + 1).intersect(bounds)
    assert np.array_equal(picture.read(part, level), whole[part.slices])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.integers(1, 4), st.sampled_from([np.uint8, np.uint16]),
       st.lists(st.sampled_from([name for name, mode in MODES.items() if not mode.cuts]), min_size=1, max_size=3))
def test_pixels_that_no_layer_covers_are_the_photographs_own(seed, channels, dtype, modes):
    picture = _picture(seed, (300, 280), channels, dtype, modes)
    whole, base = picture.read(Box(0, 0, 300, 280)), picture.base.read(Box(0, 0, 300, 280))
    covered = np.zeros((300, 280), bool)
    for sheet in picture.sheets:
        covered |= sheet.surface.read(Box(0, 0, 300, 280))[..., -1] > 0
    assert np.array_equal(whole[~covered], base[~covered])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_an_opaque_normal_layer_is_shown_bit_for_bit(channels, dtype):
    rng = np.random.default_rng(6)
    top = rng.integers(0, np.iinfo(dtype).max, (260, 270, channels + 1), dtype, endpoint=True)
    top[..., -1] = np.iinfo(dtype).max
    picture = Picture(_surface(1, (260, 270), channels, dtype), (Sheet(Surface.from_array(top), 1.0, NORMAL),))
    assert np.array_equal(picture.read(Box(0, 0, 260, 270)), top[..., :-1])


def test_without_layers_the_photographs_own_tile_is_given_and_not_a_copy():
    base = _surface(1, (300, 300), 3, np.uint8)
    assert np.shares_memory(Picture(base, ()).tile((0, 1)), base.tile((0, 1)))


@pytest.mark.parametrize("mode, left", [("svg:dst-in", 0), ("svg:dst-atop", 0), ("svg:dst-out", 255)])
def test_a_layer_that_cuts_makes_the_picture_transparent_also_where_it_has_no_pixels(mode, left):
    base = _surface(2, (300, 600), 3, np.uint8)
    layer = Surface((300, 600), 4, np.uint8)
    layer.write(np.full((10, 10, 4), (1, 2, 3, 255), np.uint8), (0, 0))
    picture = Picture(base, (Sheet(layer, 1.0, mode),))
    assert picture.has_alpha and picture.channels == 4
    whole = picture.read(Box(0, 0, 300, 600))
    assert (whole[10:, :, 3] == left).all() and (whole[:10, 10:, 3] == left).all()
    assert (whole[:10, :10, 3] == 255 - left).all()
    if mode == "svg:dst-in":
        assert np.array_equal(whole[:10, :10, :3], base.read(Box(0, 0, 10, 10)))


def test_a_picture_reduced_is_near_the_reduction_of_the_picture():
    y, x = np.mgrid[0:512, 0:512]
    smooth = np.stack([y // 2, x // 2, (x + y) // 4], axis=2).astype(np.uint8)
    layer = np.dstack([smooth[..., ::-1], np.where((x - 256) ** 2 + (y - 256) ** 2 < 160**2, 200, 0).astype(np.uint8)])
    picture = Picture(Surface.from_array(smooth), (Sheet(Surface.from_array(layer), 0.8, NORMAL),))
    small = picture.read(Box(0, 0, 256, 256), 1).astype(int)
    ideal = picture.read(Box(0, 0, 512, 512)).reshape(256, 2, 256, 2, 3).mean(axis=(1, 3))
    assert np.abs(small - ideal).max() <= 2
