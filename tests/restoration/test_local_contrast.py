"""Local contrast: what it raises, and what it leaves alone."""

import cv2
import numpy as np
import pytest
from skimage import color, data

from editor.engines.contract import no_progress
from editor.restoration.contract import Scan
from editor.restoration.filtering import restored
from editor.restoration.local_contrast import LocalContrast, Settings
from editor.restoration.noise_level import noise_by_brightness

FILTER = LocalContrast()


def raised(pixels: np.ndarray, **settings) -> np.ndarray:
    return restored(Scan.of(pixels), FILTER, Settings(**settings))


def test_no_amount_changes_nothing():
    photo = data.chelsea()
    assert np.array_equal(raised(photo, amount=0), photo)


def test_a_faded_photo_gets_its_contrast_back_as_opencv_would_give_it():
    faded = (data.camera()[..., None] // 4 + 90).astype(np.uint8)
    ours = raised(faded, amount=1, size=12.5, limit_grain=0)[..., 0].astype(float)
    theirs = cv2.createCLAHE(4.0, (8, 8)).apply(faded[..., 0]).astype(float)
    assert ours.std() > 1.5 * faded.std()
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.99


def test_grain_on_an_even_ground_is_left_as_it_is():
    random = np.random.default_rng(5)
    scene = np.full((400, 500), 120.0)
    scene[:, 250:] += 25 * (np.indices((400, 250)).sum(0) // 20 % 2)  # tiles on the right
    grain = cv2.GaussianBlur(random.standard_normal((400, 500)), (0, 0), 1)
    scan = np.clip(scene + 5 * grain / grain.std(), 0, 255).astype(np.uint8)[..., None]
    spared, not_spared = raised(scan, amount=1), raised(scan, amount=1, limit_grain=0)
    ground, tiles = (slice(20, 380), slice(20, 220), 0), (slice(20, 380), slice(290, 480), 0)

    def strength(picture):
        return (picture[ground] - cv2.GaussianBlur(picture[ground].astype(float), (0, 0), 8)).std()

    assert strength(spared) == pytest.approx(strength(scan), rel=0.1)
    assert strength(not_spared) > 1.5 * strength(scan)
    assert spared[tiles].std() > 1.5 * scan[tiles].std()  # what is to be seen is


def test_hues_stay_and_greys_stay_grey():
    photo = cv2.GaussianBlur(data.coffee(), (0, 0), 2)  # rounding turns the hues of dark noise
    out = raised(photo, amount=0.6)
    assert np.abs(out.astype(int) - photo).mean() > 5
    before, after = (color.rgb2hsv(picture) for picture in (photo, out))
    coloured = (before[..., 1] > 0.3) & (before[..., 2] > 0.2) & (after[..., 2] > 0.2)
    turned = np.abs((after - before)[coloured][:, 0])
    assert np.quantile(np.minimum(turned, 1 - turned), 0.99) < 0.01
    grey = np.repeat(data.camera()[..., None], 3, 2)
    assert not np.ptp(raised(grey, amount=0.6), axis=2).any()


def test_sixteen_bits_are_worked_at_sixteen_bits():
    ramp = np.linspace(20_000, 22_000, 400 * 300).astype(np.uint16).reshape(300, 400, 1)
    out = raised(ramp, amount=1, limit_grain=0)
    assert len(np.unique(out)) > 1000
    eight = raised((ramp >> 8).astype(np.uint8), amount=1, limit_grain=0)
    assert np.abs(out / 257 - eight).max() < 6  # levels of eight bits are twice as far apart after


def test_between_cells_there_is_no_seam():
    y, x = np.mgrid[:300, :400]
    smooth = (15_000 + 20 * x + 30 * y).astype(np.uint16)[..., None]
    out = raised(smooth, amount=1, size=15)[..., 0].astype(int)
    assert np.abs(np.diff(out, axis=0)).max() < 4.2 * 30 + 40
    assert np.abs(np.diff(out, axis=1)).max() < 4.2 * 20 + 40


def test_the_noise_of_each_brightness_is_measured():
    random = np.random.default_rng(6)
    scene = np.repeat(np.linspace(0.1, 0.9, 640, dtype=np.float32)[None], 640, 0)
    strength = 0.01 + 0.03 * scene
    scan = Scan.of(np.rint((scene + strength * random.standard_normal(scene.shape)).clip(0, 1) * 65535)
                   .astype(np.uint16)[..., None])
    found = noise_by_brightness(scan, no_progress)
    for brightness in (0.2, 0.5, 0.8):
        assert found[round(255 * brightness)] == pytest.approx(0.01 + 0.03 * brightness, rel=0.2)
    assert not noise_by_brightness(Scan.of(np.zeros((1, 1, 3), np.uint8)), no_progress).any()
