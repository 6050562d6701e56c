"""The face frame, the document's and each recipe's, in projects and in recovered work."""

import json
from dataclasses import replace

import numpy as np
import pytest
from ora_samples import rewritten
from projects import a_photo, a_variant
from sessions import killed, recovered, write_photo

from editor.document import fills
from editor.document.document import Document
from editor.document.layers import Recipe
from editor.raster.frame import Frame
from editor.storage.openraster import load_project, save_project
from editor.storage.session import Session

ONE, OTHER = Frame((100.25, 120.5), 80.125, 5.5), Frame((-3.0, 200.0), 60.0, -172.0)


def lay(document: Document, frame: Frame | None) -> None:
    with document.change("Frame") as change:
        change.set_frame(frame)


def with_a_fill(document: Document) -> Document:
    """Filled in one frame, and another laid on the photo since."""
    variant = replace(a_variant(document, np.random.default_rng(2), 1), frame=ONE)
    fills.add_fill_layer(document, Recipe(document.mask.snapshot(), "sc-fegan", variants=(variant,), frame=OTHER))
    lay(document, OTHER)
    return document


def frames(document) -> list:
    recipe = document.layers[0].recipe
    return [document.frame, recipe.frame, recipe.variants[0].frame]


def test_a_project_keeps_every_frame_exactly(tmp_path, read_photo):
    document = with_a_fill(Document(a_photo()))
    save_project(document.snapshot(), tmp_path / "project.ora")
    assert frames(load_project(tmp_path / "project.ora", read_photo)) == [OTHER, OTHER, ONE]


def test_a_project_from_before_there_were_frames_opens_without_one(tmp_path, read_photo):
    def older(name: str, data: bytes) -> bytes:
        if name != "pentimento/document.json":
            return data
        value = json.loads(data)
        recipe = value["layers"][0]["recipe"]
        for holder in (value, recipe, recipe["variants"][0]):
            del holder["frame"]
        return json.dumps(value).encode()

    save_project(with_a_fill(Document(a_photo())).snapshot(), tmp_path / "project.ora")
    rewritten(tmp_path / "project.ora", older)
    snapshot = load_project(tmp_path / "project.ora", read_photo)
    assert frames(snapshot) == [None, None, None]
    assert not snapshot.photo.notices


@pytest.mark.parametrize("frame", [
    {"centre": [1, 2], "side": 0, "angle": 0}, {"centre": [1, 2], "side": -5, "angle": 0}, {"centre": [1], "side": 5},
    {"centre": [1, 2], "side": float("nan"), "angle": 0}, {"centre": [1, float("inf")], "side": 5, "angle": 0},
    {"centre": [1, 2], "side": 5, "angle": float("nan")}, {"centre": [1, 2], "side": 1e300, "angle": 0}, "x", 5])
def test_a_frame_that_cannot_be_does_not_stop_a_project(tmp_path, read_photo, frame):
    def forged(name: str, data: bytes) -> bytes:
        if name != "pentimento/document.json":
            return data
        return json.dumps({**json.loads(data), "frame": frame}).encode()

    document = with_a_fill(Document(a_photo()))
    save_project(document.snapshot(), tmp_path / "project.ora")
    rewritten(tmp_path / "project.ora", forged)
    snapshot = load_project(tmp_path / "project.ora", read_photo)
    assert snapshot.frame is None and snapshot.photo.notices
    assert len(snapshot.layers) == 1


@pytest.mark.parametrize("pasted", [False, True])
def test_a_killed_sessions_frames_come_back_with_every_step(tmp_path, read_photo, pasted):
    photo = a_photo() if pasted else read_photo(write_photo(tmp_path / "photo.png"))
    document = Document(photo)
    if pasted:
        lay(document, ONE)  # before the session begins: it is no step of it
        document.history.commands.clear()
        document.history.position = 0
    session = Session(document, tmp_path / "sessions")
    for frame in (OTHER, None, ONE):
        lay(document, frame)
    document.undo()
    folder = killed(session)
    again, session = recovered(folder, read_photo)
    assert again.frame is None
    again.go_to(3)
    assert again.frame == ONE
    again.go_to(1)
    assert again.frame == OTHER
    again.go_to(0)
    assert again.frame == (ONE if pasted else None)
    session.close(discard=True)


def test_a_project_that_was_opened_and_worked_on_is_recovered_with_its_frame(tmp_path, read_photo):
    save_project(with_a_fill(Document(a_photo())).snapshot(), tmp_path / "project.ora")
    document = Document.from_snapshot(load_project(tmp_path / "project.ora", read_photo))
    session = Session(document, tmp_path / "sessions")
    lay(document, ONE)
    again, session = recovered(killed(session), read_photo)
    assert frames(again) == [ONE, OTHER, ONE]
    again.undo()
    assert again.frame == OTHER
    session.close(discard=True)
