"""Taking out a screen in the window: its peaks seen in the spectrum, switched off, moved, added, by mouse or keys."""

import importlib.util
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from doing import CTRL, SHIFT, action, composite, dialog, press, seen_photo, show, steps
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from editor.app.panels.spectrum_view import SpectrumView
from editor.document.photo import Photo
from editor.evaluation.printing import printed
from editor.restoration.contract import Scan
from editor.restoration.descreening import Descreen, Settings
from editor.restoration.filtering import restored
from editor.restoration.screens import Peak, written

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


@lru_cache
def a_print() -> np.ndarray:
    path = Path(importlib.util.find_spec("skimage").origin).parent / "data" / "chelsea.png"
    cat = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) / np.float32(255)
    return np.rint(printed(cat.mean(axis=2, keepdims=True)[:, :440], 5.0) * 65_535).astype(np.uint16)


def opened(qtbot, window, pixels: np.ndarray) -> tuple:
    show(window, Photo(pixels))
    action(window, "filter_descreen").trigger()
    box = dialog(qtbot, window, "filter-dialog")
    view, note = box.findChild(SpectrumView, "spectrum"), box.findChild(QLabel, "screen-note")
    qtbot.waitUntil(lambda: "Looking" not in note.text(), timeout=20000)
    return box, view, note


def at(view: SpectrumView, y: float, x: float) -> QPoint:
    return view.place(y, x).toPoint()


def near(peaks, y: float, x: float, far: float = 0.003) -> list[Peak]:
    return [peak for peak in peaks if min(np.hypot(peak.y - y, peak.x - x), np.hypot(peak.y + y, peak.x + x)) < far]


def applied(qtbot, window, box) -> np.ndarray:
    press(box, "apply-filter")
    qtbot.waitUntil(lambda: steps(window) == ["Descreen"], timeout=20000)
    return composite(window)


@pytest.fixture
def stripes() -> np.ndarray:
    """They repeat every six pixels, in one direction: no screen that would be found."""
    wave = 0.5 + 0.2 * np.sin(2 * np.pi * np.arange(400) / 6)
    noise = 0.02 * np.random.default_rng(1).standard_normal((300, 400))
    return np.rint((wave + noise) * 255).astype(np.uint8)[..., None]


def test_the_screen_is_ringed_and_goes(qtbot, window, hands):
    box, view, note = opened(qtbot, window, a_print())
    slant = 0.2 / np.sqrt(2)
    assert near(view.peaks, slant, slant) and near(view.peaks, slant, -slant)
    assert note.text().endswith("repeats every 5.0 px.")
    shown = box.findChild(QLabel, "filter-note")
    qtbot.waitUntil(lambda: shown.text() == "The canvas shows the result.", timeout=20000)
    expected = restored(Scan.of(a_print()), Descreen())
    assert np.abs(seen_photo(window)[..., :1] - np.rint(expected / 257)).max() <= 1
    assert np.array_equal(applied(qtbot, window, box), expected)
    assert window.document.layers[0].filtered.settings["peaks"] == ""
    hands.key(KEY.Key_Z, CTRL)
    assert np.array_equal(composite(window), a_print())


def test_where_no_screen_is_found_a_click_adds_a_peak(qtbot, window, hands, stripes):
    box, view, note = opened(qtbot, window, stripes)
    assert view.peaks == () and note.text().startswith("No screen")
    QTest.mouseClick(view, LEFT, pos=at(view, 0.005, 1 / 6))  # the highest near by is meant
    (peak,) = view.peaks
    assert near(view.peaks, 0.0, 1 / 6, 0.005)
    made = applied(qtbot, window, box)
    middle = np.s_[110:-110, 110:-110]
    assert np.std(made[middle].mean(axis=0)) < 0.1 * np.std(stripes[middle].mean(axis=0))
    settings = Settings(**window.document.layers[0].filtered.settings)
    assert settings.peaks == written((peak,))
    assert np.array_equal(made, restored(Scan.of(stripes), Descreen(), settings))


def test_a_click_on_a_ring_switches_its_peak_off_and_on_and_a_drag_moves_it(qtbot, window, hands, stripes):
    box, view, note = opened(qtbot, window, stripes)
    QTest.mouseClick(view, LEFT, pos=at(view, 0.0, 1 / 6))
    (peak,) = view.peaks
    for on in (False, True):
        QTest.mouseClick(view, LEFT, pos=at(view, -peak.y, -peak.x))  # its mirror image serves as well
        assert [one.on for one in view.peaks] == [on]
    assert "One peak;" in note.text()
    QTest.mousePress(view, LEFT, pos=at(view, peak.y, peak.x))
    QTest.mouseMove(view, at(view, 0.1, 0.2))
    QTest.mouseMove(view, at(view, 0.2, 0.3))
    QTest.mouseRelease(view, LEFT, pos=at(view, 0.2, 0.3))
    assert len(view.peaks) == 1 and near(view.peaks, 0.2, 0.3, 0.004)
    QTest.keyClick(view, KEY.Key_Delete)
    assert view.peaks == () and note.text().startswith("No screen")
    assert np.array_equal(applied(qtbot, window, box), stripes)


def test_all_of_it_by_keys(qtbot, window, hands, stripes):
    box, view, _ = opened(qtbot, window, stripes)
    view.setFocus()
    for _ in range(2):
        QTest.keyClick(view, KEY.Key_Right, SHIFT)
    for _ in range(6):
        QTest.keyClick(view, KEY.Key_Right)
    QTest.keyClick(view, KEY.Key_Space)
    assert len(view.peaks) == 1
    before = view.peaks[0]
    QTest.keyClick(view, KEY.Key_PageDown)
    QTest.keyClick(view, KEY.Key_Down, CTRL)
    assert view.peaks[0].y > before.y and view.peaks[0].x == pytest.approx(before.x)
    QTest.keyClick(view, KEY.Key_Space)
    assert not view.peaks[0].on
    QTest.keyClick(view, KEY.Key_Backspace)
    assert view.peaks == ()


def test_the_peaks_that_were_found_come_back(qtbot, window, hands):
    box, view, note = opened(qtbot, window, a_print())
    found = view.peaks
    QTest.mouseClick(view, LEFT, pos=at(view, found[0].y, found[0].x))
    assert [peak.on for peak in view.peaks].count(False) == 1
    press(box, "found-peaks")
    assert view.peaks == found
    QTest.keyClick(box, KEY.Key_Escape)
    qtbot.waitUntil(lambda: not box.isVisible())
    assert steps(window) == []


@pytest.mark.parametrize("shape", [(1, 1), (30, 40)])
def test_tiny_pictures_have_a_spectrum_without_peaks(qtbot, window, hands, shape):
    pixels = np.full((*shape, 3), 90, np.uint8)
    box, view, note = opened(qtbot, window, pixels)
    assert view.peaks == () and note.text().startswith("No screen")
    assert np.array_equal(applied(qtbot, window, box), pixels)
