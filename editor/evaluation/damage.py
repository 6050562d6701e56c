"""Damage to measure the damage finder by: drawn otherwise than what it is trained on (editor/training/damage.py).

Geometry here comes from fields - distances to curves, cells of random points, thresholded noise, broken midpoints - and
not from lines with a pen; appearance from light: densities that add up in linear light, with soft profiles. The truth
is what a viewer sees: where the picture has changed by more than a few units of CIELAB.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

SEEN = 6.0
"""Difference in CIELAB (1976) from which damage counts: some three times what the eye can see on an even ground. What
is half as visible is not asked for, nor forbidden; nor is what is lost in grain or texture."""

RIM = 2
"""Pixels round damage that it is no mistake to mark too: where a soft edge ends is a matter of taste."""

_TEXTURE, _WIDE = 9, 17  # pixels across: what small damage is lost in; what is seen in spite of any texture


@dataclass(frozen=True)
class Case:
    """A damaged picture and the truth."""

    picture: np.ndarray  # (h, w, 3) uint8 sRGB
    damage: np.ndarray  # (h, w) bool
    counts: np.ndarray  # (h, w) bool, False at the soft edges of damage, where it cannot be said
    kind: str


def damaged(seed: int, picture: np.ndarray, kind: str) -> Case:
    """picture: (h, w, 3) uint8 sRGB. kind: of KINDS. The same for the same seed."""
    random = np.random.default_rng((17, seed))
    clean = _faded(random, _linear(picture))
    density, paper = KINDS[kind](random, picture.shape[:2])
    spoilt = clean * np.exp(-density)
    spoilt = spoilt * (1 - paper[..., :1]) + paper[..., 1:] * paper[..., :1]
    exposure = _Exposure.drawn(random, picture.shape[:2])
    before, after = (_lab(exposure.of(each, grain=False)) for each in (clean, spoilt))
    change = _distance_of_colours(before, after)
    lightness = _lab(exposure.of(clean))[..., 0]
    mean = cv2.blur(lightness, (_TEXTURE, _TEXTURE))
    texture = np.sqrt(np.maximum(cv2.blur(lightness * lightness, (_TEXTURE, _TEXTURE)) - mean * mean, 0))
    wide = _distance_of_colours(*(cv2.blur(each, (_WIDE, _WIDE)) for each in (before, after))) > SEEN
    damage = (change > SEEN) & ((change > texture) | wide)
    near = cv2.dilate((change > SEEN / 2).astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)) > 0
    coded = _encoded(exposure.of(spoilt))
    quality = int(random.integers(60, 96))
    coded = cv2.imdecode(cv2.imencode(".webp", coded, [cv2.IMWRITE_WEBP_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return Case(coded, damage, damage | ~near, kind)


def undamaged(seed: int, picture: np.ndarray) -> np.ndarray:
    """The same kind of scan, (h, w, 3) uint8, of a print that nothing has happened to."""
    random = np.random.default_rng((18, seed))
    clean = _faded(random, _linear(picture))
    return _encoded(_Exposure.drawn(random, picture.shape[:2]).of(clean))


def _linear(picture: np.ndarray) -> np.ndarray:
    return ((picture.astype(np.float32) + 2) / 257) ** 2.2


def _encoded(light: np.ndarray) -> np.ndarray:
    return np.rint(255 * np.clip(light, 0, 1) ** (1 / 2.2)).astype(np.uint8)


def _faded(random: np.random.Generator, light: np.ndarray) -> np.ndarray:
    """Dyes that have lost some of their density, each its own share; half of them black and white."""
    if random.random() < 0.5:
        light = np.repeat((light @ np.array([0.2126, 0.7152, 0.0722], np.float32))[..., None], 3, 2)
    left = random.uniform(0.6, 1.0) * random.uniform(0.92, 1.0, 3).astype(np.float32)
    fog = (0.04 * random.random(3) * random.random()).astype(np.float32)
    return np.exp(left * np.log(light + 1e-4)) * (1 - fog) + fog


@dataclass(frozen=True)
class _Exposure:
    """Grain whose variance grows with the light, uneven lighting, and a lens."""

    grain: np.ndarray  # (h, w, 1)
    counts: float  # of grains
    lighting: np.ndarray  # (h, w, 1)
    softness: float  # pixels

    @classmethod
    def drawn(cls, random: np.random.Generator, shape: tuple[int, int]) -> "_Exposure":
        height, width = shape
        counts = 10 ** random.uniform(2.2, 4.5)
        grain = random.standard_normal((height, width, 1), np.float32)
        y, x = np.mgrid[-1:1:height * 1j, -1:1:width * 1j].astype(np.float32)
        slope = random.uniform(0, 6.3)
        lighting = 1 - random.uniform(0, 0.15) * (x * math.cos(slope) + y * math.sin(slope))
        return cls(grain, counts, lighting[..., None].astype(np.float32), random.uniform(0.3, 0.7))

    def of(self, light: np.ndarray, grain: bool = True) -> np.ndarray:
        rough = np.sqrt(light / self.counts + 1e-7) * self.grain if grain else 0
        return cv2.GaussianBlur(((light + rough) * self.lighting).astype(np.float32), (0, 0), self.softness)


def _lab(light: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(_encoded(light).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _distance_of_colours(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(h, w): CIELAB's of 1976."""
    return np.sqrt(((before - after) ** 2).sum(2))


