"""The one contract between whoever wants a scan restored and the filters that do it: denoising, deconvolution,
descreening, local contrast.

Filters see arrays, never a document or a widget. All of this is values: nothing is written to after it is made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from editor.engines.contract import Progress
from editor.raster.surface import Box, Surface


@dataclass(frozen=True, eq=False)
class Scan:
    """A picture to be restored, read in parts. ``read`` may be called from several threads at once."""

    read: Callable[..., np.ndarray]  # (box, level=0) to (h, w, channels); level k is 1 / 2**k of the size
    shape: tuple[int, int]  # (h, w)
    channels: int  # 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha (straight)
    dtype: np.dtype  # uint8 or uint16
    profile: bytes | None = None  # ICC profile of the pixels; None means sRGB

    @classmethod
    def of(cls, pixels: np.ndarray, profile: bytes | None = None) -> "Scan":
        """All of an array (h, w, 1 to 4), uint8 or uint16, which must not change."""
        surface = Surface.from_array(pixels)
        return cls(surface.read, surface.shape, surface.channels, surface.dtype, profile)

    @property
    def bounds(self) -> Box:
        return Box(0, 0, *self.shape)

    @property
    def colours(self) -> int:
        """Channels without alpha: 1 or 3."""
        return 1 if self.channels < 3 else 3

    def floats(self, box: Box, level: int = 0) -> np.ndarray:
        """(h, w, colours) float32 0..1 of ``box``, which lies in the picture at that level; no alpha."""
        return as_floats(self.read(box, level), self.colours)


def as_floats(pixels: np.ndarray, colours: int) -> np.ndarray:
    """The first ``colours`` channels of uint8 or uint16 pixels as float32 0..1."""
    return pixels[..., :colours] / np.float32(np.iinfo(pixels.dtype).max)


class Filter(Protocol):
    """A way to restore a picture, declaring what it needs. A pure value: same input, same pixels, whatever the tiling
    and the number of threads.

    Some attributes are optional. ``order``: a number for its place in lists (100 where there is none). ``tile``: the
    side of the tiles that suit it, in pixels (512 where it does not say); a tile should take less than a second,
    since a cancel does not wait for it, but what runs goes on unseen. ``grid``: True where a pixel depends on where
    its tile stands (transforms of blocks): tiles are then always whole cells of ``tile`` pixels counted from the
    photo's corner, also for a part of it. ``prepared_by(settings)``: what of the settings ``prepare`` looks at, to
    be compared with ==, so that it need not be done again for every move of a slider (all of them where it does not
    say).
    """

    name: ClassVar[str]  # as on the command line: "denoise"
    title: ClassVar[str]  # as in the window: "Denoise"
    card: ClassVar[str]  # a few sentences: what it does, its paper, what it is good at
    # A frozen dataclass with defaults, its metadata as those of engines' settings (registry.settings_fields). One that
    # no plain control can show has "hidden": True in its metadata, and is a text; the filter's own panel changes it.
    Settings: ClassVar[type]

    def reach(self, settings: Any) -> int:
        """How many pixels beyond a tile its pixels depend on."""

    def prepare(self, scan: Scan, settings: Any, progress: Progress) -> Any:
        """What is known of the whole picture once and for all: its noise, its blur, its screen.

        May look at a reduced or partial picture; never holds all of it. Calls ``progress`` at least every 100 ms.
        """

    def apply(self, pixels: np.ndarray, prepared: Any, settings: Any, box: Box) -> np.ndarray:
        """A tile with its reach round it, restored; called from several threads at once.

        pixels: (h, w, c) float32 0..1 in the file's own encoding, c = 1 or 3, not to be written to. box: where they
        are in the photo; at the photo's edges there is no reach beyond. Returns the same shape; what lies within
        ``reach`` of the box's edges (but for the photo's) is thrown away, what lies outside 0..1 is clipped.
        """
