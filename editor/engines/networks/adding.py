"""Taking weights from elsewhere into the user's own models."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from editor.engines.networks.cards import NETWORKS, Card, from_json, plain_name, read_card
from editor.engines.networks.store import CARD_KEY, SUFFIX, Model, models, save_files, save_model, user_folder
from editor.engines.networks.weights import build, need_torch, parse, parse_checkpoint, read_file, tensors_bytes
from editor.errors import UserError

CHECKPOINTS = (".pth", ".pt", ".ckpt", ".bin")
"""Endings of files that PyTorch writes."""


def add(path: Path) -> Model:
    """Copy weights into the user's folder: ``models()`` lists them from now on.

    path: a safetensors file of this program's, with its card beside it or within, or a checkpoint of the published
    EdgeConnect code (``.pth`` or safetensors). The file's own name becomes the model's, with a number where there is
    such a model. Raises UserError for everything else, and for weights that could not be loaded.
    """
    need_torch()
    if path.suffix.lower() == SUFFIX:
        return _add_safetensors(path)
    if path.suffix.lower() in CHECKPOINTS:
        data = read_file(path)
        return _add_checkpoint(path, parse_checkpoint(data, path), len(data))
    raise UserError(f"{path}: weights are in files that end in {SUFFIX} or {', '.join(CHECKPOINTS)}")


def _add_safetensors(path: Path) -> Model:
    data = read_file(path)
    tensors, metadata = parse(data, path)
    beside = path.with_suffix(".json")
    if beside.exists():
        card = read_card(beside)
    elif CARD_KEY in metadata:
        card = from_json(metadata[CARD_KEY], path)
    else:
        return _add_checkpoint(path, tensors, len(data))
    if card.sha256 and card.sha256 != hashlib.sha256(data).hexdigest():
        raise UserError(f"{path}: the weights are not those that the model card beside them names (their SHA-256 is "
                        "another): copy both files again")
    build(card, tensors, path)
    return save_files(user_folder(), replace(card, name=free_name(path.stem)), data)


def _add_checkpoint(path: Path, state: Any, size: int) -> Model:
    """Weights without a card: only what the published EdgeConnect code has written is known by its names."""
    from editor.engines.networks.edge_connect import recognise

    found = recognise(state) if isinstance(state, Mapping) else None
    if found is None:
        raise UserError(f"{path}: these weights are unknown: they have no model card (a file "
                        f"{path.with_suffix('.json').name} beside them) and are not those of the published EdgeConnect")
    network, config, tensors = found
    if tensors_bytes(tensors) > size:  # views of the same few numbers: copied, they would take any amount of memory
        raise UserError(f"{path}: is damaged: it has more weights than it has room for")
    name = free_name(path.stem)
    card = Card(name, f"{NETWORKS[network].title} ({path.name})", network, config,
                data="Not known: added from a file.", licence="As its author says.",
                created=date.today().isoformat())
    build(card, tensors, path)
    return save_model(user_folder(), card, tensors, half=False)


def free_name(stem: str) -> str:
    """A name like ``stem`` that no model has yet, nor anything else of the user's that is named as a model."""
    taken = {model.name.lower() for model in models()} | {path.stem.lower() for path in user_folder().glob("*.*")}
    name, number = plain_name(stem), 2
    while name.lower() in taken:
        name, number = f"{plain_name(stem)[:74]}-{number}", number + 1
    return name
