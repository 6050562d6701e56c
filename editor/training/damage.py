"""Damage of old photographs drawn by code: what it covers, its colours, and of which kind it is.

Makers take a numpy generator and the picture (h, w, 3) float32 0..1 that is to be damaged, and give one or more
``Coat``. Lengths are in pixels: scans show the same scratch at any width. Everything is drawn three times as large
with OpenCV's integer lines, and reduced.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from editor.engines.networks.damage_finder import KINDS

FINE = 3  # drawn so many times as large
LINE, SPOT, AREA = range(len(KINDS))


@dataclass(frozen=True)
class Coat:
    """One piece of damage, or many alike."""

    cover: np.ndarray  # (h, w) float32 0..1
    colour: np.ndarray  # (3,) or (h, w, 3) float32, sRGB 0..1
    kind: int  # of KINDS
    tints: bool = False  # the picture is multiplied by colour, and not replaced
    counts: bool = True  # False: nobody would paint it over, though it is not as photographed either


Maker = Callable[[np.random.Generator, np.ndarray], list[Coat]]


def smooth_noise(random: np.random.Generator, shape: tuple[int, int], cell: float) -> np.ndarray:
    """``shape`` float32, about standard normal, smooth over ``cell`` pixels."""
    height, width = shape
    coarse = random.standard_normal((max(2, round(height / cell) + 2), max(2, round(width / cell) + 2)), np.float32)
    return 1.4 * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def rough_noise(random: np.random.Generator, shape: tuple[int, int], cell: float, octaves: int = 4) -> np.ndarray:
    """``shape`` float32, about standard normal: finer and finer noise on top of that of ``cell`` pixels."""
    total = sum(0.6 ** octave * smooth_noise(random, shape, max(1.0, cell / 2 ** octave)) for octave in range(octaves))
    return total / math.sqrt(sum(0.36 ** octave for octave in range(octaves)))


def log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(random.uniform(math.log(low), math.log(high))))


def paint(random: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """(3,): what damage looks like on such a picture: bare paper, dirt, or a shade not unlike what is there."""
    tone = random.random()
    if tone < 0.5:  # light: the paper or the lamp shines through
        shade = random.uniform(0.65, 1.0)
    elif tone < 0.85:
        shade = random.uniform(0.0, 0.3)
    else:
        shade = random.uniform(0.2, 0.8)
    tint = random.choice((0.0, 0.02, 0.06), p=(0.5, 0.35, 0.15)) * np.array([1.0, 0.3, -1.2])
    if random.random() < 0.06:  # one layer of a colour film is gone
        tint = tint + random.uniform(-0.35, 0.35, 3)
    return np.clip(shade + tint, 0, 1).astype(np.float32)


class _Canvas:
    """Coverage drawn fine."""

    def __init__(self, shape: tuple[int, int]):
        self.shape = shape
        self._fine = np.zeros((FINE * shape[0], FINE * shape[1]), np.uint8)

    def trail(self, points: np.ndarray, widths: np.ndarray, values: np.ndarray) -> None:
        """A line through points (n, 2) as (x, y), with a width in pixels and a coverage 0..1 for each stretch between
        two; a coverage of 0 is a gap."""
        fixed = np.round(points * FINE * 16).astype(np.int64).clip(-2**20, 2**20)
        thick = np.maximum(1, np.round(widths * FINE)).astype(int)
        shades = np.round(values * 255).astype(int)
        for index in range(len(points) - 1):
            if shades[index] > 8:
                cv2.line(self._fine, fixed[index].tolist(), fixed[index + 1].tolist(), int(shades[index]),
                         int(thick[index]), cv2.LINE_8, 4)

    def polygon(self, points: np.ndarray, value: float = 1.0) -> None:
        cv2.fillPoly(self._fine, [np.round(points * FINE * 16).astype(np.int32)], round(value * 255), cv2.LINE_8, 4)

    def cover(self) -> np.ndarray:
        reduced = cv2.resize(self._fine, self.shape[::-1], interpolation=cv2.INTER_AREA)
        return reduced.astype(np.float32) / 255


def path(random: np.random.Generator, start: np.ndarray, heading: float, length: float, bend: float,
         step: float = 4.0) -> np.ndarray:
    """(n, 2) points of a way whose heading wanders by ``bend`` radians, about, over a hundred pixels."""
    count = max(2, round(length / step))
    turns = bend * math.sqrt(step / 100) * random.standard_normal(count)
    headings = heading + np.cumsum(turns)
    steps = step * np.stack([np.cos(headings), np.sin(headings)], 1)
    return np.concatenate([start[None], start + np.cumsum(steps, 0)])


def _along(random: np.random.Generator, count: int, cell: float) -> np.ndarray:
    """(count,) smooth standard normal along a line, changing over ``cell`` stretches."""
    knots = random.standard_normal(max(2, round(count / cell) + 2))
    return np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots)


def _place(random: np.random.Generator, shape: tuple[int, int], beyond: float = 0.1) -> np.ndarray:
    return random.uniform(-beyond, 1 + beyond, 2) * shape[::-1]


def _roughened(random: np.random.Generator, cover: np.ndarray, by: float, cell: float) -> np.ndarray:
    """Coverage whose edges are displaced by up to some ``by`` pixels."""
    height, width = cover.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    moved = [axis + np.float32(by) * smooth_noise(random, cover.shape, cell) for axis in (x, y)]
    return cv2.remap(cover, *moved, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _trail(random: np.random.Generator, canvas: _Canvas, points: np.ndarray, width: float, gaps: float,
           taper: bool) -> None:
    """A scratch along ``points``; ``gaps``: share of it that is left out."""
    count = len(points) - 1
    widths = width * np.exp(random.choice((0.05, 0.25, 0.5)) * _along(random, count, 4))
    if taper:
        widths = widths * np.minimum(1, 0.2 + 4 * np.minimum(np.linspace(0, 1, count), np.linspace(1, 0, count)))
    values = np.clip(1.0 + 0.3 * _along(random, count, 6), 0.3, 1)
    if gaps:
        values = values * (_along(random, count, random.choice((1.5, 4, 10))) > -1.6 + 2.2 * gaps)
    canvas.trail(points, widths, values * np.minimum(1, widths * FINE))


def _film(random: np.random.Generator, cover: np.ndarray, picture: np.ndarray, kind: int) -> list[Coat]:
    """The coat of a line or speck, more or less opaque; some have a rim of the other shade, as edges of emulsion do."""
    strength = random.choice((1.0, random.uniform(0.35, 1.0), log_uniform(random, 0.1, 0.5)))
    if random.random() < 0.4:  # shallow ones have no edge, nor has what lay above the focus
        cover = np.minimum(cv2.GaussianBlur(cover, (0, 0), log_uniform(random, 0.5, 2.0)) * np.float32(1.5), 1)
    colour = paint(random, picture)
    coats = []
    if random.random() < 0.2:
        shift = random.uniform(-1.5, 1.5, 2)
        moved = cv2.warpAffine(cover, np.float32([[1, 0, shift[0]], [0, 1, shift[1]]]), cover.shape[::-1])
        rim = np.float32(0.05 if colour.mean() > 0.5 else 0.95)
        coats.append(Coat(moved * np.float32(strength * random.uniform(0.2, 0.7)), np.full(3, rim), kind))
    return [*coats, Coat(cover * np.float32(strength), colour, kind)]


def scratches(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """Straight to bent lines of any width."""
    canvas = _Canvas(picture.shape[:2])
    width = log_uniform(random, 0.5, 6.0)
    bend = random.choice((0.02, 0.15, 0.5))
    for _ in range(1 + random.poisson(1.5)):
        points = path(random, _place(random, canvas.shape), random.uniform(0, 6.3),
                      log_uniform(random, 12 + 4 * width, 1.6 * max(canvas.shape)), bend)
        _trail(random, canvas, points, width * log_uniform(random, 0.6, 1.6), random.choice((0.0, 0.2, 0.6)),
               random.random() < 0.6)
    cover = canvas.cover()
    if random.random() < 0.5:
        cover = _roughened(random, cover, random.uniform(0.2, 0.3 + 0.4 * width), random.uniform(2, 12))
    return _film(random, cover, picture, LINE)


def bundle(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """Many fine scratches side by side, as a gate or a cloth leaves them."""
    canvas = _Canvas(picture.shape[:2])
    middle, heading = _place(random, canvas.shape, 0.0), random.uniform(0, 6.3)
    if random.random() < 0.4:
        heading = math.pi / 2 + 0.02 * random.standard_normal()
    spread, length = random.uniform(4, 60), log_uniform(random, 25, 1.5 * max(canvas.shape))
    for _ in range(random.integers(3, 14)):
        start = middle + spread * random.standard_normal(2) - length / 2 * np.array([math.cos(heading),
                                                                                     math.sin(heading)])
        points = path(random, start, heading + 0.04 * random.standard_normal(),
                      length * random.uniform(0.3, 1), 0.04)
        _trail(random, canvas, points, log_uniform(random, 0.4, 1.6), random.choice((0.0, 0.4, 0.8)), True)
    return _film(random, canvas.cover(), picture, LINE)


def hairs(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """Hairs and fibres that lay on the glass: even, curled, dark or light, often with a soft shadow."""
    canvas = _Canvas(picture.shape[:2])
    width = log_uniform(random, 0.6, 3.0)
    for _ in range(1 + random.poisson(0.8)):
        length = log_uniform(random, 10 + 6 * width, 60 + 60 * width)
        count = max(8, round(length / 2))
        curl = random.normal(0, 4.0 / length) + 3.0 / length * _along(random, count, count / 3)
        headings = random.uniform(0, 6.3) + np.cumsum(2 * curl)
        steps = 2 * np.stack([np.cos(headings), np.sin(headings)], 1)
        points = _place(random, canvas.shape, 0.02) + np.cumsum(steps, 0)
        canvas.trail(points, np.full(count - 1, width), np.full(count - 1, min(1.0, width)))
    return _film(random, canvas.cover(), picture, LINE)


def crease(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """A fold across the picture: emulsion broken along it here and there, one side lighter and the other darker."""
    height, width = shape = picture.shape[:2]
    heading = random.choice((0, math.pi / 2, random.uniform(0, math.pi))) + 0.08 * random.standard_normal()
    along = np.array([math.cos(heading), math.sin(heading)], np.float32)
    reach = log_uniform(random, 0.4, 1.6) * max(shape)
    points = path(random, _place(random, shape, 0.0) - along * reach / 2, heading, reach, 0.06)
    canvas = _Canvas(shape)
    count = len(points) - 1
    core = log_uniform(random, 0.8, 5.0)
    broken = np.clip(0.8 + 0.6 * _along(random, count, 3), 0, 1) * (_along(random, count, 8) > random.uniform(-2, 0.5))
    canvas.trail(points, core * np.exp(0.5 * _along(random, count, 2)), broken)
    cover = _roughened(random, canvas.cover(), 0.3 + 0.25 * core, random.uniform(2, 8))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    middle = points[count // 2].astype(np.float32)
    aside = (x - middle[0]) * -along[1] + (y - middle[1]) * along[0]
    wide = np.float32(log_uniform(random, 2.0, 14.0))
    slope = -aside / wide * np.exp(0.5 - 0.5 * (aside / wide) ** 2)  # of a ridge lit from one side
    soft = np.float32(random.uniform(0.02, 0.14)) * slope * (cv2.GaussianBlur(_swept(shape, points, 3 * wide),
                                                                              (0, 0), float(wide)))
    shading = Coat(np.ones(shape, np.float32), np.repeat((1 + soft)[..., None], 3, 2), LINE, tints=True,
                   counts=False)
    light = random.uniform(0.75, 1.0) if random.random() < 0.8 else random.uniform(0, 0.25)
    return [shading, Coat(cover, np.full(3, light, np.float32), LINE)]


def _swept(shape: tuple[int, int], points: np.ndarray, wide: float) -> np.ndarray:
    swept = np.zeros(shape, np.float32)
    cv2.polylines(swept, [np.round(points).astype(np.int32)], False, 1.0, max(1, round(wide)))
    return swept


def crackle(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """Cracks that branch, as in emulsion that was bent or has dried."""
    canvas = _Canvas(picture.shape[:2])
    width = log_uniform(random, 0.6, 7.0)
    waiting = [(_place(random, canvas.shape, 0.0), random.uniform(0, 6.3), random.uniform(40, 220), width)
               for _ in range(random.integers(1, 3))]
    for _ in range(14):
        if not waiting:
            break
        start, heading, length, wide = waiting.pop(0)
        points = path(random, start, heading, length, 2.2, 5.0)
        _trail(random, canvas, points, wide, random.choice((0.0, 0.25)), True)
        for _ in range(random.integers(0, 3)):
            index = random.integers(len(points))
            waiting.append((points[index], heading + random.choice((-1, 1)) * random.uniform(0.5, 1.6),
                            length * random.uniform(0.3, 0.8), wide * random.uniform(0.5, 0.9)))
    return _film(random, _roughened(random, canvas.cover(), 0.6, 3.0), picture, LINE)


def _speck(random: np.random.Generator, at: np.ndarray, size: float, shape: float) -> np.ndarray:
    """(n, 2) outline of a speck ``size`` across, ``shape`` as irregular."""
    angles = np.linspace(0, 2 * math.pi, 13)[:-1]
    radius = size / 2 * np.exp(shape * random.standard_normal(12))
    flat, turn = random.uniform(0.4, 1.0), random.uniform(0, 6.3)
    x, y = radius * np.cos(angles), flat * radius * np.sin(angles)
    return at + np.stack([x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)], 1)


def dust(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """Specks of all sizes, most of them small, strewn or in a cluster."""
    canvas = _Canvas(picture.shape[:2])
    largest, irregular = log_uniform(random, 2.0, 14.0), random.uniform(0.1, 0.45)
    middle, spread = _place(random, canvas.shape, 0.0), random.choice((1e9, random.uniform(10, 80)))
    for _ in range(round(log_uniform(random, 2, 60))):
        at = _place(random, canvas.shape, 0.0) if spread > 1e6 else middle + spread * random.standard_normal(2)
        size = 0.9 + (largest - 0.9) * random.random() ** 4
        canvas.polygon(_speck(random, at, size, irregular), random.uniform(0.6, 1.0))
    return _film(random, canvas.cover(), picture, SPOT)


def pitted(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """Where emulsion has come off in grains, in a patch: mould, silvering, rubbing."""
    shape = picture.shape[:2]
    where = smooth_noise(random, shape, random.uniform(20, 90))
    grains = rough_noise(random, shape, random.uniform(2.5, 9.0), 2)
    level = np.clip(2.6 - 0.9 * np.maximum(where, 0), 1.1, None) + np.where(where < 0.6, np.float32(3), np.float32(0))
    return _film(random, np.clip(3 * (grains - level), 0, 1), picture, SPOT)


def foxing(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """Soft brown spots."""
    canvas = _Canvas(picture.shape[:2])
    size = log_uniform(random, 4, 30)
    for _ in range(random.integers(1, 8)):
        canvas.polygon(_speck(random, _place(random, canvas.shape, 0.0), size * random.uniform(0.3, 1.2), 0.2))
    cover = cv2.GaussianBlur(canvas.cover(), (0, 0), max(0.6, 0.12 * size))
    tone = 1 - random.uniform(0.12, 0.5) * np.array([0.45, 0.75, 1.0], np.float32)
    return [Coat(cover, tone.astype(np.float32), SPOT, tints=True)]


def stain(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """A liquid's stain: tinted within, mostly darker at its rim."""
    shape = picture.shape[:2]
    inside = _blob(random, shape, log_uniform(random, 10, 0.5 * min(shape)), 0.35)
    edge = np.float32(log_uniform(random, 1.0, 6.0))
    cover = np.clip(inside / edge, 0, 1)
    depth = random.uniform(0.1, 0.5)
    tint = random.dirichlet((2, 2, 2)) * 2 if random.random() < 0.3 else np.array([0.4, 0.75, 1.0])
    tone = 1 - depth * random.choice((1.0, 1.0, -0.7)) * tint
    colour = np.ones((*shape, 3), np.float32) * tone.astype(np.float32)
    if random.random() < 0.7:
        rim = np.exp(-0.5 * ((inside - 1.5 * edge) / (1.5 * edge)) ** 2)[..., None]
        colour = colour * (1 - np.float32(random.uniform(0.1, 0.4)) * rim)
    return [Coat(cover, colour * (1 + 0.04 * rough_noise(random, shape, 12)[..., None]), AREA, tints=True)]


