"""The damage finder: what is scratched, dusty or torn comes into the mask, for as sensitive as is asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Line
from editor.app.fill_controller import reader
from editor.app.mask_work import MaskWork
from editor.app.tools.options import Action
from editor.app.tools.selecting import CLICK, SelectingTool
from editor.app.tools.tool import Pointer
from editor.document.document import MASK, Document, Snapshot, Transaction
from editor.engines.contract import Progress
from editor.jobs.latest import Latest, Work
from editor.jobs.worker import Job, Worker
from editor.raster import masks
from editor.raster.selection.combining import ADD, combine
from editor.raster.selection.shapes import rectangle
from editor.raster.surface import Box, Surface

if TYPE_CHECKING:
    from editor.restoration.damage_map import DamageMap

_KINDS = ("line", "spot", "area")
"""damage_map.KINDS, which is not needed to show this; options of the same names."""


@dataclass(frozen=True)
class DamageOptions:
    """What of the damage that is found comes into the mask; all but the search itself is done while you watch."""

    sensitivity: int = field(default=50, metadata={
        "title": "Sensitivity", "slider": True, "min": 0, "max": 100,
        "help": "Left: only what is all but certain. Right: whatever might be damage"})
    line: bool = field(default=True, metadata={"title": "Scratches", "help": "Mark scratches, hairs and creases"})
    spot: bool = field(default=True, metadata={"title": "Dust", "help": "Mark dust, specks and small stains"})
    area: bool = field(default=True, metadata={"title": "Stains, tears", "help": "Mark stains, tears and what is "
                                                                                 "missing"})
    grow: int = field(default=2, metadata={
        "title": "Widen", "unit": "px", "min": 0, "max": 20,
        "help": "How far the mask reaches beyond what was found: edges of scratches are soft"})

    @property
    def wanted(self) -> tuple[float, tuple[str, ...], int]:
        """As DamageMap.mask takes them."""
        return self.sensitivity / 100, tuple(kind for kind in _KINDS if getattr(self, kind)), self.grow


@dataclass
class _Session:
    """From a search until what it found is kept or given up."""

    document: Document
    box: Box
    job: Job | None = None  # while it searches
    found: "DamageMap | None" = None
    before: Surface | None = None  # the mask as it was
    change: Transaction | None = None  # open once something is found, until it is kept
    held: bool = False  # a fill that is asked for has to wait
    kept: bool = False  # the user has said yes: it ends with the last mask that was asked for


class DamageFinder(SelectingTool):
    """Drag round a part, or press Find for the whole photo: it is searched once, in the background; the options then
    answer live. Enter, another tool or any other command keeps what is marked as one step of the history; Esc or Undo
    gives it up. While it still searches, another tool may be taken: what is found comes into the mask all the same.
    """

    name, title, key = "damage-finder", "Damage finder", "D"
    Options = DamageOptions
    actions = (Action("find", "Find", "Search the whole photo; a drag on it searches a part"),
               Action("keep", "Add to mask", "Keep what is found in the mask (Enter)", while_busy=True))
    actions_changed = Signal()
    noted = Signal(str)

    def __init__(self, canvas: Canvas, work: MaskWork, parent: QObject | None = None):
        super().__init__(canvas, work, parent)
        self.device: Callable[[], str] = lambda: "auto"
        self._session: _Session | None = None
        self._start: Pointer | None = None
        self._corners: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._searcher = Worker(self)
        self._marking = Latest("Marking damage", work.worker, self)
        self._marking.produced.connect(self._take_mask)
        self._marking.failed.connect(self._fail)
        self._marking.ended.connect(self._on_marked)

    @property
    def busy(self) -> bool:
        self._see_to_the_end()
        return self._session is not None and not self._session.kept

    @property
    def searching(self) -> bool:
        return self._session is not None and self._session.job is not None

    def stop(self) -> None:
        """Whatever is searched for, here or behind another tool, is not wanted any more."""
        self._searcher.cancel_all()

    def close(self) -> None:
        self._searcher.close()

    def set_options(self, **changes: Any) -> None:
        super().set_options(**changes)
        if self.busy and self._session.found is not None:
            self._mark()

    # The pointer

    def press(self, document: Document, pointer: Pointer) -> None:
        self._start, self._corners = pointer, None

    def move(self, document: Document, pointer: Pointer) -> None:
        if self._start is None:
            return
        self._corners = (self._start.x, self._start.y), (pointer.x, pointer.y)
        self._show()

    def release(self, document: Document, pointer: Pointer) -> None:
        corners, self._start, self._corners = self._corners, None, None
        if corners is None or np.abs(np.subtract(*corners)).max() <= CLICK * self._canvas.pixel:
            self.noted.emit("Drag round what is to be searched, or press Find for the whole photo.")
        else:
            (left, top), (right, bottom) = np.sort(np.array(corners), axis=0)
            box = Box(int(top), int(left), int(np.ceil(bottom)), int(np.ceil(right))).intersect(document.base.bounds)
            if not box.empty:
                self._search(document, box)
        self._show()

    def finish(self, document: Document) -> None:
        self._see_to_the_end()
        if self.searching:
            self._session = None  # nobody watches any more: what is found is added to the mask there is then
            self._show()
        elif self._session is not None and self._marking.busy:
            self._session.kept = True
        elif self._session is not None:
            self._end()

    def leave(self, document: Document) -> None:
        self.finish(document)

    def cancel(self, document: Document) -> None:
        """The drag under the pointer; else the search, and what it found."""
        if self._start is not None:
            self._start = self._corners = None
            self._show()
        elif self._session is not None:
            self._drop()

    def step_back(self, document: Document) -> None:
        self.cancel(document)

    # Its buttons

    def find(self) -> None:
        """Search the whole photo."""
        document = self._canvas.document
        self._search(document, document.base.bounds)

    def keep(self) -> None:
        self.finish(self._canvas.document)

    # The session

    def _search(self, document: Document, box: Box) -> None:
        """What was found before is kept; what is still looked for is not wanted any more."""
        self._see_to_the_end()
        if self.searching:
            self._drop()
        elif self._session is not None:
            self._end()
        document.end_change()
        session = self._session = _Session(document, box)
        session.job = Job("Finding damage", _searching(document.snapshot(), box, self.device()))
        session.job.produced.connect(lambda found: self._take(session, found))
        session.job.failed.connect(self._fail)
        session.job.ended.connect(lambda: self._on_searched(session))
        document.reshaped.connect(session.job.cancel)
        self._hold(session)
        self._work.started.emit(session.job)
        self._searcher.submit(session.job)
        self._show()

    def _take(self, session: _Session, found: "DamageMap") -> None:
        for words in found.notes:
            self.noted.emit(words)
        if session is not self._session:  # another tool has been taken meanwhile: it is simply added
            wanted = self.options.wanted
            self._work.select(session.document, "Find damage", ADD,
                              lambda progress: _laid(found, session.document.shape, wanted), None)
            return
        session.found, session.job = found, None
        session.before = session.document.mask.snapshot()
        session.change = session.document.change("Find damage")
        self._mark()
        self._show()

    def _on_searched(self, session: _Session) -> None:
        """It has found something, or failed, or was cancelled."""
        session.job = None
        if session is not self._session:
            self._release(session)
        elif session.found is None:
            self._session = None
            self._release(session)
            self._show()

    def _hold(self, session: _Session) -> None:
        """A fill that is asked for meanwhile waits for the mask."""
        if not session.held:
            session.held = True
            self._work.hold()

    def _release(self, session: _Session) -> None:
        if session.held:
            session.held = False
            self._work.let_go()

    def _mark(self) -> None:
        session, wanted = self._session, self.options.wanted
        self._hold(session)
        self._marking.ask(lambda: _marking(session.found, session.before, wanted))

    def _take_mask(self, made: tuple["DamageMap", Surface, float]) -> None:
        self._see_to_the_end()
        found, mask, share = made
        if self._session is None or self._session.found is not found:
            return
        self._session.change.replace(MASK, mask)
        if not self._marking.outdated:
            part = "the photo" if self._session.box == self._session.document.base.bounds else "this part"
            self.noted.emit(f"{share:.2%} of {part} is marked. Enter keeps it." if share else
                            "No damage is found at this sensitivity.")

    def _on_marked(self) -> None:
        session = self._session
        if session is not None and session.kept:
            self._end()
        elif session is not None and session.found is not None:
            self._release(session)

    def _see_to_the_end(self) -> None:
        """Another step of the history, or undo, has ended this one."""
        if self._session is not None and self._session.change is not None and not self._session.change.open:
            self._end()

    def _drop(self) -> None:
        session = self._session
        if session.job is not None:
            session.job.cancel()  # which ends it
            return
        session.change.roll_back()
        self._end()

    def _end(self) -> None:
        session, self._session = self._session, None
        if session.change is not None:
            session.change.commit()
        self._marking.stop()
        self._release(session)
        self._show()

    def _fail(self, words: str) -> None:
        self._work.failed.emit(words)

    def _show(self) -> None:
        self.actions_changed.emit()
        lines, words = [], ""
        if self._session is not None and self._session.box != self._session.document.base.bounds:
            box = self._session.box
            lines.append(Line(rectangle((box.left, box.top), (box.right, box.bottom)), closed=True, dashed=True))
        if self._corners is not None:
            lines.append(Line(rectangle(*self._corners), closed=True, dashed=True))
            words = "{} × {}".format(*(abs(round(side)) for side in np.subtract(*self._corners)))
        elif self.searching:
            words = "Looking for damage…"
        if lines or words:
            self._draw(*lines, words=words)
        else:
            self._draw_nothing()


# The background thread's part: everything it touches is a value.

def _searching(snapshot: Snapshot, box: Box, device: str) -> Work:
    read, profile = reader(snapshot.picture()), snapshot.photo.profile

    def work(progress: Progress) -> Iterator["DamageMap"]:
        from editor.restoration.finding import find

        yield find(read, snapshot.base.shape, profile=profile, box=box, device=device, progress=progress)

    return work


def _marking(found: "DamageMap", before: Surface, wanted: tuple[float, tuple[str, ...], int]) -> Work:
    """The map it is made of; the mask joined to what was masked before; the share of what was searched that is damage.
    """

    def work(progress: Progress) -> Iterator[tuple["DamageMap", Surface, float]]:
        mask = found.mask(*wanted)
        yield found, combine(before, _placed(mask, found.origin, before.shape), ADD), \
            float(np.count_nonzero(mask) / mask.size)

    return work


def _laid(found: "DamageMap", shape: tuple[int, int], wanted: tuple[float, tuple[str, ...], int]) -> Surface:
    return _placed(found.mask(*wanted), found.origin, shape)


def _placed(mask: np.ndarray, origin: tuple[int, int], shape: tuple[int, int]) -> Surface:
    plane = np.zeros(shape, np.uint8)
    (top, left), (height, width) = origin, mask.shape
    plane[top:top + height, left:left + width] = mask
    return masks.from_array(plane)
