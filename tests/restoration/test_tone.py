"""Levels read off faded photographs: those faded by code come back, those in order are left alone."""

import cv2
import numpy as np
import pytest
from skimage import data

from editor.jobs.worker import Cancelled
from editor.raster.adjustments import Levels, apply
from editor.restoration.contract import Scan
from editor.restoration.tone import is_toned, samples, unfaded


def _faded(pixels: np.ndarray, seed: int) -> np.ndarray:
    """As prints fade: blacks lifted, whites dulled, of each dye differently."""
    rng, full = np.random.default_rng(seed), np.iinfo(pixels.dtype).max
    low = rng.uniform(0.1, 0.25) + rng.uniform(0, 0.1, pixels.shape[2])
    high = rng.uniform(0.75, 0.95) - rng.uniform(0, 0.15, pixels.shape[2])
    return np.rint((low + (high - low) * pixels / full) * full).astype(pixels.dtype)


def _sepia(grey: np.ndarray, black=(60, 45, 38), white=(235, 215, 180)) -> np.ndarray:
    """A print that is as brown in its shadows as in its lights."""
    share = grey[..., None] / 255
    return np.rint(np.array(black) + (np.array(white) - black) * share).astype(np.uint8)


def _psnr(one: np.ndarray, other: np.ndarray) -> float:
    full = np.iinfo(one.dtype).max
    return 10 * np.log10(full**2 / max(np.mean((one.astype(float) - other) ** 2), 1e-9))


def _chroma(pixels: np.ndarray) -> np.ndarray:
    """Cb and Cr, (n, 2), -0.5..0.5."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)[..., 1:].reshape(-1, 2) / 255 - 0.5


@pytest.fixture(scope="module", params=["astronaut", "coffee", "rocket"])
def photo(request) -> np.ndarray:
    return np.ascontiguousarray(getattr(data, request.param)()[::2, ::2])


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("depth", [8, 16])
def test_what_was_faded_comes_back(photo, seed, depth):
    whole = photo if depth == 8 else photo.astype(np.uint16) * 257
    faded = _faded(whole, seed)
    back = apply(unfaded(Scan.of(faded)), faded)
    assert _psnr(back, whole) > _psnr(faded, whole) + 6


def test_a_well_exposed_photograph_is_left_nearly_alone(photo):
    assert _psnr(apply(unfaded(Scan.of(photo)), photo), photo) > 27


def test_next_to_nothing_is_clipped(photo):
    faded = _faded(photo, 3)
    back = apply(unfaded(Scan.of(faded)), faded)
    assert (back == 0).mean(axis=(0, 1)).max() < 0.01 and (back == 255).mean(axis=(0, 1)).max() < 0.01


def test_without_balance_all_channels_get_the_same():
    levels = unfaded(Scan.of(_faded(data.coffee(), 1)), balance=False)
    assert levels.red == levels.green == levels.blue != Levels().red


def test_grey_photographs_have_levels_for_all_channels_only():
    faded = _faded(data.camera()[..., None], 4)
    levels = unfaded(Scan.of(faded))
    assert levels == Levels(levels.master)
    assert _psnr(apply(levels, faded), data.camera()[..., None]) > _psnr(faded, data.camera()[..., None]) + 6


def test_a_toned_monochrome_is_told_from_a_faded_colour_photograph(photo):
    assert not is_toned(samples(Scan.of(_faded(photo, 1))))
    noisy = _sepia(data.camera()) + np.random.default_rng(0).integers(-3, 4, (512, 512, 3))
    assert is_toned(samples(Scan.of(noisy.astype(np.uint8))))


def test_sepia_keeps_its_hue_and_gets_its_contrast_back():
    scan = _sepia(data.camera())
    back = apply(unfaded(Scan.of(scan)), scan)
    assert np.ptp(np.quantile(back[..., 0], [0.01, 0.99])) > 215 > 180 > np.ptp(np.quantile(scan[..., 0], [0.01, 0.99]))
    middle = (back[..., 0] > 60) & (back[..., 0] < 220)
    before, after = _chroma(scan)[middle.ravel()], _chroma(back)[middle.ravel()]
    hues = [np.arctan2(*chroma.mean(axis=0)) for chroma in (before, after)]
    assert abs(hues[0] - hues[1]) < 0.15
    assert np.hypot(*after.mean(axis=0)) > 0.5 * np.hypot(*before.mean(axis=0))


def test_sepia_that_is_not_to_be_kept_becomes_neutral():
    scan = _sepia(data.camera())
    back = apply(unfaded(Scan.of(scan), keep_sepia=False), scan)
    assert np.quantile(np.ptp(back, axis=2), 0.95) < 20 < np.quantile(np.ptp(scan, axis=2), 0.05)


def test_the_margin_of_a_print_and_the_scanners_bed_do_not_count():
    faded = _faded(data.coffee(), 5)
    print_ = cv2.copyMakeBorder(faded, 24, 30, 22, 28, cv2.BORDER_CONSTANT, value=(250, 246, 235))
    bed = cv2.copyMakeBorder(print_, 60, 0, 0, 200, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    alone = unfaded(Scan.of(faded))
    for scan in (print_, bed):
        levels = unfaded(Scan.of(scan))
        for name in ("red", "green", "blue"):
            assert getattr(levels, name).white == pytest.approx(getattr(alone, name).white, abs=0.04)
            assert getattr(levels, name).black == pytest.approx(getattr(alone, name).black, abs=0.03)


def test_what_is_transparent_does_not_count():
    faded = _faded(data.coffee(), 6)
    seen = np.dstack([faded, np.full(faded.shape[:2], 255, np.uint8)])
    seen[:200, :, :3], seen[:200, :, 3] = 0, 0
    lower = np.ascontiguousarray(faded[200:])
    assert unfaded(Scan.of(seen)).red.black == pytest.approx(unfaded(Scan.of(lower)).red.black, abs=0.02)


@pytest.mark.parametrize("pixels", [
    np.full((200, 300, 3), 128, np.uint8), np.zeros((1, 1, 1), np.uint8), np.full((40, 40, 1), 65535, np.uint16),
    np.dstack([np.zeros((30, 30, 3), np.uint8), np.zeros((30, 30), np.uint8)])])
def test_where_there_is_no_tone_nothing_is_done(pixels):
    assert unfaded(Scan.of(pixels)) == Levels()


@pytest.mark.parametrize("colour", [(1, 0, 0), (0, 1, 1), (1, 1, 1)])
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.filterwarnings("error")
def test_monochromes_of_any_colour_have_levels(colour, keep):
    grey = np.where(data.camera()[::4, ::4, None] > 90, data.camera()[::4, ::4, None], 0)
    scan = (grey * np.array(colour)).astype(np.uint8)
    back = apply(unfaded(Scan.of(scan), keep_sepia=keep), scan)
    assert not keep or not back[..., np.array(colour) == 0].any()


@pytest.mark.parametrize("shape", [(1, 2), (20, 20), (3, 4000)])
def test_pictures_of_any_shape_have_levels(shape):
    pixels = np.random.default_rng(1).integers(60, 200, (*shape, 3), np.uint8)
    assert apply(unfaded(Scan.of(pixels)), pixels).shape == pixels.shape


def test_a_scan_of_one_bit_stays_as_it_is():
    page = np.where(data.page()[..., None] > 120, 255, 0).astype(np.uint8)
    assert np.array_equal(apply(unfaded(Scan.of(page)), page), page)


def test_it_can_be_cancelled():
    def cancel(share: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        unfaded(Scan.of(data.coffee()), progress=cancel)
