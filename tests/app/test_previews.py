"""Pictures that lie over parts of the photograph for a while."""

import numpy as np
from PySide6.QtGui import QImage, QPainter

from editor.app.canvas.previews import Previews
from editor.app.canvas.view import View
from editor.raster.surface import Box

SIZE = (200, 300)  # of the canvas, and at 100 % of the photograph too
VIEW = View(SIZE, SIZE)


def plain(colour: tuple[int, int, int, int], shape: tuple[int, int] = (4, 6)) -> np.ndarray:
    return np.full((*shape, 4), colour, np.uint8)


def seen(previews: Previews, view: View = VIEW) -> np.ndarray:
    """(h, w, 3) over black."""
    image = QImage(SIZE[1], SIZE[0], QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    previews.paint(painter, view, 1.0)
    painter.end()
    return np.array(image.constBits()).reshape(*SIZE, 4)[..., 2::-1]


def test_a_small_picture_fills_its_box():
    previews = Previews()
    assert previews.show(Box(20, 30, 100, 150), plain((200, 100, 50, 255))) == Box(20, 30, 100, 150)
    shown = seen(previews)
    assert (shown[20:100, 30:150] == (200, 100, 50)).all()
    shown[20:100, 30:150] = 0
    assert not shown.any()


def test_it_follows_the_view():
    previews = Previews()
    previews.show(Box(20, 30, 100, 150), plain((200, 100, 50, 255)))
    shown = seen(previews, VIEW.zoomed(0.5, 0, 0))
    assert (shown[10:50, 15:75] == (200, 100, 50)).all() and not shown[52:].any() and not shown[:, 77:].any()


def test_where_it_is_transparent_the_photograph_is_seen():
    previews = Previews()
    pixels = plain((200, 100, 50, 255), (80, 120))
    pixels[:, 60:, 3] = 0
    previews.show(Box(20, 30, 100, 150), pixels)
    assert (seen(previews)[20:100, 30:90] == (200, 100, 50)).all() and not seen(previews)[:, 92:].any()


def test_another_takes_the_place_of_those_it_overlaps_and_of_no_others():
    previews = Previews()
    previews.show(Box(0, 0, 50, 50), plain((250, 0, 0, 255)))
    previews.show(Box(100, 100, 150, 150), plain((0, 250, 0, 255)))
    changed = previews.show(Box(40, 40, 90, 90), plain((0, 0, 250, 255)))
    assert changed == Box(0, 0, 90, 90), "all that looks different now"
    shown = seen(previews)
    assert not shown[10, 10].any() and (shown[60, 60] == (0, 0, 250)).all() and (shown[120, 120] == (0, 250, 0)).all()
    assert previews.clear() == Box(40, 40, 150, 150) and not seen(previews).any() and previews.box.empty


def test_beyond_the_photographs_edge_nothing_is_drawn():
    previews = Previews()
    view = View((100, 100), SIZE)
    pixels = plain((200, 0, 0, 255), (80, 80))
    pixels[:, 40:] = (0, 0, 200, 255)
    previews.show(Box(60, 60, 140, 140), pixels)
    shown = seen(previews, view)
    assert (shown[61:100, 61:99] == (200, 0, 0)).all() and not shown[100:].any() and not shown[:, 100:].any()
