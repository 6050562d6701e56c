"""What a face frame is taken by, and what dragging it there makes of it. Pure geometry, in photo coordinates."""

from dataclasses import dataclass, replace
from math import atan2, cos, degrees, hypot, radians, sin

from editor.raster.frame import Frame

KNOB = 24.0
"""Logical pixels of the screen from the middle of the upper edge to the knob that turns the frame."""

REACH = 9.0
"""Logical pixels of the screen within which a handle is met."""

SMALLEST = 16.0
"""Pixels of the photo: the side of the smallest frame."""

INSIDE, TURN = "inside", "turn"
CORNERS = ("upper left", "upper right", "lower right", "lower left")
"""Handles; the corners in the order of Frame.corners."""


@dataclass(frozen=True)
class Point:
    y: float
    x: float


def knob(frame: Frame, pixel: float) -> Point:
    """Where the knob is; ``pixel`` is a logical pixel of the screen in pixels of the photo."""
    turn, away = radians(frame.angle), frame.side / 2 + KNOB * pixel
    return Point(frame.centre[0] - away * cos(turn), frame.centre[1] + away * sin(turn))


def handle_at(frame: Frame, point: Point, pixel: float) -> str | None:
    """The handle under a point; None beside the frame."""
    reach = REACH * pixel
    top = knob(frame, pixel)
    if hypot(point.y - top.y, point.x - top.x) <= reach:
        return TURN
    for name, (y, x) in zip(CORNERS, frame.corners(), strict=True):
        if hypot(point.y - y, point.x - x) <= min(reach, frame.side / 4):
            return name
    return INSIDE if frame.contains(point.y, point.x) else None


def dragged(frame: Frame, handle: str, start: Point, now: Point, *, about_centre: bool = False,
            in_steps: bool = False) -> Frame:
    """The frame after its handle was taken at ``start`` and dragged to ``now``.

    A corner scales about the opposite one, or ``about_centre``; the knob turns, ``in_steps`` of 15 degrees.
    """
    if handle == INSIDE:
        return frame.shift(now.y - start.y, now.x - start.x)
    y, x = frame.centre
    if handle == TURN:
        turned = degrees(atan2(now.y - y, now.x - x) - atan2(start.y - y, start.x - x))
        angle = frame.angle + turned
        return replace(frame, angle=upright(round(angle / 15) * 15.0 if in_steps else angle))
    corners = frame.corners()
    index = CORNERS.index(handle)
    still = frame.centre if about_centre else corners[(index + 2) % 4]
    # Along the diagonal: how far the pointer has come from where it took the corner.
    along = [place - fixed for place, fixed in zip(corners[index], still, strict=True)]
    length = hypot(*along)
    moved = ((now.y - start.y) * along[0] + (now.x - start.x) * along[1]) / length
    factor = max(1 + moved / length, SMALLEST / frame.side)
    return Frame((float(still[0] + (y - still[0]) * factor), float(still[1] + (x - still[1]) * factor)),
                 frame.side * factor, frame.angle)


def drawn(start: Point, now: Point) -> Frame | None:
    """A new upright frame from its centre to a point on its edge; None where that is too small to be meant."""
    side = 2 * max(abs(now.y - start.y), abs(now.x - start.x))
    return Frame((start.y, start.x), side) if side >= SMALLEST else None


def within(frame: Frame, shape: tuple[int, int]) -> Frame:
    """The frame, its centre kept on a photo of ``shape`` (h, w) and no larger than twice that: it must not be lost."""
    centre = tuple(min(max(place, 0.0), float(length)) for place, length in zip(frame.centre, shape, strict=True))
    return Frame(centre, min(frame.side, 2.0 * max(shape)), frame.angle)


def upright(angle: float) -> float:
    """The same turn, from -180 (without) to 180 degrees."""
    return 180 - (180 - angle) % 360
