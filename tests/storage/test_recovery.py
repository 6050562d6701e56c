"""Work of killed sessions: what is found, what is recovered of it, and what is not taken for it."""

import os

import cv2
import numpy as np
import pytest
from projects import a_busy_document, a_photo, a_variant, assert_same
from sessions import assert_same_history, history_of, killed, recovered, write_photo

from editor.document import fills, layer_ops
from editor.document.document import Document
from editor.errors import UserError
from editor.raster.surface import Box
from editor.storage.openraster import load_project, save_project
from editor.storage.recovery import discard, recover, recoverable, take_up
from editor.storage.session import Session
from editor.storage.session_folder import Lock


def test_a_project_that_was_opened_is_recovered_with_its_recipes_and_what_joined_them(tmp_path, read_photo):
    save_project(a_busy_document(np.uint16, 1).snapshot(), tmp_path / "project.ora")
    document = Document.from_snapshot(load_project(tmp_path / "project.ora", read_photo))
    session = Session(document, tmp_path / "sessions")
    fill = document.layers[1]
    fills.append_variant(document, fill.recipe.run, a_variant(document, np.random.default_rng(3), 3))
    layer_ops.duplicate(document, fill.id)
    layer_ops.set_locked(document, document.active, False)
    fills.choose_variant(document, document.active, 2)
    expected = history_of(document)
    folder = killed(session)
    (tmp_path / "project.ora").unlink()  # the session has its own copy
    (found,) = recoverable(tmp_path / "sessions")
    assert (found.name, found.steps) == ("project.ora", 3)
    back = recover(folder, read_photo)
    assert back.project == tmp_path / "project.ora"  # Ctrl+S goes there again
    again, session = take_up(back)
    assert_same_history(history_of(again), expected)
    # What goes into a project later is still the photograph's own file, none here.
    assert save_project(again.snapshot(), tmp_path / "again.ora", original=session.original) == ()
    session.close(discard=True)


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


def test_a_project_that_has_lost_its_recipes_is_not_taken_for_the_one_that_was_opened(tmp_path, read_photo):
    path, document = tmp_path / "project.ora", a_busy_document()
    save_project(document.snapshot(), path)
    document = Document.from_snapshot(load_project(path, read_photo))
    session = Session(document, tmp_path / "sessions")
    layer_ops.add_paint_layer(document)
    folder = killed(session)
    (folder / "original.ora").unlink()
    fill = next(layer for layer in document.layers if layer.is_fill)
    layer_ops.set_locked(document, fill.id, False)
    layer_ops.delete(document, fill.id)
    save_project(document.snapshot(), path)
    with pytest.raises(UserError, match="no longer the picture"):
        recover(folder, read_photo)
    Lock(folder).release()


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


def test_a_note_that_is_no_json_is_a_plain_error(tmp_path, monkeypatch):
    session = Session(Document(a_photo(shape=(6, 5))), tmp_path / "sessions")
    session.flush()
    monkeypatch.setattr("editor.storage.tile_log.to_json", lambda value: b"{")
    layer_ops.add_paint_layer(session._document)
    folder = killed(session)
    with pytest.raises(UserError, match="cannot be read"):
        recover(folder, lambda path: None)
    Lock(folder).release()
    assert recoverable(tmp_path / "sessions") == []
