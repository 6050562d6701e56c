"""SC-FEGAN (Jo and Park 2019): a gated U-Net that redraws a hole after a sketch and strokes of colour.

Other than the authors' code: two thirds of its layers are left out and its widths cut (93 M parameters to about 10 M);
colour has a plane that says where there is any, since "black" and "none" were one value; and the noise, all but
zero there, has unit deviation, so that it can make variants.
"""

import torch

from editor.engines.networks.layers import GatedConv2d, GatedUNet, PatchCritic, continued

CHANNELS = 10
"""Of the generator's input: image outside the hole (3, -1..1) · mask (1, 0 or 1) · sketch (1, 0..1) · colour (3, -1..1)
· where colour is given (1, 0 or 1) · noise (1, normal). All but the image are 0 outside the hole."""

MULTIPLE = 32
"""Height and width of the input are multiples of this."""


class ResidualGatedConv2d(GatedConv2d):
    """What a gated convolution adds to its input, of as many channels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + super().forward(x)


class Generator(GatedUNet):
    """(n, 10, h, w) as in CHANNELS to the whole picture, (n, 3, h, w) in -1..1; h and w multiples of 32.

    Five gated convolutions of stride 2, four dilated ones at the bottom, five steps up with skips, the last to the
    input itself. At width 32: 10 M parameters, 5.2 GMAC at 256 x 256. In the hole the image begins as a smooth
    continuation of its rim: to bring the colours there by itself, it would have to be trained for longer.
    """

    def __init__(self, width: int = 32):
        super().__init__(
            CHANNELS, [width, 2 * width, 4 * width, 8 * width, 8 * width],
            lambda channels: (ResidualGatedConv2d(channels, channels, dilation=step) for step in (1, 2, 4, 2)),
            [8 * width, 4 * width, 2 * width, width, width // 2])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(torch.cat([continued(x[:, :3], x[:, 3:4]), x[:, 3:]], dim=1))


class Critic(PatchCritic):
    """The patch discriminator, told what the generator was told: input (n, 9, h, w), a picture (3, -1..1) and the
    generator's channels from the mask to the colour's validity (6)."""

    def __init__(self, width: int = 32):
        super().__init__(3 + CHANNELS - 4, width)
