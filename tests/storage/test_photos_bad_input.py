"""Whatever a file holds, the answer is a picture or one clear line; never a crash, a hang, or memory without bound."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import tifffile
from photo_samples import gradient, header_bomb, jpeg, noise, psd, sample_files
from PIL import Image

from editor.errors import UserError
from editor.storage.photos import Decoder


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> dict[str, Path]:
    return sample_files(tmp_path_factory.mktemp("samples"))


def refusal(decoder: Decoder, path: Path) -> str:
    """The one line that says why; it must name the file."""
    with pytest.raises(UserError) as caught:
        decoder.read(path)
    words = str(caught.value)
    assert words.startswith(str(path))
    assert "\n" not in words
    assert "Error" not in words, "an exception of the program's own shows through"
    return words


@pytest.mark.parametrize(("data", "words"), (
    (b"", "empty"),
    (b"Dear diary, today I took a photograph.\n", "text file"),
    ("Grüße, not a photograph\n".encode() * 1000, "text file"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "PDF"),
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "AVIF"),
    (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "raw"),
    (b"\0\0\0\x18ftypisom\0\0\0\1isommp42", "film"),
    (b"II*\0\x10\0\0\0CR\x02\0" + bytes(100), "raw"),
    (b"IIRO\x08\0\0\0" + bytes(100), "raw"),
    (b"IIU\0\x18\0\0\0" + bytes(100), "raw"),
    (b"FUJIFILMCCD-RAW 0201" + bytes(100), "raw"),
    (b"PK\x03\x04" + bytes(100), "archive"),
    (bytes(range(256)) * 10, "no picture"),
    (b"\xff\xd8\xff", "damaged"),
    (b"\x89PNG\r\n\x1a\n", "damaged"),
    (b"II*\0\x08\0\0\0", "damaged"),
    (b"RIFF\x04\0\0\0WEBP", "damaged"),
    (b"8BPS\0\1", "Photoshop"),
), ids=lambda value: None if isinstance(value, bytes) else value)
def test_what_is_no_photograph_is_refused_by_its_content(tmp_path, decoder, data, words):
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    assert words in refusal(decoder, path)


@pytest.mark.parametrize("tag", ((50706, 1, 4, b"\x01\x04\0\0", True), (262, 3, 1, 32803, True)), ids=("dng", "cfa"))
def test_a_raw_file_that_looks_like_a_tiff_is_refused(tmp_path, decoder, tag):
    path = tmp_path / "photo.tif"
    tifffile.imwrite(path, noise((20, 30), np.uint16), photometric="minisblack",
                     extratags=[tag] if tag[0] != 262 else [])
    if tag[0] == 262:
        with tifffile.TiffFile(path, mode="r+") as file:
            file.pages[0].tags["PhotometricInterpretation"].overwrite(32803)
    assert "develop" in refusal(decoder, path)


def test_cmyk_is_refused_in_every_format(tmp_path, decoder):
    cmyk = Image.fromarray(gradient(20, 30)).convert("CMYK")
    cmyk.save(tmp_path / "a.jpg")
    cmyk.save(tmp_path / "a.tif")
    (tmp_path / "a.psd").write_bytes(psd(noise((20, 30, 4)), mode=4))
    for name in ("a.jpg", "a.tif", "a.psd"):
        assert "convert it to RGB" in refusal(decoder, tmp_path / name)


def test_no_file_a_folder_a_pipe_no_permission(tmp_path, decoder):
    assert "No such file" in refusal(decoder, tmp_path / "missing.jpg")
    assert "folder" in refusal(decoder, tmp_path)
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "not a file" in refusal(decoder, tmp_path / "pipe.jpg")
    assert "null" in refusal(decoder, tmp_path / "a\0b.jpg")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path, decoder):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(gradient(20, 30)))
    path.chmod(0)
    assert "Permission" in refusal(decoder, path)


@pytest.mark.parametrize("kind", ("png", "jpeg", "tiff", "psd", "bmp", "gif"))
@pytest.mark.parametrize("size", ((60000, 60000), (19999, 19999)), ids=str)
def test_a_header_bomb_is_refused_without_taking_memory(tmp_path, decoder, kind, size):
    path = tmp_path / "bomb"
    path.write_bytes(header_bomb(kind, *size))
    refusal(decoder, path)
    child = decoder.child
    if child is not None:
        assert psutil.Process(child).memory_info().rss < 700 << 20


def test_a_truncated_jpeg_says_how_far_it_can_be_read(tmp_path, decoder):
    data = jpeg(noise((800, 3000, 3)), quality=95)
    path = tmp_path / "a.jpg"
    path.write_bytes(data[: len(data) * 6 // 10])
    words = refusal(decoder, path)
    assert "cut short" in words and "pentimento-" not in words, "nothing of how it is opened"
    assert any(f"{percent} %" in words for percent in range(30, 65))


@pytest.mark.parametrize("kind", ("jpeg", "progressive", "png", "tiff", "webp", "jpegxl", "psd", "bmp", "gif"))
def test_a_truncated_file_is_an_error(tmp_path, decoder, samples, kind):
    data = samples[kind].read_bytes()
    for part in (0.3, 0.6, 0.9):
        path = tmp_path / f"cut-{part}"
        path.write_bytes(data[: int(len(data) * part)])
        refusal(decoder, path)


@pytest.mark.parametrize("kind", ("jpeg", "progressive", "png", "tiff", "webp", "jpegxl", "psd", "bmp", "gif"))
def test_damage_of_any_kind_costs_an_error_at_most(tmp_path, decoder, samples, kind):
    dice, data = random.Random(kind), samples[kind].read_bytes()
    path = tmp_path / "damaged"
    pictures = 0
    for _ in range(100):
        bad = bytearray(data)
        for _ in range(dice.randint(1, 8)):
            # Half of the damage goes to the headers, where it does most.
            end = len(bad) if dice.random() < 0.5 else min(len(bad), 300)
            bad[dice.randrange(end)] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
        if dice.random() < 0.3:
            del bad[dice.randrange(len(bad)):]
        path.write_bytes(bad)
        try:
            photo = decoder.read(path)
        except UserError as error:
            assert "cannot be decoded" not in str(error), "a defect of the program's own"
        else:
            pictures += 1
            assert photo.pixels.ndim == 3 and photo.pixels.dtype in (np.uint8, np.uint16)
            photo.pixels.sum()
    assert pictures < 100
