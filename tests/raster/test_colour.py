"""Depths and ICC profiles."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageCms

from editor.raster.colour import as_depth, from_srgb8, grey, is_usable, to_8_bit, to_srgb8

U8, U16 = np.dtype(np.uint8), np.dtype(np.uint16)


def _number(value: float) -> bytes:
    return round(value * 65536).to_bytes(4, "big", signed=True)


def _icc(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC version 2 display profile with these tags, as ICC.1:2001-04 lays it out."""
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + (start + len(body)).to_bytes(4, "big") + len(data).to_bytes(4, "big")
        body += data + b"\0" * (-len(data) % 4)
    size = start + len(body)
    head = (size.to_bytes(4, "big") + b"lcms" + bytes([2, 0x10, 0, 0]) + b"mntr" + space + b"XYZ " + bytes(12)
            + b"acsp" + bytes(28) + _number(0.9642) + _number(1) + _number(0.8249))
    return head.ljust(128, b"\0") + len(tags).to_bytes(4, "big") + table + body


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ " + bytes(4) + _number(x) + _number(y) + _number(z)


def _gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + (1).to_bytes(4, "big") + round(value * 256).to_bytes(2, "big")


_TEXT = {b"desc": b"desc" + bytes(4) + (5).to_bytes(4, "big") + b"test\0" + bytes(78),
         b"cprt": b"text" + bytes(4) + b"\0",
         b"wtpt": _xyz(0.9642, 1, 0.8249)}
# Primaries adapted to D50: Adobe RGB (1998) with its gamma of 2.2, and Display P3 with a gamma near sRGB's.
ADOBE_RGB = _icc(b"RGB ", _TEXT | {
    b"rXYZ": _xyz(0.60974, 0.31111, 0.01947), b"gXYZ": _xyz(0.20528, 0.62567, 0.06087),
    b"bXYZ": _xyz(0.14919, 0.06322, 0.74457),
    b"rTRC": _gamma(2.2), b"gTRC": _gamma(2.2), b"bTRC": _gamma(2.2)})
DISPLAY_P3 = _icc(b"RGB ", _TEXT | {
    b"rXYZ": _xyz(0.51512, 0.24119, -0.00105), b"gXYZ": _xyz(0.29198, 0.69225, 0.04189),
    b"bXYZ": _xyz(0.15710, 0.06657, 0.78407),
    b"rTRC": _gamma(2.2), b"gTRC": _gamma(2.2), b"bTRC": _gamma(2.2)})
GREY_LINEAR = _icc(b"GRAY", _TEXT | {b"kTRC": _gamma(1.0)})
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def _colours(count: int = 500) -> np.ndarray:
    return np.random.default_rng(8).integers(0, 256, (1, count, 3), np.uint8)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_eight_bits_to_sixteen_and_back_is_exact(channels):
    pixels = np.arange(256 * channels, dtype=np.uint8).reshape(16, 16, channels)
    deep = as_depth(pixels, U16)
    assert deep.dtype == np.uint16 and deep.max() == 65535 and deep.min() == 0
    assert np.array_equal(as_depth(deep, U8), pixels)
    assert as_depth(pixels, U8) is pixels and as_depth(deep, U16) is deep


def test_sixteen_bits_are_rounded_to_eight():
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    assert np.abs(to_8_bit(every) - every / 257).max() <= 0.5


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4))
def test_depths_keep_the_shape_also_of_parts_of_a_picture(height, width, channels):
    pixels = np.arange(12 * 12 * 4, dtype=np.uint16).reshape(12, 12, 4) * 100
    part = pixels[1:1 + height, 2:2 + width, :channels]
    assert np.array_equal(to_8_bit(part), np.rint(part / 257))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_keeps_depth_and_greys(dtype):
    full = np.iinfo(dtype).max
    ramp = np.linspace(0, full, 99).astype(dtype)
    assert np.array_equal(grey(np.stack([ramp] * 3, axis=1)[None])[0, :, 0], ramp)
    pure = grey(np.diag([full] * 3).astype(dtype)[None])[0, :, 0] / full
    assert pure == pytest.approx([0.299, 0.587, 0.114], abs=0.003)


