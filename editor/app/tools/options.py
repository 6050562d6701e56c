"""Tools' options as data: a frozen dataclass says what there is; controls and the remembered settings follow from it.

Fields carry the metadata that engines' settings do: "title", "help", "unit", "min", "max", "choices", "slider".
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from editor.engines.registry import value_of
from editor.errors import UserError


@dataclass(frozen=True)
class Action:
    """A button among a tool's options. A tool that has ``actions`` emits ``actions_changed`` when it is busy or not."""

    name: str  # the tool's method that carries it out
    title: str
    help: str
    while_busy: bool = False  # it can be pressed only while the tool is at work


class OptionTool(QObject):
    """A tool with ``Options``; ``options`` are the present ones."""

    options_changed = Signal()

    Options: type

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self.options = self.Options()

    def set_options(self, **changes: Any) -> None:
        """Change some; an unknown name is a mistake in the program."""
        options = replace(self.options, **changes)
        if options != self.options:
            self.options = options
            self.options_changed.emit()


def fitting(kind: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the remembered values that an options class takes."""
    known = {field.name: field for field in fields(kind)}
    found = {}
    for name in known.keys() & given.keys():
        try:
            found[name] = value_of(known[name], given[name], name)
        except UserError:
            continue
    return found


def differing(options: Any) -> dict[str, Any]:
    """What differs from the defaults, to be remembered."""
    return {field.name: value for field in fields(options)
            if (value := getattr(options, field.name)) != field.default}
