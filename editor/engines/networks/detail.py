"""Detail for a picture that a network has made too small: copied from the photo round it.

A network sees the region reduced, and what it puts into the hole is as coarse as that. What is missing, the difference
between a photo and its own reduced picture brought back up, is known all round the hole. For every pixel of the hole
at the network's size a place is looked for in the surroundings whose reduced picture looks alike, preferably near, and
the difference found there is copied. Networks are softer than photographs at their own size too: so pictures are
compared a little blurred, and the contrast that the fill lacks there is copied likewise. Places next to one another
take theirs from places next to one another where that costs little, so that hairs, threads and grain run on; where the
copies change over they are blended over one coarse pixel, and the blend is given back the contrast that averaging
takes away.

After Freeman, Jones and Pasztor, "Example-based super-resolution" (IEEE CG&A 2002); the search is
Barnes et al., "PatchMatch" (SIGGRAPH 2009), made for arrays: all pixels try their neighbours' places at once.
"""

from collections.abc import Callable

import cv2
import numpy as np

from editor.engines.pyramid import sampled

_SOFT = 1.0  # blur of the patches that are compared, pixels
_WIDE = 4.0  # of what lies round them
_REACH = 2  # from the middle of a patch to its outer pixels
_BANDS = (1.0, 2.0)  # pixels: the contrast that is compared with that of the sources, by blur
_SEEDS = 4  # one pixel in so many, down and across, is looked for in all of the sources
_SOURCES = 8_192  # places that are looked at then
_NEARBY = 2.0  # what a picture's width of distance costs, in units of the sources' contrast
_SPECIAL = 0.2  # what a source costs that has twice the contrast of those round it, in the same units squared
_CHANGE = 0.3  # what each neighbour costs that copies from elsewhere
_JUMPS = (8, 4, 2, 1, 1)  # how far off the neighbours are whose places are tried, in turn
_TURNS = ((0, 1), (1, 0), (0, -1), (-1, 0))
_FOREIGN = 0.1  # 0..1: how far the colours round a place and round its source may differ before it gets less detail
_CHUNK = 1 << 18  # pixels at a time: copies stay small, and a cancel is heard


