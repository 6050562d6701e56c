"""PNG files written strip by strip, so that a large picture is never in memory a second time.

PNG third edition. Every strip of rows is deflated by itself (the filter of its first row does not look at the
strip above), so a picture that repeats a strip of one already in the file copies it instead of deflating it again.
"""

import os
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from editor.storage.png_chunks import SIGNATURE, chunk

ROWS = 256
"""Rows of a strip, but for the last one."""

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by channels
_SUB, _UP = 1, 2
_MODULUS = 65521  # of Adler-32


@dataclass(frozen=True)
class Strip:
    """Where a strip stands in the file, and what a picture that repeats it must know."""

    start: int
    length: int
    adler: int
    size: int  # bytes, inflated


def write_png(entry: BinaryIO, file: BinaryIO, shape: tuple[int, int], channels: int, dtype: np.dtype,
              strips: Iterable[np.ndarray | Strip], extra: bytes) -> list[Strip]:
    """Write a PNG of ``shape`` (h, w) to ``entry``, whose bytes go into ``file`` as they are.

    ``strips`` are arrays (ROWS, w, channels), uint8 or uint16, from top to bottom, or strips that stand in ``file``
    already. ``extra`` are the chunks that go behind IHDR. Returns where the strips stand now.
    """
    height, width = shape
    entry.write(SIGNATURE + chunk(b"IHDR", struct.pack(
        ">IIBBBBB", width, height, dtype.itemsize * 8, _COLOUR_TYPES[channels], 0, 0, 0)) + extra)
    entry.write(chunk(b"IDAT", b"\x78\x01"))  # zlib's header: a window of 32 KiB, fastest
    adler, written = 1, []
    for strip in strips:
        start = file.tell()
        if isinstance(strip, Strip):
            file.flush()
            entry.write(os.pread(file.fileno(), strip.length, strip.start))
            place = Strip(start, strip.length, strip.adler, strip.size)
        else:
            rows = _filtered(strip)
            # Run-length matching is the fastest on photographs and as tight as a full search at low levels.
            deflate = zlib.compressobj(1, zlib.DEFLATED, -15, 9, zlib.Z_RLE)
            entry.write(chunk(b"IDAT", deflate.compress(rows) + deflate.flush(zlib.Z_FULL_FLUSH)))
            place = Strip(start, file.tell() - start, zlib.adler32(rows), rows.size)
        adler = _joined(adler, place.adler, place.size)
        written.append(place)
    # An empty last block and the checksum end the zlib stream.
    entry.write(chunk(b"IDAT", b"\x03\x00" + struct.pack(">I", adler)) + chunk(b"IEND", b""))
    return written


def _filtered(strip: np.ndarray) -> np.ndarray:
    """(rows, 1 + bytes) uint8: every row with its filter's number; the first row Sub, the others Up."""
    height, width, channels = strip.shape
    pixel = channels * strip.dtype.itemsize
    samples = np.ascontiguousarray(strip, strip.dtype.newbyteorder(">")).view(np.uint8).reshape(height, width * pixel)
    rows = np.empty((height, 1 + width * pixel), np.uint8)
    rows[:, 0] = _UP
    rows[0, 0] = _SUB
    rows[0, 1 : 1 + pixel] = samples[0, :pixel]
    np.subtract(samples[0, pixel:], samples[0, :-pixel], out=rows[0, 1 + pixel :])
    np.subtract(samples[1:], samples[:-1], out=rows[1:, 1:])
    return rows


def _joined(first: int, second: int, size: int) -> int:
    """Adler-32 of two pieces of data from that of each; ``size`` is the second one's (zlib's adler32_combine)."""
    low = ((first & 0xFFFF) + (second & 0xFFFF) - 1) % _MODULUS
    high = ((first >> 16) + (second >> 16) + size * ((first & 0xFFFF) - 1)) % _MODULUS
    return high << 16 | low
