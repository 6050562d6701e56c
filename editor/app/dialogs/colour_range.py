"""Which colours are to be selected: taken from a reduced picture, on which the selection is seen at once."""

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from editor.app.slider import Slider
from editor.document.document import Snapshot
from editor.raster.colour import to_srgb8
from editor.raster.selection.combining import MODES
from editor.raster.selection.similar import ColourRange
from editor.raster.surface import Box, level_shape

_SIDE = 460  # pixels of the reduced picture
_DARK = 0.25  # what is left of the brightness of what is not selected
_MAX = 80  # of the sliders, in colour differences
_MOST = 12  # colours
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_FAR = 10  # pixels that an arrow key moves the cross with Shift

Colour = tuple[int, int, int]


class ColourRangeDialog(QDialog):
    """``chosen(ColourRange, mode)`` follows when it is accepted. ``own`` is the colour that tools paint with."""

    chosen = Signal(object, str)

    def __init__(self, snapshot: Snapshot, own: Colour, parent: QWidget | None = None):
        super().__init__(parent, objectName="colour-range")
        self.setWindowTitle("Select colours")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._colours: list[Colour] = []
        self.picture = RangePicture(reduced(snapshot, _SIDE))
        self.picture.picked.connect(self.add)
        self.tolerance = _slider("tolerance", "Tolerance", 14, "Colours that differ by up to this are selected wholly")
        self.softness = _slider("softness", "Softness", 12, "How gradually colours beyond that are selected less")
        self.mode = QComboBox(objectName="colour-range-mode", toolTip="What the selection does to the mask")
        self.mode.addItems(MODES)
        self._swatches = QHBoxLayout()
        self._swatches.setSpacing(3)
        self._own = QPushButton(_swatch(own), "Add painting colour", objectName="add-own-colour", autoDefault=False,
                                toolTip="The colour that tools paint with, picked with the eyedropper (I) say")
        self._own.clicked.connect(lambda: self.add(own))
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: self.chosen.emit(self.wanted, self.mode.currentText()))
        for control in (self.tolerance, self.softness):
            control.valueChanged.connect(self._show)
        self._lay_out()
        self._show()
        self.picture.setFocus()

    @property
    def wanted(self) -> ColourRange:
        return ColourRange(tuple(self._colours), self.tolerance.value(), self.softness.value())

    def add(self, colour: Colour) -> None:
        """One more colour to be selected; of too many the first goes."""
        if colour not in self._colours:
            self._colours = [*self._colours, colour][-_MOST:]
            self._show()

    def _lay_out(self) -> None:
        words = QLabel("Click on the colours that you want; with the keyboard, move the cross and press Space.",
                       wordWrap=True)
        words.setProperty("muted", True)
        colours = QHBoxLayout()
        colours.addLayout(self._swatches)
        colours.addStretch(1)
        colours.addWidget(self._own)
        form = QFormLayout()
        form.addRow("Tolerance", self.tolerance)
        form.addRow("Softness", self.softness)
        form.addRow("Mode", self.mode)
        column = QVBoxLayout(self)
        column.addWidget(words)
        column.addWidget(self.picture, alignment=Qt.AlignmentFlag.AlignCenter)
        column.addLayout(colours)
        column.addLayout(form)
        column.addWidget(self._buttons)

    def _remove(self, colour: Colour) -> None:
        self._colours.remove(colour)
        self._show()

    def _show(self) -> None:
        while self._swatches.count():
            gone = self._swatches.takeAt(0).widget()
            gone.hide()
            gone.deleteLater()
        for colour in self._colours:
            button = QToolButton(icon=_swatch(colour), toolTip="Take this colour away")
            button.setAccessibleName("Take away red {} green {} blue {}".format(*colour))
            button.clicked.connect(lambda checked=False, colour=colour: self._remove(colour))
            self._swatches.addWidget(button)
        self.picture.show_selected(self.wanted)
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(self._colours))


class RangePicture(QWidget):
    """A picture on which what is not selected is dark; a click, or Space at the cross, picks a colour."""

    picked = Signal(tuple)

    def __init__(self, pixels: np.ndarray, parent: QWidget | None = None):
        super().__init__(parent, objectName="colour-range-picture")
        self.setAccessibleName("Picture to take colours from")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._pixels = pixels
        self._shown = pixels
        self._cross = pixels.shape[1] // 2, pixels.shape[0] // 2
        self.setFixedSize(pixels.shape[1], pixels.shape[0])

    def show_selected(self, wanted: ColourRange) -> None:
        share = _DARK + (1 - _DARK) / 255 * wanted.coverage(self._pixels)
        self._shown = np.rint(self._pixels * share[..., None]).astype(np.uint8) if wanted.colours else self._pixels
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._move(event.position().x(), event.position().y())
        self._pick()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ARROWS:
            far = _FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            across, down = _ARROWS[event.key()]
            self._move(self._cross[0] + far * across, self._cross[1] + far * down)
        elif event.key() == Qt.Key.Key_Space:
            self._pick()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        height, width = self._shown.shape[:2]
        painter = QPainter(self)
        painter.drawImage(0, 0, QImage(self._shown.data, width, height, 3 * width, QImage.Format.Format_RGB888))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for colour, radius in ((Qt.GlobalColor.black, 5.0), (Qt.GlobalColor.white, 4.0)):
                painter.setPen(QPen(colour, 1.0))
                painter.drawEllipse(QPointF(*self._cross) + QPointF(0.5, 0.5), radius, radius)
        painter.end()

    def _move(self, x: float, y: float) -> None:
        self._cross = (min(max(int(x), 0), self._pixels.shape[1] - 1), min(max(int(y), 0), self._pixels.shape[0] - 1))
        self.update()

    def _pick(self) -> None:
        x, y = self._cross
        self.picked.emit(tuple(int(value) for value in self._pixels[y, x]))


def reduced(snapshot: Snapshot, side: int) -> np.ndarray:
    """(h, w, 3) uint8 sRGB of the visible picture, at most ``side`` pixels long."""
    picture, level = snapshot.picture(), 0
    while max(level_shape(snapshot.base.shape, level)) >= 2 * side:
        level += 1
    pixels = picture.read(Box(0, 0, *level_shape(snapshot.base.shape, level)), level)[..., :picture.colours]
    scale = min(1.0, side / max(pixels.shape))
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    pixels = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    return to_srgb8(pixels.reshape(size[1], size[0], -1), snapshot.photo.profile)


def _slider(name: str, title: str, value: int, tip: str) -> Slider:
    slider = Slider(Qt.Orientation.Horizontal, minimum=0, maximum=_MAX, value=value,
                    objectName=f"colour-range-{name}", toolTip=tip, minimumWidth=220)
    slider.setAccessibleName(title)
    return slider


def _swatch(colour: Colour) -> QIcon:
    pixmap = QPixmap(18, 18)
    pixmap.fill(QColor(*colour))
    painter = QPainter(pixmap)
    painter.setPen(QColor(0, 0, 0, 120))
    painter.drawRect(QRectF(0.5, 0.5, 17, 17))
    painter.end()
    return QIcon(pixmap)
