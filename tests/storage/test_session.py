"""The work of a session outlives its program: steps, history, recipes, wherever it is cut off."""

import random
import resource
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import SHAPE, a_photo, assert_same, noise
from PySide6.QtCore import QCoreApplication
from sessions import assert_same_history, history_of, killed, number_layers, recovered, work, write_photo

from editor.document import layer_ops
from editor.document.document import Document
from editor.raster.surface import Box
from editor.storage import session_folder
from editor.storage.openraster import save_project
from editor.storage.recovery import recoverable
from editor.storage.session import Session


@given(seed=st.integers(0, 10**6), steps=st.integers(1, 14), pasted=st.booleans())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_recovered_document_has_the_whole_history(tmp_path, read_photo, seed, steps, pasted):
    rng = np.random.default_rng(seed)
    photo = a_photo(np.uint16, 4) if pasted else read_photo(write_photo(tmp_path / "photo.png"))
    document = Document(photo)
    document.history.budget = 20_000  # all but the last strokes are spilled
    session = Session(document, tmp_path / "sessions", "photo.png")
    for _ in range(steps):
        work(document, rng)
    expected = history_of(document)
    again, session = recovered(killed(session), read_photo)
    assert again.modified
    assert_same_history(history_of(again), expected)
    # And a second time, with more work on top.
    again.history.budget = 20_000
    for _ in range(3):
        work(again, rng)
    expected = history_of(again)
    again, session = recovered(killed(session), read_photo)
    assert_same_history(history_of(again), expected)
    session.close(discard=True)
    assert list((tmp_path / "sessions").iterdir()) == []


@given(seed=st.integers(0, 10**6))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_history_spilled_to_the_session_is_bit_exact(tmp_path, seed):
    rng = np.random.default_rng(seed)
    document, unspilled = Document(a_photo()), []
    document.history.budget = 0
    session = Session(document, tmp_path)
    for _ in range(8):
        work(document, rng)
        unspilled.append(document.snapshot())
    end = document.history.position
    states = history_of(document)[2]
    document.go_to(0)
    assert document.layers == () and not list(document.mask.keys())
    assert np.array_equal(document.picture().read(document.base.bounds), document.photo.pixels)
    document.go_to(end)
    assert_same(document.snapshot(), states[end])
    assert_same(document.snapshot(), unspilled[-1])
    assert document.history.nbytes == 0
    session.close(discard=True)


VICTIM = """
import os, sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
import numpy as np
from PySide6.QtCore import QCoreApplication
from sessions import number_layers, work
number_layers(setattr)
from editor.document.document import Document
from editor.storage.photos import Decoder
from editor.storage.session import Session
application = QCoreApplication([])
with Decoder() as decoder:
    document = Document(decoder.read(Path(sys.argv[1])))
document.recorded.connect(lambda _: os.write(1, b"r"))  # told before it is kept: never more can be kept than is told
document.stepped.connect(lambda _: os.write(1, b"s"))
session = Session(document, Path(sys.argv[2]))
document.history.budget = 100_000
rng = np.random.default_rng(int(sys.argv[3]))
while True:
    work(document, rng)
    session.flush()
"""


@pytest.mark.parametrize("seed", [1, 3])
def test_killed_at_a_random_moment_at_most_the_last_step_is_lost(tmp_path, monkeypatch, photo_file, read_photo, seed):
    """A program paints until it is killed; here the same is painted again, and compared."""
    number_layers(monkeypatch.setattr)
    root = tmp_path / "sessions"
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(photo_file), str(root), str(seed), str(Path(__file__).parent),
         str(Path(__file__).parents[2])], stdout=subprocess.PIPE)
    told = victim.stdout.read(1)  # it paints
    time.sleep(random.Random(seed).random() * 0.5)
    victim.send_signal(signal.SIGKILL)
    told += victim.stdout.read()
    victim.wait()
    victim.stdout.close()
    (found,) = recoverable(root)
    assert found.name == "photo.png" and not found.saved
    document, session = recovered(found.folder, read_photo)
    got = history_of(document)
    session.close(discard=True)

    # Paint the same; what was recovered is the state when it told last, or one step before.
    document, rng, heard = Document(read_photo(photo_file)), np.random.default_rng(seed), []
    document.recorded.connect(lambda _: heard.append("r"))
    document.stepped.connect(lambda _: heard.append("s"))
    candidates = []
    while len(heard) <= len(told):
        if len(heard) >= len(told) - 1:
            document.blockSignals(True)
            candidates.append(history_of(document))
            document.blockSignals(False)
        work(document, rng)
    assert any(same_history(got, candidate) for candidate in candidates)
    assert_same(got[2][0], candidates[0][2][0])


