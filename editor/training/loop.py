"""The loop that trains a generator, mostly against a critic, for every network of the program.

All chance comes from one generator seeded by (seed, step), so that a run resumed from a checkpoint on the same machine
goes on exactly as if it had not stopped.
"""

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from editor.atomic import replacing
from editor.engines.contract import Cancelled
from editor.engines.networks.cards import NETWORKS, Card
from editor.engines.networks.devices import fast_bfloat16, out_of_memory
from editor.engines.networks.weights import build, in_a_line, parse_checkpoint, read_file
from editor.errors import UserError
from editor.training.data import Album
from editor.training.features import Features

Examples = dict[str, torch.Tensor]


class Task(Protocol):
    """What there is to learn: the networks, the examples, and the losses."""

    network: str  # as model cards call it
    config: dict[str, Any]  # of the generator's architecture
    generator: nn.Module
    critic: nn.Module | None  # None where there is nothing for one to judge

    def examples(self, random: torch.Generator, album: Album, count: int, size: int) -> Examples:
        """A batch on the album's device."""

    def generator_loss(self, examples: Examples, features: Features | None,
                       adversarial: bool) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        """The loss, what the critic is to be shown as false, and the terms for the curves."""

    def critic_loss(self, examples: Examples, false: torch.Tensor) -> torch.Tensor:
        """The critic's loss; ``false`` is detached."""

    def rows(self, generator: nn.Module, examples: Examples) -> list[torch.Tensor]:
        """Rows of a sample sheet, each (n, 3, h, w) in -1..1."""

    def figures(self, generator: nn.Module, examples: Examples) -> dict[str, float]:
        """What the generator is worth on a batch never trained on, for its card."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast."""

    steps: int = 20_000
    seconds: float = math.inf  # of training, after which it ends if the steps are not done before
    batch: int = 16
    size: int = 256  # pixels, of the crops
    rate: float = 3e-4  # learning rate of the generator and critic; falls to a twentieth along a cosine
    adversarial_from: float = 0.3  # share of the steps before the critic joins
    average: float = 0.999  # of the moving average of the weights, which is what is kept
    seed: int = 0
    precision: str = "auto"  # "float32", "bfloat16" or, where the processor is made for bfloat16, that
    save_seconds: float = 120.0


