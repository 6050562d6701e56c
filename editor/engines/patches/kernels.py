"""The inner loops of the patch search, compiled: imported only once a fill needs them, since numba loads slowly.

Every kernel works on a stretch of pixels and lets go of the interpreter's lock, so that threads share the work
(crew.py). None reads what another stretch of the same call writes: same pixels, whatever the number of threads.
Random numbers are hashes of where and when they are drawn.

A patch is known by its middle. ``reach`` is how far it goes from there: 3 for 7 x 7. Pictures that are compared are
rows of pixels whose ``channels`` values lie side by side, so that a row of a patch is one run of memory.
"""

import numpy as np
from numba import njit

_FAR = np.float32(3e38)
_WORD = 0xFFFFFFFF
_DOWN, _ACROSS = (0, 1, 0, -1), (1, 0, -1, 0)
_NEW = np.float32(0.9)  # how much better what no neighbour copies has to be: pieces keep together


@njit(nogil=True, cache=True)
def _hashed(a, b, c, d):
    """A number of 32 bits that hangs on all four (xxHash's mixing steps)."""
    h = (a * 0x9E3779B1 + b * 0x85EBCA77) & _WORD
    h ^= h >> 15
    h = ((h + c) * 0xC2B2AE3D) & _WORD
    h ^= h >> 13
    h = ((h + d) * 0x27D4EB2F) & _WORD
    h ^= h >> 16
    h = (h * 0x165667B1) & _WORD
    return h ^ (h >> 15)


@njit(nogil=True, cache=True, fastmath=True)
def _unlike(rows, guide, guided, y, x, sy, sx, limit, reach, run, pull):
    """The squared distance between the patches at (y, x) and (sy, sx); anything above ``limit`` once it is that.

    It counts the more the farther apart they are, by ``pull`` a pixel, unless colours are wished of the patch: what
    lies near is likelier to belong here. What is wished counts as it is. run: values in a row of a patch; handed in,
    since the compiler makes slower code of a length that it knows.
    """
    total = np.float32(0)
    farther = np.float32(1)
    if guided[y, x] < 2:
        farther += pull * np.sqrt(np.float32((sy - y) ** 2 + (sx - x) ** 2))
    limit /= farther
    channels = run // (2 * reach + 1)
    here, there = np.uint64((x - reach) * channels), np.uint64((sx - reach) * channels)
    for dy in range(-reach, reach + 1):
        one, other = rows[np.uint64(y + dy)], rows[np.uint64(sy + dy)]
        part = np.float32(0)
        for i in range(np.uint64(run)):
            d = np.float32(one[here + np.uint64(i)]) - np.float32(other[there + np.uint64(i)])
            part += d * d
        total += part
        if total >= limit:
            return total * farther
    total *= farther
    if guided[y, x]:
        total += _against_wishes(guide, y, x, sy, sx, reach)
    return total


@njit(nogil=True, cache=True, fastmath=True)
def _against_wishes(guide, y, x, sy, sx, reach):
    """How far the patch at (sy, sx) is from what is wished for at (y, x)."""
    total = np.float32(0)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            wish = guide[y + dy, x + dx]
            if wish[0] > 0:
                d = wish[1] - guide[sy + dy, sx + dx, 2]
                total += wish[0] * d * d
            if wish[3] > 0:
                for c in range(3):
                    d = wish[4 + c] - guide[sy + dy, sx + dx, 4 + c]
                    total += wish[3] * d * d
    return total


@njit(nogil=True, cache=True)
def measure(rows, guide, guided, reach, run, pull, places, nearest, cost, start, stop):
    """The distance between the patch at each of places[start:stop] and the one it copies from."""
    for index in range(start, stop):
        y, x = places[index, 0], places[index, 1]
        cost[y, x] = _unlike(rows, guide, guided, y, x, nearest[y, x, 0], nearest[y, x, 1], _FAR, reach, run, pull)


@njit(nogil=True, cache=True)
def _calm(nearest, y, x):
    """Whether the patches all round copy from the same offset: others have been tried there before."""
    oy, ox = nearest[y, x, 0] - y, nearest[y, x, 1] - x
    for side in range(4):
        ny, nx = y + _DOWN[side], x + _ACROSS[side]
        if ny < 0 or ny >= nearest.shape[0] or nx < 0 or nx >= nearest.shape[1] or nearest[ny, nx, 0] < 0:
            return False
        if nearest[ny, nx, 0] - ny != oy or nearest[ny, nx, 1] - nx != ox:
            return False
    return True


