"""Masks, sketches and colour strokes as pictures: read for a photograph of a given size, and written."""

from pathlib import Path

import numpy as np

from editor.document.photo import Photo
from editor.errors import UserError
from editor.raster.colour import grey, to_8_bit, to_srgb8
from editor.storage.export import export_photo
from editor.storage.photos import Decoder, read_photo


def read_mask(path: Path, shape: tuple[int, int], *, decoder: Decoder | None = None) -> np.ndarray:
    """(h, w) uint8 coverage of the hole, for a photograph of ``shape`` (h, w).

    White is the hole; in a picture whose alpha varies, opaque is. Raises UserError for whatever cannot be opened
    and for any other size.
    """
    return _read_coverage(path, shape, decoder, "mask")


def read_sketch(path: Path, shape: tuple[int, int], *, decoder: Decoder | None = None) -> np.ndarray:
    """(h, w) uint8 coverage of the drawn lines: white is a line; in a picture whose alpha varies, opaque is.

    Raises as read_mask does.
    """
    return _read_coverage(path, shape, decoder, "sketch")


def read_source(path: Path, shape: tuple[int, int], *, decoder: Decoder | None = None) -> np.ndarray:
    """(h, w) bool: where may be copied from, which is white, or opaque in a picture whose alpha varies.

    Raises as read_mask does.
    """
    return _read_coverage(path, shape, decoder, "picture of sources") >= 128


def _read_coverage(path: Path, shape: tuple[int, int], decoder: Decoder | None, what: str) -> np.ndarray:
    return coverage_of(_read(path, shape, decoder, what))


def coverage_of(photo: Photo) -> np.ndarray:
    """(h, w) uint8: how white a picture is, or how opaque where its alpha varies."""
    pixels = photo.pixels
    if pixels.shape[2] in (2, 4) and pixels[..., -1].min() != pixels[..., -1].max():
        coverage = pixels[..., -1:]
    else:
        coverage = pixels[..., :1] if pixels.shape[2] < 3 else grey(pixels[..., :3])
    return np.ascontiguousarray(to_8_bit(np.ascontiguousarray(coverage))[..., 0])


def read_colour(path: Path, shape: tuple[int, int], *, decoder: Decoder | None = None) -> np.ndarray:
    """(h, w, 4) uint8 straight-alpha sRGB, opaque where a colour stroke is; what has no alpha is refused."""
    photo = _read(path, shape, decoder, "colour picture")
    if not photo.has_alpha:
        raise UserError(f"{path}: a colour picture must be transparent where there is no stroke; this one has no "
                        "transparency")
    colour = to_srgb8(np.ascontiguousarray(photo.pixels[..., :-1]), photo.profile)
    return np.concatenate([colour, to_8_bit(np.ascontiguousarray(photo.pixels[..., -1:]))], axis=2)


def _read(path: Path, shape: tuple[int, int], decoder: Decoder | None, what: str) -> Photo:
    photo = read_photo(path, decoder=decoder)
    if photo.shape != tuple(shape):
        (height, width), (wanted_height, wanted_width) = photo.shape, shape
        raise UserError(f"{path}: the {what} has {width} x {height} pixels, "
                        f"the photograph {wanted_width} x {wanted_height}; they must be the same")
    return photo


def write_mask(path: Path, mask: np.ndarray) -> None:
    """Write (h, w) uint8 coverage as a grey picture, in the format of the path's extension."""
    pixels = mask[..., None]
    export_photo(Photo(pixels), pixels, path)