def same_history(now: tuple, then: tuple) -> bool:
    try:
        assert_same_history(now, then)
    except (AssertionError, ValueError):
        return False
    return True


def test_the_photograph_goes_into_a_project_from_the_sessions_own_copy(tmp_path, photo_file, read_photo):
    data = photo_file.read_bytes()
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    session.flush()
    photo_file.write_bytes(b"something else by now")
    save_project(document.snapshot(), tmp_path / "p.ora", original=session.original)
    session.close(discard=True)
    with zipfile.ZipFile(tmp_path / "p.ora") as archive:
        assert archive.read("pentimento/photo.png") == data


def test_a_clean_end_leaves_nothing(tmp_path, photo_file, read_photo):
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    layer_ops.add_paint_layer(document)
    session.close(discard=True)
    assert list((tmp_path / "sessions").iterdir()) == []
    layer_ops.add_paint_layer(document)  # a document may live on a moment longer
    assert session.folder is None and session.original is None


@pytest.fixture
def words(qapp):
    """Runs the event loop, and gives what a session said in it."""
    def of(session: Session) -> list[str]:
        said = []
        session.failed.connect(said.append)
        session.flush()
        QCoreApplication.processEvents()
        return said
    return of


def test_a_folder_that_cannot_be_made_is_told_once_and_work_goes_on(tmp_path, words):
    (tmp_path / "sessions").write_text("a file where the folder should be")
    document = Document(a_photo())
    session = Session(document, tmp_path / "sessions")
    (said,) = words(session)
    assert str(tmp_path / "sessions") in said and "save the project" in said
    document.history.budget = 0
    before = document.snapshot()
    for seed in range(5):
        work(document, np.random.default_rng(seed))
    document.go_to(0)
    assert_same(document, before)
    session.note_saved(tmp_path / "p.ora", None)
    session.close(discard=True)


def test_a_disk_that_fills_up_is_told_once_and_work_goes_on(tmp_path, words):
    document = Document(a_photo())
    session = Session(document, tmp_path / "sessions")
    document.history.budget = 0
    layer, rng = layer_ops.add_paint_layer(document), np.random.default_rng(1)
    session.flush()
    size = (session.folder / "log").stat().st_size
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 500_000, limit[1]))
    try:
        for _ in range(4):
            with document.change("Stroke") as change:
                change.edit(layer.id, Box(0, 0, *SHAPE), lambda part, old: noise(rng, old.shape, np.uint8))
        said = words(session)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert len(said) == 1
    expected = history_of(document)
    assert_same_history(history_of(document), expected)
    assert len(expected[2]) == 6
    again, other = recovered(killed(session), lambda path: None)
    names, states = history_of(again)[1:]
    assert 1 <= len(names) < 5
    for mine, theirs in zip(states, expected[2], strict=False):
        assert_same(mine, theirs)
    other.close(discard=True)


def test_the_place_of_sessions_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("PENTIMENTO_STATE", str(tmp_path))
    assert session_folder.sessions_root() == tmp_path / "sessions"
    session = Session(Document(a_photo()))
    assert session.folder.parent == tmp_path / "sessions"
    assert session.folder.stat().st_mode & 0o077 == 0
    session.close(discard=True)
