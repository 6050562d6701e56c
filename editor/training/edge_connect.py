"""Training of EdgeConnect's two stages (Nazeri et al. 2019): edges first, then the colours between them.

The authors' losses, with changes that a training of minutes needs:

- edges are also told apart one by one (cross entropy), from the start, before the critic joins. It weighs more than the
  critic's terms, which keep the authors' proportion of 1 to 10: at their full weight a young critic undoes what the
  entropy has taught;
- hinge loss, which does better than theirs;
- the perceptual and style losses rest on what features there are.

Beyond theirs, the edge generator learns to carry on lines that are drawn in the hole, and the completion generator sees
edges of every kind that it will be given: true ones with gaps, as a hand draws them, proposed ones, and none.

A sample of 128 x 128 at width 24 costs 1.8 GMAC a stage and pass, and three times that with its gradients.
"""

from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F

from editor.engines.networks.devices import fast_bfloat16
from editor.engines.networks.edge_connect import (
    CompletionGenerator,
    Discriminator,
    EdgeGenerator,
    completion_input,
    edge_input,
)
from editor.engines.networks.edges import HIGH
from editor.training import hints, holes, losses
from editor.training.data import Album, aged
from editor.training.features import MobileNetFeatures
from editor.training.guided import FACE_HOLES
from editor.training.loop import Examples

MIXED_HOLES = {"strokes": 3, "blobs": 2, "objects": 2, "eyes": 1, "nose": 0.5, "mouth": 1, "hair": 1, "face": 1,
               "large": 1}
SIGMAS = (2.0, 2.8)
STRENGTH = 2 * HIGH / 8
"""Canny's upper threshold as ``hints.edges`` takes it: in -1..1, and Sobel's gradient is eight times a pixel's."""


