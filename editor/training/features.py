"""Features for perceptual and style losses, and for feature distances.

Best are those of an ImageNet network, whose weights are a file that the user has and no part of the program: MobileNet
v1 (Howard et al. 2017) up to its twelfth pointwise convolution, batch normalisation folded in; tensors ``conv1``,
``dw1`` .. ``dw12``, ``pw1`` .. ``pw12``, each ``.weight`` and ``.bias``.
"""

from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from editor.errors import UserError

Features = Callable[[torch.Tensor], list[torch.Tensor]]
"""Pictures (n, 3, h, w) RGB in -1..1 to maps, finest first."""

HALVING = (2, 4, 6, 12)
"""Depthwise convolutions of stride 2."""

TAPS = (1, 3, 5, 11, 12)
"""Pointwise convolutions whose maps are features: strides 2, 4, 8, 16, 32."""


class MobileNetFeatures(nn.Module):
    """Pictures (n, 3, h, w) RGB in -1..1 to a list of five maps. Differentiable; its own weights are fixed."""

    def __init__(self, tensors: dict[str, torch.Tensor]):
        super().__init__()
        for name, tensor in tensors.items():
            self.register_buffer(name.replace(".", "_"), tensor.float())

    @classmethod
    def load(cls, path: Path) -> "MobileNetFeatures":
        """Raises UserError for a file that does not hold these weights."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            tensors = load_file(path)
        except (OSError, SafetensorError) as error:
            raise UserError(f"{path} cannot be read as features: {error}") from error
        names = ["conv1", *(f"{kind}{index}" for kind in ("dw", "pw") for index in range(1, TAPS[-1] + 1))]
        missing = [name for name in names if f"{name}.weight" not in tensors or f"{name}.bias" not in tensors]
        if missing:
            raise UserError(f"{path} does not hold MobileNet v1's features: {missing[0]} is missing")
        return cls(tensors).eval()

    def _convolved(self, x: torch.Tensor, name: str, stride: int = 1) -> torch.Tensor:
        weight, bias = getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")
        if weight.shape[-1] == 3:  # as TensorFlow pads: what is odd goes to the far side
            spare = [max((-(-length // stride) - 1) * stride + 3 - length, 0) for length in x.shape[2:]]
            x = F.pad(x, (spare[1] // 2, spare[1] - spare[1] // 2, spare[0] // 2, spare[0] - spare[0] // 2))
        groups = x.shape[1] if weight.shape[1] == 1 else 1
        return F.relu6(F.conv2d(x, weight, bias, stride, groups=groups))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        x, maps = self._convolved(x, "conv1", 2), []
        for index in range(1, TAPS[-1] + 1):
            x = self._convolved(x, f"dw{index}", 2 if index in HALVING else 1)
            x = self._convolved(x, f"pw{index}")
            if index in TAPS:
                maps.append(x)
        return maps

    def pooled(self, x: torch.Tensor) -> torch.Tensor:
        """(n, 1024): the last map's means, for distances between sets of pictures."""
        return self(x)[-1].mean((2, 3))

    def distance(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """(n,): like LPIPS (Zhang et al. 2018), uncalibrated: squared difference of the maps, each place's channels of
        unit length, mean over places, summed over maps."""
        pairs = zip(self(x), self(y), strict=True)
        return sum((unit(one) - unit(two)).square().sum(1).mean((1, 2)) for one, two in pairs)


class OwnFeatures:
    """What a trained network makes of whole pictures on its way down, for losses where there are no other features:
    trained further without any, it forgets how sharp it was.

    As MobileNetFeatures. ``generator`` takes pictures first of its channels, and 0 in the others where nothing is
    missing; its first layers are in ``down``, the last of which is the map that the losses leave out. Kept as it is.
    """

    def __init__(self, generator: nn.Module):
        self._layers = generator.eval().requires_grad_(False).down
        self._others = generator.down[0].conv.in_channels - 3

    def __call__(self, x: torch.Tensor) -> list[torch.Tensor]:
        x, maps = F.pad(x, (0, 0, 0, 0, 0, self._others)), []
        for layer in self._layers:
            x = layer(x)
            maps.append(x)
        return maps


def unit(features: torch.Tensor) -> torch.Tensor:
    """Feature vectors (n, c, h, w) of unit length at each place."""
    return features / (features.square().sum(1, keepdim=True).sqrt() + 1e-6)
