"""Files of weights, which may be anything: read as data and never run, and held against their architecture."""

import importlib
import io
import json
import math
import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from editor.engines.networks.cards import NETWORKS, Card
from editor.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor, nn

MAX_BYTES = 2**31  # of a file: some twenty times the largest there is
_MAX_HEADER = 2**22  # bytes of a safetensors file's table of contents


def need_torch() -> None:
    """Raise UserError where torch or safetensors is not installed."""
    for package in ("torch", "safetensors.torch"):
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise UserError(f"networks need {package.partition('.')[0]}, which cannot be loaded ({error}): install "
                            "the program again with its networks (sh packaging/run.sh), or choose another engine"
                            ) from error


def read_file(path: Path) -> bytes:
    """All of a file. Raises UserError for what cannot be read or is no file of a sane size."""
    try:
        if not path.is_file() and path.exists():  # a pipe or a device might never end
            raise UserError(f"{path}: is no file")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise UserError(f"{path}: is larger than {MAX_BYTES // 2**20} MiB, which no network here is")
    return data


def parse(data: bytes, path: Path) -> tuple[dict[str, "Tensor"], dict[str, str]]:
    """The tensors and the metadata in the bytes of a safetensors file; ``path`` is for what is told of it.

    Raises UserError for anything that is none, or is cut off.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(len(data) - 8, _MAX_HEADER):
        raise UserError(f"{path}: is no safetensors file, or is cut off")
    try:
        tensors = load(data)
        header = json.loads(data[8:8 + size])
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise UserError(f"{path}: is no safetensors file, or is damaged: {in_a_line(error)}") from error
    return tensors, header.get("__metadata__", {})


def parse_checkpoint(data: bytes, path: Path) -> Any:
    """What a ``.pth`` file holds, on the CPU: tensors, numbers, text, lists and dictionaries of them.

    Raises UserError for anything else, without running any of it.
    """
    import torch

    if data[:4] == b"PK\x03\x04":
        _refuse_compressed(data, path)
    try:
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        found = re.search(r"(?:Unsupported (?:global|class|operand)|GLOBAL)\W+(?:GLOBAL )?([\w.]+)", str(error))
        what = f" ({found[1]})" if found else ""
        raise UserError(f"{path}: holds more than weights{what}, and what it holds is never run: "
                        "ask its author for a safetensors file") from error
    except Exception as error:  # a damaged pickle can make torch raise nearly anything
        raise UserError(f"{path}: is no checkpoint of PyTorch's, or is damaged: {in_a_line(error)}") from error


def _refuse_compressed(data: bytes, path: Path) -> None:
    """PyTorch compresses nothing; a compressed entry could grow without bound."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            plain = all(item.compress_type == zipfile.ZIP_STORED for item in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UserError(f"{path}: is no checkpoint of PyTorch's, or is cut off") from error
    if not plain:
        raise UserError(f"{path}: is no checkpoint of PyTorch's: it is compressed")


def build(card: Card, tensors: Mapping[str, "Tensor"], path: Path) -> "nn.Module":
    """The card's network with these weights, float32 on the CPU; ``path`` is for what is told of them.

    Raises UserError unless they are all the tensors of the card's architecture and no others, of its shapes and
    kinds, and finite. Takes no more memory than such weights do, whatever a hostile card asks for.
    """
    room = 2 * sum(tensor.numel() for tensor in tensors.values()) + 2**20  # enough for telling which shape is wrong
    network = _empty(card, room, path)
    wanted = network.state_dict()
    for name in (*wanted, *tensors):
        if name not in tensors:
            _refuse(path, card, f"{name} is missing")
        if name not in wanted:
            _refuse(path, card, f"{name} is too many")
        have, want = tensors[name], wanted[name]
        if have.shape != want.shape:
            _refuse(path, card, f"{name} is {_by(have.shape)}, not {_by(want.shape)}")
        if have.is_floating_point() != want.is_floating_point() or have.is_complex() or have.is_meta:
            _refuse(path, card, f"{name} holds {have.dtype}, not {want.dtype}")
        need_finite(name, have, path)
    network.load_state_dict(tensors)
    return network


def _empty(card: Card, room: int, path: Path) -> "nn.Module":
    """A network as the card says, of at most ``room`` numbers."""
    import torch
    from torch.overrides import TorchFunctionMode

    class WithinRoom(TorchFunctionMode):
        """All layers take their weights' memory by torch.empty: refused before there is too much of it."""

        left = room

        def __torch_function__(self, function, types, args=(), kwargs=None):
            if function is torch.empty:
                self.left -= math.prod(args[0] if isinstance(args[0], tuple | list) else args)
                if self.left < 0:
                    _refuse(path, card, f"for {dict(card.config)} there are not enough of them")
            return function(*args, **(kwargs or {}))

    kind = NETWORKS[card.network]
    try:
        with WithinRoom():
            return getattr(importlib.import_module(kind.module), kind.architecture)(**card.config)
    except (TypeError, ValueError, ArithmeticError, LookupError, RuntimeError) as error:
        raise UserError(f"{path}: the model card's config makes no {kind.title}: {in_a_line(error)}") from error


def need_finite(name: str, tensor: "Tensor", what: Path | str) -> None:
    """Raise UserError where ``tensor`` has a value that is infinite or no number."""
    if tensor.is_floating_point() and not tensor.isfinite().all():
        raise UserError(f"{what}: the weights are damaged: {name} has values that are infinite or no numbers")


def _refuse(path: Path, card: Card, why: str) -> None:
    raise UserError(f"{path}: these are no weights of {NETWORKS[card.network].title} as the model card describes "
                    f"it: {why}")


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one number"


def tensors_bytes(tensors: Mapping[str, "Tensor"]) -> int:
    """What the tensors would take if each had its own memory."""
    return sum(math.prod(tensor.shape) * tensor.element_size() for tensor in tensors.values())


def in_a_line(error: BaseException) -> str:
    """What a library says, for the end of our own line."""
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= 160 else words[:160] + "…"
