"""A whole training run: from folders of photos and a network's name to weights with a card.

Beside OUT.safetensors and OUT.json it leaves OUT.training/: the last checkpoint, a sample sheet of photos held out, and
the losses' curves.
"""

import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from editor.atomic import reason
from editor.engines.contract import Progress, no_progress
from editor.engines.networks import store
from editor.engines.networks.cards import Card, plain_name
from editor.engines.networks.framing import locator
from editor.engines.networks.weights import build
from editor.errors import UserError
from editor.training import damage_finder, edge_connect, guided
from editor.training.data import Album, Squares, held_out, photos_in, whole_squares
from editor.training.face_frames import face_squares
from editor.training.features import Features, MobileNetFeatures, OwnFeatures
from editor.training.loop import Examples, Schedule, Task, Training, load_checkpoint
from editor.training.report import write_curves, write_sheet

TASKS: Mapping[str, Callable[..., Task]] = {
    "sc-fegan": guided.sc_fegan,
    "scene": guided.scene,
    "edge-connect-edge": edge_connect.edges,
    "edge-connect-completion": edge_connect.completion,
    "damage-finder": damage_finder.FindingTask,
}
"""Network -> its task; keyword arguments as the network's ``config``."""

STAGES = ("edge-connect-edge", "edge-connect-completion")
"""Of ``edge-connect``, in their order."""

ANEW: Mapping[str, Mapping[str, Any]] = dict.fromkeys(STAGES, {"shortcuts": True})
"""Network -> what is added to the ``config`` of one that is not resumed: EdgeConnect's authors' have no shortcuts."""

QUICK = Schedule(seconds=45.0, batch=4, size=96, adversarial_from=0.5)
"""A minute on two cores."""

SHEET_SECONDS = 120.0
TESTS = 128  # photos held out that are looked at, at most


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
    # SC-FEGAN's photos are ordinary ones, and each face's frame is to be cut out of them; None: if a model is started
    # from and there is what finds faces.
    find_faces: bool | None = None
    command: str = ""  # for the card
    title: str = ""
    data_words: str = ""  # for the card
    licence: str = ""


def further(schedule: Schedule) -> Schedule:
    """The schedule for weights that have been trained: slower, and with the critic from the start, before they forget
    what one has taught them."""
    return replace(schedule, rate=1e-4, adversarial_from=0.0)


def train(order: Order, progress: Progress, say: Callable[[str], None] = lambda words: None,
          enough: Callable[[], bool] = lambda: False) -> store.Model:
    """Train, and write the model. ``progress`` gets the share done with the time left after each step, and may raise
    Cancelled: a checkpoint to resume from is then left. ``say`` gets a line now and then. When ``enough`` says so after
    a step, that was the last one. Raises UserError."""
    photos = photos_in(order.data)
    if not photos:
        raise UserError(f"{', '.join(map(str, order.data))}: there are no photos in it")
    training = _prepared(order)
    features = _features(order, training)
    folder = order.out.with_suffix(".training")
    _need_room(folder, training.saved_bytes)
    album, tests = _albums(order, photos, _squares(order, training, say), progress, say)
    watch = _Watch(training, album if tests is None else tests, folder, progress, say, enough)
    training.run(album, features, folder / "checkpoint.pt", watch)
    watch.draw()
    return write_model(order, training, tests, len(album), progress)


def bundled(network: str) -> Path:
    """The weights that come with the program; UserError where there are none."""
    for model in store.models():
        if model.bundled and model.card is not None and model.card.network == network:
            return model.path
    raise UserError(f"no weights of {network} come with the program")


def _prepared(order: Order) -> Training:
    """The training, resumed where that is wanted."""
    if order.network not in TASKS:
        raise UserError(f"there is no network {order.network!r} to train; there are {', '.join(TASKS)}")
    torch.manual_seed(order.schedule.seed)
    make = TASKS[order.network]
    if order.proposer is not None:
        make = partial(make, proposer=store.load(store.model_at(order.proposer)))
    if order.resume is None:
        return Training(make(**ANEW.get(order.network, {}), **order.config), order.schedule, order.device)
    if order.resume.suffix == ".pt":
        state = load_checkpoint(order.resume)
        _need_network(order, state["network"], "checkpoint")
        training = Training(make(**state["config"]), order.schedule, order.device)
        training.load(order.resume)
        return training
    model = store.model_at(order.resume)
    weights = store.read_tensors(model)
    _need_network(order, model.card.network, "model")
    weights = build(model.card, weights, model.path).state_dict()
    training = Training(make(**model.card.config), order.schedule, order.device)
    training.start_from(weights, model.name)
    return training


def _need_network(order: Order, network: str, what: str) -> None:
    if network != order.network:
        raise UserError(f"{order.resume} is a {what} of {network}, not of {order.network}")