def _curve(random: np.random.Generator, shape: tuple[int, int], length: float, bow: float) -> np.ndarray:
    """(64, 2) points (x, y) of a cubic Bezier curve."""
    start = random.uniform(0, 1, 2) * shape[::-1]
    turn = random.uniform(0, 2 * math.pi)
    ends = np.stack([start, start, start, start]) + np.outer(
        [0, 1 / 3, 2 / 3, 1], length * np.array([math.cos(turn), math.sin(turn)]))
    ends[1:3] += bow * length * random.standard_normal((2, 2))
    t = np.linspace(0, 1, 64)[:, None]
    weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    return sum(weight * end for weight, end in zip(weights, ends, strict=True))


def _distance(shape: tuple[int, int], curves: list[np.ndarray]) -> np.ndarray:
    """(h, w) float32: how far away the nearest curve is, measured on a grid twice as fine."""
    fine = np.full((2 * shape[0], 2 * shape[1]), 255, np.uint8)
    for curve in curves:
        cv2.polylines(fine, [np.round(curve * 2 * 8).astype(np.int32)], False, 0, 1, cv2.LINE_8, 3)
    far = cv2.distanceTransform(fine, cv2.DIST_L2, cv2.DIST_MASK_5) / 2
    return cv2.resize(far, shape[::-1], interpolation=cv2.INTER_AREA)


