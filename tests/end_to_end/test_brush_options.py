"""Flow, smoothing, pressure curves and brushes kept by a name, in the window."""

import time

import numpy as np
import pytest
from doing import ALT, CTRL, LEFT, NO_KEYS, RIGHT, a_picture, distance, mask_of, set_brush, show, steps
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QLineEdit, QListWidget, QSpinBox
from scipy.spatial import cKDTree

from editor.app import settings as settings_file
from editor.app.tools.brushes import MaskBrush
from editor.app.tools.tool import Pointer
from editor.app.window import Window
from editor.document.document import SKETCH
from editor.document.photo import Photo
from editor.raster.brush import Brush


def open_brush(hands):
    hands.click("brush-more")
    popup = hands.find("brush-popup")
    assert popup.isVisible()
    return popup


def type_number(popup, name: str, value: int) -> None:
    box = popup.findChild(QSpinBox, name)
    box.selectAll()
    QTest.keyClicks(box, str(value))
    QTest.keyClick(box, Qt.Key.Key_Return)


def sketch_of(window: Window) -> np.ndarray:
    return window.document.surfaces[SKETCH].read(window.document.base.bounds)[..., 0]


def test_flow_is_how_much_a_dab_lays_down(painting, hands):
    popup = open_brush(hands)
    type_number(popup, "brush-flow", 30)
    popup.close()
    assert not painting.filling.busy, "Enter there fills nothing"
    hands.stroke((200, 150))
    mask = mask_of(painting)
    assert mask[150, 200] == pytest.approx(0.3 * 255, abs=1) and mask.max() == mask[150, 200]
    away = distance((300, 440), (200, 150))
    assert (mask[away < 14] == mask[150, 200]).all() and (mask[away > 16] == 0).all()


def test_a_stroke_that_is_gone_over_builds_up_to_its_opacity_and_no_further(painting, hands):
    set_brush(painting, flow=0.1, opacity=0.5, spacing=0.2)
    there = [(x, 80) for x in range(100, 301, 20)]
    hands.stroke(*there)
    once = mask_of(painting)
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.stroke(*(there + there[::-1]) * 6)
    often = mask_of(painting)
    # Five dabs lie over each place of the middle line on each way along it.
    assert np.abs(once[80, 130:270].astype(float) - 255 * 0.5 * (1 - 0.9**5)).max() <= 2
    assert 127 <= often.max() <= 128 and (often[80, 130:270] >= 126).all()
    assert steps(painting) == ["Paint mask"]


def trailed(points: list[tuple[float, float]], lag: float) -> np.ndarray:
    """Where the pen goes after the pointer: p' = (pointer - p) / lag along the pointer's way, in small steps; and then
    straight to the pointer's end.
    """
    pen = np.array(points[0], float)
    way = [pen]
    for start, end in zip(points, points[1:], strict=False):
        length = np.hypot(*np.subtract(end, start))
        count = max(1, int(length / 0.1))
        for t in np.linspace(0, 1, count + 1)[1:]:
            pen = pen + (np.add(start, np.subtract(end, start) * t) - pen) * (length / count / lag)
            way.append(pen)
    return np.concatenate([way, np.linspace(way[-1], points[-1], 300)])


@pytest.mark.parametrize("smoothing", [4, 30])
def test_a_smoothed_stroke_is_the_pointers_way_calmed(painting, hands, smoothing):
    hands.key(Qt.Key.Key_P)
    set_brush(painting, size=4, smoothing=smoothing)
    rng = np.random.default_rng(4)
    points = [(60 + 8 * i, 150 + int(y)) for i, y in enumerate(rng.integers(-9, 10, 40))]
    hands.stroke(*points)
    sketch = sketch_of(painting)
    rows, columns = np.indices((300, 440)) + 0.5
    away, _ = cKDTree(trailed(points, smoothing)).query(np.dstack([columns, rows]))
    assert (sketch[away < 1] == 255).all() and (sketch[away > 3.2] == 0).all()


def test_the_sketch_pen_is_smoothed_gently_and_the_mask_brush_not_at_all(window):
    assert 0 < window.tools.tools["sketch-pen"].brush.smoothing < 10
    for name in ("mask-brush", "mask-eraser", "paint-brush", "colour-stroke"):
        assert window.tools.tools[name].brush.smoothing == 0


def test_a_smoothed_stroke_reaches_where_the_pen_was_lifted(painting, hands):
    set_brush(painting, size=6, smoothing=60)
    hands.pen((60, 100, 1.0), (150, 100, 1.0), (150, 180, 1.0))
    mask = mask_of(painting)
    assert mask[180, 150] == 255 and mask[100, 60] == 255
    assert mask[100, 150] == 0, "the corner is cut"


