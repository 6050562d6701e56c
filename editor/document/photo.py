"""The photograph underneath everything: its pixels as the file has them, and what the file says about them."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

JPEG_SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
"""How coarsely a JPEG may keep its colours, finest first."""


@dataclass(frozen=True)
class Metadata:
    """The file's own metadata blocks, byte for byte.

    The EXIF block's orientation and thumbnail are the file's own; they are corrected when a picture is written.
    """

    exif: bytes | None = None  # a TIFF structure, without JPEG's "Exif\0\0" prefix
    xmp: bytes | None = None  # the XML packet
    iptc: bytes | None = None  # IPTC-IIM records
    resolution: tuple[float, float] | None = None  # (x, y) pixels per inch
    comment: bytes | None = None
    # JPEG's quantisation table of each component, 64 values in natural order, so that it can be written alike
    jpeg_quantisation: dict[int, tuple[int, ...]] | None = None
    jpeg_subsampling: str | None = None  # one of JPEG_SUBSAMPLINGS; None where there is none of them
    xmp_extended: bytes | None = None  # what did not fit into a JPEG's XMP segment


@dataclass(frozen=True, eq=False)
class Photo:
    """A photograph, decoded, upright, at its own depth."""

    pixels: np.ndarray  # (h, w, c), uint8 or uint16, read-only; c: 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA (straight)
    profile: bytes | None = None  # ICC profile of the pixels; None means sRGB
    metadata: Metadata = field(default_factory=Metadata)
    source: Path | None = None  # the file it was decoded from, or a copy with the same bytes
    format: str = "png"  # "jpeg", "png", "tiff", "webp", "jpegxl", "psd", "bmp", "gif"
    notices: tuple[str, ...] = ()  # for the user: opened at 16 bits, orientation applied, …

    @property
    def shape(self) -> tuple[int, int]:
        return self.pixels.shape[:2]

    @property
    def has_alpha(self) -> bool:
        return self.pixels.shape[2] in (2, 4)

    @property
    def is_grey(self) -> bool:
        return self.pixels.shape[2] < 3

    @property
    def depth(self) -> int:
        """Bits a channel: 8 or 16."""
        return self.pixels.dtype.itemsize * 8
