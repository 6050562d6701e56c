"""The marker segments of a JPEG file: what they carry, and how to put them into another.

ITU-T T.81 (markers, tables, frames), EXIF 2.32, Adobe XMP part 3, ICC.1 annex B.4, Photoshop's APP13.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from editor.storage import photoshop

EXIF, XMP, XMP_MORE = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
ICC, PHOTOSHOP = b"ICC_PROFILE\0", b"Photoshop 3.0\0"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ROOM = 65533  # of a segment, behind its length

# Where each of a quantisation table's 64 values, stored in zigzag order, belongs in the 8x8 block.
_ZIGZAG = sorted(range(64), key=lambda k: (k // 8 + k % 8, k // 8 if (k // 8 + k % 8) % 2 else k % 8))


@dataclass
class JpegHeader:
    """What the segments before the first scan say."""

    exif: bytes | None = None
    xmp: bytes | None = None
    xmp_extended: bytes | None = None  # what did not fit into one segment
    iptc: bytes | None = None
    profile: bytes | None = None
    comment: bytes | None = None
    density: tuple[float, float] | None = None  # pixels per inch
    components: tuple[tuple[int, int, int], ...] = ()  # (horizontal, vertical sampling, table) of each
    precision: int = 8
    tables: dict[int, tuple[int, ...]] = field(default_factory=dict)


def segments(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """(marker, payload) of every segment before the first scan."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in (0xDA, 0xD9):
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        length = struct.unpack_from(">H", data, at + 2)[0]
        if length < 2 or at + 2 + length > len(data):
            return
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + length


def read_header(data: memoryview) -> JpegHeader:
    header = JpegHeader()
    icc: dict[int, bytes] = {}
    more: dict[bytes, dict[int, bytes]] = {}
    resources, exif = [], []
    for marker, payload in segments(data):
        start = bytes(payload[:40])
        if marker == 0xE1 and start.startswith(EXIF):
            exif.append(bytes(payload[len(EXIF):]))
        elif marker == 0xE1 and start.startswith(XMP) and header.xmp is None:
            header.xmp = bytes(payload[len(XMP):])
        elif marker == 0xE1 and start.startswith(XMP_MORE) and len(payload) > len(XMP_MORE) + 40:
            rest = payload[len(XMP_MORE):]
            offset = struct.unpack_from(">I", rest, 36)[0]
            more.setdefault(bytes(rest[:32]), {})[offset] = bytes(rest[40:])
        elif marker == 0xE2 and start.startswith(ICC) and len(payload) > 14:
            icc[payload[12]] = bytes(payload[14:])
        elif marker == 0xED and start.startswith(PHOTOSHOP):
            resources.append(bytes(payload[len(PHOTOSHOP):]))
        elif marker == 0xFE and header.comment is None:
            header.comment = bytes(payload)
        elif marker == 0xE0 and start.startswith(b"JFIF\0") and len(payload) >= 12:
            header.density = _density(payload)
        elif marker == 0xDB:
            _read_tables(payload, header.tables)
        elif marker in _FRAMES and len(payload) >= 6 + 3 * payload[5]:
            header.precision = payload[0]
            header.components = tuple((payload[i + 1] >> 4, payload[i + 1] & 15, payload[i + 2])
                                      for i in range(6, 6 + 3 * payload[5], 3))
    header.exif = b"".join(exif) or None
    header.profile = b"".join(icc[number] for number in sorted(icc)) or None
    header.iptc = photoshop.iptc_of(b"".join(resources))
    for name, parts in more.items():
        if header.xmp and name in header.xmp:  # the packet names the extension that belongs to it
            header.xmp_extended = b"".join(parts[offset] for offset in sorted(parts))
    return header


def _density(payload: memoryview) -> tuple[float, float] | None:
    unit, x, y = struct.unpack_from(">BHH", payload, 7)
    scale = {1: 1.0, 2: 2.54}.get(unit)
    return (x * scale, y * scale) if scale and x and y else None


def _read_tables(payload: memoryview, tables: dict[int, tuple[int, ...]]) -> None:
    at = 0
    while at < len(payload):
        wide, name = payload[at] >> 4, payload[at] & 15
        size = 128 if wide else 64
        if at + 1 + size > len(payload):
            return
        stored = struct.unpack_from(">64H" if wide else ">64B", payload, at + 1)
        table = [0] * 64
        for value, place in zip(stored, _ZIGZAG, strict=True):
            table[place] = value
        tables[name] = tuple(table)
        at += 1 + size


def own_tables(header: JpegHeader) -> dict[int, tuple[int, ...]] | None:
    """The quantisation table of each component, by the component's number, in natural order."""
    tables = {number: header.tables.get(name) for number, (_, _, name) in enumerate(header.components)}
    return tables if tables and all(tables.values()) else None


def own_subsampling(header: JpegHeader) -> str | None:
    """"4:4:4", "4:2:2" or "4:2:0"; None for grey pictures and anything rarer."""
    if len(header.components) != 3 or {c[:2] for c in header.components[1:]} != {(1, 1)}:
        return None
    return {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}.get(header.components[0][:2])


def metadata_segments(exif: bytes | None = None, xmp: bytes | None = None, xmp_extended: bytes | None = None,
                      iptc: bytes | None = None, profile: bytes | None = None, comment: bytes | None = None
                      ) -> tuple[bytes, list[str]]:
    """The segments that carry these blocks, to be put behind SOI and JFIF; and the names of those that do not fit.

    A profile is cut over as many segments as it needs (ICC.1 annex B.4), so is extended XMP; EXIF and XMP must
    fit into one each.
    """
    out, left_out = [], []
    for name, marker, payload in (("EXIF", 0xE1, exif and EXIF + exif), ("XMP", 0xE1, xmp and XMP + xmp)):
        if payload and len(payload) > _ROOM:
            left_out.append(name)
        elif payload:
            out.append(_segment(marker, payload))
    if xmp_extended and xmp and "XMP" not in left_out:
        guid = hashlib.md5(xmp_extended, usedforsecurity=False).hexdigest().upper().encode()
        step = _ROOM - len(XMP_MORE) - 40
        for at in range(0, len(xmp_extended), step):
            place = struct.pack(">II", len(xmp_extended), at)
            out.append(_segment(0xE1, XMP_MORE + guid + place + xmp_extended[at : at + step]))
    if iptc:
        resources = photoshop.resource_of(iptc)
        step = _ROOM - len(PHOTOSHOP)
        out += [_segment(0xED, PHOTOSHOP + resources[at : at + step]) for at in range(0, len(resources), step)]
    if profile:
        step = _ROOM - 14
        parts = [profile[at : at + step] for at in range(0, len(profile), step)]
        if len(parts) > 255:
            left_out.append("colour profile")
        else:
            out += [_segment(0xE2, ICC + bytes((number, len(parts))) + part)
                    for number, part in enumerate(parts, 1)]
    if comment:
        out.append(_segment(0xFE, comment[:_ROOM]))
    return b"".join(out), left_out


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def with_segments(jpeg: bytes, extra: bytes) -> list[bytes | memoryview]:
    """The JPEG, as parts to be written one after the other, with ``extra`` behind its SOI and JFIF segment."""
    at = 2
    if jpeg[2:4] == b"\xff\xe0":
        at += 2 + struct.unpack_from(">H", jpeg, 4)[0]
    return [jpeg[:at], extra, memoryview(jpeg)[at:]]
