"""The engine: what it declares, and a fill from start to end."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from editor.engines.contract import FillRequest, FillResult, Finish, HoleShape, Progress


@dataclass(frozen=True)
class PatchesSettings(Finish):
    pass


class Patches:
    """Copies patches of the photo into the hole so that every one of them looks like one of the photo."""

    name = "patches"
    title = "Patches (texture and structure)"
    order = 10
    uses: ClassVar[frozenset[str]] = frozenset({"source", "variants"})
    Settings = PatchesSettings
    card = ("Fills the hole with pieces of the photo itself, at its own size: grain and sharpness are the photo's. "
            "Wexler, Shechtman and Irani, “Space-time completion of video”, PAMI 2007; Barnes et al., “PatchMatch”, "
            "SIGGRAPH 2009; Newson et al., “Video inpainting of complex scenes”, SIAM J. Imaging Sciences 2014.")
    max_working_side: ClassVar[int] = 8192
    context: ClassVar[float] = 0.8
    min_context: ClassVar[int] = 64

    def suits(self, hole: HoleShape) -> float:
        return 0.0

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        hole = request.hole > 0
        started = time.perf_counter()
        progress(0.0, "Preparing the patch search, once")
        from editor.engines.patches.filling import fills

        for pixels, notes in fills(request, hole, lambda fraction: progress(fraction, self.title)):
            pixels.flags.writeable = False
            yield FillResult(pixels, request.hole, request.origin, self.name, request.seed,
                             time.perf_counter() - started, "cpu", "float32", hole.shape, notes)
            started = time.perf_counter()


