"""Before and after: the split line, side by side, and the navigator."""

import numpy as np
import pytest
from doing import CTRL, LEFT, NO_KEYS, SHIFT, a_picture, mask_of, seen, show, steps
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from editor.app.pixels import array_of
from editor.document import layer_ops
from editor.document.photo import Photo
from editor.document.transforms import transform
from editor.raster.transforms import Turn

BLUE = (0, 0, 255)


@pytest.fixture
def changed(window, hands):
    """A photograph at 100 % under a layer that is blue all over, with a mask on it."""
    document = show(window, Photo(a_picture()))
    layer_ops.add_paint_layer(document)
    with document.change("Blue") as change:
        change.edit(document.active, document.base.bounds,
                    lambda box, pixels: np.zeros_like(pixels) + np.array((*BLUE, 255), np.uint8))
    return window


def place(window) -> tuple[int, int]:
    """Of the photograph's upper left corner on the canvas: row, column."""
    return int(window.canvas.view.top), int(window.canvas.view.left)


def test_left_of_the_line_is_what_was_right_of_it_what_is(changed, hands):
    changed.tools.choose("mask-brush")
    hands.stroke((100, 100), (340, 100))
    hands.key(Qt.Key.Key_Bar, SHIFT)
    line = hands.find("split-line")
    assert line.isVisible()
    row, column = place(changed)
    x = line.x
    shown = seen(changed)
    left = shown[row:row + 300, column:x - 14]
    assert left.shape[1] > 100 and (left == a_picture()[:, :left.shape[1]]).all(), "without layers, without the mask"
    right = shown[row:row + 60, x + 14:column + 440]
    assert right.shape[1] > 100 and (right == BLUE).all()
    hands.key(Qt.Key.Key_Bar, SHIFT)
    assert not line.isVisible() and (seen(changed)[row:row + 60, column:column + 440] == BLUE).all()


