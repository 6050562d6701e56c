"""What the program remembers of its user between runs. A value, kept as JSON."""

import base64
import contextlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from editor.atomic import write_bytes
from editor.document.history import DEFAULT_BUDGET
from editor.engines.networks.devices import AUTO, check_name
from editor.errors import UserError
from editor.raster.brush import LIMITS, Brush

MAX_RECENT = 12
MAX_RECENT_COLOURS = 16


@dataclass(frozen=True)
class Settings:
    """The user's choices. Anything that a stored file has wrong comes back as the default."""

    overlay_colour: tuple[int, int, int] = (255, 40, 60)  # sRGB of the mask on the canvas
    overlay_opacity: float = 0.5  # 0..1
    ground: int = 38  # grey round the photograph, 0..255
    brushes: Mapping[str, Brush] = field(default_factory=dict)  # by the tool's name
    brush_presets: Mapping[str, Brush] = field(default_factory=dict)  # the user's own, by the name they gave
    recent_colours: tuple[tuple[int, int, int], ...] = ()  # sRGB, latest first
    tool_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by the tool's name
    history_budget: int = DEFAULT_BUDGET // 2**20  # memory for undo; the rest goes to disk
    recent: tuple[Path, ...] = ()  # latest first
    geometry: bytes = b""  # QMainWindow.saveGeometry
    layout: bytes = b""  # QMainWindow.saveState
    export: Mapping[str, Any] = field(default_factory=dict)  # last options of the export dialog
    batch: Mapping[str, Any] = field(default_factory=dict)  # last folder and steps of the batch dialog
    engine: str = "auto"
    engine_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by engine
    variants: int = 1
    fill_on_release: bool = False
    touch_up: bool = False  # strokes near the last fill extend it
    live_preview: bool = False
    shortcuts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # keys by the action's name
    device: str = AUTO  # where networks run; see editor.engines.networks.devices


def config_folder() -> Path:
    """Where settings are kept; the environment's PENTIMENTO_CONFIG moves it."""
    moved = os.environ.get("PENTIMENTO_CONFIG")
    return Path(moved) if moved else user_config_path("pentimento")


def load(path: Path | None = None) -> Settings:
    """The stored settings; defaults for what is missing, unknown or out of range."""
    try:
        stored = json.loads((path or _file()).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    values = {}
    for name, read in _READERS.items():
        if isinstance(stored, dict) and name in stored:
            try:
                values[name] = read(stored[name])
            except (TypeError, ValueError, LookupError, ArithmeticError):
                continue
    return Settings(**values)


def save(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, whole or not at all. Raises UserError where the disk refuses."""
    path = path or _file()
    stored = {item.name: _plain(getattr(settings, item.name)) for item in fields(settings)}
    with contextlib.suppress(OSError):  # what is wrong with the folder is said when the file is written
        path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, json.dumps(stored, indent=1).encode())


def with_recent(settings: Settings, path: Path) -> Settings:
    """``path`` at the head of the recent files."""
    path = path.absolute()
    return replace(settings, recent=(path, *(p for p in settings.recent if p != path))[:MAX_RECENT])


def _file() -> Path:
    return config_folder() / "settings.json"


def _plain(value: Any) -> Any:
    """As JSON can have it."""
    if isinstance(value, Brush):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _between(kind: type, low: float, high: float) -> Callable[[Any], Any]:
    def read(stored: Any) -> Any:
        value = kind(stored)
        if isinstance(stored, bool | str) or not low <= value <= high:
            raise ValueError
        return value

    return read


def _colour(stored: Any) -> tuple[int, int, int]:
    red, green, blue = map(_between(int, 0, 255), stored)
    return red, green, blue


def _flag(stored: Any) -> bool:
    if not isinstance(stored, bool):
        raise ValueError
    return stored


def _brush(stored: Any) -> Brush:
    """What a stored brush does not say is as in any brush: it may be of an older version."""
    known = _mapping(stored)
    kinds = {item.name: _between(float, *LIMITS[item.name]) if item.name in LIMITS else _flag for item in fields(Brush)}
    return Brush(**{name: read(known[name]) for name, read in kinds.items() if name in known})


def _brushes(stored: Any) -> Mapping[str, Brush]:
    """One bad brush costs only itself."""
    brushes = {}
    for name, brush in _mapping(stored).items():
        with contextlib.suppress(TypeError, ValueError):
            brushes[_name(name)] = _brush(brush)
    return brushes


def _bytes(stored: Any) -> bytes:
    return base64.b64decode(stored, validate=True)


def _mapping(stored: Any) -> Mapping[str, Any]:
    if not isinstance(stored, dict):
        raise ValueError
    return stored


def _mappings(stored: Any) -> Mapping[str, Mapping[str, Any]]:
    return {_name(key): _mapping(given) for key, given in _mapping(stored).items()}


def _name(stored: Any) -> str:
    if not isinstance(stored, str) or not stored:
        raise ValueError
    return stored


def _shortcuts(stored: Any) -> Mapping[str, tuple[str, ...]]:
    """What is no list of words counts as not chosen; whether the words are keys is known to editor.app.shortcuts."""
    return {_name(action): tuple(map(_name, keys)) for action, keys in _mapping(stored).items()
            if isinstance(keys, list) and all(isinstance(key, str) and key for key in keys)}


def _device(stored: Any) -> str:
    try:
        return check_name(_name(stored))
    except UserError as error:
        raise ValueError from error


_READERS: dict[str, Callable[[Any], Any]] = {
    "overlay_colour": _colour,
    "overlay_opacity": _between(float, 0, 1),
    "ground": _between(int, 0, 255),
    "brushes": _brushes,
    "brush_presets": _brushes,
    "recent_colours": lambda stored: tuple(map(_colour, list(stored)[:MAX_RECENT_COLOURS])),
    "tool_options": _mappings,
    "history_budget": _between(int, 16, 16384),
    "recent": lambda stored: tuple(Path(_name(path)) for path in list(stored)[:MAX_RECENT]),
    "geometry": _bytes,
    "layout": _bytes,
    "export": _mapping,
    "batch": _mapping,
    "engine": _name,
    "engine_settings": _mappings,
    "variants": _between(int, 1, 8),
    "fill_on_release": _flag,
    "touch_up": _flag,
    "live_preview": _flag,
    "shortcuts": _shortcuts,
    "device": _device,
}
