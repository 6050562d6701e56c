"""The engine: what it declares, and a fill from start to end."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from editor.engines.contract import FillRequest, FillResult, Finish, HoleShape, Progress
from editor.engines.membrane import harmonic


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
    context: ClassVar[float] = 0.6
    min_context: ClassVar[int] = 64

    def suits(self, hole: HoleShape) -> float:
        return 0.0

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        hole = request.hole > 0
        for index in range(request.variants):
            started = time.perf_counter()

            def step(fraction: float, words: str = self.title, index: int = index) -> None:
                progress((index + fraction) / request.variants, words)

            pixels, notes = filled(request.image, hole, request.source, request.seed + index, step)
            pixels.flags.writeable = False
            yield FillResult(pixels, request.hole, request.origin, self.name, request.seed,
                             time.perf_counter() - started, "cpu", "float32", hole.shape, notes)


def filled(image: np.ndarray, hole: np.ndarray, source: np.ndarray | None, seed: int, step,
           threads: int | None = None) -> tuple[np.ndarray, tuple[str, ...]]:
    """``image`` (h, w, 3 uint8/uint16) with ``hole`` (h, w) bool filled, and notes for the user."""
    step(0.0, "Preparing the patch search, once")
    from editor.engines.patches.copying import copied
    from editor.engines.patches.crew import crew
    from editor.engines.patches.levels import REACH, pyramid
    from editor.engines.patches.synthesis import synthesise

    if min(hole.shape) > 2 * REACH + 1:
        levels = pyramid(image, hole, source)
        if levels[0].valid.any():
            with crew(lambda: step(0.5), threads) as team:
                match, energy = synthesise(levels, seed, team)
                offsets = copied(levels[0], match, team)
            out = image.copy()
            y, x = levels[0].holes.T
            out[y, x] = image[y + offsets[:, 0], x + offsets[:, 1]]
            return out, ()
    highest = np.iinfo(image.dtype).max
    film = harmonic(image.astype(np.float32), hole, step)
    out = image.copy()
    out[hole] = np.rint(np.clip(film[hole], 0, highest))
    return out, ("Nothing large enough to copy from: filled with a membrane.",)
