"""What the commands have in common in reading their arguments."""

import argparse
from pathlib import Path

from editor.errors import UserError


def whole(what: str, low: int, high: int):
    """A type for argparse: a whole number from ``low`` to ``high``."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{what} is a whole number from {low} to {high}, not {text!r}")
        return value

    return parse


def pair(text: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE; raises UserError where there is no such thing."""
    name, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"a setting is given as NAME=VALUE, not {text!r}")
    return name.strip(), value.strip()


def pictures(folder: Path) -> list[Path]:
    """The files of a folder that are pictures by their names, in order."""
    from editor.storage.export import formats

    known = {extension for kind in formats() for extension in kind.extensions}
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in known and not path.name.startswith("."))
