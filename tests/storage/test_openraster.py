"""Projects saved and opened again: everything comes back, bit for bit, and other programs see the same picture."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from projects import a_busy_document, assert_same, every_metadata

from editor.storage.openraster import load_project, save_project
from editor.storage.photos import Decoder


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as decoder:
        yield decoder


def picture_in(path: Path, entry: str) -> Image.Image:
    with zipfile.ZipFile(path) as archive:
        return Image.open(io.BytesIO(archive.read(entry)))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_everything_comes_back_bit_for_bit(tmp_path, decoder, dtype, channels):
    document = a_busy_document(dtype, channels, metadata=every_metadata(), format="jpeg")
    saved = document.snapshot()
    assert save_project(saved, tmp_path / "p.ora") == ()
    again = load_project(tmp_path / "p.ora", decoder.read)
    assert_same(again, saved)
    assert again.photo.notices == ()


def test_saving_what_was_opened_gives_the_same_again(tmp_path, decoder):
    save_project(a_busy_document().snapshot(), tmp_path / "one.ora")
    one = load_project(tmp_path / "one.ora", decoder.read)
    save_project(one, tmp_path / "two.ora")
    assert_same(load_project(tmp_path / "two.ora", decoder.read), one)
