"""Small pictures and files made by code, for the tests of photographs in and out."""

import io
import struct
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageCms


def noise(shape: tuple[int, ...], dtype: type = np.uint8, seed: int = 0) -> np.ndarray:
    """Random pixels: whatever a codec rounds, swaps or drops shows."""
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)


def gradient(height: int, width: int) -> np.ndarray:
    """(h, w, 3) uint8, smooth, different in every corner: turned wrongly it is another picture, as a JPEG too."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([255 * y / height, 255 * x / width, 128 * (x + y) / (width + height)], 2).astype(np.uint8)


def jpeg(pixels: np.ndarray, **options: object) -> bytes:
    if "exif" in options:
        options["exif"] = b"Exif\0\0" + options["exif"]
    return _saved(Image.fromarray(pixels), "JPEG", **options)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@cache  # it holds the time at which it was made
def profile(kind: str = "LAB") -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(kind)).tobytes()


def rgb_profile() -> bytes:
    return profile("sRGB")


def exif(orientation: int = 1, order: str = "<", size: tuple[int, int] = (40, 30), thumbnail: bytes = b"") -> bytes:
    """An EXIF block as cameras lay it out: IFD0, EXIF with a maker note full of absolute offsets, GPS, thumbnail.

    ``size`` is (width, height).
    """
    make, note = b"Pentax\0\0", bytes(range(200)) * 3
    ifd0, sub, gps, note_at = 8, 200, 320, 400
    out = bytearray(1000)
    out[:8] = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", ifd0)

    def directory(at: int, entries: list[tuple[int, int, int, bytes]], following: int = 0) -> None:
        out[at : at + 2] = struct.pack(order + "H", len(entries))
        for index, (tag, kind, count, content) in enumerate(entries):
            place = at + 2 + 12 * index
            out[place : place + 12] = struct.pack(order + "HHI", tag, kind, count) + content.ljust(4, b"\0")
        end = at + 2 + 12 * len(entries)
        out[end : end + 4] = struct.pack(order + "I", following)

    short, long = (lambda v: struct.pack(order + "H", v)), (lambda v: struct.pack(order + "I", v))
    out[160:168], out[168:184] = make, struct.pack(order + "4I", 300, 1, 300, 1)
    out[note_at : note_at + len(note)] = note
    directory(ifd0, [(271, 2, 7, long(160)), (274, 3, 1, short(orientation)), (282, 5, 1, long(168)),
                     (283, 5, 1, long(176)), (296, 3, 1, short(2)), (34665, 4, 1, long(sub)), (34853, 4, 1, long(gps))],
              1000 if thumbnail else 0)
    directory(sub, [(33437, 5, 1, long(168)), (37500, 7, len(note), long(note_at)), (40962, 4, 1, long(size[0])),
                    (40963, 3, 1, short(size[1]))])
    directory(gps, [(1, 2, 2, b"N\0"), (29, 2, 4, b"abc\0")])
    if thumbnail:
        out += bytes(42)
        directory(1000, [(259, 3, 1, short(6)), (513, 4, 1, long(1042)), (514, 4, 1, long(len(thumbnail)))])
        out += thumbnail
    return bytes(out)


MAKER_NOTE_AT = 400
XMP = b"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'/><?xpacket end='w'?>"
IPTC = b"\x1c\x02\x78\x00\x03cap\x1c\x02\x19\x00\x03key"


def header_bomb(kind: str, width: int = 60000, height: int = 60000) -> bytes:
    """A small file whose header promises a huge picture."""
    if kind == "png":
        def chunk(name: bytes, payload: bytes) -> bytes:
            return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))

        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(bytes(100000))) + chunk(b"IEND", b""))
    if kind == "jpeg":
        data = bytearray(jpeg(gradient(32, 32)))
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 9] = struct.pack(">HH", height, width)
        return bytes(data)
    if kind == "psd":
        return b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, height, width, 8, 3) + bytes(12) + b"\0\0" + bytes(1000)
    if kind == "bmp":
        head = struct.pack("<IIIIiiHHIIiiII", 1054, 0, 54, 40, width, height, 1, 24, 0, 0, 1, 1, 0, 0)
        return b"BM" + head + bytes(1000)
    if kind == "gif":
        return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + (
            b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00;")
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.zeros((16, 16, 3), np.uint8), photometric="rgb", metadata=None)
    data = bytearray(buffer.getvalue())
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for tag, value in (("ImageWidth", width), ("ImageLength", height), ("RowsPerStrip", height)):
            entry = file.pages[0].tags[tag]
            data[entry.offset + 2 : entry.offset + 12] = struct.pack("<HII", 4, 1, value)
    return bytes(data)


def psd(pixels: np.ndarray, mode: int = 3, resources: bytes = b"") -> bytes:
    """A flattened Photoshop file: an uncompressed composite without layers."""
    height, width, channels = pixels.shape
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1), pixels.dtype.newbyteorder(">"))
    return (b"8BPS" + struct.pack(">H6xHIIHH", 1, channels, height, width, pixels.itemsize * 8, mode) + bytes(4)
            + struct.pack(">I", len(resources)) + resources + bytes(4) + b"\0\0" + planes.tobytes())


def resource(number: int, payload: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", number, 0, len(payload)) + payload + b"\0" * (len(payload) % 2)


def sample_files(folder: Path) -> dict[str, Path]:
    """One small, sound file of every format that can be opened."""
    from editor.document.photo import Photo
    from editor.storage.export import export_photo

    picture = gradient(96, 128)
    files = {}
    for name, suffix in (("png", ".png"), ("tiff", ".tif"), ("jpegxl", ".jxl"), ("webp", ".webp"), ("jpeg", ".jpg")):
        files[name] = folder / f"sample{suffix}"
        export_photo(Photo(picture), picture, files[name])
    for name, suffix, data in (("psd", ".psd", psd(picture)), ("bmp", ".bmp", _saved(Image.fromarray(picture), "BMP")),
                               ("gif", ".gif", _saved(Image.fromarray(picture).quantize(), "GIF")),
                               ("progressive", ".jpg", jpeg(picture, progressive=True))):
        files[name] = folder / f"{name}{suffix}"
        files[name].write_bytes(data)
    return files