@njit(nogil=True, cache=True)
def search(rows, guide, guided, reach, run, pull, valid, places, before, nearest, cost, jumps, tries, apart, radius,
           seed, turn, start, stop):
    """One pass of PatchMatch over places[start:stop], downwards in even turns and upwards in odd ones.

    rows: (h, w * channels) float32 or uint8. guide, guided: see guidance.py. valid: (h, w) uint8, which patches may be
    copied. places: (n, 2) int32, row by row, whole rows to a stretch. nearest: (h, w, 2) int16, the patch copied from,
    -1 where there is none, brought up to date with cost (h, w) float32; before: nearest before the pass. jumps: (k, 2)
    int32, offsets worth trying, of which so many are tried. apart: how far off a patch copies from at least, squared.
    radius: of the random search, pixels.
    """
    height, width = valid.shape
    step = 1 if turn % 2 == 0 else -1
    first, last = places[start, 0], places[stop - 1, 0]
    for count in range(stop - start):
        index = start + count if step > 0 else stop - 1 - count
        y, x = places[index, 0], places[index, 1]
        best_y, best_x, best = nearest[y, x, 0], nearest[y, x, 1], cost[y, x]
        calm = turn > 1 and _calm(before, y, x)
        for side in range(2):
            ny, nx = (y - step, x) if side else (y, x - step)
            if ny < 0 or ny >= height or nx < 0 or nx >= width:
                continue
            # Another stretch may be writing there just now.
            given = nearest if first <= ny <= last else before
            if given[ny, nx, 0] < 0:
                continue
            sy, sx = given[ny, nx, 0] + y - ny, given[ny, nx, 1] + x - nx
            if sy < 0 or sy >= height or sx < 0 or sx >= width or not valid[sy, sx]:
                continue
            if sy == best_y and sx == best_x or (sy - y) ** 2 + (sx - x) ** 2 < apart:
                continue
            found = _unlike(rows, guide, guided, y, x, sy, sx, best, reach, run, pull)
            if found < best:
                best_y, best_x, best = sy, sx, found
        for tried in range(0 if calm else tries):
            which = tried if tries == len(jumps) else _hashed(seed, turn, y * width + x, 77 + tried) % len(jumps)
            sy, sx = y + jumps[which, 0], x + jumps[which, 1]
            if 0 <= sy < height and 0 <= sx < width and valid[sy, sx]:
                found = _unlike(rows, guide, guided, y, x, sy, sx, _NEW * best, reach, run, pull)
                if found < _NEW * best:
                    best_y, best_x, best = sy, sx, found
        span, tried = 0 if calm else radius, 0
        while span >= 1:
            luck = _hashed(seed, turn, y * width + x, tried)
            low, high = max(0, best_y - span), min(height - 1, best_y + span)
            sy = low + ((luck & 0xFFFF) * (high - low + 1) >> 16)
            low, high = max(0, best_x - span), min(width - 1, best_x + span)
            sx = low + ((luck >> 16) * (high - low + 1) >> 16)
            if valid[sy, sx] and (sy - y) ** 2 + (sx - x) ** 2 >= apart:
                found = _unlike(rows, guide, guided, y, x, sy, sx, _NEW * best, reach, run, pull)
                if found < _NEW * best:
                    best_y, best_x, best = sy, sx, found
            span, tried = span // 2, tried + 1
        nearest[y, x, 0], nearest[y, x, 1], cost[y, x] = best_y, best_x, best


@njit(nogil=True, cache=True, fastmath=True)
def _unlike_known(rows, known, guide, guided, y, x, sy, sx, limit, reach, run, pull):
    """As _unlike, of what is known of the patch at (y, x), and wished for."""
    total = np.float32(0)
    farther = np.float32(1)
    if guided[y, x] < 2:
        farther += pull * np.sqrt(np.float32((sy - y) ** 2 + (sx - x) ** 2))
    limit /= farther
    channels = run // (2 * reach + 1)
    here, there = np.uint64((x - reach) * channels), np.uint64((sx - reach) * channels)
    for dy in range(-reach, reach + 1):
        one, other, counts = rows[np.uint64(y + dy)], rows[np.uint64(sy + dy)], known[np.uint64(y + dy)]
        part = np.float32(0)
        for i in range(np.uint64(run)):
            d = one[here + np.uint64(i)] - other[there + np.uint64(i)]
            part += counts[here + np.uint64(i)] * d * d
        total += part
        if total >= limit:
            return total * farther
    total *= farther
    if guided[y, x]:
        total += _against_wishes(guide, y, x, sy, sx, reach)
    return total


@njit(nogil=True, cache=True)
def match_known(rows, guide, guided, reach, run, pull, known, valid, ring, sources, before, nearest, cost, jumps,
                tries, seed, start, stop):
    """Better patches for the middles ring[start:stop], by what is ``known`` (h, w * channels; 1 or 0) of them.

    Looked at are what the eight neighbours and it itself copied from ``before``, ``jumps``, and so many (``tries``)
    of ``sources`` (n, 2) int32.
    """
    height, width = valid.shape
    for index in range(start, stop):
        y, x = ring[index, 0], ring[index, 1]
        best_y, best_x, best = before[y, x, 0], before[y, x, 1], _FAR
        for number in range(9 + len(jumps) + tries):
            if number < 9:
                ny, nx = y + (number + 4) % 9 // 3 - 1, x + (number + 4) % 3 - 1
                if ny < 0 or ny >= height or nx < 0 or nx >= width or before[ny, nx, 0] < 0:
                    continue
                sy, sx = before[ny, nx, 0] + y - ny, before[ny, nx, 1] + x - nx
            elif number < 9 + len(jumps):
                sy, sx = y + jumps[number - 9, 0], x + jumps[number - 9, 1]
            else:
                which = _hashed(seed, number, y, x) % len(sources)
                sy, sx = sources[which, 0], sources[which, 1]
            if sy < 0 or sy >= height or sx < 0 or sx >= width or not valid[sy, sx]:
                continue
            found = _unlike_known(rows, known, guide, guided, y, x, sy, sx, best, reach, run, pull)
            if found < best:
                best_y, best_x, best = sy, sx, found
        nearest[y, x, 0], nearest[y, x, 1], cost[y, x] = best_y, best_x, best


