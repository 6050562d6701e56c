"""Sketches and strokes of colour as a hand would make them, extracted from photographs in batches.

What the networks are trained on must be the same kind of thing as what the pen draws: lines of one to two pixels at
the working size, anti-aliased, wobbling, with gaps, in one of several styles; flat dabs of colour, and none at all
often enough. Pictures are (n, 3, h, w) float32 in -1..1.
"""

import torch
import torch.nn.functional as F

from editor.training.holes import normal, smooth_noise, uniform

STYLES = ("fine edges", "edges", "coarse edges", "dark lines")
SIGMAS = (0.9, 1.5, 2.4)  # of the Gaussian before the gradient, pixels at 256


def grey(pictures: torch.Tensor) -> torch.Tensor:
    """(n, 1, h, w): the pictures' luma (Rec. 601), in their own range."""
    weights = torch.tensor([0.299, 0.587, 0.114], device=pictures.device)
    return (pictures * weights[:, None, None]).sum(1, keepdim=True)


def blur(x: torch.Tensor, sigma: float) -> torch.Tensor:
    """Gaussian blur of (n, c, h, w), mirrored at the border."""
    reach = max(1, round(3 * sigma))
    at = torch.arange(-reach, reach + 1, device=x.device, dtype=x.dtype)
    kernel = torch.exp(-at.square() / (2 * sigma * sigma))
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, -1)
    x = F.conv2d(F.pad(x, (reach, reach, 0, 0), mode="reflect"), kernel[:, :, None], groups=x.shape[1])
    return F.conv2d(F.pad(x, (0, 0, reach, reach), mode="reflect"), kernel[..., None], groups=x.shape[1])


def edges(pictures: torch.Tensor, sigma: float, strength: torch.Tensor) -> torch.Tensor:
    """(n, 1, h, w), 0 or 1: thin edges (Canny 1986). strength (n,): the upper threshold in -1..1 units per pixel.

    The lower threshold is 0.4 of it; what is above it counts where it hangs on to something above the upper one within
    twelve pixels.
    """
    smooth = blur(grey(pictures), sigma)
    right = F.pad(smooth, (1, 1, 1, 1), mode="replicate")
    dx = (right[..., 1:-1, 2:] - right[..., 1:-1, :-2]) / 2
    dy = (right[..., 2:, 1:-1] - right[..., :-2, 1:-1]) / 2
    size = (dx.square() + dy.square()).sqrt()
    around = F.pad(size, (1, 1, 1, 1))
    height, width = size.shape[-2:]

    def neighbour(y: int, x: int) -> torch.Tensor:
        return around[..., 1 + y:1 + y + height, 1 + x:1 + x + width]

    diagonal = (dx * dy > 0)
    steep, flat = dy.abs() > 2.414 * dx.abs(), dx.abs() > 2.414 * dy.abs()
    one = torch.where(flat, neighbour(0, 1), torch.where(steep, neighbour(1, 0), torch.where(
        diagonal, neighbour(1, 1), neighbour(-1, 1))))
    two = torch.where(flat, neighbour(0, -1), torch.where(steep, neighbour(-1, 0), torch.where(
        diagonal, neighbour(-1, -1), neighbour(1, -1))))
    peak = (size >= one) & (size > two)
    high = strength[:, None, None, None]
    weak = (peak & (size > 0.4 * high)).float()
    strong = weak * (size > high)
    for _ in range(12):
        strong = weak * F.max_pool2d(strong, 3, 1, 1)
    return strong


def dark_lines(pictures: torch.Tensor, sigma: float, strength: torch.Tensor) -> torch.Tensor:
    """(n, 1, h, w), 0 or 1: dark lines as a pencil would follow them (difference of Gaussians, Winnemöller 2011)."""
    luma = grey(pictures)
    difference = blur(luma, 1.6 * sigma) - blur(luma, sigma)
    return (difference > strength[:, None, None, None]).float()


def sketches(generator: torch.Generator, pictures: torch.Tensor, empty: float = 0.25) -> torch.Tensor:
    """(n, 1, h, w) 0..1: a sketch of each picture as a hand would draw it; a share ``empty`` have none."""
    n, _, height, width = pictures.shape
    drawn = torch.multinomial(torch.tensor([0.3, 0.35, 0.2, 0.15], device=pictures.device), n, replacement=True,
                              generator=generator)
    scale = min(height, width) / 256
    strength = torch.exp(uniform(generator, n, low=-3.3, high=-2.0))
    lines = torch.zeros_like(pictures[:, :1])
    for style in range(len(STYLES)):
        chosen = (drawn == style).nonzero()[:, 0]
        if not len(chosen):
            continue
        if style < len(SIGMAS):
            found = edges(pictures[chosen], max(0.6, SIGMAS[style] * scale ** 0.5), strength[chosen] / 2)
        else:
            found = dark_lines(pictures[chosen], max(0.7, 1.2 * scale ** 0.5), strength[chosen])
        lines[chosen] = found
    lines = _as_drawn(generator, lines)
    gaps = smooth_noise(generator, n, 7, height, width) > uniform(generator, n, 1, 1, 1, low=-2.5, high=0.5)
    none = uniform(generator, n, 1, 1, 1) < empty
    return lines * gaps * ~none