def _clouds(random: np.random.Generator, shape: tuple[int, int], sigma: float) -> np.ndarray:
    """(h, w) float32 of standard normal values, blurred by ``sigma`` pixels and brought back to that variance."""
    small = max(1, int(sigma / 3))
    noise = random.standard_normal((shape[0] // small + 2, shape[1] // small + 2), np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), max(0.3, sigma / small))
    noise = cv2.resize(noise, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return (noise - noise.mean()) / max(1e-6, float(noise.std()))


def _nothing(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((*shape, 1), np.float32), np.zeros((*shape, 4), np.float32)


def _laid(random: np.random.Generator, profile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A profile (h, w) 0..1 as added density, or as light that shines through."""
    density, paper = _nothing(profile.shape)
    if random.random() < 0.45:
        density = density + (random.uniform(0.5, 3.0) * profile)[..., None]
    else:
        paper[..., 0] = random.uniform(0.4, 1.0) * profile
        paper[..., 1:] = random.uniform(0.5, 1.0) * np.array([1.0, random.uniform(0.9, 1), random.uniform(0.75, 1)])
    return density, paper


def _scratches(random: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    size = max(shape)
    curves = [_curve(random, shape, random.uniform(0.1, 1.2) * size, 0.03) for _ in range(random.integers(1, 7))]
    width = 10 ** random.uniform(-0.2, 0.7)
    wear = _clouds(random, shape, random.uniform(4, 30))
    profile = np.exp(-(_distance(shape, curves) / (0.6 * width)) ** 2) * np.clip(0.9 + 0.6 * wear, 0, 1)
    return _laid(random, profile)


def _fibres(random: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    curves = []
    for _ in range(random.integers(1, 6)):
        t = np.linspace(0, 1, 90)
        length = random.uniform(15, 110)
        waves = (random.normal(0, 1.6 / order) * np.sin(order * math.pi * t + random.normal()) for order in (1, 2, 3))
        turn = random.uniform(0, 6.3) + sum(waves)
        step = length / 90 * np.stack([np.cos(turn), np.sin(turn)], 1)
        curves.append(random.uniform(0, 1, 2) * shape[::-1] + np.cumsum(step, 0))
    width = 10 ** random.uniform(-0.1, 0.4)
    return _laid(random, 1 / (1 + (_distance(shape, curves) / (0.55 * width)) ** 4))


def _cracks(random: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Some of the borders between the cells of random points (Voronoi), displaced."""
    cells = random.integers(5, 16)
    points = random.uniform(-0.1, 1.1, (cells, 2)) * shape
    y, x = np.mgrid[:shape[0], :shape[1]].astype(np.float32)
    y, x = y + 5 * _clouds(random, shape, 9), x + 5 * _clouds(random, shape, 9)
    far = np.stack([np.hypot(y - py, x - px) for py, px in points.astype(np.float32)])
    near = np.sort(far, 0)[:2]
    between = (near[1] - near[0]) / 2
    kept = _clouds(random, shape, 0.2 * max(shape)) > random.uniform(-0.5, 0.8)
    width = 10 ** random.uniform(-0.1, 0.6)
    gap = np.clip(width * (1 + 0.4 * _clouds(random, shape, 5)) - between, 0, 1)
    return _laid(random, (gap * kept).astype(np.float32))


def _fold(random: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A fold right across: a pale broken line."""
    along = random.uniform(0, 1)
    if random.random() < 0.5:
        ends = np.array([[0, along * shape[0]], [shape[1], (along + random.normal(0, 0.15)) * shape[0]]])
    else:
        ends = np.array([[along * shape[1], 0], [(along + random.normal(0, 0.15)) * shape[1], shape[0]]])
    away = _distance(shape, [ends]) + 0.6 * _clouds(random, shape, 6)
    flaked = 10 ** random.uniform(0.0, 0.8) * (1 + 0.5 * _clouds(random, shape, 3))
    density, paper = _nothing(shape)
    paper[..., 0] = np.clip(flaked - away, 0, 1) * random.uniform(0.6, 1)
    paper[..., 1:] = random.uniform(0.55, 0.95)
    return density, paper


def _specks(random: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Peaks of noise, of one size or of two."""
    profile = np.zeros(shape, np.float32)
    for _ in range(random.integers(1, 3)):
        sigma = 10 ** random.uniform(-0.1, 0.6)
        rare = random.uniform(2.9, 3.6)
        profile = np.maximum(profile, np.clip(2.5 * (_clouds(random, shape, sigma) - rare), 0, 1))
    return _laid(random, profile)


def _blotches(random: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Drops that ran into one another (metaballs) and dried: tinted, with a rim."""
    y, x = np.mgrid[:shape[0], :shape[1]].astype(np.float32)
    radius = random.uniform(0.04, 0.18) * min(shape)
    middle = random.uniform(0.1, 0.9, 2) * shape
    field = np.zeros(shape, np.float32)
    for _ in range(random.integers(1, 6)):
        py, px = middle + 1.2 * radius * random.standard_normal(2)
        field += np.float32(radius**2 * random.uniform(0.3, 1)) / ((y - np.float32(py)) ** 2 + (x - np.float32(px)) ** 2
                                                                   + 1)
    field = field + 0.05 * _clouds(random, shape, 8)
    inside = np.clip((field - 1) * radius / 3, 0, 1)
    rim = np.exp(-((field - 1.12) / 0.1) ** 2)
    tint = np.array([0.3, 0.7, 1.0]) * random.uniform(0.3, 0.9)
    return ((0.8 * inside + random.uniform(0, 0.8) * rim)[..., None] * tint).astype(np.float32), _nothing(shape)[1]


def _loss(random: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A corner or a side gone along a line of broken midpoints, or flakes where noise is high; bare paper there."""
    density, paper = _nothing(shape)
    if random.random() < 0.6:
        bite = random.uniform(0.08, 0.4) * np.array(shape)
        line = [np.array([-2.0, bite[0]]), np.array([bite[1], -2.0])]
        for level in range(6):
            line = [point for one, two in zip(line, line[1:], strict=False) for point in (
                one, (one + two) / 2 + 0.12 * min(bite) / 1.7**level * random.standard_normal(2))] + [line[-1]]
        outline = np.array([[-3.0, -3.0], *line])
        gone = np.zeros(shape, np.uint8)
        cv2.fillPoly(gone, [np.round(outline * 8).astype(np.int32)], 255, cv2.LINE_AA, 3)
        gone = cv2.flip(gone, int(random.integers(-1, 2))).astype(np.float32) / 255
    else:
        noise = 0.8 * _clouds(random, shape, random.uniform(8, 20)) + 0.4 * _clouds(random, shape, 3)
        gone = np.clip(6 * (noise - random.uniform(1.6, 2.1)), 0, 1)
    paper[..., 0] = gone
    paper[..., 1:] = random.choice((random.uniform(0.6, 0.95), 0.01), p=(0.8, 0.2)) * (
        1 + 0.03 * _clouds(random, shape, 2)[..., None])
    return density, paper


def _all(random: np.random.Generator, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Three kinds at once."""
    kinds = [KINDS[name] for name in random.choice([name for name in KINDS if name != "mixed"], 3, replace=False)]
    density, paper = _nothing(shape)
    for make in kinds:
        more, other = make(random, shape)
        density = density + more
        paper = np.where(other[..., :1] > paper[..., :1], other, paper)
    return density, paper


KINDS = {"scratches": _scratches, "fibres": _fibres, "cracks": _cracks, "fold": _fold, "specks": _specks,
         "blotches": _blotches, "loss": _loss, "mixed": _all}
