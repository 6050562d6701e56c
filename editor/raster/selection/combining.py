"""What a selection does to the mask that is there."""

import numpy as np

from editor.raster.surface import Surface

ADD, SUBTRACT, INTERSECT, REPLACE = "Add", "Subtract", "Intersect", "Replace"
MODES = (ADD, SUBTRACT, INTERSECT, REPLACE)


def combine(mask: Surface, selection: Surface, mode: str) -> Surface:
    """The mask after ``selection`` (the same shape, one uint8 channel), as one of MODES; tiles are shared where equal.

    Coverage combines as fuzzy sets do: the larger when added, the smaller when intersected.
    """
    if mode == REPLACE:
        return selection
    out = mask.snapshot() if mode != INTERSECT else Surface(mask.shape, 1, np.uint8)
    for key in mask.keys() & selection.keys() if mode != ADD else selection.keys():
        out.put(key, _tile(mask.tile(key), selection.tile(key), mode))
    return out


def _tile(old: np.ndarray | None, new: np.ndarray, mode: str) -> np.ndarray | None:
    if mode == ADD:
        if old is None or new.min() == 255:
            return new
        return old if old.min() == 255 else np.maximum(old, new)
    tile = np.minimum(old, 255 - new if mode == SUBTRACT else new)
    return tile if tile.any() else None
