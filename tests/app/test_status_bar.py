"""The line at the bottom: whose progress it shows."""

import pytest
from PySide6.QtWidgets import QProgressBar, QWidget

from editor.app.canvas.canvas import Canvas
from editor.app.status_bar import StatusBar
from editor.jobs.worker import Job


@pytest.fixture
def bar(window):
    return StatusBar(Canvas(window), window)


def jobs(*names: str) -> list[Job]:
    return [Job(name, lambda progress: iter(())) for name in names]


def shown(bar) -> tuple[str, int]:
    return bar._words.text(), bar.findChild(QProgressBar, "progress").value()


def test_of_several_jobs_the_one_that_began_first_is_shown(bar):
    first, second, third = jobs("First", "Second", "Third")
    for job in (first, second, third):
        bar.follow(job)
    assert shown(bar) == ("First…", 0)
    second.progressed.emit(0.9, "ahead")
    first.progressed.emit(0.25, "at work")
    assert shown(bar) == ("at work", 250)
    second.cancel()
    assert shown(bar) == ("at work", 250), "what waits and is cancelled is never shown"
    first.cancel()
    assert shown(bar) == ("Third…", 0)
    first.progressed.emit(0.5, "too late")
    third.progressed.emit(0.5, "half")
    assert shown(bar) == ("half", 500)
    third.cancel()
    assert bar.findChild(QWidget, "cancel").isHidden() and bar.findChild(QWidget, "progress").isHidden()
