"""Python's cyclic garbage, collected in the window's own thread only."""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY = 250  # milliseconds between looks


class Collector(QObject):
    """Takes over from Python's own collector, which runs in whatever thread happens to allocate.

    In a background thread it could delete Qt objects of the window, which takes the program down. What is there at the
    start is left out of all collections, so that none of them holds the window up.
    """

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        gc.disable()
        gc.collect()
        gc.freeze()
        timer = QTimer(self)
        timer.timeout.connect(self._look)
        timer.start(_EVERY)

    def _look(self) -> None:
        due = [generation for generation, (count, threshold) in enumerate(
            zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > threshold]
        if due:
            gc.collect(due[-1])
