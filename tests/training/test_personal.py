"""Learning from the user's photos: what is wanted is kept on disk, and a process of its own does it."""

import io
import json
import os
import signal
import subprocess
import sys
import threading

import pytest
import torch

from editor.engines.contract import Cancelled
from editor.engines.networks import scene, store
from editor.engines.networks.cards import Card
from editor.errors import UserError
from editor.storage.session_folder import Lock
from editor.training import personal, personal_child, runs
from editor.training.personal import Run
from editor.training.personal_child import Orders, learn


@pytest.fixture
def parent() -> store.Model:
    torch.manual_seed(0)
    card = Card("small", "Small", "scene", {"width": 4, "blocks": 1}, licence="CC BY 4.0")
    return store.save_model(store.user_folder(), card, scene.Generator(4, 1).state_dict())


@pytest.fixture
def wish(parent, folder) -> personal.Wish:
    return personal.begin("scene", "small", folder, "Our home", 0.02, "cpu")


@pytest.fixture
def quick(monkeypatch):
    """Small pictures, and no more of them than there must be."""
    further = runs.further
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)  # it would be for all tests
    monkeypatch.setattr(runs, "further", lambda schedule: runs.replace(further(schedule), batch=1, size=32))


def test_what_is_wanted_is_kept_and_found_again(wish, folder):
    assert wish.name == "Our home" and wish.folder.is_dir()
    assert personal.unfinished() == (wish,) and personal.read(wish.folder) == wish
    other = personal.begin("scene", "small", folder, "Our home", 5)
    assert other.name == "Our home-2", "neither takes the other's place"
    os.utime(wish.folder, (1, 1))
    assert personal.unfinished() == (other, wish), "the latest first"
    personal.discard(wish)
    assert personal.unfinished() == (other,) and not wish.folder.exists()


def test_what_is_going_on_or_is_none_is_not_offered(wish):
    lock = Lock(wish.folder)
    assert personal.unfinished() == ()
    lock.release()
    assert personal.unfinished() == (wish,)
    stored = json.loads((wish.folder / "wish.json").read_text())
    for damaged in ("", "[]", "{}", json.dumps(stored | {"minutes": None}), json.dumps(stored | {"name": "../x"}),
                    json.dumps(stored | {"network": "face-locator"})):
        (wish.folder / "wish.json").write_text(damaged)
        assert personal.unfinished() == ()
        with pytest.raises(UserError):
            personal.read(wish.folder)


def test_where_the_disk_refuses_it_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "file"))
    with pytest.raises(UserError, match="Title.training: cannot be made"):
        personal.begin("scene", "small", tmp_path, "Title", 5)


def test_it_learns_from_the_model_that_it_starts_from(wish, parent, quick):
    told = []
    model = learn(wish, Orders(), lambda **what: told.append(what))
    card = model.card
    assert (model.name, card.title, card.parent, card.licence) == ("Our home", "Our home", "small", "CC BY 4.0")
    assert card.steps >= 1 and card.config == parent.card.config and "photos" in card.data
    assert [each for each in told if "learning" in each] == [{"learning": True}]
    assert told[0] == {"share": 0.0, "words": "Starting"} and any(" left" in each.get("words", "") for each in told)
    assert [one.name for one in store.models() if not one.bundled] == ["Our home", "small"]


def test_it_ends_when_it_is_told_and_goes_on_later(wish, quick, monkeypatch):
    orders = Orders()

    def stop_after_a_step(**what) -> None:
        orders.stop |= "learning" in what

    with pytest.raises(Cancelled):
        learn(wish, orders, stop_after_a_step)
    assert personal.begun(wish) and not (store.user_folder() / "Our home.safetensors").exists()
    store.remove(store.find_model("scene", "small"))  # it is not needed any more
    assert learn(wish, Orders(), lambda **what: None).card.parent == "small"


def test_what_there_is_so_far_becomes_a_model(parent, folder, quick):
    wish = personal.begin("scene", "small", folder, "Kept", 10**6, "cpu")
    orders = Orders()

    def keep_after_a_step(**what) -> None:
        orders.keep |= "learning" in what

    assert learn(wish, orders, keep_after_a_step).card.steps == 1


def test_without_the_model_to_start_from_it_is_told(wish, parent):
    store.remove(parent)
    with pytest.raises(UserError, match="'small'"):
        learn(wish, Orders(), lambda **what: None)


def test_orders_are_obeyed_between_two_steps():
    orders, passed = Orders(), threading.Event()
    orders.listen(["pause\n"])  # and then there are no more: it must not wait for ever
    with pytest.raises(Cancelled):
        orders.obey()
    read, write = os.pipe()
    orders = Orders()
    with os.fdopen(read) as lines, os.fdopen(write, "w", buffering=1) as window:
        listener = threading.Thread(target=orders.listen, args=(lines,))
        listener.start()
        print("pause", file=window)
        while orders._go.is_set():
            pass
        waiting = threading.Thread(target=lambda: (orders.obey(), passed.set()))
        waiting.start()
        assert not passed.wait(0.05), "it rests"
        print("go", file=window)
        assert passed.wait(5) and not orders.keep
        print("keep", file=window)
        window.close()
        listener.join(5)
        waiting.join(5)
    assert orders.keep and orders.stop


def test_nobody_listening_is_no_error():
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    personal_child.Tell(Gone())(share=0.5, words="x")


CHILD = """
import json, sys
def tell(**what): print(json.dumps(what), flush=True)
tell(share=0.5, words="Step 1")
"""


@pytest.fixture
def child(monkeypatch, wish):
    """Runs a program of the test's own in the place of the one that learns."""
    popen = subprocess.Popen

    def make(program: str) -> Run:
        monkeypatch.setattr(subprocess, "Popen", lambda command, **options: popen(
            [sys.executable, "-c", CHILD + program, command[-1]], **options))
        return Run(wish)

    return make


def follow(run: Run) -> tuple[list, list]:
    told = []
    return list(run.follow(lambda *progress: told.append(progress))), told


def test_notes_progress_and_the_model_are_passed_on(child, parent):
    run = child(f"tell(note='two left out'); tell(learning=True); tell(model={str(parent.path)!r})")
    assert not run.learning
    results, told = follow(run)
    assert results == ["two left out", parent] and told == [(0.5, "Step 1")] and run.learning


def test_what_goes_wrong_there_is_told_in_a_line(child, wish):
    with pytest.raises(UserError, match="^no photos$"):
        follow(child("tell(error='no photos'); sys.exit(2)"))
    with pytest.raises(UserError, match="ended by itself .ValueError: odd.$"):
        follow(child("raise ValueError('odd')"))
    (wish.folder / personal.CHECKPOINT).touch()
    with pytest.raises(UserError, match="Killed.; what it had learned until its last checkpoint is kept"):
        follow(child(f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})"))


def test_orders_reach_it(child):
    run = child("for line in sys.stdin: tell(note=line.strip())")
    run.pause(True)
    run.pause(False)
    run.keep()
    run.stop()
    run.stop()
    run.keep()  # too late, and no error
    assert follow(run)[0] == ["pause", "go", "keep"]


def test_a_cancelled_one_stops(child):
    run = child("sys.stdin.read(); tell(note='never read')")

    def cancel(share: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list(run.follow(cancel))
    run.end()
    assert run._child.returncode is not None


def test_one_that_does_not_stop_is_killed(child):
    run = child("import time; time.sleep(60)")
    run.end(patience=0.2)
    assert run._child.returncode == -signal.SIGKILL
    run._child.stdout.close()
