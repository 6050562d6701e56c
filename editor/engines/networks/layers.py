"""Layers that the networks share."""

from collections.abc import Callable, Iterable, Sequence
from math import prod

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


def channel_norm(x: torch.Tensor) -> torch.Tensor:
    """(n, c, h, w) divided at each place by the root mean square over its channels.

    Local response normalisation (Krizhevsky et al. 2012) over all channels with exponent 1/2, as Karras et al. 2018
    use it: needs no statistics of the batch, so that one picture is filled like many.
    """
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-4)


@torch.no_grad()
def continued(picture: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
    """``picture`` (n, c, h, w) with ``hole`` (n, 1, h, w) {0, 1} filled by averages of what is known nearest, over the
    more of it the deeper a place lies (push-pull: Gortler et al. 1996). Grey, 0, where nothing at all is known.
    """
    levels = [(picture * (1 - hole), 1 - hole)]
    while max(levels[-1][0].shape[-2:]) > 1:
        levels.append(tuple(F.avg_pool2d(plane, 2, ceil_mode=True, count_include_pad=False) for plane in levels[-1]))
    total, share = levels.pop()
    out = total / share.clamp(min=1e-6)
    for total, share in reversed(levels):
        above = F.interpolate(out, share.shape[-2:], mode="bilinear")
        out = torch.where(share > 0, total / share.clamp(min=1e-6), above)
    return out


class GatedConv2d(nn.Module):
    """Gated convolution (Yu et al. 2019): leaky ReLU of a feature times the sigmoid of a learned gate.

    (n, c, h, w) to (n, channels, ceil(h / stride), ceil(w / stride)), for odd kernels. One convolution makes both
    halves: the first ``channels`` of its output are the feature, the others the gate.
    """

    def __init__(self, in_channels: int, channels: int, kernel: int = 3, stride: int = 1, dilation: int = 1,
                 normalise: bool = True):
        super().__init__()
        self.normalise = normalise
        self.conv = nn.Conv2d(in_channels, 2 * channels, kernel, stride, dilation * (kernel // 2), dilation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        feature, gate = self.conv(x).chunk(2, dim=1)
        out = F.leaky_relu(feature, 0.2) * torch.sigmoid(gate)
        return channel_norm(out) if self.normalise else out


class PartialConv2d(nn.Module):
    """Partial convolution (Liu et al. 2018): only known pixels count, weighted up for those missing in the window.

    forward: x (n, in_channels, h, w) and mask (n, 1, h, w) {0, 1} with 1 the known, to x (n, channels, h', w') and
    its mask (n, 1, h', w'), 1 wherever the window held a known pixel; where none, x is 0. The zero padding, which
    keeps the size at stride 1 for odd kernels, counts as missing.
    """

    def __init__(self, in_channels: int, channels: int, kernel: int = 3, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, kernel, stride, kernel // 2, bias=False)
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        kernel = self.conv.kernel_size
        share = F.avg_pool2d(mask, kernel, self.conv.stride, self.conv.padding)  # known, of the whole window
        known = (share > 0).to(x.dtype)
        return known * (self.conv(x * mask) / share.clamp(min=0.5 / prod(kernel)) + self.bias), known


class GatedUNet(nn.Module):
    """A U-Net of gated convolutions: (n, in_channels, h, w) to (n, 3, h, w) in -1..1.

    down: channels after each convolution of stride 2; up: after each step up, the last of which sees the input itself.
    middle: makes what stands between them for so many channels. Height and width are multiples of 2 ** len(down).
    """

    def __init__(self, in_channels: int, down: Sequence[int], middle: Callable[[int], Iterable[nn.Module]],
                 up: Sequence[int]):
        super().__init__()
        widths = [in_channels, *down]
        self.down = nn.ModuleList(
            GatedConv2d(before, after, 3 if index else 5, stride=2, normalise=index > 0)
            for index, (before, after) in enumerate(zip(widths, down, strict=False)))
        self.middle = nn.Sequential(*middle(widths[-1]))
        below, self.up = widths[-1], nn.ModuleList()
        for skip, after in zip(reversed(widths[:-1]), up, strict=True):
            self.up.append(GatedConv2d(below + skip, after))
            below = after
        self.out = nn.Conv2d(below, 3, 3, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for layer in self.down:
            skips.append(x)
            x = layer(x)
        x = self.middle(x)
        for layer in self.up:
            x = layer(torch.cat([F.interpolate(x, scale_factor=2.0), skips.pop()], dim=1))
        return torch.tanh(self.out(x))


class PatchCritic(nn.Module):
    """Spectrally normalised patch discriminator (SN-PatchGAN: Yu et al. 2019; Miyato et al. 2018).

    forward: (n, in_channels, h, w) to (scores, features): scores (n, 1, h / 32, w / 32), unbounded, higher for pictures
    held true; features, the maps of the layers before, for feature matching.
    """

    def __init__(self, in_channels: int, width: int = 32):
        super().__init__()
        widths = [in_channels, width, 2 * width, 4 * width, 4 * width, 4 * width]
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv2d(before, after, 5, 2, 2)) for before, after in zip(widths, widths[1:], strict=False))
        self.score = spectral_norm(nn.Conv2d(widths[-1], 1, 3, 1, 1))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.score(x), features
