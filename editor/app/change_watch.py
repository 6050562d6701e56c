"""Keeps a map of changes up to date while it is shown: in the background, and only where something has changed."""

import time
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from editor.document.changes import ChangeMap, count_classes, strengths
from editor.document.document import PLANES, Document
from editor.document.picture import Picture
from editor.engines.contract import Progress
from editor.jobs.worker import Job, Worker
from editor.raster.surface import Box, Key, keys_in

_AFTER = 200  # milliseconds without a change before it looks
_TOGETHER = 32  # tiles that are told of at once: each telling wakes the window
_SHOW_EVERY = 0.25  # seconds: the map is drawn anew each time

Told = list[tuple[Key, np.ndarray | None, np.ndarray | None]]
"""Tiles with their strengths and counts."""


class ChangeWatch(QObject):
    """Looks once nothing has changed for a moment. ``found`` comes as the map grows, and when it is whole."""

    found = Signal()

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._worker = Worker(self)
        self._document: Document | None = None
        self.map: ChangeMap | None = None
        self._outdated: set[Key] = set()
        self._asked: set[Key] = set()  # what the job under way has not told of yet
        self._shown = 0.0  # when it was told of last
        self._picture: Picture | None = None  # what was to be seen at the last change of layers
        self._quiet = QTimer(self, singleShot=True, interval=_AFTER)
        self._quiet.timeout.connect(self._look)

    @property
    def whole(self) -> bool:
        """Whether the map is that of the document as it is now."""
        return not (self._outdated or self._asked)

    def set_document(self, document: Document | None) -> None:
        """Watch another document from its beginning, or none."""
        self._worker.cancel_all()
        if self._document is not None:
            self._document.tiles_changed.disconnect(self._on_tiles)
            self._document.layers_changed.disconnect(self._on_layers)
            self._document.reshaped.disconnect(self._begin)
        self._document = document
        if document is not None:
            document.tiles_changed.connect(self._on_tiles)
            document.layers_changed.connect(self._on_layers)
            document.reshaped.connect(self._begin)
        self._begin()

    def close(self) -> None:
        self._quiet.stop()
        self._worker.close()

    def _begin(self) -> None:
        """All that is known is void."""
        self._worker.cancel_all()
        self._quiet.stop()
        self._outdated, self._asked = set(), set()
        self.map = self._picture = None
        if self._document is not None:
            self.map, self._picture = ChangeMap(self._document.shape), self._document.picture()
            self._outdated = set(self._picture.touched())
            self._quiet.start()

    def _on_tiles(self, surface: str, keys: frozenset[Key], box: Box) -> None:
        if surface not in PLANES:
            self._outdated.update(keys_in(box))
            self._quiet.start()

    def _on_layers(self) -> None:
        before, self._picture = self._picture, self._document.picture()
        if before != self._picture:  # not only another layer is active
            self._outdated |= before.touched() | self._picture.touched()
            self._quiet.start()

    def _look(self) -> None:
        if self._worker.current is not None:  # what it tells of these is out of date already
            return
        if not self._outdated:
            self.found.emit()
            return
        keys, snapshot = sorted(self._outdated), self._document.snapshot()
        self._asked, self._outdated = set(keys), set()

        def work(progress: Progress) -> Iterator[Told]:
            told: Told = []
            for number, (key, found) in enumerate(strengths(snapshot, keys), 1):
                progress(number / len(keys), "Looking for changes")
                told.append((key, found, None if found is None else count_classes(found)))
                if len(told) == _TOGETHER or number == len(keys):
                    yield told
                    told = []

        job = Job("Looking for changes", work)
        job.produced.connect(self._take)
        job.finished.connect(self._again)
        job.failed.connect(self._give_up)
        self._worker.submit(job)

    def _take(self, told: Told) -> None:
        for key, tile, counts in told:
            self.map.put(key, tile, counts)
            self._asked.discard(key)
        if self.whole or time.monotonic() - self._shown > _SHOW_EVERY:
            self.found.emit()
            self._shown = time.monotonic()

    def _give_up(self) -> None:
        """Out of memory, say: with the next change it tries once more."""
        self._outdated |= self._asked
        self._asked = set()

    def _again(self) -> None:
        if self._outdated:
            self._quiet.start()
