"""The photograph's own file, byte for byte: beside an open document, and inside its project."""

import contextlib
import errno
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from editor.document.photo import Photo
from editor.storage.openraster_archive import DAMAGED
from editor.storage.signatures import EXTENSIONS

ENTRY = "pentimento/photo"
"""The photograph's own file in a project; its usual extension follows."""


@dataclass(frozen=True)
class Original:
    """A photograph's file, open for reading."""

    stream: BinaryIO
    size: int
    suffix: str  # the usual one of its format: ".jpg"


@contextlib.contextmanager
def open_original(photo: Photo, source: Path | None) -> Iterator[Original | None]:
    """The bytes of the file that ``photo`` was decoded from: those of ``source``, or if that is a project, of the
    photograph in it. None where there is no such file. Raises OSError with ``source`` as its filename."""
    if source is None:
        yield None
        return
    with open(source, "rb") as file:
        if not is_project(file):
            yield Original(file, os.fstat(file.fileno()).st_size, EXTENSIONS.get(photo.format, (source.suffix,))[0])
            return
        with _archive(file, source) as archive:
            entry = next((info for info in archive.infolist() if info.filename.startswith(ENTRY + ".")), None)
            if entry is None:
                yield None
                return
            _verify(archive, entry, source)
            with archive.open(entry) as stream:
                yield Original(stream, entry.file_size, Path(entry.filename).suffix)


def is_project(file: BinaryIO) -> bool:
    """Whether an open file is an archive, as projects are; it stays where it is."""
    return os.pread(file.fileno(), 4, 0) == b"PK\x03\x04"


def _archive(file: BinaryIO, source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except DAMAGED as error:
        raise OSError(errno.EIO, f"the project is damaged ({error})", str(source)) from error


def _verify(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: Path) -> None:
    """Read an entry through, so that nobody finds out half-way that it is damaged."""
    try:
        with archive.open(entry) as stream:
            while stream.read(1 << 20):
                pass
    except DAMAGED as error:
        raise OSError(errno.EIO, f"the photograph in the project is damaged ({error})", str(source)) from error
