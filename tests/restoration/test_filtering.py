"""Filters over pictures of any size, kind and depth."""

import time

import numpy as np
import pytest
from blur_filter import Blur, Settings
from skimage import data

from editor.engines.contract import Cancelled
from editor.raster.surface import Box
from editor.restoration.contract import Scan
from editor.restoration.filtering import filtered, restored, tiles_in
from editor.restoration.registry import filters

PHOTO = data.astronaut()[90:240, 150:330]


def all_of(scan: Scan, filter, settings=None, **how) -> np.ndarray:
    out = np.zeros((*scan.shape, scan.channels), scan.dtype)
    for box, pixels in filtered(scan, filter, settings, **how):
        assert not out[box.slices].any()
        out[box.slices] = pixels
    return out


def kinds(photo: np.ndarray) -> dict[str, np.ndarray]:
    """The photo as grey or colour, in 8 or 16 bits, with alpha or without."""
    grey = photo[..., :1]
    random = np.random.default_rng(1)
    fine = photo * np.uint16(256) + random.integers(0, 256, photo.shape, np.uint16)
    alpha = random.integers(0, 256, grey.shape).astype(np.uint8)
    return {"grey": grey, "grey, alpha": np.concatenate([grey, alpha], axis=2), "colour": photo,
            "colour, alpha": np.concatenate([photo, alpha], axis=2), "colour of 16 bits": fine,
            "grey of 16 bits": np.ascontiguousarray(fine[..., :1])}


@pytest.mark.parametrize("filter", [Blur(), *filters()], ids=lambda filter: filter.name)
@pytest.mark.parametrize("kind", ["colour", "grey of 16 bits"])
def test_neither_tiles_nor_threads_show(filter, kind):
    scan = Scan.of(kinds(PHOTO)[kind])
    whole = all_of(scan, filter, tile=1000, threads=1)
    assert np.array_equal(all_of(scan, filter, tile=64, threads=3), whole)
    part = Box(17, 33, 120, 150)
    for box, pixels in filtered(scan, filter, box=part, tile=50):
        assert np.array_equal(pixels, whole[box.slices]) and box.intersect(part) == box


@pytest.mark.parametrize("filter", [Blur(), *filters()], ids=lambda filter: filter.name)
@pytest.mark.parametrize("kind", kinds(PHOTO))
def test_each_kind_of_picture_keeps_its_shape_depth_and_alpha(filter, kind):
    pixels = kinds(PHOTO[:90, :100])[kind]
    out = restored(Scan.of(pixels), filter)
    assert out.shape == pixels.shape and out.dtype == pixels.dtype
    if pixels.shape[2] in (2, 4):
        assert np.array_equal(out[..., -1], pixels[..., -1])


@pytest.mark.parametrize("filter", [Blur(), *filters()], ids=lambda filter: filter.name)
@pytest.mark.parametrize("shape", [(1, 1), (20, 20), (1, 300), (300, 2)])
def test_the_smallest_pictures_come_through(filter, shape):
    pixels = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    assert restored(Scan.of(pixels), filter).shape == pixels.shape


@pytest.mark.parametrize("filter", [Blur(), *filters()], ids=lambda filter: filter.name)
@pytest.mark.parametrize("value", [0, 117, 255])
def test_an_even_picture_stays_even(filter, value):
    pixels = np.full((80, 90, 3), value, np.uint8)
    assert np.abs(restored(Scan.of(pixels), filter).astype(int) - value).max() <= 1


def test_the_blur_is_the_one_of_the_whole_picture():
    import cv2

    out = restored(Scan.of(PHOTO), Blur(), Settings(radius=5))
    expected = cv2.blur(PHOTO.astype(np.float64), (11, 11), borderType=cv2.BORDER_REPLICATE)
    assert np.abs(out - expected).max() <= 0.51


def test_a_part_is_all_that_is_given():
    part = Box(-30, 40, 20, 1000)  # reaches beyond the picture
    boxes = [box for box, _ in filtered(Scan.of(PHOTO), Blur(), box=part)]
    assert boxes == [Box(0, 40, 20, 180)]
    assert not list(filtered(Scan.of(PHOTO), Blur(), box=Box(200, 0, 300, 20)))


def test_blocks_stand_on_the_same_grid_wherever_one_looks():
    class Blocks(Blur):
        grid, tile = True, 32

        def reach(self, settings):
            return 0

        def apply(self, pixels, prepared, settings, box):
            assert box.top % 32 == box.left % 32 == 0
            return np.full_like(pixels, pixels.mean())

    scan = Scan.of(PHOTO)
    whole = restored(scan, Blocks())
    for box, pixels in filtered(scan, Blocks(), box=Box(40, 45, 99, 130), tile=7):
        assert np.array_equal(pixels, whole[box.slices])


def test_tiles_come_in_the_order_in_which_they_are_wanted():
    class Small(Blur):
        tile = 64

    scan, part = Scan.of(PHOTO), Box(10, 70, 100, 180)
    tiles = tiles_in(part, Small())
    assert tiles[0] == Box(0, 64, 64, 128) and len(tiles) == 4
    whole = restored(scan, Small())
    wanted = tiles[::-1][:3]
    found = list(filtered(scan, Small(), tiles=wanted))
    assert [box for box, _ in found] == [tile.intersect(scan.bounds) for tile in wanted]
    for box, pixels in found:
        assert np.array_equal(pixels, whole[box.slices])


def test_what_was_prepared_need_not_be_again():
    class Once(Blur):
        def prepare(self, scan, settings, progress):
            raise AssertionError("prepared again")

    assert next(filtered(Scan.of(PHOTO), Once(), prepared=7))[1].shape == PHOTO.shape


def test_a_cancel_is_heard_within_a_fifth_of_a_second():
    started = None

    def cancel(fraction, words):
        nonlocal started
        started = started or time.monotonic()
        if time.monotonic() - started > 0.1:
            raise Cancelled

    with pytest.raises(Cancelled):
        for _ in filtered(Scan.of(PHOTO), Blur(seconds=0.6), progress=cancel, tile=64):
            pass
    assert time.monotonic() - started < 0.3


def test_a_hundred_megapixels_are_never_held_at_once():
    """The picture is made as it is read; what is read, being worked on or waiting to be taken stays small."""
    row = np.arange(10_000, dtype=np.uint16)[None, :, None]

    def read(box, level=0):
        return np.broadcast_to(row[:, box.left:box.right], (box.height, box.width, 1)).copy()

    scan, blur = Scan(read, (10_000, 10_000), 1, np.dtype(np.uint16)), Blur()
    tiles = filtered(scan, blur)
    for _, (box, pixels) in zip(range(6), tiles, strict=False):
        assert pixels.size == box.height * box.width <= 512 * 512
    tiles.close()
    assert blur.largest <= (512 + 2 * 3) ** 2


def test_fractions_rise_to_the_end():
    told = []
    list(filtered(Scan.of(PHOTO), Blur(), progress=lambda fraction, words: told.append(fraction), tile=40))
    assert told == sorted(told) and told[0] >= 0 and 0.8 < told[-1] <= 1
