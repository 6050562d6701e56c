"""The session's log: one file that only grows, of arrays and of notes on what was done with them.

A record is a head (kind, length, CRC-32 of the payload, CRC-32 of the head) and its payload. Records are written
in the order in which they were given, so a note never refers to an array that is not there, and a log cut off at any
byte is a log of an earlier moment.
"""

import contextlib
import json
import os
import struct
import threading
import time
import weakref
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from editor.atomic import reason
from editor.errors import UserError
from editor.storage.describe import to_json
from editor.storage.packing import pack, unpack

_HEAD = struct.Struct("<4sQI")
_CRC = struct.Struct("<I")
_HEAD_SIZE = _HEAD.size + _CRC.size
_TILE, _NOTE = b"TILE", b"NOTE"

_HURRY = 16 << 20  # bytes waiting from which on arrays are written without being deflated
_SYNC_SECONDS = 2.0  # what was written reaches the disk itself at least so often


class _Record(NamedTuple):
    kind: bytes
    start: int  # of the payload
    length: int
    crc: int


class TileLog:
    """A tile store (editor.document.history) that also takes notes, written by a thread of its own.

    Arrays must never change once given. Each is written once: giving it again costs a look-up. Where the disk fails,
    arrays are kept in memory from then on, and notes are dropped.
    """

    def __init__(self, path: Path, keep: int = 0, places: Iterable[tuple[int, int]] = ()):
        """Open the log at ``path``; all behind its first ``keep`` bytes is cut off. Raises OSError.

        ``places`` are where in those bytes the arrays stand: (start, length) by reference.
        """
        self._path = path
        self._fault: str | None = None
        self._faulty: Callable[[str], None] = lambda words: None
        self._end = keep
        self._places: list[tuple[int, int] | None] = list(places)  # by reference; None while it waits
        self._waiting: dict[int, np.ndarray] = {}
        self._bytes_waiting = 0
        self._known: dict[int, tuple[weakref.ref, int]] = {}  # by the array's identity
        self._queue: deque[tuple[bytes, Any]] = deque()
        self._changed = threading.Condition()
        self._busy = self._closing = False
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(self._file, keep)
        except OSError:
            os.close(self._file)
            raise
        self._writer = threading.Thread(target=self._write_all, name="session log", daemon=True)
        self._writer.start()

    @classmethod
    def reopen(cls, path: Path) -> tuple["TileLog", list[dict]]:
        """Go on with a log; also its notes. What is torn or damaged, and all behind it, is cut off.

        Raises OSError.
        """
        notes, places, end = [], [], 0
        with open(path, "rb") as file:
            for record in _records(file.fileno()):
                payload = _payload(file.fileno(), record)
                if payload is None:
                    break
                if record.kind == _NOTE:
                    notes.append(json.loads(payload))
                else:
                    places.append((record.start, record.length))
                end = record.start + record.length
        return cls(path, end, places), notes

    def on_fault(self, faulty: Callable[[str], None]) -> None:
        """``faulty`` is called once, from the writing thread, with words on why no more can be written."""
        with self._changed:
            self._faulty = faulty
            fault = self._fault
        if fault is not None:
            faulty(fault)

    def put(self, array: np.ndarray) -> int:
        """Keep an array; returns its reference at once."""
        known = self._known.get(id(array))
        if known is not None and known[0]() is array:
            return known[1]
        with self._changed:
            reference = len(self._places)
            self._places.append(None)
            self._waiting[reference] = array
            self._bytes_waiting += array.nbytes
            self._give(_TILE, reference)
        self._remember(array, reference)
        return reference

    def get(self, reference: int) -> np.ndarray:
        """The array again, read-only. Raises UserError where the disk does not give it back."""
        with self._changed:
            array = self._waiting.get(reference)
            place = self._places[reference]
        if array is None:
            start, length = place
            try:
                array = unpack(_read(self._file, start, length))
            except (OSError, ValueError) as error:
                raise UserError(f"{self._path}: an earlier step cannot be read back ({error})") from error
            self._remember(array, reference)
        return array

    def note(self, value: dict) -> None:
        """Write something for JSON, behind all that was given before; it must not change any more."""
        with self._changed:
            self._give(_NOTE, value)

    def flush(self) -> None:
        """Wait until all that was given is written."""
        with self._changed:
            self._changed.wait_for(lambda: not self._queue and not self._busy)

    def close(self, drop: bool = False) -> None:
        """Write what is waiting (or ``drop`` it) and end; arrays can no longer be had."""
        with self._changed:
            if drop:
                self._queue.clear()
            self._closing = True
            self._changed.notify_all()
        self._writer.join()
        os.close(self._file)
        self._file = -1

    def _give(self, kind: bytes, content: Any) -> None:
        if self._fault is None:
            self._queue.append((kind, content))
            self._changed.notify_all()

    def _remember(self, array: np.ndarray, reference: int) -> None:
        identity, known = id(array), self._known
        known[identity] = weakref.ref(array, lambda _: known.pop(identity, None)), reference

    def _write_all(self) -> None:
        """The writing thread."""
        unsynced_since = None
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._queue or self._closing,
                                       None if unsynced_since is None else _SYNC_SECONDS)
                item = self._queue.popleft() if self._queue else None
                self._busy = item is not None
                ending = self._closing and item is None
            try:
                if item is not None:
                    self._write(*item)
                    unsynced_since = unsynced_since or time.monotonic()
                if unsynced_since and (item is None or time.monotonic() - unsynced_since > _SYNC_SECONDS):
                    os.fsync(self._file)
                    unsynced_since = None
            except (OSError, MemoryError, TypeError, ValueError) as error:  # the latter: a note that is not for JSON
                self._break(error)
                unsynced_since = None
            if ending:
                return

    def _write(self, kind: bytes, content: Any) -> None:
        if kind == _NOTE:
            payload = to_json(content)
        else:
            array = self._waiting[content]
            payload = pack(array, 0 if self._bytes_waiting > _HURRY else 1)
        head = _HEAD.pack(kind, len(payload), zlib.crc32(payload))
        at = self._end
        for data in (head + _CRC.pack(zlib.crc32(head)), payload):
            view = memoryview(data)
            while view:
                written = os.pwrite(self._file, view, at)
                at, view = at + written, view[written:]
        self._end = at
        if kind == _TILE:
            with self._changed:
                self._places[content] = (at - len(payload), len(payload))
                del self._waiting[content]
                self._bytes_waiting -= array.nbytes

    def _break(self, error: Exception) -> None:
        words = reason(error) if isinstance(error, OSError) else str(error) or "there is not enough memory"
        with self._changed:
            self._fault = f"{self._path.parent}: {words}"
            self._queue.clear()
            faulty = self._faulty
        with contextlib.suppress(OSError):  # where even that fails, the torn record is cut off when it is read
            os.ftruncate(self._file, self._end)
        faulty(self._fault)


