"""The layers and history panels by mouse and keys, and long mixed sessions undone and redone."""

import numpy as np
import pytest
from doing import (
    ALT,
    CTRL,
    LEFT,
    NO_KEYS,
    SHIFT,
    a_picture,
    action,
    composite,
    fill_and_wait,
    mask_of,
    read_error,
    seen_photo,
    show,
    steps,
)
from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QListView, QSlider

from editor.app.panels import layer_list
from editor.document.document import MASK
from editor.document.photo import Photo

COLOURS = ((220, 30, 40), (30, 210, 60), (50, 60, 230))


@pytest.fixture
def stacked(window, hands):
    """Three overlapping strokes in three colours, each on a layer of its own; the lowest is “Paint 1”."""
    show(window, Photo(a_picture()))
    hands.key(Qt.Key.Key_N)
    window.tools.brush_tool.set_brush(size=60, hardness=1.0)
    for number, colour in enumerate(COLOURS):
        if number:
            hands.key(Qt.Key.Key_N, CTRL | SHIFT)
        window.tools.palette.choose(colour)
        hands.stroke((100 + 30 * number, 100), (220 + 30 * number, 200))
    assert names(window) == ["Paint 3", "Paint 2", "Paint 1", "Photograph"]
    return window


def rows(window) -> QListView:
    return window.findChild(QListView, "layer-list")


def names(window) -> list[str]:
    model = rows(window).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def row(window, number: int):
    return rows(window).visualRect(rows(window).model().index(number, 0))


def click(window, number: int, part=layer_list.name_rect) -> None:
    QTest.mouseClick(rows(window).viewport(), LEFT, NO_KEYS, part(row(window, number)).center())


def row_key(window, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
    """A key while the list has the focus and the mouse."""
    QApplication.sendEvent(window.canvas, QEvent(QEvent.Type.Leave))
    rows(window).setFocus()
    QTest.keyClick(rows(window), key, modifiers)


def over(*layers: int) -> np.ndarray:
    """The colour on top where all three strokes lie, by hand: the last of ``layers`` there are."""
    return np.array(COLOURS[layers[-1]])


ALL_THREE = (170, 215)  # row and column where all three strokes lie


def test_hiding_by_the_eye_and_by_space(stacked, hands):
    before = composite(stacked)
    click(stacked, 0, layer_list.eye_rect)
    assert (composite(stacked)[ALL_THREE] == over(0, 1)).all()
    click(stacked, 1)
    row_key(stacked, Qt.Key.Key_Space)
    assert (composite(stacked)[ALL_THREE] == over(0)).all()
    assert (seen_photo(stacked) == composite(stacked)).all(), "the canvas follows"
    for _ in range(2):
        hands.key(Qt.Key.Key_Z, CTRL)
    assert (composite(stacked) == before).all() and (seen_photo(stacked) == before).all()


def test_renaming_ends_with_enter_and_fills_nothing(qtbot, stacked, hands):
    hands.key(Qt.Key.Key_B)
    hands.stroke((300, 100), (330, 120))
    click(stacked, 1)
    row_key(stacked, Qt.Key.Key_F2)
    editor = rows(stacked).findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "Big bench, north")  # letters that are tools' keys, too
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows(stacked).findChild(QLineEdit) is None)
    assert names(stacked)[1] == "Big bench, north"
    assert not stacked.filling.busy and stacked.tools.current.name == "mask-brush"
    hands.key(Qt.Key.Key_Z, CTRL)
    assert names(stacked)[1] == "Paint 2"


def test_renaming_is_given_up_with_esc(qtbot, stacked):
    done = steps(stacked)
    click(stacked, 1)
    row_key(stacked, Qt.Key.Key_F2)
    editor = rows(stacked).findChild(QLineEdit)
    QTest.keyClicks(editor, "no")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: rows(stacked).findChild(QLineEdit) is None)
    assert names(stacked)[1] == "Paint 2" and steps(stacked) == done


def test_reordering_by_keys_changes_the_picture(stacked, hands):
    before = composite(stacked)
    click(stacked, 0)
    row_key(stacked, Qt.Key.Key_Down, ALT)
    assert names(stacked) == ["Paint 2", "Paint 3", "Paint 1", "Photograph"]
    assert (composite(stacked)[ALL_THREE] == over(0, 2, 1)).all()
    assert (seen_photo(stacked) == composite(stacked)).all()
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (composite(stacked) == before).all()