@pytest.mark.parametrize("profile, channels, usable", [
    (SRGB, 3, True), (ADOBE_RGB, 3, True), (DISPLAY_P3, 3, True), (GREY_LINEAR, 1, True),
    (SRGB, 1, False), (GREY_LINEAR, 3, False), (LAB, 3, False),
    (b"", 3, False), (b"not a profile", 3, False), (SRGB[:100], 3, False), (SRGB[:200], 3, False),
    (bytes(len(SRGB)), 3, False), (SRGB[:128] + b"\xff" * 300, 3, False)])
def test_a_profile_is_usable_if_it_can_be_read_and_describes_such_pixels(profile, channels, usable):
    assert is_usable(profile, channels) is usable


@pytest.mark.parametrize("profile", [None, b"not a profile", SRGB[:200], GREY_LINEAR, LAB, SRGB])
def test_without_a_profile_of_its_own_a_picture_is_shown_as_srgb(profile):
    colours = _colours()
    assert np.abs(to_srgb8(colours, profile).astype(int) - colours).max() <= 1
    back = from_srgb8(colours, profile, 3, np.uint16)
    assert back.dtype == np.uint16 and np.abs(to_8_bit(back).astype(int) - colours).max() <= 1


def test_a_damaged_profile_never_raises_whatever_is_wrong_with_it():
    rng = np.random.default_rng(3)
    for _ in range(60):
        damaged = bytearray(ADOBE_RGB)
        for at in (rng.integers(0, 24), *rng.integers(0, len(damaged), 5)):
            damaged[at] = rng.integers(0, 256)
        shown = to_srgb8(_colours(4), bytes(damaged))
        assert shown.shape == (1, 4, 3) and shown.dtype == np.uint8
        assert from_srgb8(_colours(4), bytes(damaged), 3, np.uint8).shape == (1, 4, 3)


def _encode(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("profile, primaries", [
    (ADOBE_RGB, [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]),
    (DISPLAY_P3, [[0.51512, 0.29198, 0.15710], [0.24119, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])])
def test_wide_colours_are_shown_as_what_they_are(profile, primaries):
    srgb = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
    colours = _colours()
    linear = (colours / 255.0) ** 2.2 @ np.array(primaries).T @ np.linalg.inv(srgb).T
    expected = np.clip(_encode(linear), 0, 1) * 255
    inside = ((linear > 0.01) & (linear < 0.99)).all(axis=2)
    assert inside.sum() > 100
    difference = np.abs(to_srgb8(colours, profile) - expected)[inside]
    assert difference.max() < 4 and difference.mean() < 0.6


@pytest.mark.parametrize("profile", [ADOBE_RGB, DISPLAY_P3])
def test_a_picked_colour_looks_the_same_after_being_painted(profile):
    colours = _colours()
    own = from_srgb8(colours, profile, 3, np.uint16)
    shown = to_srgb8(own, profile).astype(int)
    assert np.abs(own.astype(int) // 257 - colours).max() > 10, "the numbers differ"
    assert np.abs(shown - colours).mean() < 0.8


def test_grey_pictures_are_shown_in_grey_with_or_without_profile():
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
    plain = to_srgb8(ramp, None)
    assert plain.shape == (1, 256, 3) and np.array_equal(plain, np.repeat(ramp, 3, axis=2))
    shown = to_srgb8(ramp, GREY_LINEAR)
    assert shown.shape == (1, 256, 3) and np.ptp(shown, axis=2).max() <= 1
    assert np.abs(shown[0, :, 0] - _encode(np.arange(256) / 255) * 255).max() <= 2
    back = from_srgb8(shown, GREY_LINEAR, 1, np.uint8)
    assert back.shape == (1, 256, 1) and np.abs(back.astype(int) - ramp)[0, 40:].max() <= 3
    assert from_srgb8(shown, None, 1, np.uint16).shape == (1, 256, 1)


def test_the_profiles_made_here_are_such_as_other_programs_read():
    for profile in (ADOBE_RGB, DISPLAY_P3, GREY_LINEAR):
        assert ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.profile_description == "test"
