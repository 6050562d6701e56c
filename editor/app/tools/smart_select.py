"""Smart select: scribble on something, and its outline is found."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QObject

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Line
from editor.app.mask_work import MaskWork
from editor.app.tools.selecting import ALT, SelectingTool, rgb_reader
from editor.app.tools.tool import Pointer
from editor.document.document import MASK, Document, Snapshot, Transaction
from editor.engines.contract import Progress
from editor.jobs.latest import Latest, Work
from editor.raster.selection.combining import combine
from editor.raster.selection.cutting import Found, Scribble, smart_select
from editor.raster.selection.similar import laid_on
from editor.raster.surface import Surface

_RADIUS = 4.0  # logical pixels of the screen: half the width of a scribble
_KEPT = 3  # answers: on a large photograph each is as large as its mask; older ones are looked for again
_WANTED, _UNWANTED = (110, 230, 110), (255, 90, 80)


@dataclass
class _Session:
    """From the first scribble until what is found is kept or given up."""

    document: Document
    snapshot: Snapshot
    mode: str
    change: Transaction  # open until it ends
    scribbles: list[Scribble] = field(default_factory=list)
    found: list[Found | None] = field(default_factory=list)  # for each of the scribbles, once it is known
    kept: bool = False  # the user has said yes: it ends when the edge is refined


class SmartSelect(SelectingTool):
    """Scribble on what is to go; with Alt, on what does not belong to it. What is found lies in the mask at once, with
    a rough edge that is refined meanwhile; each scribble corrects it. Enter, another tool or any other command keeps
    it as one step of the history; Esc gives it up, Undo and Backspace take back a scribble.
    """

    name, title, key = "smart-select", "Smart select", "S"

    def __init__(self, canvas: Canvas, work: MaskWork, parent: QObject | None = None):
        super().__init__(canvas, work, parent)
        self._session: _Session | None = None
        self._drawn: list[tuple[float, float]] = []  # the scribble under the pointer
        self._first: Pointer | None = None  # where it began
        self._wanted = True
        self._waiting = False  # something is asked for that has not come
        self._latest = Latest(self.title, work.worker, self, patience=0.0)
        self._latest.produced.connect(self._take)
        self._latest.failed.connect(work.failed)
        self._latest.ended.connect(self._on_ended)

    @property
    def busy(self) -> bool:
        self._see_to_the_end()
        return self._session is not None and not self._session.kept

    def press(self, document: Document, pointer: Pointer) -> None:
        self._see_to_the_end()
        if self._session is not None and (self._session.kept or self._session.document is not document):
            self._end()
        self._wanted = not pointer.holds(ALT)
        self._drawn = [(pointer.x, pointer.y)]
        self._first = pointer
        self._show()

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._drawn:
            self._drawn.append((pointer.x, pointer.y))
            self._show()

    def release(self, document: Document, pointer: Pointer) -> None:
        if not self._drawn:
            return
        scribble = Scribble(tuple(self._drawn), _RADIUS * self._canvas.pixel, self._wanted)
        self._drawn = []
        if scribble.box.intersect(document.base.bounds).empty or not (self._wanted or self._session):
            self._show()  # what does not belong to it says nothing as long as there is no it
            return
        if self._session is None:
            document.end_change()
            self._session = _Session(document, document.snapshot(), self._mode(self._first),
                                     document.change(self.title))
        self._session.scribbles.append(scribble)
        self._session.found.append(None)
        self._ask()
        self._show()

    def finish(self, document: Document) -> None:
        if self._waiting:
            self._session.kept = True
            self._draw_nothing()
        else:
            self._end()

    def leave(self, document: Document) -> None:
        self.finish(document)

    def cancel(self, document: Document) -> None:
        """The scribble under the pointer; else all of them, and what was found."""
        if self._drawn:
            self._drawn = []
            self._show()
        elif self._session is not None:
            self._session.change.roll_back()
            self._end()

    def step_back(self, document: Document) -> None:
        session = self._session
        session.scribbles.pop()
        session.found.pop()
        self._latest.stop()
        if not session.scribbles:
            self.cancel(document)
            return
        if session.found[-1] is not None:
            self._lay(_surface(session.found[-1], document.shape))
        if session.found[-1] is None or session.found[-1].rough:
            self._ask()
        self._show()

    def _ask(self) -> None:
        """Look for what is scribbled on; what was asked for before is not wanted any more."""
        if not self._waiting:
            self._waiting = True
            self._work.hold()
        self._latest.ask(lambda session=self._session: _search(
            session.snapshot, tuple(session.scribbles), next(filter(None, reversed(session.found)), None)))

    def _take(self, result: tuple[int, Found, Surface]) -> None:
        self._see_to_the_end()
        count, found, selection = result
        if self._session is None or count != len(self._session.scribbles):
            return  # another scribble has come, or gone, meanwhile
        known = self._session.found
        known[-1] = found
        known[:-_KEPT] = [None] * len(known[:-_KEPT])
        self._lay(selection)
        self._show()

    def _lay(self, selection: Surface) -> None:
        change = self._session.change
        change.replace(MASK, combine(change.before(MASK), selection, self._session.mode))

    def _on_ended(self) -> None:
        self._waiting = False
        if self._session is not None and self._session.kept:
            self._end()
        self._work.let_go()
        self._show()

    def _see_to_the_end(self) -> None:
        """Another step of the history, or undo, has ended this one."""
        if self._session is not None and not self._session.change.open:
            self._end()

    def _end(self) -> None:
        session, self._session = self._session, None
        session.change.commit()
        self._latest.stop()
        self._show()

    def _show(self) -> None:
        session = self._session
        scribbles = [(one.points, one.wanted) for one in session.scribbles] if session and not session.kept else []
        if self._drawn:
            scribbles.append((self._drawn, self._wanted))
        if not scribbles:
            self._draw_nothing()
            return
        rough = self._waiting and session is not None and session.found[-1] is not None
        self._draw(*(Line(np.array(points), colour=_WANTED if wanted else _UNWANTED, width=3.0)
                     for points, wanted in scribbles), words="Refining the edge…" if rough else "")


# The background thread's part: everything it touches is a value.

def _search(snapshot: Snapshot, scribbles: tuple[Scribble, ...], before: Found | None) -> Work:
    read = rgb_reader(snapshot.picture())

    def work(progress: Progress) -> Iterator[tuple[int, Found, Surface]]:
        for found in smart_select(read, snapshot.base.shape, scribbles, before, progress):
            yield len(scribbles), found, _surface(found, snapshot.base.shape)

    return work


def _surface(found: Found, shape: tuple[int, int]) -> Surface:
    return laid_on(found.coverage, found.box, shape)
