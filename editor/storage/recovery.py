"""Work that a killed session left behind: found at the next start, and taken up again with all its history.

The notes of the log (see session.py) are played back. Tiles stay in the log until they are needed: the earlier
steps come back as they are after a long session, spilled.
"""

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject

from editor.atomic import reason
from editor.document.document import PLANES, Document, Snapshot
from editor.document.edits import FrameEdit, LayersEdit
from editor.document.history import Command, Edit, TilesEdit
from editor.document.layers import Layer, is_mask, mask_name
from editor.document.photo import Photo
from editor.document.transforms import TransformEdit
from editor.engines.contract import Progress, no_progress
from editor.errors import UserError
from editor.raster.frame import Frame
from editor.raster.surface import Key, Surface
from editor.storage import describe
from editor.storage.openraster import load_project
from editor.storage.originals import is_project
from editor.storage.session import FORMAT, Kept, Session
from editor.storage.session_folder import LOG, Lock, is_live, remove, sessions_root
from editor.storage.tile_log import TileLog, read_notes

ReadPhoto = Callable[[Path], Photo]
Tile = np.ndarray | int | None  # as in a spilled TilesEdit: an array, the log's number of it, or all 0

_YOUNG = 60.0  # seconds


@dataclass(frozen=True)
class RecoverableSession:
    """What a killed session left."""

    folder: Path
    name: str  # of the photograph or project
    when: datetime  # of the last change
    steps: int  # done; those undone again do not count
    saved: bool  # the project on disk has it all, but for the history


@dataclass(frozen=True)
class Recovered:
    """A session's work, read back; ``take_up`` makes a document of it."""

    kept: Kept
    snapshot: Snapshot
    commands: tuple[Command, ...]
    position: int
    name: str
    project: Path | None  # where it was saved last, or the project that was opened


def recoverable(root: Path | None = None) -> list[RecoverableSession]:
    """Sessions under ``root`` (None: the user's) that ended without being closed, newest first.

    Folders in which there is nothing to recover are removed.
    """
    root = root or sessions_root()
    found = []
    for folder in root.iterdir() if root.is_dir() else ():
        try:
            # One that has no log yet may be in the making: nobody may even try its lock.
            if (time.time() - folder.stat().st_mtime < _YOUNG and not (folder / LOG).exists()) or is_live(folder):
                continue
            session = _look(folder)
        except (OSError, *describe.MALFORMED):
            continue  # nothing that can be read here, nor anything to be thrown away unseen
        if session is None:
            remove(folder)
        else:
            found.append(session)
    return sorted(found, key=lambda session: session.when, reverse=True)


def discard(folder: Path) -> None:
    """Throw a killed session's work away; a living one's stays."""
    if not is_live(folder):
        remove(folder)


def recover(folder: Path, read_photo: ReadPhoto, progress: Progress = no_progress) -> Recovered:
    """Read a killed session's work back; for a background thread.

    ``read_photo`` decodes a photograph, as photos.read_photo does. A log that was cut off or damaged gives the work up
    to there. The folder is this program's from then on. Raises UserError where nothing can be recovered.
    """
    try:
        lock = Lock(folder)
    except OSError as error:
        raise UserError(f"{folder}: another program has this work open, or it cannot be read") from error
    try:
        log, notes = TileLog.reopen(folder / LOG)
    except (OSError, ValueError) as error:  # ValueError: a note that is no JSON
        lock.release()
        words = reason(error) if isinstance(error, OSError) else error
        raise UserError(f"{folder}: the session cannot be read: {words}") from error
    kept = Kept(folder, lock, log)
    try:
        return _Player(kept, read_photo, progress).play(notes)
    except describe.MALFORMED as error:
        kept.release()
        raise UserError(f"{folder}: the session cannot be understood ({error})") from error
    except BaseException:
        kept.release()
        raise


def take_up(recovered: Recovered, parent: QObject | None = None) -> tuple[Document, Session]:
    """The document as it was, with its whole history, and the session going on; for the window's thread."""
    document = Document.from_snapshot(recovered.snapshot, parent)
    document.history.commands = list(recovered.commands)
    document.history.position = recovered.position
    document.mark_unsaved()
    return document, Session(document, kept=recovered.kept, parent=parent)


