"""The directories (IFDs) of a TIFF file, and of an EXIF block, which is one.

TIFF 6.0 and BigTIFF, both byte orders. Nothing here trusts an offset or a count: what points outside the data
is left out, circles end, and no more than a bounded number of entries is looked at.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_ENTRIES = 4096
_DIRECTORIES = 64

ORIENTATION, EXIF_IFD, GPS_IFD, INTEROP_IFD, SUB_IFDS = 274, 34665, 34853, 40965, 330
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296
XMP, IPTC, PHOTOSHOP, ICC_PROFILE = 700, 33723, 34377, 34675
MAKER_NOTE = 37500


class Entry(NamedTuple):
    """One entry; ``start`` is where in the data its value's bytes stand, ``at`` where the entry itself does."""

    tag: int
    kind: int
    count: int
    start: int
    size: int
    at: int


@dataclass(frozen=True)
class Directory:
    """One IFD: its entries by tag, where it stands, where the offset of the next one stands."""

    entries: dict[int, Entry]
    at: int
    end: int  # just behind its last entry: there stands the offset of the next


@dataclass(frozen=True)
class Tiff:
    """A view of TIFF data: only what lies inside ``data`` is ever looked at."""

    data: bytes | memoryview
    order: str  # "<" or ">"
    big: bool

    @property
    def offset_code(self) -> str:
        return self.order + ("Q" if self.big else "I")

    @property
    def first(self) -> int:
        return self._offset(8 if self.big else 4)

    def _offset(self, at: int) -> int:
        try:
            return struct.unpack_from(self.offset_code, self.data, at)[0]
        except struct.error:
            return 0

    def directory(self, at: int) -> Directory | None:
        """The directory at an offset, or None where none can be."""
        count_code, head = (self.order + "Q", 8) if self.big else (self.order + "H", 2)
        code, width, inline = (self.order + "HHQ", 20, 8) if self.big else (self.order + "HHI", 12, 4)
        if at < 8 or at + head > len(self.data):
            return None
        count = struct.unpack_from(count_code, self.data, at)[0]
        if not 0 < count <= _ENTRIES or at + head + count * width > len(self.data):
            return None
        entries = {}
        for index in range(count):
            place = at + head + index * width
            tag, kind, number = struct.unpack_from(code, self.data, place)
            size = _SIZES.get(kind, 0) * number
            field = place + width - inline
            start = field if size <= inline else self._offset(field)
            if kind in _SIZES and number and start + size <= len(self.data):
                entries.setdefault(tag, Entry(tag, kind, number, start, size, place))
        return Directory(entries, at, at + head + count * width)

    def chain(self, at: int | None = None) -> Iterator[Directory]:
        """The directory at an offset (the first one's) and those that follow it."""
        at, seen = self.first if at is None else at, set()
        while at and at not in seen and len(seen) < _DIRECTORIES:
            seen.add(at)
            directory = self.directory(at)
            if directory is None:
                return
            yield directory
            at = self._offset(directory.end)

    def raw(self, entry: Entry | None) -> bytes | None:
        return None if entry is None else bytes(self.data[entry.start : entry.start + entry.size])

    def integers(self, entry: Entry | None, limit: int = 64) -> tuple[int, ...]:
        """The first values of an entry of whole numbers; nothing for other kinds."""
        if entry is None or entry.kind not in _INTEGERS:
            return ()
        code = f"{self.order}{min(entry.count, limit)}{_INTEGERS[entry.kind]}"
        return struct.unpack_from(code, self.data, entry.start)

    def integer(self, entry: Entry | None) -> int | None:
        values = self.integers(entry, 1)
        return values[0] if values else None

    def rational(self, entry: Entry | None) -> float | None:
        if entry is None or entry.kind not in (5, 10):
            return None
        above, below = struct.unpack_from(self.order + ("II" if entry.kind == 5 else "ii"), self.data, entry.start)
        return above / below if below else None


def parse(data: bytes | memoryview) -> Tiff | None:
    """A view of TIFF data, or None where it does not start like one."""
    head = bytes(data[:8])
    for mark, order in ((b"II", "<"), (b"MM", ">")):
        if head[:2] == mark and len(head) == 8:
            version = struct.unpack_from(order + "H", head, 2)[0]
            if version in (42, 43):
                return Tiff(data, order, version == 43)
    return None


def orientation(tiff: Tiff | None) -> int:
    """1..8 as in EXIF; 1 where nothing sensible is said."""
    for directory in tiff.chain() if tiff else ():
        value = tiff.integer(directory.entries.get(ORIENTATION))
        return value if value in range(1, 9) else 1
    return 1


def resolution(tiff: Tiff | None) -> tuple[float, float] | None:
    """(x, y) pixels per inch of the first directory, where it says."""
    for directory in tiff.chain() if tiff else ():
        x, y = (tiff.rational(directory.entries.get(tag)) for tag in (X_RESOLUTION, Y_RESOLUTION))
        unit = tiff.integer(directory.entries.get(RESOLUTION_UNIT)) or 2
        if not x or not y or x < 0 or y < 0 or unit not in (2, 3):
            return None
        scale = 2.54 if unit == 3 else 1.0
        return x * scale, y * scale
    return None


def looks_raw(data: bytes | memoryview) -> bool:
    """Whether TIFF data is a camera's raw file: a colour filter array or linear raw in any directory, a DNG
    version, a raw compression, or Canon's mark."""
    if bytes(data[8:10]) == b"CR":
        return True
    tiff = parse(data)
    if tiff is None:
        return False
    queue = list(tiff.chain())
    for directory in queue[:_DIRECTORIES]:
        entries = directory.entries
        if 50706 in entries or tiff.integer(entries.get(262)) in (32803, 34892):
            return True
        if tiff.integer(entries.get(259)) in (32767, 34713, 65535, 65000):
            return True
        for offset in tiff.integers(entries.get(SUB_IFDS), 16):
            sub = tiff.directory(offset)
            if sub is not None and len(queue) < _DIRECTORIES:
                queue.append(sub)
    return False
