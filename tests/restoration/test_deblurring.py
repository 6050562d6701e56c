"""The filter that takes back blur: sharper, the same however it is tiled, and no harm where it cannot help."""

import numpy as np
import pytest
from blurred_photos import blurred, light_of, numbers_of, photograph, psnr, spread
from scipy.signal import fftconvolve
from skimage.metrics import structural_similarity

from editor.engines.contract import Cancelled, no_progress
from editor.raster.surface import Box
from editor.restoration import registry
from editor.restoration.contract import Scan
from editor.restoration.deblurring import Deblur, Settings
from editor.restoration.filtering import filtered, restored

METHODS = ("richardson-lucy", "wiener", "unsupervised")


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    return structural_similarity(one, other, channel_axis=2, data_range=255)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name, kind, size, angle, gain", [("coffee", "focus", 6.0, 0, 1.5),
                                                           ("astronaut", "motion", 13.0, 40, 0.9)])
def test_a_blurred_photograph_comes_nearer_to_the_sharp_one(method, name, kind, size, angle, gain):
    sharp, soft = blurred(photograph(name)[:300, :300], kind, size, angle, noise=1.5)
    made = restored(Scan.of(soft), Deblur(), Settings(method, kind, size, angle))
    assert psnr(made, sharp) > psnr(soft, sharp) + gain
    assert ssim(made, sharp) > ssim(soft, sharp) + 0.02


@pytest.mark.parametrize("method", METHODS)
def test_what_lies_beyond_the_border_does_not_ripple_into_the_picture(method):
    sharp, soft = blurred(photograph("camera")[:200, 100:400], "motion", 15, 60)
    made = restored(Scan.of(soft), Deblur(), Settings(method, "motion", 15.0, 60.0))
    rim = np.ones(sharp.shape[:2], bool)
    rim[15:-15, 15:-15] = False
    assert psnr(made[rim], sharp[rim]) > psnr(soft[rim], sharp[rim])


@pytest.mark.parametrize("method", METHODS)
def test_a_lamp_does_not_ring(method):
    night = np.full((200, 200, 3), 60.0)
    night[90:104, 94:108] = 500  # far beyond what a file can say
    light = np.stack([fftconvolve(light_of(night[..., 0] / 255), spread("focus", 11), "same")] * 3, 2)
    soft = np.rint(255 * np.minimum(numbers_of(light), 1)).astype(np.uint8)[20:-20, 20:-20]
    made = restored(Scan.of(soft), Deblur(), Settings(method, "focus", 11.0)).astype(int)
    dark = soft[..., 0] < 70  # which the lamp's light has not reached
    assert np.abs(made[dark] - 60).max() <= 12
    assert made[~dark].min() >= 40


def test_noise_is_not_sharpened_into_worms():
    random = np.random.default_rng(1)
    scan = np.clip(120 + random.normal(0, 6, (256, 256, 3)), 0, 255)
    scan[:, 128:] += 60  # an edge, out of focus
    soft = blurred(np.rint(scan).astype(np.uint8), "focus", 7, noise=6)[1]
    for method in METHODS:
        made = restored(Scan.of(soft), Deblur(), Settings(method, "focus", 7.0))
        calm = np.s_[20:-20, 20:80]
        assert made[calm].std() < 1.15 * soft[calm].std()


def test_colour_noise_does_not_grow():
    sharp, soft = blurred(photograph("coffee")[100:360, 100:360], "focus", 6, noise=5)
    made = restored(Scan.of(soft), Deblur(), Settings("richardson-lucy", "focus", 6.0))

    def colour_noise(pixels: np.ndarray) -> float:
        planes = pixels.astype(float)
        differences = np.diff(planes[..., 0] - planes[..., 1], axis=1)
        return float(np.median(np.abs(differences)))

    assert colour_noise(made) <= 1.25 * colour_noise(soft)


def test_colours_no_longer_run_over_edges():
    sharp, soft = blurred(photograph("astronaut")[100:360, 60:320], "focus", 9)

    def off(settings: Settings) -> float:
        """How far the colours, not their brightness, are from the sharp ones."""
        made = restored(Scan.of(soft), Deblur(), settings).astype(float) + 8
        truth = sharp.astype(float) + 8
        return float(np.mean(np.abs(made / made.sum(2, keepdims=True) - truth / truth.sum(2, keepdims=True))))

    assert off(Settings(kind="focus", size=9.0)) < 0.85 * off(Settings(kind="focus", size=9.0, colours=False))