def test_reordering_by_dropping_a_row(stacked):
    # As the view does at a drop: there is no dragging without a screen.
    assert rows(stacked).model().moveRow(QModelIndex(), 2, QModelIndex(), 0)
    assert names(stacked) == ["Paint 1", "Paint 3", "Paint 2", "Photograph"]
    assert (composite(stacked)[ALL_THREE] == over(1, 2, 0)).all()
    assert (seen_photo(stacked) == composite(stacked)).all()


def test_opacity_and_blend_mode(stacked, hands):
    before = composite(stacked)
    click(stacked, 1, layer_list.eye_rect)
    click(stacked, 2, layer_list.eye_rect)
    click(stacked, 0)
    base, colour = a_picture()[ALL_THREE].astype(float), np.array(COLOURS[2], float)
    slider = hands.find("layer-opacity")
    assert isinstance(slider, QSlider)
    slider.setSliderDown(True)
    for percent in (80, 60, 40):
        slider.setValue(percent)
    slider.setSliderDown(False)
    assert np.abs(composite(stacked)[ALL_THREE] - (0.6 * base + 0.4 * colour)).max() <= 1
    assert (seen_photo(stacked) == composite(stacked)).all()
    mode: QComboBox = hands.find("blend-mode")
    QTest.keyClick(mode, Qt.Key.Key_Down)
    assert stacked.document.layers[2].mode == "svg:multiply"
    assert np.abs(composite(stacked)[ALL_THREE] - (0.6 * base + 0.4 * base * colour / 255)).max() <= 1
    assert (seen_photo(stacked) == composite(stacked)).all()
    assert steps(stacked)[-4:] == ["Hide layer", "Hide layer", "Layer opacity", "Blend mode Multiply"]
    for _ in range(4):
        hands.key(Qt.Key.Key_Z, CTRL)
    assert (composite(stacked) == before).all() and (seen_photo(stacked) == before).all()


@pytest.mark.parametrize("key", [(Qt.Key.Key_J, CTRL, 4), (Qt.Key.Key_E, CTRL, 2), (Qt.Key.Key_Delete, NO_KEYS, 2)],
                         ids=["duplicate", "merge down", "delete"])
def test_layers_by_keys_on_the_canvas(stacked, hands, key):
    before = composite(stacked)
    click(stacked, 1)
    stacked.canvas.setFocus()
    hands.key(*key[:2])
    assert len(stacked.document.layers) == key[2]
    if key[0] == Qt.Key.Key_Delete:
        assert (composite(stacked)[ALL_THREE] == over(0, 2)).all()
        assert names(stacked) == ["Paint 3", "Paint 1", "Photograph"]
    else:
        assert (composite(stacked)[ALL_THREE] == over(0, 1, 2)).all()
    assert (seen_photo(stacked) == composite(stacked)).all()
    hands.key(Qt.Key.Key_Z, CTRL)
    assert names(stacked) == ["Paint 3", "Paint 2", "Paint 1", "Photograph"]
    assert (composite(stacked) == before).all()


def test_flatten_leaves_the_picture_unchanged(stacked, hands):
    from editor.document import layer_ops

    layer_ops.set_mode(stacked.document, stacked.document.layers[1].id, "svg:overlay")
    layer_ops.set_opacity(stacked.document, stacked.document.layers[2].id, 0.37)
    before = composite(stacked)
    action(stacked, "flatten").trigger()
    assert names(stacked) == ["Flattened", "Photograph"]
    assert (composite(stacked) == before).all() and (seen_photo(stacked) == before).all()
    hands.key(Qt.Key.Key_Z, CTRL)
    assert len(names(stacked)) == 4 and (composite(stacked) == before).all()


def test_what_cannot_be_flattened_is_said(qtbot, stacked, hands):
    from editor.document import layer_ops

    layer_ops.set_mode(stacked.document, stacked.document.layers[0].id, "svg:dst-in")
    action(stacked, "flatten").trigger()
    assert "flattened" in read_error(qtbot, stacked)
    assert len(stacked.document.layers) == 3


def test_the_lowest_layer_is_never_merged_into_the_photograph(stacked, hands):
    click(stacked, 2)
    assert not action(stacked, "merge_down").isEnabled()
    done = steps(stacked)
    hands.key(Qt.Key.Key_E, CTRL)
    assert steps(stacked) == done