@dataclass
class Training:
    """A run: a task's networks, their optimisers, and how far they have come."""

    task: Task
    schedule: Schedule
    device: str = "cpu"
    step: int = 0
    seconds: float = 0.0  # spent so far, over all resumptions
    parent: str = ""  # name of the model that it started from
    averaged: nn.Module = field(init=False)

    def __post_init__(self) -> None:
        for network in self._networks:
            network.to(self.device, memory_format=torch.channels_last).train()
        self.averaged = deepcopy(self.task.generator).eval().requires_grad_(False)
        self._optimisers = [torch.optim.Adam(network.parameters(), self.schedule.rate, betas=(0.5, 0.99))
                            for network in self._networks]

    @property
    def _networks(self) -> list[nn.Module]:
        return [network for network in (self.task.generator, self.task.critic) if network is not None]

    def start_from(self, weights: dict[str, torch.Tensor], parent: str) -> None:
        """Begin with the weights of a model of the same architecture; the critic begins anew."""
        self.task.generator.load_state_dict(weights)
        self.averaged.load_state_dict(weights)
        self.parent = parent

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all. Raises UserError where the disk refuses."""
        critic = self.task.critic
        state = {"generator": self.task.generator.state_dict(), "critic": critic.state_dict() if critic else {},
                 "averaged": self.averaged.state_dict(), "optimisers": [each.state_dict() for each in self._optimisers],
                 "step": self.step, "seconds": self.seconds, "parent": self.parent, "network": self.task.network,
                 "config": self.task.config}
        save_checkpoint(path, state)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint; UserError where it is not one of this network."""
        state = load_checkpoint(path)
        if (state["network"], state["config"]) != (self.task.network, self.task.config):
            raise UserError(f"{path} is a checkpoint of {state['network']} {state['config']}, "
                            f"not of {self.task.network} {self.task.config}")
        try:
            self.task.generator.load_state_dict(state["generator"])
            if self.task.critic is not None:
                self.task.critic.load_state_dict(state["critic"])
            self.averaged.load_state_dict(state["averaged"])
            for optimiser, saved in zip(self._optimisers, state["optimisers"], strict=True):
                optimiser.load_state_dict(saved)
            self.step, self.seconds = int(state["step"]), float(state["seconds"])
        except (RuntimeError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(f"{path} is no checkpoint of a training, or is damaged: {in_a_line(error)}") from error
        self.parent = str(state.get("parent", ""))

    def finish(self) -> None:
        """Let the schedule end with the present step."""
        self.schedule = replace(self.schedule, steps=max(1, self.step))

    @property
    def saved_bytes(self) -> int:
        """About what a checkpoint takes on disk, and the model's file, once there are two of each."""
        sizes = [sum(each.nbytes for each in network.state_dict().values())
                 for network in self._networks]
        return 2 * (4 * sizes[0] + 3 * sum(sizes[1:])) + sizes[0]

    @property
    def share(self) -> float:
        """How much of the schedule is done, 0 to 1."""
        return min(1.0, max(self.step / self.schedule.steps, self.seconds / max(1e-9, self.schedule.seconds)))

    def random(self, step: int) -> torch.Generator:
        return torch.Generator(self.device).manual_seed(self.schedule.seed * 1_000_003 + step)

    def run(self, album: Album, features: Features | None, checkpoint: Path,
            report: Callable[["Training", dict[str, float]], None]) -> None:
        """Train to the schedule's end, telling ``report`` after each step; it may raise Cancelled.

        A checkpoint is written every ``save_seconds``, at the end, and when cancelled. Raises UserError where the
        training diverges, or finds no memory.
        """
        saved = time.monotonic()
        try:
            while self.share < 1:
                begun = time.monotonic()
                terms = self._checked_step(album, features)
                self.seconds += time.monotonic() - begun
                report(self, terms)
                if time.monotonic() - saved > self.schedule.save_seconds:
                    self.save(checkpoint)
                    saved = time.monotonic()
        except Cancelled:
            self.save(checkpoint)
            raise
        self.save(checkpoint)

    def _checked_step(self, album: Album, features: Features | None) -> dict[str, float]:
        try:
            found = self._one_step(album, features)
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            raise UserError(f"there is not enough memory to train {self.task.network} on {self.schedule.batch} "
                            f"pictures of {self.schedule.size} px at once: fewer or smaller ones need less") from error
        if not all(map(math.isfinite, found.values())):
            raise UserError(f"the training of {self.task.network} has diverged at step {self.step}: {found}; "
                            "resume from its last checkpoint with a lower --rate")
        return found

    def _one_step(self, album: Album, features: Features | None) -> dict[str, float]:
        schedule, task = self.schedule, self.task
        share = self.share
        adversarial = task.critic is not None and share >= schedule.adversarial_from
        rate = schedule.rate * (0.05 + 0.95 * (1 + math.cos(math.pi * share)) / 2) * min(1.0, (self.step + 1) / 100)
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
        with torch.no_grad():
            examples = task.examples(self.random(self.step), album, schedule.batch, schedule.size)
        if adversarial:
            task.critic.requires_grad_(False)
        with self.autocast():
            loss, false, terms = task.generator_loss(examples, features, adversarial)
        self._update(0, loss)
        terms["loss"] = loss
        if adversarial:
            task.critic.requires_grad_(True)
            with self.autocast():
                terms["critic"] = task.critic_loss(examples, false.detach())
            self._update(1, terms["critic"])
        self._average()
        self.step += 1
        found = {name: float(term.detach()) for name, term in terms.items()}
        if not all(map(math.isfinite, found.values())):
            raise UserError(f"the training of {task.network} has diverged at step {self.step}: {found}; "
                            "resume from its last checkpoint with a lower --rate")
        return found

    def _update(self, index: int, loss: torch.Tensor) -> None:
        optimiser = self._optimisers[index]
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([each for group in optimiser.param_groups for each in group["params"]], 1.0)
        optimiser.step()

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.schedule.average, (1 + self.step) / (10 + self.step))
        target = self.averaged.state_dict()
        for name, value in self.task.generator.state_dict().items():
            if value.is_floating_point():
                target[name].lerp_(value, 1 - keep)
            else:
                target[name].copy_(value)

    def autocast(self) -> Any:
        device = torch.device(self.device).type
        wanted = self.schedule.precision == "bfloat16" or (self.schedule.precision == "auto" and fast_bfloat16(device))
        return torch.autocast(device, torch.bfloat16) if wanted else nullcontext()


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write tensors, numbers and text, whole or not at all. Raises UserError where the disk refuses."""
    with replacing(path) as file:
        try:
            torch.save(state, file)
        except RuntimeError as error:  # torch hides the disk's own behind it
            raise (error.__context__ if isinstance(error.__context__, OSError) else error) from None


def load_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint's values: its averaged weights are those of the architecture that its network and config name.

    Raises UserError where it cannot be read, holds code, or is none.
    """
    state = parse_checkpoint(read_file(path), path)
    kinds = {"network": str, "config": dict, "averaged": dict, "step": int, "seconds": float | int}
    if not (isinstance(state, dict) and all(isinstance(state.get(key), kind) for key, kind in kinds.items())
            and state["network"] in NETWORKS):
        raise UserError(f"{path} is not a checkpoint of a training")
    build(Card(path.stem, path.stem, state["network"], state["config"]), state["averaged"], path)
    return state
