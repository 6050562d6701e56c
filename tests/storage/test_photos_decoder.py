"""The decoder's child: started ahead, used again, replaced when a file kills it, gone when it is closed."""

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from photo_samples import gradient, jpeg, noise

from editor.engines.contract import Cancelled
from editor.errors import UserError
from editor.storage import photos
from editor.storage.photos import Decoder, read_photo


@pytest.fixture
def photo_file(tmp_path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(gradient(600, 800)))
    return path


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder




def test_one_child_serves_many_reads(decoder, photo_file):
    decoder.start()
    first = decoder.child
    for _ in range(3):
        assert decoder.read(photo_file).pixels.shape == (600, 800, 3)
    assert decoder.child == first


def test_an_error_does_not_cost_the_child(decoder, photo_file, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    decoder.read(photo_file)
    first = decoder.child
    with pytest.raises(UserError):
        decoder.read(tmp_path / "bad.jpg")
    decoder.read(photo_file)
    assert decoder.child == first


@pytest.mark.parametrize("how", (signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT), ids=lambda how: how.name)
def test_a_child_that_died_idle_is_replaced(decoder, photo_file, how):
    decoder.read(photo_file)
    os.kill(decoder.child, how)
    psutil.wait_procs([psutil.Process(decoder.child)], timeout=0.2)
    with contextlib.suppress(UserError):  # if it was not quite dead when the request was sent
        decoder.read(photo_file)
    assert decoder.read(photo_file).pixels.shape == (600, 800, 3)


def test_a_child_that_dies_while_reading_costs_one_line(decoder, photo_file):
    decoder.start()
    child = decoder.child
    decoder.read(photo_file)
    os.kill(child, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (child, signal.SIGSEGV)).start()
    threading.Timer(0.25, os.kill, (child, signal.SIGCONT)).start()
    with pytest.raises(UserError, match="made the decoder fail .*egmentation") as caught:
        decoder.read(photo_file)
    assert str(photo_file) in str(caught.value)
    assert decoder.read(photo_file).pixels.shape == (600, 800, 3)


def test_a_file_that_takes_too_long_is_given_up(decoder, photo_file):
    decoder.read(photo_file)
    os.kill(decoder.child, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(UserError, match="given up"):
        decoder.read(photo_file, timeout=0.3)
    assert time.monotonic() - started < 2
    assert decoder.child is None
    assert decoder.read(photo_file).pixels.shape == (600, 800, 3)


def test_cancel_from_another_thread(decoder, photo_file):
    decoder.read(photo_file)
    os.kill(decoder.child, signal.SIGSTOP)
    cancelled_at = []

    def cancel() -> None:
        cancelled_at.append(time.monotonic())
        decoder.cancel()

    threading.Timer(0.2, cancel).start()
    with pytest.raises(Cancelled):
        decoder.read(photo_file)
    assert time.monotonic() - cancelled_at[0] < 0.2
    assert decoder.read(photo_file).pixels.shape == (600, 800, 3)


def test_cancel_with_nothing_under_way_does_nothing(decoder, photo_file):
    decoder.read(photo_file)
    first = decoder.child
    decoder.cancel()
    decoder.read(photo_file)
    assert decoder.child == first


def test_progress_rises_and_may_cancel(decoder, tmp_path):
    path = tmp_path / "large.jpg"
    path.write_bytes(jpeg(noise((1500, 2000, 3))))
    seen = []
    decoder.read(path, progress=lambda fraction, words: seen.append(fraction))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 5

    def cancel(fraction: float, words: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        decoder.read(path, progress=cancel)
    assert decoder.read(path).pixels.shape == (1500, 2000, 3)


def test_pixels_outlive_the_decoder_and_are_given_back(photo_file):
    gc.collect()  # what earlier tests had open is gone
    photo = read_photo(photo_file)
    mapped = [entry for entry in psutil.Process().memory_maps(grouped=False) if "memfd:pentimento" in entry.path]
    assert len(mapped) == 1
    assert photo.pixels.std() > 10
    with pytest.raises(ValueError, match="read-only"):
        photo.pixels[0, 0] = 0
    del photo
    gc.collect()
    assert not any("memfd:pentimento" in entry.path for entry in psutil.Process().memory_maps(grouped=False))


def test_pixels_are_not_copied(decoder, tmp_path):
    path = tmp_path / "large.png"
    from PIL import Image

    Image.fromarray(np.zeros((4000, 4000, 3), np.uint8)).save(path)
    decoder.read(path)
    gc.collect()
    before = psutil.Process().memory_info().rss
    photo = decoder.read(path)
    assert photo.pixels.nbytes == 48_000_000
    assert psutil.Process().memory_info().rss - before < 20_000_000


def test_nothing_is_left_behind(tmp_path, photo_file, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    process = psutil.Process()
    read_photo(photo_file)
    gc.collect()
    descriptors, children = process.num_fds(), len(process.children())
    for _ in range(3):
        read_photo(photo_file)
        with pytest.raises(UserError):
            read_photo(tmp_path / "missing.jpg")
    gc.collect()
    assert process.num_fds() == descriptors
    assert len(process.children()) == children
    assert list(tmp_path.iterdir()) == [photo_file]


def test_descriptors_do_not_pile_up_in_the_child(decoder, photo_file, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(photo_file.read_bytes()[:3000])
    decoder.read(photo_file)
    child = psutil.Process(decoder.child)
    before = child.num_fds()
    for _ in range(5):
        decoder.read(photo_file)
        with pytest.raises(UserError):
            decoder.read(tmp_path / "bad.jpg")
    assert child.num_fds() <= before + 1  # the last answer's may not be closed yet


def test_the_child_goes_when_its_parent_does(photo_file):
    decoder = Decoder()
    decoder.read(photo_file)
    child, folder = psutil.Process(decoder.child), Path(decoder._folder.name)
    assert folder.is_dir()
    decoder._link.close()  # as the death of the parent does
    assert psutil.wait_procs([child], timeout=5)[0]
    assert not folder.exists()
    decoder.close()


def test_the_child_goes_when_its_parent_is_killed_while_it_decodes(tmp_path, monkeypatch):
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(gradient(3000, 4000)))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    program = """if True:
        import os, sys
        from editor.storage.photos import Decoder

        def die(fraction, words):
            os._exit(9)

        Decoder().read(sys.argv[1], progress=die)"""
    parent = subprocess.Popen([sys.executable, "-c", program, path])
    assert parent.wait(30) == 9
    deadline = time.monotonic() + 10
    while list(temporary.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_users_own_limit_of_memory_costs_no_child(photo_file):
    """As ``ulimit -v`` sets it."""
    program = """if True:
        import resource, sys
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        from editor.storage.photos import Decoder
        with Decoder() as decoder:
            children = {decoder.read(sys.argv[1]) and decoder.child for _ in range(3)}
        print(len(children))"""
    done = subprocess.run([sys.executable, "-c", program, photo_file], capture_output=True, text=True)
    assert done.stdout == "1\n", done.stderr


def test_the_child_reads_with_limited_memory(decoder, photo_file, monkeypatch):
    """A file whose decoding asks for more than its pixels can need is refused, and the child is fit for the next."""
    from photo_samples import header_bomb

    path = photo_file.with_name("bomb.jpg")
    path.write_bytes(header_bomb("jpeg", 16000, 16000).replace(b"\xff\xc0", b"\xff\xc2", 1))  # progressive: all at once
    with pytest.raises(UserError):
        decoder.read(path)
    assert decoder.read(photo_file).pixels.shape == (600, 800, 3)


def test_a_broken_environment_is_one_line_too(monkeypatch, photo_file):
    monkeypatch.setattr(photos.sys, "executable", "/bin/false")
    with pytest.raises(UserError, match="decoder"):
        read_photo(photo_file)


def test_no_room_for_temporary_files_is_one_line(monkeypatch, photo_file, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with Decoder() as decoder:
        with pytest.raises(UserError, match="photo.jpg: the decoder cannot be started: No such file"):
            decoder.read(photo_file)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        assert decoder.read(photo_file).pixels.shape == (600, 800, 3)


def test_modules_that_lie_beside_the_photographs_are_not_run(monkeypatch, photo_file):
    (photo_file.parent / "json.py").write_text("raise SystemExit(3)")
    (photo_file.parent / "editor").mkdir()
    monkeypatch.chdir(photo_file.parent)
    assert read_photo(photo_file.name).pixels.shape == (600, 800, 3)
