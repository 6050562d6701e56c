"""The engine: what it declares, and what it asks of the rest of this room."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from editor.engines.contract import FillRequest, FillResult, Finish, HoleShape, Progress
from editor.errors import UserError
from editor.raster.surface import Box

_GUIDES = ("none", "scene", "sc-fegan", "edge-connect", "membrane")
_GUIDE_SIDE = 512  # pixels: the longer side of a picture that guides
_THIN = 16  # pixels: thinner holes are damage, which others mend better


@dataclass(frozen=True)
class PatchesSettings(Finish):
    guide: str = field(default="none", metadata={
        "choices": _GUIDES, "title": "Guide",
        "help": "an engine whose small picture of the hole tells the patches what goes where"})


class Patches:
    """Copies patches of the photo into the hole so that every one of them looks like one of the photo."""

    name = "patches"
    title = "Patches (texture and structure)"
    order = 10
    uses: ClassVar[frozenset[str]] = frozenset({"sketch", "colour", "source", "variants"})
    Settings = PatchesSettings
    card = ("Fills the hole with pieces of the photo itself, at its own size: grain and sharpness are the photo's, and "
            "straight lines that enter on two sides go through. Lines drawn, colours and another engine's picture "
            "guide it. Pieces are moved, not turned. Wexler, Shechtman and Irani, “Space-time completion of video”, "
            "PAMI 2007; Barnes et al., “PatchMatch”, SIGGRAPH 2009; Newson et al., “Video inpainting of complex "
            "scenes”, SIAM J. Imaging Sciences 2014; He and Sun, “Statistics of patch offsets”, ECCV 2012.")
    max_working_side: ClassVar[int] = 8192
    context: ClassVar[float] = 0.3
    min_context: ClassVar[int] = 64
    group_side: ClassVar[int] = 512

    def suits(self, hole: HoleShape) -> float:
        if hole.thickness <= _THIN:
            return 0.28
        return 0.3 if hole.plain else 0.5

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        settings = request.settings or self.Settings()
        hole = request.hole > 0
        started = time.perf_counter()
        new = "editor.engines.patches.kernels" not in sys.modules
        progress(0.0, "Preparing the patch search, once" if new else self.title)
        from editor.engines.patches.filling import fills

        def step(fraction: float) -> None:
            progress(fraction, self.title)

        picture, notes = None, ()
        if settings.guide != "none":
            picture, notes = _pictured(request, hole, settings.guide, lambda: step(0.0))
        for pixels, more in fills(request, hole, picture, step):
            pixels.flags.writeable = False
            yield FillResult(pixels, request.hole, request.origin, self.name, request.seed,
                             time.perf_counter() - started, "cpu", "float32", hole.shape, notes + more,
                             matched=not more)
            started = time.perf_counter()


def _pictured(request: FillRequest, hole: np.ndarray, name: str, step: Callable[[], None]
              ) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The engine's picture of the whole request, small, (rows, columns, 3) uint8; None with a note where it cannot."""
    from editor.engines.blending import reduced
    from editor.engines.region import working_size
    from editor.engines.registry import find

    try:
        engine = find(name)
    except UserError as error:
        return None, (f"Filled without a guide: {error}",)
    image, unknown = reduced(request.image, hole, working_size(Box(0, 0, *hole.shape), _GUIDE_SIDE))
    small = replace(request, image=image, hole=unknown.astype(np.float32), sketch=None, colour=None, source=None,
                    frame=None, variants=1, settings=None)
    result = next(iter(engine.fill(small, lambda fraction, words: step())))
    pixels = result.pixels if result.pixels.dtype == np.uint8 else (result.pixels // 257).astype(np.uint8)
    return pixels, result.notes
