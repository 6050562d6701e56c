"""Finding engines and reading their settings."""

import sys
import types
from dataclasses import dataclass

import pytest

import editor.engines
from editor.engines.contract import Finish
from editor.engines.registry import all_engines, describe, engines, find, settings_fields, settings_from
from editor.errors import UserError


def test_the_engines_of_this_room_are_found_automatic_first():
    names = [engine.name for engine in engines()]
    assert names[0] == "auto"
    assert {"telea", "ns", "biharmonic"} <= set(names) and len(set(names)) == len(names)


def test_adding_an_engine_is_adding_a_module(tmp_path, monkeypatch):
    (tmp_path / "sparkle.py").write_text(
        "class Sparkle:\n    name = 'sparkle'\n    title = 'Sparkle'\nENGINES = (Sparkle(),)\n")
    monkeypatch.setattr(editor.engines, "__path__", [*editor.engines.__path__, str(tmp_path)])
    all_engines.cache_clear()
    try:
        assert find("sparkle").title == "Sparkle"
    finally:
        all_engines.cache_clear()
        sys.modules.pop("editor.engines.sparkle", None)
        vars(editor.engines).pop("sparkle", None)


def test_an_unknown_engine_is_answered_with_those_there_are():
    with pytest.raises(UserError, match="telea"):
        find("tlea")


def test_settings_are_read_from_text():
    settings = settings_from(find("telea"), {"radius": "7", "grain": "0.5"})
    assert (settings.radius, settings.grain) == (7, 0.5)


@pytest.mark.parametrize("given, words", [
    ({"radius": "0"}, "between 1 and 64"), ({"radius": "five"}, "whole number"), ({"grain": "nan"}, "between"),
    ({"radios": "3"}, "radius"), ({"radius": "2.5"}, "whole number"),
])
def test_settings_that_do_not_fit_are_refused_in_words(given, words):
    with pytest.raises(UserError, match=words):
        settings_from(find("telea"), given)


def test_switches_are_yes_or_no():
    @dataclass(frozen=True)
    class Settings:
        fast: bool = True

    engine = types.SimpleNamespace(name="quick", Settings=Settings)
    assert settings_from(engine, {"fast": "yes"}).fast is True
    assert settings_from(engine, {"fast": "Off"}).fast is False
    with pytest.raises(UserError, match="yes or no"):
        settings_from(engine, {"fast": "perhaps"})


@pytest.mark.parametrize("engine", all_engines(), ids=lambda engine: engine.name)
def test_every_engine_describes_itself(engine):
    described = describe(engine)
    assert set(described) == {"name", "title", "uses", "settings", "card"}
    assert described["card"] and issubclass(engine.Settings, Finish)
    for field in settings_fields(engine):
        assert field.metadata["help"]
        if "choices" in field.metadata:
            assert field.default in field.metadata["choices"]
        elif field.type is not bool:
            assert field.metadata["min"] <= field.default <= field.metadata["max"]
