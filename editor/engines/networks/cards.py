"""Model cards: what a network's weights are, where they come from, and what they are worth. Values, kept as JSON."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from editor.errors import UserError

MAX_BYTES = 2**18  # of a card's file
_MAX_NUMBER = 8192  # in a config: no width or depth comes near it, and a network of that size is an attack
_MAX_DEPTH = 4  # of held-out figures in figures
_NAME = re.compile(r"\w[\w .()+-]{0,79}")


@dataclass(frozen=True)
class Network:
    """An architecture that weights can be for."""

    title: str
    module: str  # loaded when weights are: it needs torch
    architecture: str  # the class in it


NETWORKS: Mapping[str, Network] = {
    "sc-fegan": Network("SC-FEGAN", "editor.engines.networks.sc_fegan", "Generator"),
    "scene": Network("Scene network", "editor.engines.networks.scene", "Generator"),
    "edge-connect-edge": Network("EdgeConnect: edges", "editor.engines.networks.edge_connect", "EdgeGenerator"),
    "edge-connect-completion": Network("EdgeConnect: colours", "editor.engines.networks.edge_connect",
                                       "CompletionGenerator"),
    "face-locator": Network("Face locator", "editor.engines.networks.face_locator", "Locator"),
    "damage-finder": Network("Damage finder", "editor.engines.networks.damage_finder", "Finder"),
}


@dataclass(frozen=True)
class Card:
    """What is known of one file of weights. Only name, title and network must be known."""

    name: str  # the stem of both files, NAME.safetensors and NAME.json
    title: str
    network: str  # a key of NETWORKS
    config: Mapping[str, Any] = field(default_factory=dict)  # keyword arguments of the architecture's constructor
    data: str = ""  # trained on what
    licence: str = ""  # of the weights and of the data, as far as it matters to a user
    command: str = ""  # that trained it
    commit: str = ""  # of the program that trained it
    steps: int = 0
    seconds: float = 0.0  # of training
    device: str = ""  # trained on
    held_out: Mapping[str, Any] = field(default_factory=dict)  # figures on photographs never trained on; may nest
    sha256: str = ""  # of NAME.safetensors
    bytes: int = 0  # of NAME.safetensors
    created: str = ""  # ISO 8601
    parent: str = ""  # name of the model that training started from
    notes: str = ""


def to_json(card: Card) -> str:
    return json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n"


def from_json(text: str | bytes, where: Path | str) -> Card:
    """The card that ``text`` holds; keys that are not a card's are left out.

    Raises UserError, which names the file ``where``, for anything that is no card: not JSON, a name that is a path,
    an unknown network, values of another kind, numbers that are none.
    """
    if len(text) > MAX_BYTES:
        raise UserError(f"{where}: no model card: it is larger than {MAX_BYTES // 1024} KiB")
    try:
        stored = json.loads(text, parse_constant=_refuse)
        json.dumps(stored, ensure_ascii=False).encode()  # halves of surrogates could not be written again
    except (ValueError, RecursionError):  # UnicodeError and JSONDecodeError among them
        raise UserError(f"{where}: no model card: it is not JSON") from None
    if not isinstance(stored, dict):
        raise UserError(f"{where}: no model card: it is not a JSON object")
    missing = [name for name in ("name", "title", "network") if name not in stored]
    if missing:
        raise UserError(f"{where}: no model card: {' and '.join(missing)} missing")
    values = {}
    for name, read in _READERS.items():
        if name in stored:
            try:
                values[name] = read(stored[name])
            except ValueError as error:
                raise UserError(f"{where}: the model card is wrong: {name}: {error}") from None
    return Card(**values)


def read_card(path: Path) -> Card:
    """The card in a file, whose name must be the card's. Raises UserError."""
    try:
        with open(path, "rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    card = from_json(text, path)
    if card.name != path.stem:
        raise UserError(f"{path}: the model card is wrong: it is that of {card.name!r}")
    return card


def plain_name(text: str) -> str:
    """A name for a model, and for its files, as near to ``text`` as may be."""
    kept = re.sub(r"[^\w .()+-]", "-", text).lstrip(" .()+-")[:80].rstrip(" .")
    return kept or "model"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _text(stored: Any) -> str:
    if not isinstance(stored, str):
        raise ValueError(f"{_shown(stored)} is no text")
    return stored


def _name(stored: Any) -> str:
    # Names become files' names: nothing that leads to another folder, or that is hidden.
    if not _NAME.fullmatch(_text(stored)) or stored != plain_name(stored):
        raise ValueError(f"{_shown(stored)} cannot be a file's name")
    return stored


def _network(stored: Any) -> str:
    if _text(stored) not in NETWORKS:
        raise ValueError(f"there is no network {_shown(stored)}; there are {', '.join(NETWORKS)}")
    return stored


def _sha256(stored: Any) -> str:
    if not re.fullmatch("[0-9a-f]{64}|", _text(stored)):
        raise ValueError(f"{_shown(stored)} is no SHA-256")
    return stored


def _number(kind: type) -> Callable[[Any], Any]:
    def read(stored: Any) -> Any:
        if isinstance(stored, bool) or not isinstance(stored, int | kind) or not 0 <= stored < 2**63:
            raise ValueError(f"{_shown(stored)} is no such number")
        return kind(stored)

    return read


def _config(stored: Any) -> dict[str, Any]:
    if not isinstance(stored, dict):
        raise ValueError(f"{_shown(stored)} is no JSON object")
    for name, value in stored.items():
        numbers = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | bool) or _within(one) for one in numbers):
            raise ValueError(f"{name} cannot be {_shown(value)}")
    return stored


def _within(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and abs(value) <= _MAX_NUMBER


def _figures(stored: Any, depth: int = 1) -> dict[str, Any]:
    if not isinstance(stored, dict) or depth > _MAX_DEPTH:
        raise ValueError(f"{_shown(stored)} are no figures")
    for name, value in stored.items():
        if isinstance(value, dict):
            _figures(value, depth + 1)
        elif not isinstance(value, int | float | str):
            raise ValueError(f"{name} cannot be {_shown(value)}")
    return stored


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "name": _name, "title": _text, "network": _network, "config": _config, "data": _text, "licence": _text,
    "command": _text, "commit": _text, "steps": _number(int), "seconds": _number(float), "device": _text,
    "held_out": _figures, "sha256": _sha256, "bytes": _number(int), "created": _text, "parent": _text, "notes": _text,
}