@pytest.mark.parametrize("scale", [0.37, 1, 8])
def test_the_line_is_dragged_at_any_zoom(changed, hands, scale):
    changed.canvas.zoom(scale, QPointF(changed.canvas.rect().center()))
    hands.key(Qt.Key.Key_Bar, SHIFT)
    line = hands.find("split-line")
    before = line.x
    QTest.mousePress(line, LEFT, NO_KEYS, line.rect().center())
    QTest.mouseMove(line, line.rect().center() + QPoint(-60, 5))
    QTest.mouseRelease(line, LEFT, NO_KEYS, line.rect().center())
    assert line.x == pytest.approx(before - 60, abs=2)
    shown = seen(changed)
    middle = shown[shown.shape[0] // 2 + 30]
    assert (middle[line.x + 14] == BLUE).all() and (middle[line.x - 14] != BLUE).any()
    assert steps(changed) == ["Add paint layer", "Blue"], "nothing is painted by it"


def test_the_line_stays_on_the_screen_when_the_photograph_moves(changed, hands):
    hands.key(Qt.Key.Key_Bar, SHIFT)
    line = hands.find("split-line")
    x = line.x
    changed.canvas.set_view(changed.canvas.view.panned(50, 20))
    assert line.x == x
    row, column = place(changed)
    assert (seen(changed)[row:row + 300, column:x - 14] == a_picture()[:, :x - 14 - column]).all()


def test_the_line_never_leaves_and_moves_by_keys(changed, hands):
    hands.key(Qt.Key.Key_Bar, SHIFT)
    line = hands.find("split-line")
    line.setFocus()
    x = line.x
    QTest.keyClick(line, Qt.Key.Key_Left)
    assert 0 < x - line.x < 20
    for _ in range(30):
        QTest.keyClick(line, Qt.Key.Key_Right, SHIFT)
    assert 0 < changed.canvas.width() - line.x < 40
    line.move_to(-500)
    assert 0 < line.x < 40


def test_one_paints_beside_the_line(changed, hands):
    hands.key(Qt.Key.Key_Bar, SHIFT)
    changed.tools.choose("mask-brush")
    hands.stroke((400, 60))
    assert mask_of(changed)[60, 400] == 255


def test_side_by_side_shows_the_same_place_twice(changed, hands, qtbot):
    hands.key(Qt.Key.Key_Backslash, CTRL)
    before = hands.find("before")
    qtbot.waitUntil(lambda: abs(before.width() - changed.canvas.width()) <= 1)
    assert before.mapTo(changed, QPoint()).x() < changed.canvas.mapTo(changed, QPoint()).x()
    changed.canvas.zoom(1 / changed.canvas.view.scale)
    for moved in (False, True):
        if moved:
            changed.canvas.set_view(changed.canvas.view.panned(-40, 30))
        QApplication.processEvents()
        row, column = place(changed)
        shown = array_of(before.grab().toImage())[..., :3]
        top, left = max(row, 0), max(column, 0)
        part = shown[top:row + 300, left:min(column + 440, shown.shape[1] - 6)]
        expected = a_picture()[top - row:, left - column:][:part.shape[0], :part.shape[1]]
        assert part.size > 100_000 and (part == expected).mean() > 0.99
        assert (seen(changed)[top:row + 80, left:left + 100] == BLUE).all()


def test_wheel_and_drag_on_the_left_move_both(changed, hands, qtbot):
    hands.key(Qt.Key.Key_Backslash, CTRL)
    before = hands.find("before")
    qtbot.waitUntil(lambda: before.isVisible())
    view = changed.canvas.view
    QTest.mousePress(before, LEFT, NO_KEYS, QPoint(200, 200))
    QTest.mouseMove(before, QPoint(230, 190))
    QTest.mouseRelease(before, LEFT, NO_KEYS, QPoint(230, 190))
    assert changed.canvas.view == view.panned(30, -10)


def test_line_and_halves_exclude_each_other(changed, hands):
    hands.key(Qt.Key.Key_Bar, SHIFT)
    hands.key(Qt.Key.Key_Backslash, CTRL)
    assert hands.find("before").isVisible() and not hands.find("split-line").isVisible()
    hands.key(Qt.Key.Key_Bar, SHIFT)
    assert hands.find("split-line").isVisible() and not hands.find("before").isVisible()
    hands.key(Qt.Key.Key_Bar, SHIFT)
    assert not hands.find("split-line").isVisible() and not hands.find("before").isVisible()


def test_a_picture_that_was_turned_is_compared_as_it_lies_now(changed, hands):
    hands.key(Qt.Key.Key_Bar, SHIFT)
    seen(changed)
    transform(changed.document, "Turn", Turn(1))
    row, column = place(changed)
    x = hands.find("split-line").x
    left = seen(changed)[row:row + 440, column:x - 14]
    turned = changed.document.base.read(changed.document.base.bounds)
    assert (left == turned[:, :left.shape[1]]).all() and left.shape[1] > 50


# The navigator

@pytest.fixture
def navigator(window, hands, qtbot):
    document = show(window, Photo(a_picture(shape=(1500, 2600))))
    dock = window.workspace.docks[-1]
    dock.show()
    dock.raise_()
    overview = hands.find("overview")
    qtbot.waitUntil(lambda: overview.isVisible() and overview._pixmap is not None, timeout=5000)
    assert document is window.document
    return overview


def in_photo(navigator, point: QPointF) -> tuple[float, float]:
    place = navigator.picture
    return (point.x() - place.x()) / place.width() * 2600, (point.y() - place.y()) / place.height() * 1500


def test_the_frame_is_what_the_canvas_shows(window, navigator):
    assert navigator.frame == navigator.picture, "all of it is in sight"
    window.canvas.zoom(8, QPointF(400, 300))
    seen_box, frame = window.canvas.view.photo_box(), navigator.frame
    assert in_photo(navigator, frame.topLeft()) == pytest.approx((seen_box.left, seen_box.top))
    assert in_photo(navigator, frame.bottomRight()) == pytest.approx((seen_box.right, seen_box.bottom))


def test_the_frame_is_dragged(window, navigator):
    window.canvas.zoom(8, QPointF(400, 300))
    before, start = window.canvas.view, navigator.frame.center().toPoint()
    share = 2600 / navigator.picture.width()
    QTest.mousePress(navigator, LEFT, NO_KEYS, start)
    QTest.mouseMove(navigator, start + QPoint(20, -10))
    QTest.mouseRelease(navigator, LEFT, NO_KEYS, start + QPoint(20, -10))
    view = window.canvas.view
    assert view.scale == before.scale
    assert before.left - view.left == pytest.approx(20 * share * view.scale, abs=share * view.scale)
    assert before.top - view.top == pytest.approx(-10 * share * view.scale, abs=share * view.scale)


def test_a_click_brings_that_place_to_the_middle(window, navigator):
    window.canvas.zoom(16, QPointF(400, 300))
    at = navigator.picture.bottomRight().toPoint() - QPoint(30, 20)
    QTest.mouseClick(navigator, LEFT, NO_KEYS, at)
    middle = window.canvas.view.to_photo(window.canvas.view.canvas[1] / 2, window.canvas.view.canvas[0] / 2)
    assert middle == pytest.approx(in_photo(navigator, QPointF(at)), abs=2600 / navigator.picture.width())


def test_slider_and_arrow_keys(window, navigator, hands):
    slider = hands.find("navigator-zoom")
    slider.setValue(100)
    assert window.canvas.view.scale == 2
    window.canvas.zoom(0.5)
    assert slider.value() == 0
    navigator.setFocus()
    before = window.canvas.view
    QTest.keyClick(navigator, Qt.Key.Key_Right)
    assert window.canvas.view.left == pytest.approx(before.left - before.canvas[1] / 10, abs=1)


def test_the_small_picture_follows_what_is_painted(window, navigator, hands, qtbot):
    key = navigator._pixmap.cacheKey()
    window.tools.choose("paint-brush")
    window.tools.palette.choose((255, 0, 0))
    window.tools.brush_tool.set_brush(size=600, hardness=1.0)
    layer_ops.add_paint_layer(window.document)
    hands.stroke((1300, 750))
    qtbot.waitUntil(lambda: navigator._pixmap.cacheKey() != key, timeout=5000)
    colour = navigator._pixmap.toImage().pixelColor(navigator._pixmap.rect().center()).getRgb()[:3]
    assert colour == (255, 0, 0)