def add_detail(image: np.ndarray, hole: np.ndarray, small: np.ndarray, sources: np.ndarray, seed: int,
               step: Callable[[float], None] = lambda fraction: None) -> np.ndarray:
    """What stands in ``hole`` (h, w) bool of ``image`` (h, w, 3 uint8/uint16) at full size: (n, 3) float32 0..1, row by
    row; beyond 0 and 1 where the detail overshoots.

    small: (rows, columns, 3) float32 0..1, the whole picture at its reduced size, with the hole filled.
    sources: (rows, columns) bool, the pixels of ``small`` whose place in ``image`` may be copied from. step: told the
    fraction done, every 100 ms or so; what it raises passes through. The same for the same arguments, whatever the
    number of threads.
    """
    rows, columns = np.nonzero(hole)
    if small.shape[:2] == hole.shape:
        return small[rows, columns]
    shape, highest = hole.shape, np.float32(np.iinfo(image.dtype).max)
    cells = cv2.dilate(_covered(hole, small.shape[:2]), np.ones((3, 3), np.uint8)) > 0
    sources = cv2.erode(sources.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0  # bicubic: two pixels on each side
    if not sources.any():
        return sampled(small, shape, rows, columns)
    offsets = _offsets(small, cells, sources, seed, lambda fraction: step(0.6 * fraction))
    trust = _trust(small, cells, offsets)
    base, codes = _sharpened(small, cells, offsets, trust), _codes(offsets)
    out = np.empty((len(rows), 3), np.float32)
    for start in range(0, len(rows), _CHUNK):
        step(0.6 + 0.4 * start / len(rows))
        part = slice(start, start + _CHUNK)
        y, x = rows[part], columns[part]
        copied = _copied(image, highest, small, codes, y, x)
        out[part] = sampled(base, shape, y, x) + copied * sampled(trust[..., None], shape, y, x)
    return out


def _covered(hole: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Which pixels of the reduced size any pixel of the hole lies in, uint8."""
    rows, columns = np.nonzero(hole)
    out = np.zeros(size, np.uint8)
    out[rows * size[0] // hole.shape[0], columns * size[1] // hole.shape[1]] = 1
    return out


def _features(small: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """(rows, columns, n) float32: what is compared, in units of the sources' contrast.

    Five colours of each pixel's blurred patch, the colour and the contrast of what lies round it, its place, and for
    sources what is to be added to any distance: how far they stand out from what lies round them.
    """
    soft, wide = (cv2.GaussianBlur(small, (0, 0), blur) for blur in (_SOFT, _WIDE))
    coarse = np.sqrt(cv2.GaussianBlur(((soft - wide) ** 2).mean(axis=2), (0, 0), _WIDE))
    unit = max(float(np.sqrt((coarse[sources] ** 2).mean())), 2 / 255)
    power = ((small - cv2.GaussianBlur(small, (0, 0), 2 * _SOFT)) ** 2).mean(axis=2) * sources
    near = cv2.GaussianBlur(sources.astype(np.float32), (0, 0), 12)
    usual = cv2.GaussianBlur(power, (0, 0), 12) / np.maximum(near, 1e-3)
    special = cv2.GaussianBlur(power, (0, 0), 1.5) / np.maximum(usual, 1e-6)
    padded = cv2.copyMakeBorder(soft / (unit * np.sqrt(15)), _REACH, _REACH, _REACH, _REACH, cv2.BORDER_REFLECT_101)
    height, width = small.shape[:2]
    out = np.empty((height, width, 22), np.float32)
    for index, (down, across) in enumerate(((0, 0), (0, -1), (0, 1), (-1, 0), (1, 0))):
        top, left = _REACH * (1 + down), _REACH * (1 + across)
        out[..., 3 * index:3 * index + 3] = padded[top:top + height, left:left + width]
    out[..., 15:18] = wide / (unit * np.sqrt(3))
    out[..., 18] = coarse / unit
    longest = max(height, width)
    out[..., 19] = (_NEARBY / longest * np.arange(height))[:, None]
    out[..., 20] = _NEARBY / longest * np.arange(width)
    out[..., 21] = np.where(sources, np.sqrt(_SPECIAL * np.clip(special - 1, 0, 4)), 0)
    return out


def _offsets(small: np.ndarray, cells: np.ndarray, sources: np.ndarray, seed: int,
             step: Callable[[float], None]) -> np.ndarray:
    """(rows, columns, 2) int16: from each of ``cells`` (rows, columns) bool to the source it copies from."""
    features = _features(small, sources)
    step(0.2)
    offsets = np.zeros((*cells.shape, 2), np.int16)
    y, x = np.nonzero(cells)
    offsets[y, x] = _seeded(features, cells, sources, seed)
    cost = np.full(cells.shape, np.inf, np.float32)
    cost[y, x] = _distance(features, sources, y, x, offsets[y, x])
    codes = _codes(offsets)  # the same memory
    # All at once would let neighbours swap for ever: every other one at a time.
    halves = [(y[(y + x) % 2 == half], x[(y + x) % 2 == half]) for half in (0, 1)]
    tries = [(jump, half, turn) for jump in _JUMPS for half in halves for turn in _TURNS]
    for index, (jump, (y, x), (down, across)) in enumerate(tries):
        if index % 4 == 0:
            step(0.4 + 0.6 * index / len(tries))
        beside = np.clip(y + down * jump, 0, cells.shape[0] - 1), np.clip(x + across * jump, 0, cells.shape[1] - 1)
        offered = codes[beside]
        new = np.flatnonzero(cells[beside] & (offered != codes[y, x]))
        y, x, offered = y[new], x[new], offered[new]
        better = _distance(features, sources, y, x, offered[:, None].view(np.int16))
        taken = (better + _CHANGE * _changes(codes, y, x, offered)
                 < cost[y, x] + _CHANGE * _changes(codes, y, x, codes[y, x]))
        y, x = y[taken], x[taken]
        codes[y, x], cost[y, x] = offered[taken], better[taken]
    return offsets


def _distance(features: np.ndarray, sources: np.ndarray, y: np.ndarray, x: np.ndarray,
              offsets: np.ndarray) -> np.ndarray:
    """How unlike the pixels (y, x) and what lies at their ``offsets`` (n, 2) are; infinite where that is no source."""
    height, width = sources.shape
    rows, columns = y + offsets[:, 0], x + offsets[:, 1]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    places = np.where(inside, rows * width + columns, 0)
    flat = features.reshape(-1, features.shape[2])
    difference = flat.take(places, axis=0)
    difference -= flat.take(y * width + x, axis=0)
    out = np.einsum("ij,ij->i", difference, difference)
    out[~(inside & sources.reshape(-1).take(places))] = np.inf
    return out


def _changes(codes: np.ndarray, y: np.ndarray, x: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """How many of the four neighbours copy from elsewhere than from beside what is ``offered`` to each."""
    height, width = codes.shape
    return sum((codes[np.clip(y + down, 0, height - 1), np.clip(x + across, 0, width - 1)] != offered)
               for down, across in _TURNS).astype(np.float32)


def _codes(offsets: np.ndarray) -> np.ndarray:
    """Both halves of each offset (..., 2) int16 as one number, to be compared."""
    return offsets.view(np.int32)[..., 0]


def _trust(small: np.ndarray, cells: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(rows, columns) float32 0..1: how far what is copied may be of the same stuff as what it is copied to."""
    wide = cv2.GaussianBlur(small, (0, 0), _WIDE)
    y, x = np.nonzero(cells)
    foreign = ((wide[y, x] - wide[y + offsets[y, x, 0], x + offsets[y, x, 1]]) ** 2).mean(axis=1)
    out = np.ones(cells.shape, np.float32)
    out[y, x] = np.exp(-foreign / _FOREIGN ** 2)
    return cv2.blur(out, (3, 3))


def _sharpened(small: np.ndarray, cells: np.ndarray, offsets: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """The reduced picture with as much contrast in ``cells`` as where they copy from, as far as that is trusted."""
    y, x = np.nonzero(cells)
    rows, columns = (y + offsets[y, x, 0]), (x + offsets[y, x, 1])
    finer, out = small, small.copy()
    inside = cells.astype(np.float32)
    share = np.maximum(cv2.GaussianBlur(inside, (0, 0), 4)[y, x], 1e-3)
    for blur in _BANDS:
        coarser = cv2.GaussianBlur(small, (0, 0), blur)
        band = finer - coarser
        finer = coarser
        power = (band ** 2).mean(axis=2)
        has = cv2.GaussianBlur(power * inside, (0, 0), 4)[y, x] / share
        taken = np.zeros(cells.shape, np.float32)
        taken[y, x] = power[rows, columns]
        wanted = cv2.GaussianBlur(taken, (0, 0), 4)[y, x] / share
        lacks = np.sqrt(np.clip(1 - has / np.maximum(wanted, 1e-9), 0, 1))
        out[y, x] += (trust[y, x] * lacks)[:, None] * band[rows, columns]
    return out


def _seeded(features: np.ndarray, cells: np.ndarray, sources: np.ndarray, seed: int) -> np.ndarray:
    """Offsets (n, 2) to begin with: for one pixel in each square of _SEEDS, and taken over by those round it."""
    y, x = np.nonzero(cells)
    width = cells.shape[1]
    squares, first, which = np.unique(y // _SEEDS * width + x // _SEEDS, return_index=True, return_inverse=True)
    places = np.flatnonzero(sources)
    if len(places) > _SOURCES:
        places = np.sort(np.random.default_rng(seed).choice(places, _SOURCES, replace=False))
    flat = features.reshape(-1, features.shape[2])
    there, length = flat[places], (flat[places] ** 2).sum(axis=1)
    found = np.empty(len(squares), int)
    for start in range(0, len(squares), 512):
        asked = flat[y[first[start:start + 512]] * width + x[first[start:start + 512]]]
        asked[:, -1] = 0
        found[start:start + 512] = np.argmin(length - 2 * (asked @ there.T), axis=1)
    rows, columns = np.divmod(places[found], width)
    offsets = np.stack([rows - y[first], columns - x[first]], axis=1)[which]
    # Those round it may lie where its offset leads out of the sources: they copy from its own place.
    lost = ~np.isfinite(_distance(features, sources, y, x, offsets))
    offsets[lost] = np.stack([rows[which[lost]] - y[lost], columns[which[lost]] - x[lost]], axis=1)
    return offsets.astype(np.int16)


def _copied(image: np.ndarray, highest: np.float32, small: np.ndarray, codes: np.ndarray, y: np.ndarray,
            x: np.ndarray) -> np.ndarray:
    """The detail for the pixels (y, x) of the hole, (n, 3) float32."""
    down, across = small.shape[0] / image.shape[0], small.shape[1] / image.shape[1]
    place_y, place_x = (y + 0.5) * down - 0.5, (x + 0.5) * across - 0.5
    top, left = np.floor(place_y).astype(int), np.floor(place_x).astype(int)
    part_y, part_x = (place_y - top).astype(np.float32), (place_x - left).astype(np.float32)
    corners, weights = [], []
    for at_bottom in (0, 1):
        for at_right in (0, 1):
            corners.append(codes[np.clip(top + at_bottom, 0, small.shape[0] - 1),
                                 np.clip(left + at_right, 0, small.shape[1] - 1)])
            weights.append((part_y if at_bottom else 1 - part_y) * (part_x if at_right else 1 - part_x))
    out = _detail(image, highest, small, corners[0], y, x)
    mixed = np.flatnonzero((corners[0] != corners[1]) | (corners[0] != corners[2]) | (corners[0] != corners[3]))
    corners, weights = [corner[mixed] for corner in corners], [weight[mixed] for weight in weights]
    total, power = np.zeros((len(mixed), 3), np.float32), np.zeros(len(mixed), np.float32)
    for corner, weight in zip(corners, weights, strict=True):
        total += weight[:, None] * _detail(image, highest, small, corner, y[mixed], x[mixed])
        for other, heavy in zip(corners, weights, strict=True):
            power += weight * heavy * (corner == other)
    out[mixed] = total / np.sqrt(power)[:, None]
    return out


def _detail(image: np.ndarray, highest: np.float32, small: np.ndarray, codes: np.ndarray, y: np.ndarray,
            x: np.ndarray) -> np.ndarray:
    """The photo less its reduced picture brought back up, where ``codes`` (n,) send (y, x) to: (n, 3)."""
    offsets = codes[:, None].view(np.int16)
    height, width = image.shape[:2]
    rows = np.clip(y + np.rint(offsets[:, 0] * (height / small.shape[0])).astype(int), 0, height - 1)
    columns = np.clip(x + np.rint(offsets[:, 1] * (width / small.shape[1])).astype(int), 0, width - 1)
    photo = image.reshape(-1, 3).take(rows * width + columns, axis=0) / highest
    return photo - sampled(small, (height, width), rows, columns)
