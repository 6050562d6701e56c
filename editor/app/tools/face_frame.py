"""The tool that lays the face frame: the square that the face networks see."""

from PySide6.QtCore import QEvent, QObject, Qt

from editor.app.canvas.canvas import Canvas
from editor.app.tools.frame_handles import INSIDE, TURN, Point, dragged, drawn, handle_at, within
from editor.app.tools.tool import Pointer
from editor.document.document import Document, Transaction
from editor.raster.frame import Frame

_ARROWS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
_FAR = 10  # pixels of the photo that an arrow key moves with Shift
_RISING = ("upper right", "lower left")


class FaceFrame(QObject):
    """Drag inside to move, a corner to scale (Alt: about the centre), the knob to turn (Shift: in steps of 15 degrees),
    beside the frame to draw another from its centre; the arrow keys nudge it. Each is one step of the history.
    """

    name, title, key = "face-frame", "Face frame", "F"

    def __init__(self, canvas: Canvas, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._chosen = False
        self._over: str | None = None  # the handle under the pointer
        self._handle: str | None = None  # the one that is dragged; None draws a new frame
        self._before: Frame | None = None
        self._start = Point(0, 0)
        self._change: Transaction | None = None
        canvas.hovered.connect(self._hover)
        canvas.installEventFilter(self)

    def follow(self, chosen: str) -> None:
        """Another tool has been chosen, or this one."""
        self._chosen = chosen == self.name
        self._end()

    def cursor(self) -> Qt.CursorShape:
        if self._over in (None, TURN):
            return Qt.CursorShape.CrossCursor if self._over is None else Qt.CursorShape.PointingHandCursor
        if self._over == INSIDE:
            return Qt.CursorShape.SizeAllCursor
        # The frame may be turned: the nearer of the two diagonals.
        rising = (self._over in _RISING) != (round(self._canvas.document.frame.angle / 90) % 2 == 1)
        return Qt.CursorShape.SizeBDiagCursor if rising else Qt.CursorShape.SizeFDiagCursor

    def outline(self) -> float:
        return 0.0

    def press(self, document: Document, pointer: Pointer) -> None:
        self._start, self._before = Point(pointer.y, pointer.x), document.frame
        self._handle = self._met(document, pointer)
        words = {None: "Draw face frame", INSIDE: "Move face frame", TURN: "Turn face frame"}
        self._change = document.change(words.get(self._handle, "Scale face frame"))

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._change is None or not self._change.open:
            return  # another step has ended this one; what came until then is kept
        now = Point(pointer.y, pointer.x)
        if self._handle is None:
            frame = drawn(self._start, now) or self._before
        else:
            frame = dragged(self._before, self._handle, self._start, now,
                            about_centre=pointer.holds(Qt.KeyboardModifier.AltModifier),
                            in_steps=pointer.holds(Qt.KeyboardModifier.ShiftModifier))
        self._change.set_frame(frame and within(frame, document.shape))

    def release(self, document: Document, pointer: Pointer) -> None:
        self._end()

    def cancel(self, document: Document) -> None:
        if self._change is not None:
            self._change.roll_back()
            self._change = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys on the canvas; one held down is one step."""
        document = self._canvas.document
        if not self._chosen or document is None or self._canvas.stroking:
            return False
        if event.type() == QEvent.Type.KeyPress and event.key() in _ARROWS and document.frame is not None:
            far = _FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            down, right = (far * step for step in _ARROWS[event.key()])
            if not event.isAutoRepeat() or self._change is None or not self._change.open:
                self._change = document.change("Move face frame")
            self._change.set_frame(within(document.frame.shift(down, right), document.shape))
            return True
        let_go = event.type() == QEvent.Type.KeyRelease and not event.isAutoRepeat()
        if let_go or event.type() == QEvent.Type.FocusOut:
            self._end()
        return False

    def _end(self) -> None:
        if self._change is not None:
            self._change.commit()
            self._change = None

    def _met(self, document: Document, pointer: Pointer) -> str | None:
        pixel = self._canvas.pixel
        return document.frame and handle_at(document.frame, Point(pointer.y, pointer.x), pixel)

    def _hover(self, x: float, y: float) -> None:
        if not self._chosen or self._canvas.stroking:
            return
        over = self._met(self._canvas.document, Pointer(x, y, 0, 0))
        if over != self._over:
            self._over = over
            self._canvas.update_outline()
