"""Photographs made like scans of old prints, some of them damaged, with the truth of which pixels are.

Grain, paper, fading, borders of prints, wires, strands of hair and bars lie beneath the damage or are there without
any: what looks a little like a scratch is learnt not to be one.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from editor.training.damage import Coat, drawn, log_uniform, path, rough_noise, smooth_noise

SEEN = 0.045
"""Of the range 0..1: a smaller change of the picture is no damage that is worth mending."""

_HIDDEN = 0.7
"""Times the spread of the picture round about: a smaller change is lost in it, and nobody could say."""


@dataclass(frozen=True)
class Scan:
    """One example."""

    picture: np.ndarray  # (h, w, 3) float32 0..1
    damage: np.ndarray  # (h, w) float32, 1 where it is damaged
    weight: np.ndarray  # (h, w) float32, 0 where it cannot be said
    kind: np.ndarray  # (h, w) uint8, of the damage, where there is any


def scanned(random: np.random.Generator, picture: np.ndarray, damaged: float = 0.75) -> Scan:
    """A scan of ``picture`` (h, w, 3) uint8, with damage in a share ``damaged`` of the cases."""
    print_ = _aged(random, picture.astype(np.float32) / 255)
    if random.random() < 0.08:  # seldom: a single one of them is a scratch as well as anything
        print_ = _with_strands(random, print_)
    focus = random.random()  # mostly sharp: damage must not be known by its sharpness
    if focus < 0.2:
        print_ = cv2.GaussianBlur(print_, (0, 0), log_uniform(random, 0.4, 2.5))
    elif focus > 0.7:
        soft = cv2.GaussianBlur(print_, (0, 0), random.uniform(0.6, 1.5))
        print_ = print_ + random.uniform(0.3, 1.5) * (print_ - soft)
    if random.random() < 0.15:
        print_ = _with_border(random, print_)
    print_ = np.clip(_with_grain(random, print_), 0, 1)
    coats = drawn(random, print_) if random.random() < damaged else []
    spoilt, damage, weight, kind = laid(print_, coats)
    return Scan(_read(random, spoilt), damage, weight, kind)


def laid(clean: np.ndarray, coats: list[Coat]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The picture with its damage, and the truth, as Scan has them."""
    picture = clean
    covered, kind = np.zeros(clean.shape[:2], np.float32), np.zeros(clean.shape[:2], np.uint8)
    unsure = np.zeros(clean.shape[:2], bool)
    for coat in coats:
        under = picture
        colour = under * coat.colour if coat.tints else coat.colour
        picture = under + (colour - under) * coat.cover[..., None]
        if coat.counts:
            covered = np.maximum(covered, coat.cover)
            kind[coat.cover > 0.3] = coat.kind
        else:
            unsure |= _greatest_change(under, picture) > SEEN
    change = cv2.blur(_greatest_change(clean, picture), (3, 3))
    half_seen = change > SEEN / 2
    damage = (covered > 0.4) & (change > np.maximum(SEEN, _HIDDEN * _spread(clean)))
    unsure = (unsure | (half_seen & (covered > 0.15))) & ~damage
    return picture, damage.astype(np.float32), 1 - unsure.astype(np.float32), kind


def _greatest_change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(h, w): of the three colours."""
    red, green, blue = cv2.split(cv2.absdiff(before, after))
    return np.maximum(np.maximum(red, green), blue)


def _spread(picture: np.ndarray) -> np.ndarray:
    """(h, w): the standard deviation of the grey picture over 9 x 9 pixels."""
    grey = np.ascontiguousarray(picture[..., 1])
    mean = cv2.blur(grey, (9, 9))
    return np.sqrt(np.maximum(cv2.blur(grey * grey, (9, 9)) - mean * mean, 0))


def _aged(random: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Grey, sepia, faded or of other exposure."""
    picture = picture ** np.float32(log_uniform(random, 0.7, 1.4))
    if random.random() < 0.55:
        picture = np.repeat((picture @ np.array([0.299, 0.587, 0.114], np.float32))[..., None], 3, 2)
        if random.random() < 0.6:
            picture = picture + np.float32(random.uniform(0.02, 0.14)) * np.array([1.0, 0.1, -1.0], np.float32)
    else:
        picture = picture * random.normal(1, 0.06, 3).astype(np.float32)
    if random.random() < 0.5:
        low, high = random.uniform(0, 0.3), random.uniform(0.65, 1.0)
        picture = low + (high - low) * picture
        if random.random() < 0.4:  # not everywhere the same
            picture = picture * (1 + np.float32(0.08) * smooth_noise(random, picture.shape[:2], 90)[..., None])
    return 1 - picture if random.random() < 0.06 else picture


