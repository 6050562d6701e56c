"""Files' numbers become light and come back."""

import struct

import numpy as np
import pytest
from blurred_photos import light_of
from PIL import ImageCms

from editor.restoration.deconvolution.light import Encoding, brightness, encoding

NUMBERS = np.linspace(0, 1, 1001, dtype=np.float32)


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def power_profile(gamma: float) -> bytes:
    """A plain power in the place of sRGB's curve."""
    profile = bytearray(srgb_profile())
    at = profile.index(b"para", 128)
    while at >= 0:
        profile[at + 12:at + 32] = struct.pack(">5i", *(round(65536 * value) for value in (gamma, 1, 0, 0, 0)))
        at = profile.find(b"para", at + 32)
    return bytes(profile)


def test_srgb_is_its_standard_curve():
    assert encoding(None, 3) == Encoding()
    assert np.allclose(Encoding().light(NUMBERS), light_of(NUMBERS), atol=1e-6)


@pytest.mark.parametrize("code", (Encoding(), Encoding(1.8), Encoding(2.2), Encoding(1.0)))
def test_light_becomes_the_same_numbers_again(code):
    light = code.light(NUMBERS)
    assert light.dtype == np.float32 and light[0] == 0 and light[-1] == pytest.approx(1) and (np.diff(light) > 0).all()
    assert np.allclose(code.numbers(light), NUMBERS, atol=2e-5)
    assert np.array_equal(code.numbers(np.array([-0.5], np.float32)), [0])


def test_another_profile_has_the_curve_that_its_greys_follow():
    assert encoding(power_profile(1.8), 3).gamma == pytest.approx(1.8, abs=0.05)
    assert encoding(power_profile(2.2), 3).gamma == pytest.approx(2.2, abs=0.05)
    assert encoding(srgb_profile(), 3) == Encoding()
    assert encoding(b"no profile", 3) == Encoding() == encoding(b"no profile", 1)


def test_brightness_is_luminance():
    light = np.array([[[1, 0, 0], [0, 1, 0], [0, 0, 1]]], np.float32)
    assert np.allclose(brightness(light), [[0.2126, 0.7152, 0.0722]])
    assert np.array_equal(brightness(light[..., :1]), light[..., 0])
