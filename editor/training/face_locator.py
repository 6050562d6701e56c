"""Training the face locator: composed pictures in, a map of faces' centres out.

Loss of "Objects as Points" (Zhou et al. 2019): a focal loss on the map of centres, whose truth falls off as a Gaussian
round each; smooth L1 on side, turn and place at the cells near a centre.
"""

import math
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

from editor.engines.contract import Progress, no_progress
from editor.engines.networks.face_locator import Locator
from editor.engines.networks.framing import REFERENCE_SIDE, SIZE, STRIDE, Detection, detections, overlap, planes
from editor.errors import UserError
from editor.training.data import held_out, photos_in
from editor.training.face_scenes import FaceScene, compose

_CELLS = SIZE // STRIDE
_RISKY = ("coco", "openimages", "usgov")
"""Prefixes of scenes that show so many people that they would teach that there is no face where there is one."""


@dataclass(frozen=True)
class Settings:
    steps: int = 3000
    batch: int = 24
    width: int = 32
    rate: float = 2e-3
    seed: int = 0


@dataclass(frozen=True)
class Photos:
    """Portraits, and scenes with hardly a face in them."""

    faces: tuple[Path, ...]
    scenes: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path, test: bool = False) -> "Photos":
        """Those in ``folder/faces`` and ``folder/scenes`` that are held out from training, or all others."""
        faces, scenes = (tuple(path for path in photos_in([folder / name]) if held_out(path) == test)
                         for name in ("faces", "scenes"))
        scenes = tuple(path for path in scenes if path.name.split("_")[0] not in _RISKY)
        if not faces or not scenes:
            raise UserError(f"{folder}: the face locator needs photos in faces/ and in scenes/")
        return cls(faces, scenes)


def train(photos: Photos, settings: Settings, start: Locator | None = None,
          progress: Progress = no_progress) -> Locator:
    """A locator trained on the CPU (its weights' moving average); ``start``: from these weights on."""
    torch.manual_seed(settings.seed)
    model = (start or Locator(settings.width)).to(memory_format=torch.channels_last).train()
    average = AveragedModel(model, avg_fn=get_ema_avg_fn(min(0.998, 1 - 10 / settings.steps)), use_buffers=True)
    optimiser = torch.optim.AdamW(model.parameters(), settings.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, settings.steps, pct_start=0.1)
    began, mean = time.monotonic(), 0.0
    for step, batch in enumerate(_batches(photos, settings), 1):
        with torch.autocast("cpu", torch.bfloat16):
            out = model(batch.inputs.contiguous(memory_format=torch.channels_last))
        loss = batch.loss(out.float())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        average.update_parameters(model)
        mean += (loss.item() - mean) * max(0.01, 1 / step)
        left = (time.monotonic() - began) / step * (settings.steps - step)
        progress(step / settings.steps, f"Step {step} of {settings.steps}, loss {mean:.3f}, {left / 60:.0f} min left")
    return average.module.eval()


@dataclass(frozen=True)
class Batch:
    """Composed pictures with what is to be found in them, at the cells of the locator's output."""

    inputs: Tensor  # (n, 4, SIZE, SIZE)
    heat: Tensor  # (n, rows, columns): 1 at the cells of centres, falling off round them
    counts: Tensor  # (n, rows, columns): 0 where finding a centre is neither right nor wrong
    values: Tensor  # (n, 5, rows, columns): what the output's channels 1 to 5 should be
    near: Tensor  # (n, rows, columns) 0..1: how much the values count

    @classmethod
    def of(cls, pictures: list[FaceScene]) -> "Batch":
        parts = [_truth(picture) for picture in pictures]
        inputs = [planes(picture.image, picture.hole, picture.beyond) for picture in pictures]
        return cls(*(torch.from_numpy(np.stack(arrays)) for arrays in (inputs, *zip(*parts, strict=True))))

    def loss(self, out: Tensor) -> Tensor:
        logit = out[:, 0]
        likely = logit.sigmoid()
        hit = self.heat == 1
        right = -((1 - likely) ** 2 * F.logsigmoid(logit))[hit].sum()
        wrong = -((1 - self.heat) ** 4 * likely**2 * F.logsigmoid(-logit) * self.counts)[~hit].sum()
        off = F.smooth_l1_loss(out[:, 1:], self.values, reduction="none", beta=0.1).mul(self.near[:, None])
        weight = off.new_tensor([1.0, 1.0, 1.0, 0.3, 0.3])
        return (right + wrong) / hit.sum().clamp(min=1) + (off.sum((0, 2, 3)) * weight).sum() / self.near.sum().clamp(
            min=1)


def _truth(picture: FaceScene) -> tuple[np.ndarray, ...]:
    """heat, counts, values, near of one picture."""
    heat, counts, near = (np.full((_CELLS, _CELLS), value, np.float32) for value in (0, 1, 0))
    values = np.zeros((5, _CELLS, _CELLS), np.float32)
    centres = (np.mgrid[:_CELLS, :_CELLS] + 0.5) * STRIDE
    for frame in picture.doubtful:
        counts[np.hypot(*(centres - np.reshape(frame.centre, (2, 1, 1)))) < 0.35 * frame.side] = 0
    for frame in picture.frames:
        away = np.reshape(frame.centre, (2, 1, 1)) - centres
        spread = max(0.7 * STRIDE, 0.08 * frame.side)
        bell = np.exp(-(away**2).sum(axis=0) / (2 * spread**2)).astype(np.float32)
        nearest = np.unravel_index(bell.argmax(), bell.shape)
        mine = (bell > 0.3) & (bell > heat)
        mine[nearest] = True
        turn = math.radians(frame.angle)
        shape = np.reshape([math.log2(frame.side / REFERENCE_SIDE), math.cos(turn), math.sin(turn)], (3, 1))
        values[:3, mine], values[3:, mine], near[mine] = shape, away[:, mine] / STRIDE, bell[mine]
        heat = np.maximum(heat, bell)
        heat[nearest] = counts[nearest] = 1
    return heat, counts, values, near


def _batches(photos: Photos, settings: Settings) -> Iterator[Batch]:
    """``steps`` batches, composed in a thread; the same ones for the same photos and settings."""
    ready: queue.Queue[Batch | Exception] = queue.Queue(4)
    stop = threading.Event()

    def compose_all() -> None:
        for step in range(settings.steps):
            try:
                made: Batch | Exception = Batch.of([
                    compose(np.random.default_rng((settings.seed, step, index)), photos.faces, photos.scenes)
                    for index in range(settings.batch)])
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
        for _ in range(settings.steps):
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
    middle = {name: round(float(np.median(values)), 3) if values else None for name, values in (
        ("centre error in face widths, median", aside), ("turn error in degrees, median", turns),
        ("side error in octaves, median", scales))}
    return {"threshold": threshold, "composed pictures": count, "found at IoU 0.5": round(found / max(asked, 1), 4),
            **middle, "false alarms on scenes without faces": round(alarms / count, 4)}
