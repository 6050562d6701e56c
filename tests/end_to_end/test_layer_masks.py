"""Layer masks in the window: made, chosen, painted on, done without, applied."""

import numpy as np
import pytest
from doing import (
    ALT,
    CTRL,
    LEFT,
    SHIFT,
    a_picture,
    action,
    composite,
    distance,
    message,
    read_error,
    seen_photo,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from editor.app.panels.layer_list import mask_rect, thumbnail_rect
from editor.app.panels.layer_model import MASK_THUMBNAIL
from editor.document import layer_ops
from editor.document.layers import mask_name
from editor.document.photo import Photo

SHAPE = (300, 440)


@pytest.fixture
def masking(window, hands):
    """A photograph of 300 x 440 at 100 % and over it a layer that is white all over; the eraser is chosen."""
    show(window, Photo(a_picture()))
    layer = layer_ops.add_paint_layer(window.document)
    with window.document.change("Paint") as change:
        change.edit(layer.id, window.document.base.bounds, lambda part, old: np.full(old.shape, 255, np.uint8))
    for tool in ("paint-brush", "eraser"):
        window.tools.choose(tool)
        set_brush(window, size=40, hardness=1.0, pressure_opacity=False)
    return window


def click(window, rect) -> None:
    """The thumbnail of the top layer, or that of its mask."""
    view = window.layers.list
    row = view.visualRect(view.model().index(0))
    QTest.mouseClick(view.viewport(), LEFT, pos=rect(row).center())


def test_the_eraser_hides_and_the_brush_shows_again_and_the_layer_keeps_its_pixels(masking, hands):
    picture, layer = a_picture(), masking.document.layers[0]
    action(masking, "add_layer_mask").trigger()
    assert masking.document.painted_mask == mask_name(layer.id) and not action(masking, "add_layer_mask").isEnabled()
    hands.stroke((100, 100), (200, 100))
    away = distance(SHAPE, (100, 100), (200, 100))
    now = composite(masking)
    assert np.array_equal(now[away < 18], picture[away < 18]) and (now[away > 22] == 255).all()
    assert np.array_equal(seen_photo(masking)[away < 18], picture[away < 18]), "the canvas follows"
    hands.key(Qt.Key.Key_N)
    hands.stroke((150, 100))
    back = distance(SHAPE, (150, 100)) < 18
    assert (composite(masking)[back] == 255).all()
    assert (masking.document.surfaces[layer.id].read(masking.document.base.bounds) == 255).all()
    assert steps(masking)[-3:] == ["Add layer mask", "Hide with layer mask", "Show with layer mask"]
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (composite(masking) == 255).all()
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert np.array_equal(composite(masking), now)


def test_a_soft_stroke_hides_in_part(masking, hands):
    action(masking, "add_layer_mask").trigger()
    set_brush(masking, opacity=0.5)
    hands.stroke((100, 100), (200, 100))
    inside = distance(SHAPE, (100, 100), (200, 100)) < 18
    expected = 255 * 0.5 + a_picture()[inside] * 0.5
    assert np.abs(composite(masking)[inside] - expected).max() <= 1.01


def test_thumbnails_choose_what_is_painted_on(masking, hands):
    layer = masking.document.layers[0]
    action(masking, "add_layer_mask").trigger()
    click(masking, thumbnail_rect)
    assert masking.document.painted_mask is None
    hands.stroke((100, 100))
    inside = distance(SHAPE, (100, 100)) < 18
    assert not masking.document.surfaces[layer.id].read(masking.document.base.bounds)[inside].any(), "really erased"
    click(masking, mask_rect)
    assert masking.document.painted_mask == mask_name(layer.id)
    hands.stroke((300, 200))
    assert masking.document.surfaces[mask_name(layer.id)].keys()
    assert masking.document.active == layer.id and steps(masking)[-2:] == ["Erase", "Hide with layer mask"]


def test_the_masks_thumbnail_follows_what_is_painted(qtbot, masking, hands):
    action(masking, "add_layer_mask").trigger()
    set_brush(masking, size=300)
    hands.stroke((220, 150))

    def middle() -> int:
        image = masking.layers.list.model().index(0).data(MASK_THUMBNAIL)
        return image.pixelColor(image.width() // 2, image.height() // 2).red() if not image.isNull() else 255

    qtbot.waitUntil(lambda: middle() < 20, timeout=5000)


def test_from_the_mask_inverted_done_without_applied_deleted(masking, hands):
    picture, document = a_picture(), masking.document
    assert not action(masking, "layer_mask_from_mask").isEnabled()
    hands.key(Qt.Key.Key_B)
    set_brush(masking, size=60, hardness=1.0)
    hands.stroke((150, 150))
    action(masking, "layer_mask_from_mask").trigger()
    away = distance(SHAPE, (150, 150))
    assert (composite(masking)[away < 28] == 255).all()
    assert np.array_equal(composite(masking)[away > 32], picture[away > 32])
    action(masking, "invert_layer_mask").trigger()
    assert np.array_equal(composite(masking)[away < 28], picture[away < 28])
    action(masking, "toggle_layer_mask").trigger()
    assert (composite(masking) == 255).all()
    assert (seen_photo(masking)[away > 40] == 255).all()
    action(masking, "toggle_layer_mask").trigger()
    masked = composite(masking)
    action(masking, "apply_layer_mask").trigger()
    assert np.abs(composite(masking).astype(int) - masked).max() <= 1 and not document.layers[0].masked
    assert not action(masking, "invert_layer_mask").isEnabled()
    hands.key(Qt.Key.Key_Z, CTRL)
    action(masking, "delete_layer_mask").trigger()
    assert (composite(masking) == 255).all()


def test_a_locked_layer_keeps_its_mask(qtbot, masking, hands):
    action(masking, "add_layer_mask").trigger()
    layer_ops.set_locked(masking.document, masking.document.layers[0].id, True)
    hands.stroke((100, 100))
    assert "locked" in message(masking) and steps(masking)[-1] == "Lock layer"
    action(masking, "delete_layer_mask").trigger()
    assert "locked" in read_error(qtbot, masking) and masking.document.layers[0].masked
    action(masking, "delete_layer").trigger()
    assert "locked" in read_error(qtbot, masking) and masking.document.layers


def test_nothing_is_cloned_onto_a_mask(masking, hands):
    action(masking, "add_layer_mask").trigger()
    hands.key(Qt.Key.Key_K)
    hands.stroke((300, 200), modifiers=ALT)
    hands.stroke((100, 100))
    assert "mask" in message(masking) and steps(masking)[-1] == "Add layer mask"


def test_the_pens_other_end_hides(masking, hands):
    action(masking, "add_layer_mask").trigger()
    hands.key(Qt.Key.Key_N)
    hands.pen((100, 100, 1.0), (150, 100, 1.0), eraser=True)
    inside = distance(SHAPE, (100, 100), (150, 100)) < 15
    assert np.array_equal(composite(masking)[inside], a_picture()[inside])


def test_escape_in_mid_stroke_takes_it_back(masking, hands):
    action(masking, "add_layer_mask").trigger()
    hands.stroke((100, 100), (150, 100), release=False)
    hands.key(Qt.Key.Key_Escape)
    assert (composite(masking) == 255).all() and steps(masking)[-1] == "Add layer mask"
