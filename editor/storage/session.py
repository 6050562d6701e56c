"""The session: everything that is done to an open document goes to disk as it is done.

In the session's folder lie a copy of the file that was opened (``original`` and its suffix) and the log: what the
document was at the start, then every step, undo and redo, every variant that arrived, every saving. The notes are:

start     what was opened, and the numbers of its layers' recipes; or, of a pasted picture, the pixels themselves
layers    the layers at the start, where they are in no file
original  the copy is whole; CRC-32 of the photograph's pixels
recipe    a recipe and its number
step      name, tiles of each surface as they are after it, layers if they changed (``was``: active before it), the
          face frame if it changed; or, of a transform, what it is (``transform``) and the numbers that the layers'
          recipes have from then on (``recipes``): all else follows
stepped   the position after undo or redo
recipes   recipes that took others' place in every state: [[old, new], …]
saved     the project's path, and which step was the last one in it
"""

import errno
import itertools
import os
import threading
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Qt, Signal

from editor.atomic import reason
from editor.document.document import Document
from editor.document.edits import FrameEdit, LayersEdit
from editor.document.history import Command
from editor.document.layers import Layer, Recipe
from editor.document.photo import Photo
from editor.document.transforms import TransformEdit
from editor.storage import describe
from editor.storage.originals import is_project
from editor.storage.session_folder import LOG, Lock, new_folder, remove, sessions_root
from editor.storage.signatures import EXTENSIONS
from editor.storage.tile_log import TileLog

FORMAT = 2
"""Version of the notes."""

_CHUNK = 8 << 20


@dataclass
class Kept:
    """A session's folder, taken by this program."""

    folder: Path
    lock: Lock
    log: TileLog
    original: Path | None = None  # the copy of the opened file, once it is whole
    opened: Photo | None = None  # what that file held, for as long as the copy is still to be made
    recipes: dict[int, Recipe] = field(default_factory=dict)  # those in the log, by number

    def release(self, discard: bool = False) -> None:
        """Let go of the folder, and delete it or leave it for the next start."""
        self.log.close(drop=discard)
        if discard:
            remove(self.folder)
        self.lock.release()


