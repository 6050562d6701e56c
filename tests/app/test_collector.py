"""Garbage is collected in the window's thread, and nowhere else."""

import gc
import threading
import weakref

from PySide6.QtCore import QObject

from editor.app.collector import Collector


class Knot:
    """Garbage that only the cyclic collector finds."""

    def __init__(self):
        self.me = self


def test_cycles_go_by_themselves_in_this_thread_only(qtbot):
    parent = QObject()
    Collector(parent)
    try:
        where = []
        weakref.finalize(knot := Knot(), lambda: where.append(threading.current_thread()))
        del knot

        def allocate():
            keep = [[] for _ in range(100_000)]  # enough for Python's own collector to run here
            keep.clear()

        background = threading.Thread(target=allocate)
        background.start()
        background.join()
        assert where == []
        more = [[] for _ in range(5_000)]
        qtbot.waitUntil(lambda: where == [threading.main_thread()])
        more.clear()
    finally:
        parent.deleteLater()
        gc.unfreeze()