@dataclass
class _Stage:
    """What both stages' tasks of the training loop are made of."""

    config: dict[str, Any]  # of the generator
    generator: torch.nn.Module
    critic: Discriminator
    weights: dict[str, float]  # of the losses
    holes: dict[str, float]
    whole: float  # share of the crops that show whole squares
    turn: float = 8.0  # degrees
    old: float = 0.2  # share of pictures like family photographs

    def _seen(self, random: torch.Generator, album: Album, count: int,
              size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Pictures (n, 3, size, size) -1..1, their holes and their edges, (n, 1, size, size), 0 or 1."""
        pictures, places = album.crops(random, count, size, self.whole, self.turn)
        pictures = aged(random, pictures, self.old)
        return pictures, holes.mixed(random, places, self.holes), true_edges(random, pictures)


@dataclass
class EdgeTask(_Stage):
    """First stage. Examples: grey [0, 1], edges, hole and lines {0, 1}, each (n, 1, h, w)."""

    network: str = "edge-connect-edge"

    def examples(self, random: torch.Generator, album: Album, count: int, size: int) -> Examples:
        pictures, hole, edges = self._seen(random, album, count, size)
        return {"grey": (hints.grey(pictures) + 1) / 2, "edges": edges, "hole": hole,
                "lines": with_gaps(random, edges, none=0.4) * hole}

    def generator_loss(self, examples: Examples, features: MobileNetFeatures | None,
                       adversarial: bool) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        edges, hole = wide(examples["edges"]), examples["hole"]
        found = self._run(self.generator, examples)
        completed = found * hole + edges * (1 - hole)
        terms = {"entropy": hole_entropy(found, edges, hole)}
        if adversarial:
            score, maps = self.critic(_judged(examples, completed))
            with torch.no_grad():
                _, real = self.critic(_judged(examples, edges))
            terms["adversarial"] = losses.hinge_generator(score)
            terms["matching"] = losses.feature_matching(maps, real)
        return sum(self.weights[name] * term for name, term in terms.items()), completed, terms

    def critic_loss(self, examples: Examples, false: torch.Tensor) -> torch.Tensor:
        real, _ = self.critic(_judged(examples, wide(examples["edges"])))
        fake, _ = self.critic(_judged(examples, false))
        return losses.hinge_critic(real, fake)

    def rows(self, generator: torch.nn.Module, examples: Examples) -> list[torch.Tensor]:
        """What is known, with the lines drawn in the hole; the edges found; the true edges; the photo in grey."""
        edges, hole, lines = examples["edges"], examples["hole"], examples["lines"]
        found = self._run(generator, examples)
        shown = [0.3 * hole + edges * (1 - hole) + 0.7 * lines, found * hole + edges * (1 - hole), edges,
                 examples["grey"]]
        return [(2 * each - 1).expand(-1, 3, -1, -1) for each in shown]

    def figures(self, generator: torch.nn.Module, examples: Examples) -> dict[str, float]:
        """Balance of precision and recall of the edges found in the hole, exact to a pixel each way."""
        edges, hole = examples["edges"], examples["hole"]
        found = ridges(self._run(generator, examples), 0.5)
        near_true, near_found = (F.max_pool2d(each, 3, 1, 1) for each in (edges, found))
        precision = (found * near_true * hole).sum() / (found * hole).sum().clamp(min=1)
        recall = (edges * near_found * hole).sum() / (edges * hole).sum().clamp(min=1)
        return {"edges in the hole, F": float(2 * precision * recall / (precision + recall).clamp(min=1e-6))}

    @staticmethod
    def _run(generator: torch.nn.Module, examples: Examples) -> torch.Tensor:
        seen = edge_input(examples["grey"], examples["edges"], examples["hole"], examples["lines"])
        return generator(seen.contiguous(memory_format=torch.channels_last)).float()


@dataclass
class CompletionTask(_Stage):
    """Second stage. Examples: picture (n, 3, h, w) -1..1, hole and edges {0, 1}, each (n, 1, h, w)."""

    network: str = "edge-connect-completion"
    proposer: EdgeGenerator | None = field(default=None, repr=False)  # the trained first stage

    def examples(self, random: torch.Generator, album: Album, count: int, size: int) -> Examples:
        pictures, hole, edges = self._seen(random, album, count, size)
        kind = holes.uniform(random, count, 1, 1, 1)
        drawn = ridges(hints.sketches(random, pictures))
        given = torch.where(kind < 0.35, with_gaps(random, edges, none=0.2), drawn)
        if self.proposer is not None:
            given = torch.where(kind > 0.5, ridges(self._proposed(pictures, hole, edges)), given)
        return {"picture": pictures, "hole": hole, "edges": edges * (1 - hole) + given * hole}

    def generator_loss(self, examples: Examples, features: MobileNetFeatures | None,
                       adversarial: bool) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        picture, hole = examples["picture"], examples["hole"]
        output = self._run(self.generator, examples)
        soft = hints.blur(F.max_pool2d(hole, 3, 1, 1), 1.5)
        filled = output * soft + picture * (1 - soft)
        terms = {"l1": losses.hole_l1(output, picture, hole)}
        if features is not None:
            terms["perceptual"], terms["style"] = losses.perceptual_and_style(features, filled, picture)
        if adversarial:
            score, maps = self.critic((filled + 1) / 2)
            with torch.no_grad():
                _, real = self.critic((picture + 1) / 2)
            terms["adversarial"] = losses.hinge_generator(score)
            terms["matching"] = losses.feature_matching(maps, real)
        return sum(self.weights[name] * term for name, term in terms.items()), filled, terms

    def critic_loss(self, examples: Examples, false: torch.Tensor) -> torch.Tensor:
        real, _ = self.critic((examples["picture"] + 1) / 2)
        fake, _ = self.critic((false + 1) / 2)
        return losses.hinge_critic(real, fake)

    def rows(self, generator: torch.nn.Module, examples: Examples) -> list[torch.Tensor]:
        """The hole; the edges given; the fill; the photo."""
        picture, hole = examples["picture"], examples["hole"]
        output = self._run(generator, examples)
        return [picture * (1 - hole) + hole, (2 * examples["edges"] - 1).expand_as(picture),
                output * hole + picture * (1 - hole), picture]

    def figures(self, generator: torch.nn.Module, examples: Examples) -> dict[str, float]:
        """Peak signal-to-noise ratio in the hole, in decibels."""
        filled = self.rows(generator, examples)[2]
        return {"PSNR in the hole, dB": losses.hole_psnr(filled, examples["picture"], examples["hole"])}

    def _proposed(self, pictures: torch.Tensor, hole: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
        device = pictures.device
        proposer = self.proposer.to(device)
        seen = edge_input((hints.grey(pictures) + 1) / 2, edges, hole, torch.zeros_like(hole))
        with torch.autocast(device.type, torch.bfloat16, enabled=fast_bfloat16(device.type)):
            return proposer(seen.contiguous(memory_format=torch.channels_last)).float()

    @staticmethod
    def _run(generator: torch.nn.Module, examples: Examples) -> torch.Tensor:
        """The whole picture, -1..1."""
        seen = completion_input((examples["picture"] + 1) / 2, examples["edges"], examples["hole"])
        return 2 * generator(seen.contiguous(memory_format=torch.channels_last)).float() - 1


def edges(width: int = 24, shortcuts: bool = False) -> EdgeTask:
    """The first stage's task."""
    return EdgeTask(_config(width, shortcuts), EdgeGenerator(width, shortcuts), Discriminator(2, 32),
                    {"entropy": 4.0, "adversarial": 0.25, "matching": 2.5}, FACE_HOLES, whole=0.3)


def completion(width: int = 24, shortcuts: bool = False, proposer: EdgeGenerator | None = None) -> CompletionTask:
    """The second stage's task; ``proposer`` is the trained first stage, without which it sees no proposed edges."""
    if proposer is not None:
        proposer = proposer.eval().requires_grad_(False)
    return CompletionTask(_config(width, shortcuts), CompletionGenerator(width, shortcuts), Discriminator(3, 32),
                          {"l1": 4.0, "perceptual": 1.5, "style": 0.02, "adversarial": 0.1, "matching": 2.0},
                          MIXED_HOLES, whole=0.4, proposer=proposer)


def _config(width: int, shortcuts: bool) -> dict[str, Any]:
    """As checkpoints of before there were shortcuts have it, where there are none."""
    return {"width": width, **({"shortcuts": True} if shortcuts else {})}


def true_edges(random: torch.Generator, pictures: torch.Tensor) -> torch.Tensor:
    """(n, 1, h, w), 0 or 1: Canny's edges of pictures (n, 3, h, w) -1..1, each at another width and strength."""
    count = len(pictures)
    strength = STRENGTH * torch.exp(holes.uniform(random, count, low=-0.4, high=0.4))
    drawn = torch.randint(len(SIGMAS), (count,), generator=random, device=pictures.device)
    found = torch.zeros_like(pictures[:, :1])
    for index, sigma in enumerate(SIGMAS):
        chosen = (drawn == index).nonzero()[:, 0]
        if len(chosen):
            found[chosen] = hints.edges(pictures[chosen], sigma, strength[chosen])
    return found


def with_gaps(random: torch.Generator, edges: torch.Tensor, none: float) -> torch.Tensor:
    """Edges with more or less of them left out, a region at a time; a share ``none`` have none left."""
    count, _, height, width = edges.shape
    kept = holes.smooth_noise(random, count, 7, height, width) > holes.uniform(random, count, 1, 1, 1, low=-2.5, high=1)
    return edges * kept * (holes.uniform(random, count, 1, 1, 1) >= none)


def wide(edges: torch.Tensor) -> torch.Tensor:
    """Edges (n, 1, h, w) and what is beside them: that is learnt sooner than single pixels, whose places are chance."""
    return F.max_pool2d(edges, 3, 1, 1)


def ridges(probability: torch.Tensor, threshold: float = 0.35) -> torch.Tensor:
    """(n, 1, h, w), 0 or 1: a proposal as thin lines, where it is above ``threshold`` and greatest across the line."""
    height, width = probability.shape[-2:]
    smooth = F.pad(hints.blur(probability, 0.7), (1, 1, 1, 1), mode="replicate")  # what is certain is flat at its top
    here, left, right = smooth[..., 1:-1, 1:-1], smooth[..., 1:-1, :width], smooth[..., 1:-1, 2:]
    above, below = smooth[..., :height, 1:-1], smooth[..., 2:, 1:-1]
    peak = torch.where(left + right < above + below, (here >= left) & (here > right), (here >= above) & (here > below))
    return ((here > threshold) & peak).float()


def hole_entropy(found: torch.Tensor, edges: torch.Tensor, hole: torch.Tensor, outside: float = 0.1) -> torch.Tensor:
    """Cross entropy of the probabilities ``found``, mean over the hole, plus ``outside`` times that of the rest.

    An edge weighs twice as much as its absence: there are fewer.
    """
    each = F.binary_cross_entropy(found.clamp(1e-4, 1 - 1e-4), edges, 1 + edges, reduction="none")
    inside = (each * hole).sum() / hole.sum().clamp(min=1.0)
    return inside + outside * (each * (1 - hole)).sum() / (1 - hole).sum().clamp(min=1.0)


def _judged(examples: Examples, edges: torch.Tensor) -> torch.Tensor:
    """What the critic of edges is shown: they belong to the whole picture in grey."""
    return torch.cat([examples["grey"], edges], dim=1).contiguous(memory_format=torch.channels_last)
