"""Blend modes and compositing.

The modes are OpenRaster's set (OpenRaster 0.0.6, "composite-op"), defined as in W3C Compositing and Blending
Level 1. Colours are float32 arrays (h, w, c) in 0..1, c = 1 (grey) or 3, in the photograph's own encoding; alpha is
(h, w, 1) in 0..1 and straight. On grey pictures hue, saturation and colour have nothing to change and leave the
backdrop; luminosity takes the source.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

Blend = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class BlendMode:
    """How a layer meets what is beneath it."""

    name: str  # OpenRaster's composite-op
    title: str
    blend: Blend | None = None  # B(backdrop, source); None for the Porter-Duff operators
    keeps_alpha: bool = False  # the backdrop's alpha stays
    cuts: bool = False  # may take the backdrop's alpha away, also where the layer has no pixels


def _screen(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    return b + s - b * s


def _hard_light(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    return np.where(s <= 0.5, 2 * b * s, _screen(b, 2 * s - 1))


def _colour_dodge(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    quotient = np.minimum(1, b / np.maximum(1 - s, 1e-12))
    return np.where(b == 0, 0, np.where(s >= 1, 1, quotient))


def _colour_burn(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    quotient = 1 - np.minimum(1, (1 - b) / np.maximum(s, 1e-12))
    return np.where(b >= 1, 1, np.where(s <= 0, 0, quotient))


def _soft_light(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    d = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(np.maximum(b, 0)))
    return np.where(s <= 0.5, b - (1 - 2 * s) * b * (1 - b), b + (2 * s - 1) * (d - b))


_LUMA = np.array([[0.3, 0.59, 0.11]], np.float32)
_TINY = np.float32(1e-12)


def _spread(plane: np.ndarray, channels: int) -> np.ndarray:
    """(h, w) or (h, w, 1) to (h, w, channels): far quicker to calculate with than a broadcast last axis."""
    return cv2.merge([plane] * channels).reshape(*plane.shape[:2], channels)


def _lum(colour: np.ndarray) -> np.ndarray:
    return cv2.transform(colour, _LUMA)


def _range(colour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    red, green, blue = cv2.split(colour)
    return np.minimum(np.minimum(red, green), blue), np.maximum(np.maximum(red, green), blue)


def _sat(colour: np.ndarray) -> np.ndarray:
    low, high = _range(colour)
    return high - low


def _set_lum(colour: np.ndarray, lum: np.ndarray) -> np.ndarray:
    """The spec's SetLum and ClipColor: one shift, then one scaling towards the luminosity."""
    own = _lum(colour)
    low, high = _range(colour)
    shift = lum - own
    room = np.where(low + shift < 0, lum / np.maximum(own - low, _TINY), np.float32(1))
    room *= np.where(high + shift > 1, (1 - lum) / np.maximum(high - own, _TINY), np.float32(1))
    return _spread(lum, 3) + (colour - _spread(own, 3)) * _spread(room, 3)


def _set_sat(colour: np.ndarray, sat: np.ndarray) -> np.ndarray:
    # The spec's SetSat moves the smallest channel to 0 and the largest to sat: one linear map.
    low, high = _range(colour)
    return (colour - _spread(low, 3)) * _spread(sat / np.maximum(high - low, _TINY), 3)


def _for_colour(blend: Blend, on_grey: Blend) -> Blend:
    return lambda b, s: blend(b, s) if b.shape[-1] == 3 else on_grey(b, s)


def _backdrop(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    return b


def _source(b: np.ndarray, s: np.ndarray) -> np.ndarray:
    return s


MODES: dict[str, BlendMode] = {mode.name: mode for mode in (
    BlendMode("svg:src-over", "Normal", _source),
    BlendMode("svg:multiply", "Multiply", np.multiply),
    BlendMode("svg:screen", "Screen", _screen),
    BlendMode("svg:overlay", "Overlay", lambda b, s: _hard_light(s, b)),
    BlendMode("svg:darken", "Darken", np.minimum),
    BlendMode("svg:lighten", "Lighten", np.maximum),
    BlendMode("svg:color-dodge", "Colour dodge", _colour_dodge),
    BlendMode("svg:color-burn", "Colour burn", _colour_burn),
    BlendMode("svg:hard-light", "Hard light", _hard_light),
    BlendMode("svg:soft-light", "Soft light", _soft_light),
    BlendMode("svg:difference", "Difference", lambda b, s: np.abs(b - s)),
    BlendMode("svg:color", "Colour", _for_colour(lambda b, s: _set_lum(s, _lum(b)), _backdrop)),
    BlendMode("svg:luminosity", "Luminosity", _for_colour(lambda b, s: _set_lum(b, _lum(s)), _source)),
    BlendMode("svg:hue", "Hue", _for_colour(lambda b, s: _set_lum(_set_sat(s, _sat(b)), _lum(b)), _backdrop)),
    BlendMode("svg:saturation", "Saturation",
              _for_colour(lambda b, s: _set_lum(_set_sat(b, _sat(s)), _lum(b)), _backdrop)),
    BlendMode("svg:plus", "Plus"),
    BlendMode("svg:src-atop", "Source atop", _source, keeps_alpha=True),
    BlendMode("svg:dst-in", "Destination in", cuts=True),
    BlendMode("svg:dst-out", "Destination out", cuts=True),
    BlendMode("svg:dst-atop", "Destination atop", cuts=True),
)}

NORMAL = "svg:src-over"
ATOP = "svg:src-atop"  # as normal, and the backdrop's alpha stays


def composite(colour: np.ndarray, alpha: np.ndarray | None, source: np.ndarray, coverage: np.ndarray,
              mode: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Lay one layer over a backdrop.

    colour (h, w, c), alpha (h, w, 1) or None for an opaque backdrop; source (h, w, c), coverage (h, w, 1) is the
    layer's alpha times its opacity. Returns the new colour and alpha; neither input is written to. Where coverage
    is 0 the backdrop comes back bit for bit, but for the modes that cut.
    """
    operator = MODES[mode]
    channels = colour.shape[2]
    if operator.blend is not None:
        mixed = operator.blend(colour, source)
        if alpha is None:
            return _towards(colour, mixed, coverage), None
        if mixed is not source:
            mixed = _towards(source, mixed, alpha)
        if operator.keeps_alpha:
            return _towards(colour, mixed, coverage), alpha
        out = coverage + alpha * (1 - coverage)
        return _towards(colour, mixed, coverage / np.maximum(out, _TINY)), out
    backdrop = np.ones_like(coverage) if alpha is None else alpha
    if mode == "svg:plus":
        out = np.minimum(1, backdrop + coverage)
        total = np.maximum(out, _TINY)
        kept = np.where(coverage > 0, backdrop / total, np.float32(1))
        added = colour * _spread(kept, channels) + source * _spread(coverage / total, channels)
        return np.minimum(added, 1, out=added), None if alpha is None else out
    if mode == "svg:dst-in":
        return colour, backdrop * coverage
    if mode == "svg:dst-out":
        return colour, backdrop * (1 - coverage)
    return _towards(source, colour, backdrop), coverage  # svg:dst-atop


def _towards(start: np.ndarray, end: np.ndarray, share: np.ndarray) -> np.ndarray:
    """start + share * (end - start), for a share (h, w, 1)."""
    out = end - start
    out *= _spread(share, start.shape[2])
    out += start
    return out