def _blob(random: np.random.Generator, shape: tuple[int, int], radius: float, waves: float) -> np.ndarray:
    """(h, w) float32: about how many pixels inside a wavy blob each place is, below 0 without."""
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    at = _place(random, shape, 0.15).astype(np.float32)
    distance = np.hypot((x - at[0]) * np.float32(log_uniform(random, 0.5, 1)), y - at[1])
    return (np.float32(radius) * (1 + waves * rough_noise(random, shape, max(4.0, 0.8 * radius))) - distance
            ).astype(np.float32)


def _bare(random: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """(h, w, 3): paper without its picture, or the scanner's lid or dark."""
    shade = random.choice((random.uniform(0.75, 1.0), random.uniform(0.0, 0.12), random.uniform(0.4, 0.75)),
                          p=(0.7, 0.2, 0.1))
    tone = shade + random.uniform(0, 0.05) * np.array([1.0, 0.3, -1.2])
    return (tone + random.uniform(0.0, 0.03) * rough_noise(random, shape, 4.0)[..., None]).clip(0, 1).astype(np.float32)


def flaked(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """A patch of emulsion is gone: ragged, bare beneath."""
    shape = picture.shape[:2]
    radius = log_uniform(random, 5, 0.3 * min(shape))
    inside = _blob(random, shape, radius, 0.5) + 0.12 * radius * rough_noise(random, shape, 6.0)
    return [Coat(np.clip(inside, 0, 1), _bare(random, shape), AREA)]


def torn(random: np.random.Generator, picture: np.ndarray) -> list[Coat]:
    """A corner or a side is missing, or a tear runs in from the side; white fibres along the edge."""
    height, width = shape = picture.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = (axis if random.random() < 0.5 else size - 1 - axis for axis, size in ((x, width), (y, height)))
    if random.random() < 0.5:
        x, y = y, x
    size = log_uniform(random, 6, 0.45 * min(shape))
    ragged = np.float32(log_uniform(random, 0.5, 5.0)) * rough_noise(random, shape, random.uniform(6, 40))
    where = random.random()
    if where < 0.45:  # a corner
        inside = size - (x + y * np.float32(log_uniform(random, 0.3, 3)))
    elif where < 0.75:  # a bite out of a side, or all of it
        inside = size - x - (np.abs(y - random.uniform(0, height)) / np.float32(log_uniform(random, 0.6, 20))) ** 1.5
    else:  # a tear, open at the side
        lean = np.float32(random.uniform(-0.7, 0.7))
        length = log_uniform(random, 20, 0.9 * min(shape))
        across = np.abs(y - random.uniform(0, height) - lean * x + 6 * smooth_noise(random, shape, 30))
        inside = np.float32(log_uniform(random, 1.0, 10.0)) * (1 - x / length) - across
    inside = (inside + ragged).astype(np.float32)
    fibres = np.clip(inside + random.uniform(0, 5) + 2 * rough_noise(random, shape, 4.0), 0, 1)
    coats = [Coat(np.clip(inside, 0, 1), _bare(random, shape), AREA)]
    if random.random() < 0.7:
        coats.insert(0, Coat(fibres.astype(np.float32), np.full(3, random.uniform(0.8, 1.0), np.float32), AREA))
    return coats


MAKERS: Mapping[Maker, float] = {
    scratches: 5.0, bundle: 1.5, hairs: 2.5, crease: 2.0, crackle: 1.5, dust: 5.0, pitted: 1.0, foxing: 0.8,
    stain: 1.5, flaked: 1.5, torn: 2.0}
"""With their weights."""


def drawn(random: np.random.Generator, picture: np.ndarray, mean: float = 3.0) -> list[Coat]:
    """Some damage of any makers, about ``mean`` of them and one at least."""
    weights = np.array(list(MAKERS.values()))
    chosen = random.choice(len(MAKERS), 1 + random.poisson(mean - 1), p=weights / weights.sum())
    makers = list(MAKERS)
    return [coat for index in chosen for coat in makers[index](random, picture)]
