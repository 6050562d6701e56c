"""Which crops a mask needs."""

import time

import cv2
import numpy as np
import pytest

from editor.engines.region import MIN_CONTEXT, Region, context_boxes, fitted, plan, working_size
from editor.raster.surface import Box


def disc(shape, centre, radius) -> np.ndarray:
    return cv2.circle(np.zeros(shape, np.uint8), centre, radius, 255, -1)


def covered(regions: tuple[Region, ...], mask: np.ndarray, origin=(0, 0)) -> np.ndarray:
    """How many regions answer for each pixel of the mask."""
    box = Box(origin[0], origin[1], origin[0] + mask.shape[0], origin[1] + mask.shape[1])
    return sum((region.own(mask, box) > 0).astype(int) for region in regions)


@pytest.mark.parametrize("hole, margin, shape, crop", [
    ((40, 40, 60, 60), 10, (100, 100), (30, 30, 70, 70)),
    ((0, 40, 20, 60), 10, (100, 100), (0, 30, 40, 70)),  # shifted down from the upper border
    ((80, 85, 100, 100), 10, (100, 100), (60, 65, 100, 100)),  # shifted up and left
    ((5, 5, 20, 20), 50, (40, 30), (0, 0, 40, 30)),  # the photo is smaller than what is wanted
    ((0, 0, 1, 1), 3, (1, 1), (0, 0, 1, 1)),
])
def test_context_is_shifted_inwards_at_a_border(hole, margin, shape, crop):
    assert tuple(context_boxes(np.array([hole]), np.array([margin]), shape)[0]) == crop


@pytest.mark.parametrize("crop, size", [
    (Box(0, 0, 300, 500), (300, 500)), (Box(0, 0, 2048, 1024), (1024, 512)), (Box(0, 0, 5000, 3), (1024, 1)),
])
def test_a_crop_larger_than_the_engine_takes_is_reduced(crop, size):
    assert working_size(crop, 1024) == size


def test_an_empty_mask_needs_no_crop():
    assert plan(np.zeros((50, 70), np.uint8)) == ()


def test_context_grows_with_the_hole_and_is_never_too_small():
    small, = plan(disc((2000, 2000), (1000, 1000), 5))
    large, = plan(disc((2000, 2000), (1000, 1000), 300), max_side=4000)
    assert small.crop.height >= small.hole.height + 2 * MIN_CONTEXT
    assert large.crop.height >= large.hole.height + 2 * 0.5 * 500
    assert large.hole == (700, 700, 1301, 1301)


def test_a_hair_across_the_photo_is_filled_at_full_resolution():
    mask = cv2.line(np.zeros((3000, 4000), np.uint8), (20, 30), (3900, 2900), 255, 3)
    regions = plan(mask, max_side=1024)
    assert all(region.scale == 1 for region in regions)
    assert (covered(regions, mask) == (mask > 0)).all()
    assert sum(region.crop.height * region.crop.width for region in regions) < mask.size / 2


def test_a_large_hole_is_one_reduced_crop():
    region, = plan(disc((4000, 4000), (2000, 2000), 1200), max_side=1024)
    assert max(region.working) == 1024 and region.scale < 0.5


def test_near_holes_share_a_crop_and_far_ones_do_not():
    near = disc((1000, 1000), (300, 500), 60) | disc((1000, 1000), (450, 500), 60)
    far = disc((3000, 3000), (300, 300), 60) | disc((3000, 3000), (2700, 2700), 60)
    assert len(plan(near)) == 1
    assert len(plan(far)) == 2


@pytest.mark.parametrize("max_side", [512, 1024])
def test_five_thousand_specks_on_48_megapixels_are_few_calls_planned_at_once(max_side):
    random = np.random.default_rng(1)
    mask = np.zeros((6000, 8000), np.uint8)
    for y, x, radius in zip(random.integers(0, 6000, 5000), random.integers(0, 8000, 5000),
                            random.integers(1, 6, 5000), strict=True):
        cv2.circle(mask, (int(x), int(y)), int(radius), 255, -1)
    started = time.perf_counter()
    regions = plan(mask, max_side=max_side)
    seconds = time.perf_counter() - started
    assert len(regions) < 600
    assert sum(region.crop.height * region.crop.width for region in regions) < 1.3 * mask.size
    assert max(max(region.crop.height, region.crop.width) for region in regions) <= max_side
    assert seconds < 3  # 0.4 s on the machine this was written on


@pytest.mark.parametrize("seed", range(6))
def test_every_masked_pixel_belongs_to_one_region_and_lies_in_its_crop(seed):
    random = np.random.default_rng(seed)
    shape = tuple(int(side) for side in random.integers(20, 900, 2))
    mask = np.zeros(shape, np.uint8)
    for _ in range(random.integers(1, 40)):
        points = [tuple(int(v) for v in random.integers(0, max(shape), 2)) for _ in range(2)]
        cv2.line(mask, *points, int(random.integers(1, 256)), int(random.integers(1, 30)))
    mask.flags.writeable = False
    origin = tuple(int(v) for v in random.integers(0, 500, 2))
    photo = (origin[0] + shape[0] + 30, origin[1] + shape[1] + 5)
    regions = plan(mask, origin=origin, shape=photo, max_side=256)
    assert (covered(regions, mask, origin) == (mask > 0)).all()
    for region in regions:
        assert region.hole.intersect(region.crop) == region.hole
        assert region.crop.intersect(Box(0, 0, *photo)) == region.crop
        assert max(region.working) <= 256


def test_a_part_of_the_mask_with_its_place_is_planned_like_the_whole():
    mask = disc((900, 1200), (640, 400), 50)
    part = mask[320:480, 560:720]
    assert plan(part, origin=(320, 560), shape=mask.shape) == plan(mask)


def test_another_engine_gets_the_crop_that_it_wants():
    region, = plan(disc((2000, 2000), (1000, 1000), 300), context=0.25)
    wide = fitted(region, (2000, 2000), context=1.0, max_side=512)
    assert wide.crop.height > region.crop.height and max(wide.working) == 512 and wide.hole == region.hole
