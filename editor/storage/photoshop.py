"""Photoshop's image resources ("8BIM" blocks): in PSD files, in JPEG's APP13, in PNG's and TIFF's copies of it.

Adobe Photoshop File Formats Specification.
"""

import struct
from collections.abc import Iterator

IPTC, RESOLUTION, PROFILE, EXIF, XMP = 0x0404, 0x03ED, 0x040F, 0x0422, 0x0424
_MARKS = (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR")
_MODES = {0: "bitmap", 1: "grey", 2: "indexed", 3: "RGB", 4: "CMYK", 7: "multichannel", 8: "duotone", 9: "Lab"}


def resources(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """(number, payload) of every image resource."""
    at = 0
    while at + 12 <= len(data) and bytes(data[at : at + 4]) in _MARKS:
        number = struct.unpack_from(">H", data, at + 4)[0]
        start = at + 6 + (data[at + 6] + 2 & ~1)  # behind a name padded to an even length
        if start + 4 > len(data):
            return
        length = struct.unpack_from(">I", data, start)[0]
        if start + 4 + length > len(data):
            return
        yield number, data[start + 4 : start + 4 + length]
        at = start + 4 + length + length % 2


def iptc_of(data: bytes) -> bytes | None:
    """The IPTC records among image resources."""
    return next((bytes(payload) for number, payload in resources(memoryview(data)) if number == IPTC), None)


def resource_of(iptc: bytes) -> bytes:
    """The image resource that carries these IPTC records."""
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)


def mode(data: memoryview) -> str:
    """The colour mode of a PSD file."""
    return _MODES.get(struct.unpack_from(">H", data, 24)[0], "unknown") if len(data) >= 26 else "unknown"


def file_resources(data: memoryview) -> dict[int, memoryview]:
    """The image resources of a PSD or PSB file, by number."""
    at = 26
    sections = []
    for _ in range(2):  # colour mode data, then the resources
        if at + 4 > len(data):
            return {}
        length = struct.unpack_from(">I", data, at)[0]
        sections.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return dict(resources(sections[1]))


def resolution(payload: memoryview | None) -> tuple[float, float] | None:
    """(x, y) pixels per inch of the resolution resource: 16.16 fixed point, inches whatever it displays."""
    if payload is None or len(payload) < 16:
        return None
    x, _, _, y = struct.unpack_from(">IHHI", payload)
    return (x / 65536, y / 65536) if x and y else None
