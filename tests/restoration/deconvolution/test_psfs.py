"""Point spread functions have the size and the direction that is asked for, down to parts of a pixel."""

import math

import numpy as np
import pytest

from editor.restoration.deconvolution.psfs import KINDS, Blur, picture, transfer


def moments(psf: np.ndarray) -> tuple[float, float, float]:
    """Variances across and down, and covariance with down counted upwards."""
    y, x = np.indices(psf.shape) - psf.shape[0] // 2
    assert abs((psf * x).sum()) < 1e-3 and abs((psf * y).sum()) < 1e-3
    return (psf * x * x).sum(), (psf * y * y).sum(), -(psf * x * y).sum()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", (0.0, 0.4, 1.0, 2.5, 7.3, 31.0))
def test_they_are_odd_spread_nothing_but_light_and_lose_none(kind, size):
    psf = Blur(kind, size, 33.0).psf()
    assert psf.shape[0] == psf.shape[1] and psf.shape[0] % 2 == 1 and psf.dtype == np.float32
    assert psf.min() >= 0 and psf.sum() == pytest.approx(1, abs=1e-5)
    assert psf.shape[0] <= 4 * size + 5


@pytest.mark.parametrize("size", (3.0, 3.3, 8.0, 21.7))
def test_their_sizes_are_true_between_whole_pixels(size):
    pixel = 1 / 12  # the square's own variance
    across, down, _ = moments(Blur("focus", size).psf())
    assert 0.99 * size**2 / 16 < across < 1.01 * (size**2 / 16 + pixel) and down == pytest.approx(across, rel=1e-4)
    across, down, _ = moments(Blur("gaussian", size).psf())
    assert across == pytest.approx((size / 2.3548) ** 2 + pixel, rel=0.03) and down == pytest.approx(across, rel=1e-4)
    across, down, _ = moments(Blur("motion", size, 0.0).psf())
    assert across - size**2 / 12 == pytest.approx(1 / 6, abs=0.1) and down < 0.01


@pytest.mark.parametrize("angle", (0, 20, 45, 90, 135, 170))
def test_motion_goes_anticlockwise_from_level(angle):
    across, down, both = moments(Blur("motion", 15.0, angle).psf())
    assert math.degrees(math.atan2(2 * both, across - down) / 2) % 180 == pytest.approx(angle % 180, abs=0.5)
    assert np.allclose(Blur("motion", 15.0, angle).psf(), Blur("motion", 15.0, angle + 180).psf(), atol=1e-6)


def test_an_even_disc_has_no_steps_at_its_rim():
    psf = Blur("focus", 9.5).psf()
    inside = psf[psf > 0]
    assert len(np.unique(inside.round(5))) > 4
    assert psf.max() == pytest.approx(1 / (math.pi * 4.75**2), rel=0.01)


def test_their_transform_is_that_of_a_point_at_the_corner():
    psf = Blur("motion", 6.0, 20.0).psf()
    point = np.zeros((40, 50))
    point[0, 0] = 1
    there = np.fft.irfft2(transfer(psf, (40, 50)) * np.fft.rfft2(point), s=(40, 50))
    half = psf.shape[0] // 2
    assert np.allclose(np.roll(there, (half, half), (0, 1))[:psf.shape[0], :psf.shape[1]], psf, atol=1e-6)


def test_a_kind_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="'round'"):
        Blur("round", 3.0).psf()


def test_they_are_shown_as_small_pictures():
    for size in (0.0, 3.0, 200.0):
        shown = picture(Blur("motion", size, 90.0).psf(), 64)
        assert shown.shape == (64, 64) and shown.dtype == np.uint8 and shown.max() == 255 and shown[0, 0] == 0
    assert (picture(Blur("motion", 40.0, 90.0).psf(), 64) > 40).any(axis=1).sum() > 50