def test_same_pixels_for_a_part_and_for_any_number_of_threads(monkeypatch):
    monkeypatch.setattr(Deblur, "tile", 150)
    soft = blurred(photograph("camera")[:340, :340], "focus", 5)[1][..., :1]
    scan, filter, settings = Scan.of(soft), Deblur(), Settings("richardson-lucy", "focus", 5.0)
    prepared = filter.prepare(scan, settings, no_progress)

    def made(box: Box, threads: int) -> np.ndarray:
        out = np.zeros(soft.shape, np.uint8)
        for part, pixels in filtered(scan, filter, settings, box, prepared=prepared, threads=threads):
            out[part.slices] = pixels
        return out

    whole = made(scan.bounds, 1)
    part = Box(130, 120, 180, 190)  # across the corners of four tiles
    assert np.array_equal(made(part, 3)[part.slices], whole[part.slices])


@pytest.mark.parametrize("method", METHODS)
def test_no_tile_shows(method, monkeypatch):
    soft = blurred(photograph("astronaut")[:310, :310], "motion", 14, 30)[1]
    scan, settings = Scan.of(soft), Settings(method, "motion", 14.0, 30.0)
    whole = restored(scan, Deblur(), settings).astype(int)
    monkeypatch.setattr(Deblur, "tile", 96)
    tiled = restored(scan, Deblur(), settings).astype(int)
    assert np.abs(tiled - whole).mean() < 0.15
    assert np.abs(tiled - whole).max() <= 8


def test_grey_of_16_bits_keeps_its_depth():
    soft = blurred(photograph("camera")[:200, :200], "gaussian", 4)[1][..., :1].astype(np.uint16) * 257
    made = restored(Scan.of(soft), Deblur(), Settings(kind="gaussian", size=4.0))
    assert made.dtype == np.uint16 and made.shape == soft.shape and len(np.unique(made)) > 1000


@pytest.mark.parametrize("pixels", [
    np.full((90, 120, 3), 255, np.uint8), np.zeros((90, 120, 1), np.uint8), np.full((1, 1, 3), 90, np.uint8),
    np.full((20, 3, 4), 90, np.uint16)], ids=["white", "black", "1 x 1", "with alpha"])
@pytest.mark.parametrize("method", METHODS)
def test_where_there_is_nothing_nothing_is_made(pixels, method):
    made = restored(Scan.of(pixels), Deblur(), Settings(method, "focus", 9.0))
    assert np.abs(made.astype(int) - pixels).max() <= np.iinfo(pixels.dtype).max // 255


def test_the_blur_of_a_picture_is_guessed_and_a_sharp_one_left_alone():
    sharp, soft = blurred(photograph("astronaut")[:400, :400], "focus", 7)
    made = restored(Scan.of(soft), Deblur(), Settings())
    told = restored(Scan.of(soft), Deblur(), Settings(kind="focus", size=7.0))
    assert Settings().blur is None and psnr(made, sharp) > psnr(told, sharp) - 0.3
    noise = np.random.default_rng(0).integers(0, 255, (140, 140, 3), np.uint8)  # sharper than any lens
    assert np.array_equal(restored(Scan.of(noise), Deblur(), Settings()), noise)


def test_no_blur_changes_nothing():
    pixels = photograph("coffee")[:100, :100]
    assert np.array_equal(restored(Scan.of(pixels), Deblur(), Settings(kind="focus", size=0.0)), pixels)


def test_measuring_can_be_cancelled():
    def stop(fraction: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        Deblur().prepare(Scan.of(photograph("coffee")), Settings(), stop)


def test_it_is_among_the_filters_and_its_settings_may_be_text():
    filter = registry.find("deblur")
    settings = registry.settings_from(filter, {"kind": "motion", "size": "12.5", "angle": "-30"})
    assert settings == Settings(kind="motion", size=12.5, angle=-30.0)
    assert filter.reach(settings) > 12.5
