"""The magic wand: pixels like the one that is clicked, into the mask."""

import math
from dataclasses import dataclass, field

from editor.app.tools.selecting import SelectingOptions, SelectingTool
from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.engines.contract import Progress
from editor.raster.selection.similar import laid_on, wand
from editor.raster.surface import Surface

ALL_LAYERS, ACTIVE_LAYER = "All layers", "Active layer"


@dataclass(frozen=True)
class WandOptions(SelectingOptions):
    tolerance: int = field(default=24, metadata={
        "title": "Tolerance", "min": 0, "max": 255,
        "help": "By how much, of 255, red, green and blue may each differ from the pixel clicked"})
    contiguous: bool = field(default=True, metadata={
        "title": "Contiguous", "help": "Only what hangs together with the pixel clicked; otherwise everywhere"})
    sample: str = field(default=ALL_LAYERS, metadata={
        "title": "Sample", "choices": (ALL_LAYERS, ACTIVE_LAYER), "help": "What is looked at"})
    smooth: bool = field(default=True, metadata={"title": "Anti-alias", "help": "Soften the staircase of the edge"})


class Wand(SelectingTool):
    """Click: what looks like that pixel is selected."""

    name, title, key = "wand", "Magic wand", "W"
    Options = WandOptions

    def press(self, document: Document, pointer: Pointer) -> None:
        at, asked = (math.floor(pointer.y), math.floor(pointer.x)), self.options
        if not (0 <= at[0] < document.shape[0] and 0 <= at[1] < document.shape[1]):
            return
        snapshot = document.snapshot()
        alone = asked.sample == ACTIVE_LAYER
        looked_at = snapshot.surfaces.get(document.active, snapshot.base) if alone else snapshot.picture()

        def find(progress: Progress) -> Surface:
            plane, box = wand(looked_at.read, snapshot.base.shape, at, asked.tolerance, contiguous=asked.contiguous,
                              smooth=asked.smooth, progress=progress)
            return laid_on(plane, box, snapshot.base.shape)

        self._work.select(document, self.title, self._mode(pointer), find, None)

    def move(self, document: Document, pointer: Pointer) -> None:
        pass  # the press says all

    def release(self, document: Document, pointer: Pointer) -> None:
        pass

    def cancel(self, document: Document) -> None:
        pass  # what runs in the background is cancelled as everything there
