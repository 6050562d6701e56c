"""Lines laid into the sketch to be looked at: one step of the history once they are kept."""

import numpy as np

from editor.document.document import SKETCH, Document, Transaction
from editor.raster.surface import Box


class SketchTrial:
    """Between the first ``show`` and ``keep`` or ``drop`` the lines are on the canvas, in the mask only, beside those
    drawn."""

    def __init__(self, document: Document, name: str):
        self._document = document
        self._name = name
        self._change: Transaction | None = None
        self._shown = Box(0, 0, 0, 0)
        self.over = False

    def show(self, lines: np.ndarray, box: Box) -> None:
        """Lay coverage (h, w) uint8 over ``box``, in the place of what was shown before."""
        if self._change is None and not self.over:
            self._change = self._document.change(self._name)
        if self.over or not self._change.open:
            return  # too late, or another step has ended this one
        before, mask = self._change.before(SKETCH), self._document.mask

        def laid(part: Box, now: np.ndarray) -> np.ndarray:
            out = before.read(part)
            inside = part.intersect(box)
            if not inside.empty:
                own = lines[inside.shift(-box.top, -box.left).slices][..., None] * (mask.read(inside) > 0)
                target = out[inside.shift(-part.top, -part.left).slices]
                np.maximum(target, own, out=target)
            return out

        self._change.edit(SKETCH, box.union(self._shown), laid)
        self._shown = box

    def keep(self) -> None:
        self.over = True
        if self._change is not None:
            self._change.commit()

    def drop(self) -> None:
        self.over = True
        if self._change is not None:
            self._change.roll_back()