@njit(nogil=True, cache=True)
def _agreed(nearest, y, x, reach):
    """Whether the patches round (y, x), looked at in nine places, all copy from the same offset."""
    height, width = nearest.shape[0], nearest.shape[1]
    if y < reach or x < reach or y + reach >= height or x + reach >= width or nearest[y, x, 0] < 0:
        return False
    oy, ox = nearest[y, x, 0] - y, nearest[y, x, 1] - x
    for dy in range(-reach, reach + 1, reach):
        for dx in range(-reach, reach + 1, reach):
            if nearest[y + dy, x + dx, 0] - y - dy != oy or nearest[y + dy, x + dx, 1] - x - dx != ox:
                return False
    return True


@njit(nogil=True, cache=True)
def doubled(coarse, valid, places, sources, seed, nearest, start, stop):
    """What places[start:stop] copy from at twice the size of ``coarse`` (h, w, 2); one of ``sources`` (n, 2) where
    that is no patch that may be copied."""
    height, width = valid.shape
    for index in range(start, stop):
        y, x = places[index, 0], places[index, 1]
        sy, sx = coarse[y // 2, x // 2, 0], coarse[y // 2, x // 2, 1]
        there = False
        if sy >= 0:
            sy, sx = 2 * sy + y % 2, 2 * sx + x % 2
            there = sy < height and sx < width and valid[sy, sx]
        if not there:
            which = _hashed(seed, 3, y, x) % len(sources)
            sy, sx = sources[which, 0], sources[which, 1]
        nearest[y, x, 0], nearest[y, x, 1] = sy, sx


@njit(nogil=True, cache=True, fastmath=True)
def vote(features, reach, holes, nearest, weight, out, start, stop):
    """The mean of what all patches over each of holes[start:stop] say of it, into out (n, channels).

    features (h, w, channels) float32 or uint8; weight (h, w) float32: of each patch.
    """
    height, width, channels = features.shape
    total = np.empty(channels, np.float32)
    for index in range(start, stop):
        y, x = holes[index, 0], holes[index, 1]
        if _agreed(nearest, y, x, reach):
            for c in range(channels):
                out[index, c] = features[nearest[y, x, 0], nearest[y, x, 1], c]
            continue
        total[:] = 0
        weights = np.float32(0)
        for cy in range(max(0, y - reach), min(height, y + reach + 1)):
            for cx in range(max(0, x - reach), min(width, x + reach + 1)):
                if nearest[cy, cx, 0] < 0:
                    continue
                share = weight[cy, cx]
                pixel = features[nearest[cy, cx, 0] + y - cy, nearest[cy, cx, 1] + x - cx]
                weights += share
                for c in range(channels):
                    total[c] += share * pixel[c]
        if weights > 0:
            for c in range(channels):
                out[index, c] = total[c] / weights
        else:
            for c in range(channels):
                out[index, c] = features[y, x, c]


@njit(nogil=True, cache=True)
def favourite(reach, known, holes, nearest, weight, offsets, start, stop):
    """The offset that most of the weight of the patches over each of holes[start:stop] asks for, into offsets
    (h, w, 2) int16."""
    height, width = known.shape
    most = (2 * reach + 1) ** 2
    seen_y, seen_x, share = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.float32)
    for index in range(start, stop):
        y, x = holes[index, 0], holes[index, 1]
        if _agreed(nearest, y, x, reach):
            offsets[y, x, 0], offsets[y, x, 1] = nearest[y, x, 0] - y, nearest[y, x, 1] - x
            continue
        count = 0
        for cy in range(max(0, y - reach), min(height, y + reach + 1)):
            for cx in range(max(0, x - reach), min(width, x + reach + 1)):
                if nearest[cy, cx, 0] < 0:
                    continue
                oy, ox = nearest[cy, cx, 0] - cy, nearest[cy, cx, 1] - cx
                at = 0
                while at < count and (seen_y[at] != oy or seen_x[at] != ox):
                    at += 1
                if at == count:
                    seen_y[at], seen_x[at], share[at] = oy, ox, 0
                    count += 1
                share[at] += weight[cy, cx]
        if count:
            best = np.argmax(share[:count])
            offsets[y, x, 0], offsets[y, x, 1] = seen_y[best], seen_x[best]
