"""Photographs out: PNG, JPEG, TIFF, WebP, JPEG XL, with what the photograph's own file said about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from editor.atomic import replacing
from editor.document.photo import Metadata, Photo
from editor.engines.contract import Progress, no_progress
from editor.errors import UserError
from editor.raster.colour import as_depth
from editor.storage import boxes, encoders, jpeg_segments, png_chunks, tiff_exif, tiff_tags, tiff_write
from editor.storage.signatures import EXTENSIONS, TITLES

Parts = list[bytes | memoryview]


@dataclass(frozen=True)
class ExportOptions:
    """How to write; each format takes what it knows."""

    quality: int | None = None  # JPEG, WebP, JPEG XL: 1..100; None: a JPEG's own, else 95; JPEG XL lossless
    subsampling: str | None = None  # JPEG: one of JPEG_SUBSAMPLINGS; None: the JPEG's own, else 4:4:4
    png_compression: int = 3  # 0..9
    tiff_compression: str = "deflate"  # "none", "lzw", "deflate"
    webp_lossless: bool = False
    depth: int | None = None  # 8 or 16; None: the pixels' own
    keep_metadata: bool = True  # EXIF, XMP, IPTC, comment; profile and resolution are always kept


@dataclass(frozen=True)
class Format:
    """A kind of file, for file dialogs."""

    name: str  # "jpeg", as Photo.format
    title: str
    extensions: tuple[str, ...]  # the first is the usual one
    writable: bool
    options: tuple[str, ...] = ()  # the fields of ExportOptions that mean something to it
    deep: bool = False  # holds 16 bits a channel
    alpha: bool = False


_OPTIONS = {
    "jpeg": ("quality", "subsampling"),
    "png": ("png_compression", "depth"),
    "tiff": ("tiff_compression", "depth"),
    "webp": ("quality", "webp_lossless"),
    "jpegxl": ("quality", "depth"),
}
_LONGEST_SIDE = {"jpeg": 65500, "webp": 16383}
_LARGEST_TIFF = (1 << 32) - (256 << 20)  # offsets have 32 bits; metadata blocks come on top


def formats() -> tuple[Format, ...]:
    """What can be opened; and written, where it says so."""
    return tuple(Format(name, TITLES[name], extensions, name in _OPTIONS,
                        (*_OPTIONS[name], "keep_metadata") if name in _OPTIONS else (),
                        "depth" in _OPTIONS.get(name, ()), name in _OPTIONS and name != "jpeg")
                 for name, extensions in EXTENSIONS.items())


def format_of(path: Path) -> str:
    """The format that a file of this name is written in. Raises UserError where its extension says none."""
    for name in _OPTIONS:
        if path.suffix.lower() in EXTENSIONS[name]:
            return name
    known = ", ".join(EXTENSIONS[name][0] for name in _OPTIONS)
    raise UserError(f"{path}: no format is known by that extension; use one of {known}")


def export_photo(photo: Photo, pixels: np.ndarray, path: Path, options: ExportOptions | None = None,
                 progress: Progress | None = None) -> tuple[str, ...]:
    """Write ``pixels``, the edited photograph, in the format of the path's extension, whole or not at all.

    ``pixels`` are (h, w, 1..4) uint8 or uint16 in the photograph's profile, straight alpha. Lossless formats give
    back exactly these, but for grey ones in WebP, which come back as RGB. 16 bits are rounded to 8, and transparency
    laid on white, only where the format cannot hold them. The photograph's EXIF, XMP, IPTC, resolution and profile
    go along byte for byte, but that EXIF's orientation, dimensions and thumbnail are made to fit. Returns notices for
    the user: what did not fit. Raises UserError with path and reason, or Cancelled through ``progress``; ``path`` is
    then as it was.
    """
    path, options, progress = Path(path), options or ExportOptions(), progress or no_progress
    name = format_of(path)
    height, width = pixels.shape[:2]
    if max(height, width) > _LONGEST_SIDE.get(name, 1 << 31):
        raise UserError(f"{path}: {width} x {height} pixels are more than {TITLES[name]} can hold; use PNG or TIFF")
    depth = 8 if name in ("jpeg", "webp") else options.depth or pixels.itemsize * 8
    pixels = as_depth(pixels, np.dtype(np.uint16 if depth == 16 else np.uint8))
    if name == "jpeg" and pixels.shape[2] in (2, 4):
        pixels = on_white(pixels)
    carried = _carried(photo, pixels, options)
    progress(0.0, "Encoding")
    try:
        return _ENCODERS[name](pixels, carried, options, progress, lambda parts: _write(path, parts, progress))
    except UserError as error:
        raise error if str(error).startswith(str(path)) else UserError(f"{path}: {error}") from error


def on_white(pixels: np.ndarray) -> np.ndarray:
    """(h, w, 2 or 4) with straight alpha laid on white: (h, w, 1 or 3) of the same dtype; opaque pixels stay exact."""
    top = np.iinfo(pixels.dtype).max
    alpha = pixels[..., -1:].astype(np.float32) / top
    mixed = pixels[..., :-1] * alpha + top * (1 - alpha)
    return np.rint(mixed).astype(pixels.dtype)


@dataclass(frozen=True)
class Carried:
    """The blocks that go along, made to fit the picture."""

    metadata: Metadata
    profile: bytes | None


def _carried(photo: Photo, pixels: np.ndarray, options: ExportOptions) -> Carried:
    said = photo.metadata
    if not options.keep_metadata:
        said = replace(said, exif=None, xmp=None, xmp_extended=None, iptc=None, comment=None)
    if said.exif:
        said = replace(said, exif=tiff_exif.corrected(said.exif, pixels.shape[:2]))
    # A grey photograph's profile says nothing of colours that were painted on it.
    return Carried(said, photo.profile if photo.is_grey == (pixels.shape[2] < 3) else None)


def _in_colour(pixels: np.ndarray, carried: Carried) -> tuple[np.ndarray, Carried]:
    """Grey pixels (h, w, 1 or 2) as RGB, for which a grey profile would be wrong; others as they are."""
    if pixels.shape[2] > 2:
        return pixels, carried
    colour = cv2.cvtColor(np.ascontiguousarray(pixels[..., 0]), cv2.COLOR_GRAY2RGB)
    return np.concatenate([colour, pixels[..., 1:]], axis=2), replace(carried, profile=None)


def _write(path: Path, parts: Parts, progress: Progress) -> None:
    with replacing(path) as file:
        total, done = sum(map(len, parts)), 0
        for part in parts:
            for at in range(0, len(part), 8 << 20):
                progress(0.8 + 0.2 * done / total, "Writing")
                done += file.write(part[at : at + (8 << 20)])
        progress(1.0, "Writing")  # the last chance to cancel: what is renamed stays


def _jpeg(pixels: np.ndarray, carried: Carried, options: ExportOptions, progress: Progress,
          write: Callable[[Parts], None]) -> tuple[str, ...]:
    own, said = options.quality is None, carried.metadata
    data = encoders.jpeg(pixels, quality=options.quality, tables=said.jpeg_quantisation, density=said.resolution,
                         subsampling=options.subsampling or (said.jpeg_subsampling if own else None))
    extra, left_out = jpeg_segments.metadata_segments(said.exif, said.xmp, said.xmp_extended, said.iptc,
                                                      carried.profile, said.comment)
    write(jpeg_segments.with_segments(data, extra))
    return tuple(f"its {block} is too large for a JPEG and was left out" for block in left_out)


def _png(pixels: np.ndarray, carried: Carried, options: ExportOptions, progress: Progress,
         write: Callable[[Parts], None]) -> tuple[str, ...]:
    attributes = {"png:compressionLevel": options.png_compression, "png:filter": encoders.PNG_FILTER_UP}
    said = carried.metadata
    extra = png_chunks.metadata_chunks(said.exif, said.xmp, said.iptc, carried.profile, said.resolution)
    data = encoders.encoded("png", pixels, attributes, progress)
    write(png_chunks.with_chunks(data, extra))
    return ()


def _tiff(pixels: np.ndarray, carried: Carried, options: ExportOptions, progress: Progress,
          write: Callable[[Parts], None]) -> tuple[str, ...]:
    said = carried.metadata
    tiff = tiff_tags.parse(said.exif) if said.exif else None
    exif = said.exif if tiff and not tiff.big else None
    attributes = {"compression": {"deflate": "zip"}.get(options.tiff_compression, options.tiff_compression)}
    if tiff_write.byte_order(exif) == ">" and pixels.dtype == np.uint16:
        pixels = pixels.byteswap()
        attributes["tiff:predictor"] = 1
    data = encoders.encoded("tiff", pixels, attributes, progress)
    if len(data) > _LARGEST_TIFF:
        raise UserError("a TIFF file cannot be larger than 4 GiB; use PNG")
    write(tiff_write.tiff_parts(data, exif=exif, xmp=said.xmp, iptc=said.iptc, profile=carried.profile,
                                resolution=said.resolution))
    return ("its EXIF is damaged and was left out",) if said.exif and not exif else ()


def _webp(pixels: np.ndarray, carried: Carried, options: ExportOptions, progress: Progress,
          write: Callable[[Parts], None]) -> tuple[str, ...]:
    pixels, carried = _in_colour(pixels, carried)
    blocks = {"exif": carried.metadata.exif, "xmp": carried.metadata.xmp, "icc_profile": carried.profile}
    write([encoders.webp(pixels, quality=options.quality, lossless=options.webp_lossless,
                         blocks={key: block for key, block in blocks.items() if block})])
    return ("WebP has no room for its IPTC records",) if carried.metadata.iptc else ()


def _jpegxl(pixels: np.ndarray, carried: Carried, options: ExportOptions, progress: Progress,
            write: Callable[[Parts], None]) -> tuple[str, ...]:
    if pixels.shape[2] == 2:  # OpenImageIO cannot hand grey with alpha to libjxl
        pixels, carried = _in_colour(pixels, carried)
    attributes: dict[str, object] = {"compression": f"jpegxl:{options.quality or 100}", "jpegxl:effort": 3}
    if carried.profile:
        attributes["ICCProfile"] = carried.profile
    data = encoders.encoded("jpegxl", pixels, attributes, progress)
    write(boxes.jxl_container(boxes.jxl_codestream(data), carried.metadata.exif, carried.metadata.xmp))
    return ("JPEG XL has no room for its IPTC records",) if carried.metadata.iptc else ()


_ENCODERS = {"jpeg": _jpeg, "png": _png, "tiff": _tiff, "webp": _webp, "jpegxl": _jpegxl}
