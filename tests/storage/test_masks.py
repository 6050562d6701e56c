"""Masks, sketches and colour strokes as pictures: white, or what is opaque, counts; the size must be the photo's."""

import numpy as np
import pytest
from photo_samples import gradient, jpeg, noise
from PIL import Image

from editor.errors import UserError
from editor.storage.masks import read_colour, read_mask, read_sketch, write_mask
from editor.storage.photos import Decoder


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as decoder:
        yield decoder


def saved(path, pixels):
    Image.fromarray(pixels).save(path)
    return path


def test_white_is_the_hole_with_every_shade_between(tmp_path, decoder):
    grey = noise((30, 40))
    for pixels in (grey, np.stack([grey] * 3, 2)):
        mask = read_mask(saved(tmp_path / "mask.png", pixels), (30, 40), decoder=decoder)
        assert mask.shape == (30, 40)
        assert mask.dtype == np.uint8
        np.testing.assert_array_equal(mask, grey)


def test_where_alpha_varies_opaque_is_the_hole(tmp_path, decoder):
    pixels = noise((30, 40, 4))
    mask = read_mask(saved(tmp_path / "mask.png", pixels), (30, 40), decoder=decoder)
    np.testing.assert_array_equal(mask, pixels[..., 3])


@pytest.mark.parametrize("alpha", (0, 128, 255))
def test_where_alpha_is_the_same_everywhere_white_is(tmp_path, decoder, alpha):
    grey = noise((30, 40))
    pixels = np.stack([grey, grey, grey, np.full_like(grey, alpha)], 2)
    np.testing.assert_array_equal(
        read_mask(saved(tmp_path / "mask.png", pixels), (30, 40), decoder=decoder), grey)


def test_16_bits_and_one_bit(tmp_path, decoder):
    deep = noise((30, 40)).astype(np.uint16) * 257
    mask = read_mask(saved(tmp_path / "mask.png", deep), (30, 40), decoder=decoder)
    np.testing.assert_array_equal(mask, deep // 257)
    bits = noise((30, 40)) > 100
    np.testing.assert_array_equal(
        read_mask(saved(tmp_path / "mask.png", bits), (30, 40), decoder=decoder), bits * np.uint8(255))


def test_another_size_says_both(tmp_path, decoder):
    path = saved(tmp_path / "mask.png", noise((30, 40)))
    for read, what in ((read_mask, "mask"), (read_sketch, "sketch"), (read_colour, "colour picture")):
        with pytest.raises(UserError, match=f"the {what} has 40 x 30 .* 41 x 30") as caught:
            read(path, (30, 41), decoder=decoder)
        assert str(path) in str(caught.value)


def test_a_sketch_is_read_alike(tmp_path, decoder):
    pixels = noise((30, 40, 4))
    np.testing.assert_array_equal(
        read_sketch(saved(tmp_path / "lines.png", pixels), (30, 40), decoder=decoder), pixels[..., 3])


def test_colour_strokes_keep_colour_and_alpha(tmp_path, decoder):
    pixels = noise((30, 40, 4))
    colour = read_colour(saved(tmp_path / "colour.png", pixels), (30, 40), decoder=decoder)
    np.testing.assert_array_equal(colour, pixels)


def test_grey_colour_strokes_become_rgb(tmp_path, decoder):
    pixels = noise((30, 40, 2))
    colour = read_colour(saved(tmp_path / "colour.png", pixels), (30, 40), decoder=decoder)
    np.testing.assert_array_equal(colour, pixels[..., [0, 0, 0, 1]])


def test_colour_without_transparency_is_refused(tmp_path, decoder):
    with pytest.raises(UserError, match="transparen"):
        read_colour(saved(tmp_path / "colour.png", noise((30, 40, 3))), (30, 40), decoder=decoder)


def test_a_jpeg_mask_is_good_enough(tmp_path, decoder):
    (tmp_path / "mask.jpg").write_bytes(jpeg(gradient(32, 48)[..., 0], quality=95))
    mask = read_mask(tmp_path / "mask.jpg", (32, 48), decoder=decoder)
    assert np.abs(mask.astype(int) - gradient(32, 48)[..., 0]).max() < 6


@pytest.mark.parametrize("name", ("mask.png", "mask.tif"))
def test_a_mask_written_is_the_mask_read(tmp_path, decoder, name):
    mask = noise((30, 40))
    write_mask(tmp_path / name, mask)
    np.testing.assert_array_equal(read_mask(tmp_path / name, (30, 40), decoder=decoder), mask)


def test_a_bad_mask_is_one_line(tmp_path):
    (tmp_path / "mask.png").write_bytes(b"no mask")
    with pytest.raises(UserError, match="text file"):
        read_mask(tmp_path / "mask.png", (30, 40))