def _features(order: Order, training: Training) -> Features | None:
    """For the perceptual and style losses: those of the file, or of the model that the training started from."""
    if order.features is not None:
        return MobileNetFeatures.load(order.features).to(order.device, memory_format=torch.channels_last)
    if not training.parent or not hasattr(training.task.generator, "down"):
        return None
    generator = deepcopy(training.task.generator)
    if order.resume.suffix == ".pt":
        try:
            generator.load_state_dict(store.read_tensors(store.find_model(order.network, training.parent)))
        except (UserError, RuntimeError):  # it is gone, or another has its name
            return None
    return OwnFeatures(generator)


def _need_room(folder: Path, size: int) -> None:
    """Make the folder, and raise UserError now rather than hours later where nothing could be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place in (folder, folder.parent):
            tempfile.TemporaryFile(dir=place).close()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {reason(error)}") from error
    if free < size:
        raise UserError(f"{folder}: a training needs {size / 2**20:.0f} MiB of disk, and {free / 2**20:.0f} MiB "
                        "are free there")


def _squares(order: Order, training: Training, say: Callable[[str], None]) -> Squares:
    """What is taken of each photo."""
    wanted = bool(training.parent) if order.find_faces is None else order.find_faces
    if not wanted or order.network != "sc-fegan":
        return whole_squares
    try:
        return partial(face_squares, network=locator())
    except UserError as error:
        if order.find_faces:
            raise
        say(f"each photo is taken for one face's frame: {error}")
        return whole_squares


def _albums(order: Order, photos: list[Path], squares: Squares, progress: Progress,
            say: Callable[[str], None]) -> tuple[Album, Album | None]:
    """What is trained on, and what is held out, if that leaves something of either."""
    known = _spread([path for path in photos if not held_out(path)], order.limit)
    unknown = _spread([path for path in photos if held_out(path)], min(TESTS, order.limit or TESTS))
    photos = known + unknown
    side = min(512, round(1.125 * order.schedule.size / 32) * 32 + 144)
    useless = "are too small" if squares is whole_squares else "show no face that is large enough"
    both = Album.load(photos, side, progress, squares)
    for left_out, why in ((both.unreadable, "cannot be read"), (both.without, useless)):
        if left_out:
            say(f"{len(left_out)} of {len(photos)} photos {why} and are left out: {left_out[0].name}"
                + (" …" if len(left_out) > 1 else ""))
    if not len(both):
        raise UserError(f"{', '.join(map(str, order.data))}: there is nothing to train on: its {len(photos)} photos "
                        + (useless if both.without else "cannot be read"))
    album, tests = both.to(order.device).cut(sum(not held_out(path) for path in both.sources))
    if not len(album):
        album, tests = tests, album
    return album, tests if len(tests) else None


def _spread(paths: list[Path], limit: int | None) -> list[Path]:
    """At most ``limit`` of them, from all along the list."""
    if limit is None or len(paths) <= limit:
        return paths
    return [paths[index * len(paths) // limit] for index in range(limit)]


class _Watch:
    """Told of each step: counts the time left, and draws sheets and curves now and then."""

    def __init__(self, training: Training, tests: Album, folder: Path, progress: Progress, say: Callable[[str], None],
                 enough: Callable[[], bool]):
        self._training, self._tests, self._folder = training, tests, folder
        self._progress, self._say, self._enough = progress, say, enough
        self._curves: dict[str, list[tuple[int, float]]] = {}
        self._drawn = time.monotonic()
        self._begun, self._share = training.seconds, training.share

    def __call__(self, training: Training, terms: dict[str, float]) -> None:
        for name, value in terms.items():
            self._curves.setdefault(name, []).append((training.step, value))
        share = training.share
        left = (training.seconds - self._begun) * (1 - share) / max(1e-6, share - self._share)
        words = f"Step {training.step}, {_time(left)} left, loss {terms['loss']:.3f}"
        if time.monotonic() - self._drawn > SHEET_SECONDS:
            self.draw()
            self._say(words)
            self._drawn = time.monotonic()
        if self._enough():
            training.finish()
        self._progress(share, words)

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


def write_model(order: Order, training: Training, tests: Album | None, squares: int,
                progress: Progress = no_progress) -> store.Model:
    """The averaged weights with a card that says how they came about and what they are worth on photos held out."""
    figures: dict[str, list[float]] = {}
    with torch.inference_mode():
        for seed in range(8 if tests is not None else 0):
            progress(1.0, "Measuring on photos held out")
            examples = test_examples(training, tests, 16, order.schedule.size, seed)
            for name, value in training.task.figures(training.averaged, examples).items():
                figures.setdefault(name, []).append(value)
    held = {name: round(sum(values) / len(values), 3) for name, values in figures.items()}
    title = order.title or f"{store.NETWORKS[order.network].title}, trained on {order.data[0].name}"
    card = Card(
        name=plain_name(order.out.stem), title=title, network=order.network, config=training.task.config,
        data=order.data_words or f"{squares} squares out of photos in {', '.join(path.name for path in order.data)}",
        licence=order.licence, command=order.command, commit=commit(), steps=training.step,
        seconds=round(training.seconds), device=device_words(order.device), held_out=held,
        parent=training.parent)
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

