"""A batch at work: one photograph at a time, in bounded memory; what fails is said and the rest are done."""

import errno
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from editor.batch.manifest import Entry, Manifest, stamp_of
from editor.batch.order import Order, Task, numbered
from editor.engines.contract import Cancelled, Progress, no_progress
from editor.errors import UserError

if TYPE_CHECKING:
    from editor.storage.photos import Decoder

log = logging.getLogger(__name__)

_LEAST_SHARE, _LEAST_SECONDS = 0.02, 3.0  # done, before anything is said of the time left
_FULL = (errno.ENOSPC, errno.EDQUOT)
_POLL = 0.05  # seconds between two looks while it is paused


class DiskFull(UserError):
    """Every further photograph would fail as well, after all its work."""


class Pause:
    """Holds a batch still; may be used from any thread."""

    def __init__(self) -> None:
        self._let = threading.Event()
        self._let.set()
        self.waited = 0.0  # seconds so far

    def hold(self, held: bool) -> None:
        (self._let.clear if held else self._let.set)()

    def __call__(self, look: Callable[[], None]) -> None:
        """Return when it is not held; ``look`` is called meanwhile, and may raise."""
        begun = time.monotonic()
        while not self._let.wait(_POLL):
            look()
        self.waited += time.monotonic() - begun


@dataclass(frozen=True)
class State:
    """Where a batch is."""

    number: int  # of the task at work, from 0
    share: float  # of that task, 0..1
    words: str
    whole: float  # of the batch, 0..1
    left: float | None  # seconds, as far as they can be told


def run(tasks: Sequence[Task], order: Order, *, decoder: "Decoder", manifest: Manifest | None = None,
        resume: bool = False, pictured: bool = False, pause: Pause | None = None,
        tell: Callable[[State], None] = lambda state: None, progress: Progress = no_progress) -> Iterator[Entry]:
    """Restore one task after the other, and yield what came of each. With ``resume``, what ``manifest`` knows to be
    done is taken over as it is.

    pictured: with thumbnails of before and after. tell: told where it is, some ten times a second. Holds one
    photograph at a time. Raises DiskFull, and Cancelled through ``progress``, which is called all the time; what was
    yielded until then is on disk.
    """
    pause = pause or Pause()
    weights = [max(1, stamp_of(task.photo)[0]) for task in tasks]
    entries: list[Entry | None] = [manifest.finished(task, order) if resume and manifest else None for task in tasks]
    todo = sum(weight for weight, entry in zip(weights, entries, strict=True) if entry is None)
    done, begun = 0, time.monotonic()
    outs = {task.out for task in tasks}
    originals = {_identity(task.photo) for task in tasks} - {None}
    for number, (task, weight) in enumerate(zip(tasks, weights, strict=True)):
        if entries[number] is None:
            watch = _Watch(number, weight, done, todo, begun, pause, tell, progress)
            entries[number] = entry = _attempt(task, order, decoder, outs - {task.out}, originals, pictured, watch)
            done += weight
            if manifest is not None:
                manifest.add(entry)
        yield entries[number]
        entries[number] = None  # its thumbnails are the caller's now


@dataclass
class _Watch:
    """Progress of one task as progress of the batch."""

    number: int
    weight: int
    done: int
    todo: int
    begun: float
    pause: Pause
    tell: Callable[[State], None]
    progress: Progress
    last: float = 0.0

    def __call__(self, share: float, words: str) -> None:
        whole = (self.done + self.weight * share) / max(1, self.todo)
        self.progress(whole, words)
        self.pause(lambda: self.progress(whole, words))
        now = time.monotonic()
        if now - self.last > 0.1:
            self.last = now
            self.tell(State(self.number, share, words, whole, time_left(now - self.begun - self.pause.waited, whole)))


def time_left(spent: float, share: float) -> float | None:
    """Seconds, from those spent on a share of the work; None before that says anything."""
    if share < _LEAST_SHARE or spent < _LEAST_SECONDS:
        return None
    return spent * (1 - share) / share


