"""What tests of projects and sessions begin with."""

from pathlib import Path

import pytest
from projects import a_busy_document
from sessions import write_photo

from editor.storage.openraster import save_project
from editor.storage.photos import Decoder


@pytest.fixture(scope="module")
def read_photo():
    """Decoder.read of one decoder."""
    with Decoder() as decoder:
        yield decoder.read


@pytest.fixture
def photo_file(tmp_path):
    """A photograph on the disk."""
    return write_photo(tmp_path / "photo.png")


@pytest.fixture
def project(tmp_path) -> Path:
    """A project with something of everything."""
    save_project(a_busy_document().snapshot(), tmp_path / "p.ora")
    return tmp_path / "p.ora"
