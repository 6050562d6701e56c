"""From a network's picture to the photo's pixels: matched at the hole's edge, brought to full size, with detail."""

from collections.abc import Callable

import numpy as np

from editor.engines.networks.detail import add_detail
from editor.engines.networks.inputs import Seen, known_averages
from editor.engines.networks.matching import matched
from editor.engines.networks.view import View
from editor.engines.pyramid import sampled


def lift(image: np.ndarray, hole: np.ndarray, view: View, seen: Seen, picture: np.ndarray, *,
         source: np.ndarray | None, detail: float, seed: int,
         step: Callable[[float], None] = lambda fraction: None) -> tuple[np.ndarray, np.ndarray]:
    """The crop ``image`` (h, w, 3 uint8/uint16) with as much of ``hole`` (h, w) bool filled as the ``view`` shows, and
    what is left of the hole.

    picture: (rows, columns, 3) float32 0..1, what the network has drawn, in the photo's encoding; seen: what it saw.
    source: (h, w) bool, where detail may come from, or None for everywhere. detail: how much of it, 0 to 1.
    """
    fill, there = view.returned(matched(picture, seen.known, seen.hole))
    small, share = known_averages(image, hole, view.small)
    unknown = share < 0.5
    small[unknown] = fill[unknown]
    rows, columns = np.nonzero(hole)
    cells = there[rows * there.shape[0] // hole.shape[0], columns * there.shape[1] // hole.shape[1]]
    rows, columns = rows[cells], columns[cells]
    filled = np.zeros_like(hole)
    filled[rows, columns] = True
    values = sampled(small, hole.shape, rows, columns)
    if detail and small.shape[:2] != hole.shape and values.size:
        sources = share > 0.999
        if source is not None:
            sources &= view.small(source.astype(np.float32)) > 0.999
        lifted = add_detail(image, filled, small, sources, seed, step)
        values += np.float32(detail) * (lifted - values)
    highest = np.iinfo(image.dtype).max
    out = image.copy()
    out[rows, columns] = np.rint(np.clip(values, 0, 1) * highest)
    return out, hole & ~filled
