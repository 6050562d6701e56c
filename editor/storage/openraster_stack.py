"""stack.xml: what the layers of an OpenRaster file are, and in which order they lie."""

import math
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.parsers import expat

from editor.errors import UserError
from editor.raster.blending import NORMAL

_DEPTH = 64
_ELEMENTS = 20_000


@dataclass(frozen=True)
class Node:
    """One <layer> or <stack>; positions count from the canvas's upper left corner."""

    name: str
    x: int = 0
    y: int = 0
    opacity: float = 1.0
    visible: bool = True
    mode: str = NORMAL
    locked: bool = False
    selected: bool = False
    source: str | None = None  # name of a layer's entry; None for a group
    children: tuple["Node", ...] = ()  # of a group, bottom first
    isolated: bool = True  # a group that is not could as well not be there

    @property
    def is_group(self) -> bool:
        return self.source is None


@dataclass(frozen=True)
class Stack:
    """What stack.xml says."""

    width: int
    height: int
    nodes: tuple[Node, ...]  # bottom first
    notices: tuple[str, ...]


def parse_stack(data: bytes) -> Stack:
    """Read stack.xml. Raises UserError, without a file's name, where it is none."""
    image = _parse(data)
    if image.tag != "image":
        raise UserError("its stack.xml does not describe a picture")
    width, height = (_whole(image.get(side), -1) for side in ("w", "h"))
    root = image.find("stack")
    if width <= 0 or height <= 0 or root is None:
        raise UserError("its stack.xml does not say how large the picture is, or has no layers")
    unknown: dict[str, int] = {}
    nodes = _children(root, _whole(root.get("x"), 0), _whole(root.get("y"), 0), unknown)
    notices = tuple(f"{count} {'element' if count == 1 else 'elements'} of a kind that is not known here "
                    f"({tag[:40]}) left out" for tag, count in unknown.items())
    return Stack(width, height, nodes, notices)


def _parse(data: bytes) -> ElementTree.Element:
    """The root element. Documents that declare entities are refused: they are how XML bombs are made."""
    builder = ElementTree.TreeBuilder()
    depth = elements = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if depth > _DEPTH or elements > _ELEMENTS:
            raise UserError("its stack.xml has more layers than can be opened, or nests them too deeply")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise UserError("its stack.xml declares entities, which no OpenRaster file needs")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an encoding nobody knows
        raise UserError(f"its stack.xml is damaged ({error})") from error
    return builder.close()


def _children(stack: ElementTree.Element, x: int, y: int, unknown: dict[str, int]) -> tuple[Node, ...]:
    nodes = []
    for element in reversed(stack):
        if element.tag == "stack":
            group = _node(element, x, y, None)
            children = _children(element, group.x, group.y, unknown)
            plain = group.opacity == 1 and group.visible and group.mode == NORMAL
            nodes.append(Node(group.name, group.x, group.y, group.opacity, group.visible, group.mode, group.locked,
                              group.selected, None, children,
                              isolated=element.get("isolation") == "isolate" or not plain))
        elif element.tag == "layer" and element.get("src"):
            nodes.append(_node(element, x, y, element.get("src")))
        else:
            unknown[element.tag] = unknown.get(element.tag, 0) + 1
    return tuple(nodes)


def _node(element: ElementTree.Element, x: int, y: int, source: str | None) -> Node:
    return Node(
        element.get("name") or ("Group" if source is None else "Layer"),
        x + _whole(element.get("x"), 0), y + _whole(element.get("y"), 0),
        _share(element.get("opacity")), element.get("visibility", "visible") != "hidden",
        element.get("composite-op", NORMAL), element.get("edit-locked") == "true",
        element.get("selected") == "true", source)


def _whole(text: str | None, default: int) -> int:
    try:
        value = float(text if text is not None else default)
        return int(value) if abs(value) < 2**31 else default
    except ValueError:
        return default


def _share(text: str | None) -> float:
    try:
        value = float(text if text is not None else 1)
    except ValueError:
        return 1.0
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else 1.0
