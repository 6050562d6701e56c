"""The weights that there are: those that come with the program, and the user's own.

A model is two files: NAME.safetensors, the weights, and NAME.json, its card. Checkpoints are data, never code, and
nothing is believed of them: the weights must be those that the card's SHA-256 names, in exactly the shapes of the
architecture that it names, and finite.
"""

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from editor.atomic import write_bytes
from editor.engines.networks.cards import NETWORKS, Card, read_card, to_json
from editor.engines.networks.weights import (
    build,
    need_finite,
    need_torch,
    parse,
    read_file,
)
from editor.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor, nn

BUNDLED = Path(__file__).parents[3] / "resources" / "models"
SUFFIX = ".safetensors"
CARD_KEY = "pentimento"  # of the card in a safetensors file's metadata


@dataclass(frozen=True)
class Model:
    """One entry of the store."""

    path: Path  # NAME.safetensors
    bundled: bool = False
    card: Card | None = None  # None where it cannot be read
    fault: str = ""  # what is wrong with it, with the file's name; "" if nothing is known to be

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def title(self) -> str:
        return self.card.title if self.card else self.name


def data_folder() -> Path:
    """Where the user's models and their choice among them are kept; the environment's PENTIMENTO_DATA moves it."""
    moved = os.environ.get("PENTIMENTO_DATA")
    return Path(moved) if moved else user_data_path("pentimento")


def user_folder() -> Path:
    """Of the user's own models."""
    return data_folder() / "models"


def models() -> tuple[Model, ...]:
    """All models, the bundled ones first, each folder's by name; what is broken is listed with its ``fault``.

    Reads the cards alone: ``check`` and ``load`` look at the weights.
    """
    found = []
    for folder, bundled in ((BUNDLED, True), (user_folder(), False)):
        names = {path.stem for path in folder.glob("*.*") if path.suffix in (SUFFIX, ".json")}
        there = [model_at(folder / f"{name}{SUFFIX}", bundled) for name in sorted(names)]
        found += [model for model in there if model.card or model.path.is_file()]  # any JSON may be beside them
    return tuple(found)


def model_at(path: Path, bundled: bool = False) -> Model:
    """The model whose weights are in the file ``path``, with the card beside it."""
    try:
        card = read_card(path.with_suffix(".json"))
    except UserError as error:
        return Model(path, bundled, fault=str(error))
    return Model(path, bundled, card, "" if path.is_file() else f"{path}: the weights are missing")


def find_model(network: str, name: str | None = None) -> Model:
    """The model called ``name``, else the one in use for ``network``.

    Raises UserError where there is none, or where it is broken.
    """
    there = models()
    if name is None:
        model = in_use(there).get(network)
        if model is None:
            raise UserError(f"there are no weights for {NETWORKS[network].title}: install the program again, "
                            "or add a file of them (Models > Add from file…)")
    else:
        fitting = [model for model in there if model.card is None or model.card.network == network]
        model = next((model for model in fitting if model.name == name), None)
        if model is None:
            raise UserError(f"there is no model {name!r} for {NETWORKS[network].title}; there are "
                            f"{', '.join(model.name for model in fitting if model.card) or 'none'}")
    if model.fault:
        raise UserError(model.fault)
    return model


def in_use(there: Iterable[Model]) -> dict[str, Model]:
    """Which of ``models()`` each network uses: the one that the user has chosen, else the first, a bundled one."""
    chosen, used = defaults(), {}
    for model in there:
        if model.card and (model.card.network not in used or model.name == chosen.get(model.card.network)):
            used[model.card.network] = model
    return used


