"""Levels, curves and unfading in the window: seen at once, edited again, masked, saved, exported."""

import numpy as np
import pytest
from doing import (
    ALT,
    CTRL,
    LEFT,
    RIGHT,
    SHIFT,
    a_picture,
    action,
    choose_file,
    composite,
    dialog,
    distance,
    fill_and_wait,
    message,
    open_and_wait,
    press,
    read_error,
    seen_photo,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QDoubleSpinBox, QLineEdit
from scipy.interpolate import PchipInterpolator
from skimage import data

from editor.app.dialogs.curve_editor import CurveEditor
from editor.app.dialogs.histogram import MARGIN, Handles, Histogram
from editor.app.panels.layer_list import thumbnail_rect
from editor.document import fills, layer_ops
from editor.document.photo import Metadata, Photo
from editor.raster.surface import Box
from editor.storage.export import export_photo

KEY = Qt.Key


def levels(pixels: np.ndarray, black: float = 0, white: float = 1, gamma: float = 1) -> np.ndarray:
    """By the definition, in 64 bits, of 16-bit pixels."""
    return np.rint(np.clip((pixels / 65535 - black) / (white - black), 0, 1) ** (1 / gamma) * 65535).astype(np.uint16)


def eight(pixels: np.ndarray) -> np.ndarray:
    """As the screen has it."""
    return np.rint(pixels / 257)


def near(shown: np.ndarray, expected: np.ndarray) -> bool:
    return np.abs(shown - eight(expected)).max() <= 1


@pytest.fixture
def scan(window) -> np.ndarray:
    """16 bits at 100 %, wholly in sight."""
    pixels = a_picture(np.uint16)
    show(window, Photo(pixels))
    return pixels


def opened(qtbot, window, hands, key: Qt.Key, name: str):
    hands.key(key, CTRL)
    return dialog(qtbot, window, name)


def drag(handles: Handles, number: int, to: float, modifiers=Qt.KeyboardModifier.NoModifier) -> float:
    """Drag a handle to about 0..1; returns where it is then."""
    x = round(MARGIN + to * (handles.width() - 2 * MARGIN))
    start = handles.place_of(number).toPoint()
    QTest.mousePress(handles, LEFT, modifiers, start)
    QTest.mouseMove(handles, QPoint(x, start.y()))
    QTest.mouseRelease(handles, LEFT, modifiers, QPoint(x, start.y()))
    return (x - MARGIN) / (handles.width() - 2 * MARGIN)


def type_number(box, name: str, text: str) -> None:
    field = box.findChild(QDoubleSpinBox, name)
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, KEY.Key_Tab)


def handles(box, name: str) -> Handles:
    return box.findChild(Handles, name)


def test_handles_are_seen_on_the_canvas_at_once_and_accepted_they_are_one_step(qtbot, window, hands, scan):
    before = seen_photo(window)
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    black = drag(handles(box, "levels-input"), 0, 0.25)
    white = drag(handles(box, "levels-input"), 2, 0.75)
    expected = levels(scan, black, white)
    qtbot.waitUntil(lambda: near(seen_photo(window), expected))
    assert steps(window) == [] and not window.document.layers
    press(box, "levels-preview")
    qtbot.waitUntil(lambda: np.array_equal(seen_photo(window), before))
    QTest.keyClick(box, KEY.Key_Return)
    assert steps(window) == ["Levels"] and np.array_equal(composite(window), expected)
    assert near(seen_photo(window), expected)
    hands.key(KEY.Key_Z, CTRL)
    assert np.array_equal(composite(window), scan) and np.array_equal(seen_photo(window), before)


def test_escape_leaves_all_as_it_was(qtbot, window, hands, scan):
    before = seen_photo(window)
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    drag(handles(box, "levels-output"), 1, 0.4)
    qtbot.waitUntil(lambda: not np.array_equal(seen_photo(window), before))
    QTest.keyClick(box, KEY.Key_Escape)
    assert np.array_equal(seen_photo(window), before) and steps(window) == []


def test_keys_move_handles_and_numbers_are_typed(qtbot, window, hands, scan):
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    bar = handles(box, "levels-input")
    bar.setFocus()
    QTest.keyClick(bar, KEY.Key_Right, SHIFT)
    QTest.keyClick(bar, KEY.Key_Right)
    QTest.keyClick(bar, KEY.Key_Up)
    QTest.keyClick(bar, KEY.Key_Up)
    QTest.keyClick(bar, KEY.Key_Left)
    type_number(box, "levels-gamma", "1.5")
    box.accept()
    assert np.array_equal(composite(window), levels(scan, 11 / 255, 254 / 255, 1.5))


