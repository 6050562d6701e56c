"""What the View menu does to the canvas, and what is shown on it."""

from PySide6.QtCore import QObject

from editor.app.canvas.canvas import Canvas
from editor.document.document import AVOID, COLOUR, MASK, SKETCH, SOURCE


class ViewCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    def __init__(self, canvas: Canvas):
        super().__init__(canvas)
        self._canvas = canvas

    def zoom_in(self) -> None:
        self._canvas.zoom(1.5)

    def zoom_out(self) -> None:
        self._canvas.zoom(1 / 1.5)

    def fit(self) -> None:
        self._canvas.fit()

    def actual_size(self) -> None:
        self._canvas.actual_size()

    def toggle_mask(self, shown: bool) -> None:
        self._canvas.show_plane(MASK, shown)

    def toggle_sketch(self, shown: bool) -> None:
        self._canvas.show_plane(SKETCH, shown)

    def toggle_colour(self, shown: bool) -> None:
        self._canvas.show_plane(COLOUR, shown)

    def toggle_source(self, shown: bool) -> None:
        for plane in (SOURCE, AVOID):
            self._canvas.show_plane(plane, shown)
