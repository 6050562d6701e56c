"""Depths and ICC profiles.

Documents keep the photograph's own numbers; sRGB exists on the screen and in the colours that people pick.
Conversions are LittleCMS's (through Pillow), at 8 bits, since that is what screens and colour pickers have.
"""

import io
from functools import lru_cache

import cv2
import numpy as np


def to_8_bit(pixels: np.ndarray) -> np.ndarray:
    """(h, w, c) uint8 or uint16 to uint8, rounded; uint8 comes back as it is."""
    if pixels.dtype == np.uint8:
        return pixels
    return cv2.convertScaleAbs(pixels, alpha=255 / 65535).reshape(pixels.shape)


def as_depth(pixels: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """uint8 or uint16 pixels at another depth; 8 to 16 bits and back is exact."""
    if pixels.dtype == dtype:
        return pixels
    return pixels.astype(np.uint16) * 257 if dtype == np.uint16 else to_8_bit(pixels)


def grey(colour: np.ndarray) -> np.ndarray:
    """(h, w, 3) to (h, w, 1) of the same dtype: Rec. 601 luma of the encoded values."""
    return cv2.cvtColor(np.ascontiguousarray(colour), cv2.COLOR_RGB2GRAY)[..., None]


def is_usable(profile: bytes, channels: int) -> bool:
    """Whether LittleCMS can read the profile and it describes grey (channels 1) or RGB (3) pixels."""
    from PIL import ImageCms

    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = opened.profile.xcolor_space.strip()
        return space == ("GRAY" if channels == 1 else "RGB")
    except (OSError, ValueError, ImageCms.PyCMSError):  # ValueError: a colour space that is not ASCII
        return False


@lru_cache(maxsize=8)
def _transform(profile: bytes, channels: int, to_srgb: bool):
    """A LittleCMS transform between the profile and sRGB, or None where the profile is sRGB or unusable."""
    from PIL import ImageCms

    if not is_usable(profile, channels):
        return None
    own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    mode = "L" if channels == 1 else "RGB"
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    try:
        if to_srgb:
            if channels == 1:  # LittleCMS's shortcut for grey is ten levels off in the shadows
                flags |= ImageCms.Flags.NOOPTIMIZE
            return ImageCms.buildTransform(own, srgb, mode, "RGB", flags=flags)
        return ImageCms.buildTransform(srgb, own, "RGB", mode, flags=flags)
    except ImageCms.PyCMSError:  # a display profile without the table for this direction, say
        return None


def _apply(transform, pixels: np.ndarray) -> np.ndarray:
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))
    converted = np.asarray(transform.apply(picture))
    return converted[..., None] if converted.ndim == 2 else converted


def to_srgb8(colour: np.ndarray, profile: bytes | None) -> np.ndarray:
    """(h, w, 1 or 3) uint8 or uint16 in ``profile`` to (h, w, 3) uint8 sRGB, for the screen."""
    small = to_8_bit(colour)
    transform = _transform(profile, small.shape[2], True) if profile else None
    if transform is not None and small.shape[2] == 1:
        table = _apply(transform, np.arange(256, dtype=np.uint8).reshape(1, 256, 1))[0]
        return table.take(small[..., 0], axis=0)
    if transform is not None:
        return _apply(transform, small)
    return cv2.cvtColor(small, cv2.COLOR_GRAY2RGB) if small.shape[2] == 1 else small


def from_srgb8(colour: np.ndarray, profile: bytes | None, channels: int, dtype: np.dtype) -> np.ndarray:
    """(h, w, 3) uint8 sRGB to (h, w, channels) of ``dtype`` in ``profile``: picked and pasted colours."""
    transform = _transform(profile, channels, False) if profile else None
    if transform is not None:
        return as_depth(_apply(transform, colour), np.dtype(dtype))
    return as_depth(grey(colour) if channels == 1 else colour, np.dtype(dtype))
