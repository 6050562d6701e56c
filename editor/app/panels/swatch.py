"""Buttons that show a colour."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QToolButton, QWidget

from editor.app.tools.palette import Colour, Palette

_SWATCH = QSize(32, 18)
_CELL = QSize(20, 20)
_EDGE = QColor(0x6E, 0x6E, 0x6E)  # black is seen, too


def hex_of(colour: Colour) -> str:
    """As HTML has it: #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


class Swatch(QToolButton):
    """objectName ``paint-colour``: the colour to paint with, and at its left the one under the eyedropper."""

    def __init__(self, palette: Palette, parent: QWidget | None = None):
        super().__init__(parent, objectName="paint-colour", iconSize=_SWATCH,
                         toolTip="Colour to paint with (Alt+click on the picture picks one)")
        self.setAccessibleName("Colour")
        self._palette = palette
        palette.changed.connect(self._show)
        palette.hovered.connect(self._show)
        self._show()

    def _show(self, hovered: Colour | None = None) -> None:
        chosen = self._palette.colour
        self.setIcon(_icon(_SWATCH, hovered or chosen, chosen))


class Cell(QToolButton):
    """One colour among several."""

    def __init__(self, colour: Colour, name: str):
        super().__init__(objectName=name, iconSize=_CELL, icon=_icon(_CELL, colour, colour), toolTip=hex_of(colour),
                         autoRaise=True)
        self.setAccessibleName(hex_of(colour))
        self.setFixedSize(_CELL.width() + 6, _CELL.height() + 6)


def _icon(size: QSize, left: Colour, right: Colour) -> QIcon:
    picture = QPixmap(size)
    picture.fill(QColor(*right))
    painter = QPainter(picture)
    painter.fillRect(0, 0, size.width() // 2, size.height(), QColor(*left))
    painter.setPen(_EDGE)
    painter.drawRect(0, 0, size.width() - 1, size.height() - 1)
    painter.end()
    return QIcon(picture)
