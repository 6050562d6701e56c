"""Metadata blocks of a file, as the file has them: EXIF, XMP, IPTC, colour profile, resolution."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from editor.document.photo import Metadata
from editor.storage import boxes, jpeg_segments, photoshop, png_chunks, tiff_exif, tiff_tags

LIMIT = 32 << 20
"""Bytes of the largest block that is kept; photographs stay far below it."""

BLOCKS = ("exif", "xmp", "xmp_extended", "iptc", "comment")
"""The fields of Metadata that are blocks of bytes."""


@dataclass(frozen=True)
class Blocks:
    """What a file says beside its pixels."""

    metadata: Metadata = Metadata()
    profile: bytes | None = None
    orientation: int = 1  # 1..8: how the stored rows and columns are to be turned
    animated: bool = False
    pages: int = 1
    notices: tuple[str, ...] = ()  # for the user: what was left out


def read_blocks(name: str, data: memoryview) -> Blocks:
    """The blocks of a file of the format ``name`` (see signatures.EXTENSIONS).

    Never raises for what the file says: a block that is damaged or larger than LIMIT is left out.
    """
    blocks = _READERS.get(name, lambda data: Blocks())(data)
    kept = {key: _bearable(getattr(blocks.metadata, key)) for key in BLOCKS}
    return replace(blocks, metadata=replace(blocks.metadata, **kept), profile=_bearable(blocks.profile))


def _bearable(block: bytes | None) -> bytes | None:
    return block if block and len(block) <= LIMIT else None


def _exif_facts(exif: bytes | None) -> tuple[int, tuple[float, float] | None]:
    tiff = tiff_tags.parse(exif) if exif else None
    return tiff_tags.orientation(tiff), tiff_tags.resolution(tiff)


def _jpeg(data: memoryview) -> Blocks:
    header = jpeg_segments.read_header(data)
    orientation, resolution = _exif_facts(header.exif)
    return Blocks(Metadata(header.exif, header.xmp, header.iptc, resolution or header.density, header.comment,
                           jpeg_segments.own_tables(header), jpeg_segments.own_subsampling(header),
                           header.xmp_extended),
                  header.profile, orientation)


def _png(data: memoryview) -> Blocks:
    header = png_chunks.read_header(data, LIMIT)
    orientation, resolution = _exif_facts(header.exif)
    if header.density and not (resolution and np.allclose(resolution, header.density, atol=0.02)):
        resolution = header.density  # otherwise EXIF says the same, without pHYs's rounding to metres
    return Blocks(Metadata(header.exif, header.xmp, header.iptc, resolution),
                  header.profile, orientation, header.animated)


def _tiff(data: memoryview) -> Blocks:
    tiff = tiff_tags.parse(data)
    first = next(tiff.chain(), None) if tiff else None
    if first is None:
        return Blocks()
    entries = first.entries
    iptc = tiff.raw(entries.get(tiff_tags.IPTC))
    if not iptc and (resources := tiff.raw(entries.get(tiff_tags.PHOTOSHOP))):
        iptc = photoshop.iptc_of(resources)
    metadata = Metadata(tiff_exif.compact(tiff, first), tiff.raw(entries.get(tiff_tags.XMP)), iptc,
                        tiff_tags.resolution(tiff))
    pages = sum(1 for directory in tiff.chain() if not (tiff.integer(directory.entries.get(254)) or 0) & 1)
    return Blocks(metadata, tiff.raw(entries.get(tiff_tags.ICC_PROFILE)), tiff_tags.orientation(tiff), pages=pages)


def _webp(data: memoryview) -> Blocks:
    found = dict(boxes.riff_chunks(data))
    exif, xmp, profile = (bytes(found[key]) if key in found else None for key in (b"EXIF", b"XMP ", b"ICCP"))
    exif = exif and exif.removeprefix(b"Exif\0\0")
    orientation, resolution = _exif_facts(exif)
    return Blocks(Metadata(exif, xmp, None, resolution), profile, orientation, b"ANIM" in found)


def _jxl(data: memoryview) -> Blocks:
    """The decoder itself applies a JPEG XL codestream's orientation; its EXIF says nothing about that."""
    found, packed = {}, False
    for name, payload in boxes.jxl_boxes(data):
        found.setdefault(name, payload)
        packed |= name == b"brob" and bytes(payload[:4]) in (b"Exif", b"xml ")
    exif, xmp = found.get(b"Exif"), found.get(b"xml ")
    if exif is not None:
        start = 4 + (struct.unpack_from(">I", exif)[0] if len(exif) >= 4 else 0)
        exif = bytes(exif[start:]) or None
    notices = ("its EXIF and XMP are Brotli-compressed, which cannot be read, and were left out",) if packed else ()
    return Blocks(Metadata(exif, bytes(xmp) if xmp else None, None, _exif_facts(exif)[1]), notices=notices)


def _psd(data: memoryview) -> Blocks:
    """Photoshop stores its pictures upright, whatever the camera's EXIF still says."""
    found = photoshop.file_resources(data)
    exif, xmp, iptc, profile = (bytes(found[key]) if key in found else None for key in
                                (photoshop.EXIF, photoshop.XMP, photoshop.IPTC, photoshop.PROFILE))
    return Blocks(Metadata(exif, xmp, iptc, photoshop.resolution(found.get(photoshop.RESOLUTION))), profile)


_READERS: dict[str, Callable[[memoryview], Blocks]] = {
    "jpeg": _jpeg, "png": _png, "tiff": _tiff, "webp": _webp, "jpegxl": _jxl, "psd": _psd,
}
