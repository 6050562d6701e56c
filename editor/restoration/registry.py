"""Which filters there are: every module or package of this room that has a tuple ``FILTERS``."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import Field
from functools import cache
from typing import Any

import editor.restoration
from editor.engines import registry
from editor.errors import UserError
from editor.restoration.contract import Filter


@cache
def filters() -> tuple[Filter, ...]:
    """All of them: by their ``order`` where they have one, then by name."""
    found: list[Filter] = []
    for module in pkgutil.iter_modules(editor.restoration.__path__):
        found += getattr(importlib.import_module(f"editor.restoration.{module.name}"), "FILTERS", ())
    return tuple(sorted(found, key=lambda filter: (getattr(filter, "order", 100), filter.name)))


def find(name: str) -> Filter:
    """The filter called ``name``; UserError where there is none."""
    for filter in filters():
        if filter.name == name:
            return filter
    raise UserError(f"there is no filter called {name!r}; there are {', '.join(f.name for f in filters())}")


def settings_fields(filter: Filter) -> tuple[Field, ...]:
    """The filter's settings, for building controls: see engines.registry.settings_fields."""
    return registry.settings_fields(filter)


def settings_from(filter: Filter, given: Mapping[str, Any]) -> Any:
    """The filter's settings with ``given`` values, which may be text ("5", "yes"); UserError for what does not fit."""
    return registry.settings_from(filter, given, "filter")