def test_a_channel_is_changed_alone(qtbot, window, hands, scan):
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    box.findChild(QComboBox, "levels-channel").setCurrentIndex(3)
    type_number(box, "levels-white", "204")
    box.accept()
    expected = scan.copy()
    expected[..., 2] = levels(scan[..., 2], white=204 / 255)
    assert np.array_equal(composite(window), expected)


def edit(qtbot, window):
    """Double-click the picture of the top layer."""
    view = window.layers.list
    place = thumbnail_rect(view.visualRect(view.model().index(0))).center()
    QTest.mouseDClick(view.viewport(), LEFT, pos=place)
    return dialog(qtbot, window, "levels")


def test_a_double_click_on_the_layer_edits_it_again(qtbot, window, hands, scan):
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    type_number(box, "levels-black", "51")
    box.accept()
    box = edit(qtbot, window)
    assert box.black.value() == 51
    type_number(box, "levels-gamma", "0.5")
    qtbot.waitUntil(lambda: near(seen_photo(window), levels(scan, 0.2, gamma=0.5)))
    box.reject()
    assert near(seen_photo(window), levels(scan, 0.2)) and steps(window) == ["Levels"]
    box = edit(qtbot, window)
    type_number(box, "levels-gamma", "0.5")
    box.accept()
    assert np.array_equal(composite(window), levels(scan, 0.2, gamma=0.5)) and steps(window) == ["Levels", "Levels"]
    hands.key(KEY.Key_Z, CTRL)
    assert np.array_equal(composite(window), levels(scan, 0.2))
    box = edit(qtbot, window)
    press(box, "levels-reset")
    box.accept()
    assert np.array_equal(composite(window), scan)


def test_the_eraser_hides_it_and_what_it_hides_is_the_photograph_bit_for_bit(qtbot, window, hands, scan):
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    type_number(box, "levels-black", "51")
    box.accept()
    window.tools.choose("eraser")
    set_brush(window, size=40, hardness=1.0, pressure_opacity=False, opacity=1.0)
    hands.stroke((100, 100), (200, 150))
    away, now = distance(scan.shape[:2], (100, 100), (200, 150)), composite(window)
    assert np.array_equal(now[away < 18], scan[away < 18])
    assert np.array_equal(now[away > 22], levels(scan, 0.2)[away > 22])
    assert near(seen_photo(window)[away < 18], scan[away < 18])
    hands.key(KEY.Key_N)
    set_brush(window, size=80, hardness=1.0, pressure_opacity=False, opacity=1.0)
    hands.stroke((100, 100), (200, 150))
    assert np.array_equal(composite(window), levels(scan, 0.2))


def test_without_a_mask_it_is_not_painted_on(qtbot, window, hands, scan):
    opened(qtbot, window, hands, KEY.Key_L, "levels").accept()
    action(window, "delete_layer_mask").trigger()
    hands.key(KEY.Key_N)
    hands.stroke((100, 100), (200, 150))
    assert "is an adjustment" in message(window) and np.array_equal(composite(window), scan)


def test_a_fill_goes_beneath_the_levels_on_top_and_follows_when_they_are_changed(qtbot, window, hands, scan):
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    type_number(box, "levels-black", "51")
    box.accept()
    window.engine_options.set_choice("telea", {}, 1)
    hands.key(KEY.Key_B)
    set_brush(window, size=30, hardness=1.0)
    hands.stroke((100, 100), (140, 120))
    fill_and_wait(qtbot, window, hands)
    fill, adjusting = window.document.layers
    assert fill.is_fill and adjusting.adjustment is not None and window.document.active == fill.id
    filled = scan.copy()
    pixels = window.document.surfaces[fill.id].read(window.document.base.bounds)
    opaque, away = pixels[..., 3] == 65535, distance(scan.shape[:2], (100, 100), (140, 120))
    filled[opaque] = pixels[opaque, :3]
    assert (away[opaque] < 18).all() and opaque.sum() > 500
    for black in (51, 20):
        now = composite(window)
        assert np.array_equal(now[opaque], levels(filled, black / 255)[opaque])
        assert np.array_equal(now[away > 30], levels(scan, black / 255)[away > 30])
        assert not fills.is_stale(window.document, fill.id)
        box = edit(qtbot, window)
        type_number(box, "levels-black", "20")
        box.accept()


