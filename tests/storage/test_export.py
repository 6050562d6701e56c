"""An exported picture has exactly the pixels it was given, or as near as its format allows, or is not there at all."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from photo_samples import gradient, jpeg, noise, rgb_profile
from PIL import Image

from editor.document.photo import Photo
from editor.engines.contract import Cancelled
from editor.errors import UserError
from editor.storage.export import ExportOptions, export_photo, formats, on_white
from editor.storage.photos import Decoder


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


def export(pixels: np.ndarray, path: Path, options: ExportOptions | None = None, **photo: object) -> tuple[str, ...]:
    return export_photo(Photo(pixels, **photo), pixels, path, options)


@pytest.mark.parametrize("dtype", (np.uint8, np.uint16))
@pytest.mark.parametrize("channels", (1, 2, 3, 4))
@pytest.mark.parametrize(("suffix", "options"), (
    (".png", ExportOptions()), (".png", ExportOptions(png_compression=9)), (".tif", ExportOptions()),
    (".tif", ExportOptions(tiff_compression="none")), (".tiff", ExportOptions(tiff_compression="lzw")),
    (".jxl", ExportOptions())), ids=("png", "png-9", "deflate", "none", "lzw", "jxl"))
def test_lossless_formats_give_back_exactly_these_pixels(tmp_path, decoder, channels, dtype, suffix, options):
    pixels = noise((70, 50, channels), dtype)
    export(pixels, tmp_path / f"out{suffix}", options)
    back = decoder.read(tmp_path / f"out{suffix}").pixels
    if suffix == ".jxl" and channels == 2:
        np.testing.assert_array_equal(back[..., 0], back[..., 2])
        back = back[..., [0, 3]]
    assert back.dtype == dtype
    np.testing.assert_array_equal(back, pixels)


@pytest.mark.parametrize("channels", (1, 2, 3, 4))
def test_lossless_webp(tmp_path, decoder, channels):
    pixels = noise((70, 50, channels))
    export(pixels, tmp_path / "out.webp", ExportOptions(webp_lossless=True))
    back = decoder.read(tmp_path / "out.webp").pixels
    np.testing.assert_array_equal(back, pixels if channels > 2 else pixels[..., [0, 0, 0, 1][: channels + 2]])


def test_large_enough_for_many_strips(tmp_path, decoder):
    pixels = noise((1500, 1100, 4), np.uint16)
    for name in ("out.png", "out.tif"):
        export(pixels, tmp_path / name, ExportOptions(png_compression=1))
        np.testing.assert_array_equal(decoder.read(tmp_path / name).pixels, pixels)


@pytest.mark.parametrize("suffix", (".jpg", ".webp", ".png", ".tif", ".jxl"))
def test_16_bits_are_rounded_to_8_where_they_must_be(tmp_path, decoder, suffix):
    deep = (gradient(64, 64).astype(np.uint16) * 257)
    deep[::2] += 128  # just below the half: rounds down, so the 8-bit picture is the gradient
    deep = np.minimum(deep, 65535).astype(np.uint16)
    export(deep, tmp_path / f"out{suffix}", ExportOptions(depth=8, quality=100, webp_lossless=True))
    back = decoder.read(tmp_path / f"out{suffix}").pixels
    assert back.dtype == np.uint8
    limit = 0 if suffix in (".png", ".tif", ".webp") else 4
    assert np.abs(back.astype(int) - gradient(64, 64)).max() <= limit


def test_8_bits_as_16(tmp_path, decoder):
    pixels = noise((20, 30, 3))
    export(pixels, tmp_path / "out.png", ExportOptions(depth=16))
    np.testing.assert_array_equal(decoder.read(tmp_path / "out.png").pixels, pixels.astype(np.uint16) * 257)


def test_transparency_is_laid_on_white_in_a_jpeg(tmp_path, decoder):
    pixels = np.zeros((32, 64, 4), np.uint8)
    pixels[:, 32:, 3] = 255  # left clear, right opaque black
    export(pixels, tmp_path / "out.jpg")
    back = decoder.read(tmp_path / "out.jpg").pixels
    assert back[:, :24].min() > 250
    assert back[:, 40:].max() < 5


def test_on_white_keeps_opaque_pixels_and_whitens_clear_ones():
    pixels = noise((40, 40, 4), np.uint16)
    pixels[:20, :, 3], pixels[20:, :, 3] = 65535, 0
    flat = on_white(pixels)
    np.testing.assert_array_equal(flat[:20], pixels[:20, :, :3])
    assert (flat[20:] == 65535).all()
    assert on_white(np.array([[[0, 128]]], np.uint8))[0, 0, 0] == 127


@pytest.mark.parametrize("subsampling", ("4:4:4", "4:2:2", "4:2:0"))
@pytest.mark.parametrize("quality", (30, 75, 92))
def test_a_jpeg_is_written_again_at_its_own_quality(tmp_path, decoder, quality, subsampling):
    source = tmp_path / "in.jpg"
    source.write_bytes(jpeg(gradient(96, 160), quality=quality, subsampling=subsampling))
    photo = decoder.read(source)
    assert photo.metadata.jpeg_subsampling == subsampling
    edited = np.array(photo.pixels)
    edited[:32, :32] = 255 - edited[:32, :32]
    export_photo(photo, edited, tmp_path / "out.jpg")
    again = decoder.read(tmp_path / "out.jpg")
    assert again.metadata.jpeg_quantisation == photo.metadata.jpeg_quantisation
    assert again.metadata.jpeg_subsampling == subsampling
    # Blocks that nobody edited decode to what they were, but for rounding (and chroma's resampling).
    difference = np.abs(again.pixels[48:, 48:].astype(int) - photo.pixels[48:, 48:])
    assert difference.max() <= (2 if subsampling == "4:4:4" else 6)
    assert difference.mean() < 0.6


def test_quality_may_be_chosen_instead(tmp_path, decoder):
    source = tmp_path / "in.jpg"
    source.write_bytes(jpeg(noise((96, 160, 3)), quality=30))
    photo = decoder.read(source)
    export_photo(photo, photo.pixels, tmp_path / "out.jpg", ExportOptions(quality=98, subsampling="4:4:4"))
    again = decoder.read(tmp_path / "out.jpg")
    assert again.metadata.jpeg_subsampling == "4:4:4"
    assert sum(again.metadata.jpeg_quantisation[0]) < sum(photo.metadata.jpeg_quantisation[0]) / 10


def test_a_grey_jpeg_painted_in_colour_becomes_a_colour_jpeg(tmp_path, decoder):
    source = tmp_path / "in.jpg"
    source.write_bytes(jpeg(gradient(64, 64)[..., 0], quality=60))
    photo = decoder.read(source)
    export_photo(photo, gradient(64, 64), tmp_path / "out.jpg")
    assert decoder.read(tmp_path / "out.jpg").pixels.shape == (64, 64, 3)


def test_other_programs_read_what_is_written(tmp_path):
    pixels = noise((40, 60, 3))
    for suffix in (".png", ".tif", ".webp"):
        path = tmp_path / f"out{suffix}"
        export(pixels, path, ExportOptions(webp_lossless=True), profile=rgb_profile())
        with Image.open(path) as image:
            np.testing.assert_array_equal(np.asarray(image), pixels)
            assert image.info["icc_profile"] == rgb_profile()


@pytest.mark.parametrize(("name", "words"), (
    ("out.xyz", "format"), ("out", "format"), ("missing/out.png", "folder does not exist"),
    ("file/out.png", "folder does not exist"), ("folder.png", "folder has that name"),
    ("x" * 300 + ".png", "too long")))
def test_where_nothing_can_be_written(tmp_path, name, words):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=words) as caught:
        export(noise((10, 10, 3)), tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("suffix", (".jpg", ".png", ".tif", ".webp", ".jxl"))
def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path, suffix):
    """A real limit of the system, in a process of its own: the file may not grow beyond 4 KiB."""
    import subprocess
    import sys

    path = tmp_path / f"out{suffix}"
    path.write_bytes(b"what was there before")
    program = (
        "import resource, signal, sys, numpy as np\n"
        "from pathlib import Path\n"
        "from editor.document.photo import Photo\n"
        "from editor.errors import UserError\n"
        "from editor.storage.export import export_photo\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "pixels = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)\n"
        "import editor.atomic as atomic, contextlib\n"
        "real = atomic.replacing\n"
        "@contextlib.contextmanager\n"
        "def limited(path):\n"
        "    with real(path) as file:\n"
        "        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
        "        yield file\n"
        "import editor.storage.export as export\n"
        "export.replacing = limited\n"
        "try:\n"
        "    export_photo(Photo(pixels), pixels, Path(sys.argv[1]))\n"
        "except UserError as error:\n"
        "    print(error)\n")
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"{path}: cannot be written: the file would be larger"), done.stderr
    assert path.read_bytes() == b"what was there before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_in_words(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="the disk is full"):
        export(noise((10, 10, 3)), tmp_path / "out.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", (".jpg", ".png", ".tif", ".webp", ".jxl"))
@pytest.mark.parametrize("share", (0.0, 0.5, 0.9))
def test_cancel_leaves_nothing(tmp_path, suffix, share):
    def cancel(fraction: float, words: str) -> None:
        if fraction >= share:
            raise Cancelled

    pixels = noise((300, 400, 3))
    with pytest.raises(Cancelled):
        export_photo(Photo(pixels), pixels, tmp_path / f"out{suffix}", progress=cancel)
    assert list(tmp_path.iterdir()) == []


def test_more_pixels_than_a_format_can_hold(tmp_path):
    wide = np.zeros((1, 70000, 1), np.uint8)
    for name in ("out.jpg", "out.webp"):
        with pytest.raises(UserError, match="more than .* can hold"):
            export(wide, tmp_path / name)
    export(wide, tmp_path / "out.png")


def test_formats_tell_what_file_dialogs_need():
    known = {entry.name: entry for entry in formats()}
    assert {name for name, entry in known.items() if entry.writable} == {"jpeg", "png", "tiff", "webp", "jpegxl"}
    assert "psd" in known
    for entry in known.values():
        assert entry.title
        assert all(extension.startswith(".") for extension in entry.extensions)
        fields = ExportOptions.__dataclass_fields__
        assert all(option in fields for option in entry.options)


def test_the_same_export_twice_is_the_same_file(tmp_path):
    pixels = noise((40, 60, 3), np.uint16)
    for suffix in (".jpg", ".png", ".tif", ".webp", ".jxl"):
        for name in ("one", "two"):
            export(pixels, tmp_path / f"{name}{suffix}")
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_the_photo_is_not_written_to(tmp_path):
    pixels = noise((40, 60, 4), np.uint16)
    before = pixels.copy()
    pixels.flags.writeable = False
    for suffix in (".jpg", ".png", ".tif", ".webp", ".jxl"):
        export(pixels, tmp_path / f"out{suffix}")
    np.testing.assert_array_equal(pixels, before)