class Session(QObject):
    """Keeps a document's work on disk for as long as it is open.

    ``failed(words)`` comes once, through the event loop, when the folder can take no more; work goes on in memory.
    """

    failed = Signal(str)
    _broke = Signal(str)  # from any thread

    def __init__(self, document: Document, root: Path | None = None, name: str = "", kept: Kept | None = None,
                 parent: QObject | None = None):
        """Begin a session in a folder of its own under ``root`` (None: the user's), or go on with one that was
        ``kept``. ``name`` is what the user calls the document. A session begins before the first step."""
        super().__init__(parent)
        self._document = document
        self._kept = kept
        self._copier: threading.Thread | None = None
        self._closing = threading.Event()
        self._reported = False
        recipes = {} if kept is None else kept.recipes
        self._numbers = WeakKeyDictionary({recipe: number for number, recipe in recipes.items()})
        self._next = itertools.count(1 + max(recipes, default=-1))
        # Queued even within one thread: whoever makes a session can still connect to it.
        self._broke.connect(self._report, Qt.ConnectionType.QueuedConnection)
        try:
            if kept is None:
                self._begin(root or sessions_root(), name)
            elif kept.original is None and (source := _opened(document.photo.source)) is not None:
                self._start_copying(source, kept.opened)
                kept.opened = None
        except OSError as error:
            self._broke.emit(f"{error.filename or root or sessions_root()}: {reason(error)}")
            return
        self._kept.log.on_fault(self._broke.emit)
        document.history.store = self._kept.log
        document.recorded.connect(self._step)
        document.stepped.connect(self._stepped)
        document.recipes_changed.connect(self._recipes_changed)

    @property
    def folder(self) -> Path | None:
        """The session's folder; None where there could be none."""
        return self._kept and self._kept.folder

    @property
    def original(self) -> Path | None:
        """The copy of the file that was opened, once it is whole: for save_project."""
        return self._kept and self._kept.original

    def note_saved(self, path: Path, state: object) -> None:
        """The project was saved to ``path`` as it was in ``state`` (Document.state)."""
        if self._kept is not None:
            commands = self._document.history.commands
            step = next((number for number, command in enumerate(commands, 1) if command is state), 0)
            if step or state is None:
                self._kept.log.note({"kind": "saved", "path": str(path.absolute()), "step": step})

    def flush(self) -> None:
        """Wait until all that was done so far is written."""
        if self._copier is not None:
            self._copier.join()
        if self._kept is not None:
            self._kept.log.flush()

    def close(self, discard: bool) -> None:
        """End the session; its folder goes (``discard``) or stays for the next start to offer."""
        if self._kept is None:
            return
        for signal, slot in ((self._document.recorded, self._step), (self._document.stepped, self._stepped),
                             (self._document.recipes_changed, self._recipes_changed)):
            signal.disconnect(slot)
        self._closing.set()
        if self._copier is not None:
            self._copier.join()
        self._kept.release(discard)
        self._kept = None

    def _begin(self, root: Path, name: str) -> None:
        """Take a folder, write what the document is now. Raises OSError."""
        folder = new_folder(root)
        lock = Lock(folder)
        try:
            self._kept = Kept(folder, lock, TileLog(folder / LOG))
        except OSError:
            lock.release()
            remove(folder)
            raise
        document, photo = self._document, self._document.photo
        start = {"kind": "start", "format": FORMAT, "name": name, "source": None,
                 "shape": list(photo.pixels.shape), "dtype": photo.pixels.dtype.str[1:]}
        if (source := _opened(photo.source)) is None:
            put = self._kept.log.put
            start |= {"frame": describe.describe_frame(document.frame),
                      "photo": describe.describe_photo(photo), "base": describe.describe_surface(document.base, put),
                      "surfaces": {key: describe.describe_surface(surface, put)
                                   for key, surface in document.surfaces.items()}}
            self._kept.log.note(start)
            self._kept.log.note({"kind": "layers", "layers": [self._layer(layer) for layer in document.layers],
                                 "active": document.active})
        else:
            # What the file holds needs not be kept again: its recipes get their numbers, and that is all.
            start |= {"source": str(photo.source.absolute()), "recipes": {
                layer.id: self._number(layer.recipe) for layer in document.layers if layer.recipe is not None}}
            self._kept.log.note(start)
            self._start_copying(source, photo)

    def _start_copying(self, source: int, photo: Photo) -> None:
        self._copier = threading.Thread(target=self._copy, args=(source, photo, self._kept),
                                        name="session copy", daemon=True)
        self._copier.start()

    def _copy(self, source: int, photo: Photo, kept: Kept) -> None:
        """Copy the opened file into the folder; a thread of its own."""
        part = kept.folder / "original.part"
        try:
            with os.fdopen(source, "rb", 0) as file, open(part, "wb", 0) as copy:
                suffix = ".ora" if is_project(file) else EXTENSIONS.get(photo.format, (photo.source.suffix,))[0]
                # The kernel copies, on some disks without copying anything.
                while not self._closing.is_set() and _copy_some(file, copy):
                    pass
                if self._closing.is_set():
                    return
                os.fsync(copy.fileno())
            whole = part.with_suffix(suffix)
            part.rename(whole)
        except OSError as error:
            self._broke.emit(f"{kept.folder}: the opened file could not be copied: {reason(error)}")
            return
        kept.log.note({"kind": "original", "file": whole.name, "crc": zlib.crc32(photo.pixels)})
        kept.original = whole

    def _step(self, command: Command) -> None:
        put, surfaces = self._kept.log.put, self._document.surfaces
        note: dict = {"kind": "step", "name": command.name, "active": self._document.active, "tiles": {}}
        for edit in command.edits:
            if isinstance(edit, LayersEdit):
                note |= {"layers": [self._layer(layer) for layer in self._document.layers], "was": edit.active}
            elif isinstance(edit, FrameEdit):
                note["frame"] = describe.describe_frame(self._document.frame)
            elif isinstance(edit, TransformEdit):
                note |= {"transform": describe.describe_transform(edit.step), "recipes": {
                    layer.id: self._number(layer.recipe) for layer in self._document.layers
                    if layer.recipe is not None}}
            else:
                after = ((key, surfaces[edit.surface].tile(key)) for key in edit.tiles)
                note["tiles"][edit.surface] = [[*key, None if tile is None else put(tile)] for key, tile in after]
        self._kept.log.note(note)

    def _stepped(self, position: int) -> None:
        self._kept.log.note({"kind": "stepped", "position": position})

    def _recipes_changed(self, changed: dict[Recipe, Recipe]) -> None:
        pairs = [[self._numbers[old], self._described(new)] for old, new in changed.items() if old in self._numbers]
        if pairs:
            self._kept.log.note({"kind": "recipes", "replaced": pairs})

    def _layer(self, layer: Layer) -> dict:
        recipe = None if layer.recipe is None else self._described(layer.recipe)
        return {**describe.describe_layer(layer), "recipe": recipe}

    def _described(self, recipe: Recipe) -> int:
        """The number of a recipe that is in the log, now if not before."""
        if recipe not in self._numbers:
            value = describe.describe_recipe(recipe, self._kept.log.put)
            self._kept.log.note({"kind": "recipe", "number": self._number(recipe), "recipe": value})
        return self._numbers[recipe]

    def _number(self, recipe: Recipe) -> int:
        return self._numbers.setdefault(recipe, next(self._next))

    def _report(self, words: str) -> None:
        if not self._reported:
            self._reported = True
            self.failed.emit(f"{words}. Work goes on, but it is not kept in case the program is killed: "
                             "save the project.")


def _opened(source: Path | None) -> int | None:
    """A file's descriptor, at once: a moment later the name may be that of the user's next project."""
    try:
        return None if source is None else os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _copy_some(file: BinaryIO, copy: BinaryIO) -> int:
    """Copy the next bytes; returns how many there were."""
    if hasattr(os, "copy_file_range"):
        try:
            # Within the kernel, and on some disks without copying anything.
            return os.copy_file_range(file.fileno(), copy.fileno(), _CHUNK)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
                raise
    data = file.read(_CHUNK)
    if copy.write(data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return len(data)
