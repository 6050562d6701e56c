"""Photographs on scanners' beds that are made by code: each is found where it was laid."""

import cv2
import numpy as np
import pytest
from beds import NAMES, a_photograph, an_empty_bed, farthest, lay, scanned

from editor.engines.contract import Cancelled
from editor.raster.rectangle import Rectangle
from editor.restoration.contract import Scan
from editor.restoration.geometry import find_photographs

SHAPE = (1000, 800)
THREE = (Rectangle((230.3, 250.7), 320.5, 400.25, 3.0), Rectangle((690.0, 260.0), 440.0, 340.0, -7.0),
         Rectangle((520.0, 640.0), 300.0, 240.0, 1.2))


def found_on(bed: np.ndarray, **how) -> tuple[Rectangle, ...]:
    return find_photographs(Scan.of(scanned(bed, **how)))


def check(found: tuple[Rectangle, ...], truth, pixels: float = 2.0) -> None:
    """All of them and nothing else, in order: corners within 2 pixels, angles within 0.2 degrees."""
    assert len(found) == len(truth)
    for one, other in zip(found, truth, strict=True):
        assert farthest(one, other) < pixels and abs(one.angle - other.angle) < 0.2


@pytest.mark.parametrize(("lid", "shading"), [(250.0, 0.0), (245.0, 30.0), (12.0, -15.0), (128.0, 20.0),
                                              ((200.0, 206.0, 215.0), 0.0)])
def test_leaning_photographs_are_found_on_any_lid(lid, shading):
    bed = an_empty_bed(SHAPE, lid, shading, dust=60)
    for place, name in zip(THREE, NAMES, strict=False):
        lay(bed, place, name)
    check(found_on(bed), (THREE[0], THREE[2], THREE[1]), 0.75)


def test_a_white_border_belongs_to_the_photograph_and_its_shadow_does_not():
    bed = an_empty_bed(SHAPE, 250.0, 6.0, dust=20)
    for place, name in zip(THREE, NAMES, strict=False):
        lay(bed, place, name, border=18, paper=240, shadow=30)
    check(found_on(bed), (THREE[0], THREE[2], THREE[1]))


def test_a_torn_corner_is_part_of_it():
    bed = an_empty_bed(SHAPE, 250.0, 6.0)
    for place, name in zip(THREE, NAMES, strict=False):
        lay(bed, place, name, torn=60)
    check(found_on(bed), (THREE[0], THREE[2], THREE[1]))


def test_one_photograph_over_a_corner_of_another():
    places = Rectangle((280.0, 300.0), 320.0, 440.0, 2.0), Rectangle((560.0, 520.0), 360.0, 420.0, -6.0)
    bed = an_empty_bed(SHAPE, 250.0, 6.0)
    for place, name in zip(places, NAMES, strict=False):
        lay(bed, place, name)
    check(found_on(bed), places)


def test_those_that_touch_are_told_apart():
    places = (Rectangle((280.0, 170.0), 380.0, 260.0), Rectangle((250.0, 410.0), 260.0, 220.0),
              Rectangle((300.0, 640.0), 340.0, 240.0))
    bed = an_empty_bed((600, 800), 250.0)
    for place, name in zip(places, NAMES, strict=False):
        lay(bed, place, name)
    check(found_on(bed), places)


def test_hairs_on_the_glass_and_a_jpegs_ringing():
    bed = an_empty_bed(SHAPE, 246.0, 6.0, dust=30)
    for place, name in zip(THREE, NAMES, strict=False):
        lay(bed, place, name)
    random = np.random.default_rng(4)
    for _ in range(5):
        cv2.polylines(bed, [random.integers(0, 800, (3, 2)).astype(np.int32)], False, (120, 110, 100), 1)
    pressed = cv2.imdecode(cv2.imencode(".jpg", scanned(bed), (cv2.IMWRITE_JPEG_QUALITY, 70))[1], cv2.IMREAD_COLOR)
    check(find_photographs(Scan.of(pressed)), (THREE[0], THREE[2], THREE[1]))


def test_in_the_corner_of_the_bed_the_scan_ends_where_the_photograph_does():
    place = Rectangle((300.0, 250.0), 600.0, 500.0)
    bed = an_empty_bed(SHAPE)
    lay(bed, place, "coffee.png")
    check(found_on(bed), (place,), 0.5)


@pytest.mark.parametrize(("angle", "dtype", "channels"), [
    (0.0, np.uint8, 3), (0.3, np.uint16, 1), (-1.5, np.uint16, 3), (20.0, np.uint8, 1), (40.0, np.uint16, 3)])
def test_at_any_angle_and_depth(angle, dtype, channels):
    place = Rectangle((500.0, 400.0), 320.0, 480.0, angle)
    bed = an_empty_bed(SHAPE, 20.0)
    lay(bed, place, "coffee.png")
    pixels = scanned(bed, dtype=dtype)[..., :channels]
    check(find_photographs(Scan.of(np.ascontiguousarray(pixels))), (place,), 0.5)


def test_a_large_scan_is_found_as_exactly_as_a_small_one():
    """Looked at reduced first: three times here."""
    place = Rectangle((900.5, 1750.25), 1300.0, 2600.0, -1.7)
    bed = an_empty_bed((1800, 3500), 250.0)
    lay(bed, place, "coffee.png")
    check(found_on(bed), (place,), 1.0)


@pytest.mark.parametrize("name", [*NAMES, "moon.png", "text.png", "brick.png"])
def test_nothing_is_found_on_a_photograph_that_fills_its_frame(name):
    assert find_photographs(Scan.of(a_photograph(name))) == ()


@pytest.mark.parametrize("pixels", [
    np.full((500, 700, 3), 255, np.uint8), np.zeros((500, 700, 1), np.uint16), np.full((1, 1, 3), 9, np.uint8),
    np.full((20, 20, 4), 200, np.uint8), scanned(an_empty_bed((500, 700), 250.0, 20.0, dust=80)),
    np.random.default_rng(0).integers(0, 256, (400, 500, 3), np.uint8)])
def test_nothing_is_found_on_an_empty_bed(pixels):
    assert find_photographs(Scan.of(pixels)) == ()


def test_looking_can_be_cancelled():
    def stop(share: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        find_photographs(Scan.of(cv2.resize(a_photograph("coffee.png"), (800, 600))), stop)
