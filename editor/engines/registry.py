"""Which engines there are: every module or package of this room that has a tuple ``ENGINES``."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any

import editor.engines
from editor.engines.contract import Engine
from editor.errors import UserError


def engines() -> tuple[Engine, ...]:
    """The engines that can be used just now: by their ``order`` where they have one, then by name."""
    return tuple(engine for engine in all_engines() if getattr(engine, "available", True))


@cache
def all_engines() -> tuple[Engine, ...]:
    """Those too that cannot be used yet."""
    found: list[Engine] = []
    for module in pkgutil.iter_modules(editor.engines.__path__):
        found += getattr(importlib.import_module(f"editor.engines.{module.name}"), "ENGINES", ())
    return tuple(sorted(found, key=lambda engine: (getattr(engine, "order", 100), engine.name)))


def find(name: str) -> Engine:
    """The engine called ``name``; UserError where there is none, or where it cannot be used."""
    for engine in all_engines():
        if engine.name == name and getattr(engine, "available", True):
            return engine
        if engine.name == name:
            raise UserError(f"engine {name} cannot be used here: {engine.card}")
    raise UserError(f"there is no engine called {name!r}; there are {', '.join(e.name for e in engines())}")


def settings_fields(engine: Engine) -> tuple[Field, ...]:
    """The engine's settings, for building controls: name, type and default of each, and in its metadata what is there
    of "title", "help", "unit", "min", "max" and "choices"; its own first, what all have in common last."""
    common = {field.name for base in engine.Settings.__mro__[1:-1] for field in fields(base)}
    return tuple(sorted(fields(engine.Settings), key=lambda field: field.name in common))


def settings_from(engine: Engine, given: Mapping[str, Any], kind: str = "engine") -> Any:
    """The engine's settings with ``given`` values, which may be text ("5", "yes"); UserError for what does not fit.

    kind: what else has such settings, as errors call it.
    """
    known = {field.name: field for field in settings_fields(engine)}
    values = {}
    for name, value in given.items():
        if name not in known:
            raise UserError(f"{kind} {engine.name} has no setting {name!r}; it has {', '.join(known)}")
        values[name] = value_of(known[name], value, f"setting {name} of {kind} {engine.name}")
    return engine.Settings(**values)


def value_of(field: Field, value: Any, what: str) -> Any:
    """A value for a declared setting, which may be text; UserError, which calls it ``what``, where it does not fit."""
    if field.type is bool:
        word = str(value).lower()
        if word not in ("1", "yes", "true", "on", "0", "no", "false", "off"):
            raise UserError(f"{what} is yes or no, not {value!r}")
        return word in ("1", "yes", "true", "on")
    try:
        value = field.type(value)
    except (TypeError, ValueError):
        kind = {int: "a whole number", float: "a number"}.get(field.type, field.type.__name__)
        raise UserError(f"{what} is {kind}, not {value!r}") from None
    if "choices" in field.metadata and value not in field.metadata["choices"]:
        raise UserError(f"{what} is one of {', '.join(map(str, field.metadata['choices']))}, not {value!r}")
    low, high = field.metadata.get("min"), field.metadata.get("max")
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        raise UserError(f"{what} lies between {low} and {high}, not at {value}")
    return value


def describe(engine: Engine) -> dict[str, Any]:
    """What there is to know of an engine, as plain values: name, title, uses, settings, card."""
    settings = [{"name": field.name, "type": field.type.__name__,
                 "default": None if field.default is MISSING else field.default, **field.metadata}
                for field in settings_fields(engine)]
    return {"name": engine.name, "title": engine.title, "uses": sorted(engine.uses), "settings": settings,
            "card": engine.card}
