"""Grain is measured and taken out; what is no grain stays."""

import importlib.util
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio as psnr

from editor.engines.contract import Cancelled, no_progress
from editor.evaluation.film import with_grain
from editor.raster.surface import Box
from editor.restoration import registry
from editor.restoration.contract import Scan
from editor.restoration.denoising import DenoiseSettings
from editor.restoration.denoising.noise import measure
from editor.restoration.filtering import filtered, restored

DENOISE = registry.find("denoise")
ALL = DenoiseSettings(keep_grain=0.0)


@lru_cache
def photo(name: str = "astronaut.png") -> np.ndarray:
    """(h, w, 3) float32 0..1."""
    path = Path(importlib.util.find_spec("skimage").origin).parent / "data" / name
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)[:256, 64:320] / np.float32(255)


def sixteen(pixels: np.ndarray) -> np.ndarray:
    return np.rint(pixels * 65_535).astype(np.uint16)


def shares(pixels: np.ndarray) -> np.ndarray:
    return pixels / np.float32(65_535)


@pytest.mark.parametrize("size", [0.6, 1.2, 2.0])
def test_grain_goes_and_more_of_it_than_by_non_local_means_however_strong(size):
    truth = photo()
    grainy = with_grain(truth, 0.05, size, seed=1)
    before = psnr(truth, grainy, data_range=1)
    ours = psnr(truth, shares(restored(Scan.of(sixteen(grainy)), DENOISE, ALL)), data_range=1)
    eight = np.rint(grainy * 255).astype(np.uint8)
    theirs = max(psnr(truth, cv2.fastNlMeansDenoisingColored(eight, None, h, h) / np.float32(255), data_range=1)
                 for h in (10, 20))
    assert ours > before + 1.2 and ours > theirs + 0.5


def test_the_measure_follows_brightness_and_is_apart_for_colour():
    flat = np.repeat(np.linspace(0.1, 0.9, 512, dtype=np.float32)[None, :, None], 384, axis=0).repeat(3, axis=2)
    grainy = with_grain(flat, 0.04, 1.0, colour=0.3, seed=2)
    noise = measure(Scan.of(sixteen(grainy)), no_progress)[0]
    middle, dark = noise.at(0, np.array([0.5, 0.15]))
    assert 1.5 < middle / dark < 4  # (1 / 0.68) ** 2 = 2.2
    rest = (grainy - flat)[:, 200:312].mean(axis=2)
    fine = rest - cv2.GaussianBlur(rest, (0, 0), 8)
    found = noise.deviation[0] * np.sqrt(middle)
    assert 0.7 * fine.std() < found < 1.2 * fine.std()
    assert noise.deviation[1] < 0.5 * noise.deviation[0]


def test_without_noise_nothing_changes():
    truth = np.zeros((200, 300, 3), np.uint16)
    truth[50:, 100:] = 40_000
    truth[120:160] = (9_000, 20_000, 60_000)
    assert np.array_equal(restored(Scan.of(truth), DENOISE, ALL), truth)


@pytest.mark.parametrize("name", ["brick.png", "coins.png", "coffee.png"])
def test_texture_is_not_taken_for_grain(name):
    pixels = np.rint(photo(name) * 255).astype(np.uint8)
    assert psnr(pixels, restored(Scan.of(pixels), DENOISE, ALL), data_range=255) > 45


def test_kept_grain_is_of_brightness_only_and_by_its_share():
    grainy = sixteen(with_grain(photo(), 0.05, 1.2, seed=3))
    scan = Scan.of(grainy)
    none, some = (shares(restored(scan, DENOISE, DenoiseSettings(keep_grain=keep))) for keep in (0.0, 0.4))
    inside = (grainy > 6_000).all(2) & (grainy < 59_000).all(2)
    assert np.allclose((some - none).mean(2)[inside], 0.4 * (shares(grainy) - none).mean(2)[inside], atol=2e-3)
    assert np.abs((some - none)[..., 0] - (some - none)[..., 2])[inside].max() < 2e-3


def test_amount_and_colour_each_do_their_part():
    grainy = sixteen(with_grain(photo(), 0.05, 1.2, seed=3))
    scan = Scan.of(grainy)
    assert np.array_equal(restored(scan, DENOISE, DenoiseSettings(amount=0, colour=0, keep_grain=0)), grainy)
    only_colour = restored(scan, DENOISE, DenoiseSettings(amount=0, keep_grain=0)).astype(int)
    assert np.abs(only_colour.mean(2) - grainy.mean(2)).mean() < 60  # of 65,535: what is clipped apart from that
    assert np.abs(only_colour[..., 0] - grainy[..., 0]).mean() > 300


def test_the_same_pixels_by_parts_and_by_any_number_of_threads():
    rng = np.random.default_rng(5)
    scan = Scan.of(sixteen(np.clip(0.5 + 0.05 * rng.standard_normal((600, 640, 1)), 0, 1)))
    prepared = DENOISE.prepare(scan, ALL, no_progress)
    whole = np.zeros((600, 640, 1), np.uint16)
    for box, pixels in filtered(scan, DENOISE, ALL, threads=1, prepared=prepared):
        whole[box.slices] = pixels
    part = Box(430, 470, 590, 560)
    for box, pixels in filtered(scan, DENOISE, ALL, part, threads=3, prepared=prepared):
        assert np.array_equal(pixels, whole[box.slices])


def test_no_seam_shows_between_tiles():
    rng = np.random.default_rng(5)
    noise = cv2.GaussianBlur(rng.standard_normal((80, 640, 1)).astype(np.float32), (0, 0), 2)[..., None]
    out = shares(restored(Scan.of(sixteen(np.clip(0.5 + 0.2 * noise, 0, 1))), DENOISE, ALL))[..., 0]
    across = np.abs(np.diff(out, axis=1)).mean(axis=0)
    assert across[511] < np.quantile(across, 0.999) * 1.2


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("shape", [(1, 1), (20, 20), (40, 700)])
def test_any_size_and_kind(shape, channels):
    pixels = np.random.default_rng(1).integers(0, 255, (*shape, channels)).astype(np.uint8)
    out = restored(Scan.of(pixels), DENOISE)
    assert out.shape == pixels.shape and out.dtype == np.uint8
    if channels in (2, 4):
        assert np.array_equal(out[..., -1], pixels[..., -1])


def test_measuring_can_be_cancelled():
    def cancel(fraction, words):
        raise Cancelled

    with pytest.raises(Cancelled):
        DENOISE.prepare(Scan.of(np.zeros((300, 300, 3), np.uint8)), ALL, cancel)