def _attempt(task: Task, order: Order, decoder: "Decoder", taken: Collection[Path], originals: Collection[tuple],
             pictured: bool, progress: Progress) -> Entry:
    """One photograph; what goes wrong with it is in the entry."""
    stamp, begun = stamp_of(task.photo), time.perf_counter()
    try:
        entry = restore_file(task, order, decoder=decoder, taken=taken, originals=originals, pictured=pictured,
                             progress=progress)
    except (UserError, OSError, MemoryError) as error:
        if _cause(error) in _FULL:
            raise DiskFull(f"{error}: the rest is not begun; resume when there is room") from error
        words = str(error) if isinstance(error, UserError) else _said(error)
        entry = Entry(str(task.photo), error=" ".join(words.split()))
    except Cancelled:
        raise
    except Exception as error:  # a defect, of a library's maybe, but the other photographs are not to blame
        log.exception("%s failed", task.photo)
        entry = Entry(str(task.photo), error=f"{task.photo}: {type(error).__name__}: {' '.join(str(error).split())}")
    return replace(entry, stamp=stamp, order=order.digest(), seconds=time.perf_counter() - begun)


def _cause(error: BaseException) -> int | None:
    """The number of the system's error that is behind it; None where there is none."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, OSError):
            return error.errno
        seen.add(id(error))
        error = error.__context__ if error.__cause__ in (None, error) else error.__cause__
    return None


def _said(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory for this photo"
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)


def restore_file(task: Task, order: Order, *, decoder: "Decoder", taken: Collection[Path] = (),
                 originals: Collection[tuple] = (), pictured: bool = False, progress: Progress = no_progress) -> Entry:
    """Read, restore and write one photograph, whole or not at all; each of several, where its scan is split.

    taken: names that are not to be used for those. originals: files (device, inode) that must not be written over.
    Raises UserError and Cancelled.
    """
    from editor.batch.thumbnails import thumbnail
    from editor.restoration.restoring import TITLES, restore
    from editor.storage.export import ExportOptions, export_photo, format_of

    format_of(task.out)  # refuses what cannot be written before any work is done
    _protect([task.out], originals)
    progress(0.0, "Reading")
    photo = decoder.read(task.photo, progress=lambda share, words: progress(0.05 * share, words))
    profile = photo.profile
    before = thumbnail(photo.pixels, profile) if pictured else b""
    made = list(restore(photo.pixels, order.steps, profile=profile, device=order.device,
                        progress=lambda share, words: progress(0.05 + 0.85 * share, words)))
    outs = [task.out] if len(made) == 1 else numbered(task.out, len(made), taken)
    _protect(outs, originals)
    after, notes = [], list(photo.notices)
    for number, (out, restored) in enumerate(zip(outs, made, strict=True)):
        low = 0.9 + 0.1 * number / len(outs)

        def watch(share: float, words: str, low: float = low) -> None:
            progress(low + 0.1 / len(outs) * share, words)

        notes += [*restored.notes, *export_photo(photo, restored.pixels, out, ExportOptions(quality=order.quality),
                                                 progress=watch)]
        if pictured:
            after.append(thumbnail(restored.pixels, profile))
    words = [f"{TITLES[done.step]}: {done.words}" if done.words else TITLES[done.step]
             for restored in made for done in restored.done]
    return Entry(str(task.photo), tuple(map(str, outs)), tuple(stamp_of(out)[0] for out in outs),
                 words=tuple(dict.fromkeys(words)), notes=tuple(dict.fromkeys(notes)), before=before,
                 after=tuple(after))


def _protect(outs: Sequence[Path], originals: Collection[tuple]) -> None:
    for out in outs:
        if _identity(out) in originals:
            raise UserError(f"{out} is one of the photos, which are never replaced: choose another folder")
        if out.is_dir():
            raise UserError(f"{out} is a folder")


def _identity(path: Path) -> tuple[int, int] | None:
    """The same for the same file, by whatever name or link; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
