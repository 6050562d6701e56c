"""The scene network: structure for holes in any photograph, 256 to 512 pixels, guided by sketch and colour.

The gated convolutions of DeepFill v2 (Yu et al. 2019) lead down to an eighth of the size and up again with skips;
between them, where DeepFill dilates, stand the fast Fourier convolutions of LaMa (Suvorov et al. 2022), which see the
whole picture at once and so carry lines and repeating structure across wide holes.
"""

import torch
import torch.nn.functional as F
from torch import nn

from editor.engines.networks.layers import GatedUNet, channel_norm
from editor.engines.networks.sc_fegan import CHANNELS

MULTIPLE = 8
"""Height and width of the input are multiples of this."""


class SpectralTransform(nn.Module):
    """(n, c, h, w) to the same: a 1 x 1 convolution of the real and imaginary parts of its two-dimensional spectrum
    (Chi et al. 2020), at half the channels. The transforms are computed in float32 whatever the precision around."""

    def __init__(self, channels: int):
        super().__init__()
        half = channels // 2
        self.before = nn.Conv2d(channels, half, 1)
        self.spectrum = nn.Conv2d(2 * half, 2 * half, 1)
        self.after = nn.Conv2d(half, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.before(x))
        with torch.autocast(x.device.type, enabled=False):
            spectrum = torch.fft.rfft2(x.float(), norm="ortho")
        parts = F.relu(self.spectrum(channel_norm(torch.cat([spectrum.real, spectrum.imag], dim=1))))
        with torch.autocast(x.device.type, enabled=False):
            real, imaginary = parts.float().chunk(2, dim=1)
            changed = torch.fft.irfft2(torch.complex(real, imaginary), s=x.shape[-2:], norm="ortho")
        return self.after(x + changed.to(x.dtype))


class FourierConv2d(nn.Module):
    """Fast Fourier convolution: (n, c, h, w) to the same; a quarter of the channels are local, the others global."""

    def __init__(self, channels: int):
        super().__init__()
        self.split = (channels // 4, channels - channels // 4)
        self.local = nn.Conv2d(channels, self.split[0], 3, 1, 1)
        self.to_global = nn.Conv2d(self.split[0], self.split[1], 3, 1, 1)
        self.spectral = SpectralTransform(self.split[1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        near, far = x.split(self.split, dim=1)
        changed = torch.cat([self.local(x), self.to_global(near) + self.spectral(far)], dim=1)
        return F.leaky_relu(channel_norm(changed), 0.2)


class FourierBlock(nn.Module):
    """Two fast Fourier convolutions and what they add to."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(FourierConv2d(channels), FourierConv2d(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class Generator(GatedUNet):
    """(n, 10, h, w) as in ``sc_fegan.CHANNELS`` to the whole picture, (n, 3, h, w) in -1..1; h and w multiples of 8."""

    def __init__(self, width: int = 32, blocks: int = 8):
        super().__init__(CHANNELS, [width, 2 * width, 6 * width],
                         lambda channels: (FourierBlock(channels) for _ in range(blocks)),
                         [2 * width, width, width // 2])
