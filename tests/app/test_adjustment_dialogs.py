"""The controls of levels and curves by themselves, and what marks lost tones."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from editor.app.adjustment_trial import Marked
from editor.app.dialogs.curves import CurvesDialog
from editor.app.dialogs.levels import LevelsDialog
from editor.raster.adjustments import Band, Curve, Curves, Levels
from editor.raster.surface import Box, Surface
from editor.raster.tone_points import LEAST_SPAN

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton


@pytest.fixture
def levels(qtbot) -> LevelsDialog:
    dialog = LevelsDialog(Levels(green=Band(0.2, 0.6, 2.0)), grey=False)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def curves(qtbot) -> CurvesDialog:
    dialog = CurvesDialog(Curves(), grey=False)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def drag(widget, start: QPoint, to: QPoint) -> None:
    QTest.mousePress(widget, LEFT, pos=start)
    QTest.mouseMove(widget, to)
    QTest.mouseRelease(widget, LEFT, pos=to)


def test_black_stops_before_white_and_white_before_black(levels):
    levels.take(Levels(Band(white=0.5)))
    drag(levels.input, levels.input.place_of(0).toPoint(), QPoint(levels.input.width(), 15))
    assert levels.adjustment.master.black == pytest.approx(0.5 - LEAST_SPAN)
    levels.white.setValue(0)
    assert levels.adjustment.master.white == pytest.approx(0.5)


def test_of_handles_on_one_spot_the_one_that_can_go_there_is_taken(levels):
    levels.take(Levels(Band(low=0.5, high=0.5)))
    spot = levels.output.place_of(0).toPoint()
    drag(levels.output, spot + QPoint(2, 0), spot + QPoint(60, 0))
    assert levels.adjustment.master.low == 0.5 < levels.adjustment.master.high
    levels.take(Levels(Band(low=0.5, high=0.5)))
    drag(levels.output, spot - QPoint(2, 0), spot - QPoint(60, 0))
    assert levels.adjustment.master.low < 0.5 == levels.adjustment.master.high


def test_the_middle_handle_is_where_the_middle_comes_from(levels):
    levels.take(Levels(Band(0.2, 0.8)))
    place = levels.input.place_of(1).toPoint()
    drag(levels.input, place, place - QPoint(40, 0))
    band = levels.adjustment.master
    x = (levels.input.place_of(1).x() - 7) / (levels.input.width() - 14)
    assert band.gamma > 1 and float(band(np.array(x))) == pytest.approx(0.5, abs=0.01)
    drag(levels.input, levels.input.place_of(1).toPoint(), QPoint(0, 15))
    assert levels.adjustment.master.gamma == 10, "it stops at the end"


def test_each_channel_shows_its_own(levels):
    levels.channels.setCurrentIndex(2)
    assert (levels.black.value(), levels.white.value(), levels.gamma.value()) == (51, 153, 2)
    levels.gamma.setValue(1.5)
    assert levels.adjustment == Levels(green=Band(0.2, 0.6, 1.5))
    levels.channels.setCurrentIndex(0)
    assert (levels.black.value(), levels.white.value(), levels.gamma.value()) == (0, 255, 1)


def test_a_number_that_is_shown_rounded_changes_nothing_by_itself(levels):
    band = Band(0.123456, 0.87654, 1.23456)
    levels.take(Levels(band))
    levels.high.setValue(200)
    assert levels.adjustment.master == Band(0.123456, 0.87654, 1.23456, high=200 / 255)


def test_points_keep_their_order_and_two_are_always_left(curves):
    curve = curves.curve
    assert curve.add_point(0.5, 0.5)
    drag(curve, curve.place_of((0.5, 0.5)).toPoint(), curve.place_of((1.0, 0.9)).toPoint())
    across = [x for x, _ in curves.adjustment.master.points]
    assert across == sorted(across) and across[1] < 1
    for _ in range(4):
        QTest.keyClick(curve, KEY.Key_Delete)
    assert len(curves.adjustment.master.points) == 2 and not curves.remove.isEnabled()


def test_there_is_an_end_to_points(curves):
    for x in np.linspace(0.01, 0.99, 40):
        curves.curve.add_point(float(x), 0.5)
    assert len(curves.adjustment.master.points) == 24
    assert not curves.curve.add_point(curves.adjustment.master.points[3][0], 0.1)


def test_without_a_mouse(curves):
    curve = curves.curve
    QTest.keyClick(curve, KEY.Key_Insert)
    QTest.keyClick(curve, KEY.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(curve, KEY.Key_PageUp)
    QTest.keyClick(curve, KEY.Key_Down)
    points = curves.adjustment.master.points
    assert points[0] == (0, 0) and points[1] == pytest.approx((0.5, 0.5 + 10 / 255))
    assert points[2] == pytest.approx((1, 254 / 255))
    curves.channels.setCurrentIndex(1)
    QTest.keyClick(curve, KEY.Key_Down)
    assert curves.adjustment.red != Curve() and curves.adjustment.master.points == points


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_what_is_lost_is_marked_and_nothing_else(dtype, channels):
    full = np.iinfo(dtype).max
    pixels = np.full((300, 300, channels), full // 3, dtype)
    pixels[20:60, 20:60, 0], pixels[250:290, 250:290, 0] = 0, full
    marked = Marked(Surface.from_array(pixels), ()).read(Box(0, 0, 300, 300))
    changed = (marked != pixels).any(axis=2)
    lost = np.zeros((300, 300), bool)
    lost[20:60, 20:60] = lost[250:290, 250:290] = True
    assert not changed[~lost].any() and changed[20:60, 20:60].mean() > 0.4 and changed[250:290, 250:290].mean() > 0.4
    if channels > 1:
        assert marked[30, 30, 2] == full > marked[30, 30, 0] and marked[260, 260, 0] == full > marked[260, 260, 2]
    part = Marked(Surface.from_array(pixels), ()).read(Box(10, 30, 280, 299))
    assert np.array_equal(part, marked[10:280, 30:299]), "the same whatever part is drawn"
