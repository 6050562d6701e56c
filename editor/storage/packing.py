"""Arrays as bytes and back, bit for bit: what projects and the session log keep that no picture format holds."""

import math
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

_HEADER = struct.Struct("<2sBxIIIQ")  # dtype, dimensions, sizes of the dimensions, bytes that follow
_DTYPES = (b"u1", b"u2")


def pack(array: np.ndarray, level: int = 1) -> bytes:
    """A 2- or 3-dimensional array of uint8 or uint16; ``level`` is zlib's, 0 for speed alone."""
    data = zlib.compress(np.ascontiguousarray(array, array.dtype.newbyteorder("<")), level)
    shape = (*array.shape, 1)[:3]
    return _HEADER.pack(array.dtype.str[1:].encode("ascii"), array.ndim, *shape, len(data)) + data


def unpack(data: bytes | memoryview) -> np.ndarray:
    """The array, read-only. Raises ValueError where the bytes are not those of an array."""
    if len(data) < _HEADER.size:
        raise ValueError("an array is cut short")
    dtype, shape, length = _header(data[: _HEADER.size])
    if len(data) != _HEADER.size + length:
        raise ValueError("an array has the wrong length")
    return _array(dtype, shape, data[_HEADER.size :])


def unpack_all(stream: BinaryIO, limit: int) -> Iterator[np.ndarray]:
    """Every array of a stream of them. Raises ValueError where it is damaged, or beyond ``limit`` bytes in all."""
    while head := stream.read(_HEADER.size):
        dtype, shape, length = _header(head)
        size = dtype.itemsize * math.prod(shape)
        limit -= size
        if limit < 0 or length > size + size // 100 + 64:  # zlib never adds more than that
            raise ValueError("the arrays are larger than can be opened here")
        data = stream.read(length)
        if len(data) != length:
            raise ValueError("an array is cut short")
        yield _array(dtype, shape, data)


def _header(head: bytes | memoryview) -> tuple[np.dtype, tuple[int, ...], int]:
    if len(head) < _HEADER.size:
        raise ValueError("an array is cut short")
    dtype, dimensions, *shape, length = _HEADER.unpack(head)
    if dtype not in _DTYPES or dimensions not in (2, 3) or 0 in shape:
        raise ValueError("an array is damaged")
    return np.dtype("<" + dtype.decode("ascii")), tuple(shape[:dimensions]), length


def _array(dtype: np.dtype, shape: tuple[int, ...], data: bytes | memoryview) -> np.ndarray:
    size = dtype.itemsize * math.prod(shape)
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(data, size + 1)
    except zlib.error as error:
        raise ValueError(f"an array is damaged ({error})") from error
    if len(raw) != size:
        raise ValueError("an array has the wrong size")
    return np.frombuffer(raw, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
