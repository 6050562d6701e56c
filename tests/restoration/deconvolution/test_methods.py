"""Wiener's filter and Richardson and Lucy's, on planes of light."""

import numpy as np
import pytest
from blurred_photos import light_of, photograph, spread
from scipy.signal import fftconvolve

from editor.restoration.deconvolution import richardson_lucy, wiener
from editor.restoration.deconvolution.borders import endless, extended, room, seen
from editor.restoration.deconvolution.psfs import Blur

METHODS = {"wiener": lambda plane, psf: wiener.restored(
               plane, wiener.kernel_for(psf, lambda fy, fx: 0.3 * (fy**2 + fx**2))),
           "richardson-lucy": lambda plane, psf: richardson_lucy.restored(plane, psf, 20, 2e-4)}


def error(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))


@pytest.fixture(scope="module")
def plane() -> np.ndarray:
    return light_of(photograph("camera")[100:400, 100:420, 0] / 255)


def soft(light: np.ndarray, kind: str, size: float, angle: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Sharp and blurred, without the margin that the blur has not been computed from."""
    psf = spread(kind, size, angle)
    half = psf.shape[0] // 2
    blurred = fftconvolve(light, psf, "valid") + np.random.default_rng(0).normal(0, 1e-3, np.subtract(
        light.shape, 2 * half))
    return light[half:-half, half:-half].astype(np.float32), np.clip(blurred, 0, None).astype(np.float32)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind, size, angle", [("focus", 7.4, 0), ("motion", 13, 30), ("gaussian", 4, 0)])
def test_the_blur_is_taken_back(plane, method, kind, size, angle):
    sharp, blurred = soft(plane, kind, size, angle)
    restored = METHODS[method](blurred, Blur(kind, size, angle).psf())
    assert restored.shape == sharp.shape and restored.dtype == np.float32
    assert error(restored, sharp) < 0.72 * error(blurred, sharp)


def test_what_lies_beyond_the_border_is_worked_out(plane):
    sharp, blurred = soft(plane, "motion", 15, 60)
    restored = METHODS["richardson-lucy"](blurred, Blur("motion", 15, 60).psf())
    rim = np.ones(sharp.shape, bool)
    rim[15:-15, 15:-15] = False
    assert error(restored[rim], sharp[rim]) < error(blurred[rim], sharp[rim])
    assert error(restored[rim], sharp[rim]) < 1.6 * error(restored[~rim], sharp[~rim])


def test_blown_highlights_do_not_ring_once_they_are_known():
    light = np.full((160, 160), 0.2)
    light[70:84, 74:88] = 6.0  # a lamp
    psf = spread("focus", 11)
    blurred = np.minimum(fftconvolve(np.pad(light, 20, mode="edge"), psf, "same")[20:-20, 20:-20], 1).astype(np.float32)
    blown = blurred > 0.99
    ripples = [error(richardson_lucy.restored(blurred, Blur("focus", 11).psf(), 20, 2e-4, told)[~blown],
                     light[~blown]) for told in (None, blown)]
    assert ripples[1] < 0.5 * ripples[0]


def test_total_variation_keeps_noise_down():
    flat = (0.3 + np.random.default_rng(2).normal(0, 0.01, (120, 120))).astype(np.float32)
    psf = Blur("focus", 6).psf()
    free, held = (richardson_lucy.restored(flat, psf, 20, weight).std() for weight in (0.0, 4e-3))
    assert free > 2 * flat.std() and held < 0.5 * free


def test_a_picture_without_light_stays_dark():
    psf = Blur("gaussian", 5).psf()
    for method in METHODS.values():
        dark = method(np.zeros((20, 30), np.float32), psf)
        assert np.isfinite(dark).all() and np.abs(dark).max() < 1e-3


def test_a_sheet_meets_itself_where_its_sides_join():
    plane = np.tile(np.linspace(0, 1, 50, dtype=np.float32), (40, 1))
    margins = room(9, plane.shape)
    sheet, mirrored = endless(plane, 9), extended(plane, margins)
    assert min(margins) >= 9 and sheet.shape == mirrored.shape
    inside = slice(margins[0], -margins[1]), slice(margins[2], -margins[3])
    assert np.array_equal(sheet[inside], plane) and np.array_equal(mirrored[inside], plane)
    assert np.abs(sheet[:, 0] - sheet[:, -1]).max() < 1e-5 and np.abs(np.diff(sheet, axis=1)).max() < 0.12
    assert np.abs(np.diff(mirrored, axis=1)).max() < 0.03
    assert seen(plane.shape, margins).sum() == plane.size


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2)])
def test_the_smallest_pictures(shape):
    for method in METHODS.values():
        restored = method(np.full(shape, 0.5, np.float32), Blur("focus", 21).psf())
        assert restored.shape == shape and np.allclose(restored, 0.5, atol=0.01)
