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
