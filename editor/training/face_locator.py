"""Training the face locator on the processor: composed pictures in, maps of faces' centres, sides and turns out.

Each step's pictures follow from the seed and the step alone, so that a training that was interrupted goes on with the
pictures that it would have seen.
"""

import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from editor.engines.contract import Cancelled, Progress
from editor.engines.networks import store
from editor.engines.networks.cards import Card, plain_name
from editor.engines.networks.face_locator import Locator
from editor.engines.networks.framing import THRESHOLD, Detection, detections, overlap, planes
from editor.errors import UserError
from editor.training.data import held_out, photos_in
from editor.training.face_scenes import FaceScene, compose
from editor.training.face_targets import Batch
from editor.training.loop import Schedule, load_checkpoint, save_checkpoint
from editor.training.runs import Order, commit, device_words

SCHEDULE = Schedule(steps=3000, batch=32, rate=2e-3, average=0.998)
QUICK = Schedule(steps=3000, seconds=45.0, batch=8, rate=2e-3, average=0.9)

_SAY_SECONDS = 60.0
_UNFIT = {"faces": ("sfhq",), "scenes": ("coco", "openimages", "usgov")}
"""Prefixes of portraits that are no frames of 2 to 3 face widths, and of scenes that show so many people that they
would teach that there is no face where there is one."""


@dataclass(frozen=True)
class Photos:
    """Portraits, each a face's frame, and scenes with hardly a face in them."""

    faces: tuple[Path, ...]
    scenes: tuple[Path, ...]

    @classmethod
    def of(cls, folders: tuple[Path, ...], test: bool = False) -> "Photos":
        """Those in ``faces`` and ``scenes`` of each folder that are held out from training, or all others."""
        faces, scenes = (tuple(path for path in photos_in(folder / name for folder in folders)
                               if held_out(path) == test and path.name.split("_")[0] not in unfit)
                         for name, unfit in _UNFIT.items())
        if not faces or not scenes:
            raise UserError(f"{folders[0]}: the face locator needs photos in faces/ and scenes/, some to be held out")
        return cls(faces, scenes)


class Training:
    """A run: the network, its optimiser, and how far they have come."""

    def __init__(self, schedule: Schedule, model: Locator):
        self.schedule = schedule
        self.model = model.to(memory_format=torch.channels_last).train()
        self.averaged = deepcopy(model).eval().requires_grad_(False)
        self.step = 0
        self.seconds = 0.0
        self._optimiser = torch.optim.AdamW(model.parameters(), schedule.rate, weight_decay=0.01)

    @property
    def share(self) -> float:
        """How much of the schedule is done, 0 to 1."""
        return min(1.0, max(self.step / self.schedule.steps, self.seconds / self.schedule.seconds))

    def run(self, photos: Photos, checkpoint: Path, report: Callable[[float], None]) -> None:
        """Train to the schedule's end; ``report`` gets each step's loss, and may raise Cancelled.

        A checkpoint is written every ``save_seconds``, and when cancelled.
        """
        saved = time.monotonic()
        try:
            with closing(_batches(photos, self.schedule, self.step)) as batches:
                begun = time.monotonic()
                for batch in batches:
                    loss = self._learn(batch)
                    self.seconds += time.monotonic() - begun
                    begun = time.monotonic()
                    report(loss)
                    if time.monotonic() - saved > self.schedule.save_seconds:
                        self.save(checkpoint)
                        saved = time.monotonic()
                    if self.share >= 1:
                        break
        except (Cancelled, KeyboardInterrupt):
            self.save(checkpoint)
            raise

    def _learn(self, batch: Batch) -> float:
        rate = self.schedule.rate * min(1.0, 20 * self.share + 0.02, (1 + math.cos(math.pi * self.share)) / 2 + 0.01)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16):
            out = self.model(batch.inputs.contiguous(memory_format=torch.channels_last))
        loss = batch.loss(out.float())
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self._optimiser.step()
        self.step += 1
        keep = min(self.schedule.average, self.step / (self.step + 10))  # what it began with is soon forgotten
        now = self.model.state_dict()
        for name, value in self.averaged.state_dict().items():
            if value.is_floating_point():
                value.lerp_(now[name].detach(), 1 - keep)
        return loss.item()

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        save_checkpoint(path, {
            "network": "face-locator", "model": self.model.state_dict(), "averaged": self.averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(), "step": self.step, "seconds": self.seconds,
            "config": {"width": self.model.width}})

    @classmethod
    def resumed(cls, schedule: Schedule, path: Path) -> "Training":
        """From a checkpoint. Raises UserError where it is none of this network."""
        state = load_checkpoint(path)
        if state["network"] != "face-locator":
            raise UserError(f"{path} is a checkpoint of {state['network']}, not of face-locator")
        training = cls(schedule, Locator(**state["config"]))
        training.model.load_state_dict(state["model"])
        training.averaged.load_state_dict(state["averaged"])
        training._optimiser.load_state_dict(state["optimiser"])
        training.step, training.seconds = state["step"], state["seconds"]
        return training


