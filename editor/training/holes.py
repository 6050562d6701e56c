"""Holes of the kinds that people paint, made in batches on whatever device the random generator is on.

Each maker takes a generator and ``places``, (n, h, w, 2): where each pixel lies in its picture as (x, y), -1..1 from
edge to edge; and gives (n, 1, h, w) float32, 1 in the hole. Lengths are in those units, so that holes are the same at
any size and under any crop.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F

Maker = Callable[[torch.Generator, torch.Tensor], torch.Tensor]


def pixel_places(n: int, height: int, width: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """(n, height, width, 2) of whole pictures."""
    y = (torch.arange(height, device=device) + 0.5) * 2 / height - 1
    x = (torch.arange(width, device=device) + 0.5) * 2 / width - 1
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1).expand(n, -1, -1, -1)


def uniform(generator: torch.Generator, *shape: int, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
    return low + (high - low) * torch.rand(shape, generator=generator, device=generator.device)


def normal(generator: torch.Generator, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=generator, device=generator.device)


def smooth_noise(generator: torch.Generator, n: int, cells: int, height: int, width: int) -> torch.Tensor:
    """(n, 1, height, width), about standard normal, smooth over ``cells`` cells across the picture."""
    coarse = normal(generator, n, 1, cells + 2, cells + 2)
    return 1.5 * F.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)


def strokes(generator: torch.Generator, places: torch.Tensor) -> torch.Tensor:
    """Free-form brush strokes (Yu et al. 2019): one to four bent lines, round and thick."""
    n = len(places)
    count, corners = 4, 6
    start = uniform(generator, n, count, 1, 2, low=-0.8, high=0.8)
    heading = uniform(generator, n, count, 1, high=6.3) + torch.cumsum(
        0.9 * normal(generator, n, count, corners - 1), dim=2)
    length = uniform(generator, n, count, 1, low=0.05, high=0.5)
    steps = length[..., None] * torch.stack([heading.cos(), heading.sin()], dim=-1)
    points = torch.cat([start, start + torch.cumsum(steps, dim=2)], dim=2)
    radius = uniform(generator, n, count, low=0.04, high=0.2)
    radius[uniform(generator, n, count) < 0.4] = -1.0  # these are left out
    radius[:, 0] = radius[:, 0].clamp(min=0.06)
    return _lines(places, points, radius)


def scratches(generator: torch.Generator, places: torch.Tensor) -> torch.Tensor:
    """Long thin nearly straight lines, as on old prints."""
    n = len(places)
    count, corners = 5, 4
    start = uniform(generator, n, count, 1, 2, low=-1.0, high=1.0)
    heading = uniform(generator, n, count, 1, high=6.3) + 0.15 * normal(generator, n, count, corners - 1)
    steps = uniform(generator, n, count, 1, 1, low=0.1, high=0.8) * torch.stack([heading.cos(), heading.sin()], dim=-1)
    points = torch.cat([start, start + torch.cumsum(steps, dim=2)], dim=2)
    return _lines(places, points, uniform(generator, n, count, low=0.008, high=0.03))


def blobs(generator: torch.Generator, places: torch.Tensor) -> torch.Tensor:
    """One round patch with a wavy edge."""
    return _wavy(generator, places, uniform(generator, len(places), 2, low=-0.7, high=0.7),
                 uniform(generator, len(places), 2, low=0.15, high=0.55), 0.25)


def objects(generator: torch.Generator, places: torch.Tensor) -> torch.Tensor:
    """Silhouettes: three to four wavy parts stacked along an axis, upright more often than not (a person, say)."""
    n = len(places)
    base = uniform(generator, n, 2, low=-0.6, high=0.6)
    size = uniform(generator, n, 1, low=0.12, high=0.35)
    lean = torch.where(uniform(generator, n, 1) < 0.7, 0.3, 1.6) * normal(generator, n, 1)
    axis = torch.cat([lean.sin(), -lean.cos()], dim=1)
    hole = torch.zeros_like(places[..., 0])[:, None]
    for part, (far, wide, tall) in enumerate(((0.0, 1.0, 1.2), (1.3, 0.5, 0.6), (-1.2, 0.7, 1.1), (0.3, 1.3, 0.4))):
        shape = size * torch.tensor([[wide, tall]], device=places.device) * uniform(generator, n, 2, low=0.7, high=1.3)
        if part:
            shape = shape * (uniform(generator, n, 1) < 0.8)
        hole = torch.maximum(hole, _wavy(generator, places, base + far * size * axis, shape.clamp(min=1e-3), 0.15))
    return hole


def large(generator: torch.Generator, places: torch.Tensor) -> torch.Tensor:
    """A wavy hole over half to nine tenths of the picture."""
    n = len(places)
    return _wavy(generator, places, uniform(generator, n, 2, low=-0.25, high=0.25),
                 uniform(generator, n, 2, low=0.75, high=1.15), 0.12)


def _face(boxes: torch.Tensor) -> Maker:
    """Wavy ellipses (cx, cy, rx, ry), in units of half a face frame, that move and grow a little each time."""

    def make(generator: torch.Generator, places: torch.Tensor) -> torch.Tensor:
        n = len(places)
        hole = torch.zeros_like(places[..., 0])[:, None]
        zoom = uniform(generator, n, 1, low=0.85, high=1.2)
        move = 0.04 * normal(generator, n, 2)
        for box in boxes.to(places.device):
            radii = zoom * box[2:] * uniform(generator, n, 2, low=0.9, high=1.4)
            hole = torch.maximum(hole, _wavy(generator, places, zoom * box[:2] + move, radii, 0.12))
        return hole

    return make


# In a frame of 2.5 face widths whose centre lies a tenth of a face width below the face's.
eye = _face(torch.tensor([[-0.16, -0.17, 0.14, 0.09]]))
eyes = _face(torch.tensor([[-0.16, -0.17, 0.14, 0.09], [0.16, -0.17, 0.14, 0.09], [0.0, -0.17, 0.1, 0.07]]))
nose = _face(torch.tensor([[0.0, 0.0, 0.11, 0.16]]))
mouth = _face(torch.tensor([[0.0, 0.2, 0.19, 0.11]]))
hair = _face(torch.tensor([[0.0, -0.55, 0.42, 0.22], [-0.35, -0.3, 0.14, 0.35]]))
face = _face(torch.tensor([[0.0, -0.02, 0.36, 0.45]]))

KINDS: Mapping[str, Maker] = {
    "strokes": strokes, "scratches": scratches, "blobs": blobs, "objects": objects, "large": large,
    "eye": eye, "eyes": eyes, "nose": nose, "mouth": mouth, "hair": hair, "face": face,
}


def mixed(generator: torch.Generator, places: torch.Tensor, kinds: Mapping[str, float]) -> torch.Tensor:
    """Each picture's hole of a kind drawn with the weights ``kinds``; never empty, never the whole picture.

    Made at full size: enlarged from half of it, their edges run in steps of two pixels, and networks that know no other
    leave dark dashes along the edges of masks that people paint.
    """
    n, height, width = places.shape[:3]
    names = list(kinds)
    weights = torch.tensor([kinds[name] for name in names], device=generator.device)
    drawn = torch.multinomial(weights, n, replacement=True, generator=generator)
    hole = torch.zeros((n, 1, height, width), device=places.device)
    for index, name in enumerate(names):
        of_kind = (drawn == index).nonzero()[:, 0]
        if len(of_kind):
            hole[of_kind] = KINDS[name](generator, places[of_kind])
    covered = hole.mean((1, 2, 3))
    poor = ((covered < 0.002) | (covered > 0.92)).nonzero()[:, 0]
    if len(poor):  # it fell outside a crop, or left nothing: a blob in the middle of what is seen
        here = pixel_places(len(poor), height, width, places.device)
        hole[poor] = _wavy(generator, here, torch.zeros(len(poor), 2, device=places.device),
                           uniform(generator, len(poor), 2, low=0.2, high=0.5), 0.2)
    return hole


def _wavy(generator: torch.Generator, places: torch.Tensor, centre: torch.Tensor, radii: torch.Tensor,
          waves: float) -> torch.Tensor:
    """(n, 1, h, w): ellipses about ``centre`` (n, 2) with ``radii`` (n, 2), their edge waving by ``waves`` of it."""
    n = len(places)
    offset = (places - centre[:, None, None]) / radii[:, None, None]
    angle = torch.atan2(offset[..., 1], offset[..., 0])
    edge = torch.ones_like(angle)
    for order in (2, 3, 5):
        amount = waves / order ** 0.5 * normal(generator, n, 1, 1)
        edge = edge + amount * torch.cos(order * angle + uniform(generator, n, 1, 1, high=6.3))
    return (offset.square().sum(-1).sqrt() < edge.clamp(min=0.3)).float()[:, None]


def _lines(places: torch.Tensor, points: torch.Tensor, radius: torch.Tensor) -> torch.Tensor:
    """(n, 1, h, w): bent lines through ``points`` (n, lines, corners, 2), ``radius`` (n, lines) thick on each side."""
    hole = torch.zeros_like(places[..., 0])
    for line in range(points.shape[1]):
        nearest = torch.full_like(hole, 9.0)
        for corner in range(points.shape[2] - 1):
            start, stop = points[:, line, corner, None, None], points[:, line, corner + 1, None, None]
            along = stop - start
            share = ((places - start) * along).sum(-1) / along.square().sum(-1).clamp(min=1e-9)
            nearest = torch.minimum(nearest, (places - start - share.clamp(0, 1)[..., None] * along).square().sum(-1))
        thick = radius[:, line, None, None]
        hole = torch.maximum(hole, (nearest.sqrt() < thick).float())
    return hole[:, None]
