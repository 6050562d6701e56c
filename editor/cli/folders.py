"""Commands over whole folders: what fails is reported, and the rest are done."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from editor.cli.inputs import pictures
from editor.cli.progress import Bar
from editor.cli.run import fail
from editor.errors import UserError


def make_folder(folder: Path, photos: Sequence[Path], output: Path) -> None:
    """Make the folder ``output`` for what comes of the ``photos`` of a folder, where it is not there. Raises UserError
    where there is no photo, or nowhere to write to."""
    if not photos:
        raise UserError(f"{folder}: there is no photo in this folder")
    if output.exists() and not output.is_dir():
        raise UserError(f"{output} is a file: with a folder of photos, OUT is a folder")
    if output.is_dir() and os.path.samefile(output, folder):
        raise UserError(f"{output} is the folder of the photos, which are never replaced: choose another OUT")
    output.mkdir(parents=True, exist_ok=True)


def each_photo(folder: Path, output: Path, bar: Bar, do: Callable[[Path], None], done: str) -> int:
    """``do`` with every photo of ``folder``, into the folder ``output``, which is made; the exit status. ``done``: what
    a photo could not be, where it failed. Raises UserError where there is no photo, or nowhere to write to."""
    photos = pictures(folder)
    make_folder(folder, photos, output)
    failed = 0
    for number, photo in enumerate(photos, start=1):
        bar.title = f"{number}/{len(photos)} {photo.name}"
        try:
            do(photo)
        except (UserError, OSError, MemoryError) as error:
            bar.clear()
            failed += 1
            what = error if isinstance(error, UserError) or not error.args else error.args[-1]
            print("error:", f"{photo.name}: " * (str(photo) not in str(what)) + " ".join(str(what).split()),
                  file=sys.stderr)
    if failed:
        bar.clear()
        return fail(f"{failed} of {len(photos)} photos could not be {done}")
    return 0
