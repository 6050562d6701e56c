"""The work of a session outlives its program: steps, history, recipes, wherever it is cut off."""

import itertools
import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import SHAPE, a_busy_document, a_photo, a_variant, assert_same, noise
from PySide6.QtCore import QCoreApplication

from editor.document import fills, layer_ops, layers
from editor.document.document import Document
from editor.document.layers import Recipe
from editor.errors import UserError
from editor.raster import masks
from editor.raster.surface import Box
from editor.storage import session_folder
from editor.storage.openraster import load_project, save_project
from editor.storage.photos import Decoder
from editor.storage.recovery import discard, recover, recoverable, take_up
from editor.storage.session import Session
from editor.storage.session_folder import Lock


@pytest.fixture(scope="module")
def read_photo():
    with Decoder() as decoder:
        yield decoder.read


@pytest.fixture
def photo_file(tmp_path):
    """A photograph on the disk."""
    return write_photo(tmp_path / "photo.png")


def write_photo(path: Path) -> Path:
    cv2.imwrite(str(path), a_photo().pixels)
    return path


def killed(session: Session) -> Path:
    """End a session as a kill would once all is written: the folder stays, unlocked."""
    session.flush()
    folder = session.folder
    session.close(discard=False)
    return folder


def recovered(folder: Path, read_photo) -> tuple[Document, Session]:
    return take_up(recover(folder, read_photo))


def work(document: Document, rng: np.random.Generator) -> None:
    """One step of some kind."""
    dtype = document.photo.pixels.dtype
    kind = rng.integers(0, 12)
    if kind > 4 and not document.layers:
        kind = 4
    if kind < 3:
        top, left = rng.integers(0, SHAPE[0] - 30), rng.integers(0, SHAPE[1] - 30)
        with document.change("Mask stroke") as change:
            change.edit("mask", Box(top, left, top + 30, left + 30), lambda part, old: noise(rng, old.shape, np.uint8))
    elif kind == 3:
        with document.change("Invert mask") as change:
            change.replace("mask", masks.invert(document.mask))
    elif kind == 4:
        layer_ops.add_paint_layer(document)
    elif kind == 5:
        layer_ops.delete(document, document.layers[int(rng.integers(0, len(document.layers)))].id)
    elif kind == 6:
        recipe = Recipe(document.mask.snapshot(), "telea", {"radius": 3}, 1, None, None,
                        (a_variant(document, rng, 1),), 0, "", f"run {rng.integers(0, 1000)}")
        fills.add_fill_layer(document, recipe)
    elif kind == 7:
        layer_ops.duplicate(document, document.layers[-1].id)
    elif kind == 8:
        layer_ops.set_opacity(document, document.layers[0].id, float(rng.random()))
    elif kind == 9 and document.layers[-1].is_fill:
        fills.append_variant(document, document.layers[-1].recipe.run, a_variant(document, rng, 2))
    elif kind == 10:
        document.go_to(int(rng.integers(0, document.history.position + 1)))
    else:
        with document.change("Stroke") as change:
            change.edit(document.layers[-1].id, Box(10, 240, 90, 280), lambda part, old: noise(rng, old.shape, dtype))


def history_of(document: Document) -> tuple[int, list[str], list]:
    """Position, names, and what the document was after every step; ends where it began."""
    position, states = document.history.position, []
    for step in range(len(document.history.commands) + 1):
        document.go_to(step)
        states.append(document.snapshot())
    document.go_to(position)
    return position, [command.name for command in document.history.commands], states


def assert_same_history(now: tuple, then: tuple) -> None:
    assert now[:2] == then[:2]
    for mine, other in zip(now[2], then[2], strict=True):
        assert_same(mine, other)


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


def number_layers(setattr) -> None:
    """Give layers the same ids in every program."""
    numbers = itertools.count()
    setattr(layers, "uuid4", lambda: uuid.UUID(int=next(numbers)))