def _with_strands(random: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Wires, bars, stalks or hair that were photographed: even lines, many alike, as sharp as the rest."""
    height, width = picture.shape[:2]
    cover = np.zeros((2 * height, 2 * width), np.uint8)
    heading, thick = random.uniform(0, 6.3), random.integers(1, 7)
    side = np.array([-math.sin(heading), math.cos(heading)])
    start = random.uniform(-0.2, 1.2, 2) * (2 * width, 2 * height)
    spacing = random.uniform(1.5, 10) * thick
    way = path(random, np.zeros(2), heading, 3.0 * max(height, width), random.choice((0.0, 0.1, 0.5)), 12.0)
    for index in range(random.integers(5, 30)):
        points = start + way - way[len(way) // 2] + side * spacing * (index + 0.1 * random.standard_normal())
        cv2.polylines(cover, [np.round(points * 16).astype(np.int32)], False, 255, int(thick), cv2.LINE_AA, 4)
    reduced = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA)[..., None].astype(np.float32) / 255
    shade = picture[random.integers(height), random.integers(width)] * np.float32(random.uniform(0.2, 1.5))
    return picture * (1 - reduced) + np.clip(shade, 0, 1) * reduced


def _with_border(random: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """The white margin of a print, or the scanner beyond it, along one to four sides, as straight as it is cut."""
    height, width = picture.shape[:2]
    outside = np.ones((height, width), np.uint8)
    edges = [random.integers(2, 40) if random.random() < 0.5 else -20 for _ in range(4)]
    corners = np.array([[edges[0], edges[1]], [width - edges[2], edges[1]], [width - edges[2], height - edges[3]],
                        [edges[0], height - edges[3]]], float) + random.uniform(-1.5, 1.5, (4, 2))
    cv2.fillPoly(outside, [np.round(corners * 16).astype(np.int32)], 0, cv2.LINE_8, 4)
    cover = cv2.GaussianBlur(outside.astype(np.float32), (0, 0), random.uniform(0.3, 1.0))[..., None]
    shade = random.choice((random.uniform(0.8, 1.0), random.uniform(0.0, 0.12)), p=(0.75, 0.25))
    return picture * (1 - cover) + cover * (shade + 0.02 * random.standard_normal(3)).astype(np.float32)


def _with_grain(random: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Film grain of any size, and the paper's surface."""
    shape = picture.shape[:2]
    if random.random() < 0.5:
        grain = random.standard_normal(shape, np.float32)
        size = random.uniform(0.0, 1.6)
        if size > 0.4:
            grain = cv2.GaussianBlur(grain, (0, 0), size)
            grain = grain / grain.std()
        tone = np.clip(picture[..., 1], 0, 1)
        strength = log_uniform(random, 0.004, 0.06) * (0.4 + 1.2 * np.sqrt(tone * (1 - tone)))
        picture = picture + (grain * strength)[..., None]
    if random.random() < 0.25:
        surface = rough_noise(random, shape, random.uniform(2, 8), 2)
        if random.random() < 0.4:  # silk and linen papers have a weave
            y, x = np.mgrid[:shape[0], :shape[1]].astype(np.float32)
            pitch = random.uniform(4, 14)
            surface = surface * 0.4 + np.sin(2 * math.pi * (x + y) / pitch) * np.sin(2 * math.pi * (x - y) / pitch)
        picture = picture * (1 + np.float32(random.uniform(0.005, 0.04)) * surface[..., None])
    return picture


def _read(random: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """What the scanner makes of it, and the file."""
    if random.random() < 0.6:
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 1.2))
    if random.random() < 0.3:
        picture = np.repeat((picture @ np.full(3, 1 / 3, np.float32))[..., None], 3, 2)
    if random.random() < 0.5:
        picture = picture + log_uniform(random, 0.002, 0.015) * random.standard_normal(picture.shape, np.float32)
    coded = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    if random.random() < 0.6:
        quality = int(random.integers(40, 98))
        coded = cv2.imdecode(cv2.imencode(".jpg", coded, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return coded.astype(np.float32) / 255