def defaults() -> dict[str, str]:
    """The names of the models that the user has chosen, by network."""
    try:
        stored = json.loads(_defaults_file().read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return {key: name for key, name in stored.items() if isinstance(name, str)} if isinstance(stored, dict) else {}


def use(model: Model) -> None:
    """Let ``model`` be its network's from now on. Raises UserError where the disk refuses."""
    if model.card is None:
        raise UserError(model.fault)
    _keep_defaults({**defaults(), model.card.network: model.name})


def remove(model: Model) -> None:
    """Delete one of the user's own models for good. Raises UserError for a bundled one, or where the disk refuses."""
    if model.bundled:
        raise UserError(f"{model.path}: comes with the program and is not removed")
    for path in (model.path, model.path.with_suffix(".json")):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(f"{path}: cannot be removed: {error.strerror or error}") from error
    kept = {network: name for network, name in defaults().items() if name != model.name}
    if kept != defaults():
        _keep_defaults(kept)


def _defaults_file() -> Path:
    return data_folder() / "default-models.json"


def _keep_defaults(chosen: Mapping[str, str]) -> None:
    _make_folder(data_folder())
    write_bytes(_defaults_file(), json.dumps(chosen, indent=1).encode())


def save_model(folder: Path, card: Card, tensors: Mapping[str, "Tensor"], half: bool = True) -> Model:
    """Write weights and card into ``folder``, each whole or not at all; SHA-256, size and date are filled in.

    half: store float32 as float16, but for tensors with values that it cannot hold. Raises UserError for weights that
    are not finite, and where the disk refuses.
    """
    need_torch()
    import torch
    from safetensors.torch import save

    card = replace(card, created=card.created or date.today().isoformat())
    stored = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().cpu()
        need_finite(name, tensor, card.name)
        if half and tensor.dtype == torch.float32 and tensor.half().isfinite().all():
            tensor = tensor.half()
        stored[name] = tensor.clone(memory_format=torch.contiguous_format)  # safetensors takes no shared memory
    return save_files(folder, card, save(stored, {CARD_KEY: json.dumps(asdict(replace(card, sha256="", bytes=0)))}))


def save_files(folder: Path, card: Card, data: bytes) -> Model:
    """Write the bytes of a safetensors file, and the card with their SHA-256 and size."""
    card = replace(card, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    path = folder / f"{card.name}{SUFFIX}"
    _make_folder(folder)
    write_bytes(path, data)
    write_bytes(path.with_suffix(".json"), to_json(card).encode())
    return Model(path, card=card)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be made: {error.strerror or error}") from error


def read_tensors(model: Model) -> dict[str, "Tensor"]:
    """The model's weights as stored, on the CPU: those that its card's SHA-256 names. Raises UserError."""
    if model.fault:
        raise UserError(model.fault)
    data = read_file(model.path)
    if hashlib.sha256(data).hexdigest() != model.card.sha256:
        raise UserError(f"{model.path}: the weights are not those that the model's card names (their SHA-256 is "
                        f"another): install the program again, or remove it and add it anew")
    return parse(data, model.path)[0]


def load(model: Model, device: str = "cpu") -> "nn.Module":
    """The network with the model's weights on ``device``, float32, ready to be used and not to be trained.

    Raises UserError, which says which file and what to do, for weights that are missing, damaged, not the card's, not
    finite, or not of the architecture's names and shapes; and where torch is not installed.
    """
    need_torch()
    import torch

    network = build(model.card, read_tensors(model), model.path)
    if hasattr(network, "fuse"):
        network.fuse()
    return network.eval().requires_grad_(False).to(torch.device(device))


class LoadedModels:
    """Networks kept in memory, for as long as they take no more than ``budget`` bytes: the latest used are kept.

    For any thread; whoever asks for what another is just loading waits for it.
    """

    def __init__(self, budget: int = 2**29):
        self._budget = budget
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple, nn.Module] = OrderedDict()

    def get(self, model: Model, device: str = "cpu") -> "nn.Module":
        """``load(model, device)``, from memory where its files have not changed. Not to be written to."""
        with self._lock:
            key = (model.path, device, model.card and model.card.sha256, *_state(model.path))
            module = self._kept.pop(key, None)
            if module is None:
                for old in [old for old in self._kept if old[:2] == key[:2]]:
                    del self._kept[old]
                module = load(model, device)
            self._kept[key] = module
            while len(self._kept) > 1 and sum(map(_bytes_of, self._kept.values())) > self._budget:
                self._kept.popitem(last=False)
            return module


def _state(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:  # loading says it
        return 0, 0
    return stat.st_mtime_ns, stat.st_size


def _bytes_of(module: "nn.Module") -> int:
    return sum(tensor.nbytes for tensor in (*module.parameters(), *module.buffers()))
