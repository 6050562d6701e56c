"""Tools that only look: the eyedropper."""

import math

from PySide6.QtCore import QObject, Qt, Signal

from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.raster.colour import to_srgb8
from editor.raster.surface import Box


def colour_at(document: Document, x: float, y: float) -> tuple[int, int, int] | None:
    """The visible colour at a photo point, as sRGB 0..255; None outside the photograph."""
    row, column = math.floor(y), math.floor(x)
    box = Box(row, column, row + 1, column + 1)
    if box.intersect(document.base.bounds).empty:
        return None
    picture = document.picture()
    pixel = picture.read(box)[..., :picture.colours]
    return tuple(int(value) for value in to_srgb8(pixel, document.photo.profile)[0, 0])


class Eyedropper(QObject):
    """Picks the colour to paint with from the picture."""

    name, title, key = "eyedropper", "Eyedropper", "I"

    picked = Signal(tuple)

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        colour = colour_at(document, pointer.x, pointer.y)
        if colour is not None:
            self.picked.emit(colour)

    def move(self, document: Document, pointer: Pointer) -> None:
        self.press(document, pointer)

    def release(self, document: Document, pointer: Pointer) -> None:
        pass  # picked while pressed

    def cancel(self, document: Document) -> None:
        pass  # nothing to take back