@pytest.mark.parametrize("pressure", [0.2, 0.5, 1.0])
def test_firmness_and_least_size_shape_what_pressure_does(painting, hands, pressure):
    set_brush(painting, size=60)
    popup = open_brush(hands)
    type_number(popup, "brush-size-curve", 50)
    type_number(popup, "brush-minimum-size", 20)
    popup.close()
    hands.pen((100, 100, pressure), (300, 100, pressure))
    expected = 60 * (0.2 + 0.8 * pressure ** (5**0.5))
    assert (mask_of(painting)[:, 200] / 255).sum() == pytest.approx(expected, abs=1)


def test_pressure_on_opacity_is_switched_on_and_bent(painting, hands):
    popup = open_brush(hands)
    firmness = popup.findChild(QSpinBox, "brush-opacity-curve")
    assert not firmness.isEnabled()
    QTest.mouseClick(popup.findChild(QCheckBox, "brush-pressure-size"), LEFT)
    QTest.mouseClick(popup.findChild(QCheckBox, "brush-pressure-opacity"), LEFT)
    assert firmness.isEnabled() and not popup.findChild(QSpinBox, "brush-size-curve").isEnabled()
    type_number(popup, "brush-opacity-curve", -100)
    popup.close()
    hands.pen((100, 100, 0.5), (300, 100, 0.5))
    mask = mask_of(painting)
    assert mask[100, 200] == pytest.approx(255 * 0.5**0.2, abs=1)
    assert (mask[:, 200] > 0).sum() == pytest.approx(30, abs=1)


def test_pressing_harder_in_place_widens_the_dab(painting, hands):
    set_brush(painting, size=60)
    hands.pen((200, 150, 0.1), (200, 150, 0.6), (200, 150, 1.0))
    away = distance((300, 440), (200, 150))
    assert (mask_of(painting)[away < 29] == 255).all()


@pytest.mark.parametrize("brush", [{"flow": 0.15, "hardness": 0.5}, {"smoothing": 25}, {"spacing": 0.7}])
def test_zoom_and_the_number_of_events_do_not_matter(painting, hands, brush):
    set_brush(painting, size=24, **brush)
    few = [(160, 120), (200, 160), (240, 120), (280, 160)]
    many = [(a[0] + (b[0] - a[0]) * i / 4, a[1] + (b[1] - a[1]) * i / 4)
            for a, b in zip(few, few[1:], strict=False) for i in range(4)] + few[-1:]
    masks = {}
    for zoom, way in ((1.0, many), (2.0, many), (0.5, many), (1.0, few)):
        painting.canvas.zoom(zoom / painting.canvas.view.scale)
        left, top = painting.canvas.view.to_device(220, 140)
        painting.canvas.set_view(painting.canvas.view.panned(500 - left, 350 - top))
        hands.stroke(*way)
        masks[zoom, len(way)] = mask_of(painting).astype(float)
        hands.key(Qt.Key.Key_Z, CTRL)
    first = masks[1.0, len(many)]
    assert first.max() > 100
    assert all((masks[zoom, len(many)] == first).all() for zoom in (2.0, 0.5))
    if "smoothing" in brush:  # its way is the same whatever reports it; without, corners are rounded as events are rare
        assert np.abs(masks[1.0, len(few)] - first).sum() < 0.02 * first.sum()


def test_the_stroke_beneath_the_pen_is_shown_in_the_popup_as_the_brush_changes(painting, hands):
    popup = open_brush(hands)
    preview = popup.findChild(type(popup._preview), "brush-preview")
    pictures = [preview.pixmap().toImage()]
    for name, value in (("brush-flow", 5), ("brush-spacing", 90)):
        type_number(popup, name, value)
        pictures.append(preview.pixmap().toImage())
    assert all(a != b for a, b in zip(pictures, pictures[1:], strict=False))
    popup.close()


def use(popup, name: str) -> None:
    names = popup.findChild(QListWidget, "brush-presets")
    item = names.findItems(name, Qt.MatchFlag.MatchExactly)[0]
    QTest.mouseClick(names.viewport(), LEFT, NO_KEYS, names.visualItemRect(item).center())


