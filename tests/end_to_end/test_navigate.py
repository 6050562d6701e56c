"""Moving about the photograph, and what the canvas draws of it."""

import cv2
import numpy as np
import pytest
from doing import CTRL, LEFT, MIDDLE, NO_KEYS, a_picture, held, mask_of, seen, seen_photo, show, steps
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from editor.document.photo import Photo


@pytest.fixture
def viewed(window):
    """A photograph of 300 x 440, at 100 %."""
    show(window, Photo(a_picture()))
    return window


@pytest.fixture
def large(window):
    """One that has to be reduced to fit: 1500 x 2600."""
    show(window, Photo(a_picture(shape=(1500, 2600))))
    return window


def under(window, place: QPoint | QPointF) -> tuple[float, float]:
    return window.canvas.view.to_photo(place.x(), place.y())


def drag(window, button: Qt.MouseButton, *places: tuple[int, int]) -> None:
    QTest.mousePress(window.canvas, button, NO_KEYS, QPoint(*places[0]))
    for place in places[1:]:
        QTest.mouseMove(window.canvas, QPoint(*place))
    QTest.mouseRelease(window.canvas, button, NO_KEYS, QPoint(*places[-1]))


def test_the_photograph_opens_fitted_and_unmagnified(viewed, large, qtbot):
    view = large.canvas.view
    height, width = view.photo[0] * view.scale, view.photo[1] * view.scale
    assert width < view.canvas[1] and height < view.canvas[0], "all of it can be seen"
    assert max(width / view.canvas[1], height / view.canvas[0]) > 0.9, "as large as fits"
    assert abs(2 * view.left + width - view.canvas[1]) <= 2 and abs(2 * view.top + height - view.canvas[0]) <= 2


@pytest.mark.parametrize("notches", [1, -1, 4, -5, 0.25])
def test_the_wheel_zooms_at_the_pointer(large, hands, notches):
    scale = large.canvas.view.scale
    place = hands.at(700, 400)
    before = under(large, place)
    hands.wheel(notches, 700, 400)
    view = large.canvas.view
    assert view.scale == pytest.approx(scale * 1.25**notches)
    assert np.abs(np.subtract(under(large, place), before)).max() <= 1 / view.scale, "what was there is still there"
    assert large.findChild(QLabel, "zoom-label").text() == f"{view.scale * 100:.3g} %"


def test_zooming_stops_at_the_ends(large, hands):
    for notches, scale in ((40, 64.0), (-80, 1 / 64)):
        hands.wheel(notches, 700, 400)
        assert large.canvas.view.scale == scale
        hands.wheel(notches, 700, 400)
        assert large.canvas.view.scale == scale


def test_space_and_a_drag_pan(viewed, hands):
    left, top = viewed.canvas.view.left, viewed.canvas.view.top
    hands.hover(100, 100)
    with held(viewed, Qt.Key.Key_Space):
        assert viewed.canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
        drag(viewed, LEFT, (400, 300), (450, 310), (475, 330))
    assert (viewed.canvas.view.left, viewed.canvas.view.top) == (left + 75, top + 30)
    assert not steps(viewed), "nothing is painted by it"
    hands.stroke((100, 100))
    assert mask_of(viewed)[100, 100] == 255, "and afterwards the brush is back"


def test_space_still_presses_a_button_that_has_the_focus(viewed, hands):
    button = hands.find("brush-more")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert hands.find("brush-popup").isVisible()
    hands.find("brush-popup").close()


def test_the_middle_button_pans(viewed):
    left, top = viewed.canvas.view.left, viewed.canvas.view.top
    drag(viewed, MIDDLE, (400, 300), (380, 250))
    assert (viewed.canvas.view.left, viewed.canvas.view.top) == (left - 20, top - 50)
    assert not steps(viewed)


def test_the_hand_pans_but_never_out_of_sight(viewed, hands):
    hands.key(Qt.Key.Key_H)
    drag(viewed, LEFT, (400, 300), (410, 290))
    drag(viewed, LEFT, (400, 300), (9000, 8000))
    view = viewed.canvas.view
    assert 0 < view.canvas[1] - view.left <= 64 and 0 < view.canvas[0] - view.top <= 64


def test_the_zoom_tool(viewed, hands):
    hands.key(Qt.Key.Key_Z)
    place = hands.at(100, 80)
    QTest.mouseClick(viewed.canvas, LEFT, NO_KEYS, place)
    assert viewed.canvas.view.scale == 2
    assert under(viewed, place) == pytest.approx((100, 80), abs=0.5)
    QTest.mouseClick(viewed.canvas, LEFT, Qt.KeyboardModifier.AltModifier, place)
    assert viewed.canvas.view.scale == 1
    drag(viewed, LEFT, (place.x(), place.y()), (place.x() + 75, place.y()), (place.x() + 150, place.y()))
    assert viewed.canvas.view.scale == pytest.approx(2)
    assert under(viewed, place) == pytest.approx((100, 80), abs=0.6)
    assert not steps(viewed)


def test_fit_and_actual_size_by_keys(large, hands):
    fitted = large.canvas.view
    hands.hover(700, 400)
    place = hands.at(700, 400)
    hands.key(Qt.Key.Key_1, CTRL)
    assert large.canvas.view.scale == 1
    assert under(large, place) == pytest.approx((700, 400), abs=1 / fitted.scale)
    hands.key(Qt.Key.Key_0, CTRL)
    assert large.canvas.view == fitted
    hands.key(Qt.Key.Key_Plus, CTRL)
    assert large.canvas.view.scale == pytest.approx(fitted.scale * 1.5)
    hands.key(Qt.Key.Key_Minus, CTRL)
    assert large.canvas.view.scale == pytest.approx(fitted.scale)


