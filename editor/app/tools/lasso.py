"""The lasso: freehand outlines and polygons into the mask, in any mixture."""

import math

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Line
from editor.app.mask_work import MaskWork
from editor.app.tools.selecting import CLICK, SHIFT, OutlineTool, in_steps
from editor.app.tools.tool import Pointer
from editor.document.document import Document

Point = tuple[float, float]
"""(x, y) in the photo."""


class Lasso(OutlineTool):
    """Drag round something: it is selected when the pointer is let go. Or click from point to point (Shift: in steps of
    45 degrees; dragged pieces may lie between): a click on the first point, Enter or a double click closes the outline,
    Backspace takes the last piece back.
    """

    name, title, key = "lasso", "Lasso", "L"

    def __init__(self, canvas: Canvas, work: MaskWork, parent: QObject | None = None):
        super().__init__(canvas, work, parent)
        self._pieces: list[list[Point]] = []  # what each press added to the outline
        self._pressed: Pointer | None = None
        canvas.hovered.connect(self._hover)

    @property
    def busy(self) -> bool:
        return bool(self._pieces)

    def press(self, document: Document, pointer: Pointer) -> None:
        if not self._pieces:
            self._into = self._mode(pointer)
        self._pressed = pointer
        self._pieces.append([self._steered(pointer.x, pointer.y, pointer.holds(SHIFT))])

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._pressed is not None and (len(self._pieces[-1]) > 1 or self._far(pointer)):
            self._pieces[-1].append((pointer.x, pointer.y))
            self._show()

    def release(self, document: Document, pointer: Pointer) -> None:
        if self._pressed is None:
            return
        self._pressed = None
        dragged = len(self._pieces[-1]) > 1
        if len(self._pieces) == 1 and dragged:
            self.finish(document)
        elif not dragged and len(self._outline) > 3 and self._meets(pointer.x, pointer.y, self._pieces[0][0]):
            self._pieces.pop()
            self.finish(document)
        else:
            self._show()

    def finish(self, document: Document) -> None:
        outline = self._outline
        self.cancel(document)
        self._select(document, outline, self._into, self.title)

    def step_back(self, document: Document) -> None:
        self._pieces.pop()
        self._show()

    def cancel(self, document: Document) -> None:
        """All of the outline; in the middle of a press, that piece and no more."""
        if self._pressed is not None and len(self._pieces) > 1:
            self._pieces.pop()
            self._show()
        else:
            self._pieces = []
            self._draw_nothing()
        self._pressed = None

    @property
    def _outline(self) -> np.ndarray:
        return np.array([point for piece in self._pieces for point in piece], float)

    def _steered(self, x: float, y: float, in_eight: bool) -> Point:
        return in_steps(self._pieces[-1][-1], (x, y)) if in_eight and self._pieces else (x, y)

    def _far(self, pointer: Pointer) -> bool:
        return math.hypot(pointer.x - self._pressed.x, pointer.y - self._pressed.y) > CLICK * self._canvas.pixel

    def _hover(self, x: float, y: float) -> None:
        if self._pieces and self._pressed is None:
            self._show(self._steered(x, y, bool(QGuiApplication.keyboardModifiers() & SHIFT)))

    def _show(self, pointer: Point | None = None) -> None:
        if not self._pieces:
            self._draw_nothing()
            return
        outline = self._outline
        clicked = len(self._pieces) > 1 or self._pressed is None
        lines = [Line(outline)]
        if pointer is not None:
            lines.append(Line(np.array([outline[-1], pointer]), dashed=True))
        handles = tuple(piece[0] for piece in self._pieces) if clicked else ()
        near = pointer is not None and len(outline) > 2 and self._meets(*pointer, self._pieces[0][0])
        self._draw(*lines, handles=handles, words="Close" if near else "")
