"""Training of the damage finder: photographs with damage drawn by code in, which pixels it covers out."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from editor.engines.networks.damage_finder import Finder
from editor.training.damage import AREA
from editor.training.data import Album
from editor.training.features import Features
from editor.training.loop import Examples
from editor.training.ranking import Ranking
from editor.training.scans import scanned

_SMALL, _LARGE = 3.0, 0.5
"""Weights of pixels of scratches and specks, and of stains and tears, against 1 for undamaged ones."""


class FindingTask:
    """Task of the training loop; there is nothing for a critic to judge."""

    network = "damage-finder"
    critic = None

    def __init__(self, width: int = 32):
        self.config: dict[str, Any] = {"width": width}
        self.generator: nn.Module = Finder(width)

    def examples(self, random: torch.Generator, album: Album, count: int, size: int) -> Examples:
        """picture (n, 3, size, size) -1..1; damage and weight (n, 1, size, size); kind (n, size, size), as scans.Scan.

        Drawn with OpenCV, whatever the device.
        """
        pictures, _ = album.crops(random, count, size, whole=0.6, turn=4.0)
        squares = ((pictures + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()
        seed = int(torch.randint(2**62, (), generator=random, device=random.device))
        scans = [scanned(np.random.default_rng((seed, index)), square) for index, square in enumerate(squares)]
        device = album.squares.device

        def stacked(planes: list[np.ndarray]) -> torch.Tensor:
            return torch.from_numpy(np.stack(planes)).to(device)

        picture = stacked([scan.picture for scan in scans]).permute(0, 3, 1, 2) * 2 - 1
        return {"picture": picture.contiguous(memory_format=torch.channels_last),
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
        return [examples["picture"], *((2 * plane - 1).expand(-1, 3, -1, -1)
                                       for plane in (torch.where(weight > 0, damage, 0.4), found))]

    def figures(self, generator: nn.Module, examples: Examples) -> dict[str, float]:
        """Average precision, and the best F1, over the batch's pixels."""
        ranking = Ranking()
        found = torch.sigmoid(generator(examples["picture"])[:, :1].float())
        ranking.add((found * 255).round().byte().cpu().numpy(), examples["damage"].cpu().numpy(),
                    (examples["weight"] > 0).cpu().numpy())
        return {"average precision": ranking.average_precision(), "best F1": ranking.best()[0]}
