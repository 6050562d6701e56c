"""A batch at work: what fails is said and the rest are done; it can be taken up again, paused and cancelled."""

import errno
import json
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from editor.batch import running
from editor.batch.manifest import NAME, Entry, Manifest
from editor.batch.order import Order, Task, planned
from editor.batch.running import DiskFull, Pause, State, run, time_left
from editor.engines.contract import Cancelled
from editor.restoration.restoring import Steps, Unfading
from editor.storage.photos import Decoder

ORDER = Order(Steps(unfade=Unfading()))


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as one:
        yield one


@pytest.fixture
def tasks(tmp_path) -> list[Task]:
    for number in range(3):
        faded = np.random.default_rng(number).integers(90, 160, (60, 80, 3)).astype(np.uint8)
        cv2.imwrite(str(tmp_path / f"{number}.png"), cv2.GaussianBlur(faded, (0, 0), 2))
    (tmp_path / "out").mkdir()
    return planned(sorted(tmp_path.glob("*.png")), tmp_path / "out")


def test_each_is_done_and_said(tasks, decoder):
    told: list[State] = []
    entries = list(run(tasks, ORDER, decoder=decoder, pictured=True, tell=told.append))
    for task, entry in zip(tasks, entries, strict=True):
        assert entry.photo == str(task.photo) and entry.outs == (str(task.out),) and not entry.error
        assert entry.words == ("Unfade",) and entry.seconds > 0
        assert max(cv2.imdecode(np.frombuffer(entry.before, np.uint8), 1).shape[:2]) == 80
        assert len(entry.after) == 1 and task.out.exists()
    assert [state.whole for state in told] == sorted(state.whole for state in told)


def test_what_fails_stops_nothing(tasks, decoder):
    tasks[1].photo.write_text("text")
    tasks.append(Task(tasks[0].photo.parent / "gone.png", tasks[0].out.with_name("gone.png")))
    entries = list(run(tasks, ORDER, decoder=decoder))
    assert [bool(entry.error) for entry in entries] == [False, True, False, True]
    assert "1.png" in entries[1].error and "gone.png" in entries[3].error
    assert not tasks[1].out.exists()


def test_a_defect_is_one_photos_and_a_lack_of_memory_too(tasks, decoder, monkeypatch):
    restore = running.restore_file

    def fail(task, order, **more):
        if task is tasks[0]:
            raise ZeroDivisionError("a defect")
        if task is tasks[1]:
            raise MemoryError
        return restore(task, order, **more)

    monkeypatch.setattr(running, "restore_file", fail)
    entries = list(run(tasks, ORDER, decoder=decoder))
    assert "ZeroDivisionError" in entries[0].error and "memory" in entries[1].error and not entries[2].error


def test_a_full_disk_ends_it(tasks, decoder, monkeypatch):
    from editor import atomic

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(atomic.os, "fsync", full)
        done = run(tasks, ORDER, decoder=decoder)
        with pytest.raises(DiskFull, match="disk is full"):
            next(done)
    assert not list(tasks[0].out.parent.iterdir()), "nothing half written"


def test_it_is_taken_up_where_it_was_left(tasks, decoder):
    folder = tasks[0].out.parent
    first = run(tasks, ORDER, decoder=decoder, manifest=Manifest(folder))
    next(first), next(first)
    first.close()

    def again(order: Order = ORDER) -> list[bool]:
        return [entry.again for entry in run(tasks, order, decoder=decoder, manifest=Manifest(folder), resume=True)]

    assert again() == [True, True, False]
    assert again() == [True, True, True]
    picture = cv2.imread(str(tasks[0].photo))
    cv2.imwrite(str(tasks[0].photo), picture[:50])
    assert again() == [False, True, True], "another photo under the same name"
    tasks[1].out.unlink()
    assert again() == [True, False, True], "what was written is gone"
    tasks[2].out.write_bytes(b"cut short")
    assert again() == [True, True, False], "or is something else"
    assert again(Order(Steps(unfade=Unfading(keep_sepia=False)))) == [False, False, False], "other steps"
    assert [entry.again for entry in run(tasks, ORDER, decoder=decoder, manifest=Manifest(folder))] == [False] * 3


@pytest.mark.parametrize("damage", [b"", b"{", b"[]\nnull\n12\n\"x\"\n", b"\x00\xff\xfe\n", b'{"photo": 1}\n'])
def test_a_damaged_manifest_only_means_more_work(tasks, decoder, damage):
    folder = tasks[0].out.parent
    list(run(tasks[:2], ORDER, decoder=decoder, manifest=Manifest(folder)))
    whole = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(damage + b"\n" + whole[:-40])  # the last line is cut short
    entries = list(run(tasks, ORDER, decoder=decoder, manifest=Manifest(folder), resume=True))
    assert [entry.again for entry in entries] == [True, False, False] and not any(entry.error for entry in entries)
    assert Manifest(folder).finished(tasks[2], ORDER) is not None


def test_thumbnails_survive_for_the_report(tasks, decoder):
    folder = tasks[0].out.parent
    first = list(run(tasks, ORDER, decoder=decoder, manifest=Manifest(folder), pictured=True))
    second = list(run(tasks, ORDER, decoder=decoder, manifest=Manifest(folder), resume=True, pictured=True))
    assert [(one.before, one.after) for one in first] == [(one.before, one.after) for one in second]


def test_originals_are_never_written_over(tasks, decoder):
    before = tasks[0].photo.read_bytes()
    tasks[1].out.symlink_to(tasks[0].photo)
    bad = [Task(tasks[0].photo, tasks[0].photo), Task(tasks[1].photo, tasks[1].out)]
    entries = list(run([*bad, tasks[0]], ORDER, decoder=decoder))
    assert all("never replaced" in entry.error for entry in entries[:2]) and not entries[2].error
    assert tasks[0].photo.read_bytes() == before


def test_a_pause_holds_it_and_hears_a_cancel(tasks, decoder):
    pause, entries, cancelled = Pause(), [], threading.Event()

    def progress(share: float, words: str) -> None:
        if cancelled.is_set():
            raise Cancelled

    def work() -> None:
        try:
            entries.extend(run(tasks, ORDER, decoder=decoder, pause=pause, progress=progress))
        except Cancelled:
            entries.append("cancelled")

    pause.hold(True)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive() and not entries
    cancelled.set()
    thread.join(5)
    assert entries == ["cancelled"] and not list(tasks[0].out.parent.iterdir())


def test_the_time_left_goes_by_what_is_done():
    assert time_left(60.0, 0.25) == pytest.approx(180.0)
    assert time_left(60.0, 1.0) == 0
    assert time_left(0.5, 0.5) is None and time_left(60.0, 0.001) is None, "too early to say"


def test_a_manifests_lines_are_ascii_and_whole(tmp_path):
    manifest = Manifest(tmp_path)
    manifest.add(Entry("ünï\udcff.png", error="what"))
    manifest.add(Entry("b.png", outs=("out/b.png",), before=b"\xff\x00"))
    lines = [line for line in (tmp_path / NAME).read_bytes().split(b"\n") if line]
    assert [json.loads(line)["photo"] for line in lines] == ["ünï\udcff.png", "b.png"]
    assert Path(tmp_path / NAME).read_bytes().isascii()
