"""Files written whole or not at all: a temporary file in the same folder, flushed to disk, then renamed."""

import contextlib
import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from editor.errors import UserError

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than this disk or account allows",
    errno.EACCES: "there is no permission to write there",
    errno.EPERM: "there is no permission to write there",
    errno.EROFS: "the disk is read-only",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "the folder does not exist",
    errno.EISDIR: "a folder has that name",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EIO: "the disk reports an error",
}

_YOUNG = 60.0  # seconds in which a temporary file may not have its lock yet


def reason(error: OSError) -> str:
    """Why writing failed, in a few plain words."""
    return _REASONS.get(error.errno, error.strerror or str(error))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file open for writing and reading that takes ``path``'s place when the block ends well.

    When the block ends in any exception, ``path`` is as it was and nothing is left beside it. A link is
    followed; an existing file keeps its permissions. Raises UserError, with path and reason, for an OSError of
    any kind, from within the block too.
    """
    try:
        yield from _replacing(Path(os.path.realpath(path)))
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {reason(error)}") from error


def _replacing(target: Path) -> Iterator[BinaryIO]:
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    _clear_up(target.parent)
    name = target.parent / f".pentimento-{secrets.token_hex(8)}.part"
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            with contextlib.suppress(OSError):  # some network disks know no locks
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield file
            file.flush()
            if target.exists():
                os.fchmod(file.fileno(), target.stat().st_mode & 0o777)
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(target.parent)


def _clear_up(folder: Path) -> None:
    """Remove the temporary files of programs that were killed; a living one holds a lock on its own."""
    for left in folder.glob(".pentimento-*.part"):
        with contextlib.suppress(OSError), open(left, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - os.fstat(file.fileno()).st_mtime > _YOUNG:
                left.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last; some network disks cannot, and the file is whole all the same."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write ``data`` as the whole of ``path``, or leave it as it was and raise UserError."""
    with replacing(path) as file:
        file.write(data)
