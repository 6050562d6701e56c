"""``pentimento models`` lists what there is, also what is broken."""

import json
from dataclasses import replace

import pytest

from editor.engines.networks import store
from editor.engines.networks.cards import Card
from editor.engines.networks.store import save_files, use

CARD = Card("faces", "Faces", "sc-fegan", {"width": 4})


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "data"))
    save_files(tmp_path / "bundled", CARD, b"weights")
    use(save_files(store.user_folder(), replace(CARD, name="album", title="Album"), b"weights"))
    (store.user_folder() / "torn.json").write_text("{")
    (store.user_folder() / "torn.safetensors").write_bytes(b"weights")


def test_models_are_listed_for_people(pentimento):
    status, out, err = pentimento("models")
    assert (status, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[:4] == ["faces Faces", "SC-FEGAN", "album Album (your own)", "SC-FEGAN, in use"]
    assert lines[4] == "torn torn (your own)" and "torn.json: no model card" in lines[5]


def test_and_for_programs(pentimento):
    status, out, _ = pentimento("models", "--json")
    listed = {model["name"]: model for model in json.loads(out)}
    assert status == 0 and list(listed) == ["faces", "album", "torn"]
    assert [model["in_use"] for model in listed.values()] == [False, True, False]
    assert listed["faces"]["bundled"] and listed["faces"]["card"]["config"] == {"width": 4}
    assert listed["torn"]["card"] is None and listed["torn"]["fault"]
