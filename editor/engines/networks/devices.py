"""Where a network runs, how exactly, and what is done when it finds no room there."""

import contextlib
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from editor.engines.networks.weights import need_torch
from editor.errors import UserError

Result = TypeVar("Result")

AUTO = "auto"
_NAME = re.compile(r"auto|cpu|mps|cuda(:\d{1,2})?")
_NO_MEMORY = "there is not enough memory"
_NO_ROOM = ("out of memory", "can't allocate memory", "not enough memory", "invalid buffer size", "alloc_failed")
_FAILED = ("cuda error", "cudnn error", "cublas error", "cufft error", "cuda driver", "mps backend", "mps device",
           "no kernel image")


@dataclass(frozen=True)
class Place:
    """A device as torch calls it, and the precision of convolutions there."""

    device: str = "cpu"
    precision: str = "float32"  # "float32", "float16" or "bfloat16"; weights and results are float32 all the same


@dataclass(frozen=True)
class Device:
    """One that this machine has."""

    name: str  # for ``choose``
    title: str  # for the user


@dataclass(frozen=True)
class Outcome(Generic[Result]):
    """What came of a run, and how it had to be done."""

    result: Result
    size: int
    place: Place
    notes: tuple[str, ...] = ()  # for the user


def check_name(wanted: str) -> str:
    """``wanted`` itself, if it could name a device on some machine; UserError otherwise. Loads nothing."""
    if not _NAME.fullmatch(wanted):
        raise UserError(f"there is no device {wanted!r}: it is one of auto, cpu, cuda, cuda:1 …, mps")
    return wanted


def devices() -> tuple[Device, ...]:
    """What this machine has, best first; loads torch. Raises UserError where it is not installed."""
    need_torch()
    import torch

    found = []
    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        found += [Device(f"cuda:{number}" if number else "cuda", f"Graphics card: {torch.cuda.get_device_name(number)}")
                  for number in range(count)]
    if torch.backends.mps.is_available():
        found.append(Device("mps", "Graphics processor (Metal)"))
    return (*found, Device("cpu", "Processor"))


def choose(wanted: str = AUTO, precision: str = AUTO) -> Place:
    """The place that ``wanted`` names, "auto" the best that there is.

    "auto" is half precision on devices made for it: float16 on CUDA cards, whose 11 significant bits are those that
    such a card's convolutions have in float32 by default (TF32); bfloat16 on processors that multiply it (AVX-512
    BF16), where it takes 0.45 to 0.65 of the time. SC-FEGAN's and the scene network's fills then differ from float32's
    by 0.03 of 255 on average and 0.15 at 999 of 1000 pixels, with bfloat16's 8 bits by 0.24 and 1.1. Elsewhere float32.
    Raises UserError for a device that is not there.
    """
    there = devices()
    if check_name(wanted) == AUTO:
        name = there[0].name
    else:
        name = "cuda" if wanted == "cuda:0" else wanted
        if name not in [device.name for device in there]:
            raise UserError(f"this machine has no device {wanted!r}; it has {', '.join(one.name for one in there)}")
    return Place(name, _best_precision(name) if precision == AUTO else precision)


def _best_precision(device: str) -> str:
    import torch

    if device.startswith("cuda") and torch.cuda.get_device_capability(device) >= (7, 0):
        return "float16"
    return "bfloat16" if device == "cpu" and fast_bfloat16(device) else "float32"


def fast_bfloat16(device: str) -> bool:
    """Whether bfloat16 is faster than float32 there."""
    import torch

    if device == "cpu":
        return torch.cpu._is_avx512_bf16_supported()
    return device.startswith("cuda") and torch.cuda.is_bf16_supported()


def autocast(place: Place) -> AbstractContextManager:
    """Within it, convolutions and products of matrices have the place's precision; layers that need float32, those
    with an FFT say, switch it off for themselves."""
    if place.precision == "float32":
        return contextlib.nullcontext()
    import torch

    return torch.autocast(place.device.partition(":")[0], getattr(torch, place.precision))


def run_with_fallback(attempt: Callable[[int, Place], Result], sizes: Sequence[int], place: Place) -> Outcome[Result]:
    """``attempt(size, place)`` at the first of ``sizes`` (largest first) for which there is memory; then on the CPU.

    attempt: raises MemoryError, or what torch raises, where there is no room; FloatingPointError where values came out
    that are no numbers, which half precision may be to blame for: it is asked again for float32. What else it
    raises, Cancelled say, is let pass. Raises UserError where nothing helps.
    """
    places = [place] if place.device == "cpu" else [place, choose("cpu")]
    failure = ""
    for here in places:
        for size in sizes:
            failed_before = failure
            try:
                result, used = _exact_enough(attempt, size, here)
            except (MemoryError, RuntimeError) as error:
                failure = _failure(error)
                if not failure:
                    raise
            else:
                return Outcome(result, size, used, _notes(failed_before, sizes[0], size, place, used))
            _give_back(here)  # only now, when the error no longer holds the tensors it came from
            if failure != _NO_MEMORY:
                break  # a smaller size mends no broken driver
    raise UserError(f"the network cannot run at {sizes[-1]} px: {failure}; close other programs, or choose an engine "
                    "that needs no network")


def _exact_enough(attempt: Callable[[int, Place], Result], size: int, place: Place) -> tuple[Result, Place]:
    try:
        return attempt(size, place), place
    except FloatingPointError:
        if place.precision == "float32":
            raise UserError("the network's answer is no picture: its weights are damaged; choose another "
                            "in Models") from None
    place = replace(place, precision="float32")
    return _exact_enough(attempt, size, place)


def out_of_memory(error: BaseException) -> bool:
    """Whether that is what torch means by it."""
    return isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in _NO_ROOM)


def _failure(error: BaseException) -> str:
    """What was wrong, if it is the device's fault or it had no room; "" for a mistake of the program's."""
    if out_of_memory(error):
        return _NO_MEMORY
    words = str(error).lower()
    if any(sign in words for sign in _FAILED):
        return str(error).strip().partition("\n")[0]
    return ""


def _notes(failure: str, wanted_size: int, size: int, wanted: Place, used: Place) -> tuple[str, ...]:
    notes = []
    if used.device != wanted.device:
        notes.append(f"The graphics card could not be used ({failure}): this was done on the processor.")
    if size != wanted_size:
        notes.append(f"There was not enough memory for {wanted_size} px: this was done at {size} px, with less detail.")
    return tuple(notes)


def _give_back(place: Place) -> None:
    """Let torch return the memory that it keeps for later on a graphics card."""
    if place.device != "cpu":
        import torch

        backend = torch.mps if place.device == "mps" else torch.cuda
        if backend.is_available():
            backend.empty_cache()
