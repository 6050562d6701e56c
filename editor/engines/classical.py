"""OpenCV's engines: Telea and Navier-Stokes.

Both continue what touches the hole, smoothly: right for scratches, wires and even backgrounds. Their variants differ in
how far they look round.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import cv2
import numpy as np

from editor.engines.contract import FillRequest, FillResult, Finish, HoleShape, Progress
from editor.engines.mosaic import sheets

_RIM = 4  # pixels beyond its radius that cv2.inpaint looks at
_RADIUS = {"min": 1, "max": 64, "unit": "px", "title": "Radius"}


@dataclass(frozen=True)
class TeleaSettings(Finish):
    radius: int = field(default=5, metadata={**_RADIUS, "help": "how far round a pixel the known ones count"})


@dataclass(frozen=True)
class NavierStokesSettings(Finish):
    radius: int = field(default=4, metadata={**_RADIUS, "help": "how far round a pixel the known ones count"})


class _OpenCV:
    """cv2.inpaint at the photo's own depth."""

    uses: ClassVar[frozenset[str]] = frozenset({"variants"})
    max_working_side: ClassVar[int] = 1024
    context: ClassVar[float] = 0.25
    _method: ClassVar[int]

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        settings = request.settings or self.Settings()
        radii = _spaced(settings.radius, request.variants)
        for index, radius in enumerate(radii):
            started = time.perf_counter()

            def step(fraction: float, index: int = index) -> None:
                progress((index + fraction) / len(radii), self.title)

            pixels = inpaint(request.image, request.hole > 0, radius, self._method, step)
            pixels.flags.writeable = False
            yield FillResult(pixels, request.hole, request.origin, self.name, request.seed,
                             time.perf_counter() - started, "cpu", str(pixels.dtype), pixels.shape[:2])


class Telea(_OpenCV):
    name = "telea"
    title = "Telea (fast marching)"
    order = 30
    Settings = TeleaSettings
    card = ("Marches from the edge of the hole inwards and gives each pixel a weighted mean of the known ones near it. "
            "A. Telea, “An image inpainting technique based on the fast marching method”, J. Graphics Tools 2004. "
            "Quick; good on even backgrounds, streaky in large holes.")
    _method = cv2.INPAINT_TELEA

    def suits(self, hole: HoleShape) -> float:
        return 0.25


class NavierStokes(_OpenCV):
    name = "ns"
    title = "Navier-Stokes"
    order = 31
    Settings = NavierStokesSettings
    card = ("Carries lines of equal brightness into the hole as a fluid would flow. Bertalmio, Bertozzi and Sapiro, "
            "“Navier-Stokes, fluid dynamics, and image and video inpainting”, CVPR 2001. Quick; continues edges across "
            "thin holes, fans out in large ones.")
    _method = cv2.INPAINT_NS

    def suits(self, hole: HoleShape) -> float:
        return 0.3


def _spaced(radius: int, variants: int) -> tuple[int, ...]:
    """The radius asked for, then wider and narrower ones in turn, none twice."""
    out = [radius]
    for step in range(1, variants + 1):
        for other in (round(radius * 2 ** step), round(radius / 2 ** step)):
            if 1 <= other <= 64 and other not in out:
                out.append(other)
    return tuple(out[:variants])


def inpaint(image: np.ndarray, hole: np.ndarray, radius: int, method: int, step=lambda fraction: None) -> np.ndarray:
    """cv2.inpaint of (h, w, 3) uint8 or uint16 within ``hole`` (h, w) bool.

    A channel at a time and always at 16 bits: OpenCV takes 16 bits only so, each call is shorter, and its Telea
    adds up to one and a half units to every pixel it makes from others it has made, which shows at 8 bits.
    """
    scale = 257 if image.dtype == np.uint8 else 1
    out = image.copy()
    every = sheets(hole, radius + _RIM)
    for index, sheet in enumerate(every):
        mask = sheet.hole.view(np.uint8)
        pixels = sheet.collect(lambda box: image[box.slices])
        filled = np.empty_like(pixels)
        for channel in range(image.shape[2]):
            step((index + channel / image.shape[2]) / len(every))
            full = cv2.inpaint(pixels[..., channel] * np.uint16(scale), mask, radius, method)
            filled[..., channel] = full if scale == 1 else (full.astype(np.uint32) + scale // 2) // scale
        sheet.deliver(filled, out)
    step(1.0)
    return out


ENGINES = (Telea(), NavierStokes())