def _as_drawn(generator: torch.Generator, lines: torch.Tensor) -> torch.Tensor:
    """Thin binary lines as a pen leaves them: one to two pixels wide, anti-aliased, wobbling, pressed more or less."""
    n, _, height, width = lines.shape
    width_gain = uniform(generator, n, 1, 1, 1, low=1.2, high=3.2)
    soft = (blur(lines, 0.6) * width_gain).clamp(max=1.0)
    reach = uniform(generator, n, 1, 1, 1, high=1.6) * min(height, width) / 256
    shift = torch.cat([smooth_noise(generator, n, 12, height, width), smooth_noise(generator, n, 12, height, width)], 1)
    at = torch.stack(torch.meshgrid(torch.arange(width, device=lines.device), torch.arange(height, device=lines.device),
                                    indexing="xy"), dim=-1) + (reach * shift).permute(0, 2, 3, 1)
    at = (at + 0.5) * 2 / torch.tensor([width, height], device=lines.device) - 1
    pressure = uniform(generator, n, 1, 1, 1, low=0.7, high=1.0)
    return F.grid_sample(soft, at, align_corners=False) * pressure


def smoothed(pictures: torch.Tensor) -> torch.Tensor:
    """(n, 3, h, w): the pictures' colours without detail: quartered, median filtered four times, enlarged."""
    size = pictures.shape[-2:]
    small = F.interpolate(pictures, scale_factor=0.25, mode="area")
    for _ in range(4):
        around = F.unfold(F.pad(small, (1, 1, 1, 1), mode="replicate"), 3)
        small = around.view(len(small), 3, 9, -1).median(dim=2).values.view(small.shape)
    return F.interpolate(small, size, mode="bilinear")


def colours(generator: torch.Generator, pictures: torch.Tensor, hole: torch.Tensor,
            empty: float = 0.35) -> tuple[torch.Tensor, torch.Tensor]:
    """Colour (n, 3, h, w) -1..1 and where it is given (n, 1, h, w), 0 or 1, in ``hole`` (n, 1, h, w).

    A share ``empty`` have none, a sixth a picture of smoothed colours, the others a few flat dabs: each a small round
    patch of the colour that is in its middle.
    """
    n, _, height, width = pictures.shape
    scene = smoothed(pictures)
    kind = uniform(generator, n, 1, 1, 1)
    dabs = 6
    weights = hole.flatten(1) + 1e-9
    centres = torch.multinomial(weights, dabs, replacement=True, generator=generator)  # (n, dabs)
    y, x = (centres // width).float(), (centres % width).float()
    tint = scene.flatten(2).gather(2, centres[:, None].expand(-1, 3, -1))  # (n, 3, dabs)
    size = min(height, width)
    radius = uniform(generator, n, dabs, low=0.012, high=0.07) * size
    stretch = uniform(generator, n, dabs, low=1.0, high=3.0)
    turn = uniform(generator, n, dabs, high=3.2)
    wanted = uniform(generator, n, dabs) < uniform(generator, n, 1, low=0.2, high=1.0)
    rows = torch.arange(height, device=pictures.device).view(1, -1, 1)
    columns = torch.arange(width, device=pictures.device).view(1, 1, -1)
    colour, given = torch.zeros_like(scene), torch.zeros_like(hole)
    for dab in range(dabs):
        dy, dx = rows - y[:, dab, None, None], columns - x[:, dab, None, None]
        cos, sin = turn[:, dab, None, None].cos(), turn[:, dab, None, None].sin()
        along, across = dx * cos + dy * sin, dy * cos - dx * sin
        reach = radius[:, dab, None, None]
        inside = ((along / stretch[:, dab, None, None]).square() + across.square() < reach.square())
        inside = (inside & wanted[:, dab, None, None])[:, None]
        colour = torch.where(inside, tint[:, :, dab, None, None], colour)
        given = torch.maximum(given, inside.float())
    whole = (kind > 1 - 1 / 6).float()
    colour, given = torch.where(whole > 0, scene, colour), torch.maximum(given, whole)
    colour = (colour + 0.03 * normal(generator, n, 3, 1, 1)).clamp(-1, 1)  # no hand hits a colour exactly
    given = given * hole * (kind >= empty)
    return colour * given, given