def _look(folder: Path) -> RecoverableSession | None:
    """What a log tells without its arrays; None where there is nothing to recover. May raise OSError."""
    log = folder / LOG
    notes = read_notes(log) if log.exists() else []
    if not notes or notes[0].get("kind") != "start":
        return None
    start, steps, position, saved = notes[0], 0, 0, None
    for note in notes:
        if note["kind"] == "step":
            saved = None if saved is not None and saved > position else saved
            position += 1
            steps = position
        elif note["kind"] == "stepped":
            position = note["position"]
        elif note["kind"] == "saved":
            saved = note["step"]
    if not steps and start["source"] is not None:
        return None
    when = datetime.fromtimestamp(log.stat().st_mtime)
    return RecoverableSession(folder, _name(start), when, position, saved == position)


def _name(start: dict) -> str:
    return start["name"] or (Path(start["source"]).name if start["source"] else "Pasted picture")


class _Player:
    """Plays notes back."""

    def __init__(self, kept: Kept, read_photo: ReadPhoto, progress: Progress):
        self.kept = kept
        self.read_photo = read_photo
        self.progress = progress
        self.photo: Photo | None = None
        self.layers: tuple[Layer, ...] = ()
        self.active: str | None = None
        self.frame: Frame | None = None
        self.tiles: dict[str, dict[Key, Tile]] = {}  # of every surface there ever was
        self.commands: list[Command] = []
        self.position = 0
        self.project: Path | None = None

    def play(self, notes: list[dict]) -> Recovered:
        if not notes or notes[0]["kind"] != "start":
            raise ValueError("its beginning is missing")
        start, notes = notes[0], notes[1:]
        if start["format"] > FORMAT:
            raise ValueError("a newer version of this program wrote it")
        self.photo = self.begin(start, next((note for note in reversed(notes) if note["kind"] == "original"), None))
        plays = {"layers": self.start_layers, "recipe": self.recipe, "step": self.step,
                 "stepped": self.stepped, "recipes": self.recipes, "saved": self.saved}
        for note in notes:
            if note["kind"] in plays:
                plays[note["kind"]](note)
        return Recovered(self.kept, self.snapshot(), tuple(self.commands), self.position, _name(start), self.project)

    def begin(self, start: dict, original: dict | None) -> Photo:
        """The document as it was opened."""
        shape, self.dtype = tuple(start["shape"]), np.dtype(start["dtype"])
        self.colours = 1 if shape[2] < 3 else 3
        self.tiles = {name: {} for name in PLANES}
        if start["source"] is None:
            get = self.kept.log.get
            base = describe.restore_surface(start["base"], shape[:2], self.dtype, shape[2], get)
            pixels = base.read(base.bounds)
            pixels.flags.writeable = False
            for name, surface in start["surfaces"].items():
                self.tiles[name] = {(row, column): number for row, column, number in surface["tiles"]}
            self.frame = describe.restore_frame(start.get("frame"))
            return describe.restore_photo(start["photo"], pixels)
        source, copy = Path(start["source"]), original and self.kept.folder / original["file"]
        if copy is not None and not copy.exists():
            copy = None
        snapshot, project = self.opened(copy or source)
        self.project = source if project else None
        photo = snapshot.photo
        recipes = {layer.id: layer.recipe for layer in snapshot.layers if layer.recipe is not None}
        if (photo.pixels.shape != shape or photo.pixels.dtype != self.dtype
                or not start["recipes"].keys() <= recipes.keys()):
            raise UserError(f"{copy or source}: this is no longer the picture that was worked on")
        notices = photo.notices
        if original and zlib.crc32(photo.pixels) != original["crc"]:
            notices += ("The photograph was decoded otherwise than before: its pixels may differ a little.",)
        self.kept.original = copy
        self.kept.opened = photo if copy is None else None
        self.kept.recipes.update((number, recipes[layer_id]) for layer_id, number in start["recipes"].items())
        self.layers, self.active, self.frame = snapshot.layers, snapshot.active, snapshot.frame
        for name, surface in snapshot.surfaces.items():
            self.tiles[name] = {key: surface.tile(key) for key in list(surface.keys())}
        return replace(photo, source=source if source.exists() else copy, notices=notices)

    def opened(self, path: Path) -> tuple[Snapshot, bool]:
        """The file that was opened, opened again, and whether it is a project."""
        try:
            with open(path, "rb") as file:
                project = is_project(file)
        except OSError as error:
            raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
        if project:
            return load_project(path, self.read_photo, self.progress), True
        photo = self.read_photo(path)
        return Snapshot(photo, (), None, {}, Surface.from_array(photo.pixels)), False

    def start_layers(self, note: dict) -> None:
        self.layers, self.active = self.restored(note["layers"]), note["active"]

    def recipe(self, note: dict) -> None:
        self.kept.recipes[note["number"]] = describe.restore_recipe(
            note["recipe"], self.photo.shape, self.colours, self.dtype, self.kept.log.get)

    def step(self, note: dict) -> None:
        if "transform" in note:
            self.transform(note)
            return
        edits: list[Edit] = []
        if "layers" in note:
            edits.append(LayersEdit(self.layers, note["was"]))
            self.layers = self.restored(note["layers"])
        self.active = note["active"]
        if "frame" in note:
            edits.append(FrameEdit(self.frame))
            self.frame = describe.restore_frame(note["frame"])
        for name, tiles in note["tiles"].items():
            state = self.tiles.setdefault(name, {})
            after = {(row, column): number for row, column, number in tiles}
            edits.append(TilesEdit(name, {key: state.get(key) for key in after}))
            state.update(after)
        self.record(Command(str(note["name"]), tuple(edits), spilled=True))

    def transform(self, note: dict) -> None:
        """A step that is carried out again: what it made is in no note."""
        edit = TransformEdit(describe.restore_transform(note["transform"], self.photo.shape))
        edit.swap(self)
        self.active = note["active"]
        self.kept.recipes.update((note["recipes"][layer.id], layer.recipe) for layer in self.layers
                                 if layer.recipe is not None)
        self.record(Command(str(note["name"]), (edit,)))

    def record(self, command: Command) -> None:
        del self.commands[self.position :]
        self.commands.append(command)
        self.position += 1

    def snapshot(self) -> Snapshot:
        """What the document is now; only now are its tiles read. With ``set_state``, all that transforms ask for."""
        surfaces = {name: self.surface(name, tiles) for name, tiles in self.tiles.items()}
        base = Surface.from_array(self.photo.pixels)
        return Snapshot(self.photo, self.layers, self.active, surfaces, base, self.frame)

    def set_state(self, snapshot: Snapshot) -> None:
        self.photo, self.layers, self.active, self.frame = (
            snapshot.photo, snapshot.layers, snapshot.active, snapshot.frame)
        self.tiles = {name: {key: snapshot.surfaces[name].tile(key) for key in snapshot.surfaces[name].keys()}
                      if name in snapshot.surfaces else {} for name in self.tiles.keys() | snapshot.surfaces.keys()}

    def stepped(self, note: dict) -> None:
        """Undo or redo, as the document does it, but with the numbers of tiles."""
        position = note["position"]
        if not 0 <= position <= len(self.commands):
            raise ValueError(f"there is no step {position}")
        while self.position != position:
            backwards = position < self.position
            edits = self.commands[self.position - 1 if backwards else self.position].edits
            for edit in reversed(edits) if backwards else edits:
                if isinstance(edit, LayersEdit):
                    edit.layers, self.layers = self.layers, edit.layers
                    edit.active, self.active = self.active, edit.active
                elif isinstance(edit, FrameEdit):
                    edit.frame, self.frame = self.frame, edit.frame
                elif isinstance(edit, TransformEdit):
                    edit.swap(self)
                else:
                    state = self.tiles[edit.surface]
                    other = {key: state.get(key) for key in edit.tiles}
                    state.update(edit.tiles)
                    edit.tiles = other
            self.position += -1 if backwards else 1

    def recipes(self, note: dict) -> None:
        known = self.kept.recipes
        new = {known[old]: known[number] for old, number in note["replaced"]}

        def replaced(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
            return tuple(replace(layer, recipe=new.get(layer.recipe, layer.recipe)) for layer in layers)

        self.layers = replaced(self.layers)
        for edit in (edit for command in self.commands for edit in command.edits):
            if isinstance(edit, LayersEdit):
                edit.layers = replaced(edit.layers)

    def saved(self, note: dict) -> None:
        self.project = Path(note["path"])

    def restored(self, layers: list[dict]) -> tuple[Layer, ...]:
        restored = tuple(describe.restore_layer(layer, None if layer["recipe"] is None
                                                else self.kept.recipes[layer["recipe"]]) for layer in layers)
        for layer in restored:
            self.tiles.setdefault(layer.id, {})
            if layer.masked:
                self.tiles.setdefault(mask_name(layer.id), {})
        return restored

    def surface(self, name: str, tiles: dict[Key, Tile]) -> Surface:
        """A surface as it is now, its tiles read."""
        plane = 1 if is_mask(name) else PLANES.get(name)
        surface = Surface(self.photo.shape, plane or self.colours + 1, np.uint8 if plane else self.dtype)
        for key, tile in tiles.items():
            if tile is not None:
                surface.put(key, tile if isinstance(tile, np.ndarray) else self.kept.log.get(tile))
        return surface