def train(order: Order, progress: Progress, say: Callable[[str], None] = lambda words: None) -> store.Model:
    """Train, measure on photos held out, and write the model. As runs.train, but for sheets and curves."""
    folder = order.out.with_suffix(".training")
    folder.mkdir(parents=True, exist_ok=True)
    photos, tests = (Photos.of(order.data, test) for test in (False, True))
    training, parent = _prepared(order)
    photos = Photos(photos.faces[:order.limit], photos.scenes[:order.limit])
    begun = told = time.monotonic()
    first, mean = training.share, None

    def report(loss: float) -> None:
        nonlocal mean, told
        mean = loss if mean is None else 0.98 * mean + 0.02 * loss
        left = (time.monotonic() - begun) * (1 - training.share) / max(1e-6, training.share - first)
        words = f"Step {training.step}, {left / 60:.0f} min left, loss {mean:.3f}"
        if time.monotonic() - told > _SAY_SECONDS:
            told = time.monotonic()
            say(words)
        progress(training.share, words)

    training.run(photos, folder / "checkpoint.pt", report)
    model = training.averaged.to(memory_format=torch.contiguous_format)
    card = Card(
        name=plain_name(order.out.stem), title=order.title or "Face locator", network="face-locator",
        config={"width": model.width}, data=order.data_words or f"{len(photos.faces)} portraits laid into "
        f"{len(photos.scenes)} scenes of {', '.join(path.name for path in order.data)}", licence=order.licence,
        command=order.command, commit=commit(), steps=training.step, seconds=round(training.seconds),
        device=device_words("cpu"), parent=parent,
        held_out=measure(model, tests, THRESHOLD, min(500, 60 + training.step)))
    return store.save_model(order.out.parent, card, model.state_dict())


def _prepared(order: Order) -> tuple[Training, str]:
    """The training, resumed where that is wanted, and the name of the model that it started from."""
    torch.manual_seed(order.schedule.seed)
    if order.resume is None:
        return Training(order.schedule, Locator(**order.config)), ""
    if order.resume.suffix == ".pt":
        return Training.resumed(order.schedule, order.resume), ""
    start = store.model_at(order.resume)
    model = store.load(start).requires_grad_(True)
    if not isinstance(model, Locator):
        raise UserError(f"{order.resume} is a model of {start.card.network}, not of face-locator")
    return Training(order.schedule, model), start.name


def _batches(photos: Photos, schedule: Schedule, first: int) -> Iterator[Batch]:
    """The batches from step ``first`` on, composed in a thread; the same ones for the same photos and seed."""
    ready: queue.Queue[Batch | Exception] = queue.Queue(4)
    stop = threading.Event()

    def compose_all() -> None:
        for step in range(first, schedule.steps):
            try:
                made: Batch | Exception = Batch.of([
                    compose(np.random.default_rng((schedule.seed, step, index)), photos.faces, photos.scenes)
                    for index in range(schedule.batch)])
            except Exception as error:  # raised again by whoever takes the batches
                made = error
            while not stop.is_set():
                try:
                    ready.put(made, timeout=0.2)
                    break
                except queue.Full:
                    continue
            if stop.is_set() or isinstance(made, Exception):
                return

    thread = threading.Thread(target=compose_all, name="composing faces", daemon=True)
    thread.start()
    try:
        for _ in range(first, schedule.steps):
            made = ready.get()
            if isinstance(made, Exception):
                raise made
            yield made
    finally:
        stop.set()
        thread.join()


@torch.inference_mode()
def look(model: Locator, picture: FaceScene, threshold: float) -> list[Detection]:
    """The faces that the network finds in a composed picture."""
    inputs = torch.from_numpy(planes(picture.image, picture.hole, picture.beyond))[None]
    return detections(model(inputs)[0].numpy(), threshold)


def measure(model: Locator, photos: Photos, threshold: float, count: int = 500, seed: int = 1) -> dict[str, Any]:
    """Figures on ``count`` composed pictures with faces, and as many without: for the model card."""
    found, asked, aside, turns, scales = 0, 0, [], [], []
    for index in range(count):
        picture = compose(np.random.default_rng((seed, index)), photos.faces, photos.scenes, empty=0.0)
        seen = look(model, picture, threshold)
        for frame in picture.frames:
            asked += 1
            best = max(seen, key=lambda detection: overlap(detection.frame, frame), default=None)
            if best is None or overlap(best.frame, frame) < 0.5:
                continue
            found += 1
            aside.append(math.dist(best.frame.centre, frame.centre) / (frame.side / 2.5))
            turns.append(abs((best.frame.angle - frame.angle + 180) % 360 - 180))
            scales.append(abs(math.log2(best.frame.side / frame.side)))
    alarms = sum(bool(look(model, compose(np.random.default_rng((seed, count + index)), photos.faces, photos.scenes,
                                          empty=1.0), threshold)) for index in range(count))
    middle = {name: round(float(np.median(values)), 3) for name, values in (
        ("centre error in face widths, median", aside), ("turn error in degrees, median", turns),
        ("side error in octaves, median", scales)) if values}
    return {"threshold": threshold, "composed pictures": count, "found at IoU 0.5": round(found / max(asked, 1), 4),
            **middle, "false alarms on scenes without faces": round(alarms / count, 4)}
