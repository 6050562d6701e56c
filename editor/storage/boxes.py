"""The chunks of WebP (RIFF) and the boxes of JPEG XL (ISO/IEC 18181-2) that carry metadata."""

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
    parts = [payload[4:] if name == b"jxlp" else payload
             for name, payload in jxl_boxes(data) if name in (b"jxlc", b"jxlp")]
    return b"".join(parts) if parts else bytes(data)


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
