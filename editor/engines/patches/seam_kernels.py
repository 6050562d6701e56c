"""The inner loops that put pieces together and even their light out, compiled; see kernels.py for how they share work.

Offsets (h, w, 2) int16 lead from each pixel of the hole to the one that it is copied from, and are 0 in the photo.
"""

import numpy as np
from numba import njit

_FAR = np.float32(3e38)
_DOWN, _ACROSS = (0, 1, 0, -1), (1, 0, -1, 0)
_LIGHT = np.float32(0.3)  # what a difference of light alone counts
_UNKNOWN = np.float32(3e4)  # what a seam costs that nothing is known of
_CHANGE = np.float32(100)  # squared levels that any seam costs: in even parts nothing else keeps pieces together


@njit(nogil=True, cache=True, fastmath=True)
def _step(picture, known, y, x, oy, ox, ny, nx, py, px):
    """How visible the change from offset (oy, ox) at (y, x) to (py, px) at its neighbour (ny, nx) is.

    Either could have gone on in the other's place: what that would change at both. Where it is the same at both, a
    difference of light only, it is evened out later (lighting.py) and counts less.
    """
    height, width = known.shape
    ay, ax, by, bx = ny + oy, nx + ox, y + py, x + px
    first = 0 <= ay < height and 0 <= ax < width and known[ay, ax]
    second = 0 <= by < height and 0 <= bx < width and known[by, bx]
    total = np.float32(0)
    for c in range(3):
        one, other = np.float32(0), np.float32(0)
        if first:
            one = np.float32(picture[ny + py, nx + px, c]) - np.float32(picture[ay, ax, c])
        if second:
            other = np.float32(picture[by, bx, c]) - np.float32(picture[y + oy, x + ox, c])
        if first and second:
            total += (one - other) * (one - other) + _LIGHT * (one * one + other * other)
        else:
            total += one * one + other * other
    if not first and not second:
        total = _UNKNOWN
    return total


@njit(nogil=True, cache=True, fastmath=True)
def reseam(picture, known, allowed, wanted, trust, places, offsets, far, start, stop):
    """Each of places[start:stop] takes the offset of a neighbour where that makes the seams less visible.

    picture (h, w, 3) in 0..255; known, allowed (h, w) uint8: what is photo, what of it may be copied. wanted
    (h, w, 3): what the pixel should look like, and how much each squared unit of that counts: trust. offsets
    (h, w, 2) int16; 0 in the photo itself. Tried are the neighbours and those ``far`` away, an odd number: of the
    places none has another beside it, so that none reads what another writes.
    """
    height, width = known.shape
    tried_y, tried_x = np.empty(9, np.int32), np.empty(9, np.int32)
    for index in range(start, stop):
        y, x = places[index, 0], places[index, 1]
        own_y, own_x = offsets[y, x, 0], offsets[y, x, 1]
        tried_y[0], tried_x[0], count = own_y, own_x, 1
        for number in range(8):
            side, away = number % 4, 1 if number < 4 else far
            ny, nx = y + _DOWN[side] * away, x + _ACROSS[side] * away
            if ny < 0 or ny >= height or nx < 0 or nx >= width or known[ny, nx]:
                continue
            oy, ox = offsets[ny, nx, 0], offsets[ny, nx, 1]
            new = True
            for at in range(count):
                if tried_y[at] == oy and tried_x[at] == ox:
                    new = False
                    break
            if new:
                tried_y[count], tried_x[count] = oy, ox
                count += 1
        if count == 1:
            continue
        best, chosen = _FAR, 0
        for at in range(count):
            oy, ox = tried_y[at], tried_x[at]
            sy, sx = y + oy, x + ox
            if sy < 0 or sy >= height or sx < 0 or sx >= width or not allowed[sy, sx]:
                continue
            total = np.float32(0)
            for c in range(3):
                d = np.float32(picture[sy, sx, c]) - wanted[y, x, c]
                total += d * d
            total *= trust
            for side in range(4):
                ny, nx = y + _DOWN[side], x + _ACROSS[side]
                if ny < 0 or ny >= height or nx < 0 or nx >= width:
                    continue
                py, px = (0, 0) if known[ny, nx] else (offsets[ny, nx, 0], offsets[ny, nx, 1])
                if py != oy or px != ox:
                    total += _CHANGE + _step(picture, known, y, x, oy, ox, ny, nx, py, px)
                if total >= best:
                    break
            if total < best:
                best, chosen = total, at
        offsets[y, x, 0], offsets[y, x, 1] = tried_y[chosen], tried_x[chosen]