VICTIM = """
import os, sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
import numpy as np
from PySide6.QtCore import QCoreApplication
from test_session import number_layers, work
number_layers(setattr)
from editor.document.document import Document
from editor.storage.photos import Decoder
from editor.storage.session import Session
application = QCoreApplication([])
with Decoder() as decoder:
    document = Document(decoder.read(Path(sys.argv[1])))
session = Session(document, Path(sys.argv[2]))
document.history.budget = 100_000
rng = np.random.default_rng(int(sys.argv[3]))
done = 0
document.recorded.connect(lambda _: os.write(1, b"r"))
document.stepped.connect(lambda _: os.write(1, b"s"))
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


def test_a_project_that_was_opened_is_recovered_with_its_recipes_and_what_joined_them(tmp_path, read_photo):
    save_project(a_busy_document(np.uint16, 1).snapshot(), tmp_path / "project.ora")
    document = Document.from_snapshot(load_project(tmp_path / "project.ora", read_photo))
    session = Session(document, tmp_path / "sessions")
    fill = document.layers[1]
    fills.append_variant(document, fill.recipe.run, a_variant(document, np.random.default_rng(3), 3))
    layer_ops.duplicate(document, fill.id)
    fills.choose_variant(document, document.active, 2)
    expected = history_of(document)
    folder = killed(session)
    (tmp_path / "project.ora").unlink()  # the session has its own copy
    (found,) = recoverable(tmp_path / "sessions")
    assert (found.name, found.steps) == ("project.ora", 2)
    back = recover(folder, read_photo)
    assert back.project == tmp_path / "project.ora"  # Ctrl+S goes there again
    again, session = take_up(back)
    assert_same_history(history_of(again), expected)
    # What goes into a project later is still the photograph's own file, none here.
    assert save_project(again.snapshot(), tmp_path / "again.ora", original=session.original) == ()
    session.close(discard=True)


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


def test_work_is_recovered_while_the_copy_of_the_photograph_is_not_yet_whole(tmp_path, photo_file, read_photo):
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    layer_ops.add_paint_layer(document)
    folder = killed(session)
    (folder / "original.png").unlink()
    again, session = recovered(folder, read_photo)
    assert_same(again, document)
    killed(session)
    assert (folder / "original.png").read_bytes() == photo_file.read_bytes()  # now it is
    (folder / "original.png").unlink()
    photo_file.unlink()
    with pytest.raises(UserError, match="photo.png: cannot be read"):
        recover(folder, read_photo)
    Lock(folder).release()  # and nobody holds it


def test_a_file_name_that_is_no_unicode_is_found_again(tmp_path, read_photo):
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    write_photo(tmp_path / "photo.png").rename(path)
    session = Session(Document(read_photo(path)), tmp_path / "sessions")
    layer_ops.add_paint_layer(session._document)
    folder = killed(session)
    (folder / "original.png").unlink()
    document, session = recovered(folder, read_photo)
    assert document.photo.source == path
    session.close(discard=True)


def test_a_picture_of_another_size_is_not_taken_for_the_photograph(tmp_path, photo_file, read_photo):
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    layer_ops.add_paint_layer(document)
    folder = killed(session)
    (folder / "original.png").write_bytes(b"")
    with pytest.raises(UserError, match="empty"):
        recover(folder, read_photo)
    cv2.imwrite(str(folder / "original.png"), a_photo(shape=(20, 30)).pixels)
    with pytest.raises(UserError, match="no longer the picture"):
        recover(folder, read_photo)


def test_other_pixels_than_before_are_told(tmp_path, photo_file, read_photo):
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    layer_ops.add_paint_layer(document)
    folder = killed(session)
    cv2.imwrite(str(folder / "original.png"), 255 - document.photo.pixels)
    again, session = recovered(folder, read_photo)
    assert "decoded otherwise" in again.photo.notices[0]
    session.close(discard=True)


def test_two_programs_do_not_take_each_others_work(tmp_path, photo_file, read_photo):
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    layer_ops.add_paint_layer(document)
    session.flush()
    assert recoverable(tmp_path / "sessions") == []
    with pytest.raises(UserError, match="another program"):
        recover(session.folder, read_photo)
    discard(session.folder)
    assert session.folder.exists()
    folder = killed(session)
    assert [found.folder for found in recoverable(tmp_path / "sessions")] == [folder]
    discard(folder)
    assert not folder.exists()


def test_only_what_holds_work_is_offered(tmp_path, photo_file, read_photo):
    root = tmp_path / "sessions"
    assert recoverable(root) == []
    nothing_done = killed(Session(Document(read_photo(photo_file)), root))
    pasted = killed(Session(Document(a_photo()), root, "Clipboard"))
    young, old = root / "young", root / "old"
    young.mkdir()
    old.mkdir()
    os.utime(old, (1, 1))
    (root / "a file").touch()
    assert [(found.folder, found.name, found.steps, found.saved) for found in recoverable(root)] == [
        (pasted, "Clipboard", 0, False)]
    assert not nothing_done.exists() and not old.exists()
    assert young.exists()  # another program may just be making it


def test_what_was_saved_is_known(tmp_path, photo_file, read_photo):
    root = tmp_path / "sessions"
    document = Document(read_photo(photo_file))
    session = Session(document, root)
    layer_ops.add_paint_layer(document)
    session.note_saved(tmp_path / "p.ora", document.state())
    layer_ops.add_paint_layer(document)
    session.flush()
    again, session = recovered(killed(session), read_photo)
    again.undo()
    folder = killed(session)
    (found,) = recoverable(root)
    assert found.saved and found.steps == 1
    back = recover(folder, read_photo)
    assert back.project == tmp_path / "p.ora"
    again, session = take_up(back)
    layer_ops.add_paint_layer(again)
    folder = killed(session)
    (found,) = recoverable(root)
    assert not found.saved and found.steps == 2


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


def test_any_damaged_byte_gives_an_earlier_state_or_a_plain_error(tmp_path):
    document = Document(a_photo(shape=(6, 5)))
    session = Session(document, tmp_path / "sessions")
    document.history.budget = 0
    layer = layer_ops.add_paint_layer(document)
    with document.change("Stroke") as change:
        change.edit(layer.id, Box(0, 0, 6, 5), lambda part, old: np.full(old.shape, 9, np.uint8))
    layer_ops.set_opacity(document, layer.id, 0.5)
    states = history_of(document)[2]
    log = killed(session) / "log"
    whole = log.read_bytes()
    for place in range(0, len(whole), 3):
        log.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1:])
        try:
            back = recover(log.parent, lambda path: None)
        except UserError as error:
            assert str(log.parent) in str(error)
            continue
        assert_same(back.snapshot, states[back.position])
        back.kept.release()


@pytest.mark.parametrize("spoil", [
    {"kind": "step"}, {"kind": "stepped", "position": 99}, {"kind": "step", "name": "x", "active": None, "tiles": 3},
    {"kind": "step", "name": "x", "active": None, "tiles": {"mask": [[0, 0, 12345]]}},
    {"kind": "step", "name": "x", "active": None, "tiles": {"mask": [[7, 7, 0]]}},
    {"kind": "recipes", "replaced": [[1, 2]]}, {"kind": "recipe", "number": 0, "recipe": {}}, {"kind": "saved"},
    {"kind": "step", "name": "x", "active": None, "tiles": {}, "layers": [{"recipe": 4}], "was": None},
])
def test_a_log_that_makes_no_sense_is_a_plain_error(tmp_path, spoil):
    session = Session(Document(a_photo(shape=(6, 5))), tmp_path / "sessions")
    session._kept.log.note(spoil)
    folder = killed(session)
    with pytest.raises(UserError, match="cannot be understood"):
        recover(folder, lambda path: None)
    Lock(folder).release()
    recoverable(tmp_path / "sessions")


def test_the_place_of_sessions_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("PENTIMENTO_STATE", str(tmp_path))
    assert session_folder.sessions_root() == tmp_path / "sessions"
    session = Session(Document(a_photo()))
    assert session.folder.parent == tmp_path / "sessions"
    assert session.folder.stat().st_mode & 0o077 == 0
    session.close(discard=True)
