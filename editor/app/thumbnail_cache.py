"""Small pictures of files that were opened, for the start page.

They are made from the open document, so that the start page decodes nothing but small files that the program itself
has written. A thumbnail goes with the path and the time of its file, and is not found once that has changed.
"""

import contextlib
import hashlib
import os
from pathlib import Path

from platformdirs import user_cache_path
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from editor.atomic import write_bytes
from editor.errors import UserError

SIDE = 320
"""Longest side in pixels of what is worth storing."""

_MAX_FILES = 48


def store(path: Path, image: QImage) -> None:
    """Keep the thumbnail of a file. A cache may fail: then there is no thumbnail."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    with contextlib.suppress(OSError, UserError):
        name = _name(path)
        _folder().mkdir(parents=True, exist_ok=True)
        write_bytes(_folder() / name, buffer.data().data())
        _prune()


def load(path: Path) -> QImage:
    """The thumbnail of a file; a null image where there is none, or the file has changed."""
    try:
        return QImage(str(_folder() / _name(path)), "PNG")
    except OSError:
        return QImage()


def _folder() -> Path:
    moved = os.environ.get("PENTIMENTO_CACHE")
    return (Path(moved) if moved else user_cache_path("pentimento")) / "thumbnails"


def _name(path: Path) -> str:
    stamp = f"{path.absolute()}\n{path.stat().st_mtime_ns}"
    return hashlib.blake2b(stamp.encode(errors="surrogateescape"), digest_size=16).hexdigest() + ".png"


def _prune() -> None:
    files = sorted(_folder().glob("*.png"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files[_MAX_FILES:]:
        file.unlink()