def test_what_is_cloned_beneath_it_is_adjusted_once(qtbot, window, hands, scan):
    below = layer_ops.add_paint_layer(window.document)
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    type_number(box, "levels-black", "51")
    box.accept()
    hands.key(KEY.Key_K)
    set_brush(window, size=40, hardness=1.0, pressure_opacity=False)
    hands.stroke((300, 220), modifiers=ALT)
    hands.stroke((100, 100))
    assert "is an adjustment" in message(window)
    window.document.activate(below.id)
    hands.stroke((100, 100))
    expected = np.where(distance(scan.shape[:2], (100, 100))[..., None] < 18, np.roll(scan, (-120, -200), (0, 1)), scan)
    near_by = distance(scan.shape[:2], (100, 100)) < 18
    assert np.array_equal(composite(window)[near_by], levels(expected, 0.2)[near_by])


def test_a_painted_mask_limits_it(qtbot, window, hands, scan):
    set_brush(window, size=60, hardness=1.0)
    hands.stroke((100, 100), (200, 150))
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    type_number(box, "levels-black", "51")
    box.accept()
    away, now = distance(scan.shape[:2], (100, 100), (200, 150)), composite(window)
    assert np.array_equal(now[away < 28], levels(scan, 0.2)[away < 28])
    assert np.array_equal(now[away > 32], scan[away > 32])
    assert not window.document.mask.keys() and len(window.document.history.commands) == 2


def test_what_should_be_black_white_and_grey_is_picked_on_the_canvas(qtbot, window, hands):
    pixels = np.full((300, 440, 3), (30000, 28000, 20000), np.uint16)
    pixels[:, :100], pixels[:, 340:] = (9000, 8000, 12000), (60000, 52000, 45000)
    pixels[250:, 150:300] = (40000, 30000, 25000)
    pixels.flags.writeable = False
    show(window, Photo(pixels))
    tool = window.tools.current.name
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    for name, x, y in (("black", 50, 100), ("white", 400, 100), ("grey", 200, 100)):
        press(box, f"levels-pick-{name}")
        assert window.tools.current.name == "tone-picker"
        hands.stroke((x, y))
    hands.key(KEY.Key_Escape)
    assert not any(button.isChecked() for button in box.picks.values()) and window.tools.current.name == tool
    press(box, "levels-pick-grey")
    QTest.keyClick(box, KEY.Key_Escape)
    assert window.tools.current.name == tool and box.isVisible()
    box.accept()
    now = composite(window)
    assert not now[100, 50].any() and (now[100, 400] == 65535).all()
    assert np.ptp(now[100, 200].astype(int)) <= 2 < 1000 < np.ptp(now[280, 200].astype(int))
    assert not window.document.mask.keys(), "a click was no stroke"
    box = edit(qtbot, window)
    press(box, "levels-pick-white")
    hands.stroke((200, 280))
    assert box.adjustment.red.white == pytest.approx(40000 / 65535, abs=1e-4)
    press(box, "levels-pick-white")
    assert window.tools.current.name == tool
    hands.stroke((200, 100))
    assert window.document.mask.keys(), "the brush paints while the dialog is open"
    box.reject()


def test_what_is_lost_is_marked_while_it_is_asked_for(qtbot, window, hands, scan):
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    type_number(box, "levels-black", "100")
    lost = (levels(scan, 100 / 255) == 0).any(axis=2)
    assert 0.05 < lost.mean() < 0.95

    def marked() -> np.ndarray:
        return (seen_photo(window) == (40, 90, 255)).all(axis=2)

    qtbot.waitUntil(lambda: near(seen_photo(window), levels(scan, 100 / 255)))
    assert not marked().any()
    press(box, "levels-clipping")
    qtbot.waitUntil(lambda: np.array_equal(marked(), lost))
    press(box, "levels-clipping")
    qtbot.waitUntil(lambda: not marked().any())
    bar = handles(box, "levels-input")
    start = bar.place_of(0).toPoint()
    QTest.mousePress(bar, LEFT, ALT, start)
    qtbot.waitUntil(lambda: marked().mean() > 0.05)
    QTest.mouseRelease(bar, LEFT, ALT, start)
    qtbot.waitUntil(lambda: not marked().any())
    box.reject()


def test_the_histogram_is_that_of_what_lies_beneath(qtbot, window, hands, scan):
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    counts = box.findChild(Histogram, "histogram")
    qtbot.waitUntil(lambda: counts.counts is not None)
    expected = [np.bincount(scan[..., channel].ravel() >> 8, minlength=256) for channel in range(3)]
    assert np.array_equal(counts.counts, expected)
    box.reject()


