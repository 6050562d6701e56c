"""The tool that crops: a rectangle with handles and thirds."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Drawing, Line
from editor.app.tools.crop_handles import INSIDE, Rect, dragged, drawn, fitted, handle_at, handles
from editor.app.tools.options import OptionTool
from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.raster.surface import Box

FREE, AS_IT_IS = "free", "as it is"
_RATIOS = {"1 : 1": 1.0, "5 : 4": 5 / 4, "4 : 3": 4 / 3, "7 : 5": 7 / 5, "3 : 2": 3 / 2, "16 : 9": 16 / 9}
_CLICK = 3.0  # logical pixels of the screen: a shorter drag draws nothing
_CURSORS = {"left top": Qt.CursorShape.SizeFDiagCursor, "right bottom": Qt.CursorShape.SizeFDiagCursor,
            "right top": Qt.CursorShape.SizeBDiagCursor, "left bottom": Qt.CursorShape.SizeBDiagCursor,
            "left": Qt.CursorShape.SizeHorCursor, "right": Qt.CursorShape.SizeHorCursor,
            "top": Qt.CursorShape.SizeVerCursor, "bottom": Qt.CursorShape.SizeVerCursor,
            INSIDE: Qt.CursorShape.SizeAllCursor}


@dataclass(frozen=True)
class CropOptions:
    """The rectangle's shape."""

    ratio: str = field(default=FREE, metadata={
        "title": "Ratio", "choices": (FREE, AS_IT_IS, *_RATIOS),
        "help": "Width to height, lying or standing as you draw it; “as it is” keeps the photograph's own"})


class Crop(OptionTool):
    """Drag a rectangle, then its handles, or inside it to move it; Enter crops, Esc gives it up."""

    name, title, key = "crop", "Crop", "R"
    Options = CropOptions
    drawing_changed = Signal(object)
    crop_wanted = Signal(object)  # Box

    def __init__(self, canvas: Canvas, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._shape = (0, 0)  # of the photo that it lies on
        self.rect: Rect | None = None
        self._before: Rect | None = None
        self._handle: str | None = None  # that is dragged; None draws another
        self._start: Pointer | None = None
        self._over: str | None = None  # the handle under the pointer
        canvas.hovered.connect(self._hover)

    @property
    def busy(self) -> bool:
        return self.rect is not None

    def set_options(self, **changes: Any) -> None:
        super().set_options(**changes)
        if self.rect is not None:
            self._set(fitted(self.rect, self._ratio))

    def cursor(self) -> Qt.CursorShape:
        return _CURSORS.get(self._over, Qt.CursorShape.CrossCursor)

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        if self._shape != document.shape:
            self.rect, self._shape = None, document.shape
        self._before, self._start = self.rect, pointer
        self._handle = self._met(pointer.x, pointer.y)

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._start is None:
            return
        if self._handle is not None:
            self._set(dragged(self._before, self._handle, pointer.x - self._start.x, pointer.y - self._start.y,
                              self._ratio, document.shape))
        elif max(abs(pointer.x - self._start.x), abs(pointer.y - self._start.y)) > _CLICK * self._canvas.pixel:
            self._set(drawn(self._start.x, self._start.y, pointer.x, pointer.y, self._ratio, document.shape))

    def release(self, document: Document, pointer: Pointer) -> None:
        self._start = None
        if self.rect is not None:
            self._set(self.rect)

    def finish(self, document: Document) -> None:
        box = self.box
        self.cancel(document)
        if self._shape == document.shape and not box.empty:
            self.crop_wanted.emit(box)

    def cancel(self, document: Document) -> None:
        """All of it; in the middle of a drag, what the drag did."""
        self._set(self._before if self._start is not None else None)
        self._start = None

    def step_back(self, document: Document) -> None:
        self.cancel(document)

    def leave(self, document: Document) -> None:
        self.cancel(document)

    @property
    def box(self) -> Box:
        """The pixels that it keeps; at least one."""
        left, top = (min(max(round(edge), 0), side - 1) for edge, side in zip(self.rect[:2], self._shape[::-1],
                                                                              strict=True))
        return Box(top, left, max(top + 1, round(self.rect.bottom)), max(left + 1, round(self.rect.right)))

    @property
    def _ratio(self) -> float | None:
        """The longer side by the shorter one; None is any."""
        if self.options.ratio == AS_IT_IS:
            return max(self._shape) / max(1, min(self._shape))
        return _RATIOS.get(self.options.ratio)

    def _met(self, x: float, y: float) -> str | None:
        return self.rect and handle_at(self.rect, x, y, self._ratio, self._canvas.pixel)

    def _hover(self, x: float, y: float) -> None:
        if not self._canvas.stroking and (over := self._met(x, y)) != self._over:
            self._over = over
            self._canvas.update_outline()

    def _set(self, rect: Rect | None) -> None:
        self.rect = rect
        if rect is None:
            self._over = None
            self.drawing_changed.emit(None)
            return
        box = self.box
        across, down = np.linspace(box.left, box.right, 4), np.linspace(box.top, box.bottom, 4)
        frame = Line(np.array([(x, y) for x, y in ((across[0], down[0]), (across[3], down[0]), (across[3], down[3]),
                                                   (across[0], down[3]))]), closed=True)
        thirds = [Line(np.array(ends)) for i in (1, 2) for ends in (
            ((across[i], down[0]), (across[i], down[3])), ((across[0], down[i]), (across[3], down[i])))]
        edges = Rect(box.left, box.top, box.right, box.bottom)
        words = f"{box.width} × {box.height}" if self._start is not None else ""
        self.drawing_changed.emit(Drawing((frame, *thirds), tuple(handles(edges, self._ratio).values()), words))
