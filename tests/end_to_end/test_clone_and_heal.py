"""The clone stamp and the healing brush, with mouse and pen."""

import numpy as np
import pytest
from doing import (
    ALT,
    SHIFT,
    a_picture,
    action,
    another_window,
    composite,
    distance,
    message,
    seen,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from editor.document import layer_ops
from editor.document.photo import Photo

SHAPE = (300, 440)


def sample(window, choice: str) -> None:
    window.tools.current.set_options(sample=choice)


@pytest.fixture
def cloning(window, hands):
    """A photograph of 300 x 440 at 100 %, and a hard clone stamp of 40 pixels."""
    show(window, Photo(a_picture()))
    hands.key(Qt.Key.Key_K)
    set_brush(window, size=40, hardness=1.0, pressure_opacity=False)
    return window


def shifted(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """What lies ``rows`` below and ``columns`` to the right."""
    return np.roll(picture, (-rows, -columns), axis=(0, 1))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_stroke_copies_what_lies_at_the_sources_distance_bit_for_bit(window, hands, dtype, channels):
    picture = a_picture(dtype, channels)
    show(window, Photo(picture))
    hands.key(Qt.Key.Key_K)
    set_brush(window, size=40, hardness=1.0)
    hands.stroke((300, 220), modifiers=ALT)
    assert not steps(window), "choosing the source changes nothing"
    hands.stroke((100, 100), (160, 120))
    away = distance(SHAPE, (100, 100), (160, 120))
    now = composite(window)
    assert np.array_equal(now[away < 18], shifted(picture, 120, 200)[away < 18])
    assert np.array_equal(now[away > 22], picture[away > 22])
    assert steps(window) == ["Clone"] and [layer.name for layer in window.document.layers] == ["Paint 1"]
    window.document.undo()
    assert np.array_equal(composite(window), picture) and not window.document.layers


def test_aligned_strokes_keep_their_distance_and_others_begin_at_the_source_again(cloning, hands):
    picture = a_picture()
    hands.stroke((300, 100), modifiers=ALT)
    hands.stroke((100, 100))
    hands.stroke((100, 200))
    second = distance(SHAPE, (100, 200)) < 18
    assert np.array_equal(composite(cloning)[second], shifted(picture, 0, 200)[second])
    cloning.document.undo()
    cloning.tools.current.set_options(aligned=False)
    hands.stroke((100, 200))
    assert np.array_equal(composite(cloning)[second], shifted(picture, -100, 200)[second])


def test_it_copies_what_was_there_when_the_stroke_began(cloning, hands):
    """A source that runs into what the stroke has painted does not repeat it."""
    picture = a_picture()
    hands.stroke((150, 150), modifiers=ALT)
    hands.stroke((100, 150), (200, 150), (300, 150))
    inside = distance(SHAPE, (100, 150), (300, 150)) < 18
    assert np.array_equal(composite(cloning)[inside], shifted(picture, 0, 50)[inside])


def test_the_active_layer_alone_can_be_copied(cloning, hands):
    picture = a_picture()
    layer = layer_ops.add_paint_layer(cloning.document)
    with cloning.document.change("Paint") as change:
        change.edit(layer.id, cloning.document.base.bounds._replace(right=300, left=280),
                    lambda part, old: np.full(old.shape, 255, np.uint8))
    sample(cloning, "active layer")
    hands.stroke((290, 150), modifiers=ALT)
    hands.stroke((100, 150))
    now = composite(cloning)
    inside = distance(SHAPE, (100, 150)) < 18
    columns = np.indices(SHAPE)[1]
    stripe = inside & (columns >= 90) & (columns < 110)
    assert (now[stripe] == 255).all()
    assert np.array_equal(now[inside & ~stripe], picture[inside & ~stripe]), "transparency copies nothing"
    sample(cloning, "all layers")
    hands.stroke((100, 250))
    below = distance(SHAPE, (100, 250)) < 18
    clear = below & ~((columns >= 89) & (columns < 111))
    assert np.array_equal(composite(cloning)[clear], shifted(picture, 0, 190)[clear])


def test_without_a_source_it_says_how_to_choose_one(cloning, hands):
    hands.stroke((100, 100), (150, 100))
    assert "Alt+click" in message(cloning) and not steps(cloning)


def test_a_locked_or_hidden_layer_is_left_alone(cloning, hands):
    layer = layer_ops.add_paint_layer(cloning.document)
    hands.stroke((300, 100), modifiers=ALT)
    layer_ops.set_locked(cloning.document, layer.id, True)
    hands.stroke((100, 100))
    assert "locked" in message(cloning) and not cloning.document.surfaces[layer.id].keys()


def test_beyond_the_photographs_edge_there_is_nothing_to_copy(cloning, hands):
    picture = a_picture()
    hands.stroke((430, 150), modifiers=ALT)
    hands.stroke((100, 150), (200, 150), (500, 150))
    now = composite(cloning)
    away = distance(SHAPE, (100, 150), (500, 150))
    columns = np.indices(SHAPE)[1]
    assert np.array_equal(now[columns >= 110], picture[columns >= 110])
    inside = (away < 18) & (columns < 110)
    assert np.array_equal(now[inside], shifted(picture, 0, 330)[inside])


def test_the_crosshair_shows_the_source_and_follows_the_stroke(cloning, hands):
    hands.hover(200, 60)
    without = seen(cloning).copy()
    hands.stroke((300, 200), modifiers=ALT)
    hands.hover(200, 60)
    assert centre(cloning) == pytest.approx((300, 200), abs=1)
    assert (seen(cloning) == without).all(), "another tool shows no source"
    hands.hover(201, 60)
    hands.stroke((100, 100), (150, 110), release=False)
    assert centre(cloning) == pytest.approx((350, 210), abs=1.5)
    QTest.mouseRelease(cloning.canvas, Qt.MouseButton.LeftButton, pos=hands.at(150, 110))
    assert cloning.tools.overlay.isVisible()
    cloning.tools.choose("hand")
    assert not cloning.tools.overlay.isVisible()


def centre(window) -> tuple[float, float]:
    """Of the circle round the source."""
    points = window.tools.overlay.drawing.lines[0].points[:-1]
    return tuple(points.mean(axis=0))


def test_escape_undo_and_a_lost_window_in_mid_stroke(qtbot, cloning, hands):
    picture = a_picture()
    hands.stroke((300, 200), modifiers=ALT)
    hands.stroke((100, 100), (150, 110), release=False)
    hands.key(Qt.Key.Key_Escape)
    assert np.array_equal(composite(cloning), picture) and not steps(cloning)
    QTest.mouseRelease(cloning.canvas, Qt.MouseButton.LeftButton, pos=hands.at(150, 110))
    hands.key(Qt.Key.Key_K, SHIFT)
    set_brush(cloning, size=40, hardness=1.0)
    hands.stroke((300, 200), modifiers=ALT)
    hands.stroke((100, 100), (150, 110), release=False)
    with another_window(qtbot):
        pass
    assert steps(cloning) == ["Heal"], "what was painted is kept, and healed"
    hands.stroke((100, 200), (150, 210), release=False)
    cloning.tools.choose("hand")
    assert steps(cloning) == ["Heal", "Heal"]


def test_the_pen_copies_and_its_other_end_erases_the_copy(cloning, hands):
    picture = a_picture()
    hands.stroke((300, 200), modifiers=ALT)
    hands.pen((100, 100, 0.8), (150, 100, 0.8))
    assert steps(cloning) == ["Clone"] and not np.array_equal(composite(cloning), picture)
    hands.pen((80, 100, 1.0), (180, 100, 1.0), eraser=True)
    assert np.array_equal(composite(cloning), picture)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_healing_takes_the_texture_and_leaves_the_light(window, hands, dtype, channels):
    top = np.iinfo(dtype).max
    rows, columns = np.indices(SHAPE)
    light = 0.2 + 0.5 * columns / SHAPE[1]
    texture = 0.06 * np.sin(columns * 0.9) * np.sin(rows * 0.9)
    spot = distance(SHAPE, (100, 150)) < 12
    clean = np.rint((light + texture) * top)
    picture = np.repeat(np.where(spot, 0, clean)[..., None], channels, axis=2).astype(dtype)
    show(window, Photo(picture))
    hands.key(Qt.Key.Key_K, SHIFT)
    set_brush(window, size=50, hardness=1.0)
    hands.stroke((300, 150), modifiers=ALT)
    hands.stroke((100, 150), (103, 150), release=False)
    window.tools.current.move(window.document, window.canvas._last)
    QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, pos=hands.at(103, 150))
    now = composite(window)[..., 0] / top
    inside = distance(SHAPE, (100, 150), (103, 150)) < 22
    wanted = light + np.roll(texture, -200, axis=1)
    assert np.median(np.abs(now - wanted)[inside]) < 0.025
    assert np.abs(light - np.roll(light, -200, axis=1))[inside].min() > 0.15, "a copy would be far too bright"
    assert np.array_equal(composite(window)[~(distance(SHAPE, (100, 150), (103, 150)) < 27)],
                          picture[~(distance(SHAPE, (100, 150), (103, 150)) < 27)])
    assert steps(window) == ["Heal"]
    window.document.undo()
    assert np.array_equal(composite(window), picture)
    window.document.redo()
    assert np.array_equal(composite(window)[..., 0] / top, now)


def test_options_are_in_the_tool_bar_and_each_document_has_its_own_source(cloning, hands):
    assert hands.find("option-aligned").isVisible() and hands.find("option-sample").isVisible()
    hands.stroke((300, 200), modifiers=ALT)
    show(cloning, Photo(a_picture(shape=(200, 200))))
    hands.hover(50, 50)
    assert not cloning.tools.overlay.isVisible()
    hands.stroke((100, 100))
    assert "Alt+click" in message(cloning) and not steps(cloning)


def test_a_source_does_not_outlive_a_turn_nor_does_the_start_of_a_straight_line(cloning, hands):
    hands.stroke((300, 200), modifiers=ALT)
    hands.stroke((100, 100))
    action(cloning, "flip_horizontally").trigger()
    hands.hover(60, 60)
    assert not cloning.tools.overlay.isVisible()
    hands.stroke((100, 200))
    assert "Alt+click" in message(cloning)
    hands.stroke((300, 200), modifiers=ALT)
    before = composite(cloning)
    hands.stroke((100, 200), modifiers=SHIFT)
    changed = (composite(cloning) != before).any(axis=2)
    assert changed.any() and not changed[distance(SHAPE, (100, 200)) > 22].any(), "no line from where it ended before"
