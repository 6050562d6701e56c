"""OpenRaster files that are damaged, forged, or no such files: one plain line, and no memory or time without bound."""

import os
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from ora_samples import BASE, BASE_LAYER, png, rewritten, write_ora
from projects import SHAPE, a_photo, assert_same, assert_same_surface

from editor.errors import UserError
from editor.storage import openraster_archive
from editor.storage.openraster import load_project


def fails(path: Path, read_photo, *words: str) -> None:
    with pytest.raises(UserError) as error:
        load_project(path, read_photo)
    assert str(path) in str(error.value) and "\n" not in str(error.value)
    for word in words:
        assert word in str(error.value)


def test_a_project_cut_off_anywhere_is_a_plain_error(project, read_photo):
    whole = project.read_bytes()
    for size in [0, 1, 3, 4, 30, 50, *range(100, len(whole) - 1, len(whole) // 40), len(whole) - 1]:
        project.write_bytes(whole[:size])
        fails(project, read_photo)


def test_a_damaged_byte_is_a_plain_error_or_does_no_harm(project, read_photo):
    whole = project.read_bytes()
    wanted = load_project(project, read_photo)
    places = np.random.default_rng(4).integers(0, len(whole), 60)
    directory = range(whole.index(b"PK\x01\x02"), len(whole), 7)
    outcomes = set()
    for place in [*places.tolist(), *directory]:
        data = bytearray(whole)
        data[place] ^= 0xFF
        project.write_bytes(data)
        try:
            again = load_project(project, read_photo)
        except UserError as error:
            assert str(project) in str(error)
            outcomes.add("error")
        else:
            assert again.base.shape == SHAPE
            for mine, other in zip(again.layers, wanted.layers, strict=True):
                assert_same_surface(again.surfaces[mine.id], wanted.surfaces[other.id])
            outcomes.add("opened")
    assert outcomes == {"error", "opened"}


def test_files_that_are_no_projects(tmp_path, read_photo):
    fails(tmp_path / "missing.ora", read_photo, "No such file")
    fails(tmp_path, read_photo)
    (tmp_path / "text.ora").write_text("not a zip")
    fails(tmp_path / "text.ora", read_photo)
    with zipfile.ZipFile(tmp_path / "plain.ora", "w") as archive:
        archive.writestr("hello", "x")
    fails(tmp_path / "plain.ora", read_photo, "not an OpenRaster project")
    fails(write_ora(tmp_path / "odt.ora", "<stack/>", {}, mimetype=b"application/vnd.oasis.opendocument.text"),
          read_photo, "not an OpenRaster project")


@pytest.mark.parametrize("stack, words", [
    ("<stack>", "damaged"), ("", "no layers"), ("<stack><layer src='data/missing.png'/></stack>", "is missing"),
    ("<stack><layer src='data/broken.png'/></stack>", "broken.png"),
    ("<stack><layer src='data/text.png'/></stack>", "not a PNG"),
    ("<stack><layer src='../../etc/passwd'/></stack>", "is missing"),
    ("<stack><layer src='/etc/passwd'/></stack>", "is missing"),
    ("<stack>" * 1000 + "</stack>" * 1000, "nests"),
    ("<stack>" + "<layer src='a'/>" * 30000 + "</stack>", "more layers"),
])
def test_stacks_that_cannot_be_opened(tmp_path, read_photo, stack, words):
    broken = png(a_photo(shape=(40, 60)).pixels)
    fails(write_ora(tmp_path / "x.ora", stack, {"data/broken.png": broken[:-2000], "data/text.png": b"text" * 20}),
          read_photo, words)


def test_names_never_become_paths(tmp_path, read_photo):
    name = "../" * 20 + str(tmp_path / "written.png").lstrip("/")
    path = write_ora(tmp_path / "x.ora", f'<stack><layer src="{name}"/></stack>', {name: BASE["data/base.png"]})
    assert load_project(path, read_photo).base.shape == (40, 60)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["x.ora"]


def test_xml_that_declares_entities_is_refused_at_once(tmp_path, read_photo):
    bomb = "<!DOCTYPE image [<!ENTITY a 'ha'>" + "".join(
        f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(20)) + "]>"
    fails(write_ora(tmp_path / "x.ora", "<stack>&t;</stack>", {}, head=bomb), read_photo, "entities")
    outside = f'<!DOCTYPE image [<!ENTITY a SYSTEM "{tmp_path}/secret">]>'
    fails(write_ora(tmp_path / "y.ora", "<stack>&a;</stack>", {}, head=outside), read_photo, "entities")


@pytest.mark.parametrize("size", [(0, 10), (-5, 10), (60000, 60000), (2**40, 1), ("x", 3), ("nan", 3)])
def test_impossible_canvases_are_refused(tmp_path, read_photo, size):
    fails(write_ora(tmp_path / "x.ora", f"<stack>{BASE_LAYER}</stack>", BASE, size=size), read_photo)


def header_bomb() -> bytes:
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 16, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + ihdr + struct.pack(">I", zlib.crc32(ihdr))


def test_bombs_are_refused_before_they_take_memory(tmp_path, read_photo, monkeypatch):
    tracemalloc.start()
    try:
        fails(write_ora(tmp_path / "x.ora", f"<stack>{BASE_LAYER}</stack>", {"data/base.png": header_bomb()}),
              read_photo, "60000 x 60000")
        # A small PNG with a gigabyte of zeros behind it; a stack.xml of a gigabyte.
        for name, data in (("data/base.png", BASE["data/base.png"]), ("stack.xml", b"<image>")):
            with zipfile.ZipFile(tmp_path / "y.ora", "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("mimetype", "image/openraster")
                if name != "stack.xml":
                    archive.writestr("stack.xml", f'<image w="60" h="40"><stack>{BASE_LAYER}</stack></image>')
                with archive.open(name, "w") as entry:
                    entry.write(data)
                    for _ in range(100):
                        entry.write(bytes(1 << 20))
            fails(tmp_path / "y.ora", read_photo, name, "more than it can need")
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_an_entry_that_lies_about_its_size_is_damaged(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", f"<stack>{BASE_LAYER}</stack>", BASE)
    rewritten(path, lambda name, data: data)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"data/base.png") - 46
    struct.pack_into("<I", data, entry + 24, 100)
    path.write_bytes(data)
    fails(path, read_photo, "base.png")


def test_methods_and_passwords_of_other_archives_are_refused(tmp_path, read_photo):
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(tmp_path / "x.ora", "w", method) as archive:
            archive.writestr("mimetype", "image/openraster")
        fails(tmp_path / "x.ora", read_photo, "compressed in a way")
    path = write_ora(tmp_path / "y.ora", f"<stack>{BASE_LAYER}</stack>", BASE)
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            data[at + place] |= 1
    path.write_bytes(data)
    fails(path, read_photo, "damaged")


def test_layers_beyond_the_machines_memory_are_refused(tmp_path, read_photo, monkeypatch):
    monkeypatch.setattr("editor.storage.openraster_read.machine_memory", lambda: 100_000)
    layers = '<layer src="data/base.png"/>' * 20
    fails(write_ora(tmp_path / "x.ora", f"<stack>{layers}</stack>", BASE), read_photo, "more memory")
    group = f'<stack isolation="isolate">{layers}</stack>'
    fails(write_ora(tmp_path / "y.ora", f"<stack>{group}</stack>", BASE), read_photo, "more memory")
    few = '<stack isolation="isolate">' + '<layer src="data/base.png"/>' * 2 + "</stack>"
    path = write_ora(tmp_path / "z.ora", f"<stack>{few * 3}</stack>", BASE)
    assert len(load_project(path, read_photo).layers) == 3  # a group's own layers are gone when it is one


def test_a_table_of_contents_larger_than_any_picture_needs_is_refused(tmp_path, read_photo, monkeypatch):
    path = write_ora(tmp_path / "x.ora", "<stack/>", {f"data/{i}": b"" for i in range(200)})
    monkeypatch.setattr(openraster_archive, "_DIRECTORY", 5000)
    fails(path, read_photo, "table of contents")
    monkeypatch.setattr(openraster_archive, "_DIRECTORY", 1 << 20)
    monkeypatch.setattr(openraster_archive, "_ENTRIES", 100)
    fails(path, read_photo, "more parts")


def test_parts_may_be_larger_than_a_table_of_contents_may(project, read_photo, monkeypatch):
    whole = load_project(project, read_photo)
    with zipfile.ZipFile(project) as archive:
        table = project.stat().st_size - archive.start_dir
        assert max(info.compress_size for info in archive.infolist()) > 2 * table
    monkeypatch.setattr(openraster_archive, "_DIRECTORY", table)
    again = load_project(project, read_photo)
    assert_same(again, whole)
    assert again.photo.notices == ()


def test_no_room_for_temporary_files_is_a_plain_error(project, read_photo, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(project.parent / "missing"))
    fails(project, read_photo, "cannot be unpacked", "No such file")


def test_a_file_that_may_not_be_read(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", "<stack/>", {})
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    fails(path, read_photo, "cannot be read")
