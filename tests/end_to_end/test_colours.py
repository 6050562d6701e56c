"""Choosing colours: wheel, number, recent ones, the photograph's own, the eyedropper."""

import colorsys
import math

import numpy as np
import pytest
from doing import ALT, LEFT, NO_KEYS, SHIFT, a_picture, composite, set_brush, show
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QToolButton, QWidget

from editor.app import settings as settings_file
from editor.app.settings import Settings
from editor.app.window import Window
from editor.document.photo import Photo

QUARTERS = ((200, 30, 40), (20, 160, 60), (30, 60, 190), (240, 230, 200))


def quarters() -> np.ndarray:
    """A photograph of four flat colours, 300 x 440."""
    picture = np.zeros((300, 440, 3), np.uint8)
    for place, colour in enumerate(QUARTERS):
        picture[150 * (place // 2):150 * (place // 2) + 150, 220 * (place % 2):220 * (place % 2) + 220] = colour
    picture.flags.writeable = False
    return picture


def open_colours(hands) -> QWidget:
    hands.click("paint-colour")
    popup = hands.find("colour-popup")
    assert popup.isVisible()
    return popup


def cells(popup: QWidget, name: str) -> list[QToolButton]:
    grid = popup.findChild(QWidget, name)
    return grid.findChildren(QToolButton) if grid else []


def near(colour, wanted, by: int = 3) -> bool:
    return np.abs(np.subtract(colour, wanted)).max() <= by


@pytest.fixture
def colouring(painting, hands):
    """With the paint brush, 20 pixels, hard."""
    hands.key(Qt.Key.Key_N)
    set_brush(painting, size=20, hardness=1.0, pressure_opacity=False)
    return painting


@pytest.mark.parametrize("hue", [0.0, 0.3, 0.62, 0.9])
def test_the_ring_chooses_the_hue_and_the_square_its_shade(colouring, hands, hue):
    popup = open_colours(hands)
    wheel = popup.findChild(QWidget, "colour-wheel")
    middle, side = wheel.rect().center() + QPoint(1, 1), wheel.width()
    turn = 2 * math.pi * hue
    on_ring = middle + QPoint(round(0.45 * side * math.cos(turn)), -round(0.45 * side * math.sin(turn)))
    QTest.mouseClick(wheel, LEFT, NO_KEYS, on_ring)
    half = math.sqrt(2) * (side / 2 - 26) / 2  # of the square within the ring
    QTest.mousePress(wheel, LEFT, NO_KEYS, middle)
    QTest.mouseMove(wheel, middle + QPoint(round(half * 0.5), -round(half * 0.2)))
    QTest.mouseRelease(wheel, LEFT, NO_KEYS, middle + QPoint(round(half * 0.5), -round(half * 0.2)))
    expected = [255 * value for value in colorsys.hsv_to_rgb(hue, 0.75, 0.6)]
    assert near(colouring.tools.palette.colour, expected, 5)
    assert popup.findChild(QLineEdit, "colour-number").text() == "#{:02x}{:02x}{:02x}".format(
        *colouring.tools.palette.colour)
    popup.close()
    hands.stroke((100, 100))
    assert (composite(colouring)[100, 100] == colouring.tools.palette.colour).all()


def test_a_drag_out_of_the_square_stays_at_its_edge_and_a_drag_on_the_ring_stays_a_hue(colouring, hands):
    popup = open_colours(hands)
    wheel = popup.findChild(QWidget, "colour-wheel")
    middle = wheel.rect().center()
    QTest.mousePress(wheel, LEFT, NO_KEYS, middle)
    QTest.mouseMove(wheel, middle + QPoint(500, -500))
    QTest.mouseRelease(wheel, LEFT)
    assert colouring.tools.palette.colour == (255, 0, 0)
    QTest.mousePress(wheel, LEFT, NO_KEYS, middle + QPoint(0, -middle.y() + 8))
    QTest.mouseMove(wheel, QPoint(wheel.width() // 2 - 5, wheel.height() // 2))  # over the square by now
    QTest.mouseRelease(wheel, LEFT)
    assert colouring.tools.palette.colour == (0, 255, 255)
    popup.close()


def test_the_wheel_works_by_keys_and_grey_forgets_no_hue(colouring, hands):
    colouring.tools.palette.choose((0, 0, 255))
    popup = open_colours(hands)
    wheel = popup.findChild(QWidget, "colour-wheel")
    for _ in range(10):
        QTest.keyClick(wheel, Qt.Key.Key_Left, SHIFT)
    assert colouring.tools.palette.colour == (255, 255, 255)
    for _ in range(10):
        QTest.keyClick(wheel, Qt.Key.Key_Right, SHIFT)
    assert near(colouring.tools.palette.colour, (0, 0, 255), 1)
    QTest.keyClick(wheel, Qt.Key.Key_Down)
    assert near(colouring.tools.palette.colour, (0, 0, 252), 1)
    QTest.keyClick(wheel, Qt.Key.Key_PageUp, SHIFT)
    assert near(colouring.tools.palette.colour, [252 * value for value in colorsys.hsv_to_rgb(2 / 3 + 0.1, 1, 1)], 2)
    popup.close()


def test_a_number_is_typed_and_a_bad_one_changes_nothing(colouring, hands):
    popup = open_colours(hands)
    number = popup.findChild(QLineEdit, "colour-number")
    for typed, colour in (("#12c8a0", (0x12, 0xC8, 0xA0)), ("fF8000", (255, 128, 0)), ("#12", (255, 128, 0))):
        number.selectAll()
        QTest.keyClicks(number, typed)
        QTest.keyClick(number, Qt.Key.Key_Return)
        assert colouring.tools.palette.colour == colour
        assert number.text() == "#{:02x}{:02x}{:02x}".format(*colour)
    assert not colouring.filling.busy, "Enter there fills nothing"
    popup.close()


def test_colours_that_were_painted_with_come_back(colouring, hands):
    palette = colouring.tools.palette
    for colour in ((9, 90, 200), (250, 200, 0), (1, 2, 3)):
        palette.choose(colour)
        if colour != (1, 2, 3):
            hands.stroke((100, 100))
    assert palette.recent == ((250, 200, 0), (9, 90, 200)), "not those that were only looked at"
    popup = open_colours(hands)
    recent = cells(popup, "recent-colours")
    assert [cell.toolTip() for cell in recent] == ["#fac800", "#095ac8"]
    QTest.mouseClick(recent[1], LEFT)
    popup.close()
    hands.stroke((200, 200))
    assert (composite(colouring)[200, 200] == (9, 90, 200)).all()
    assert palette.recent == ((9, 90, 200), (250, 200, 0)), "the latest first, each of them once"
    colouring.tools.choose("eraser")
    palette.choose((70, 70, 70))
    hands.stroke((200, 200))
    assert palette.recent[0] == (9, 90, 200), "an eraser uses no colour"


def test_recent_colours_are_remembered_and_the_last_is_the_one_to_begin_with(new_window):
    from hands import Hands

    window = new_window()
    show(window, Photo(a_picture()))
    window.tools.choose("colour-stroke")
    for shade in range(17):
        window.tools.palette.choose((shade, 2 * shade, 99))
        Hands(window).stroke((100, 100))
    window.files.forget_unsaved()
    window.close()
    stored = settings_file.load()
    assert len(stored.recent_colours) == 16 and stored.recent_colours[0] == (16, 32, 99)
    again = Window(stored)
    assert again.tools.palette.colour == (16, 32, 99)
    again.close()
    again.deleteLater()


def offered(popup: QWidget) -> set[tuple[int, ...]]:
    return {tuple(bytes.fromhex(cell.toolTip()[1:])) for cell in cells(popup, "photo-colours")}


def test_the_photographs_own_colours_are_offered_as_they_are_seen(window, hands):
    show(window, Photo(quarters()))
    hands.key(Qt.Key.Key_N)
    popup = open_colours(hands)
    assert offered(popup) >= set(QUARTERS)
    QTest.mouseClick(next(cell for cell in cells(popup, "photo-colours") if cell.toolTip() == "#14a03c"), LEFT)
    assert window.tools.palette.colour == (0x14, 0xA0, 0x3C) == QUARTERS[1]
    popup.close()
    window.tools.palette.choose((150, 0, 160))
    set_brush(window, size=1500, hardness=1.0)
    hands.stroke((220, 150))
    popup = open_colours(hands)
    assert offered(popup) == {(150, 0, 160)}, "a layer hides them"
    popup.close()


@pytest.mark.parametrize("picture", [
    a_picture(np.uint16, 1), np.full((1, 1, 3), 90, np.uint8), np.zeros((40, 60, 4), np.uint8)],
    ids=["grey, 16 bit", "one pixel", "nothing to be seen"])
def test_colours_of_odd_photographs(window, hands, picture):
    show(window, Photo(picture))
    hands.key(Qt.Key.Key_N)
    popup = open_colours(hands)
    colours = offered(popup)
    assert all(red == green == blue for red, green, blue in colours)
    assert len(colours) == 0 if picture.shape[2] == 4 else len(colours) == 1 if picture.size == 3 else len(colours) > 5
    popup.close()


def sample(window, side: int) -> None:
    box = window.findChild(QComboBox, "option-side")
    box.setCurrentIndex(box.findData(side))


def mean_of(picture: np.ndarray, x: int, y: int, side: int) -> np.ndarray:
    half = side // 2
    part = picture[max(0, y - half):y + half + 1, max(0, x - half):x + half + 1].astype(float)
    return part.mean(axis=(0, 1)) / (257 if picture.dtype == np.uint16 else 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("side", [1, 3, 11])
def test_the_eyedropper_takes_the_mean_of_what_it_covers(window, hands, side, dtype):
    picture = a_picture(dtype)
    show(window, Photo(picture))
    hands.key(Qt.Key.Key_I)
    sample(window, side)
    for x, y in ((200, 150), (0, 0), (438, 120), (255, 256)):
        hands.stroke((x, y))
        assert near(window.tools.palette.colour, mean_of(picture, x, y, side), 1)


def test_alt_and_a_click_take_the_same_mean_in_the_middle_of_painting(colouring, hands):
    hands.key(Qt.Key.Key_I)
    sample(colouring, 11)
    hands.key(Qt.Key.Key_N)
    hands.stroke((100, 100), modifiers=ALT)
    assert near(colouring.tools.palette.colour, mean_of(a_picture(), 100, 100, 11), 1)
    hands.stroke((300, 200))
    assert (composite(colouring)[200, 300] == colouring.tools.palette.colour).all()


def test_transparent_pixels_count_for_nothing(window, hands):
    picture = np.zeros((60, 80, 4), np.uint8)
    picture[..., :3] = 255
    picture[:, 40:] = (10, 20, 30, 255)
    picture.flags.writeable = False
    show(window, Photo(picture))
    hands.key(Qt.Key.Key_I)
    sample(window, 11)
    hands.stroke((41, 30))
    assert window.tools.palette.colour == (10, 20, 30)


def test_what_is_hovered_is_seen_before_it_is_chosen(window, hands):
    show(window, Photo(quarters()))
    hands.key(Qt.Key.Key_I)
    ring, swatch = hands.find("colour-ring"), hands.find("paint-colour")

    def halves() -> tuple:
        picture = swatch.icon().pixmap(32, 18).toImage()
        return tuple(picture.pixelColor(x, 9).getRgb()[:3] for x in (6, 26))

    assert swatch.isVisible() and not ring.isVisible()
    hands.hover(100, 75)
    assert window.tools.palette.colour == (0, 0, 0), "nothing is chosen by looking"
    assert halves() == (QUARTERS[0], (0, 0, 0)) and ring.isVisible()
    shown = window.canvas.grab().toImage()
    at = hands.at(100, 75)
    assert shown.pixelColor(at.x(), at.y() - 31).getRgb()[:3] == QUARTERS[0]
    assert shown.pixelColor(at.x(), at.y() + 31).getRgb()[:3] == (0, 0, 0)
    hands.stroke((300, 75))
    assert halves() == (QUARTERS[1], QUARTERS[1])
    hands.hover(-20, 75)
    assert not ring.isVisible() and halves() == (QUARTERS[1], QUARTERS[1]), "beside the photograph there is none"
    hands.hover(100, 250)
    QApplication.sendEvent(window.canvas, QEvent(QEvent.Type.Leave))
    assert not ring.isVisible()
    hands.hover(100, 250)
    hands.key(Qt.Key.Key_B)
    assert not ring.isVisible() and not swatch.isVisible()


def test_the_popup_leads_to_the_eyedropper(colouring, hands):
    popup = open_colours(hands)
    QTest.mouseClick(popup.findChild(QToolButton, "colour-pick"), LEFT)
    assert colouring.tools.current.name == "eyedropper" and not popup.isVisible()


def test_the_swatch_is_there_for_tools_that_use_a_colour(window, hands):
    show(window, Photo(a_picture()))
    assert Settings().recent_colours == () and window.tools.palette.colour == (0, 0, 0)
    for tool, shown in (("paint-brush", True), ("colour-stroke", True), ("eyedropper", True), ("mask-brush", False),
                        ("eraser", False), ("colour-eraser", False), ("clone-stamp", False), ("hand", False)):
        window.tools.choose(tool)
        assert hands.find("paint-colour").isVisible() == shown, tool
