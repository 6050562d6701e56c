"""EdgeConnect (Nazeri et al. 2019, arXiv:1901.00212): edges are completed first, then the colours between them.

Layers bear the names and shapes of the published code (knazeri/edge-connect, ``src/networks.py``), so that its
checkpoints load strictly at ``width=64``; the networks that come with the program are narrower.
"""

from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn.utils import remove_spectral_norm, spectral_norm

from editor.engines.networks.layers import continued

MULTIPLE = 4
"""Heights and widths of the generators' inputs are multiples of this."""

PUBLISHED_WIDTH = 64
BLOCKS = 8


class _Generator(nn.Module):
    """What both stages share: two halvings, eight dilated residual blocks, two doublings, instance norm throughout.

    ``shortcuts``, which the authors' have not: what the encoder found at each size is added to what the decoder makes
    there, and the hole begins as a smooth continuation of what is round it. No weight is another for it, but colours
    and the places of lines need not come through the bottleneck, which takes a training of days to learn.
    """

    def __init__(self, inputs: int, outputs: int, width: int, normalised: bool, shortcuts: bool) -> None:
        super().__init__()
        self.shortcuts = shortcuts
        norm = spectral_norm if normalised else _as_it_is
        self.encoder = nn.Sequential(
            nn.ReflectionPad2d(3),
            norm(nn.Conv2d(inputs, width, 7)),
            *_activation(width),
            norm(nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)),
            *_activation(2 * width),
            norm(nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1)),
            *_activation(4 * width),
        )
        self.middle = nn.Sequential(*(ResidualBlock(4 * width, 2, normalised) for _ in range(BLOCKS)))
        self.decoder = nn.Sequential(
            norm(nn.ConvTranspose2d(4 * width, 2 * width, 4, stride=2, padding=1)),
            *_activation(2 * width),
            norm(nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1)),
            *_activation(width),
            nn.ReflectionPad2d(3),
            nn.Conv2d(width, outputs, 7),
        )
        self.apply(_initialise)

    def trunk(self, x: Tensor) -> Tensor:
        if not self.shortcuts:
            return self.decoder(self.middle(self.encoder(x)))
        whole = self.encoder[:4](x)
        half = self.encoder[4:7](whole)
        x = self.middle(self.encoder[7:](half))
        return self.decoder[6:](self.decoder[3:6](self.decoder[:3](x) + half) + whole)

    def fuse(self) -> Self:
        """Fold the spectral norm into the weights for good: the same output, at no cost; for use, not for training."""
        for module in self.modules():
            if hasattr(module, "weight_orig"):
                remove_spectral_norm(module)
        return self


class EdgeGenerator(_Generator):
    """First stage: completes the edges in the hole.

    In: (n, 3, h, w), ``edge_input``'s; h and w are multiples of MULTIPLE. Out: (n, 1, h, w), probability of an edge.
    In the hole the authors' network sees white, one with ``shortcuts`` a continuation of the grey round it.
    """

    def __init__(self, width: int = PUBLISHED_WIDTH, shortcuts: bool = False) -> None:
        super().__init__(3, 1, width, normalised=True, shortcuts=shortcuts)

    def forward(self, x: Tensor) -> Tensor:
        grey, edges, mask = x.split(1, dim=1)
        grey = continued(grey, mask) if self.shortcuts else grey + mask
        return torch.sigmoid(self.trunk(torch.cat([grey, edges, mask], dim=1)))


class CompletionGenerator(_Generator):
    """Second stage: completes the colours, given all edges.

    In: (n, 5, h, w), ``completion_input``'s; h and w are multiples of MULTIPLE. Out: (n, 3, h, w) RGB, [0, 1].

    The authors' network sees the image with the hole white, and the edges. One with ``shortcuts`` sees a continuation
    of what is round the hole, where -1 stands for "no edge", and changes that: it may end a little outside [0, 1].
    """

    def __init__(self, width: int = PUBLISHED_WIDTH, shortcuts: bool = False) -> None:
        super().__init__(4, 3, width, normalised=False, shortcuts=shortcuts)
        if shortcuts:
            nn.init.zeros_(self.decoder[-1].weight)

    def forward(self, x: Tensor) -> Tensor:
        image, edges, mask = x.split((3, 1, 1), dim=1)
        if not self.shortcuts:
            return (torch.tanh(self.trunk(torch.cat([image + mask, edges], dim=1))) + 1) / 2
        image = continued(image, mask)
        return image + torch.tanh(self.trunk(torch.cat([image, edges - mask * (1 - edges)], dim=1)))