@njit(nogil=True, cache=True, fastmath=True)
def steps_at_seams(picture, known, holes, offsets, scale, robust, out, start, stop):
    """For holes[start:stop] how far each is off what its neighbours' sources lead to expect, summed over the four of
    them: into out (n, 3), in units of 1/255.

    picture: (h, w, 3) uint8 or uint16; scale: from its units to those. Steps much larger than ``robust`` are edges.
    """
    height, width = known.shape
    for index in range(start, stop):
        y, x = holes[index, 0], holes[index, 1]
        oy, ox = offsets[y, x, 0], offsets[y, x, 1]
        out[index, 0] = out[index, 1] = out[index, 2] = 0
        for side in range(4):
            ny, nx = y + _DOWN[side], x + _ACROSS[side]
            if ny < 0 or ny >= height or nx < 0 or nx >= width:
                continue
            py, px = offsets[ny, nx, 0], offsets[ny, nx, 1]
            if py == oy and px == ox:
                continue
            here, there, count = np.zeros(3, np.float32), np.zeros(3, np.float32), np.float32(0)
            sy, sx = ny + oy, nx + ox
            if 0 <= sy < height and 0 <= sx < width and known[sy, sx]:
                count += 1
                for c in range(3):
                    here[c] = np.float32(picture[ny + py, nx + px, c]) - np.float32(picture[sy, sx, c])
            sy, sx = y + py, x + px
            if 0 <= sy < height and 0 <= sx < width and known[sy, sx]:
                count += 1
                for c in range(3):
                    there[c] = np.float32(picture[sy, sx, c]) - np.float32(picture[y + oy, x + ox, c])
            if count == 0:
                continue
            size = np.float32(0)
            for c in range(3):
                here[c] = (here[c] + there[c]) * scale / count
                size += here[c] * here[c]
            # At the hole's edge there is no doubt about what stands beyond.
            most = 4 * robust if known[ny, nx] else robust
            trust = np.exp(-size / (most * most))
            for c in range(3):
                out[index, c] += trust * here[c]


@njit(nogil=True, cache=True, fastmath=True)
def relax(film, wanted, hole, parity, start, stop):
    """Every other pixel of the hole in rows start:stop is brought to where its differences to its four neighbours sum
    up to ``wanted`` (h, w) float32. film (h, w) float32; the picture's border is free."""
    height, width = hole.shape
    for y in range(start, stop):
        for x in range((y + parity) % 2, width, 2):
            if not hole[y, x]:
                continue
            count, total = np.float32(0), wanted[y, x]
            for side in range(4):
                ny, nx = y + _DOWN[side], x + _ACROSS[side]
                if 0 <= ny < height and 0 <= nx < width:
                    count += 1
                    total += film[ny, nx]
            if count > 0:
                film[y, x] = total / count


@njit(nogil=True, cache=True, fastmath=True)
def remainder(film, wanted, hole, out, start, stop):
    """What is still lacking of ``wanted`` in rows start:stop, into out (h, w)."""
    height, width = hole.shape
    for y in range(start, stop):
        for x in range(width):
            rest = np.float32(0)
            if hole[y, x]:
                rest = wanted[y, x]
                for side in range(4):
                    ny, nx = y + _DOWN[side], x + _ACROSS[side]
                    if 0 <= ny < height and 0 <= nx < width:
                        rest -= film[y, x] - film[ny, nx]
            out[y, x] = rest