def test_a_brush_is_kept_by_a_name_and_taken_up_again(new_window):
    from hands import Hands

    window = new_window()
    hands = Hands(window)
    show(window, Photo(a_picture()))
    whiskers = {"size": 7, "hardness": 0.25, "flow": 0.4, "smoothing": 12, "pressure_opacity": True}
    set_brush(window, **whiskers)
    popup = open_brush(hands)
    name = popup.findChild(QLineEdit, "preset-name")
    QTest.keyClicks(name, "Whiskers")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert not window.filling.busy
    use(popup, "Hard round")
    assert window.tools.brush_tool.brush.hardness == 1 and window.tools.brush_tool.brush.flow == 1
    assert not popup.findChild(QAbstractButton, "preset-delete").isEnabled(), "what is built in stays"
    use(popup, "Whiskers")
    assert window.tools.brush_tool.brush == Brush(**whiskers)
    popup.close()
    assert settings_file.load().brush_presets == {"Whiskers": Brush(**whiskers)}, "at once: the program may be killed"
    window.files.forget_unsaved()
    window.close()

    again = Window(settings_file.load())
    again.show()
    try:
        assert again.tools.tools["mask-brush"].brush == Brush(**whiskers), "each tool has its brush back"
        show(again, Photo(a_picture()))
        hands = Hands(again)
        popup = open_brush(hands)
        use(popup, "Whiskers")
        QTest.mouseClick(popup.findChild(QAbstractButton, "preset-delete"), LEFT)
        names = popup.findChild(QListWidget, "brush-presets")
        assert not names.findItems("Whiskers", Qt.MatchFlag.MatchExactly) and names.count() > 3
        popup.close()
        assert settings_file.load().brush_presets == {}
    finally:
        again.files.forget_unsaved()
        again.close()
        again.deleteLater()


def test_a_name_of_blanks_keeps_nothing(painting, hands):
    popup = open_brush(hands)
    name = popup.findChild(QLineEdit, "preset-name")
    QTest.keyClicks(name, "   ")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert painting.tools.presets.own == {}
    popup.close()


def test_the_circle_shows_the_size_and_one_within_it_the_hardness(painting, hands):
    def rings(hardness: float) -> set[int]:
        """At which radii the canvas differs from the photograph."""
        set_brush(painting, size=100, hardness=hardness)
        hands.hover(200, 150)
        shown = painting.canvas.grab().toImage()
        left, top = (int(value) for value in painting.canvas.view.to_device(0, 0))
        return {radius for radius in range(60) if shown.pixelColor(left + 200 + radius, top + 150).getRgb()[:3]
                != tuple(a_picture()[150, 200 + radius])}

    assert any(abs(radius - 50) <= 1 for radius in rings(1.0))
    assert all(radius > 47 for radius in rings(1.0)), "a hard brush has one circle"
    assert any(abs(radius - 30) <= 1 for radius in rings(0.6))


def test_a_drag_with_alt_and_the_right_button_shows_size_and_hardness_as_they_change(painting, hands):
    set_brush(painting, size=40, hardness=0.5)
    hands.stroke((200, 150), (220, 130), modifiers=ALT, button=RIGHT)
    brush = painting.tools.brush_tool.brush
    assert brush.size == 80 and brush.hardness == pytest.approx(0.6)
    assert hands.find("brush-size").value() == 80 and hands.find("brush-hardness").value() == 60


def test_a_slow_machine_paints_several_steps_at_once_and_the_same_stroke(painting, hands, monkeypatch):
    """Else it would lag further and further behind the pen."""
    way = [(60 + 8 * i, 150 + (i % 3) * 10) for i in range(40)]
    hands.stroke(*way)
    quick = mask_of(painting)
    hands.key(Qt.Key.Key_Z, CTRL)
    shows = []
    show_it = MaskBrush._show

    def slowly(tool, document):
        until = time.thread_time() + 0.01
        while time.thread_time() < until:
            pass
        shows.append(mask_of(painting).any())
        show_it(tool, document)

    monkeypatch.setattr(MaskBrush, "_show", slowly)
    tool = painting.tools.brush_tool
    hands.stroke(way[0], release=False)
    for x, y in way[1:]:  # they have all come while the first was painted
        tool.move(painting.document, Pointer(x, y, 0, 0))
    assert len(shows) < 5
    QApplication.processEvents()
    assert mask_of(painting)[160, 300] == 255, "it is seen before the pen is lifted"
    QTest.mouseRelease(painting.canvas, LEFT, NO_KEYS, hands.at(*way[-1]))
    assert np.array_equal(mask_of(painting), quick) and len(shows) < 8


def test_esc_closes_what_the_button_opened(painting, hands):
    popup = open_brush(hands)
    QTest.keyClick(popup.focusWidget() or popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_undo_in_the_middle_of_a_smoothed_stroke_takes_all_of_it_back(painting, hands):
    set_brush(painting, smoothing=40, flow=0.2)
    hands.stroke((60, 100), (200, 100), (300, 200), release=False)
    assert mask_of(painting).max() > 0
    hands.key(Qt.Key.Key_Z, CTRL)
    assert mask_of(painting).max() == 0 and not steps(painting)
    QTest.mouseRelease(painting.canvas, LEFT, NO_KEYS, hands.at(300, 200))
    assert mask_of(painting).max() == 0
