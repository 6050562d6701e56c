"""Work that goes on while something is read in the background."""

import threading

import pytest
from doing import dialog, open_and_wait, press, steps


@pytest.fixture
def slow(window, monkeypatch):
    """The decoder waits for this event."""
    let_go, read = threading.Event(), window.files.controller._decoder.read

    def slowly(path, progress):
        assert let_go.wait(30)
        return read(path, progress=progress)

    def make():
        monkeypatch.setattr(window.files.controller._decoder, "read", slowly)
        return let_go

    yield make
    let_go.set()


@pytest.mark.parametrize("button, name", [("unsaved-discard", "dog.png"), ("unsaved-cancel", "cat.png")])
def test_work_done_while_another_file_is_read_is_asked_for(qtbot, window, photo, hands, slow, button, name):
    other = photo.with_name("dog.png")
    other.write_bytes(photo.read_bytes())
    open_and_wait(qtbot, window, photo)
    read = slow()
    window.files.open_path(other)  # nothing is unsaved: nothing is asked
    hands.stroke((60, 60), (120, 80))
    read.set()
    box = dialog(qtbot, window, "unsaved")
    assert window.file.name == "cat.png" and steps(window) == ["Paint mask"]
    press(box, button)
    qtbot.waitUntil(lambda: window.file.name == name)
    assert steps(window) == (["Paint mask"] if name == "cat.png" else [])


def test_what_has_been_given_up_is_not_asked_for_twice(qtbot, window, photo, hands, slow):
    open_and_wait(qtbot, window, photo)
    hands.stroke((60, 60), (120, 80))
    read, before = slow(), window.document
    window.files.open_path(photo)
    press(dialog(qtbot, window, "unsaved"), "unsaved-discard")
    read.set()
    qtbot.waitUntil(lambda: window.document is not before, timeout=15000)
