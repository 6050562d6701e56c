"""Weights from elsewhere: what we know is taken in, everything else refused without running any of it."""

import io
import json
import os
import pickle
import zipfile
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from editor.engines.networks import edge_connect, store
from editor.engines.networks.adding import add
from editor.engines.networks.cards import Card, to_json
from editor.engines.networks.sc_fegan import Generator
from editor.engines.networks.store import find_model, load, models, save_model
from editor.errors import UserError

CARD = Card("small", "Small faces", "sc-fegan", {"width": 4}, data="faces", licence="CC BY", steps=9)


@pytest.fixture(scope="module")
def network() -> Generator:
    return Generator(width=4).eval()


@pytest.fixture
def elsewhere(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def nothing_bundled(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")


def refusal(path) -> str:
    """Why a file is not added; nothing may be left of it."""
    with pytest.raises(UserError) as refused:
        add(path)
    words = str(refused.value)
    assert words.startswith(str(path.parent)) and "\n" not in words
    assert models() == ()
    return words


def test_weights_with_their_card_are_added_as_they_are(elsewhere, network):
    given = save_model(elsewhere, CARD, network.state_dict())
    added = add(given.path)
    assert added.card == given.card and added.path.parent == store.user_folder()
    assert added.path.read_bytes() == given.path.read_bytes()
    assert models() == (added,) and find_model("sc-fegan") == added
    load(added)


def test_weights_alone_carry_their_card_within(elsewhere, network):
    given = save_model(elsewhere, CARD, network.state_dict())
    given.path.with_suffix(".json").unlink()
    added = add(given.path.rename(elsewhere / "renamed.safetensors"))
    assert added.card == replace(given.card, name="renamed")
    load(added)


def test_the_same_name_gets_a_number(elsewhere, network):
    given = save_model(elsewhere, CARD, network.state_dict())
    assert [add(given.path).name for _ in range(3)] == ["small", "small-2", "small-3"]
    assert all(model.fault == "" for model in models())


@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize(("kind", "network"), [
    (edge_connect.EdgeGenerator, "edge-connect-edge"),
    (edge_connect.CompletionGenerator, "edge-connect-completion")])
def test_published_edgeconnect_checkpoints_are_known_by_their_names(elsewhere, kind, network, legacy):
    generator = kind(width=4).eval()
    path = elsewhere / "EdgeModel_gen.pth"
    torch.save({"iteration": 5, "generator": generator.state_dict()}, path, _use_new_zipfile_serialization=not legacy)
    added = add(path)
    assert (added.name, added.card.network, added.card.config) == ("EdgeModel_gen", network, {"width": 4})
    x = torch.rand(1, 3 if kind is edge_connect.EdgeGenerator else 5, 16, 16).round()
    with torch.inference_mode():
        assert torch.allclose(load(added)(x), generator(x), atol=1e-5)


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.system, (f"touch {self.trace}",)


@pytest.mark.parametrize("legacy", [True, False, None])
def test_code_is_refused_and_never_run(elsewhere, tmp_path, legacy):
    path, trace = elsewhere / "evil.pth", tmp_path / "run"
    if legacy is None:
        path.write_bytes(pickle.dumps(Evil(trace)))
    else:
        torch.save({"generator": Evil(trace)}, path, _use_new_zipfile_serialization=not legacy)
    assert "never run" in refusal(path)
    assert not trace.exists()


def test_a_whole_module_is_code_too(elsewhere, network):
    torch.save(network, elsewhere / "module.pth")
    assert "never run" in refusal(elsewhere / "module.pth")


def truncated(path) -> None:
    torch.save({"generator": edge_connect.EdgeGenerator(width=4).state_dict()}, path)
    path.write_bytes(path.read_bytes()[:3000])


def compressed(path) -> None:
    plain = io.BytesIO()
    torch.save({"generator": torch.zeros(10**6)}, plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, old.read(item))


@pytest.mark.parametrize("write", [
    truncated, compressed,
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(b"PK\x03\x04" + bytes(100)),
    lambda path: path.write_bytes(os.urandom(10_000)),
    lambda path: path.write_bytes(pickle.dumps(list(range(10)))[:-3]),
    lambda path: torch.save([1, 2, 3], path),
    lambda path: torch.save({}, path),
    lambda path: torch.save({1: torch.zeros(2), "generator": {2: torch.zeros(2)}}, path),
    lambda path: torch.save({"generator": {"encoder.1.weight_orig": torch.zeros(3)}}, path),
    lambda path: path.mkdir(),
], ids=["cut off", "compressed", "empty", "no zip", "noise", "cut pickle", "list", "nothing", "numbered", "odd shapes",
        "folder"])
def test_what_is_no_known_checkpoint_is_refused(elsewhere, write):
    write(elsewhere / "x.pth")
    refusal(elsewhere / "x.pth")


def test_a_checkpoint_of_few_numbers_that_poses_as_many_is_refused(elsewhere):
    state = edge_connect.EdgeGenerator(width=4).state_dict()
    posed = {name: torch.zeros(1, dtype=tensor.dtype).expand(tensor.shape) for name, tensor in state.items()}
    torch.save({"generator": posed}, elsewhere / "posed.pth")
    size = (elsewhere / "posed.pth").stat().st_size
    if size > 4 * sum(tensor.numel() for tensor in state.values()):
        pytest.fail("the file is large enough to hold them: it shows nothing")
    assert "room" in refusal(elsewhere / "posed.pth")


def test_published_names_with_other_shapes_are_refused(elsewhere):
    state = edge_connect.EdgeGenerator(width=4).state_dict()
    torch.save({"generator": state | {"encoder.4.bias": torch.zeros(3)}}, elsewhere / "x.pth")
    assert "encoder.4.bias is 3, not 8" in refusal(elsewhere / "x.pth")


def test_weights_without_a_card_that_nobody_knows_are_refused_with_what_is_missing(elsewhere):
    save_file({"layer.weight": torch.zeros(3)}, elsewhere / "x.safetensors")
    assert "x.json" in refusal(elsewhere / "x.safetensors")


@pytest.mark.parametrize("change", [
    {"name": "../x"}, {"network": "resnet"}, {"config": {"width": 5}}, {"sha256": "0" * 64}, {"name": "another"}])
def test_a_card_that_does_not_fit_is_refused(elsewhere, network, change):
    given = save_model(elsewhere, CARD, network.state_dict())
    given.path.with_suffix(".json").write_text(json.dumps(json.loads(to_json(given.card)) | change))
    refusal(given.path)


def test_a_card_within_that_leads_elsewhere_is_refused(elsewhere, network):
    within = {store.CARD_KEY: json.dumps({"name": "../../x", "title": "X", "network": "sc-fegan"})}
    save_file(network.state_dict(), elsewhere / "x.safetensors", within)
    assert "cannot be a file's name" in refusal(elsewhere / "x.safetensors")


def test_other_files_are_refused_by_their_ending(elsewhere):
    (elsewhere / "photo.jpg").write_bytes(b"")
    assert ".safetensors" in refusal(elsewhere / "photo.jpg")


def test_a_file_that_is_not_there(elsewhere):
    for name in ("none.pth", "none.safetensors"):
        assert "cannot be read" in refusal(elsewhere / name)