def test_a_curve_is_bent_by_mouse_and_keys(qtbot, window, hands, scan):
    box = opened(qtbot, window, hands, KEY.Key_M, "curves")
    curve = box.findChild(CurveEditor, "curve")
    QTest.mousePress(curve, LEFT, pos=curve.place_of((0.5, 0.5)).toPoint())
    QTest.mouseMove(curve, curve.place_of((0.4, 0.7)).toPoint())
    QTest.mouseRelease(curve, LEFT, pos=curve.place_of((0.4, 0.7)).toPoint())
    assert len(curve.curve.points) == 3 and abs(curve.point[0] - 0.4) < 0.01
    QTest.keyClick(curve, KEY.Key_Right, SHIFT)
    QTest.keyClick(curve, KEY.Key_Down)
    type_number(box, "curves-input", "102")
    type_number(box, "curves-output", "153")
    bent = PchipInterpolator([0, 0.4, 1], [0, 0.6, 1])
    expected = np.rint(bent(scan / 65535) * 65535)
    qtbot.waitUntil(lambda: near(seen_photo(window), expected))
    QTest.keyClick(curve, KEY.Key_Insert)
    assert len(curve.curve.points) == 4
    QTest.keyClick(curve, KEY.Key_Delete)
    QTest.mousePress(curve, LEFT, pos=curve.place_of((0.8, 0.3)).toPoint())
    QTest.mouseMove(curve, QPoint(-60, 100))  # thrown out
    QTest.mouseRelease(curve, LEFT, pos=QPoint(-60, 100))
    assert len(curve.curve.points) == 3
    box.accept()
    assert np.array_equal(composite(window), expected) and steps(window) == ["Curves"]
    action(window, "edit_adjustment").trigger()
    box = dialog(qtbot, window, "curves")
    curve = box.findChild(CurveEditor, "curve")
    QTest.mouseClick(curve, RIGHT, pos=curve.place_of((0.4, 0.6)).toPoint())
    box.accept()
    assert np.array_equal(composite(window), scan)


def test_a_faded_scan_is_unfaded_and_goes_out_at_16_bits_with_all_that_it_came_with(qtbot, window, hands, tmp_path):
    from PIL import ImageCms

    truth = np.ascontiguousarray(data.coffee()).astype(np.uint16) * 257
    low, high = np.array([0.22, 0.16, 0.12]), np.array([0.88, 0.8, 0.66])
    faded = np.rint((low + (high - low) * (truth / 65535)) * 65535).astype(np.uint16)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    metadata = Metadata(resolution=(1200.0, 1200.0))
    export_photo(Photo(faded, profile, metadata), faded, tmp_path / "scan.tif")
    open_and_wait(qtbot, window, tmp_path / "scan.tif")
    assert np.array_equal(composite(window), faded)
    hands.key(KEY.Key_U, CTRL)
    qtbot.waitUntil(lambda: bool(window.document.layers), timeout=20000)
    assert steps(window) == ["Unfade"] and window.document.layers[0].name == "Unfade 1"

    def error(pixels: np.ndarray) -> float:
        return float(np.mean((pixels.astype(float) - truth) ** 2))

    assert error(composite(window)) < error(faded) / 4
    # Exactly what the layer says, calculated anew.
    own = window.document.layers[0].adjustment
    expected = np.empty_like(faded)
    for channel, band in enumerate((own.red, own.green, own.blue)):
        values = np.clip((faded[..., channel] / 65535 - band.black) / (band.white - band.black), 0, 1)
        expected[..., channel] = np.rint((values ** (1 / band.gamma)) ** (1 / own.master.gamma) * 65535)
    assert own.master.black == 0 == own.master.low and own.master.white == 1 == own.master.high
    hands.key(KEY.Key_E, CTRL | SHIFT)
    box = dialog(qtbot, window, "export-dialog")
    name = box.findChild(QLineEdit, "export-path")
    name.selectAll()
    QTest.keyClicks(name, str(tmp_path / "out.tif"))
    press(box, "export-accept")
    qtbot.waitUntil(lambda: message(window) == f"Exported {tmp_path / 'out.tif'}", timeout=20000)
    open_and_wait(qtbot, window, tmp_path / "out.tif")
    photo = window.document.photo
    assert photo.pixels.dtype == np.uint16 and np.array_equal(photo.pixels, expected)
    assert photo.profile == profile and photo.metadata.resolution == (1200.0, 1200.0)


def test_a_project_opens_with_it_and_it_can_be_edited(qtbot, window, hands, scan, tmp_path):
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    type_number(box, "levels-black", "51")
    box.accept()
    before = composite(window)
    hands.key(KEY.Key_S, CTRL)
    choose_file(qtbot, window, "save-dialog", tmp_path / "p.ora")
    qtbot.waitUntil(lambda: (tmp_path / "p.ora").exists() and not window.isWindowModified(), timeout=20000)
    open_and_wait(qtbot, window, tmp_path / "p.ora")
    assert np.array_equal(composite(window), before)
    box = edit(qtbot, window)
    assert box.black.value() == 51
    type_number(box, "levels-black", "0")
    box.accept()
    assert np.array_equal(composite(window), scan)