def read_notes(path: Path) -> list[dict]:
    """The notes of a log that someone else may be writing; arrays are not looked at. Raises OSError."""
    with open(path, "rb") as file:
        notes = []
        for record in _records(file.fileno()):
            if record.kind == _NOTE:
                payload = _payload(file.fileno(), record)
                if payload is None:
                    break
                notes.append(json.loads(payload))
        return notes


def _records(file: int) -> Iterator[_Record]:
    """Every record whose head is sound and whose payload is there whole."""
    at, size = 0, os.fstat(file).st_size
    while at + _HEAD_SIZE <= size:
        data = _read(file, at, _HEAD_SIZE)
        kind, length, crc = _HEAD.unpack_from(data)
        if zlib.crc32(data[: _HEAD.size]) != _CRC.unpack_from(data, _HEAD.size)[0] or kind not in (_TILE, _NOTE):
            return
        at += _HEAD_SIZE
        if at + length > size:
            return
        yield _Record(kind, at, length, crc)
        at += length


def _payload(file: int, record: _Record) -> bytes | None:
    """A record's payload; None where it is damaged."""
    payload = _read(file, record.start, record.length)
    return payload if zlib.crc32(payload) == record.crc else None


def _read(file: int, start: int, length: int) -> bytes:
    """Exactly ``length`` bytes, or fewer at the file's end."""
    parts = []
    while length > 0 and (data := os.pread(file, min(length, 1 << 30), start)):
        parts.append(data)
        start, length = start + len(data), length - len(data)
    return b"".join(parts)
