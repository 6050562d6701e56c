"""What the tools have in common that select into the mask."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Drawing, Line
from editor.app.mask_work import MaskWork
from editor.app.tools.options import OptionTool
from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.document.picture import Picture
from editor.raster.colour import to_8_bit
from editor.raster.selection.combining import ADD, INTERSECT, MODES, SUBTRACT
from editor.raster.selection.shapes import polygon
from editor.raster.surface import Box

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier

CLICK = 4.0
"""Logical pixels of the screen: a shorter drag is a click, and a point that near is met."""


@dataclass(frozen=True)
class SelectingOptions:
    """What every selection is asked."""

    mode: str = field(default=ADD, metadata={
        "title": "Mode", "choices": MODES,
        "help": "What the selection does to the mask. Held at the press, Shift adds, Alt subtracts, both intersect"})


class SelectingTool(OptionTool):
    """A selection is one step of the history. Subclasses draw with ``_draw``, and hand an outline to ``_select``."""

    drawing_changed = Signal(object)  # Drawing or None
    Options = SelectingOptions

    name = title = key = ""

    def __init__(self, canvas: Canvas, work: MaskWork, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._work = work

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def outline(self) -> float:
        return 0.0

    def _mode(self, pointer: Pointer) -> str:
        """What the keys held at the press ask for; else the option."""
        shift, alt = pointer.holds(SHIFT), pointer.holds(ALT)
        return INTERSECT if shift and alt else SUBTRACT if alt else ADD if shift else self.options.mode

    def _select(self, document: Document, outline: np.ndarray, mode: str, name: str) -> None:
        """Join what lies inside an outline, (n, 2) of (x, y), to the mask."""
        shape = document.shape
        self._work.select(document, name, mode, lambda progress: polygon(outline, shape), _pixels(outline, shape))

    def _draw(self, *lines: Line, handles: tuple[tuple[float, float], ...] = (), words: str = "") -> None:
        self.drawing_changed.emit(Drawing(lines, handles, words))

    def _draw_nothing(self) -> None:
        self.drawing_changed.emit(None)


class OutlineTool(SelectingTool):
    """Goes on from click to click until its outline is closed; a LastingTool. With another tool it is closed too."""

    _into = ADD  # what the press that began it asked for

    def leave(self, document: Document) -> None:
        self.finish(document)

    def _meets(self, x: float, y: float, place: tuple[float, float]) -> bool:
        return math.hypot(x - place[0], y - place[1]) <= 2 * CLICK * self._canvas.pixel


def _pixels(outline: np.ndarray, shape: tuple[int, int]) -> int:
    """How many the box round an outline has on the photo."""
    if not len(outline):
        return 0
    low, high = (np.clip(ends, 0, shape[::-1]) for ends in (outline.min(axis=0), outline.max(axis=0)))
    return int(np.prod(high - low))


def rgb_reader(picture: Picture) -> Callable[[Box, int], np.ndarray]:
    """Gives (h, w, 3) uint8 of a box of a mip level of a composite, as encoded in the photo."""
    def read(box: Box, level: int) -> np.ndarray:
        pixels = to_8_bit(np.ascontiguousarray(picture.read(box, level)[..., :picture.colours]))
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if picture.colours == 1 else pixels

    return read


def in_steps(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """``end`` moved so that the way from ``start`` runs in one of eight directions."""
    way = complex(*np.subtract(end, start))
    turn = np.exp(1j * np.pi / 4 * round(np.angle(way) / (np.pi / 4)))
    along = (way * turn.conjugate()).real * turn
    return start[0] + along.real, start[1] + along.imag