def test_auto_measures_in_the_dialog(qtbot, window, hands):
    truth = np.ascontiguousarray(data.coffee()[50:350, 80:520])
    faded = np.rint(40 + truth * 0.6).astype(np.uint8)
    show(window, Photo(faded))
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    press(box, "levels-auto")
    qtbot.waitUntil(lambda: box.adjustment.red.black > 0.05, timeout=20000)
    box.accept()
    now = composite(window)
    assert np.mean((now.astype(float) - truth) ** 2) < np.mean((faded.astype(float) - truth) ** 2) / 4


def test_grey_photos_have_one_channel(qtbot, window, hands):
    pixels = a_picture(np.uint16, 1)
    show(window, Photo(pixels))
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    assert not box.channels.isVisible() and not box.picks["grey"].isVisible() and not box.sepia.isVisible()
    type_number(box, "levels-black", "51")
    press(box, "levels-clipping")
    box.accept()
    assert np.array_equal(composite(window), levels(pixels, 0.2))


@pytest.mark.parametrize("pixels", [np.full((300, 440, 3), 128, np.uint8), np.zeros((1, 1, 1), np.uint16), np.where(
    a_picture(channels=1) > 120, 255, 0).astype(np.uint8)], ids=["blank", "one pixel", "one bit"])
def test_where_there_is_nothing_to_bring_back_nothing_is_done(qtbot, window, hands, pixels):
    show(window, Photo(pixels))
    hands.key(KEY.Key_U, CTRL)
    qtbot.waitUntil(lambda: "no tone" in message(window), timeout=20000)
    assert not window.document.layers


def test_a_locked_layer_is_not_edited(qtbot, window, hands, scan):
    opened(qtbot, window, hands, KEY.Key_L, "levels").accept()
    layer_ops.set_locked(window.document, window.document.active, True)
    action(window, "edit_adjustment").trigger()
    assert "locked" in read_error(qtbot, window)


def test_the_dialog_goes_with_its_layer_its_document_and_when_something_else_is_tried(qtbot, window, hands, scan):
    def gone() -> bool:
        return not any(one.isVisible() for name in ("levels", "curves") for one in window.findChildren(QDialog, name))

    opened(qtbot, window, hands, KEY.Key_L, "levels").accept()
    action(window, "edit_adjustment").trigger()
    box = dialog(qtbot, window, "levels")
    type_number(box, "levels-black", "51")
    window.editing.undo()
    assert gone() and np.array_equal(composite(window), scan)
    opened(qtbot, window, hands, KEY.Key_L, "levels")
    box = opened(qtbot, window, hands, KEY.Key_M, "curves")
    assert not any(one.isVisible() for one in window.findChildren(QDialog, "levels"))
    action(window, "filter_local_contrast").trigger()
    filtering = dialog(qtbot, window, "filter-dialog")
    assert gone()
    opened(qtbot, window, hands, KEY.Key_L, "levels")
    assert not filtering.isVisible()
    show(window, Photo(a_picture()))
    assert gone() and near(seen_photo(window), a_picture().astype(np.uint16) * 257)


def test_one_is_tried_beneath_the_layers_above_it(qtbot, window, hands, scan):
    below, above = layer_ops.add_paint_layer(window.document), layer_ops.add_paint_layer(window.document)
    paint = np.full((40, 40, 4), (1000, 30000, 60000, 65535), np.uint16)
    for layer, left in ((below, 0), (above, 100)):
        with window.document.change("Paint") as change:
            change.edit(layer.id, Box(0, left, 40, left + 40), lambda part, old: paint)
    window.document.activate(below.id)
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    type_number(box, "levels-white", "204")
    expected = scan.copy()
    expected[:40, :40] = paint[..., :3]
    expected = levels(expected, white=0.8)
    expected[:40, 100:140] = paint[..., :3]
    qtbot.waitUntil(lambda: near(seen_photo(window), expected))
    box.accept()
    assert np.array_equal(composite(window), expected)
    assert [layer.adjustment is not None for layer in window.document.layers] == [False, True, False]


def test_cropped_meanwhile_it_ends(qtbot, window, hands, scan):
    box = opened(qtbot, window, hands, KEY.Key_L, "levels")
    action(window, "turn_left").trigger()
    qtbot.waitUntil(lambda: window.document.shape == (440, 300), timeout=20000)
    assert not box.isVisible() and np.array_equal(composite(window), np.rot90(scan))


