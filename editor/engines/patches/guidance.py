"""What is wished of the hole besides looking like the photo: lines, colours, another picture.

At each size a plane of seven values a pixel. In the hole: how much a line's nearness counts and how near one should
be (0 none, 255 on it), how much a colour counts and which. Outside: how near a line is, in the third value, and in the
last three what colour is round there, lest smooth places be preferred for being as smooth as what is wished. Lines
drawn, and lines that go through the hole by themselves, are what the patches copied there should show at the same
place: a patch with an edge through its middle is sought where a line is drawn through the middle.
"""

from dataclasses import replace

import cv2
import numpy as np

from editor.engines.contract import FillRequest
from editor.engines.membrane import harmonic
from editor.engines.patches.levels import REACH, Level
from editor.engines.patches.lines import Through, lines_through
from editor.engines.pyramid import average_near

_NEAR = REACH + 1.0  # pixels at each size: how far from a line is no longer near
_LINE = 3.0  # what a unit of nearness counts, beside a unit of colour
_STROKE = 3.0  # what a stroke's colour counts
_PICTURE = 8.0  # what another picture's colours count
_SOFT = 4.0  # pixels at each size: colours wished for are compared with the photo's that far round
_FINER = 0.3  # and at each finer size so much of that
_LOOKED_AT = 30_000  # pixels of hole at the size at which lines are looked for, at most
_STEPS = 6  # offsets along each line


def guided(levels: tuple[Level, ...], request: FillRequest, picture: np.ndarray | None
           ) -> tuple[tuple[Level, ...], np.ndarray]:
    """The levels with all that is wished of them, and offsets (n, 2) in full pixels along lines that go through.

    picture: (rows, columns, 3) uint8 of the whole request, what the hole should look like at small sizes, or None.
    """
    textured = [index for index, level in enumerate(levels) if level.features.dtype == np.float32]
    through = _through(levels, textured)
    if request.sketch is None and request.colour is None and picture is None and not through:
        return levels, np.zeros((0, 2))
    out = list(levels)
    for index in textured:
        # What a picture shows is where things are rather than what they are made of: the finer, the less it counts.
        share = _PICTURE * _FINER ** (textured[-1] - index)
        lines = [line.scaled(0.5 ** index) for line in through]
        out[index] = _with_wishes(levels[index], request, picture, share, lines)
    return tuple(out), np.concatenate([_along(line) for line in through] or [np.zeros((0, 2))])


def _through(levels: tuple[Level, ...], textured: list[int]) -> list[Through]:
    """Lines in full pixels."""
    index = next((index for index in textured if len(levels[index].holes) <= _LOOKED_AT), None)
    if index is None:
        return []
    level = levels[index]
    colours = np.ascontiguousarray(level.features[..., :3])
    if not level.hole.all():
        colours = harmonic(colours, level.hole)
    found = lines_through(np.rint(np.clip(colours, 0, 255)).astype(np.uint8), level.hole)
    return [line.scaled(2.0 ** index) for line in found]


def _along(line: Through) -> np.ndarray:
    """Offsets (y, x) along the line, both ways, by as much as leads from the hole to where the line is seen."""
    way = line.leaves - line.enters
    gap = np.linalg.norm(way)
    shares = np.linspace(0.25, 1.25, _STEPS) * gap
    way = way[::-1] / max(gap, 1e-6)
    return np.concatenate([shares[:, None] * way, -shares[:, None] * way])


def _with_wishes(level: Level, request: FillRequest, picture: np.ndarray | None, share: float,
                 through: list[Through]) -> Level:
    height, width = level.shape
    guide = np.zeros((height, width, 7), np.float32)
    wanted, shown = np.zeros((2, height, width), np.uint8)
    for line in through:
        _draw(wanted, line.enters, line.leaves)
        _draw(shown, line.start, line.enters)
        _draw(shown, line.leaves, line.end)
    if request.sketch is not None:
        wanted |= _reduced(request.sketch, level.shape, most=True) > 96
        shown |= _edges(level)
    wanted[~level.hole] = 0
    near = _nearness(wanted)
    guide[..., 0] = _LINE * (near > 0) * level.hole
    guide[..., 1] = near
    shown[level.hole] = 0
    guide[..., 2] = _nearness(shown)
    if picture is not None and max(level.shape) <= 1.5 * max(picture.shape):
        guide[..., 3] = share * level.hole
        guide[..., 4:] = _soft(cv2.resize(picture, level.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32))
    there = np.zeros(level.shape, bool)
    if request.colour is not None:
        stroke = _reduced(request.colour, level.shape)
        there = (stroke[..., 3] > 0) & level.hole
        guide[there, 3] = _STROKE / np.float32(255) * stroke[there, 3]
        guide[there, 4:] = stroke[there, :3]
    if guide[..., 3].any():
        known = ~level.hole
        guide[known, 4:] = _soft(level.features[..., :3], known)[known]
    something = np.where(there, 2, (guide[..., 0] > 0) | (guide[..., 3] > 0)).astype(np.uint8)
    reach = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    return replace(level, guide=guide, guided=cv2.dilate(something, reach))


def _soft(colours: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """(h, w, 3) float32: what colour is round each pixel, texture or not; of ``known`` pixels alone."""
    if known is None:
        return cv2.GaussianBlur(colours, (0, 0), _SOFT)
    return average_near(colours, known.astype(np.float32), _SOFT, least=1e-6)


def _draw(plane: np.ndarray, start: np.ndarray, end: np.ndarray) -> None:
    first, last = (tuple(np.rint(16 * point).astype(int).tolist()) for point in (start, end))
    cv2.line(plane, first, last, 1, 1, cv2.LINE_8, 4)


def _nearness(lines: np.ndarray) -> np.ndarray:
    """(h, w) float32: 255 on the lines, 0 from _NEAR pixels on."""
    if not lines.any():
        return np.zeros(lines.shape, np.float32)
    distance = cv2.distanceTransform((lines == 0).view(np.uint8), cv2.DIST_L2, 5)
    return 255 * np.maximum(1 - distance / np.float32(_NEAR), 0)


def _edges(level: Level) -> np.ndarray:
    """(h, w) uint8: the strongest edges of the photo round the hole."""
    light = cv2.GaussianBlur(level.features[..., :3].mean(axis=2), (0, 0), 0.8)
    light[level.hole] = light[~level.hole].mean() if not level.hole.all() else 0
    slope = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))
    away = cv2.erode((~level.hole).view(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if not away.any():
        return np.zeros(level.shape, np.uint8)
    high = max(float(np.quantile(slope[away], 0.92)), 8.0)
    edges = cv2.Canny(np.rint(np.clip(light, 0, 255)).astype(np.uint8), 0.5 * high, high, L2gradient=True)
    return ((edges > 0) & away).view(np.uint8)


def _reduced(plane: np.ndarray, shape: tuple[int, int], most: bool = False) -> np.ndarray:
    """A plane as large as the request at a level's size; with ``most`` lines stay as strong as they were."""
    if plane.shape[:2] == tuple(shape):
        return plane
    factor = round(plane.shape[0] / shape[0])
    if most:
        plane = cv2.dilate(plane, np.ones((factor, factor), np.uint8))
        return cv2.resize(plane, shape[::-1], interpolation=cv2.INTER_NEAREST)
    alpha = plane[..., 3:].astype(np.float32)
    weight = cv2.resize(alpha, shape[::-1], interpolation=cv2.INTER_AREA)
    total = cv2.resize(plane[..., :3] * alpha, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.dstack([total / np.maximum(weight, 1e-6)[..., None], weight])