class ResidualBlock(nn.Module):
    """x + conv(conv(x)): the first dilated, nothing after the sum."""

    def __init__(self, channels: int, dilation: int, normalised: bool) -> None:
        super().__init__()
        norm = spectral_norm if normalised else _as_it_is
        bias = not normalised
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(dilation),
            norm(nn.Conv2d(channels, channels, 3, dilation=dilation, bias=bias)),
            *_activation(channels),
            nn.ReflectionPad2d(1),
            norm(nn.Conv2d(channels, channels, 3, bias=bias)),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv_block(x)


class Discriminator(nn.Module):
    """70 x 70 PatchGAN with spectral norm, for grey and edges (2 channels) or RGB (3).

    In: (n, in_channels, h, w), [0, 1]. Out: scores (n, 1, h / 8 - 2, w / 8 - 2) before any sigmoid, and the five
    layers' features, first to last, for feature matching.
    """

    def __init__(self, in_channels: int, width: int = PUBLISHED_WIDTH) -> None:
        super().__init__()
        self.conv1 = _judging(in_channels, width, 2)
        self.features = self.conv1  # the published state dict names the first layer twice
        self.conv2 = _judging(width, 2 * width, 2)
        self.conv3 = _judging(2 * width, 4 * width, 2)
        self.conv4 = _judging(4 * width, 8 * width, 1)
        self.conv5 = nn.Sequential(_judging(8 * width, 1, 1)[0])
        self.apply(_initialise)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        features = []
        for layer in (self.conv1, self.conv2, self.conv3, self.conv4, self.conv5):
            x = layer(x)
            features.append(x)
        return x, features


def edge_input(grey: Tensor, edges: Tensor, mask: Tensor, lines: Tensor) -> Tensor:
    """What the edge generator is given: grey, the edges, and the mask; (n, 3, h, w).

    All are (n, 1, h, w): ``grey`` [0, 1] and ``edges`` of the picture {0, 1}, used outside the hole; ``mask`` {0, 1}
    with 1 the hole; ``lines`` {0, 1}, drawn by the user, used in the hole. The authors' network was trained with no
    lines there, ours with some, so that it carries them on.
    """
    return torch.cat([grey * (1 - mask), edges * (1 - mask) + lines * mask, mask], dim=1)


def completion_input(image: Tensor, edges: Tensor, mask: Tensor) -> Tensor:
    """What the completion generator is given: RGB, the edges in and out of the hole, and the mask; (n, 5, h, w).

    ``image`` (n, 3, h, w) RGB [0, 1], used outside the hole; ``edges`` and ``mask`` (n, 1, h, w) {0, 1}.
    """
    return torch.cat([image * (1 - mask), edges, mask], dim=1)


def recognise(state: Mapping[str, Any]) -> tuple[str, dict[str, int], dict[str, Tensor]] | None:
    """Which generator a checkpoint of the published code holds: (network, config, tensors), or None for another file.

    ``state`` is what was read from the file: ``{"iteration": .., "generator": state dict}``, or the state dict
    itself. The network is named as in model cards; the tensors load strictly into its architecture, made with config.
    Only names and two shapes are looked at: other shapes are left to the strict loading.
    """
    tensors = state.get("generator", state)
    if not isinstance(tensors, Mapping):
        return None
    if not all(isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in tensors.items()):
        return None
    # Checkpoints of several GPUs name every tensor after the wrapper round the network.
    tensors = {name.removeprefix("module."): tensor for name, tensor in tensors.items()}
    for network, first, inputs, outputs in (
        ("edge-connect-edge", "encoder.1.weight_orig", 3, 1),
        ("edge-connect-completion", "encoder.1.weight", 4, 3),
    ):
        head, tail = tensors.get(first), tensors.get("decoder.7.weight")
        if head is None or tail is None or head.ndim != 4 or tail.ndim != 4:
            continue
        if head.shape[1] == inputs and tail.shape[0] == outputs:
            return network, {"width": head.shape[0]}, tensors
    return None


def _judging(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 4, stride=stride, padding=1, bias=False)
    return nn.Sequential(spectral_norm(convolution), nn.LeakyReLU(0.2, inplace=True))


def _activation(channels: int) -> tuple[nn.Module, nn.Module]:
    return nn.InstanceNorm2d(channels), nn.ReLU(inplace=True)


def _as_it_is(module: nn.Module) -> nn.Module:
    return module


def _initialise(module: nn.Module) -> None:
    """The authors' start: weights normal with deviation 0.02, biases nought."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight.data, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
