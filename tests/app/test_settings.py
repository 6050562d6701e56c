"""What is remembered between runs."""

import json
import os
from pathlib import Path

import pytest

from editor.app import settings as settings_file
from editor.app.settings import Settings, load, save, with_recent
from editor.errors import UserError
from editor.raster.brush import Brush

FULL = Settings(
    overlay_colour=(1, 2, 3), overlay_opacity=0.25, ground=90, brushes={"mask-brush": Brush(size=120.5, hardness=0.1)},
    history_budget=512, recent=(Path("/photos/a b.jpg"), Path("/photos/ü.tif")), geometry=b"\0\xff", layout=b"state",
    export={"quality": 80, "keep_metadata": False}, engine="telea", engine_settings={"telea": {"radius": 9}},
    variants=4, device="cuda:1", brush_presets={"Whiskers": Brush(size=2, flow=0.3, smoothing=12.5, size_curve=1.5)},
    tool_options={"wand": {"tolerance": 40, "contiguous": False}},
    recent_colours=((1, 2, 3), (255, 0, 9)), shortcuts={"fill": ("F2", "Ctrl+F"), "undo": ()})


def test_all_that_is_saved_comes_back():
    save(FULL)
    assert load() == FULL


def test_without_a_file_there_are_defaults():
    assert load() == Settings()


@pytest.mark.parametrize("text", ["", "[1, 2", "[]", "null", '"words"', "\x00\xff", "{}"])
def test_a_file_that_is_no_settings_gives_defaults(tmp_path, text):
    path = tmp_path / "settings.json"
    path.write_bytes(text.encode("latin-1"))
    assert load(path) == Settings()


@pytest.mark.parametrize(("name", "wrong"), [
    ("overlay_colour", [1, 2]), ("overlay_colour", [1, 2, 300]), ("overlay_colour", "red"), ("overlay_opacity", 1.5),
    ("overlay_opacity", "0.5"), ("overlay_opacity", float("nan")), ("ground", float("inf")), ("ground", -1),
    ("brushes", [1]), ("brushes", {"mask-brush": {"size": -3}}),
    ("brushes", {"mask-brush": {"flow": "0.5"}}), ("brush_presets", {"": {}}), ("brush_presets", {"Ink": [3]}),
    ("recent_colours", [[1, 2]]), ("recent_colours", 5), ("recent_colours", [[1, 2, 256]]),
    ("history_budget", True), ("history_budget", 0),
    ("recent", [1]), ("recent", 7), ("geometry", "not base64!"), ("geometry", 5), ("export", []), ("engine", ""),
    ("tool_options", {"wand": 5}), ("tool_options", [3]),
    ("engine", None), ("engine_settings", {"telea": 1}), ("variants", 99), ("device", "toaster"),
    ("device", 1), ("shortcuts", ["Ctrl+F"]), ("shortcuts", 7), ("shortcuts", {"": ["F2"]})])
def test_one_wrong_value_costs_only_itself(tmp_path, name, wrong):
    path = tmp_path / "settings.json"
    save(FULL, path)
    stored = json.loads(path.read_text())
    path.write_text(json.dumps({**stored, name: wrong, "unknown": 1}))
    read = load(path)
    assert getattr(read, name) == getattr(Settings(), name)
    kept = "variants" if name != "variants" else "engine"
    assert getattr(read, kept) == getattr(FULL, kept)


def test_one_bad_brush_costs_only_itself_and_what_it_does_not_say_is_as_usual(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"brush_presets": {"old": {"size": 12, "hardness": 0.5, "shape": "star"},
                                                  "bad": {"size": 12, "pressure_size": 1}}}))
    assert load(path).brush_presets == {"old": Brush(size=12, hardness=0.5)}


def test_recent_files_are_unique_latest_first_and_limited():
    settings = Settings()
    for number in range(20):
        settings = with_recent(settings, Path(f"/photos/{number}.jpg"))
    settings = with_recent(settings, Path("/photos/12.jpg"))
    assert len(settings.recent) == settings_file.MAX_RECENT
    assert [path.stem for path in settings.recent[:3]] == ["12", "19", "18"]


def test_a_folder_that_cannot_be_made_is_said_and_leaves_what_was_there(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("PENTIMENTO_CONFIG", str(tmp_path / "file" / "folder"))
    with pytest.raises(UserError, match="settings.json"):
        save(FULL)
    assert os.listdir(tmp_path) == ["file"]


def test_of_the_keys_only_those_that_are_no_words_are_lost(tmp_path):
    path = tmp_path / "settings.json"
    stored = {"fill": ["F2"], "undo": "Ctrl+Z", "redo": [3], "open": [""], "save": []}
    path.write_text(json.dumps({"shortcuts": stored}))
    assert load(path).shortcuts == {"fill": ("F2",), "save": ()}
