"""Every kind of picture that can be opened comes in at its own depth, upright, with its own numbers."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from photo_samples import exif, gradient, jpeg, noise, psd, rgb_profile
from PIL import Image

from editor.storage.decoder import upright_view
from editor.storage.photos import Decoder


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


def png(folder: Path, image: Image.Image, **options: object) -> Path:
    image.save(folder / "photo.png", **options)
    return folder / "photo.png"


@pytest.mark.parametrize("channels", (1, 2, 3, 4))
def test_png_8_bits(tmp_path, decoder, channels):
    pixels = noise((30, 40, channels))
    photo = decoder.read(png(tmp_path, Image.fromarray(pixels[..., 0] if channels == 1 else pixels)))
    assert photo.format == "png"
    assert photo.pixels.dtype == np.uint8
    np.testing.assert_array_equal(photo.pixels, pixels)
    assert not photo.pixels.flags.writeable


def test_png_16_bits_grey(tmp_path, decoder):
    pixels = noise((30, 40), np.uint16)
    photo = decoder.read(png(tmp_path, Image.fromarray(pixels)))
    assert photo.depth == 16
    np.testing.assert_array_equal(photo.pixels[..., 0], pixels)


def test_png_palette_with_and_without_transparency(tmp_path, decoder):
    image = Image.fromarray(gradient(30, 40)).quantize(16)
    np.testing.assert_array_equal(decoder.read(png(tmp_path, image)).pixels, np.asarray(image.convert("RGB")))
    clear = decoder.read(png(tmp_path, image, transparency=3)).pixels
    np.testing.assert_array_equal(clear[..., 3], np.where(np.asarray(image) == 3, 0, 255))


def test_png_one_bit(tmp_path, decoder):
    bits = noise((30, 40)) > 100
    photo = decoder.read(png(tmp_path, Image.fromarray(bits)))
    np.testing.assert_array_equal(photo.pixels[..., 0], bits * np.uint8(255))


def test_png_gamma_changes_nothing(tmp_path, decoder):
    from PIL.PngImagePlugin import PngInfo

    extra = PngInfo()
    extra.add(b"gAMA", (100000).to_bytes(4, "big"))
    pixels = noise((30, 40, 4))
    photo = decoder.read(png(tmp_path, Image.fromarray(pixels), pnginfo=extra))
    np.testing.assert_array_equal(photo.pixels, pixels)


@pytest.mark.parametrize("options", (
    {}, {"byteorder": ">"}, {"tile": (16, 16)}, {"bigtiff": True}, {"compression": "zlib", "predictor": True},
    {"rowsperstrip": 7}), ids=str)
@pytest.mark.parametrize("dtype", (np.uint8, np.uint16))
@pytest.mark.parametrize("channels", (1, 3, 4))
def test_tiff_layouts(tmp_path, decoder, channels, dtype, options):
    pixels = noise((50, 70, channels), dtype)
    path = tmp_path / "scan.tif"
    if channels == 4:
        options = {**options, "extrasamples": ["unassalpha"]}
    tifffile.imwrite(path, pixels[..., 0] if channels == 1 else pixels,
                     photometric="minisblack" if channels == 1 else "rgb", **options)
    photo = decoder.read(path)
    assert photo.format == "tiff"
    np.testing.assert_array_equal(photo.pixels, pixels)
    assert photo.pixels.dtype == dtype


def test_tiff_planar(tmp_path, decoder):
    pixels = noise((50, 70, 3), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pixels.transpose(2, 0, 1), planarconfig="separate", photometric="rgb")
    np.testing.assert_array_equal(decoder.read(tmp_path / "a.tif").pixels, pixels)


def test_tiff_where_white_is_zero(tmp_path, decoder):
    pixels = noise((30, 40))
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="miniswhite")
    np.testing.assert_array_equal(decoder.read(tmp_path / "a.tif").pixels[..., 0], 255 - pixels)


def test_tiff_fax(tmp_path, decoder):
    bits = noise((30, 40)) > 100
    Image.fromarray(bits).save(tmp_path / "a.tif", compression="group4")
    np.testing.assert_array_equal(decoder.read(tmp_path / "a.tif").pixels[..., 0], bits * np.uint8(255))


def test_tiff_with_floats_opens_at_16_bits_and_says_so(tmp_path, decoder):
    pixels = noise((30, 40, 3), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", (pixels / 65535).astype(np.float32), photometric="rgb")
    photo = decoder.read(tmp_path / "a.tif")
    np.testing.assert_array_equal(photo.pixels, pixels)
    assert any("16 bits" in notice for notice in photo.notices)


def test_tiff_with_premultiplied_alpha_comes_straight(tmp_path, decoder):
    straight = noise((30, 40, 4))
    straight[..., 3] |= 128  # so that premultiplying loses little
    alpha = straight[..., 3:].astype(np.uint16)
    multiplied = np.concatenate([(straight[..., :3] * alpha + 127) // 255, alpha], 2).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", multiplied, photometric="rgb", extrasamples=["assocalpha"])
    assert np.abs(decoder.read(tmp_path / "a.tif").pixels.astype(int) - straight).max() <= 1


def test_tiff_further_channels_and_pages_are_left_out_and_said(tmp_path, decoder):
    pixels = noise((30, 40, 5))
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(pixels, photometric="rgb", extrasamples=["unassalpha", "unspecified"])
        writer.write(noise((20, 20), seed=1), photometric="minisblack")
    photo = decoder.read(tmp_path / "a.tif")
    np.testing.assert_array_equal(photo.pixels, pixels[..., :4])
    assert any("channel" in notice for notice in photo.notices)
    assert any("page" in notice for notice in photo.notices)


@pytest.mark.parametrize("channels", (1, 3))
@pytest.mark.parametrize("progressive", (False, True))
def test_jpeg(tmp_path, decoder, channels, progressive):
    picture = gradient(50, 70)
    data = jpeg(picture[..., 0] if channels == 1 else picture, quality=90, progressive=progressive)
    (tmp_path / "a.jpg").write_bytes(data)
    photo = decoder.read(tmp_path / "a.jpg")
    assert photo.pixels.shape == (50, 70, channels)
    expected = np.asarray(Image.open(io.BytesIO(data))).reshape(photo.pixels.shape)
    np.testing.assert_array_equal(photo.pixels, expected)


@pytest.mark.parametrize("channels", (3, 4))
def test_webp(tmp_path, decoder, channels):
    pixels = noise((30, 40, channels))
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True, exact=True)
    np.testing.assert_array_equal(decoder.read(tmp_path / "a.webp").pixels, pixels)


@pytest.mark.parametrize("dtype", (np.uint8, np.uint16))
@pytest.mark.parametrize("channels", (1, 3))
def test_photoshop(tmp_path, decoder, channels, dtype):
    pixels = noise((30, 40, channels), dtype)
    (tmp_path / "a.psd").write_bytes(psd(pixels, mode=3 if channels == 3 else 1))
    photo = decoder.read(tmp_path / "a.psd")
    assert photo.format == "psd"
    np.testing.assert_array_equal(photo.pixels, pixels)


def test_bitmap_and_gif(tmp_path, decoder):
    image = Image.fromarray(gradient(30, 41))
    image.save(tmp_path / "a.bmp")
    np.testing.assert_array_equal(decoder.read(tmp_path / "a.bmp").pixels, np.asarray(image))
    few = image.quantize(16)
    few.save(tmp_path / "a.gif")
    np.testing.assert_array_equal(decoder.read(tmp_path / "a.gif").pixels[..., :3], np.asarray(few.convert("RGB")))


@pytest.mark.parametrize("kind", ("gif", "webp", "png"))
def test_an_animation_gives_its_first_picture_and_a_notice(tmp_path, decoder, kind):
    first, second = (Image.fromarray(gradient(32, 32)[::step]).resize((32, 32)) for step in (1, -1))
    path = tmp_path / f"a.{kind}"
    options = {"lossless": True} if kind == "webp" else {}
    first.save(path, save_all=True, append_images=[second], duration=100, **options)
    photo = decoder.read(path)
    assert any("animation" in notice for notice in photo.notices)
    assert np.abs(photo.pixels[..., :3].astype(int) - np.asarray(first)).mean() < 10


@pytest.mark.parametrize("name", ("photo", "photo.png", "photo.jpg?mode=x", "phöto #%04d.tif", "a\nb.jpg"))
def test_the_content_counts_not_the_name(tmp_path, decoder, name):
    path = tmp_path / name
    path.write_bytes(jpeg(gradient(20, 30)))
    assert decoder.read(path).format == "jpeg"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ("jpg", "png", "tif", "webp"))
def test_every_orientation_comes_upright(tmp_path, decoder, orientation, kind):
    upright = gradient(24, 40)
    stored = np.ascontiguousarray(upright_view(upright, orientation))
    path = tmp_path / f"a.{kind}"
    block = exif(orientation)
    if kind == "tif":
        tifffile.imwrite(path, stored, photometric="rgb", resolution=(72, 144),
                         extratags=[(274, 3, 1, orientation, True)])
    elif kind == "jpg":
        path.write_bytes(jpeg(stored, exif=block, quality=95, subsampling=0))
    else:
        Image.fromarray(stored).save(path, exif=block, **({"lossless": True} if kind == "webp" else {}))
    photo = decoder.read(path)
    assert photo.pixels.shape == upright.shape
    limit = 4 if kind == "jpg" else 0
    assert np.abs(photo.pixels.astype(int) - upright).max() <= limit
    if kind == "tif":
        assert photo.metadata.resolution == ((144, 72) if orientation >= 5 else (72, 144))


def test_orientation_agrees_with_pillows(tmp_path, decoder):
    from PIL import ImageOps

    for orientation in range(1, 9):
        data = jpeg(gradient(24, 40), exif=exif(orientation))
        (tmp_path / "a.jpg").write_bytes(data)
        expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
        np.testing.assert_array_equal(decoder.read(tmp_path / "a.jpg").pixels, expected)


def test_a_damaged_profile_is_ignored_with_a_notice(tmp_path, decoder):
    for bad in (b"not a profile", rgb_profile()[:200]):
        (tmp_path / "a.jpg").write_bytes(jpeg(gradient(20, 30), icc_profile=bad))
        photo = decoder.read(tmp_path / "a.jpg")
        assert photo.profile is None
        assert any("profile" in notice for notice in photo.notices)


@pytest.mark.skipif(shutil.which("cjxl") is None, reason="needs libjxl's own encoder")
def test_jpeg_xl_of_the_reference_encoder(tmp_path, decoder):
    pixels = noise((30, 40, 3))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    subprocess.run(["cjxl", "--quiet", "-d", "0", tmp_path / "a.png", tmp_path / "a.jxl"], check=True)
    np.testing.assert_array_equal(decoder.read(tmp_path / "a.jxl").pixels, pixels)
