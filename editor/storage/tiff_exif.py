"""EXIF blocks: taken out of a TIFF file, and corrected for a picture that has been turned upright and edited."""

import struct
from dataclasses import dataclass

from editor.storage.tiff_tags import (
    EXIF_IFD,
    GPS_IFD,
    INTEROP_IFD,
    ORIENTATION,
    RESOLUTION_UNIT,
    X_RESOLUTION,
    Y_RESOLUTION,
    Directory,
    Entry,
    Tiff,
    parse,
)

DESCRIPTIVE = frozenset((11, 269, 270, 271, 272, 285, 305, 306, 315, 316, 18246, 33432, *range(40091, 40096)))
"""Tags of a TIFF file's first directory that say something about the picture, not about how it is stored."""

_RESOLUTION = frozenset((ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT))
_LIMIT = 16 << 20
_WIDTHS, _HEIGHTS = (256, 40962, 4097), (257, 40963, 4098)  # in IFD0, the EXIF and the interoperability directory
_THUMBNAIL_START, _THUMBNAIL_LENGTH = 513, 514
_CHILDREN = (EXIF_IFD, GPS_IFD, INTEROP_IFD)


@dataclass(frozen=True)
class Field:
    """A tag to be written: its value's bytes in the block's byte order, or the directory it points to."""

    tag: int
    kind: int
    count: int
    value: "bytes | tuple[Field, ...]"


def fields_of(tiff: Tiff, directory: Directory, keep: frozenset[int] | None = None) -> tuple[Field, ...]:
    """The directory's entries (those in ``keep``) with the EXIF, GPS and interoperability directories below it."""
    fields = []
    for tag, entry in sorted(directory.entries.items()):
        if tag in _CHILDREN:
            child = tiff.directory(tiff.integer(entry) or 0)
            if child is not None and child.at != directory.at:
                # One level below EXIF there is only the interoperability directory: no circle can be followed.
                below = {t: e for t, e in child.entries.items()
                         if t not in _CHILDREN or (tag == EXIF_IFD and t == INTEROP_IFD)}
                fields.append(Field(tag, 4, 1, fields_of(tiff, Directory(below, child.at, child.end))))
        elif (keep is None or tag in keep) and entry.kind <= 13 and entry.size <= _LIMIT:
            fields.append(Field(tag, entry.kind, entry.count, tiff.raw(entry)))
    return tuple(fields)


def compact(tiff: Tiff, first: Directory) -> bytes | None:
    """An EXIF block with what a TIFF file says about its picture; None where it says nothing.

    Values keep their bytes and byte order; their places change, as they must, so a maker note with offsets into
    the file no longer finds what they pointed to.
    """
    fields = fields_of(tiff, first, DESCRIPTIVE | _RESOLUTION)
    if all(field.tag in _RESOLUTION for field in fields):
        return None
    head = b"II*\0" if tiff.order == "<" else b"MM\0*"
    return head + struct.pack(tiff.order + "I", 8) + pack(fields, tiff.order, 8)


def pack(fields: tuple[Field, ...], order: str, at: int) -> bytes:
    """A directory with all it points to, as bytes that are to stand at the offset ``at`` (even) of a block."""
    table = [struct.pack(order + "H", len(fields))]
    behind: list[bytes] = []
    end = at + 2 + 12 * len(fields) + 4
    for field in sorted(fields, key=lambda field: field.tag):
        if isinstance(field.value, tuple):
            value = pack(field.value, order, end)
            content = struct.pack(order + "I", end)
        else:
            value = field.value if len(field.value) > 4 else b""
            content = struct.pack(order + "I", end) if value else field.value.ljust(4, b"\0")
        table.append(struct.pack(order + "HHI", field.tag, field.kind, field.count) + content)
        value += b"\0" * (len(value) % 2)
        behind.append(value)
        end += len(value)
    return b"".join([*table, b"\0\0\0\0", *behind])


def corrected(exif: bytes, shape: tuple[int, int]) -> bytes:
    """The block for an upright picture of ``shape`` (h, w): orientation 1, its pixel dimensions, no thumbnail.

    Patched in place, so that nothing moves, the maker note least of all; the thumbnail's bytes, which show what
    the picture was before, are wiped, and cut off where the block ends with them. A block that is no TIFF
    structure comes back as it is.
    """
    tiff = parse(exif)
    first = tiff and tiff.directory(tiff.first)
    if not first or tiff.big:
        return exif
    out = bytearray(exif)
    directories = [first]
    for tag in (EXIF_IFD, INTEROP_IFD):
        below = tiff.directory(tiff.integer(directories[-1].entries.get(tag)) or 0)
        if below is None:
            break
        directories.append(below)
    gps = tiff.directory(tiff.integer(first.entries.get(GPS_IFD)) or 0)
    _set(out, tiff, first.entries.get(ORIENTATION), 1)
    for directory, width, height in zip(directories, _WIDTHS, _HEIGHTS, strict=False):
        _set(out, tiff, directory.entries.get(width), shape[1])
        _set(out, tiff, directory.entries.get(height), shape[0])
    return bytes(_without_thumbnail(out, tiff, [*directories, gps] if gps else directories))


def _set(out: bytearray, tiff: Tiff, entry: Entry | None, value: int) -> None:
    """Put a whole number in the entry's place; a number too large for a SHORT makes it a LONG, which fits too."""
    if entry is None or entry.count != 1 or entry.kind not in (3, 4):
        return
    kind = 4 if value > 0xFFFF else entry.kind
    number = struct.pack(tiff.order + ("H" if kind == 3 else "I"), value).ljust(4, b"\0")
    out[entry.at : entry.at + 12] = struct.pack(tiff.order + "HHI", entry.tag, kind, 1) + number


def _without_thumbnail(out: bytearray, tiff: Tiff, directories: list[Directory]) -> bytearray:
    first = directories[0]
    thumbnail = next(iter(list(tiff.chain(first.at))[1:]), None)
    if first.end + 4 > len(out):
        return out
    out[first.end : first.end + 4] = b"\0\0\0\0"
    if thumbnail is None:
        return out
    starts = tiff.integers(thumbnail.entries.get(_THUMBNAIL_START)) or tiff.integers(thumbnail.entries.get(273))
    lengths = tiff.integers(thumbnail.entries.get(_THUMBNAIL_LENGTH)) or tiff.integers(thumbnail.entries.get(279))
    kept = [(0, 8)]
    for directory in directories:
        kept.append((directory.at, directory.end + 4))
        kept += [(entry.start, entry.start + entry.size) for entry in directory.entries.values()]
    for start, length in zip(starts, lengths, strict=False):
        stop = min(start + length, len(out))
        # A damaged block may claim its own directories, or the maker note, for the thumbnail's bytes.
        if start < stop and not any(start < end and begin < stop for begin, end in kept):
            out[start:stop] = bytes(stop - start)
            if stop >= len(out) - 1:
                del out[start:]
    return out
