"""Surfaces against the plain array that they stand for."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.raster import surface as module
from editor.raster.surface import TILE, Box, Surface, keys_in, level_shape, tile_box

_side = st.one_of(st.integers(1, 40), st.sampled_from([255, 256, 257, 511, 512, 513, 530]))
_shapes = st.tuples(_side, _side)
_kinds = st.tuples(st.integers(1, 4), st.sampled_from([np.uint8, np.uint16]))


def _noise(seed: int, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    pixels[rng.random(shape[:2]) < 0.3] = 0
    return pixels


def _everything(surface: Surface) -> np.ndarray:
    return surface.read(surface.bounds)


@st.composite
def _writes(draw, shape):
    """Where, how large and with which seed; also partly or wholly outside."""
    top, left = draw(st.integers(-60, shape[0] + 10)), draw(st.integers(-60, shape[1] + 10))
    height, width = draw(st.integers(1, 300)), draw(st.integers(1, 300))
    return Box(top, left, top + height, left + width), draw(st.integers(0, 2**16)), draw(st.booleans())


@settings(max_examples=60, deadline=None)
@given(st.data(), _shapes, _kinds)
def test_writes_edits_and_snapshots_do_what_they_do_to_a_plain_array(data, shape, kind):
    channels, dtype = kind
    surface, plain = Surface(shape, channels, dtype), np.zeros((*shape, channels), dtype)
    frozen = []
    for _ in range(data.draw(st.integers(1, 5))):
        box, seed, erase = data.draw(_writes(shape))
        new = _noise(seed, (box.height, box.width, channels), dtype)
        inside = box.intersect(surface.bounds)
        if erase:
            surface.edit(box, lambda part, old: np.zeros_like(old))
            if not inside.empty:
                plain[inside.slices] = 0
        else:
            surface.write(new, (box.top, box.left))
            if not inside.empty:
                plain[inside.slices] = new[inside.shift(-box.top, -box.left).slices]
        frozen.append((surface.snapshot(), plain.copy()))
    for snapshot, then in frozen:
        assert np.array_equal(_everything(snapshot), then)
    for key in keys_in(surface.bounds):
        tile, part = surface.tile(key), plain[tile_box(key).intersect(surface.bounds).slices]
        assert (tile is None) == (not part.any()), "a tile is there where there are pixels, and only there"
        if tile is not None:
            assert np.array_equal(tile, part)
            assert not tile.flags.writeable
    probe = data.draw(_writes(shape))[0]
    expected = np.zeros((probe.height, probe.width, channels), dtype)
    inside = probe.intersect(surface.bounds)
    if not inside.empty:
        expected[inside.shift(-probe.top, -probe.left).slices] = plain[inside.slices]
    assert np.array_equal(surface.read(probe), expected)
    assert surface.nbytes == sum(surface.tile(key).nbytes for key in surface.keys())


@settings(max_examples=40, deadline=None)
@given(_shapes, _kinds, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=4))
def test_the_content_box_is_the_smallest(shape, kind, points):
    channels, dtype = kind
    plain = np.zeros((*shape, channels), dtype)
    surface = Surface(shape, channels, dtype)
    for y, x in points:
        row, column = int(y * (shape[0] - 1)), int(x * (shape[1] - 1))
        plain[row, column] = 1
        surface.write(plain[row:row + 1, column:column + 1], (row, column))
    if not points:
        assert surface.content_box() == (0, 0, 0, 0)
        return
    rows, columns = np.flatnonzero(plain.any(axis=(1, 2))), np.flatnonzero(plain.any(axis=(0, 2)))
    assert surface.content_box() == (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)


def test_colour_without_alpha_is_no_content():
    surface = Surface((20, 20), 4, np.uint8)
    surface.write(np.full((20, 20, 4), (9, 9, 9, 0), np.uint8), (0, 0))
    surface.write(np.full((2, 3, 4), (9, 9, 9, 1), np.uint8), (5, 6))
    assert surface.content_box() == (5, 6, 7, 9)
    assert surface.content_box(hidden=True) == (0, 0, 20, 20)


def _mip(plain: np.ndarray) -> np.ndarray:
    """One level less, in float64: 2x2 means, an odd edge repeated, colour weighted by alpha."""
    height, width, channels = plain.shape
    padded = np.pad(plain, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge").astype(np.float64)
    fours = np.stack([padded[y::2, x::2] for y in (0, 1) for x in (0, 1)])
    if channels in (1, 3):
        return fours.mean(axis=0)
    alpha = fours[..., -1:]
    colour = (fours[..., :-1] * alpha).sum(axis=0) / np.maximum(alpha.sum(axis=0), 1e-12)
    return np.concatenate([colour, alpha.mean(axis=0)], axis=2)


@settings(max_examples=40, deadline=None)
@given(_shapes, _kinds, st.integers(1, 4), st.integers(0, 2**16))
def test_every_mip_level_is_the_mean_of_the_one_below(shape, kind, levels, seed):
    channels, dtype = kind
    surface = Surface(shape, channels, dtype)
    surface.write(_noise(seed, (*shape, channels), dtype), (0, 0))
    for level in range(1, levels + 1):
        below = surface.read(Box(0, 0, *level_shape(shape, level - 1)), level - 1)
        now = surface.read(Box(0, 0, *level_shape(shape, level)), level)
        expected = _mip(below)
        seen = slice(None) if channels in (1, 3) else expected[..., -1] > 0
        assert np.abs(now - expected)[seen].max(initial=0) <= 0.53


def test_a_mip_level_shows_a_change_at_once_and_a_snapshot_does_not():
    surface = Surface((600, 600), 1, np.uint8)
    for level in range(4):
        assert not surface.read(Box(0, 0, *level_shape(surface.shape, level)), level).any()
    before = surface.snapshot()
    surface.write(np.full((64, 64, 1), 200, np.uint8), (512, 512))
    assert [int(surface.read(Box(0, 0, 600, 600), level).max()) for level in range(4)] == [200] * 4
    assert before.tile((0, 0), 3) is None


def test_a_picture_keeps_its_own_pixels_as_tiles_without_copying_them():
    pixels = _noise(1, (300, 520, 3), np.uint16)
    surface = Surface.from_array(pixels)
    assert np.array_equal(_everything(surface), pixels)
    assert np.shares_memory(surface.tile((1, 2)), pixels)
    assert surface.nbytes == pixels.nbytes


def test_whoever_holds_a_tile_cannot_write_to_it_nor_can_a_change_in_the_making():
    surface = Surface((10, 10), 1, np.uint8)
    surface.write(np.ones((10, 10, 1), np.uint8), (0, 0))
    with pytest.raises(ValueError, match="read-only"):
        surface.tile((0, 0))[0, 0] = 5

    def scribble(part, old):
        old[:] = 7
        return old

    with pytest.raises(ValueError, match="read-only"):
        surface.edit(surface.bounds, scribble)
    assert (_everything(surface) == 1).all()


@pytest.mark.parametrize("tile", [np.zeros((256, 256, 1), np.uint8), np.zeros((44, 256, 3), np.uint8),
                                  np.zeros((44, 256, 1), np.uint16)])
def test_a_tile_of_another_size_or_depth_is_refused(tile):
    surface = Surface((300, 300), 1, np.uint8)
    with pytest.raises(ValueError, match="not what this surface takes"):
        surface.put((1, 0), tile)


@given(st.integers(0, 299), st.integers(0, 299), st.integers(1, 100))
@settings(max_examples=30, deadline=None)
def test_same_pixels_looks_at_pixels_and_only_in_the_box(row, column, size):
    one = Surface.from_array(_noise(3, (300, 300, 2), np.uint8))
    same = Surface.from_array(_everything(one))
    other = one.snapshot()
    other.write(255 - one.read(Box(row, column, row + 1, column + 1)), (row, column))
    box = Box(100, 100, 100 + size, 100 + size)
    assert one.same_pixels(same, box)
    changed_inside = box.top <= row < box.bottom and box.left <= column < box.right
    assert one.same_pixels(other, box) == (not changed_inside)


def test_the_module_is_what_its_docstring_says():
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


def test_tiles_at_the_edge_are_smaller():
    surface = Surface((TILE + 3, 2 * TILE), 1, np.uint8)
    assert surface.tile_shape((1, 1)) == (3, TILE)
    assert surface.tile_shape((0, 0), 1) == (130, TILE)


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_mips_are_the_same_however_a_surface_came_to_its_pixels(dtype, channels):
    """What is told apart by them, such as what a fill saw beneath it, must not change by saving and opening."""
    random, full = np.random.default_rng(4), np.iinfo(dtype).max
    pixels = random.integers(0, full, (256, 300, channels), dtype)
    pixels[..., -1] = full
    pixels[:40, :60, -1] = random.integers(0, full, (40, 60))
    at_once = Surface.from_array(pixels)
    bit_by_bit = Surface((256, 300), channels, dtype)
    bit_by_bit.tile((0, 0), 1)
    for top in range(0, 256, 32):
        for left in range(0, 300, 20):
            bit_by_bit.write(pixels[top:top + 32, left:left + 20], (top, left))
            bit_by_bit.tile((0, 0), 1)
    part = Box(0, 0, 128, 150)
    assert np.array_equal(bit_by_bit.read(part, 1), at_once.read(part, 1))