def test_fit_follows_the_windows_size_until_the_view_is_changed(qtbot, large, hands):
    for size in ((1000, 700), (1600, 1000)):
        large.resize(*size)
        qtbot.waitUntil(lambda size=size: large.width() == size[0])
        assert large.canvas.view == large.canvas.view.fitted()
    hands.wheel(3, 700, 400)
    scale, middle = large.canvas.view.scale, under(large, large.canvas.rect().center())
    large.resize(1200, 800)
    qtbot.waitUntil(lambda: large.width() == 1200)
    assert large.canvas.view.scale == scale
    assert under(large, large.canvas.rect().center()) == pytest.approx(middle, abs=2 / scale)


# What is drawn

def test_at_100_percent_every_pixel_is_the_photographs(viewed):
    assert (seen_photo(viewed) == a_picture()).all()


@pytest.mark.parametrize("times", [2, 8])
def test_magnified_pixels_are_squares_with_sharp_edges(viewed, times):
    viewed.canvas.zoom(times, QPointF(500, 300))
    view, shown = viewed.canvas.view, seen(viewed)
    assert view.scale == times
    rows = np.floor((np.arange(shown.shape[0]) + 0.5 - view.top) / times).astype(int)
    columns = np.floor((np.arange(shown.shape[1]) + 0.5 - view.left) / times).astype(int)
    tall, wide = (rows >= 0) & (rows < 300), (columns >= 0) & (columns < 440)
    assert tall.sum() > 400 and wide.sum() > 400
    expected = a_picture()[rows[tall]][:, columns[wide]]
    assert (shown[tall][:, wide] == expected).all()


@pytest.mark.parametrize("scale", [0.5, 0.25, 0.37])
def test_reduced_views_are_smooth(large, scale):
    large.canvas.zoom(scale / large.canvas.view.scale, QPointF(400, 300))
    view, shown = large.canvas.view, seen(large)
    left, top = int(view.left), int(view.top)
    wanted = cv2.resize(a_picture(shape=(1500, 2600)).astype(np.float32), None, fx=scale, fy=scale,
                        interpolation=cv2.INTER_AREA)
    top_cut, left_cut = max(0, -top), max(0, -left)
    wanted = wanted[top_cut:top_cut + shown.shape[0] - max(0, top), left_cut:left_cut + shown.shape[1] - max(0, left)]
    part = shown[max(0, top):, max(0, left):][:wanted.shape[0], :wanted.shape[1]].astype(np.float32)
    wanted = wanted[:part.shape[0], :part.shape[1]]
    off = np.abs(part - wanted)[2:-2, 2:-2]
    if scale in (0.5, 0.25):
        assert off.max() <= 1.5, "whole reductions are area averages"
    else:
        assert off.mean() < 4, "others lie near them"
    noise = wanted - cv2.GaussianBlur(wanted, (0, 0), 4)
    drawn = part - cv2.GaussianBlur(part, (0, 0), 4)
    assert drawn.std() < 1.5 * noise.std(), "and do not sparkle"


def test_painting_shows_the_same_as_drawing_everything_anew(large, hands):
    """Only the tiles that a stroke touches are drawn again: nothing else may look different for it."""
    hands.wheel(-1, 1000, 600)
    large.tools.choose("paint-brush")
    large.tools.brush_tool.set_brush(size=150)
    large.tools.palette.choose((255, 0, 0))
    hands.stroke((900, 500), (1100, 700), (1300, 520))
    large.tools.choose("mask-brush")
    hands.stroke((400, 300), (1100, 300), (300, 900))
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.stroke((500, 300), (1100, 400), (300, 900))
    partly = seen(large)
    large.canvas.set_view(large.canvas.view.panned(30, 0))
    large.canvas.set_view(large.canvas.view.panned(-30, 0))
    off = np.abs(seen(large).astype(int) - partly)
    assert off.max() <= 1 and (off > 0).mean() < 0.001, "but for the rounding of single pixels between two"


def test_round_the_photograph_lies_the_chosen_grey(viewed):
    from dataclasses import replace

    viewed.apply_settings(replace(viewed.files.settings, ground=90))
    shown = seen(viewed)
    assert (shown[2, 2] == 90).all() and (shown[-3, -3] == 90).all()


def test_transparency_is_shown_as_a_checkerboard(window):
    picture = np.zeros((100, 160, 4), np.uint8)
    picture[:, 80:] = (200, 100, 50, 255)
    picture.flags.writeable = False
    show(window, Photo(picture))
    shown = seen_photo(window)
    assert (shown[:, 80:] == (200, 100, 50)).all()
    assert len(np.unique(shown[:, :80].reshape(-1, 3), axis=0)) == 2


def test_grey_and_deep_photographs_are_shown_as_they_are(window):
    for channels, dtype in ((1, np.uint8), (1, np.uint16), (3, np.uint16)):
        picture = a_picture(dtype, channels)
        show(window, Photo(picture))
        expected = picture.astype(float) / (257 if dtype == np.uint16 else 1)
        assert np.abs(seen_photo(window) - expected).max() <= 0.51
