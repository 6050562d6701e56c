"""The chunks of a PNG file: what they carry, and how to put them into another.

PNG third edition (eXIf, iCCP, pHYs, iTXt), Adobe XMP part 3, and ImageMagick's "Raw profile type iptc".
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from editor.storage import photoshop

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP = b"XML:com.adobe.xmp"
_RAW_IPTC = b"Raw profile type iptc"
_INCH = 0.0254


@dataclass
class PngHeader:
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    profile: bytes | None = None
    density: tuple[float, float] | None = None  # pixels per inch
    animated: bool = False


def chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """(name, payload, whole chunk) of every chunk that is there whole."""
    at = 8
    while at + 12 <= len(data):
        length = struct.unpack_from(">I", data, at)[0]
        if at + 12 + length > len(data):
            return
        yield bytes(data[at + 4 : at + 8]), data[at + 8 : at + 8 + length], data[at : at + 12 + length]
        at += 12 + length


def read_header(data: memoryview, limit: int) -> PngHeader:
    """What the chunks say; blocks that grow beyond ``limit`` bytes when inflated are left out."""
    header = PngHeader()
    for name, payload, _ in chunks(data):
        if name == b"eXIf":
            header.exif = bytes(payload).removeprefix(b"Exif\0\0")
        elif name == b"iCCP":
            keyword, _, rest = bytes(payload).partition(b"\0")
            if len(keyword) < 80 and rest[:1] == b"\0":
                header.profile = _inflate(rest[1:], limit)
        elif name == b"pHYs" and len(payload) == 9:
            x, y, unit = struct.unpack(">IIB", payload)
            if unit == 1 and x and y:
                header.density = x * _INCH, y * _INCH
        elif name == b"acTL":
            header.animated = True
        elif name == b"iTXt" and bytes(payload[:18]) == _XMP + b"\0" and len(payload) > 20:
            text = bytes(payload[20:]).partition(b"\0")[2].partition(b"\0")[2]  # behind two language tags
            header.xmp = _inflate(text, limit) if payload[18] else text
        elif name == b"zTXt" and bytes(payload[:22]) == _RAW_IPTC + b"\0":
            header.iptc = _unhex(_inflate(bytes(payload[23:]), limit))
    return header


def _inflate(data: bytes, limit: int) -> bytes | None:
    """The inflated data; None where it is damaged or a bomb."""
    stream = zlib.decompressobj()
    try:
        out = stream.decompress(data, limit)
    except zlib.error:
        return None
    return out if stream.eof else None


def _unhex(text: bytes | None) -> bytes | None:
    """The IPTC records in ImageMagick's form: a name, a length, lines of hexadecimal digits."""
    try:
        _, length, digits = (text or b"").strip().split(None, 2)
        block = bytes.fromhex(b"".join(digits.split()).decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        return None
    if len(block) != int(length):
        return None
    return photoshop.iptc_of(block) if block.startswith(b"8BIM") else block


def metadata_chunks(exif: bytes | None = None, xmp: bytes | None = None, iptc: bytes | None = None,
                    profile: bytes | None = None, density: tuple[float, float] | None = None) -> bytes:
    """The chunks that carry these blocks, to be put behind IHDR."""
    out = []
    if profile:
        out.append(chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(profile)))
    else:
        out.append(chunk(b"sRGB", b"\0"))
    if density:
        x, y = (min(max(round(value / _INCH), 1), 0x7FFFFFFF) for value in density)
        out.append(chunk(b"pHYs", struct.pack(">IIB", x, y, 1)))
    if exif:
        out.append(chunk(b"eXIf", exif))
    if xmp:
        out.append(chunk(b"iTXt", _XMP + b"\0\0\0\0\0" + xmp))
    if iptc:
        block = photoshop.resource_of(iptc)
        digits = block.hex().encode("ascii")
        lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
        out.append(chunk(b"zTXt", _RAW_IPTC + b"\0\0" + zlib.compress(b"\niptc\n%8d\n%s\n" % (len(block), lines))))
    return b"".join(out)


def chunk(name: bytes, payload: bytes) -> bytes:
    """A whole chunk: its length, name, payload and checksum."""
    return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(payload, zlib.crc32(name)))


def with_chunks(png: memoryview, extra: bytes) -> list[bytes | memoryview]:
    """The PNG, as parts to be written one after the other, with ``extra`` behind IHDR instead of any metadata
    that its encoder put in."""
    parts: list[bytes | memoryview] = [SIGNATURE]
    for name, _, whole in chunks(png):
        if name in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            parts.append(whole)
        if name == b"IHDR":
            parts.append(extra)
    return parts
