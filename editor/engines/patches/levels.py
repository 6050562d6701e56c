"""The picture at half, a quarter … of its size, with what the patch search compares."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np

from editor.engines.holes import thickness

REACH = 3  # of a patch from its middle, pixels: 7 x 7
_TEXTURE = 5.0  # what a level of mean gradient counts, in levels of colour (Newson et al. 2014)
_THICK = 9  # pixels: how thick the thickest hole is at the coarsest size, or less than twice that
_TEXTURED = 45_000  # pixels of hole up to which texture is compared: larger ones are only brought to full size
_SOURCES = 1.5  # patches to copy from for each one to fill, where a coarser size is still used; fewer in a frame
_FEW = 32


@dataclass(frozen=True)
class Level:
    """One size of the picture."""

    features: np.ndarray  # (h, w, 5) float32, colour 0..255 and texture; colour alone, uint8, where the hole is large
    hole: np.ndarray  # (h, w) bool
    allowed: np.ndarray  # (h, w) bool: pixels that may be copied
    guide: np.ndarray = field(default_factory=lambda: np.zeros((1, 1, 7), np.float32))  # see guidance.py
    guided: np.ndarray | None = None  # (h, w) uint8: middles of patches that lines (1), colours (2) are wished of

    @property
    def shape(self) -> tuple[int, int]:
        return self.hole.shape

    @cached_property
    def valid(self) -> np.ndarray:
        """(h, w) uint8: middles of patches that may be copied."""
        return _inside(cv2.erode(self.allowed.view(np.uint8), _patch()))

    @cached_property
    def sources(self) -> np.ndarray:
        """(n, 2) int32: some of them, evenly taken."""
        apart = max(1, int((np.count_nonzero(self.valid) / 50_000) ** 0.5))
        found = apart * np.argwhere(self.valid[::apart, ::apart])
        return (found if len(found) else np.argwhere(self.valid)).astype(np.int32)

    @cached_property
    def places(self) -> np.ndarray:
        """(n, 2) int32, row by row: middles of patches that lie in the picture and touch the hole."""
        return _listed(_inside(cv2.dilate(self.hole.view(np.uint8), _patch())))

    @cached_property
    def holes(self) -> np.ndarray:
        """(n, 2) int32, row by row: the pixels of the hole."""
        return _listed(self.hole)

    def compared(self, features: np.ndarray, pull: float = 0.0) -> tuple:
        """What the kernels that compare patches take first, for such features.

        pull: how much more alike a patch has to be that is as far away as the hole is large (the root of its area)."""
        guided = np.zeros(self.shape, np.uint8) if self.guided is None else self.guided
        run = features.shape[2] * (2 * REACH + 1)
        pull = np.float32(pull / max(1, len(self.holes)) ** 0.5)
        return features.reshape(self.shape[0], -1), self.guide, guided, REACH, run, pull


def _patch() -> np.ndarray:
    return np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)


def _inside(plane: np.ndarray) -> np.ndarray:
    """``plane`` (h, w) uint8, 0 where a patch would not lie in the picture."""
    out = np.zeros_like(plane)
    inner = (slice(REACH, -REACH), slice(REACH, -REACH))
    out[inner] = plane[inner]
    return out


def _listed(plane: np.ndarray) -> np.ndarray:
    return np.argwhere(plane).astype(np.int32)


def pyramid(image: np.ndarray, hole: np.ndarray, source: np.ndarray | None,
            step: Callable[[], None] = lambda: None) -> tuple[Level, ...]:
    """All sizes, the picture's own first. Of ``image`` (h, w, 3 uint8/uint16) nothing is read within ``hole`` (h, w)
    bool; copied is only where ``source`` (h, w) bool is, if there is one. step: called every 100 ms or so."""
    colours = image if image.dtype == np.uint8 else cv2.convertScaleAbs(image, alpha=255 / 65535)
    allowed = ~hole if source is None else source & ~hole
    known, share = (~hole).astype(np.float32), allowed.astype(np.float32)
    thick = thickness(hole)
    textured = np.count_nonzero(hole) <= _TEXTURED
    features = _with_texture(colours, ~hole) if textured else colours
    levels = [Level(features, hole, allowed)]
    least = min(_SOURCES, 0.3 * levels[0].valid.sum() / max(1, len(levels[0].places)))
    while thick >= 2 * _THICK:
        step()
        thick /= 2
        features, known, share = _halved(features, known, share)
        hole = known < 0.5
        if not textured and np.count_nonzero(hole) <= _TEXTURED:
            textured, features = True, _with_texture(features, ~hole)
        level = Level(features, hole, share > 0.999)
        if min(level.shape) <= 4 * REACH or level.valid.sum() < max(_FEW, least * len(level.places)):
            break
        levels.append(level)
    if not textured:
        levels[-1] = replace(levels[-1], features=_with_texture(levels[-1].features, ~levels[-1].hole))
    return tuple(levels)


def _with_texture(colours: np.ndarray, known: np.ndarray) -> np.ndarray:
    colours = colours.astype(np.float32)
    return np.dstack([colours, _texture(colours, known)])


def _texture(colours: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(h, w, 2) float32: how much the light changes from a pixel to the next, across and down, on average round it."""
    light = cv2.transform(colours, np.float32([[0.299, 0.587, 0.114]]))
    out = np.empty((*known.shape, 2), np.float32)
    for axis, (plane, both) in enumerate(((np.abs(np.diff(light, axis=1)), known[:, 1:] & known[:, :-1]),
                                          (np.abs(np.diff(light, axis=0)), known[1:] & known[:-1]))):
        pad = ((0, 0), (0, 1)) if axis == 0 else ((0, 1), (0, 0))
        weight = np.pad(both, pad).astype(np.float32)
        total = cv2.blur(np.pad(plane, pad) * weight, (5, 5))
        out[..., axis] = _TEXTURE * total / np.maximum(cv2.blur(weight, (5, 5)), 1e-6)
    return out


def _halved(features: np.ndarray, known: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features averaged over known pixels, which share of a pixel is known, which may be copied."""
    height, width = known.shape
    edge = (0, height % 2, 0, width % 2)
    if any(edge):
        features, known, share = (cv2.copyMakeBorder(plane, *edge, cv2.BORDER_REPLICATE)
                                  for plane in (features, known, share))
    size = (known.shape[1] // 2, known.shape[0] // 2)
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    zeroed = features.copy()
    zeroed[known == 0] = 0
    mean = cv2.resize(zeroed, size, interpolation=cv2.INTER_AREA)
    y, x = np.nonzero((weight > 0) & (weight < 1))
    scaled = mean[y, x] / weight[y, x][:, None]
    mean[y, x] = scaled if mean.dtype == np.float32 else np.minimum(np.rint(scaled), 255)
    return mean, weight, cv2.resize(share, size, interpolation=cv2.INTER_AREA)
