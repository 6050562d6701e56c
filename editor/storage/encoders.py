"""Pixels to the bytes of a picture file, without metadata: Pillow's JPEG and WebP, OpenImageIO's PNG, TIFF, JPEG XL.

All take (h, w, 1..4) uint8 or uint16 with straight alpha; what a format cannot hold has been converted before.
"""

import io
import mmap
import os

import numpy as np

from editor.document.photo import JPEG_SUBSAMPLINGS
from editor.engines.contract import Progress
from editor.errors import UserError

_STRIP = 8 << 20  # bytes encoded between two calls of progress
PNG_FILTER_UP = 0x20  # measured at 12 MP: libpng's choice among all takes twice the time and saves nothing


def jpeg(pixels: np.ndarray, *, quality: int | None, tables: dict[int, tuple[int, ...]] | None,
         subsampling: str | None, density: tuple[float, float] | None) -> bytes:
    """(h, w, 1 or 3) uint8, with these quantisation tables (one a component) if there is no ``quality``."""
    buffer = io.BytesIO()
    options: dict = {"subsampling": JPEG_SUBSAMPLINGS.index(subsampling or "4:4:4")}
    if quality is None and tables and len(tables) >= pixels.shape[2]:
        # Pillow gives table 0 to the first component, 1 to the second and, when there are three, 2 to the third.
        own = [tables[number] for number in range(pixels.shape[2])]
        options["qtables"] = own[:2] if len(own) == 3 and own[1] == own[2] else own
    else:
        options["quality"] = 95 if quality is None else quality
    if density:
        options["dpi"] = tuple(min(max(round(value), 1), 65535) for value in density)
    _image(pixels).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def webp(pixels: np.ndarray, *, quality: int | None, lossless: bool, blocks: dict[str, bytes]) -> bytes:
    """(h, w, 3 or 4) uint8; ``blocks`` as Pillow names them: exif, xmp, icc_profile."""
    buffer = io.BytesIO()
    # exact: the colours of transparent pixels are kept too. Lossless takes quality for effort.
    _image(pixels).save(buffer, "WEBP", lossless=lossless, exact=True,
                        quality=50 if lossless else 95 if quality is None else quality, **blocks)
    return buffer.getvalue()


def _image(pixels: np.ndarray):
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))


def encoded(name: str, pixels: np.ndarray, attributes: dict[str, object], progress: Progress) -> memoryview:
    """The pixels as a file of OpenImageIO's format ``name``, in memory.

    ``attributes`` are OpenImageIO's. Raises Cancelled through ``progress``.
    """
    import OpenImageIO as oiio

    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, oiio.UINT8 if pixels.dtype == np.uint8 else oiio.UINT16)
    if channels in (2, 4):
        spec.alpha_channel = channels - 1
        spec["oiio:UnassociatedAlpha"] = 1
    for key, value in attributes.items():
        if isinstance(value, bytes):
            spec.attribute(key, oiio.TypeDesc(f"uint8[{len(value)}]"), np.frombuffer(value, np.uint8))
        else:
            spec[key] = value
    descriptor = os.memfd_create("pentimento", os.MFD_CLOEXEC)
    try:
        output = oiio.ImageOutput.create(name)
        _done(output.open(f"/proc/self/fd/{descriptor}", spec), output)
        step = max(_STRIP // (width * channels * pixels.itemsize), 1)
        try:
            for top in range(0, height, step):
                progress(0.8 * top / height, "Encoding")
                strip = np.ascontiguousarray(pixels[top : top + step])
                _done(output.write_scanlines(top, top + len(strip), 0, strip), output)
        except BaseException:
            output.close()
            raise
        _done(output.close(), output)
        # Not closed but let go: an exception on its way up may still hold parts of it.
        mapped = memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ))
    finally:
        os.close(descriptor)
    return mapped


def _done(success: bool, output) -> None:
    if not success:
        raise UserError(f"cannot be encoded ({' '.join(output.geterror().split())})")
