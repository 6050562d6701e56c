"""The engine: thin damage by kriging."""

import time
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from editor.engines.contract import FillRequest, FillResult, Finish, HoleShape, Progress


class Kriging:
    """Each unknown pixel is the likeliest one, given those near it and how pixels go together round there."""

    name = "kriging"
    title = "Kriging (specks and scratches)"
    order = 15
    uses: ClassVar[frozenset[str]] = frozenset()
    Settings = Finish
    card = ("Estimates each pixel from the known ones nearest to it, by how the pixels round the hole go together: "
            "edges and textures run on through specks, hairs and scratches. Smooth in thick holes. Galerne and "
            "Leclaire, “Texture inpainting using efficient Gaussian conditional simulation”, SIAM J. Imaging Sciences "
            "2017; Matheron, “Principles of geostatistics”, Economic Geology 1963.")
    max_working_side: ClassVar[int] = 1024
    context: ClassVar[float] = 0.25

    def suits(self, hole: HoleShape) -> float:
        return 0.97 if hole.thickness <= 16 else 0.45 if hole.thickness <= 24 else 0.0

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        from editor.engines.kriging.estimating import estimated

        started = time.perf_counter()
        hole = request.hole > 0
        progress(0.0, self.title)
        film = estimated(request.image, hole, hole, lambda fraction: progress(fraction, self.title), request.origin)
        pixels = request.image.copy()
        pixels[hole] = np.rint(film[hole])
        pixels.flags.writeable = False
        yield FillResult(pixels, request.hole, request.origin, self.name, request.seed, time.perf_counter() - started,
                         "cpu", "float32", pixels.shape[:2])


ENGINES = (Kriging(),)
