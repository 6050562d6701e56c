"""The edge-following lasso: its line snaps to contours between the places that are clicked."""

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QObject

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Line
from editor.app.mask_work import MaskWork
from editor.app.tools.selecting import OutlineTool, rgb_reader
from editor.app.tools.tool import Pointer
from editor.document.document import Document
from editor.engines.contract import Progress
from editor.jobs.worker import Job
from editor.raster.selection.contours import Contours

Point = tuple[float, float]
"""(x, y) in the photo."""


class Scissors(OutlineTool):
    """Click on the outline of something, move along it, click again before the line leaves it. A click on the first
    point, Enter or a double click closes the outline; Backspace takes a point back, Esc gives all up.

    Contours are looked for at the size that is seen, round the last point: zoomed in, the line follows finer ones.
    """

    name, title, key = "scissors", "Edge-following lasso", "Shift+L"

    def __init__(self, canvas: Canvas, work: MaskWork, parent: QObject | None = None):
        super().__init__(canvas, work, parent)
        self._anchors: list[Point] = []
        self._pieces: list[np.ndarray] = []  # from each anchor to the next, as far as contours are known
        self._contours: Contours | None = None  # found last
        self._job: Job | None = None  # looks for the next
        self._closing = False  # as soon as all pieces are there
        self._document: Document | None = None  # that the outline lies on
        self._geometry: object = None  # which it had then
        canvas.hovered.connect(self._hover)
        canvas.view_changed.connect(self._follow_view)

    @property
    def busy(self) -> bool:
        return bool(self._anchors) and not self._closing

    def press(self, document: Document, pointer: Pointer) -> None:
        height, width = document.shape
        at = min(max(pointer.x, 0.0), width - 1e-3), min(max(pointer.y, 0.0), height - 1e-3)
        if self._closing:
            return
        if not self._anchors:
            self._into, self._document, self._geometry = self._mode(pointer), document, document.geometry
        elif self._at_first(pointer.x, pointer.y):
            self.finish(document)
            return
        elif self._contours is not None:
            at = self._contours.drawn_to_edge(at)
        self._anchors.append(at)
        self._follow()

    def move(self, document: Document, pointer: Pointer) -> None:
        pass  # anchors are clicked

    def release(self, document: Document, pointer: Pointer) -> None:
        pass

    def finish(self, document: Document) -> None:
        self._closing = True
        self._work.hold()
        self._anchors.append(self._anchors[0])
        self._follow()

    def step_back(self, document: Document) -> None:
        self._anchors.pop()
        del self._pieces[max(0, len(self._anchors) - 1):]
        if self._anchors:
            self._follow()
        else:
            self.cancel(document)

    def cancel(self, document: Document) -> None:
        self._anchors, self._pieces, self._contours = [], [], None
        self._draw_nothing()
        if self._job is not None:
            self._job.cancel()
        if self._closing:
            self._closing = False
            self._work.let_go()

    def _follow(self) -> None:
        """Lead the line as far as contours are known, and look for those that are wanted next."""
        start = self._anchors[len(self._pieces)]
        while self._contours is not None and self._contours.anchor == start and self._wanted:
            self._pieces.append(self._contours.path_to(self._wanted[0]))
            start = self._anchors[len(self._pieces)]
        if self._closing and not self._wanted:
            self._close()
        elif self._job is None and (self._contours is None or self._contours.anchor != start):
            self._search(start)
        self._show()

    @property
    def _wanted(self) -> list[Point]:
        """Anchors that the line does not lead to yet."""
        return self._anchors[len(self._pieces) + 1:]

    def _close(self) -> None:
        if self._document.geometry is self._geometry:
            self._select(self._document, np.concatenate(self._pieces), self._into, self.title)
        self.cancel(self._document)

    def _search(self, start: Point) -> None:
        """Find the contours that begin in an anchor, in the background."""
        level, shape = self._canvas.view.level, self._document.shape
        read = rgb_reader(self._document.snapshot().picture())

        def work(progress: Progress) -> Iterator[Contours]:
            yield Contours(read, shape, start, level)

        self._job = Job(self.title, work)
        self._job.produced.connect(self._take)
        self._job.failed.connect(self._work.failed)
        for over in (self._job.failed, self._job.cancelled):
            over.connect(lambda *words: self.cancel(self._document))
        self._job.ended.connect(self._on_ended)
        self._work.worker.submit(self._job)

    def _take(self, contours: Contours) -> None:
        self._contours = contours

    def _on_ended(self) -> None:
        self._job = None
        if self._anchors:
            self._follow()

    def _follow_view(self) -> None:
        """Zoomed in, contours are finer: those from the last point on are looked for again."""
        if self.busy and self._contours is not None and not self._wanted \
                and self._contours.level != self._canvas.view.level:
            self._contours = None
            self._follow()

    def _at_first(self, x: float, y: float) -> bool:
        return len(self._anchors) > 1 and self._meets(x, y, self._anchors[0])

    def _hover(self, x: float, y: float) -> None:
        if self.busy:
            self._show((x, y))

    def _show(self, pointer: Point | None = None) -> None:
        if not self._anchors:
            self._draw_nothing()
            return
        lines = [Line(piece) for piece in self._pieces]
        straight = self._anchors[len(self._pieces):]
        if len(straight) > 1:
            lines.append(Line(np.array(straight), dashed=True))
        if pointer is not None:
            lines.append(self._ahead(pointer))
        near = pointer is not None and self._at_first(*pointer)
        self._draw(*lines, handles=tuple(self._anchors), words="Close" if near else "")

    def _ahead(self, pointer: Point) -> Line:
        """Where the line would go from the last anchor."""
        last = self._anchors[-1]
        if self._contours is None or self._contours.anchor != last:
            return Line(np.array([last, pointer]), dashed=True)
        return Line(self._contours.path_to(self._contours.drawn_to_edge(pointer)))
