"""A TIFF file put together from encoded strips and metadata blocks (TIFF 6.0).

The EXIF block is a TIFF file without pixels. It goes to the very start, as it is, so that every offset in it still
holds, those hidden in a maker note too; strips and a new first directory follow.
"""

import struct

from editor.storage.tiff_exif import DESCRIPTIVE, Field, pack
from editor.storage.tiff_tags import (
    EXIF_IFD,
    GPS_IFD,
    ICC_PROFILE,
    IPTC,
    ORIENTATION,
    RESOLUTION_UNIT,
    X_RESOLUTION,
    XMP,
    Y_RESOLUTION,
    Entry,
    Tiff,
    parse,
)

_STRIP_STARTS, _STRIP_LENGTHS, _PREDICTOR = 273, 279, 317
_RESOLUTION = (X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT)
_IMAGE = (256, 257, 258, 259, 262, 277, 278, 284, _PREDICTOR, 338, 339)


def byte_order(exif: bytes | None) -> str:
    """The byte order, "<" or ">", that a file with this EXIF block must have."""
    tiff = parse(exif) if exif else None
    return tiff.order if tiff and not tiff.big else "<"


def tiff_parts(encoded: memoryview, *, exif: bytes | None, xmp: bytes | None, iptc: bytes | None,
               profile: bytes | None, resolution: tuple[float, float] | None) -> list[bytes | memoryview]:
    """The file, as parts to be written one after the other.

    ``encoded`` is a TIFF file of the same picture in strips, whose samples are stored in the EXIF block's byte
    order. ``exif`` must be a TIFF structure (not BigTIFF), or None.
    """
    source = parse(encoded)
    image = source.directory(source.first)
    order = byte_order(exif)
    head = bytearray(exif or b"II*\0\0\0\0\0")
    head += bytes(-len(head) % 4)
    starts = source.integers(image.entries[_STRIP_STARTS], 1 << 20)
    lengths = source.integers(image.entries[_STRIP_LENGTHS], 1 << 20)
    strips = [encoded[start : start + length] for start, length in zip(starts, lengths, strict=True)]
    places, at = [], len(head)
    for length in lengths:
        places.append(at)
        at += length
    padding = bytes(at % 2)
    fields = [_moved(source, image.entries[tag], order) for tag in _IMAGE if tag in image.entries]
    fields += [_longs(_STRIP_STARTS, places, order), _longs(_STRIP_LENGTHS, lengths, order)]
    fields += [Field(tag, kind, len(block), block)
               for tag, kind, block in ((XMP, 1, xmp), (IPTC, 7, iptc), (ICC_PROFILE, 7, profile)) if block]
    fields += _described(exif, {field.tag for field in fields})
    if resolution:
        fields = [field for field in fields if field.tag not in _RESOLUTION]
        fields += [Field(tag, 5, 1, struct.pack(order + "II", min(max(round(value * 10000), 1), 0xFFFFFFFF), 10000))
                   for tag, value in zip((X_RESOLUTION, Y_RESOLUTION), resolution, strict=True)]
        fields.append(Field(RESOLUTION_UNIT, 3, 1, struct.pack(order + "H", 2)))
    at += len(padding)
    struct.pack_into(order + "I", head, 4, at)
    return [bytes(head), *strips, padding, pack(tuple(fields), order, at)]


def _moved(source: Tiff, entry: Entry, order: str) -> Field:
    code = {3: "H", 4: "I"}[entry.kind]
    return Field(entry.tag, entry.kind, entry.count,
                 struct.pack(f"{order}{entry.count}{code}", *source.integers(entry)))


def _longs(tag: int, values: list[int] | tuple[int, ...], order: str) -> Field:
    return Field(tag, 4, len(values), struct.pack(f"{order}{len(values)}I", *values))


def _described(exif: bytes | None, taken: set[int]) -> list[Field]:
    """What the EXIF block's first directory says of the picture, pointing to where its values are already."""
    tiff = parse(exif) if exif else None
    first = tiff and tiff.directory(tiff.first)
    if not first:
        return []
    wanted = DESCRIPTIVE | {ORIENTATION, *_RESOLUTION, EXIF_IFD, GPS_IFD}
    return [Field(tag, entry.kind, entry.count, bytes(exif[entry.at + 8 : entry.at + 12]))
            for tag, entry in first.entries.items() if tag in wanted - taken]
