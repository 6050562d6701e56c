"""OpenRaster archives opened with care: whatever a file declares is held against limits before it is read."""

import contextlib
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from editor.document.photo import Photo
from editor.errors import UserError
from editor.storage.limits import is_too_large
from editor.storage.openraster_parts import MIMETYPE
from editor.storage.png_chunks import SIGNATURE

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
           struct.error)
"""What zipfile raises for files that are none, or that want a password or a method nobody uses."""

_ENTRIES = 10_000
_DIRECTORY = 16 << 20  # bytes of the archive's table of contents
_PNG_EXTRA = 64 << 20  # bytes a PNG may have besides its pixels: profile, metadata
_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}  # by PNG's colour type


@dataclass(frozen=True)
class PngShape:
    """What a PNG's header says."""

    width: int
    height: int
    channels: int
    depth: int  # bits a channel, 8 or 16, when decoded

    @property
    def nbytes(self) -> int:
        return self.width * self.height * self.channels * self.depth // 8


class _Limited:
    """A file that hands out no large table of contents, and makes no room for more bytes than it has.

    Until ``entries_only`` is set, what zipfile reads is the table.
    """

    def __init__(self, file: BinaryIO):
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self.entries_only = False
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _DIRECTORY and not self.entries_only:
            raise zipfile.BadZipFile("its table of contents is too large")
        return self._file.read(min(size, self._size))


class Archive:
    """An OpenRaster file; every method raises UserError, with the file's name, for what is wrong with it."""

    def __init__(self, path: Path, archive: zipfile.ZipFile):
        self.path = path
        self._archive = archive
        self._names = {info.filename: info for info in archive.infolist()}
        if len(self._names) > _ENTRIES:
            raise self.error("it has more parts than any picture needs")

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def error(self, words: str) -> UserError:
        return UserError(f"{self.path}: {words}")

    def read(self, name: str, limit: int) -> bytes:
        """The whole of an entry of at most ``limit`` bytes."""
        with self.stream(name, limit) as stream:
            return stream.read()

    @contextlib.contextmanager
    def stream(self, name: str, limit: int) -> Iterator[BinaryIO]:
        """An entry of at most ``limit`` bytes, open for reading; more than it declares is never read."""
        info = self._names.get(name)
        if info is None:
            raise self.error(f"its part {name} is missing")
        if info.file_size > limit:
            raise self.error(f"its part {name} says it has {info.file_size} bytes, which is more than it can need")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self.error(f"its part {name} is compressed in a way that OpenRaster does not use")
        try:
            with self._archive.open(info) as stream:
                yield stream
        except DAMAGED as error:
            raise self.error(f"its part {name} is damaged ({error})") from error
        except OSError as error:
            raise self.error(f"cannot be read: {error.strerror or error}") from error

    def png_shape(self, name: str) -> PngShape:
        """What the PNG in an entry says it holds: never more than can be opened here."""
        with self.stream(name, 1 << 40) as stream:
            head = stream.read(29)
        if len(head) < 29 or head[:8] != SIGNATURE or head[12:16] != b"IHDR":
            raise self.error(f"its part {name} is not a PNG picture")
        width, height, bits, kind = struct.unpack_from(">IIBB", head, 16)
        if kind not in _CHANNELS or not width or not height:
            raise self.error(f"its part {name} is damaged")
        shape = PngShape(width, height, _CHANNELS[kind], 16 if bits == 16 else 8)
        self.limit_pixels(width, height, shape.channels * shape.depth // 8, f"its part {name}")
        return shape

    def limit_pixels(self, width: int, height: int, pixel: int, what: str) -> None:
        """Raise where a picture of so many bytes a pixel is more than can be opened here."""
        if is_too_large(width, height, pixel):
            raise self.error(f"{what} says it has {width} x {height} pixels, which is more than can be opened here")

    def decode(self, name: str, read_photo: Callable[[Path], Photo]) -> Photo:
        """The picture in an entry, decoded like any photograph: from a file of its own, by the guarded decoder."""
        shape = self.png_shape(name)
        try:
            with tempfile.NamedTemporaryFile(prefix="pentimento-", suffix=".png") as copy:
                with self.stream(name, shape.nbytes + shape.nbytes // 8 + _PNG_EXTRA) as stream:
                    shutil.copyfileobj(stream, copy, 1 << 20)
                copy.flush()
                try:
                    return read_photo(Path(copy.name))
                except UserError as error:
                    raise self.error(f"its part {name}: {str(error).removeprefix(f'{copy.name}: ')}") from error
        except OSError as error:
            raise self.error(f"its part {name} cannot be unpacked: {error.strerror or error}") from error


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """The OpenRaster file at ``path``. Raises UserError where it is none."""
    with contextlib.ExitStack() as held:
        try:
            file = held.enter_context(open(path, "rb"))
            limited = _Limited(file)
            opened = held.enter_context(zipfile.ZipFile(limited))
            limited.entries_only = True
        except OSError as error:
            raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
        except DAMAGED as error:
            raise UserError(f"{path}: the project is damaged or cut short ({error})") from error
        archive = Archive(path, opened)
        if "mimetype" not in archive or archive.read("mimetype", 1024).strip() != MIMETYPE.encode():
            raise archive.error("this archive is not an OpenRaster project")
        yield archive
