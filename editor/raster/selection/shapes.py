"""Outlines as coverage: polygons, rectangles and ellipses with exact anti-aliased edges.

A pixel's coverage is the share of its area inside the outline, which the signed areas beside the outline's pieces sum
up to (as font rasterisers do; R. Levien, "font-rs", 2016). Winding counts, not parity: where a line crosses itself
nothing falls out. Only tiles that the outline passes through cost anything; those wholly inside are one shared array.
"""

import math

import numpy as np

from editor.raster.surface import TILE, Surface

_SAGITTA = 0.01  # pixels by which an ellipse's polygon may miss it


def rectangle(start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """Corners (4, 2) of the upright rectangle between two points (x, y)."""
    (x0, y0), (x1, y1) = start, end
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float)


def ellipse(start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """Points (n, 2) of the ellipse in the upright rectangle between two points (x, y), as fine as can be seen."""
    centre, radii = np.add(start, end) / 2, np.abs(np.subtract(end, start)) / 2
    count = max(16, math.ceil(math.pi * math.sqrt(max(radii) / (2 * _SAGITTA))))
    turn = np.linspace(0, 2 * math.pi, count, endpoint=False)
    return centre + radii * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def between(start: tuple[float, float], pointer: tuple[float, float], square: bool, centred: bool,
            ) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two corners that a drag from ``start`` to ``pointer`` means, all (x, y).

    ``square``: both sides as long as the longer; ``centred``: ``start`` is the middle, not a corner.
    """
    (x, y), right, down = start, pointer[0] - start[0], pointer[1] - start[1]
    if square:
        side = max(abs(right), abs(down))
        right, down = math.copysign(side, right), math.copysign(side, down)
    return (x - right, y - down) if centred else start, (x + right, y + down)


def polygon(points: np.ndarray, shape: tuple[int, int]) -> Surface:
    """Coverage (a mask surface of ``shape``) inside the closed outline through ``points``, (n, 2) of (x, y).

    Continuous photo coordinates; what lies outside the photo is cut off. Fewer than three points cover nothing.
    """
    out = Surface(shape, 1, np.uint8)
    if len(points) < 3:
        return out
    row, column, value = _areas(np.asarray(points, float), shape)
    tile_row, tile_column = row // TILE, column // TILE
    full: dict[tuple[int, int], np.ndarray] = {}
    columns = -(-shape[1] // TILE)
    order = np.argsort(tile_row * columns + tile_column, kind="stable")
    row, column, value = row[order], column[order], value[order]
    place = (tile_row * columns + tile_column)[order]
    for top in range(int(tile_row.min()), int(tile_row.max()) + 1) if row.size else ():
        carry = np.zeros(min(TILE, shape[0] - top * TILE))  # winding to the left of the tile, a row
        for left in range(columns):
            first, last = np.searchsorted(place, (top * columns + left, top * columns + left + 1))
            size = out.tile_shape((top, left))
            if first == last:
                if abs(carry[0]) > 0.5:  # no edge here: the same all over
                    if size not in full:
                        full[size] = np.full((*size, 1), 255, np.uint8)
                    out.put((top, left), full[size])
                continue
            here = slice(first, last)
            flat = (row[here] - top * TILE) * size[1] + column[here] - left * TILE
            winding = np.cumsum(np.bincount(flat, value[here], size[0] * size[1]).reshape(size), axis=1)
            winding += carry[:, None]
            carry = winding[:, -1]
            tile = np.rint(np.minimum(np.abs(winding), 1) * 255).astype(np.uint8)
            if tile.any():
                out.put((top, left), tile[..., None])
    return out


def _areas(points: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows, columns, values): by how much the winding changes at a pixel and all to its right."""
    height, width = shape
    start, end = points, np.roll(points, -1, axis=0)
    moving = start[:, 1] != end[:, 1]  # level edges bound no area
    start, end = start[moving], end[moving]
    step = end - start
    # Cut every edge where it crosses the grid of pixels: each piece then lies in one pixel.
    edges = [np.repeat(np.arange(len(start)), 2)]
    shares = [np.tile((0.0, 1.0), len(start))]
    for axis, limit in ((0, width), (1, height)):
        low, high = np.minimum(start[:, axis], end[:, axis]), np.maximum(start[:, axis], end[:, axis])
        first = np.clip(np.ceil(low), 0, limit + 1).astype(np.int64)
        count = np.maximum(np.clip(np.floor(high), -1, limit).astype(np.int64) - first + 1, 0)
        edge = np.repeat(np.arange(len(start)), count)
        line = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[edge]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (line - start[edge, axis]) / step[edge, axis]
        crossing = np.isfinite(share)  # an upright edge on a line of the grid crosses none
        edges.append(edge[crossing])
        shares.append(np.clip(share[crossing], 0, 1))
    edge, share = np.concatenate(edges), np.concatenate(shares)
    order = np.lexsort((share, edge))
    edge, share = edge[order], share[order]
    same = edge[1:] == edge[:-1]
    edge, begin, finish = edge[1:][same], share[:-1][same], share[1:][same]
    middle = start[edge] + ((begin + finish) / 2)[:, None] * step[edge]
    down = (finish - begin) * step[edge, 1]
    column, row = np.floor(middle).astype(np.int64).T
    # Left of the photo: all of its first column lies to the right.
    right = np.where(column < 0, 0.0, middle[:, 0] - column)
    column = np.maximum(column, 0)
    row, column, value = (np.concatenate(pair) for pair in (
        (row, row), (column, column + 1), (down * (1 - right), down * right)))
    counts = (row >= 0) & (row < height) & (column < width) & (value != 0)
    return row[counts], column[counts], value[counts]
