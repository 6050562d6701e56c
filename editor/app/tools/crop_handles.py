"""What a crop is taken by, and what dragging it there makes of it. Pure geometry, in photo coordinates."""

from typing import NamedTuple

REACH = 9.0
"""Logical pixels of the screen within which a handle is met."""

INSIDE = "inside"


class Rect(NamedTuple):
    """A rectangle, its corners anywhere between pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def handles(rect: Rect, ratio: float | None) -> dict[str, tuple[float, float]]:
    """Where its handles are, (x, y), by the edges that they move; of a fixed ``ratio`` the corners alone."""
    x, y = (rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2
    corners = {"left top": (rect.left, rect.top), "right top": (rect.right, rect.top),
               "right bottom": (rect.right, rect.bottom), "left bottom": (rect.left, rect.bottom)}
    edges = {"top": (x, rect.top), "right": (rect.right, y), "bottom": (x, rect.bottom), "left": (rect.left, y)}
    return corners if ratio else {**corners, **edges}


def handle_at(rect: Rect, x: float, y: float, ratio: float | None, pixel: float) -> str | None:
    """The handle under a point; ``pixel`` is a logical pixel of the screen in pixels of the photo. None beside it."""
    for name, place in handles(rect, ratio).items():
        if max(abs(place[0] - x), abs(place[1] - y)) <= REACH * pixel:
            return name
    return INSIDE if rect.left <= x <= rect.right and rect.top <= y <= rect.bottom else None


def drawn(x: float, y: float, to_x: float, to_y: float, ratio: float | None, shape: tuple[int, int]) -> Rect:
    """From a corner towards the opposite one, within a photo of ``shape`` (h, w).

    ``ratio`` is the longer side by the shorter one; which is which, the drag says.
    """
    height, width = shape
    x, to_x = (min(max(value, 0.0), float(width)) for value in (x, to_x))
    y, to_y = (min(max(value, 0.0), float(height)) for value in (y, to_y))
    across, down = abs(to_x - x), abs(to_y - y)
    if ratio:
        aspect = ratio if across >= down else 1 / ratio
        across = min(max(across, down * aspect), x if to_x < x else width - x, (y if to_y < y else height - y) * aspect)
        down = across / aspect
    left, top = x - across if to_x < x else x, y - down if to_y < y else y
    return Rect(left, top, left + across, top + down)


def dragged(rect: Rect, handle: str, across: float, down: float, ratio: float | None, shape: tuple[int, int]) -> Rect:
    """The crop after its handle was dragged by (across, down) pixels."""
    height, width = shape
    if handle == INSIDE:
        across = min(max(across, -rect.left), width - rect.right)
        down = min(max(down, -rect.top), height - rect.bottom)
        return Rect(rect.left + across, rect.top + down, rect.right + across, rect.bottom + down)
    moved = rect._asdict()
    for edge in handle.split():
        moved[edge] += across if edge in ("left", "right") else down
    if ratio:
        fixed = rect.right if "left" in handle else rect.left, rect.bottom if "top" in handle else rect.top
        to = moved["left" if "left" in handle else "right"], moved["top" if "top" in handle else "bottom"]
        return drawn(*fixed, *to, ratio, shape)
    left, right = sorted(min(max(moved[edge], 0.0), float(width)) for edge in ("left", "right"))
    top, bottom = sorted(min(max(moved[edge], 0.0), float(height)) for edge in ("top", "bottom"))
    return Rect(left, top, right, bottom)


def fitted(rect: Rect, ratio: float | None) -> Rect:
    """The largest one of a ratio within a crop, about its middle."""
    if not ratio or not rect.width or not rect.height:
        return rect
    aspect = ratio if rect.width >= rect.height else 1 / ratio
    width = min(rect.width, rect.height * aspect)
    x, y = (rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2
    return Rect(x - width / 2, y - width / aspect / 2, x + width / 2, y + width / aspect / 2)
