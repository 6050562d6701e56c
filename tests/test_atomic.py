"""A file is written whole or stays as it was, and nothing is left beside it."""

import os
import stat
import subprocess
import sys

import pytest

from editor.atomic import replacing, write_bytes
from editor.errors import UserError


def test_a_new_file_and_a_replaced_one(tmp_path):
    path = tmp_path / "a.txt"
    write_bytes(path, b"one")
    assert path.read_bytes() == b"one"
    write_bytes(path, memoryview(b"two"))
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_shows_before_the_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", (RuntimeError, KeyboardInterrupt, SystemExit))
def test_any_exception_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(error), replacing(path) as file:
        file.write(b"half of it")
        raise error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_of_the_disk_names_the_file(tmp_path):
    path = tmp_path / "a.txt"
    with pytest.raises(UserError, match="the disk reports an error") as caught, replacing(path):
        raise OSError(5, "Input/output error")
    assert str(path) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_it_may_be_read_and_sought_while_it_is_written(tmp_path):
    with replacing(tmp_path / "a.bin") as file:
        file.write(b"0123456789")
        file.seek(2)
        file.write(b"xx")
        file.seek(0)
        assert file.read() == b"01xx456789"
    assert (tmp_path / "a.bin").read_bytes() == b"01xx456789"


def test_permissions_are_those_of_the_old_file_or_the_usual_ones(tmp_path):
    path = tmp_path / "a.txt"
    old = os.umask(0o027)
    try:
        write_bytes(path, b"new")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    write_bytes(path, b"newer")
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target.txt", tmp_path / "link.txt"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_no_descriptor_is_left_open(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    write_bytes(tmp_path / "a.txt", b"one")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt"):
        raise ZeroDivisionError
    with pytest.raises(UserError):
        write_bytes(tmp_path / "missing" / "a.txt", b"one")
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_a_killed_program_left_goes_with_the_next_writing(tmp_path):
    killed = subprocess.run([sys.executable, "-c", (
        "import os, sys; from pathlib import Path; from editor.atomic import replacing\n"
        "with replacing(Path(sys.argv[1])) as file: os.kill(os.getpid(), 9)"), str(tmp_path / "b.txt")], timeout=30)
    assert killed.returncode == -9
    left, = tmp_path.iterdir()
    with replacing(tmp_path / "c.txt"):
        mine, = set(tmp_path.iterdir()) - {left}
        for part in (left, mine):
            os.utime(part, (0, 0))
        write_bytes(tmp_path / "a.txt", b"one")
        assert sorted(tmp_path.iterdir()) == sorted([mine, tmp_path / "a.txt"]), "what is being written stays"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.txt", "c.txt"]
