"""What the commands have in common in reading their arguments."""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from editor.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from editor.document.photo import Photo
    from editor.engines.filling import Reader
    from editor.raster.surface import Box


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


def out_file(photo: Path, output: Path) -> Path:
    """What is written for a single photo: ``output``, or the photo's name in it where it is a folder. UserError where
    its folder is not there."""
    out = output / photo.name if output.is_dir() else output
    if not out.parent.is_dir():
        raise UserError(f"{out.parent}: there is no such folder to write to")
    return out


def protect(outs: Iterable[Path], read: Iterable[Path | None]) -> None:
    """Refuse to write over what is read, also by another name, link or case of letters."""
    read = [path for path in read if path is not None and path.exists()]
    for out in outs:
        for path in read:
            if out.exists() and os.path.samefile(out, path):
                raise UserError(f"{out} is {path} itself, which is never replaced: choose another OUT")
        if out.is_dir():
            raise UserError(f"{out} is a folder")


def photo_reader(photo: "Photo") -> "Reader":
    """The colours of any part of the photo, grey three times."""
    import numpy as np

    def read(box: "Box") -> "np.ndarray":
        part = photo.pixels[box.slices]
        return np.repeat(part[..., :1], 3, axis=2) if photo.is_grey else part[..., :3]

    return read
