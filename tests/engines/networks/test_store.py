"""Weights are kept with a card, loaded as they were saved, and refused when they are anything else."""

import json
import struct
import threading
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from editor.engines.networks import store
from editor.engines.networks.cards import Card, to_json
from editor.engines.networks.sc_fegan import Generator
from editor.engines.networks.store import LoadedModels, find_model, load, model_at, models, save_model, use
from editor.errors import UserError

WIDTH = 4
CARD = Card("small", "Small faces", "sc-fegan", {"width": WIDTH})


@pytest.fixture(scope="module")
def network() -> Generator:
    return Generator(width=WIDTH).eval()


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    folder = tmp_path / "bundled"
    folder.mkdir()
    monkeypatch.setattr(store, "BUNDLED", folder)
    return folder


def outputs(*networks: torch.nn.Module) -> list[torch.Tensor]:
    x = torch.randn(1, 10, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return [network(x) for network in networks]


def faulty(model) -> str:
    with pytest.raises(UserError) as refused:
        load(model)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_saved_weights_fill_as_before(tmp_path, network):
    model = save_model(tmp_path, CARD, network.state_dict(), half=False)
    loaded = load(model)
    before, after = outputs(network, loaded)
    assert torch.equal(before, after)
    assert not loaded.training and not any(parameter.requires_grad for parameter in loaded.parameters())


def test_halved_weights_take_half_the_room_and_fill_nearly_as_before(tmp_path, network):
    full = save_model(tmp_path, replace(CARD, name="full"), network.state_dict(), half=False)
    half = save_model(tmp_path, CARD, network.state_dict())
    assert half.card.bytes == half.path.stat().st_size < 0.6 * full.card.bytes
    before, after = outputs(network, load(half))
    assert 0 < (before - after).abs().mean() < 0.5 / 255
    assert all(tensor.dtype == torch.float32 for tensor in load(half).state_dict().values())


def test_what_float16_cannot_hold_is_kept_in_float32(tmp_path, network):
    tensors = network.state_dict() | {"out.bias": torch.tensor([1e6, 0.0, 0.0])}
    model = save_model(tmp_path, CARD, tensors)
    assert load(model).out.bias[0] == 1e6
    assert load_file(model.path)["out.weight"].dtype == torch.float16


def test_the_card_is_beside_the_weights_and_within_them(tmp_path, network):
    model = save_model(tmp_path, replace(CARD, steps=7), network.state_dict())
    read = model_at(model.path)
    assert read == model and read.card.steps == 7 and len(read.card.sha256) == 64 and read.card.created
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["small.json", "small.safetensors"]


def test_the_bundled_come_first_and_the_broken_are_listed_with_what_is_wrong(bundled, network):
    save_model(bundled, CARD, network.state_dict())
    (bundled / "README.md").write_text("words")
    own = store.user_folder()
    save_model(own, replace(CARD, name="mine"), network.state_dict())
    (own / "torn.json").write_bytes(b"\xff{")
    (own / "torn.safetensors").write_bytes(b"")
    (own / "alone.json").write_text(to_json(replace(CARD, name="alone")), encoding="utf-8")
    (own / "uncarded.safetensors").write_bytes(b"")
    (own / ".pentimento-1.part").write_bytes(b"")
    (own / "table.json").write_text("[1, 2]")
    listed = {model.name: model for model in models()}
    assert list(listed) == ["small", "alone", "mine", "torn", "uncarded"]
    assert [model.bundled for model in listed.values()] == [True, False, False, False, False]
    assert listed["small"].fault == listed["mine"].fault == ""
    assert "torn.json: no model card" in listed["torn"].fault
    assert "alone.safetensors: the weights are missing" in listed["alone"].fault
    assert "uncarded.json: cannot be read" in listed["uncarded"].fault


def test_the_bundled_is_used_unless_the_user_chooses(bundled, network):
    with pytest.raises(UserError, match="no weights for SC-FEGAN"):
        find_model("sc-fegan")
    save_model(bundled, CARD, network.state_dict())
    mine = save_model(store.user_folder(), replace(CARD, name="mine"), network.state_dict())
    assert find_model("sc-fegan").name == "small"
    assert find_model("sc-fegan", "mine").path == mine.path
    use(mine)
    assert find_model("sc-fegan").name == "mine"
    with pytest.raises(UserError, match="no model 'mine' for Scene network; there are none"):
        find_model("scene", "mine")
    store.remove(mine)
    assert find_model("sc-fegan").name == "small" and store.defaults() == {}
    assert not any(store.user_folder().iterdir())


def test_a_broken_choice_is_said_and_not_passed_over(bundled, network):
    save_model(bundled, CARD, network.state_dict())
    mine = save_model(store.user_folder(), replace(CARD, name="mine"), network.state_dict())
    use(mine)
    mine.path.unlink()
    with pytest.raises(UserError, match=r"mine\.safetensors: the weights are missing"):
        find_model("sc-fegan")


@pytest.mark.parametrize("text", ["", "[]", '{"sc-fegan": 3}', "[" * 100_000])
def test_choices_that_cannot_be_read_are_none(bundled, network, text):
    save_model(bundled, CARD, network.state_dict())
    store.data_folder().mkdir()
    (store.data_folder() / "default-models.json").write_text(text)
    assert find_model("sc-fegan").name == "small"


def test_what_comes_with_the_program_stays(bundled, network):
    save_model(bundled, CARD, network.state_dict())
    with pytest.raises(UserError, match="comes with the program"):
        store.remove(models()[0])
    assert find_model("sc-fegan").path.exists()


def test_weights_that_the_card_does_not_name_are_refused(tmp_path, network):
    model = save_model(tmp_path, CARD, network.state_dict())
    data = bytearray(model.path.read_bytes())
    data[-1] ^= 1
    model.path.write_bytes(data)
    assert "small.safetensors" in faulty(model) and "SHA-256" in faulty(model)


def recarded(model, **changed):
    """The model with a card that names the weights as they are now."""
    import hashlib

    card = replace(model.card, sha256=hashlib.sha256(model.path.read_bytes()).hexdigest(), **changed)
    model.path.with_suffix(".json").write_text(to_json(card), encoding="utf-8")
    return model_at(model.path)


@pytest.mark.parametrize("spoil", [
    lambda data: b"",
    lambda data: data[:5],
    lambda data: data[:len(data) // 2],
    lambda data: struct.pack("<Q", 2**60) + data[8:],
    lambda data: struct.pack("<Q", len(data) + 100) + data[8:],
    lambda data: data[:8] + b"\xff" + data[9:],
    lambda data: data[:8] + b"[" * (len(data) - 8),
], ids=["empty", "five bytes", "cut off", "huge header", "header past the end", "no UTF-8", "deep"])
def test_damaged_files_are_refused_even_with_a_fitting_card(tmp_path, network, spoil):
    model = save_model(tmp_path, CARD, network.state_dict())
    model.path.write_bytes(spoil(model.path.read_bytes()))
    assert "small.safetensors: is no safetensors file" in faulty(recarded(model))


def changed(tensors: dict, name: str, tensor: torch.Tensor | None) -> dict:
    return {key: kept for key, kept in (tensors | {name: tensor}).items() if kept is not None}


@pytest.mark.parametrize(("name", "tensor", "words"), [
    ("out.bias", torch.zeros(4), "out.bias is 4, not 3"),
    ("out.bias", None, "out.bias is missing"),
    ("more", torch.zeros(1), "more is too many"),
    ("out.bias", torch.zeros(3, dtype=torch.int32), "out.bias holds torch.int32"),
    ("out.bias", torch.tensor([0, float("nan"), 0]), "out.bias has values that are infinite or no numbers"),
    ("out.bias", torch.tensor([0, float("inf"), 0]), "out.bias has values that are infinite or no numbers"),
])
def test_weights_must_be_the_architectures(tmp_path, network, name, tensor, words):
    model = save_model(tmp_path, CARD, network.state_dict())
    save_file(changed(network.state_dict(), name, tensor), model.path)
    assert words in faulty(recarded(model))


@pytest.mark.parametrize(("config", "words"), [
    ({"width": 5}, "not"), ({"width": 8000}, "not enough of them"), ({"breadth": 4}, "config makes no SC-FEGAN"),
    ({"width": -3}, "config makes no"), ({"width": "wide"}, "config makes no SC-FEGAN"), ({"width": 2.5}, "")])
def test_a_card_that_asks_for_another_network_is_refused_at_once(tmp_path, network, config, words):
    model = save_model(tmp_path, CARD, network.state_dict())
    assert words in faulty(recarded(model, config=config))


def test_weights_that_are_no_numbers_are_not_saved(tmp_path, network):
    with pytest.raises(UserError, match=r"small: .*out\.bias"):
        save_model(tmp_path, CARD, network.state_dict() | {"out.bias": torch.full((3,), float("nan"))})
    assert not list(tmp_path.glob("*.*"))


def test_without_torch_a_plain_line_says_so(tmp_path, network, monkeypatch):
    model = save_model(tmp_path, CARD, network.state_dict())
    monkeypatch.setitem(__import__("sys").modules, "safetensors.torch", None)
    assert "networks need safetensors" in faulty(model)


def test_a_loaded_network_is_kept_until_its_file_changes(tmp_path, network):
    model = save_model(tmp_path, CARD, network.state_dict())
    loaded = LoadedModels()
    first = loaded.get(model)
    assert loaded.get(model_at(model.path)) is first
    again = save_model(tmp_path, CARD, {name: tensor + 1 for name, tensor in network.state_dict().items()})
    assert loaded.get(again) is not first
    again.path.write_bytes(b"")
    with pytest.raises(UserError):
        loaded.get(again)


def test_when_memory_is_short_the_longest_unused_goes(tmp_path, network):
    kept = [save_model(tmp_path, replace(CARD, name=name), network.state_dict()) for name in "abc"]
    size = sum(tensor.nbytes for tensor in network.state_dict().values())
    loaded = LoadedModels(budget=2 * size + 100)
    a, b = loaded.get(kept[0]), loaded.get(kept[1])
    assert loaded.get(kept[0]) is a
    loaded.get(kept[2])
    assert loaded.get(kept[0]) is a
    assert loaded.get(kept[1]) is not b
    tight = LoadedModels(budget=1)
    assert tight.get(kept[0]) is tight.get(kept[0]), "the one in use is kept however large"


def test_two_threads_load_once(tmp_path, network, monkeypatch):
    model = save_model(tmp_path, CARD, network.state_dict())
    loads = []
    monkeypatch.setattr(store, "load", lambda *given, load=load: loads.append(given) or load(*given))
    loaded, got = LoadedModels(), []
    threads = [threading.Thread(target=lambda: got.append(loaded.get(model))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1 and len(set(map(id, got))) == 1


def test_a_folder_that_cannot_be_made_is_said(tmp_path, network):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        save_model(tmp_path / "file" / "folder", CARD, network.state_dict())


def test_the_metadata_is_json_of_the_card(tmp_path, network):
    from safetensors import safe_open

    model = save_model(tmp_path, CARD, network.state_dict())
    with safe_open(model.path, "pt") as file:
        within = json.loads(file.metadata()[store.CARD_KEY])
    assert within["network"] == "sc-fegan" and within["config"] == {"width": WIDTH}
