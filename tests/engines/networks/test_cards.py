"""What is written down of a network's weights, and what is refused as a card."""

import json

import pytest

from editor.engines.networks.cards import Card, from_json, plain_name, read_card, to_json
from editor.errors import UserError

CARD = Card("faces-1", "Faces, äöü", "sc-fegan", {"width": 24, "gated": True, "steps": [1, 2, 4]}, data="faces",
            licence="CC BY", command="pentimento train …", commit="0123abc", steps=100, seconds=12.5, device="2 cores",
            held_out={"PSNR": 24.5, "eyes": {"PSNR": 22}}, sha256="ab" * 32, bytes=12345, created="2026-01-02",
            parent="faces", notes="none")


def test_a_card_is_written_and_read():
    assert from_json(to_json(CARD), "x.json") == CARD


def test_little_must_be_known_and_more_than_we_know_is_no_harm():
    assert from_json('{"name": "a", "title": "A", "network": "scene", "colour": 1}', "x") == Card("a", "A", "scene")


@pytest.mark.parametrize("text", [
    b"", b"\xff\xfe\0", b"[" * 100_000, b'"words"', b"[]", b"{}", b'{"name": "a"}', b" " * 300_000,
    rb'{"name": "a", "title": "\ud800", "network": "scene"}',
    b'{"name": "a", "title": "A", "network": "scene", "seconds": NaN}'])
def test_what_is_no_card_is_refused_by_its_files_name(text):
    with pytest.raises(UserError, match=r"^bad\.json: no model card"):
        from_json(text, "bad.json")


@pytest.mark.parametrize(("name", "wrong"), [
    ("name", "../x"), ("name", "a/b"), ("name", ".hidden"), ("name", "a\nb"), ("name", ""), ("name", "a" * 81),
    ("name", "a\\b"), ("name", "a\0"), ("name", 3), ("name", "a."),
    ("network", "resnet"), ("network", ["scene"]), ("config", [1]), ("config", {"width": 10**9}),
    ("config", {"width": {"a": 1}}), ("config", {"width": None}), ("config", {"width": 1e400}), ("steps", -1),
    ("steps", 1.5), ("steps", True), ("seconds", "12"), ("held_out", {"a": [1]}), ("held_out", {"a": {"b": {"c": {
        "d": {"e": 1}}}}}), ("sha256", "AB" * 32), ("sha256", "short"), ("bytes", 2**70), ("notes", None)])
def test_one_wrong_value_is_named(name, wrong):
    stored = json.loads(to_json(CARD)) | {name: wrong}
    with pytest.raises(UserError, match=rf"^x\.json: the model card is wrong: {name}: "):
        from_json(json.dumps(stored).replace("Infinity", "1e400"), "x.json")


def test_a_card_belongs_to_the_file_of_its_name(tmp_path):
    (tmp_path / "other.json").write_text(to_json(CARD), encoding="utf-8")
    with pytest.raises(UserError, match=r"other\.json.*faces-1"):
        read_card(tmp_path / "other.json")
    with pytest.raises(UserError, match=r"none\.json: cannot be read"):
        read_card(tmp_path / "none.json")


@pytest.mark.parametrize(("text", "name"), [
    ("EdgeModel_gen", "EdgeModel_gen"), ("../x", "x"), ("a/b:c", "a-b-c"), (" my face (2) ", "my face (2)"),
    ("...", "model"),
    ("x" * 200, "x" * 80), ("", "model")])
def test_any_text_makes_a_plain_name(text, name):
    assert plain_name(text) == name
    assert from_json(json.dumps({"name": name, "title": "", "network": "scene"}), "x").name == name
