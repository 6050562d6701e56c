"""Lines and colours taken from pictures: the photo's own edges, and those of another that is laid over it."""

import cv2
import numpy as np
import pytest
from doing import (
    ALT,
    CTRL,
    LEFT,
    SHIFT,
    a_picture,
    action,
    choose_file,
    dialog,
    mask_of,
    message,
    press,
    read_error,
    seen_photo,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDialog, QPushButton, QSlider

from editor.app.file_controller import OpenFile
from editor.document.document import COLOUR, SKETCH, Document
from editor.document.photo import Photo
from editor.engines.networks import framing
from editor.errors import UserError
from editor.raster.frame import Frame

KEY = Qt.Key


def plain(shape: tuple[int, int] = (300, 440)) -> np.ndarray:
    """A photograph with a bright disc of 60 pixels about (200, 150), and a square at its left."""
    picture = np.full((*shape, 3), 60, np.uint8)
    cv2.circle(picture, (200, 150), 60, (220, 210, 200), -1)
    cv2.rectangle(picture, (20, 110), (80, 190), (200, 120, 60), -1)
    picture.flags.writeable = False
    return picture


@pytest.fixture
def masked(window, hands):
    """That photograph, with a hole of 160 x 160 about (200, 150)."""
    show(window, Photo(plain()))
    set_brush(window, size=160, hardness=1.0)
    hands.stroke((200, 150))
    return window


def sketch_of(window) -> np.ndarray:
    surface = window.document.surfaces[SKETCH]
    return surface.read(surface.bounds)[..., 0]


def colour_of(window) -> np.ndarray:
    surface = window.document.surfaces[COLOUR]
    return surface.read(surface.bounds)


def is_ready(box: QDialog) -> bool:
    return box.findChild(QPushButton, "take-lines").isEnabled()


def circle(window) -> tuple[float, float, float]:
    """Middle and radius of the lines that are drawn."""
    rows, columns = np.nonzero(sketch_of(window) > 127)
    assert rows.size
    middle = (columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2
    return *middle, float(np.median(np.hypot(columns + 0.5 - middle[0], rows + 0.5 - middle[1])))


# The photo's own

def tracing(qtbot, window, hands) -> QDialog:
    hands.key(KEY.Key_P, SHIFT)
    box = dialog(qtbot, window, "trace-edges-dialog")
    qtbot.waitUntil(lambda: is_ready(box), timeout=20000)
    return box


def test_the_photos_own_edges_come_into_the_mask_as_lines_of_the_pen(qtbot, masked, hands):
    box = tracing(qtbot, masked, hands)
    assert circle(masked) == pytest.approx((200, 150, 60), abs=2)
    assert not sketch_of(masked)[:, :110].any(), "in the mask only"
    press(box, "take-lines")
    assert steps(masked) == ["Paint mask", "Trace edges"]
    assert 2 <= (sketch_of(masked)[150, 130:150] > 0).sum() <= 4, "as wide as the pen's"
    hands.key(KEY.Key_X)
    set_brush(masked, size=30)
    hands.stroke((140, 150))
    assert not sketch_of(masked)[150, 130:150].any(), "and are changed as drawn ones are"
    hands.key(KEY.Key_Z, CTRL)
    hands.key(KEY.Key_Z, CTRL)
    assert not sketch_of(masked).any()


def test_they_are_traced_in_all_that_is_in_view_where_that_is_wanted(qtbot, masked, hands):
    box = tracing(qtbot, masked, hands)
    place = box.findChild(QComboBox, "edge-place")
    place.setCurrentIndex(1)
    qtbot.waitUntil(lambda: sketch_of(masked)[:, :110].any() and is_ready(box), timeout=20000)
    place.setCurrentIndex(0)
    qtbot.waitUntil(lambda: not sketch_of(masked)[:, :110].any() and is_ready(box), timeout=20000)
    assert (sketch_of(masked)[mask_of(masked) == 0] == 0).all()
    QTest.keyClick(box, KEY.Key_Escape)
    assert not sketch_of(masked).any() and steps(masked) == ["Paint mask"]


def test_without_a_mask_they_are_traced_in_what_is_in_view(qtbot, window, hands):
    show(window, Photo(plain()))
    window.canvas.set_view(window.canvas.view.zoomed(8.0, *window.canvas.view.to_device(50, 150)))
    seen = window.canvas.view.photo_box()
    box = tracing(qtbot, window, hands)
    assert box.findChild(QComboBox, "edge-place").count() == 1
    press(box, "take-lines")
    lines = sketch_of(window)
    assert lines[:, 15:85].any()
    lines[seen.slices] = 0
    assert not lines.any()


def test_sliders_change_what_is_traced_at_once(qtbot, window, hands):
    noise = np.random.default_rng(1).integers(0, 255, (30, 40, 3), np.uint8)
    picture = cv2.resize(noise, (160, 120), interpolation=cv2.INTER_CUBIC)
    picture.flags.writeable = False
    show(window, Photo(picture))
    box = tracing(qtbot, window, hands)
    for name, low, high in (("edge-smoothing", 10, 60), ("edge-threshold", -20, 25)):
        slider, amounts = box.findChild(QSlider, name), []
        before = slider.value()
        for value in (low, high):
            slider.setValue(value)
            qtbot.waitUntil(lambda: is_ready(box), timeout=20000)
            amounts.append((sketch_of(window) > 127).sum())
        slider.setValue(before)
        assert amounts[0] > 2 * amounts[1]
    QTest.keyClick(box, KEY.Key_Escape)
    assert not sketch_of(window).any()


def test_lines_that_were_drawn_stay_beside_those_that_are_traced(qtbot, masked, hands):
    hands.key(KEY.Key_P)
    hands.stroke((150, 100), (250, 100))
    drawn = sketch_of(masked)
    press(tracing(qtbot, masked, hands), "take-lines")
    assert (sketch_of(masked) >= drawn).all() and (sketch_of(masked) > drawn).any()


# Another picture's

@pytest.fixture(autouse=True)
def no_weights_to_find_faces_with(monkeypatch):
    def none() -> None:
        raise UserError("there are no weights")

    monkeypatch.setattr(framing, "locator", none)


@pytest.fixture
def disc(tmp_path):
    """Another picture, square, with a bright disc in its middle that is half as wide."""
    picture = np.full((400, 400, 3), 60, np.uint8)
    cv2.circle(picture, (200, 200), 100, (40, 200, 230), -1)
    cv2.imwrite(str(tmp_path / "disc.png"), picture)
    return tmp_path / "disc.png"


def lay(qtbot, window, hands, path) -> QDialog:
    hands.key(KEY.Key_P, CTRL | ALT)
    choose_file(qtbot, window, "edges-dialog", path)
    box = dialog(qtbot, window, "picture-edges")
    qtbot.waitUntil(lambda: is_ready(box), timeout=20000)
    window.activateWindow()
    window.canvas.setFocus()
    return box


def is_gone(window) -> bool:
    return not [one for one in window.findChildren(QDialog, "picture-edges") if one.isVisible()]


def test_it_lies_over_the_mask_and_its_edges_are_shown_at_once(qtbot, masked, hands, disc):
    box = lay(qtbot, masked, hands, disc)
    assert circle(masked) == pytest.approx((200, 150, 40), abs=2), "as large as the mask"
    mixed = still(masked)[150, 200].astype(int)  # over the mask's red, half the picture, half the photograph
    box.findChild(QSlider, "edge-opacity").setValue(100)
    QTest.qWait(1)
    assert np.abs(still(masked)[150, 200].astype(int) - (230, 200, 40)).max() < 3
    assert np.abs(mixed - (230, 200, 40)).max() > 20


def still(window) -> np.ndarray:
    """What is seen of the photograph, without another tool, which would take the picture away."""
    from editor.app.pixels import array_of

    view = window.canvas.view
    return array_of(window.canvas.grab().toImage())[int(view.top):, int(view.left):, :3]


def test_enter_takes_the_lines_in_one_step(qtbot, masked, hands, disc):
    lay(qtbot, masked, hands, disc)
    hands.key(KEY.Key_Return)
    qtbot.waitUntil(lambda: is_gone(masked))
    assert steps(masked) == ["Paint mask", "Edges from picture"] and not masked.filling.busy
    assert circle(masked) == pytest.approx((200, 150, 40), abs=2) and not colour_of(masked).any()
    assert masked.tools.current.name == "mask-brush"
    hands.key(KEY.Key_Z, CTRL)
    assert not sketch_of(masked).any()


def test_esc_leaves_everything_as_it_was(qtbot, masked, hands, disc):
    before = seen_photo(masked)
    lay(qtbot, masked, hands, disc)
    hands.key(KEY.Key_Escape)
    qtbot.waitUntil(lambda: is_gone(masked))
    assert steps(masked) == ["Paint mask"] and not sketch_of(masked).any()
    assert masked.tools.current.name == "mask-brush" and (seen_photo(masked) == before).all()


def lines_settle(qtbot, window, box, wanted: tuple[float, float, float]) -> None:
    qtbot.waitUntil(lambda: is_ready(box), timeout=20000)
    assert circle(window) == pytest.approx(wanted, abs=2.5)


def test_it_is_dragged_scaled_by_a_corner_and_put_back_by_undo(qtbot, masked, hands, disc):
    box = lay(qtbot, masked, hands, disc)
    hands.stroke((200, 150), (210, 160), (220, 155))
    lines_settle(qtbot, masked, box, (220, 155, 40))
    # It is 160 wide: its lower right corner is taken to half the way to the upper left one, which stays.
    hands.stroke((300, 235), (260, 195), (220, 155))
    lines_settle(qtbot, masked, box, (180, 115, 20))
    hands.key(KEY.Key_Z, CTRL)
    lines_settle(qtbot, masked, box, (220, 155, 40))
    hands.key(KEY.Key_Z, CTRL)
    lines_settle(qtbot, masked, box, (200, 150, 40))
    drag_holding(hands, ALT, (280, 230), (250, 200), (240, 190), (240, 190))
    lines_settle(qtbot, masked, box, (200, 150, 20))
    assert steps(masked) == ["Paint mask"]
    hands.key(KEY.Key_Escape)


def test_keys_move_scale_and_turn_it(qtbot, masked, hands, disc):
    box = lay(qtbot, masked, hands, disc)
    placing = masked.tools.current
    for key, modifiers, wanted in ((KEY.Key_Right, SHIFT, (150, 210)), (KEY.Key_Down, SHIFT, (160, 210)),
                                   (KEY.Key_Left, Qt.KeyboardModifier.NoModifier, (160, 209)),
                                   (KEY.Key_Up, Qt.KeyboardModifier.NoModifier, (159, 209))):
        hands.key(key, modifiers)
        assert placing.placement.centre == wanted
    hands.key(KEY.Key_PageDown, SHIFT)
    lines_settle(qtbot, masked, box, (209, 159, 40 / 1.1))
    hands.key(KEY.Key_End, SHIFT)
    hands.key(KEY.Key_Home)
    assert placing.placement.angle == 14
    hands.key(KEY.Key_Return)
    qtbot.waitUntil(lambda: is_gone(masked))  # once the lines are those of where it lies now
    assert steps(masked) == ["Paint mask", "Edges from picture"]


def drag_holding(hands, modifiers: Qt.KeyboardModifier, *points: tuple[float, float]) -> None:
    """A drag whose every event knows of the keys that are held; QTest's moves do not."""
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (len(points) - 2), QEvent.Type.MouseButtonRelease]
    for kind, point in zip(kinds, points, strict=True):
        place = QPointF(hands.at(*point))
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else LEFT
        QApplication.sendEvent(hands.canvas, QMouseEvent(
            kind, place, hands.canvas.mapToGlobal(place), Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove
            else LEFT, held, modifiers))


def test_beside_it_and_at_its_knob_it_is_turned(qtbot, masked, hands, disc):
    lay(qtbot, masked, hands, disc)
    placing = masked.tools.current
    hands.stroke((200, 150 - 80 - 24), (330, 150))
    assert placing.placement.angle == pytest.approx(90, abs=1)
    hands.stroke((320, 150), (200, 270))
    assert placing.placement.angle == pytest.approx(180, abs=1)
    drag_holding(hands, SHIFT, (320, 150), (330, 170), (330, 190), (330, 190))
    assert placing.placement.angle % 15 == 0 and placing.placement.angle != 180
    hands.stroke((200, 150), (230, 150), release=False)
    hands.key(KEY.Key_Escape)
    assert placing.placement.centre == (150, 200), "the drag is given up, and nothing else"
    hands.stroke((600, 600))
    hands.key(KEY.Key_Escape)
    assert is_gone(masked)


def test_its_colours_come_too_where_they_are_wanted(qtbot, masked, hands, disc):
    box = lay(qtbot, masked, hands, disc)
    box.findChild(QCheckBox, "edge-colours").click()
    qtbot.waitUntil(lambda: is_ready(box), timeout=20000)
    colours = colour_of(masked)
    assert np.abs(colours[150, 200, :3].astype(int) - (230, 200, 40)).max() < 10 and colours[150, 200, 3] == 255
    assert not colours[mask_of(masked) == 0].any()
    box.findChild(QCheckBox, "edge-colours").click()
    qtbot.waitUntil(lambda: is_ready(box), timeout=20000)
    assert not colour_of(masked).any()
    box.findChild(QCheckBox, "edge-colours").click()
    qtbot.waitUntil(lambda: is_ready(box), timeout=20000)
    press(box, "take-lines")
    assert colour_of(masked).any() and steps(masked) == ["Paint mask", "Edges from picture"]
    hands.key(KEY.Key_Z, CTRL)
    assert not colour_of(masked).any() and not sketch_of(masked).any()


def test_another_take_of_the_photograph_lies_over_all_of_it(qtbot, masked, hands, tmp_path):
    larger = cv2.resize(plain(), (880, 600), interpolation=cv2.INTER_NEAREST)
    cv2.imwrite(str(tmp_path / "take.png"), larger[..., ::-1])
    box = lay(qtbot, masked, hands, tmp_path / "take.png")
    assert circle(masked) == pytest.approx((200, 150, 60), abs=2)
    place = box.findChild(QComboBox, "edge-place")
    place.setCurrentIndex(place.findText("The mask"))
    place.activated.emit(place.currentIndex())
    qtbot.waitUntil(lambda: masked.tools.current.placement.scale < 0.4)
    hands.key(KEY.Key_Escape)


def test_a_face_is_laid_over_the_face(qtbot, masked, hands, disc, monkeypatch):
    monkeypatch.setattr(framing, "propose_frame", lambda *given, **more: Frame((150.0, 200.0), 100.0))
    monkeypatch.setattr(framing, "find_face", lambda *given, **more: Frame((200.0, 200.0), 200.0))
    box = lay(qtbot, masked, hands, disc)
    place = box.findChild(QComboBox, "edge-place")
    qtbot.waitUntil(lambda: place.currentText() == "The face", timeout=20000)
    assert "face has been laid" in message(masked)
    lines_settle(qtbot, masked, box, (200, 150, 50))
    hands.key(KEY.Key_Escape)


def test_another_tool_takes_the_lines_and_goes_on(qtbot, masked, hands, disc):
    lay(qtbot, masked, hands, disc)
    hands.key(KEY.Key_P)
    assert is_gone(masked) and masked.tools.current.name == "sketch-pen"
    assert steps(masked) == ["Paint mask", "Edges from picture"]
    hands.stroke((150, 150), (250, 150))
    assert steps(masked)[-1] == "Draw sketch"


def test_whatever_else_is_done_to_the_document_ends_it(qtbot, masked, hands, disc):
    lay(qtbot, masked, hands, disc)
    action(masked, "add_layer").trigger()
    qtbot.waitUntil(lambda: is_gone(masked))
    assert masked.tools.current.name == "mask-brush" and not masked.document.changing


def test_another_document_ends_it_and_the_lines_are_kept(qtbot, masked, hands, disc):
    document, other = masked.document, Document(Photo(a_picture()))
    lay(qtbot, masked, hands, disc)
    masked.files.controller.opened.emit(OpenFile(other, "other.png"), False)
    assert masked.document is document and not is_gone(masked), "it opens behind what is under way"
    hands.key(KEY.Key_Tab, CTRL)
    assert masked.document is other and is_gone(masked) and masked.tools.current.name == "mask-brush"
    assert not document.changing and not other.changing and document.surfaces[SKETCH].keys()
    assert [command.name for command in document.history.commands] == ["Paint mask", "Edges from picture"]


def test_a_second_picture_takes_the_place_of_the_first(qtbot, masked, hands, disc, tmp_path):
    lay(qtbot, masked, hands, disc)
    cv2.imwrite(str(tmp_path / "plain.png"), np.full((50, 50, 3), 90, np.uint8))
    lay(qtbot, masked, hands, tmp_path / "plain.png")
    qtbot.waitUntil(lambda: not sketch_of(masked).any(), timeout=20000)
    assert len([one for one in masked.findChildren(QDialog, "picture-edges") if one.isVisible()]) == 1
    assert steps(masked) == ["Paint mask"], "nothing of the first is left"
    hands.key(KEY.Key_Escape)
    assert is_gone(masked) and steps(masked) == ["Paint mask"]


def test_a_file_that_is_no_picture_is_told(qtbot, masked, tmp_path):
    (tmp_path / "words.png").write_text("no picture")
    action(masked, "edges_from_picture").trigger()
    choose_file(qtbot, masked, "edges-dialog", tmp_path / "words.png")
    assert "words.png" in read_error(qtbot, masked)
    assert steps(masked) == ["Paint mask"] and not masked.document.changing


def test_a_picture_of_one_pixel_has_no_edges(qtbot, masked, hands, tmp_path):
    cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((1, 1, 3), np.uint8))
    lay(qtbot, masked, hands, tmp_path / "dot.png")
    assert not sketch_of(masked).any()
    hands.key(KEY.Key_Escape)
    assert is_gone(masked)
