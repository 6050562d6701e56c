"""What matters stays in sight in a small window."""

import pytest
from doing import open_and_wait
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel


def in_sight(window, widget) -> bool:
    place = QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())
    return widget.isVisible() and window.rect().contains(place)


@pytest.mark.parametrize("width", (1440, 1024, 900))
def test_fill_and_the_brush_are_in_sight_together(qtbot, opened, hands, width):
    opened.resize(width, 700)
    for tool in ("paint-brush", "hand", "mask-brush"):
        opened.tools.choose(tool)
        qtbot.waitUntil(lambda: in_sight(opened, hands.find("fill")) and in_sight(opened, hands.find("engine")))
        assert opened.width() == width
    assert in_sight(opened, hands.find("brush-more"))
    beside = hands.find("fill").mapTo(opened, hands.find("fill").rect().center()).y() < (
        hands.find("brush-size").mapTo(opened, hands.find("brush-size").rect().bottomLeft()).y())
    assert beside == (width == 1440), "one row where there is room, else two"


def test_a_long_name_makes_no_window_wide(qtbot, window, photo):
    name = photo.with_name("a very long name " * 12 + ".png")
    photo.rename(name)
    window.resize(1000, 700)
    open_and_wait(qtbot, window, name)
    qtbot.wait(50)
    assert window.width() == 1000
    assert name.name in window.findChild(QLabel, "photo-label").toolTip()


@pytest.mark.parametrize("height", (1400, 900, 700, 560))
def test_every_tool_is_in_sight_whatever_the_height(qtbot, opened, hands, height):
    opened.resize(1000, height)
    buttons = [hands.find(f"tool-{name}") for name in opened.tools.tools]
    qtbot.waitUntil(lambda: opened.height() == height and all(in_sight(opened, button) for button in buttons))
    places = [QRect(button.mapTo(opened, button.rect().topLeft()), button.size()) for button in buttons]
    assert not any(one.intersects(other) for one in places for other in places if one is not other)
    columns = len({place.x() for place in places})
    assert columns == 1 if height == 1400 else columns <= 3
    sketch, eraser = (hands.find(f"tool-{name}") for name in ("sketch-pen", "sketch-eraser"))
    assert (sketch.y() == eraser.y()) == (columns > 1), "a tool and its eraser stand side by side"
