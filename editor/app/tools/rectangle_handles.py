"""What a leaning rectangle is taken by, and what dragging it there makes of it. Pure geometry, in photo coordinates."""

from dataclasses import replace
from math import atan2, degrees, hypot

import numpy as np

from editor.app.tools.frame_handles import KNOB, REACH
from editor.raster.rectangle import Rectangle

SMALLEST = 8.0
"""Pixels of the photo: the shortest side."""

INSIDE, TURN = "inside", "turn"
_SIDES = {"left top": (-1, -1), "top": (0, -1), "right top": (1, -1), "right": (1, 0), "right bottom": (1, 1),
          "bottom": (0, 1), "left bottom": (-1, 1), "left": (-1, 0)}
_STEP = 15.0  # degrees, with Shift


def handles(rectangle: Rectangle) -> dict[str, tuple[float, float]]:
    """Where its handles are, (x, y), by the sides that they move."""
    half = np.array([rectangle.width / 2, rectangle.height / 2])
    return {name: tuple(np.array(way) * half @ rectangle.axes + rectangle.centre[::-1])
            for name, way in _SIDES.items()}


def knob(rectangle: Rectangle, pixel: float) -> tuple[float, float]:
    """Where the knob is that turns it; ``pixel`` is a logical pixel of the screen in pixels of the photo."""
    up = -rectangle.axes[1] * (rectangle.height / 2 + KNOB * pixel)
    return float(rectangle.centre[1] + up[0]), float(rectangle.centre[0] + up[1])


def handle_at(rectangle: Rectangle, x: float, y: float, pixel: float) -> str | None:
    """The handle under a point; None beside it."""
    reach = REACH * pixel
    for name, place in (("turn", knob(rectangle, pixel)), *handles(rectangle).items()):
        if hypot(x - place[0], y - place[1]) <= reach:
            return name
    return INSIDE if rectangle.contains(x, y) else None


def dragged(rectangle: Rectangle, handle: str, start: tuple[float, float], now: tuple[float, float], *,
            in_steps: bool = False) -> Rectangle:
    """The rectangle after its handle was taken at ``start`` (x, y) and dragged to ``now``: sides move, and what lies
    opposite stays; the knob turns it, ``in_steps`` of 15 degrees.
    """
    across, down = now[0] - start[0], now[1] - start[1]
    if handle == INSIDE:
        return rectangle.shift(down, across)
    if handle == TURN:
        y, x = rectangle.centre
        turned = rectangle.angle + degrees(atan2(now[1] - y, now[0] - x) - atan2(start[1] - y, start[0] - x))
        turned = round(turned / _STEP) * _STEP if in_steps else turned
        return replace(rectangle, angle=180 - (180 - turned) % 360)
    right, lower = rectangle.axes @ (across, down)
    way = _SIDES[handle]
    left = min(right, rectangle.width - SMALLEST) if way[0] < 0 else 0.0
    top = min(lower, rectangle.height - SMALLEST) if way[1] < 0 else 0.0
    right = max(right, SMALLEST - rectangle.width) if way[0] > 0 else 0.0
    bottom = max(lower, SMALLEST - rectangle.height) if way[1] > 0 else 0.0
    return rectangle.moved(float(left), float(top), float(right), float(bottom))


def drawn(start: tuple[float, float], now: tuple[float, float], angle: float = 0.0) -> Rectangle | None:
    """A new one from a corner to the opposite one, leaning like others; None where that is too small to be meant."""
    lean = Rectangle((0.0, 0.0), 1.0, 1.0, angle)
    width, height = np.abs(lean.axes @ np.subtract(now, start))
    if min(width, height) < SMALLEST:
        return None
    return Rectangle(((start[1] + now[1]) / 2, (start[0] + now[0]) / 2), float(height), float(width), angle)
