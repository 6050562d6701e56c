"""Lines and colours laid into the guides to be looked at: one step of the history once they are kept."""

from collections.abc import Callable

import numpy as np

from editor.document.document import COLOUR, SKETCH, Document, Transaction
from editor.raster.surface import Box, Key, keys_in, tile_box


class GuideTrial:
    """Between the first ``show`` and ``keep`` or ``drop`` they are on the canvas, beside what has been drawn."""

    def __init__(self, document: Document, name: str):
        self._document = document
        self._name = name
        self._change: Transaction | None = None
        self._shown: dict[str, set[Key]] = {SKETCH: set(), COLOUR: set()}
        self.over = False

    @property
    def interrupted(self) -> bool:
        """Whether another step has ended this one; what was shown then is part of the history."""
        return not self.over and self._change is not None and not self._change.open

    def show(self, lines: np.ndarray, box: Box, colours: np.ndarray | None = None, everywhere: bool = False) -> None:
        """Lay coverage (h, w) uint8 over ``box``, and ``colours`` (h, w, 4) if there are any, in the place of what was
        shown before: in the mask, or ``everywhere``."""
        if self._change is None and not self.over:
            self._change = self._document.change(self._name)
        if self.over or not self._change.open:
            return  # too late
        self._lay(SKETCH, lines[..., None], box, np.maximum, everywhere)
        self._lay(COLOUR, colours, box, lambda old, new: np.where(new[..., 3:] > 0, new, old), everywhere)

    def keep(self) -> None:
        self.over = True
        if self._change is not None:
            self._change.commit()

    def drop(self) -> None:
        self.over = True
        if self._change is not None:
            self._change.roll_back()

    def _lay(self, plane: str, new: np.ndarray | None, box: Box, join: Callable[[np.ndarray, np.ndarray], np.ndarray],
             everywhere: bool) -> None:
        def own(part: Box) -> np.ndarray:
            return new[part.shift(-box.top, -box.left).slices]

        keys = set() if new is None else {key for key in keys_in(box) if own(tile_box(key).intersect(box)).any()}
        changed = keys | self._shown[plane]
        self._shown[plane] = keys
        if not changed:
            return
        before, mask = self._change.before(plane), self._document.mask

        def laid(part: Box, now: np.ndarray) -> np.ndarray:
            out = before.read(part)
            inside = part.intersect(box)
            if new is not None and not inside.empty:
                wanted = own(inside) if everywhere else own(inside) * (mask.read(inside) > 0)
                target = out[inside.shift(-part.top, -part.left).slices]
                target[:] = join(target, wanted)
            return out

        self._change.edit(plane, [tile_box(key) for key in changed], laid)