def test_the_history_panel_steps_back_and_forth(stacked, hands):
    view: QListView = stacked.history.list
    states = []
    for position in range(len(stacked.document.history.commands) + 1):
        QTest.mouseClick(view.viewport(), LEFT, NO_KEYS, view.visualRect(view.model().index(position, 0)).center())
        assert stacked.document.history.position == position
        states.append(composite(stacked))
    assert (states[0] == a_picture()).all()
    view.setFocus()
    for position in reversed(range(len(states) - 1)):
        QTest.keyClick(view, Qt.Key.Key_Up)
        assert stacked.document.history.position == position
        assert (composite(stacked) == states[position]).all() and (seen_photo(stacked) == states[position]).all()
    view.scrollToBottom()
    last = view.model().index(len(states) - 1, 0)
    QTest.mouseClick(view.viewport(), LEFT, NO_KEYS, view.visualRect(last).center())
    assert (composite(stacked) == states[-1]).all()


def test_reopening_a_fill_from_the_layers_menu(qtbot, window, hands):
    show(window, Photo(a_picture()))
    window.engine_options.set_choice("telea", {}, 1)
    hands.stroke((200, 120), (220, 130))
    mask = mask_of(window)
    fill_and_wait(qtbot, window, hands)
    window.layers.actions_by_name["reopen"].trigger()
    assert (mask_of(window) == mask).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_long_mixed_session_undone_and_redone_is_bit_exact(qtbot, window, hands, dtype):
    """Every state on the way is compared, both ways, with the canvas looked at too."""
    show(window, Photo(a_picture(dtype)))
    document = window.document
    document.history.budget = 200_000  # so that most of it is spilled to the session folder
    window.engine_options.set_choice("telea", {}, 1)
    rng = np.random.default_rng(3)

    def scribble(count: int = 3) -> None:
        hands.stroke(*((float(x), float(y)) for x, y in zip(rng.integers(20, 420, count), rng.integers(20, 280, count),
                                                           strict=True)))

    def state() -> tuple:
        everything = [composite(window), mask_of(window)]
        everything += [document.surfaces[layer.id].read(document.base.bounds) for layer in document.layers]
        return document.layers, [pixels.tobytes() for pixels in everything]

    def paint_layer() -> None:
        hands.key(Qt.Key.Key_N)
        window.tools.palette.choose(tuple(int(v) for v in rng.integers(0, 256, 3)))
        scribble()

    doings = [
        scribble, lambda: hands.key(Qt.Key.Key_I, CTRL), lambda: hands.key(Qt.Key.Key_D, CTRL), scribble,
        lambda: fill_and_wait(qtbot, window, hands), paint_layer, lambda: hands.key(Qt.Key.Key_J, CTRL), paint_layer,
        lambda: (hands.key(Qt.Key.Key_N, SHIFT), scribble()), lambda: row_key(window, Qt.Key.Key_Space),
        lambda: row_key(window, Qt.Key.Key_Down, ALT),
        lambda: QTest.keyClick(hands.find("blend-mode"), Qt.Key.Key_Down),
        lambda: row_key(window, Qt.Key.Key_Space), lambda: hands.key(Qt.Key.Key_N, CTRL | SHIFT), paint_layer,
        lambda: hands.key(Qt.Key.Key_E, CTRL), lambda: (hands.key(Qt.Key.Key_B), scribble()),
        lambda: (hands.key(Qt.Key.Key_E), scribble()), lambda: hands.key(Qt.Key.Key_Delete), paint_layer,
        lambda: action(window, "flatten").trigger(), paint_layer,
    ]
    states = {0: state()}
    for doing in doings:
        before = document.history.position
        doing()
        assert document.history.position > before, f"{doings.index(doing)} did nothing"
        states[document.history.position] = state()
    last = document.history.position
    assert any(command.spilled for command in document.history.commands)
    for _ in range(2):
        while document.history.position:
            hands.key(Qt.Key.Key_Z, CTRL)
            assert document.history.position not in states or state() == states[document.history.position]
        assert (composite(window) == a_picture(dtype)).all()
        while document.history.position < last:
            hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
            assert document.history.position not in states or state() == states[document.history.position]
    if dtype == np.uint8:
        window.canvas.show_plane(MASK, False)
        assert (seen_photo(window) == composite(window)).all()
