"""Files that cannot be opened: one clear line each, and the open document stays as it was."""

import io
import os
import signal
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from doing import CTRL, a_picture, composite, drop, mask_of, message, open_and_wait, read_error, show, steps
from PIL import Image
from PySide6.QtCore import Qt

from editor.document.photo import Photo
from editor.storage.photos import Decoder

KINDS = {"jpg": "JPEG", "png": "PNG", "tif": "TIFF", "webp": "WebP"}


def sound(kind: str) -> bytes:
    """A picture that could be opened."""
    data = io.BytesIO()
    Image.fromarray(a_picture()).save(data, {"jpg": "JPEG", "tif": "TIFF"}.get(kind, kind))
    return data.getvalue()


def torn(data: bytes) -> bytes:
    """Zeros where its middle was."""
    third = len(data) // 3
    return data[:60] + bytes(third) + data[60 + third:]


def bomb() -> bytes:
    """A PNG of 60000 x 60000 pixels in a few bytes."""
    def chunk(name: bytes, payload: bytes) -> bytes:
        return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))

    return b"".join((b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)),
                     chunk(b"IDAT", zlib.compress(bytes(10000))), chunk(b"IEND", b"")))


def cmyk() -> bytes:
    data = io.BytesIO()
    Image.new("CMYK", (60, 40), (10, 20, 30, 40)).save(data, "JPEG")
    return data.getvalue()


BAD = {
    "empty.jpg": lambda: b"",
    "text.jpg": lambda: b"Dear Sir,\nthis is no photograph.\n" * 40,
    "bomb.png": bomb,
    "cmyk.jpg": cmyk,
    "heic.jpg": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500),
    "raw.cr2": lambda: b"II*\0\x10\0\0\0CR\x02\0" + bytes(500),
    "random.png": lambda: np.random.default_rng(4).bytes(5000),
    "half a project.ora": lambda: b"PK\x03\x04" + bytes(300),
    "text.ora": lambda: b"not a project",
    **{f"half.{kind}": lambda kind=kind: sound(kind)[:len(sound(kind)) // 2] for kind in KINDS},
    **{f"torn.{kind}": lambda kind=kind: torn(sound(kind)) for kind in KINDS},
    **{f"header only.{kind}": lambda kind=kind: sound(kind)[:24] for kind in KINDS},
}
SAYS = {"empty.jpg": "empty", "cmyk.jpg": "CMYK", "bomb.png": "10299 MB", "heic.jpg": "HEIC", "raw.cr2": "raw"}


@pytest.fixture
def at_work(window, hands):
    """A document with a layer, a mask and something to redo."""
    show(window, Photo(a_picture()))
    hands.stroke((100, 100), (200, 100))
    hands.key(Qt.Key.Key_N)
    hands.stroke((100, 200), (200, 200))
    hands.stroke((300, 200))
    hands.key(Qt.Key.Key_Z, CTRL)
    window.document.mark_saved(window.document.state())  # else it is asked for each time
    return window


def everything(window) -> tuple:
    return (window.document, window.file, window.document.layers, steps(window), len(window.document.history.commands),
            composite(window).tobytes(), mask_of(window).tobytes(), window.windowTitle(), window.isWindowModified())


def test_bad_files_cost_one_line_and_nothing_else(qtbot, at_work, hands, tmp_path):
    """One after the other in one window, whatever each did to the decoder; then a sound one opens."""
    before = everything(at_work)
    for name, make in BAD.items():
        path = tmp_path / name
        path.write_bytes(make())
        ended = []
        at_work.files.controller.started.connect(lambda job, ended=ended: job.ended.connect(lambda: ended.append(1)))
        at_work.files.open_path(path)
        qtbot.waitUntil(lambda ended=ended: bool(ended), timeout=30000)
        if name == "torn.webp" and at_work.document is not before[0]:
            at_work.files.close_document()  # WebP has no means to tell torn pixels from others
            continue
        words = read_error(qtbot, at_work)
        assert words.startswith(f"{path}: ") and len(words) < len(str(path)) + 300, words
        assert SAYS.get(name, "") in words, words
        assert "Error" not in words and "Traceback" not in words, words
        assert everything(at_work) == before, name
    open_and_wait(qtbot, at_work, photo_in(tmp_path))
    assert (composite(at_work) == a_picture()).all()


def photo_in(folder: Path) -> Path:
    (folder / "sound.png").write_bytes(sound("png"))
    return folder / "sound.png"


@pytest.mark.parametrize("what", ["missing", "folder", "pipe", "device"])
def test_what_is_no_file_is_refused(qtbot, at_work, tmp_path, what):
    before = everything(at_work)
    path = Path("/dev/zero") if what == "device" else tmp_path / what
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    at_work.files.open_path(path)
    words = read_error(qtbot, at_work)
    assert words.startswith(f"{path}: ")
    assert everything(at_work) == before


@pytest.mark.parametrize("name", ["letter.txt", "folder"])
def test_what_is_dropped_and_no_picture(qtbot, at_work, tmp_path, name):
    before = everything(at_work)
    path = tmp_path / name
    path.mkdir() if name == "folder" else path.write_text("Dear Sir")
    assert drop(at_work, urls=[path])
    assert str(path) in read_error(qtbot, at_work)
    assert everything(at_work) == before


def test_a_bad_file_named_on_the_command_line_leaves_the_start_page(qtbot, window, tmp_path):
    window.files.start(tmp_path / "missing.jpg")
    assert "missing.jpg" in read_error(qtbot, window)
    assert window.document is None and window.start_page.isVisible()
    open_and_wait(qtbot, window, photo_in(tmp_path))


def test_esc_stops_the_opening(qtbot, monkeypatch, at_work, hands, tmp_path):
    """A decoder that hangs is ended; the next photograph opens."""
    before = everything(at_work)
    converse, hanging = Decoder._converse, []

    def hang(self, *more):
        if not hanging:
            os.kill(self._child.pid, signal.SIGSTOP)
            hanging.append(self._child.pid)
        return converse(self, *more)

    monkeypatch.setattr(Decoder, "_converse", hang)
    at_work.files.open_path(photo_in(tmp_path))
    qtbot.waitUntil(lambda: bool(hanging))
    hands.key(Qt.Key.Key_Escape)
    assert not hands.find("progress").isVisible()
    qtbot.waitUntil(lambda: not Path(f"/proc/{hanging[0]}").exists())
    assert everything(at_work) == before
    open_and_wait(qtbot, at_work, photo_in(tmp_path))


def test_notices_about_a_photograph_are_shown(qtbot, window, tmp_path):
    import tifffile

    tifffile.imwrite(tmp_path / "floats.tif", np.linspace(0, 1, 60 * 40 * 3, dtype=np.float32).reshape(40, 60, 3),
                     photometric="rgb")
    open_and_wait(qtbot, window, tmp_path / "floats.tif")
    assert "16 bits" in message(window)
