"""Mending what is damaged: thousands of specks, scratches and losses in one go, each by what suits its shape."""

from typing import Any

import numpy as np

from editor.engines.blending import paste
from editor.engines.contract import Progress, no_progress
from editor.engines.filling import Fill, Reader, fill
from editor.restoration.contract import Scan


def mend(read: Reader, shape: tuple[int, int], mask: np.ndarray, *, mask_origin: tuple[int, int] = (0, 0),
         profile: bytes | None = None, seed: int = 0, device: str = "auto", threads: int | None = None,
         progress: Progress = no_progress, **more: Any) -> Fill:
    """The repairs of all that ``mask`` (h, w) uint8 covers of a photo of ``shape`` (h, w).

    What is thin, or a thin part of a piece, is kriged at the photo's own size; what is thick is filled by the engine
    that suits it: a network in faces, a membrane in even ground, patches elsewhere. Lay the results over the photo with
    ``blending.paste``; they touch nothing but what the mask covers. Arguments, errors and ``more`` as of
    ``filling.fill`` with the engine ``auto``, by which a fill layer of the same mask comes out alike.
    """
    from editor.engines.registry import find

    return next(fill(read, shape, mask, find("auto"), mask_origin=mask_origin, profile=profile, seed=seed,
                     device=device, threads=threads, progress=progress, **more))


def mended(pixels: np.ndarray, mask: np.ndarray, *, profile: bytes | None = None, seed: int = 0,
           device: str = "auto", threads: int | None = None,
           progress: Progress = no_progress) -> tuple[np.ndarray, tuple[str, ...]]:
    """A copy of ``pixels`` (h, w, 1 to 4) uint8 or uint16 with what ``mask`` (h, w) uint8 covers mended, and notes for
    the user. Alpha stays as it is."""
    scan = Scan.of(pixels, profile)

    def read(box):
        part = scan.read(box)[..., :scan.colours]
        return part if scan.colours == 3 else np.repeat(part, 3, axis=2)

    repairs = mend(read, scan.shape, mask, profile=profile if scan.colours == 3 else None, seed=seed, device=device,
                   threads=threads, progress=progress)
    out = pixels.copy()
    for result in repairs.results:
        paste(out, result)
    return out, repairs.notes
