"""What of a batch is done, kept beside what it wrote: so that it can be taken up again after an interruption."""

import base64
import contextlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from editor.atomic import reason
from editor.batch.order import Order, Task
from editor.errors import UserError

NAME = ".pentimento-restore.jsonl"
"""The file in the folder of results: a line for each photograph that is over; of the same one the last counts."""

_LONGEST = 512 << 20  # bytes, of some twenty thousand photographs: a longer file is not one of these


@dataclass(frozen=True)
class Entry:
    """One photograph that is over, well or not."""

    photo: str
    outs: tuple[str, ...] = ()  # what was written; nothing where it failed
    sizes: tuple[int, ...] = ()  # bytes of each
    stamp: tuple[int, int] = (0, 0)  # of the photo's file: bytes, nanoseconds of its last change
    order: str = ""  # Order.digest
    seconds: float = 0.0
    words: tuple[str, ...] = ()  # what was done
    notes: tuple[str, ...] = ()  # for the user
    error: str = ""
    before: bytes = b""  # thumbnails, JPEG
    after: tuple[bytes, ...] = ()
    again: bool = False  # done by an earlier batch, and taken over


def stamp_of(photo: Path) -> tuple[int, int]:
    """What changes when a file does; (0, 0) where there is none."""
    try:
        found = photo.stat()
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return 0, 0
    return found.st_size, found.st_mtime_ns


class Manifest:
    """Of one folder."""

    def __init__(self, folder: Path):
        self._path = folder / NAME
        self._entries = _read(self._path)

    def finished(self, task: Task, order: Order) -> Entry | None:
        """What was written for the task, if neither the photo, the order nor the results have changed since."""
        entry = self._entries.get(str(task.photo.absolute()))
        if entry is None or entry.error or not entry.outs or entry.order != order.digest():
            return None
        as_planned = Path(entry.outs[0]).parent.absolute() == task.out.parent.absolute() and all(
            Path(out).stem.startswith(task.out.stem) and Path(out).suffix == task.out.suffix for out in entry.outs)
        there = tuple(stamp_of(Path(out))[0] for out in entry.outs) == entry.sizes
        unchanged = as_planned and there and stamp_of(task.photo) == entry.stamp
        return replace(entry, again=True) if unchanged else None

    def add(self, entry: Entry) -> None:
        """Remember it, on disk too. Raises UserError where that cannot be written."""
        self._entries[os.path.abspath(entry.photo)] = entry
        line = json.dumps(asdict(entry), default=_as_text, ensure_ascii=True)
        try:
            with open(self._path, "ab") as file:
                file.write(f"\n{line}\n".encode("ascii"))  # first an end to a line that was cut short
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UserError(f"{self._path}: cannot be written: {reason(error)}") from error

    def clear(self) -> None:
        """Begin anew."""
        self._entries = {}
        with contextlib.suppress(OSError):
            self._path.unlink()


def _as_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _read(path: Path) -> dict[str, Entry]:
    """By the photos' absolute paths. What is no entry is passed over: a kill may cut the last line short."""
    entries: dict[str, Entry] = {}
    try:
        if path.stat().st_size > _LONGEST:
            return {}
        lines = path.read_bytes().splitlines()
    except OSError:
        return {}
    for line in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            entry = _entry(json.loads(line))
            entries[os.path.abspath(entry.photo)] = entry
    return entries


def _entry(said: dict[str, Any]) -> Entry:
    return Entry(
        str(said["photo"]), tuple(map(str, said["outs"])), tuple(map(int, said["sizes"])),
        (int(said["stamp"][0]), int(said["stamp"][1])), str(said["order"]), float(said["seconds"]),
        tuple(map(str, said["words"])), tuple(map(str, said["notes"])), str(said["error"]),
        base64.b64decode(said["before"]), tuple(map(base64.b64decode, said["after"])))
