"""Training of the damage finder: photographs with damage drawn by code in, which pixels it covers out."""

from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from editor.engines.networks.damage_finder import Finder
from editor.restoration.evidence import planes
from editor.training.damage import AREA, log_uniform
from editor.training.data import Album
from editor.training.features import Features
from editor.training.loop import Examples
from editor.training.ranking import Ranking
from editor.training.scans import scanned

_SMALL, _LARGE = 3.0, 0.8
"""Weights of pixels of scratches and specks, and of stains and tears, against 1 for undamaged ones."""

_MOSAIC = 0.45
"""Share of the pictures made of four photos: what is thin and sharp and no damage is seldom in enlarged ones."""


class FindingTask:
    """Task of the training loop; there is nothing for a critic to judge."""

    network = "damage-finder"
    critic = None

    def __init__(self, width: int = 32):
        self.config: dict[str, Any] = {"width": width}
        self.generator: nn.Module = Finder(width)

    def examples(self, random: torch.Generator, album: Album, count: int, size: int) -> Examples:
        """picture (n, 6, size, size), as evidence.planes; damage and weight (n, 1, size, size); kind (n, size, size),
        as scans.Scan.

        Drawn with OpenCV, whatever the device.
        """
        seed = int(torch.randint(2**62, (), generator=random, device=random.device))
        chances = [np.random.default_rng((seed, index)) for index in range(count)]
        scans = [scanned(chance, _crop(chance, album, size)) for chance in chances]
        shown = [planes(np.rint(scan.picture * 255).astype(np.uint8)) for scan in scans]
        device = album.squares.device

        def stacked(planes: list[np.ndarray]) -> torch.Tensor:
            return torch.from_numpy(np.stack(planes)).to(device)

        return {"picture": stacked(shown).contiguous(memory_format=torch.channels_last),
                "damage": stacked([scan.damage for scan in scans])[:, None],
                "weight": stacked([scan.weight for scan in scans])[:, None],
                "kind": stacked([scan.kind for scan in scans]).long()}

    def generator_loss(self, examples: Examples, features: Features | None,
                       adversarial: bool) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        """Cross entropy, in which scratches and specks weigh more than undamaged pixels, and what is large less; and
        each picture's overlap (Dice), which does not care how rare they are; cross entropy of the kinds where there
        is damage."""
        damage = examples["damage"]
        large = (examples["kind"] == AREA)[:, None]
        weight = examples["weight"] * torch.where(large, _LARGE, _SMALL).where(damage > 0, 1.0)
        out = self.generator(examples["picture"]).float()
        logits = out[:, :1]
        entropy = F.binary_cross_entropy_with_logits(logits, damage, weight)
        found = torch.sigmoid(logits) * weight
        both = (found * damage).sum((1, 2, 3))
        overlap = 1 - (2 * both + 50) / (found.sum((1, 2, 3)) + (damage * weight).sum((1, 2, 3)) + 50)
        kinds = F.cross_entropy(out[:, 1:], examples["kind"], reduction="none")[:, None] * damage
        kind = kinds.sum() / (damage.sum() + 100)
        terms = {"entropy": entropy, "overlap": overlap.mean(), "kind": kind}
        return 4 * entropy + terms["overlap"] + 0.05 * kind, logits, terms

    def critic_loss(self, examples: Examples, false: torch.Tensor) -> torch.Tensor:
        raise TypeError("the damage finder has no critic")

    def rows(self, generator: nn.Module, examples: Examples) -> list[torch.Tensor]:
        """The scan; what is damaged, grey where it cannot be said; what is found."""
        damage, weight = examples["damage"], examples["weight"]
        found = torch.sigmoid(generator(examples["picture"])[:, :1].float())
        return [examples["picture"][:, :3], *((2 * plane - 1).expand(-1, 3, -1, -1)
                                       for plane in (torch.where(weight > 0, damage, 0.4), found))]

    def figures(self, generator: nn.Module, examples: Examples) -> dict[str, float]:
        """Average precision, and the best F1, over the batch's pixels."""
        ranking = Ranking()
        found = torch.sigmoid(generator(examples["picture"])[:, :1].float())
        ranking.add((found * 255).round().byte().cpu().numpy(), examples["damage"].cpu().numpy(),
                    (examples["weight"] > 0).cpu().numpy())
        return {"average precision": ranking.average_precision(), "best F1": ranking.best()[0]}


def _crop(random: np.random.Generator, album: Album, size: int) -> np.ndarray:
    """(size, size, 3) uint8: four whole photos side by side, as sharp as can be, or a part of one, enlarged as in a
    scan finer than the print is sharp, up to nearly all of it; mirrored and turned upright or on its side."""
    if random.random() < _MOSAIC:
        half = size // 2
        four = [_part(random, album, half, 0.75 * album.squares.shape[-1]) for _ in range(4)]
        whole = np.concatenate([np.concatenate(four[:2]), np.concatenate(four[2:])], axis=1)
        return np.ascontiguousarray(np.roll(whole, random.integers(0, size, 2), (0, 1)))
    return _part(random, album, size, 0.4 * size)


def _part(random: np.random.Generator, album: Album, size: int, least: float) -> np.ndarray:
    """(size, size, 3) uint8 of a photo's square, of which it shows ``least`` pixels across or more."""
    square = album.squares[int(random.integers(len(album)))].permute(1, 2, 0).cpu().numpy()
    side = min(len(square), round(log_uniform(random, least, len(square))))
    top, left = random.integers(0, len(square) - side + 1, 2)
    cut = square[top:top + side, left:left + side]
    cut = cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA if side >= size else cv2.INTER_CUBIC)
    if random.random() < 0.5:
        cut = cut[:, ::-1]
    return np.ascontiguousarray(np.rot90(cut, random.integers(4)) if random.random() < 0.2 else cut)
