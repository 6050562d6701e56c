"""Which pixels of a scanned photograph are damage - scratches, dust, tears - rather than what was photographed.

A U-Net (Ronneberger et al. 2015) after U^2-like small segmenters: it begins at half size, where four pixels are one
place with their own outputs, so that a scratch of one pixel is kept and a scan of 24 megapixels takes seconds. Dilated
convolutions at a sixteenth see some 500 pixels round, which tells a wire from a scratch.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

KINDS = ("line", "spot", "area")
"""Scratches, hairs, creases; dust, specks, foxing; stains, tears, what is missing."""
PLANES = 6
"""Of what it is shown: three colours, and what stands out (editor/restoration/evidence.py)."""


class Finder(nn.Module):
    """``width``: channels at half the picture's size. 32 makes 0.40 million parameters."""

    def __init__(self, width: int = 32):
        super().__init__()
        self.width = width
        quarter, eighth, deep = width, 3 * width // 2, 2 * width
        self.stem = nn.Sequential(_conv(PLANES, width, 5, 2), _conv(width, width))
        self.quarter = nn.Sequential(_conv(width, quarter, 3, 2), _Residual(quarter))
        self.eighth = nn.Sequential(_conv(quarter, eighth, 3, 2), _Residual(eighth))
        self.sixteenth = nn.Sequential(_conv(eighth, deep, 3, 2), *(_Residual(deep, reach) for reach in (1, 2, 4)))
        self.from_sixteenth = nn.Conv2d(deep, eighth, 1)
        self.from_eighth = nn.Sequential(_conv(eighth, eighth), nn.Conv2d(eighth, quarter, 1))
        self.from_quarter = nn.Sequential(_conv(quarter, quarter), nn.Conv2d(quarter, width, 1))
        self.out = nn.Sequential(_conv(width, width), nn.Conv2d(width, 4 * (1 + len(KINDS)), 1))
        nn.init.constant_(self.out[-1].bias[:4], -3.0)  # damage is rare: begin with that

    def forward(self, x: Tensor) -> Tensor:
        """x: (n, 6, h, w) float, h and w multiples of 16: sRGB in -1..1, a grey picture three times, and evidence.
        Returns (n, 4, h, w): the logit of damage, and those of ``KINDS``, of which one holds where there is damage.
        """
        half = self.stem(x)
        quarter = self.quarter(half)
        eighth = self.eighth(quarter)
        up = eighth + _doubled(self.from_sixteenth(self.sixteenth(eighth)))
        up = quarter + _doubled(self.from_eighth(up))
        up = half + _doubled(self.from_quarter(up))
        return F.pixel_shuffle(self.out(up), 2)

    def fuse(self) -> None:
        """Fold the normalisations into the convolutions before them: the same answers in less time."""
        self.eval()
        for part in self.modules():
            if isinstance(part, _Convolution):
                part.fold()


class _Convolution(nn.Module):
    """A convolution and the normalisation of its outputs over the batch."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, reach: int):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, reach * (kernel // 2), reach, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))

    def fold(self) -> None:
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv = torch.nn.utils.fusion.fuse_conv_bn_eval(self.conv, self.norm)
            self.norm = nn.Identity()


class _Residual(nn.Module):
    def __init__(self, channels: int, reach: int = 1):
        super().__init__()
        self.first = _conv(channels, channels, reach=reach)
        self.second = _Convolution(channels, channels, 3, 1, reach)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, reach: int = 1) -> nn.Sequential:
    return nn.Sequential(_Convolution(inputs, outputs, kernel, stride, reach), nn.ReLU())


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")
