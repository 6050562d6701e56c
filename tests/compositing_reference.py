"""W3C Compositing and Blending Level 1, one pixel at a time, as the specification writes it.

Python floats (64 bits), no numpy, and nothing of the editor's: what the compositor is measured against. The modes go
by OpenRaster's names (OpenRaster 0.0.6, composite-op). A pixel is a tuple of three numbers, 0..1.
"""

from math import sqrt

Colour = tuple[float, float, float]


def _hard_light(cb: float, cs: float) -> float:
    return cb * 2 * cs if cs <= 0.5 else _screen(cb, 2 * cs - 1)


def _screen(cb: float, cs: float) -> float:
    return cb + cs - cb * cs


def _dodge(cb: float, cs: float) -> float:
    if cb == 0:
        return 0
    return 1 if cs == 1 else min(1, cb / (1 - cs))


def _burn(cb: float, cs: float) -> float:
    if cb == 1:
        return 1
    return 0 if cs == 0 else 1 - min(1, (1 - cb) / cs)


def _soft_light(cb: float, cs: float) -> float:
    if cs <= 0.5:
        return cb - (1 - 2 * cs) * cb * (1 - cb)
    d = ((16 * cb - 12) * cb + 4) * cb if cb <= 0.25 else sqrt(cb)
    return cb + (2 * cs - 1) * (d - cb)


_SEPARABLE = {
    "svg:src-over": lambda cb, cs: cs,
    "svg:multiply": lambda cb, cs: cb * cs,
    "svg:screen": _screen,
    "svg:overlay": lambda cb, cs: _hard_light(cs, cb),
    "svg:darken": min,
    "svg:lighten": max,
    "svg:color-dodge": _dodge,
    "svg:color-burn": _burn,
    "svg:hard-light": _hard_light,
    "svg:soft-light": _soft_light,
    "svg:difference": lambda cb, cs: abs(cb - cs),
}


def _lum(c: Colour) -> float:
    return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2]


def _sat(c: Colour) -> float:
    return max(c) - min(c)


def _clip_colour(c: Colour) -> Colour:
    lum, low, high = _lum(c), min(c), max(c)
    if low < 0:
        c = tuple(lum + (v - lum) * lum / (lum - low) for v in c)
    if high > 1:
        c = tuple(lum + (v - lum) * (1 - lum) / (high - lum) for v in c)
    return c


def _set_lum(c: Colour, lum: float) -> Colour:
    d = lum - _lum(c)
    return _clip_colour(tuple(v + d for v in c))


def _set_sat(c: Colour, sat: float) -> Colour:
    order = sorted(range(3), key=lambda i: c[i])
    low, mid, high = order
    out = [0.0, 0.0, 0.0]
    if c[high] > c[low]:
        out[mid] = (c[mid] - c[low]) * sat / (c[high] - c[low])
        out[high] = sat
    return tuple(out)


_NON_SEPARABLE = {
    "svg:hue": lambda cb, cs: _set_lum(_set_sat(cs, _sat(cb)), _lum(cb)),
    "svg:saturation": lambda cb, cs: _set_lum(_set_sat(cb, _sat(cs)), _lum(cb)),
    "svg:color": lambda cb, cs: _set_lum(cs, _lum(cb)),
    "svg:luminosity": lambda cb, cs: _set_lum(cb, _lum(cs)),
}

# Fa and Fb of the Porter-Duff operators, from the source's and the backdrop's alpha.
_FRACTIONS = {
    "svg:src-atop": lambda sa, ba: (ba, 1 - sa),
    "svg:dst-in": lambda sa, ba: (0, sa),
    "svg:dst-out": lambda sa, ba: (0, 1 - sa),
    "svg:dst-atop": lambda sa, ba: (1 - ba, sa),
    "svg:plus": lambda sa, ba: (1, 1),
}

ALL = [*_SEPARABLE, *_NON_SEPARABLE, *_FRACTIONS]


def composite(cb: Colour, ba: float, cs: Colour, sa: float, mode: str) -> tuple[Colour | None, float]:
    """The resulting straight colour (None where nothing is left to have one) and alpha."""
    if mode in _NON_SEPARABLE:
        blended = _NON_SEPARABLE[mode](cb, cs)
    else:
        blended = tuple(_SEPARABLE.get(mode, lambda b, s: s)(b, s) for b, s in zip(cb, cs, strict=True))
    mixed = tuple((1 - ba) * s + ba * m for s, m in zip(cs, blended, strict=True))
    fa, fb = _FRACTIONS.get(mode, lambda sa, ba: (1, 1 - sa))(sa, ba)
    alpha = min(1, sa * fa + ba * fb)
    if alpha <= 0:
        return None, 0.0
    return tuple(min(1, sa * fa * m + ba * fb * b) / alpha for m, b in zip(mixed, cb, strict=True)), alpha
