"""The chunks of WebP (RFC 9649) and the boxes of JPEG XL (ISO/IEC 18181-2): their metadata and their size."""

import struct
from collections.abc import Iterator


def riff_chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """(name, payload) of every chunk of a WebP file that is there whole."""
    at = 12
    while at + 8 <= len(data):
        length = struct.unpack_from("<I", data, at + 4)[0]
        if at + 8 + length > len(data):
            return
        yield bytes(data[at : at + 4]), data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def jxl_boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """(type, payload) of every box of a JPEG XL container; nothing for a bare codestream."""
    if bytes(data[4:8]) != b"JXL ":
        return
    at = 0
    while at + 8 <= len(data):
        length, head = struct.unpack_from(">I", data, at)[0], 8
        if length == 1 and at + 16 <= len(data):
            length, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif length == 0:
            length = len(data) - at
        if length < head or at + length > len(data):
            return
        yield bytes(data[at + 4 : at + 8]), data[at + head : at + length]
        at += length


def jxl_codestream(data: memoryview) -> bytes:
    """The codestream of a JPEG XL file, whether it is in a container, in one box or several, or bare."""
    return b"".join(_codestream(data)) or bytes(data)


def _codestream(data: memoryview) -> Iterator[memoryview]:
    """The pieces of a container's codestream; nothing for a bare one."""
    for name, payload in jxl_boxes(data):
        if name in (b"jxlc", b"jxlp"):
            yield payload[4:] if name == b"jxlp" else payload  # a part begins with its number


def webp_size(data: memoryview) -> tuple[int, int] | None:
    """(width, height) by the first chunk of a WebP file."""
    name, payload = next(riff_chunks(data), (b"", b""))
    head = int.from_bytes(payload[:10], "little")
    if len(payload) < 10:
        return None
    if name == b"VP8X":
        return (head >> 32 & 0xFFFFFF) + 1, (head >> 56 & 0xFFFFFF) + 1
    if name == b"VP8L":
        return (head >> 8 & 0x3FFF) + 1, (head >> 22 & 0x3FFF) + 1
    return head >> 48 & 0x3FFF, head >> 64 & 0x3FFF


_JXL_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def jxl_size(data: memoryview) -> tuple[int, int] | None:
    """(width, height) by the SizeHeader of a JPEG XL codestream (ISO/IEC 18181-1, D.2), before it is turned."""
    start = next(_codestream(data), data)[:12]
    if bytes(start[:2]) != b"\xff\x0a":
        return None
    bits = int.from_bytes(start[2:], "little")

    def take(count: int) -> int:
        nonlocal bits
        value, bits = bits & (1 << count) - 1, bits >> count
        return value

    def side() -> int:
        return (take(5) + 1) * 8 if small else take((9, 13, 18, 30)[take(2)]) + 1

    small = take(1)
    height, ratio = side(), take(3)
    if not ratio:
        return side(), height
    above, below = _JXL_RATIOS[ratio - 1]
    return height * above // below, height


def jxl_container(codestream: bytes, exif: bytes | None, xmp: bytes | None) -> list[bytes]:
    """A JPEG XL file of a codestream and its metadata, as parts to be written one after the other."""
    parts = [b"\0\0\0\x0cJXL \r\n\x87\n", b"\0\0\0\x14ftypjxl \0\0\0\0jxl "]
    if exif:
        parts.append(_box(b"Exif", b"\0\0\0\0" + exif))
    if xmp:
        parts.append(_box(b"xml ", xmp))
    parts += [struct.pack(">I4sQ", 1, b"jxlc", len(codestream) + 16), codestream]
    return parts


def _box(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload) + 8) + name + payload
