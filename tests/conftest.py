"""Fixtures for all tests."""

import gc
import os
import threading
import time
import weakref

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True, scope="session")
def no_collection_in_background_threads():
    """As editor.app.collector does for the program: one there could delete Qt objects."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def collection_in_this_thread():
    """Instead."""
    yield
    if gc.get_count()[0] > 50_000:
        gc.collect()


@pytest.fixture
def own_models(tmp_path, monkeypatch):
    """Nothing is read from or written to the user's own models."""
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def one_thread():
    """For networks: small pictures are quickest on one."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def nothing_left_behind(monkeypatch):
    """A test that leaves a thread, a timer or a widget behind fails."""
    from PySide6.QtCore import QThread, QTimer
    from PySide6.QtWidgets import QApplication

    threads = set(threading.enumerate())
    widgets = set(QApplication.topLevelWidgets())
    started: list[weakref.ref] = []
    for kind in (QTimer, QThread):
        _note_starts(monkeypatch, kind, started)
    yield
    left = _left(threads, widgets, started)
    if left:  # what is only a cycle of Python's is not left behind
        gc.collect()
        left = _left(threads, widgets, started)
    if left:
        _take_away(widgets)
    assert not left, f"left behind: {', '.join(left)}"


def _note_starts(monkeypatch: pytest.MonkeyPatch, kind: type, started: list[weakref.ref]) -> None:
    start = kind.start

    def noted(self, *arguments):
        started.append(weakref.ref(self))
        return start(self, *arguments)

    monkeypatch.setattr(kind, "start", noted)


def _left(threads: set, widgets: set, started: list[weakref.ref]) -> list[str]:
    """What is there that was not there before, named; threads get a second to end."""
    import shiboken6
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    until = time.monotonic() + 1
    while (new := set(threading.enumerate()) - threads) and time.monotonic() < until:
        time.sleep(0.01)
    left = [f"thread {thread.name}" for thread in new]
    for reference in started:
        one = reference()
        if one is not None and shiboken6.isValid(one):
            running = one.isActive() if hasattr(one, "isActive") else one.isRunning()
            left += [f"{type(one).__name__} of {one.parent()}"] if running else []
    new_widgets = set(QApplication.topLevelWidgets()) - widgets
    return left + [f"{type(widget).__name__} {widget.objectName()!r}" for widget in new_widgets]


def _take_away(widgets: set) -> None:
    """So that the tests to come do not pay for this one."""
    from PySide6.QtWidgets import QApplication

    for widget in set(QApplication.topLevelWidgets()) - widgets:
        widget.close()
        widget.deleteLater()
