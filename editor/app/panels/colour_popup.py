"""Choosing the colour to paint with: a wheel, a number, colours used lately, the photograph's own."""

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QColor, QRegularExpressionValidator
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from editor.app.icons import icon
from editor.app.panels.colour_wheel import ColourWheel
from editor.app.panels.popup import Popup
from editor.app.panels.swatch import Cell, Swatch, hex_of
from editor.app.thumbnails import small_picture
from editor.app.tools.palette import Colour, Palette
from editor.document.document import Document
from editor.raster.colour import to_srgb8
from editor.raster.palettes import main_colours

_ROW = 8  # colours
_OF_PHOTO = 16
_SAMPLE = 96  # pixels of the reduced picture's longer side


class ColourPopup(Popup):
    """objectName ``colour-popup``."""

    eyedropper_wanted = Signal()

    def __init__(self, palette: Palette, document: Document | None, parent: QWidget | None = None):
        super().__init__("colour-popup", parent)
        self._palette = palette
        self._wheel = ColourWheel()
        self._wheel.chosen.connect(palette.choose)
        self._number = QLineEdit(objectName="colour-number", toolTip="The colour's number, as in HTML")
        self._number.setAccessibleName("The colour's number")
        self._number.setValidator(QRegularExpressionValidator(QRegularExpression("#?[0-9a-fA-F]{0,6}")))
        self._number.setFixedWidth(84)
        self._number.editingFinished.connect(self._take_number)
        swatch = Swatch(palette)
        swatch.setObjectName("popup-colour")
        swatch.setToolTip("The colour as it is now")
        pick = QToolButton(objectName="colour-pick", icon=icon("eyedropper"), toolTip="Pick from the picture (I)")
        pick.setAccessibleName("Pick from the picture")
        pick.clicked.connect(self._pick)
        row = QHBoxLayout()
        row.addWidget(swatch)
        row.addWidget(self._number)
        row.addStretch()
        row.addWidget(pick)
        layout = QVBoxLayout(self)
        layout.addWidget(self._wheel)
        layout.addLayout(row)
        for title, name, colours in (("Recent", "recent-colours", palette.recent),
                                     ("From the photograph", "photo-colours", photo_colours(document))):
            if colours:
                layout.addWidget(_muted(title))
                layout.addWidget(self._grid(name, colours))
        palette.changed.connect(self._show)
        self._show()
        self._wheel.setFocus()

    def _grid(self, name: str, colours: Iterable[Colour]) -> QWidget:
        grid = QWidget(objectName=name)
        cells = QGridLayout(grid)
        cells.setContentsMargins(0, 0, 0, 0)
        cells.setSpacing(0)
        for place, colour in enumerate(colours):
            cell = Cell(colour, f"{name}-{place}")
            cell.clicked.connect(lambda checked=False, colour=colour: self._palette.choose(colour))
            cells.addWidget(cell, place // _ROW, place % _ROW)
        cells.setColumnStretch(_ROW, 1)
        return grid

    def _show(self) -> None:
        self._wheel.set_colour(self._palette.colour)
        self._number.setText(hex_of(self._palette.colour))

    def _take_number(self) -> None:
        colour = QColor(f"#{self._number.text().lstrip('#')}")
        if colour.isValid():
            self._palette.choose(colour.getRgb()[:3])
        self._show()

    def _pick(self) -> None:
        self.close()
        self.eyedropper_wanted.emit()


def photo_colours(document: Document | None) -> list[Colour]:
    """The main colours of what is seen of a document, in sRGB; transparent parts do not count."""
    if document is None:
        return []
    small = small_picture(document.picture(), document.base.bounds, _SAMPLE)
    pixels = small.read(small.base.bounds)
    srgb = to_srgb8(np.ascontiguousarray(pixels[..., :small.colours]), document.photo.profile)
    there = pixels[..., -1] > 127 if small.has_alpha else np.ones(pixels.shape[:2], bool)
    return main_colours(srgb[there], _OF_PHOTO)


def _muted(words: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("muted", True)
    return label
