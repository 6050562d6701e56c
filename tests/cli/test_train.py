"""``pentimento train``: each network in seconds, going on, stopping, and what is refused."""

import json
import shutil
import signal

import cv2
import numpy as np
import pytest
import torch

from editor.engines.networks import store
from editor.engines.networks.face_locator import Locator
from editor.engines.networks.store import model_at
from editor.main import main
from editor.training import data, loop, runs

SMALL = ("--batch", 1, "--size", 32, "--width", 4, "--steps", 2, "--device", "cpu")


@pytest.fixture(autouse=True, scope="module")
def own_models(tmp_path_factory):
    """Nothing is read from the user's own models, or those that come with the program."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENTIMENTO_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setattr(store, "BUNDLED", tmp_path_factory.mktemp("bundled"))
        yield


@pytest.fixture(autouse=True, scope="module")
def quick(one_thread):
    """They are small."""


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """Four photos, one of which is held out, and one that cannot be read."""
    from skimage import data as pictures

    folder = tmp_path_factory.mktemp("album")
    found = (pictures.astronaut(), pictures.chelsea(), pictures.coffee(), pictures.rocket())
    names = ["photo-0", "photo-1", "photo-2", next(f"p{n}" for n in range(100) if data.held_out(folder / f"p{n}"))]
    for name, picture in zip(names, found, strict=True):
        small = cv2.resize(picture, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / f"{name}.png"), small[..., ::-1])
        assert data.held_out(folder / name) == (name == names[-1])
    (folder / "torn.jpg").write_bytes(b"torn")
    return folder


@pytest.fixture(scope="module")
def trained(album):
    """A scene network of width 4 that comes with the program."""
    out = store.BUNDLED / "scene-1.safetensors"
    assert main([str(argument) for argument in ("train", "scene", "--data", album, "--out", out, *SMALL)]) == 0
    return out


def card(path) -> dict:
    return json.loads(path.with_suffix(".json").read_text())


@pytest.mark.parametrize("network", ["sc-fegan", "scene", "edge-connect"])
def test_a_quick_training_of_each_network(pentimento, album, tmp_path, network):
    out = tmp_path / "out" / "trained v1.2"
    status, told, said = pentimento("train", network, "--data", album, "--out", out, "--quick", "--minutes", 0.005,
                                    "--width", 4, "--size", 32, "--title", "Trained", "--device", "cpu")
    assert status == 0, said
    assert "1 of 5 photos cannot be read and are left out: torn.jpg" in said
    stages = ("-edge", "-completion") if network == "edge-connect" else ("",)
    paths = [out.with_name(f"trained v1.2{stage}.safetensors") for stage in stages]
    assert told.splitlines() == [str(path) for path in paths]
    for path in paths:
        found = card(path)
        assert 1 <= found["steps"] < 10**4 and found["config"]["width"] == 4 and found["title"] == "Trained"
        assert found["config"].get("shortcuts", False) == (network == "edge-connect")
        assert "pentimento" in found["command"] and found["data"].startswith("5 squares"), "both ends of the wide ones"
        assert all(np.isfinite(value) for value in found["held_out"].values()) and found["held_out"]
        store.load(model_at(path))
        folder = path.with_suffix(".training")
        assert {each.name for each in folder.iterdir()} == {"checkpoint.pt", "sheet.png", "curves.png"}
        sheet = cv2.imread(str(folder / "sheet.png"))
        assert sheet.shape[0] % 32 == 0 and sheet.std() > 10


def test_a_quick_training_of_the_face_locator(pentimento, album, tmp_path):
    for kind in ("faces", "scenes"):
        (tmp_path / kind).mkdir()
        for photo in album.glob("p*.png"):
            cv2.imwrite(str(tmp_path / kind / photo.name), cv2.imread(str(photo))[:120, :120])
    out = tmp_path / "faces.safetensors"
    status, _, said = pentimento("train", "face-locator", "--data", tmp_path, "--out", out, "--quick", "--batch", 1,
                                 "--steps", 1, "--width", 8, "--limit", 2)
    assert status == 0, said
    found = card(out)
    assert found["network"] == "face-locator" and found["held_out"]["composed pictures"] > 0
    assert isinstance(store.load(model_at(out)), Locator)


def test_going_on_from_a_checkpoint_counts_on(pentimento, album, trained, tmp_path):
    checkpoint = trained.with_suffix(".training") / "checkpoint.pt"
    status, _, said = pentimento("train", "scene", "--data", album, "--out", tmp_path / "x", *SMALL, "--steps", 3,
                                 "--resume", checkpoint)
    assert status == 0, said
    found = card(tmp_path / "x.safetensors")
    assert found["steps"] == 3 and found["parent"] == ""


def test_an_album_teaches_what_comes_with_the_program(pentimento, album, trained, tmp_path):
    before = trained.read_bytes()
    out = tmp_path / "mine.safetensors"
    status, _, said = pentimento("train", "scene", "--data", album, "--out", out, *SMALL, "--resume", "bundled",
                                 "--rate", 1e-9)
    assert status == 0, said
    assert card(out)["steps"] == 2 and card(out)["parent"] == "scene-1"
    assert trained.read_bytes() == before, "what comes with the program stays"
    old, new = (store.read_tensors(model_at(path)) for path in (trained, out))
    assert all(torch.allclose(old[name].float(), new[name].float(), atol=1e-3) for name in old), "it began with them"
    checkpoint = loop.load_checkpoint(out.with_suffix(".training") / "checkpoint.pt")
    assert checkpoint["parent"] == "scene-1", "what goes on from it knows where it came from"


def test_the_same_weights_each_time_where_that_is_asked_for(pentimento, album, tmp_path):
    found = []
    for name in ("a", "b"):
        out = tmp_path / f"{name}.safetensors"
        assert pentimento("train", "scene", "--data", album, "--out", out, *SMALL, "--deterministic")[0] == 0
        found.append(card(out))
    assert found[0]["held_out"] == found[1]["held_out"]
    one, two = (store.read_tensors(model_at(tmp_path / f"{name}.safetensors")) for name in ("a", "b"))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.are_deterministic_algorithms_enabled(), "it was asked for one training"


@pytest.mark.parametrize("name", ["photo-0.png", "held out"])
def test_one_photo_is_enough_but_for_figures(pentimento, album, tmp_path, name):
    photo = next(path for path in album.glob("*.png") if path.name == name or (
        name == "held out" and data.held_out(path)))
    folder = tmp_path / "one"
    folder.mkdir()
    shutil.copy(photo, folder)
    status, _, said = pentimento("train", "scene", "--data", folder, "--out", tmp_path / "x", *SMALL)
    assert status == 0 and card(tmp_path / "x.safetensors")["held_out"] == {}, said


def test_ctrl_c_leaves_a_checkpoint_to_go_on_from(pentimento, album, tmp_path, monkeypatch):
    step = loop.Training._one_step

    def interrupted(training, *arguments):
        if training.step == 2:
            signal.raise_signal(signal.SIGINT)
        return step(training, *arguments)

    monkeypatch.setattr(loop.Training, "_one_step", interrupted)
    before = signal.getsignal(signal.SIGINT)
    status, told, said = pentimento("train", "scene", "--data", album, "--out", tmp_path / "x", *SMALL, "--steps", 100)
    assert status == 130 and told == "" and "--resume" in said and "Traceback" not in said
    assert signal.getsignal(signal.SIGINT) == before
    assert loop.load_checkpoint(tmp_path / "x.training" / "checkpoint.pt")["step"] == 3, "the step under way was ended"
    assert not (tmp_path / "x.safetensors").exists()


def test_faces_are_found_in_ordinary_photos(pentimento, album, tmp_path, monkeypatch):
    """And photos that show none are left out."""
    wanted = []

    def one_in_the_larger(picture, side, network):
        wanted.append(side)
        return [np.zeros((side, side, 3), np.uint8)] if picture.shape[0] > 150 else []

    monkeypatch.setattr(runs, "face_squares", one_in_the_larger)
    monkeypatch.setattr(runs, "locator", lambda: None)
    status, _, said = pentimento("train", "sc-fegan", "--data", album, "--out", tmp_path / "x", *SMALL, "--find-faces")
    assert status == 0 and "photos show no face that is large enough and are left out" in said, said
    assert len(wanted) == 4, "of those held out too"
    assert card(tmp_path / "x.safetensors")["data"].startswith("2 squares")
    monkeypatch.setattr(runs, "face_squares", lambda picture, side, network: [])
    status, _, said = pentimento("train", "sc-fegan", "--data", album, "--out", tmp_path / "x", *SMALL, "--find-faces")
    assert status == 2 and "nothing to train on" in said.splitlines()[-1]


@pytest.mark.parametrize(("arguments", "why"), [
    (["sc-fegan", "--resume", "scene-1"], "is a model of scene, not of sc-fegan"),
    (["sc-fegan", "--resume", "checkpoint"], "is a checkpoint of scene, not of sc-fegan"),
    (["sc-fegan", "--resume", "bundled"], "no weights of sc-fegan come with the program"),
    (["edge-connect", "--resume", "scene-1"], "two stages"),
    (["scene", "--resume", "nowhere.pt"], "nowhere.pt"),
    (["scene", "--resume", "nowhere.safetensors"], "nowhere"),
    (["scene", "--resume", "album/torn.jpg"], "takes a checkpoint"),
    (["scene", "--features", "album/torn.jpg"], "torn.jpg cannot be read as features"),
    (["nothing"], "nothing"),
    (["scene", "--size", "100"], "multiple of 32"),
    (["scene", "--size", "0"], "--size is 32 or more"),
    (["scene", "--steps", "0"], "--steps is 1 or more"),
    (["scene", "--minutes", "1", "--deterministic"], "--deterministic wants --steps"),
    (["scene", "--device", "abacus"], "abacus"),
])
def test_what_is_wrong_is_told_in_a_line(pentimento, one_line, album, trained, tmp_path, monkeypatch, arguments, why):
    monkeypatch.chdir(tmp_path)
    places = {"scene-1": str(trained), "checkpoint": str(trained.with_suffix(".training") / "checkpoint.pt")}
    arguments = [places.get(argument, argument) for argument in arguments]
    assert why in one_line(pentimento("train", *arguments, "--data", album, "--out", tmp_path / "x"))
    assert not list(tmp_path.glob("x.*"))


def test_without_what_finds_faces_it_is_said(pentimento, one_line, album, tmp_path):
    assert "Face locator" in one_line(
        pentimento("train", "sc-fegan", "--data", album, "--out", tmp_path / "x", *SMALL, "--find-faces"))


def test_data_and_out_that_cannot_be_used_are_told_before_anything_is_done(pentimento, one_line, album, tmp_path,
                                                                           monkeypatch):
    empty = tmp_path / "empty"
    empty.mkdir()
    out = tmp_path / "x"
    assert "no folder" in one_line(pentimento("train", "scene", "--data", tmp_path / "no", "--out", out, *SMALL))
    assert "no photos" in one_line(pentimento("train", "scene", "--data", empty, "--out", out, *SMALL))
    (empty / "torn.jpg").write_bytes(b"torn")
    assert "cannot be read" in pentimento("train", "scene", "--data", empty, "--out", out, *SMALL)[2]
    monkeypatch.setattr(loop.Training, "run", lambda *arguments: pytest.fail("it must not begin"))
    (tmp_path / "file").touch()
    assert "file/x.training: cannot be written" in one_line(
        pentimento("train", "scene", "--data", album, "--out", tmp_path / "file" / "x", *SMALL))
    usage = runs.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(runs.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    assert "MiB of disk" in one_line(pentimento("train", "scene", "--data", album, "--out", out, *SMALL))
