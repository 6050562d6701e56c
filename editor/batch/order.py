"""What is wanted of a batch, and of each photograph in it."""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from editor.errors import UserError
from editor.restoration.restoring import Steps

_FORM = 1  # of what a digest is made from


@dataclass(frozen=True)
class Order:
    """The same for all photographs."""

    steps: Steps
    suffix: str = ""  # of the format to write, ".tif"; "" keeps the photo's own, or is PNG where that cannot be written
    quality: int | None = None  # of a lossy format; None: a JPEG's own
    device: str = "auto"

    def digest(self) -> str:
        """The same for orders that make the same of a photograph."""
        said = {"form": _FORM, "steps": asdict(self.steps), "suffix": self.suffix, "quality": self.quality}
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Task:
    """One photograph, and where it goes."""

    photo: Path
    out: Path  # several photographs on one scan are numbered: out-1, out-2, …


def known_suffixes() -> frozenset[str]:
    """The endings of names that are photographs'."""
    from editor.storage.export import formats

    return frozenset(extension for kind in formats() for extension in kind.extensions)


def photos_in(places: Iterable[Path]) -> list[Path]:
    """Files as they are, and of folders the files that are photographs by their names, in order; each once. Raises
    UserError for what is not there."""
    known, found = known_suffixes(), {}
    for place in places:
        try:
            inside = sorted(place.iterdir()) if place.is_dir() else None
        except OSError as error:
            raise UserError(f"{place}: cannot be read: {error.strerror or error}") from error
        if inside is None:
            inside = [place]
        else:
            inside = [path for path in inside if path.suffix.lower() in known and not path.name.startswith(".")]
        found.update((os.path.abspath(path), path) for path in inside)
    return list(found.values())


def planned(photos: Sequence[Path], folder: Path, suffix: str = "") -> list[Task]:
    """Where each photo goes in ``folder``: under its own name, where no two would be the same and none is a photo.

    Of those that would share a name, each says what kind of file it was: scan-jpg.png and scan-tif.png. A photo that
    lies in ``folder`` itself goes beside it: scan-restored.png.
    """
    names = [_name(photo, suffix) for photo in photos]
    many = {name for name in names if names.count(name) > 1}
    originals = {os.path.realpath(photo) for photo in photos}
    taken: set[str] = set()
    tasks = []
    for photo, name in zip(photos, names, strict=True):
        stem, ending = os.path.splitext(name)
        if name in many:
            stem = f"{stem}-{photo.suffix.lstrip('.').lower()}"
        tries, number = [stem, f"{stem}-restored"], 2
        while tries[0] + ending in taken or os.path.realpath(folder / (tries[0] + ending)) in originals:
            tries = tries[1:] or [f"{stem}-restored-{(number := number + 1)}"]
        taken.add(tries[0] + ending)
        tasks.append(Task(photo, folder / (tries[0] + ending)))
    return tasks


def numbered(out: Path, count: int, taken: Iterable[Path] = ()) -> list[Path]:
    """Names for several photographs out of one scan, none of them in ``taken``."""
    between, taken = "-", set(taken)
    while True:
        names = [out.with_name(f"{out.stem}{between}{number + 1}{out.suffix}") for number in range(count)]
        if taken.isdisjoint(names):
            return names
        between += "-"


def _name(photo: Path, suffix: str) -> str:
    """The photo's name with another ending, or with that of PNG where its own format cannot be written."""
    from editor.storage.export import formats

    writable = any(kind.writable and photo.suffix.lower() in kind.extensions for kind in formats())
    return photo.stem + suffix if suffix else photo.name if writable else f"{photo.stem}.png"
