"""A whole training run: from folders of photos and a network's name to weights with a card.

Beside OUT.safetensors and OUT.json it leaves OUT.training/: the last checkpoint, a sample sheet of photos held out, and
the losses' curves.
"""

import platform
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from editor.engines.contract import Progress
from editor.engines.networks import store
from editor.engines.networks.cards import Card, plain_name
from editor.errors import UserError
from editor.training import edge_connect, guided
from editor.training.data import Album, held_out, photos_in
from editor.training.features import MobileNetFeatures
from editor.training.loop import Examples, Schedule, Task, Training, load_checkpoint
from editor.training.report import write_curves, write_sheet

TASKS: Mapping[str, Callable[..., Task]] = {
    "sc-fegan": guided.sc_fegan,
    "scene": guided.scene,
    "edge-connect-edge": edge_connect.edges,
    "edge-connect-completion": edge_connect.completion,
}
"""Network -> its task; keyword arguments as the network's ``config``."""

STAGES = ("edge-connect-edge", "edge-connect-completion")
"""Of ``edge-connect``, in their order."""

QUICK = Schedule(seconds=45.0, batch=4, size=96, adversarial_from=0.5)
"""A minute on two cores."""

SHEET_SECONDS = 120.0


@dataclass(frozen=True)
class Order:
    """What is asked for."""

    network: str
    data: tuple[Path, ...]
    out: Path  # NAME.safetensors
    schedule: Schedule
    config: Mapping[str, Any] = field(default_factory=dict)  # of the architecture, where it is not resumed
    resume: Path | None = None  # a checkpoint (.pt) or a model (.safetensors)
    proposer: Path | None = None  # EdgeConnect's first stage, for its second to learn with
    features: Path | None = None
    device: str = "cpu"
    limit: int | None = None  # of photos
    command: str = ""  # for the card
    title: str = ""
    data_words: str = ""  # for the card
    licence: str = ""


def train(order: Order, progress: Progress, say: Callable[[str], None] = lambda words: None) -> store.Model:
    """Train, and write the model. ``progress`` gets the share done with the time left, and may raise Cancelled: a
    checkpoint to resume from is then left. ``say`` gets a line now and then. Raises UserError."""
    folder = order.out.with_suffix(".training")
    folder.mkdir(parents=True, exist_ok=True)
    training, parent = _prepared(order)
    photos = photos_in(order.data)
    known, unknown = ([path for path in photos if held_out(path) is out] for out in (False, True))
    side = min(512, round(1.125 * order.schedule.size / 32) * 32 + 144)
    album = Album.load((known or photos)[:order.limit], side, progress).to(order.device)
    tests = Album.load((unknown or photos)[:128], side, progress).to(order.device)
    if album.unreadable:
        say(f"{len(album.unreadable)} files could not be read and were left out: {album.unreadable[0].name} …")
    features = None
    if order.features is not None:
        features = MobileNetFeatures.load(order.features).to(order.device, memory_format=torch.channels_last)
    watch = _Watch(training, tests, folder, progress, say)
    training.run(album, features, folder / "checkpoint.pt", watch)
    watch.draw()
    return write_model(order, training, tests, len(album.squares), parent)


def bundled(network: str) -> Path:
    """The weights that come with the program; UserError where there are none."""
    for model in store.models():
        if model.bundled and model.card is not None and model.card.network == network:
            return model.path
    raise UserError(f"no weights of {network} come with the program")


def _prepared(order: Order) -> tuple[Training, str]:
    """The training, resumed where that is wanted, and the name of the model that it started from."""
    if order.network not in TASKS:
        raise UserError(f"there is no network {order.network!r} to train; there are {', '.join(TASKS)}")
    make = TASKS[order.network]
    if order.proposer is not None:
        make = partial(make, proposer=store.load(store.model_at(order.proposer)))
    if order.resume is None:
        return Training(make(**order.config), order.schedule, order.device), ""
    if order.resume.suffix == ".pt":
        state = load_checkpoint(order.resume)
        if state["network"] != order.network:
            raise UserError(f"{order.resume} is a checkpoint of {state['network']}, not of {order.network}")
        training = Training(make(**state["config"]), order.schedule, order.device)
        training.load(order.resume)
        return training, ""
    model = store.model_at(order.resume)
    weights = store.read_tensors(model)
    if model.card.network != order.network:
        raise UserError(f"{order.resume} is a model of {model.card.network}, not of {order.network}")
    training = Training(make(**model.card.config), order.schedule, order.device)
    training.start_from({name: tensor.float() for name, tensor in weights.items()})
    return training, model.name


class _Watch:
    """Told of each step: counts the time left, and draws sheets and curves now and then."""

    def __init__(self, training: Training, tests: Album, folder: Path, progress: Progress, say: Callable[[str], None]):
        self._training, self._tests, self._folder = training, tests, folder
        self._progress, self._say = progress, say
        self._curves: dict[str, list[tuple[int, float]]] = {}
        self._drawn = time.monotonic()
        self._begun, self._share = time.monotonic(), training.share

    def __call__(self, training: Training, terms: dict[str, float]) -> None:
        for name, value in terms.items():
            self._curves.setdefault(name, []).append((training.step, value))
        now = time.monotonic()
        gone = max(1e-6, training.share - self._share)
        left = (now - self._begun) * (1 - training.share) / gone
        words = f"Step {training.step}, {_time(left)} left, loss {terms['loss']:.3f}"
        if now - self._drawn > SHEET_SECONDS:
            self.draw()
            self._say(words)
            self._drawn = time.monotonic()
        self._progress(training.share, words)

    def draw(self) -> None:
        size = self._training.schedule.size
        examples = test_examples(self._training, self._tests, 10, size)
        with torch.inference_mode():
            write_sheet(self._folder / "sheet.png", self._training.task.rows(self._training.averaged, examples))
        write_curves(self._folder / "curves.png", self._curves)


def test_examples(training: Training, tests: Album, count: int, size: int, seed: int = 5) -> Examples:
    """The same batch of photos held out each time."""
    random = torch.Generator(training.device).manual_seed(seed)
    with torch.no_grad():
        return training.task.examples(random, tests, count, size)


def write_model(order: Order, training: Training, tests: Album, squares: int, parent: str = "") -> store.Model:
    """The averaged weights with a card that says how they came about and what they are worth on photos held out."""
    figures: dict[str, list[float]] = {}
    with torch.inference_mode():
        for seed in range(8):
            examples = test_examples(training, tests, 16, order.schedule.size, seed)
            for name, value in training.task.figures(training.averaged, examples).items():
                figures.setdefault(name, []).append(value)
    held = {name: round(sum(values) / len(values), 3) for name, values in figures.items()}
    title = order.title or f"{store.NETWORKS[order.network].title}, trained on {order.data[0].name}"
    card = Card(
        name=plain_name(order.out.stem), title=title, network=order.network, config=training.task.config,
        data=order.data_words or f"{squares} squares out of photos in {', '.join(path.name for path in order.data)}",
        licence=order.licence, command=order.command, commit=commit(), steps=training.step,
        seconds=round(training.seconds), device=device_words(order.device), held_out=held, parent=parent)
    return store.save_model(order.out.parent, card, training.averaged.state_dict())


def _time(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds} s"


def commit() -> str:
    """The program's commit, where it runs from its repository; else nothing."""
    try:
        done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True,
                              text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def device_words(device: str) -> str:
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{torch.get_num_threads()} threads of {platform.machine()}" if device == "cpu" else device

