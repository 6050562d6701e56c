"""Screens of print are found and taken out; a picture without one is left alone."""

import importlib.util
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio as psnr

from editor.engines.contract import no_progress
from editor.errors import UserError
from editor.evaluation.printing import printed
from editor.restoration import registry, screens
from editor.restoration.contract import Scan
from editor.restoration.descreening import Settings
from editor.restoration.filtering import restored

DESCREEN = registry.find("descreen")


@lru_cache
def photo(name: str = "chelsea.png") -> np.ndarray:
    """(h, w, 3) float32 0..1."""
    path = Path(importlib.util.find_spec("skimage").origin).parent / "data" / name
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    return cv2.resize(picture, (480, 320), interpolation=cv2.INTER_AREA) / np.float32(255)


def eight(pixels: np.ndarray) -> np.ndarray:
    return np.rint(pixels * 255).astype(np.uint8)


def found(pixels: np.ndarray) -> tuple[screens.Peak, ...]:
    return screens.spectrum(Scan.of(pixels), no_progress).peaks


@lru_cache
def a_print(period: float = 5.0) -> np.ndarray:
    return eight(printed(photo(), period))


def nearest(peaks, fineness: float, angle: float) -> float:
    """Cycles per pixel from there to the nearest peak."""
    y, x = fineness * np.sin(np.radians(angle)), fineness * np.cos(np.radians(angle))
    return min(min(np.hypot(peak.y - y, peak.x - x), np.hypot(peak.y + y, peak.x + x)) for peak in peaks)


@pytest.mark.parametrize("period", [4.3, 7.1])
def test_every_inks_screen_is_found_where_it_is(period):
    peaks = found(a_print(period))
    for angle in (15, 75, 0, 45):
        for turned in (0, 90):
            assert nearest(peaks, 1 / period, angle + turned) < 0.002


def test_a_grey_print_that_has_been_a_jpeg_file():
    pixels = eight(printed(photo().mean(axis=2, keepdims=True), 5.0))
    jpeg = cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], cv2.IMREAD_GRAYSCALE)
    peaks = found(jpeg[..., None])
    assert nearest(peaks, 0.2, 45) < 0.002 and nearest(peaks, 0.2, 135) < 0.002
    assert abs(peaks[0].fineness - 0.2) < 0.002 and peaks[0].strength > 20


def test_the_dots_go_and_the_picture_is_nearer_than_by_blurring():
    truth = photo("coffee.png")
    pixels = eight(printed(truth, 5.0))
    out = restored(Scan.of(pixels), DESCREEN) / 255
    blurred = max(psnr(truth, cv2.GaussianBlur(pixels / np.float32(255), (0, 0), sigma), data_range=1)
                  for sigma in (1.2, 1.8, 2.5, 3.2))
    assert psnr(truth, out, data_range=1) > max(blurred, psnr(truth, pixels / 255, data_range=1) + 5)


@pytest.mark.parametrize("name", ["chelsea.png", "astronaut.png", "coffee.png"])
def test_without_a_screen_nothing_changes(name):
    pixels = eight(photo(name))
    assert found(pixels) == ()
    assert np.array_equal(restored(Scan.of(pixels), DESCREEN), pixels)


def test_neither_blinds_nor_tiles_in_a_part_of_the_picture_are_a_screen():
    y, x = np.mgrid[:320, :480]
    blinds = photo() * (0.8 + 0.2 * np.sign(np.sin(y * 2 * np.pi / 9)))[..., None].astype(np.float32)
    assert found(eight(blinds)) == ()
    tiles = photo().copy()
    tiles[:100] *= (0.8 + 0.2 * np.sin(y * 2 * np.pi / 9) * np.sin(x * 2 * np.pi / 9))[:100, :, None]
    assert found(eight(tiles)) == ()


def test_the_raster_of_silk_paper_is_a_screen():
    y, x = np.mgrid[:600, :800]
    paper = cv2.resize(photo(), (800, 600), interpolation=cv2.INTER_CUBIC)
    raster = sum(np.cos(2 * np.pi / 12 * (x * np.cos(turn) + y * np.sin(turn))) for turn in np.radians((0, 60, 120)))
    silk = np.clip(paper + 0.02 * raster[..., None].astype(np.float32), 0, 1)
    peaks = found(eight(silk))
    assert peaks and all(nearest(peaks, 1 / 12, angle) < 0.002 for angle in (0, 60, 120))
    out = restored(Scan.of(eight(silk)), DESCREEN, Settings(smooth=0.0)) / 255
    assert psnr(np.clip(paper, 0, 1), out, data_range=1) > psnr(np.clip(paper, 0, 1), silk, data_range=1) + 2


def test_peaks_can_be_switched_off_and_set_by_hand():
    y, x = np.mgrid[:300, :300]
    stripes = np.clip(0.5 + 0.2 * np.sin(2 * np.pi * x / 6), 0, 1)[..., None]
    pixels = np.rint(stripes * 65_535).astype(np.uint16)
    peak = screens.Peak(0.0, 1 / 6)
    assert np.array_equal(restored(Scan.of(pixels), DESCREEN), pixels)  # one direction proves no screen
    by_hand = restored(Scan.of(pixels), DESCREEN, Settings(peaks=screens.written((peak,)), smooth=0.0)) / 65_535
    assert np.abs(by_hand[100:-100, 100:-100] - 0.5).max() < 0.004
    off = Settings(peaks=screens.written((screens.Peak(0.0, 1 / 6, on=False),)))
    assert np.array_equal(restored(Scan.of(pixels), DESCREEN, off), pixels)
    assert np.array_equal(restored(Scan.of(a_print()), DESCREEN, Settings(peaks=screens.written(()))), a_print())


def test_peaks_are_written_and_read_again():
    peaks = (screens.Peak(0.125, -0.25, 0.02, 17.5, False), screens.Peak(0.0, 0.3))
    assert screens.read(screens.written(peaks)) == peaks and screens.read(screens.written(())) == ()
    for wrong in ("0.1 0.2", "a b c d e", "0.7 0 0.01 0 1", "0.1 0.1 0 0 1", "nan 0 0.1 0 1"):
        with pytest.raises(UserError):
            screens.read(wrong)


def test_no_tile_shows_in_what_comes_out():
    flat = eight(printed(np.full((260, 640, 1), 0.6, np.float32), 6.0))
    out = restored(Scan.of(flat), DESCREEN)[100:-100, 100:-100].astype(int)
    assert np.ptp(flat) > 200 and np.ptp(out) <= 6


@pytest.mark.parametrize("shape", [(1, 1), (20, 20), (63, 900), (70, 80)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_blank_and_tiny_pictures_have_no_screen(shape, value):
    pixels = np.full((*shape, 3), value, np.uint8)
    assert np.array_equal(restored(Scan.of(pixels), DESCREEN), pixels)
    by_hand = Settings(peaks="0 0.2 0.014 0 1")
    assert np.array_equal(restored(Scan.of(pixels), DESCREEN, by_hand), pixels)
