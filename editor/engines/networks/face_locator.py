"""Where in a picture faces are: each a turned square of 2 to 3 face widths, found by its centre.

After "Objects as Points" (Zhou et al. 2019): one map says how likely a face frame's centre lies in each cell, further
maps at the same cells say the frame's side, its turn and where in the cell the centre is. A feature pyramid lets a
cell see some 300 pixels. The mask is a plane of its own, for what stands in the hole may or may not be the face's.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class Locator(nn.Module):
    """Weights for frames of 36 to 132 pixels; larger and smaller ones are found in a picture reduced otherwise.

    ``width``: channels at a quarter of the picture's size. 32 makes 0.65 million parameters.
    """

    def __init__(self, width: int = 32):
        super().__init__()
        self.width = width
        deep = 3 * width
        self.stem = nn.Sequential(_conv(4, width // 2, 2), _conv(width // 2, width, 2), _Residual(width))
        self.eighth = nn.Sequential(_conv(width, 2 * width, 2), _Residual(2 * width), _Residual(2 * width))
        self.sixteenth = nn.Sequential(_conv(2 * width, deep, 2), _Residual(deep))
        self.thirtysecond = nn.Sequential(_conv(deep, deep, 2), _Residual(deep))
        self.from_eighth = nn.Conv2d(2 * width, 2 * width, 1)
        self.from_sixteenth = nn.Conv2d(deep, 2 * width, 1)
        self.from_thirtysecond = nn.Conv2d(deep, 2 * width, 1)
        self.merge_sixteenth = _conv(2 * width, 2 * width)
        self.merge_eighth = _conv(2 * width, 2 * width)
        self.head = nn.Conv2d(2 * width, 6, 1)
        nn.init.constant_(self.head.bias[:1], -4.0)  # faces are rare: begin with that, as focal losses want it

    def forward(self, x: Tensor) -> Tensor:
        """x: (n, 4, h, w) float, h and w multiples of 32: RGB in [-1, 1], 0 beyond the photo, and the mask {0, 1}, 1
        beyond the photo. Returns (n, 6, h / 8, w / 8): the logit of a frame's centre being in the cell; the binary
        logarithm of its side over framing.REFERENCE_SIDE; cosine and sine (of any length) of its clockwise turn; y and
        x from the cell's centre to the frame's, in cells.
        """
        eighth = self.eighth(self.stem(x))
        sixteenth = self.sixteenth(eighth)
        low = self.from_thirtysecond(self.thirtysecond(sixteenth))
        low = self.merge_sixteenth(self.from_sixteenth(sixteenth) + _doubled(low))
        return self.head(self.merge_eighth(self.from_eighth(eighth) + _doubled(low)))


class _Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.first = _conv(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")
