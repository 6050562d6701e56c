"""The contract between the canvas and its tools."""

from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor

from editor.document.document import Document


@dataclass(frozen=True)
class Pointer:
    """Where the mouse or pen is, and what is held down."""

    x: float  # photo coordinates, continuous: pixel centres at .5
    y: float
    device_x: float  # device pixels of the canvas
    device_y: float
    pressure: float = 1.0  # 0..1; 1 for a mouse
    eraser: bool = False  # the pen's other end
    button: Qt.MouseButton = Qt.MouseButton.LeftButton
    modifiers: Qt.KeyboardModifier = field(default=Qt.KeyboardModifier.NoModifier)

    def holds(self, modifier: Qt.KeyboardModifier) -> bool:
        return bool(self.modifiers & modifier)


class Tool(Protocol):
    """What pressing, moving and releasing the pointer does. Tools change the document, never a widget."""

    name: str  # "mask-brush"
    title: str
    key: str

    def cursor(self) -> QCursor | Qt.CursorShape:
        """The pointer's shape while nothing is held down."""

    def outline(self) -> float:
        """Diameter in photo pixels of the circle drawn round the pointer; 0 for none.

        A tool that has a method ``core``, too, gets a second circle of that diameter, which shows its hardness.
        """

    def press(self, document: Document, pointer: Pointer) -> None: ...

    def move(self, document: Document, pointer: Pointer) -> None:
        """The pointer has moved while pressed."""

    def release(self, document: Document, pointer: Pointer) -> None: ...

    def cancel(self, document: Document) -> None:
        """Esc, or the window has lost the pointer: take back what the press began."""


class LastingTool(Tool, Protocol):
    """One that goes on between presses: a polygon, a crop. While it is ``busy``, Enter and a double click finish, Esc
    cancels, Undo and Backspace step back; it is asked to ``leave`` when another tool is chosen, and cancelled when
    another document is shown.
    """

    @property
    def busy(self) -> bool: ...

    def finish(self, document: Document) -> None: ...

    def step_back(self, document: Document) -> None:
        """Take back the last step: a point of the polygon."""

    def leave(self, document: Document) -> None:
        """Finish or cancel: whichever loses less of the user's work."""
