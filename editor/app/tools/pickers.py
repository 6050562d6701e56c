"""Tools that only look: the eyedropper."""

import math
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import Qt, Signal

from editor.app.tools.options import OptionTool
from editor.app.tools.palette import Colour
from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.raster.colour import to_srgb8
from editor.raster.surface import Box


def colour_at(document: Document, x: float, y: float, side: int = 1) -> Colour | None:
    """The visible colour at a photo point, as sRGB 0..255; None outside the photograph.

    The mean of a square of ``side`` pixels (as far as it lies on the photograph), weighted by their alpha. It is taken
    of the encoded values, as the reduced picture on the screen is: what is picked is what is seen from further off.
    """
    centre = Box(math.floor(y), math.floor(x), math.floor(y) + 1, math.floor(x) + 1)
    if centre.intersect(document.base.bounds).empty:
        return None
    picture = document.picture()
    pixels = picture.read(centre.grow(side // 2).intersect(document.base.bounds)).reshape(-1, picture.channels)
    colours, alpha = pixels[:, :picture.colours], pixels[:, picture.colours:]
    weights = alpha[:, 0].astype(float) if alpha.any() else None  # what is hidden everywhere counts all the same
    mean = np.rint(np.average(colours, axis=0, weights=weights)).astype(colours.dtype)
    return tuple(int(value) for value in to_srgb8(mean[None, None], document.photo.profile)[0, 0])


class Eyedropper(OptionTool):
    """Picks the colour to paint with from the picture."""

    name, title, key = "eyedropper", "Eyedropper", "I"

    picked = Signal(tuple)

    @dataclass(frozen=True)
    class Options:
        side: int = field(default=3, metadata={
            "title": "Sample", "choices": (1, 3, 11), "unit": "px wide",
            "help": "Side of the square whose mean colour is picked; for Alt+click with a brush, too"})

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def outline(self) -> float:
        return 0.0

    def look(self, document: Document, x: float, y: float) -> Colour | None:
        """What a press there would pick."""
        return colour_at(document, x, y, self.options.side)

    def press(self, document: Document, pointer: Pointer) -> None:
        colour = self.look(document, pointer.x, pointer.y)
        if colour is not None:
            self.picked.emit(colour)

    def move(self, document: Document, pointer: Pointer) -> None:
        self.press(document, pointer)

    def release(self, document: Document, pointer: Pointer) -> None:
        pass  # picked while pressed

    def cancel(self, document: Document) -> None:
        pass  # nothing to take back
