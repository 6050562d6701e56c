"""The colours of one window's tools."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from editor.app.settings import MAX_RECENT_COLOURS

Colour = tuple[int, int, int]
"""sRGB, 0..255."""


class Palette(QObject):
    """The colour that tools paint with, one for all of them, and the colours lately painted with."""

    changed = Signal()
    recent_changed = Signal()
    hovered = Signal(object)  # the Colour under the eyedropper, or None: not chosen yet

    def __init__(self, recent: Iterable[Colour] = (), parent: QObject | None = None):
        super().__init__(parent)
        self.recent = tuple(recent)[:MAX_RECENT_COLOURS]  # latest first
        self.colour: Colour = self.recent[0] if self.recent else (0, 0, 0)

    def choose(self, colour: Colour) -> None:
        if colour != self.colour:
            self.colour = colour
            self.changed.emit()

    def use(self) -> None:
        """Something is painted with the colour: it comes first among the recent ones."""
        if self.recent[:1] != (self.colour,):
            self.recent = (self.colour, *(one for one in self.recent if one != self.colour))[:MAX_RECENT_COLOURS]
            self.recent_changed.emit()
