"""Training of the networks that take a sketch and colours: SC-FEGAN on faces, the scene network on everything else.

Losses: absolute error in the hole and, less, outside; perceptual and style loss, hinge loss of the critic and its
feature matching, all on the picture composited through a soft edge (a hard one leaves a shadow of the mask); variation.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from editor.training import hints, holes, losses
from editor.training.data import Album, aged
from editor.training.features import MobileNetFeatures
from editor.training.loop import Examples

FACE_HOLES = {"strokes": 3, "blobs": 2, "eye": 2, "eyes": 2, "nose": 1, "mouth": 2, "hair": 2, "face": 1.5,
              "large": 1.5, "scratches": 0.5}
SCENE_HOLES = {"strokes": 3, "blobs": 2, "objects": 4, "large": 1, "scratches": 0.5}
BARE = 0.3
"""Share of the examples without any hint, besides those that happen to have neither kind: a twelfth alone is too few to
learn from what stands round the hole."""


@dataclass
class GuidedTask:
    """Task of the training loop; examples: picture, hole, and the generator's input."""

    network: str
    config: dict[str, Any]
    generator: nn.Module
    critic: nn.Module
    holes: dict[str, float]
    whole: float  # share of the crops that show whole squares
    turn: float  # degrees
    old: float  # share of pictures like family photographs
    weights: dict[str, float]

    def examples(self, random: torch.Generator, album: Album, count: int, size: int) -> Examples:
        """picture (n, 3, size, size) -1..1, hole (n, 1, size, size), input as the generator takes it."""
        pictures, places = album.crops(random, count, size, self.whole, self.turn)
        pictures = aged(random, pictures, self.old)
        hole = holes.mixed(random, places, self.holes)
        sketch = hints.sketches(random, pictures)
        colour, given = hints.colours(random, pictures, hole)
        hinted = (holes.uniform(random, count, 1, 1, 1) >= BARE).float()
        sketch, given = sketch * hinted, given * hinted
        noise = holes.normal(random, *hole.shape)
        return {"picture": pictures, "hole": hole,
                "input": guided_input(pictures, hole, sketch, colour, given, noise)}

    def generator_loss(self, examples: Examples, features: MobileNetFeatures | None,
                       adversarial: bool) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        picture, hole, weights = examples["picture"], examples["hole"], self.weights
        output = self.generator(examples["input"]).float()
        soft = hints.blur(nn.functional.max_pool2d(hole, 3, 1, 1), 1.5)
        filled = output * soft + picture * (1 - soft)
        terms = {"l1": losses.hole_l1(output, picture, hole), "variation": losses.variation(output, hole)}
        if features is not None:
            terms["perceptual"], terms["style"] = losses.perceptual_and_style(features, filled, picture)
        if adversarial:
            score, maps = self.critic(self._told(examples, filled))
            with torch.no_grad():
                _, real = self.critic(self._told(examples, picture))
            terms["adversarial"] = losses.hinge_generator(score)
            terms["matching"] = losses.feature_matching(maps, real)
        return sum(weights[name] * term for name, term in terms.items()), filled, terms

    def critic_loss(self, examples: Examples, false: torch.Tensor) -> torch.Tensor:
        real, _ = self.critic(self._told(examples, examples["picture"]))
        fake, _ = self.critic(self._told(examples, false))
        return losses.hinge_critic(real, fake)

    def rows(self, generator: nn.Module, examples: Examples) -> list[torch.Tensor]:
        """The hole with its hints, the fill, the fill without hints, the photo."""
        picture, hole, given = examples["picture"], examples["hole"], examples["input"]
        bare = given.clone()
        bare[:, 4:9] = 0
        shown = picture * (1 - hole) - 0.4 * hole
        shown = shown * (1 - given[:, 8:9]) + given[:, 5:8] * given[:, 8:9]
        shown = shown * (1 - given[:, 4:5]) + given[:, 4:5]
        fills = [generator(each).float() * hole + picture * (1 - hole) for each in (given, bare)]
        return [shown, *fills, picture]

    def figures(self, generator: nn.Module, examples: Examples) -> dict[str, float]:
        """Peak signal-to-noise ratio in the hole, in decibels, with hints and without."""
        _, hinted, bare, _ = self.rows(generator, examples)
        return {"PSNR in the hole with hints, dB": losses.hole_psnr(hinted, examples["picture"], examples["hole"]),
                "PSNR in the hole without, dB": losses.hole_psnr(bare, examples["picture"], examples["hole"])}

    @staticmethod
    def _told(examples: Examples, picture: torch.Tensor) -> torch.Tensor:
        return torch.cat([picture, examples["input"][:, 3:9]], dim=1)


def guided_input(picture: torch.Tensor, hole: torch.Tensor, sketch: torch.Tensor, colour: torch.Tensor,
                 given: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """(n, 10, h, w): the generator's input as ``sc_fegan.CHANNELS`` lists it."""
    hints_in_hole = [sketch * hole, colour * given * hole, given * hole, noise * hole]
    return torch.cat([picture * (1 - hole), hole, *hints_in_hole], dim=1).contiguous(memory_format=torch.channels_last)


WEIGHTS = {"l1": 4.0, "variation": 0.1, "perceptual": 1.5, "style": 0.02, "adversarial": 0.1, "matching": 2.0}


def sc_fegan(width: int = 32) -> GuidedTask:
    """SC-FEGAN on faces, whose squares are frames of two to three face widths."""
    from editor.engines.networks.sc_fegan import Critic, Generator

    return GuidedTask("sc-fegan", {"width": width}, Generator(width), Critic(32), FACE_HOLES, whole=0.6, turn=15.0,
                      old=0.25, weights=WEIGHTS)


def scene(width: int = 32, blocks: int = 8) -> GuidedTask:
    """The scene network on photographs of everything."""
    from editor.engines.networks.sc_fegan import Critic
    from editor.engines.networks.scene import Generator

    return GuidedTask("scene", {"width": width, "blocks": blocks}, Generator(width, blocks), Critic(32), SCENE_HOLES,
                      whole=0.4, turn=4.0, old=0.1, weights=WEIGHTS)
