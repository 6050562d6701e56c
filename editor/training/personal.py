"""A network that learns from the user's own photos, in a process of its own: what is wanted, and what is unfinished.

The process (``personal_child``) has its own memory, gives way to the window, and cannot take it along. All that it
leaves is in the folder NAME.training of the user's models: what was wanted, and the last checkpoint; the folder goes
when the model is there. This module is the window's side: it loads no torch.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import editor
from editor.atomic import reason, write_bytes
from editor.engines.contract import Progress
from editor.engines.networks import store
from editor.engines.networks.adding import free_name
from editor.errors import UserError
from editor.storage.session_folder import is_live

NETWORKS = ("sc-fegan", "scene")
"""Those that can learn from a user's photos."""

SUFFIX = ".training"
CHECKPOINT, LOG, SHEET = "checkpoint.pt", "log", "sheet.png"
_WISH = "wish.json"


@dataclass(frozen=True)
class Wish:
    """What a network is to learn from."""

    network: str
    parent: str  # name of the model that it starts from
    photos: str  # the folder
    title: str
    minutes: float
    device: str = "auto"
    name: str = ""  # of the model to be; ``begin`` finds one

    @property
    def folder(self) -> Path:
        """Of what is left on the way."""
        return store.user_folder() / f"{self.name}{SUFFIX}"


def begin(network: str, parent: str, photos: Path, title: str, minutes: float, device: str = "auto") -> Wish:
    """Keep on disk what is wanted. Raises UserError where the disk refuses."""
    wish = Wish(network, parent, str(photos), title, minutes, device, free_name(title))
    try:
        wish.folder.mkdir(parents=True)
    except OSError as error:
        raise UserError(f"{wish.folder}: cannot be made: {reason(error)}") from error
    write_bytes(wish.folder / _WISH, json.dumps(asdict(wish), ensure_ascii=False).encode())
    return wish


def read(folder: Path) -> Wish:
    """What was wanted of a folder. Raises UserError for one that says nothing of the kind."""
    try:
        stored = json.loads((folder / _WISH).read_bytes())
        wish = Wish(**{each.name: each.type(stored[each.name]) for each in fields(Wish)})
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise UserError(f"{folder}: does not say what was to be learned") from error
    if wish.folder != folder or wish.network not in NETWORKS:
        raise UserError(f"{folder}: says something else than what was to be learned")
    return wish


def unfinished() -> tuple[Wish, ...]:
    """What was begun, neither finished nor thrown away, and is not going on; the latest first."""
    found = []
    for folder in store.user_folder().glob(f"*{SUFFIX}"):
        with contextlib.suppress(UserError, OSError):
            if not is_live(folder):
                found.append((folder.stat().st_mtime, read(folder)))
    return tuple(wish for _, wish in sorted(found, key=lambda one: -one[0]))


def begun(wish: Wish) -> bool:
    """Whether there is a checkpoint to go on from."""
    return (wish.folder / CHECKPOINT).exists()


def discard(wish: Wish) -> None:
    """Throw away what is unfinished; what cannot be deleted stays."""
    shutil.rmtree(wish.folder, ignore_errors=True)


class Run:
    """A training under way. ``follow`` is for a background thread, all else for any."""

    def __init__(self, wish: Wish):
        self.wish = wish
        self.learning = False  # whether there is something to make a model of
        room = Path(editor.__file__).parent.parent
        search = os.pathsep.join(filter(None, (str(room), os.environ.get("PYTHONPATH"))))
        try:
            with open(wish.folder / LOG, "wb") as log:
                self._child = subprocess.Popen(
                    [sys.executable, "-P", "-m", "editor.training.personal_child", str(wish.folder)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env={**os.environ, "PYTHONPATH": search})
        except OSError as error:
            raise UserError(f"the training cannot be started: {reason(error)}") from error

    def follow(self, progress: Progress) -> Iterator[str | store.Model]:
        """Notes for the user, and the model, if it comes to that. Raises UserError for what went wrong."""
        try:
            for line in self._child.stdout:
                told = json.loads(line)
                if "error" in told:
                    raise UserError(told["error"])
                if "note" in told:
                    yield told["note"]
                elif "model" in told:
                    yield store.model_at(Path(told["model"]))
                elif "learning" in told:
                    self.learning = True
                else:
                    progress(told["share"], told["words"])
            if code := self._child.wait():
                kept = "; what it had learned until its last checkpoint is kept" if begun(self.wish) else ""
                raise UserError(f"the training ended by itself ({self._last_words(code)}){kept}")
        finally:
            self.stop()
            self._child.stdout.close()

    def pause(self, paused: bool) -> None:
        self._tell("pause" if paused else "go")

    def keep(self) -> None:
        """Let the step under way be the last, and make a model of what there is."""
        self._tell("keep")

    def stop(self) -> None:
        """Let the step under way be the last, and keep a checkpoint for later; ``follow`` ends when it is written."""
        with contextlib.suppress(OSError):
            self._child.stdin.close()

    def end(self, patience: float = 4.0) -> None:
        """Stop, and make sure of it: what takes longer than ``patience`` seconds has its last checkpoint."""
        self.stop()
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def _tell(self, word: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # it has just ended, or been told to
            self._child.stdin.write(f"{word}\n".encode())
            self._child.stdin.flush()

    def _last_words(self, code: int) -> str:
        if code < 0:
            return signal.strsignal(-code) or f"signal {-code}"
        with contextlib.suppress(OSError):
            lines = (self.wish.folder / LOG).read_text(errors="replace").split("\n")
            return next((line for line in reversed(lines) if line.strip()), f"exit {code}")
        return f"exit {code}"
