"""Where the photograph lies in the canvas. Pure geometry, in device pixels."""

import math
from dataclasses import dataclass, replace

from editor.raster.surface import TILE, Box

MIN_SCALE, MAX_SCALE = 1 / 64, 64.0
_MARGIN = 64  # device pixels of the photograph that always stay in sight


@dataclass(frozen=True)
class View:
    """A photograph of ``photo`` (height, width) pixels in a canvas of ``canvas`` (height, width) device pixels.

    Photo coordinates are continuous: pixel (row, column) covers [column, column + 1) x [row, row + 1).
    """

    photo: tuple[int, int]
    canvas: tuple[int, int]
    scale: float = 1.0  # device pixels a photo pixel
    left: float = 0.0  # device x and y of the photograph's upper left corner
    top: float = 0.0

    def to_photo(self, x: float, y: float) -> tuple[float, float]:
        """Device to photo coordinates (x, y)."""
        return (x - self.left) / self.scale, (y - self.top) / self.scale

    def to_device(self, x: float, y: float) -> tuple[float, float]:
        """Photo to device coordinates (x, y)."""
        return x * self.scale + self.left, y * self.scale + self.top

    def device_box(self, box: Box, margin: int = 0) -> Box:
        """The device pixels that a box of photo pixels touches, cut to the canvas."""
        left, top = self.to_device(box.left, box.top)
        right, bottom = self.to_device(box.right, box.bottom)
        return Box(math.floor(top) - margin, math.floor(left) - margin, math.ceil(bottom) + margin,
                   math.ceil(right) + margin).intersect(Box(0, 0, *self.canvas))

    def photo_box(self) -> Box:
        """The photo pixels in sight."""
        left, top = self.to_photo(0, 0)
        right, bottom = self.to_photo(self.canvas[1], self.canvas[0])
        return Box(math.floor(top), math.floor(left), math.ceil(bottom), math.ceil(right)).intersect(
            Box(0, 0, *self.photo))

    @property
    def tiles(self) -> int:
        """How many tiles of the mip level the photo pixels in sight may touch."""
        seen = self.photo_box()
        return math.prod((side >> self.level) // TILE + 2 for side in (seen.height, seen.width))

    @property
    def level(self) -> int:
        """The mip level to draw from: the smallest picture that still has a pixel for every device pixel."""
        return max(0, math.floor(-math.log2(self.scale) + 1e-9))

    def fitted(self) -> "View":
        """The whole photograph, centred; never magnified."""
        room = 0.97  # a little ground all round, so that strokes can start outside
        scale = min(self.canvas[0] / self.photo[0], self.canvas[1] / self.photo[1]) * room
        return self._centred(min(max(scale, MIN_SCALE), 1.0))

    def actual_size(self) -> "View":
        """100 %, about the middle of what is seen now."""
        return self.zoomed(1.0 / self.scale, self.canvas[1] / 2, self.canvas[0] / 2)

    def zoomed(self, factor: float, x: float, y: float) -> "View":
        """Magnified so that the photo point under device (x, y) stays there."""
        scale = min(max(self.scale * factor, MIN_SCALE), MAX_SCALE)
        if abs(scale - round(scale)) < 1e-6:
            scale = float(round(scale)) or scale
        factor = scale / self.scale
        return replace(self, scale=scale, left=x - (x - self.left) * factor,
                       top=y - (y - self.top) * factor)._kept_in_sight()

    def panned(self, dx: float, dy: float) -> "View":
        """Moved by device pixels."""
        return replace(self, left=self.left + dx, top=self.top + dy)._kept_in_sight()

    def resized(self, canvas: tuple[int, int]) -> "View":
        """The same photo point stays in the middle of a canvas of another size."""
        return replace(self, canvas=canvas, left=self.left + (canvas[1] - self.canvas[1]) / 2,
                       top=self.top + (canvas[0] - self.canvas[0]) / 2)._kept_in_sight()

    def centred_on(self, box: Box) -> "View":
        """Moved so that a box of photo pixels is in the middle."""
        x, y = self.to_device((box.left + box.right) / 2, (box.top + box.bottom) / 2)
        return self.panned(self.canvas[1] / 2 - x, self.canvas[0] / 2 - y)

    def _centred(self, scale: float) -> "View":
        return replace(self, scale=scale, left=(self.canvas[1] - self.photo[1] * scale) / 2,
                       top=(self.canvas[0] - self.photo[0] * scale) / 2)._kept_in_sight()

    def _kept_in_sight(self) -> "View":
        height, width = self.photo[0] * self.scale, self.photo[1] * self.scale
        left = min(max(self.left, _MARGIN - width), self.canvas[1] - _MARGIN)
        top = min(max(self.top, _MARGIN - height), self.canvas[0] - _MARGIN)
        # Whole device pixels: at 100 % and above every photo pixel then has the same sharp edges.
        return replace(self, left=float(round(left)), top=float(round(top)))
