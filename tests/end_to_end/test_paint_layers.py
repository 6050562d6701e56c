"""Painting on layers, and colours picked from the picture."""


import numpy as np
import pytest
from doing import (
    ALT,
    CTRL,
    SHIFT,
    a_picture,
    composite,
    distance,
    mask_of,
    message,
    seen_photo,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import Qt
from PySide6.QtGui import QColorSpace, QRgba64

from editor.document import layer_ops
from editor.document.photo import Photo


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("opacity", [1.0, 0.4])
def test_painting_on_the_photograph_makes_a_layer(window, hands, dtype, opacity):
    picture = a_picture(dtype)
    show(window, Photo(picture))
    hands.key(Qt.Key.Key_N)
    set_brush(window, size=30, hardness=1.0, opacity=opacity, pressure_opacity=False)
    window.tools.palette.choose((250, 20, 128))
    hands.stroke((100, 100), (200, 100))
    full = np.iinfo(dtype).max
    colour = np.array([250, 20, 128]) * (full // 255)
    share = opacity * (distance((300, 440), (100, 100), (200, 100)) < 14)[..., None]
    away = distance((300, 440), (100, 100), (200, 100))
    clear = np.abs(away - 15) > 1
    expected = picture * (1 - share) + colour * share
    # Alpha is kept at the photograph's depth: its rounding is the only difference there may be.
    assert np.abs(composite(window)[clear] - expected[clear]).max() <= (1 if opacity < 1 else 0.5)
    assert composite(window).dtype == dtype
    assert [layer.name for layer in window.document.layers] == ["Paint 1"]
    assert (window.document.base.read(window.document.base.bounds) == picture).all()
    hands.stroke((100, 200), (200, 200))
    assert len(window.document.layers) == 1, "and the next stroke goes on there"
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.key(Qt.Key.Key_Z, CTRL)
    assert not window.document.layers and (composite(window) == picture).all()


def test_the_eraser_brings_the_photograph_back(painting, hands):
    hands.key(Qt.Key.Key_N)
    set_brush(painting, size=40, hardness=1.0)
    hands.stroke((100, 100), (200, 100))
    hands.key(Qt.Key.Key_N, SHIFT)
    set_brush(painting, size=20, hardness=1.0)
    hands.stroke((100, 100), (200, 100))
    away = distance((300, 440), (100, 100), (200, 100))
    now = composite(painting)
    assert (now[away < 9] == a_picture()[away < 9]).all()
    assert (now[(away > 11) & (away < 19)] == 0).all()


def test_the_photograph_itself_is_not_erased(painting, hands):
    hands.key(Qt.Key.Key_N, SHIFT)
    hands.stroke((100, 100), (200, 100))
    assert "never erased" in message(painting)
    assert not steps(painting) and (composite(painting) == a_picture()).all()


@pytest.mark.parametrize(("change", "word"), [(layer_ops.set_locked, "locked"), (layer_ops.set_visible, "hidden")])
def test_locked_and_hidden_layers_refuse(painting, hands, change, word):
    hands.key(Qt.Key.Key_N)
    hands.stroke((100, 100), (200, 100))
    layer = painting.document.layers[0]
    change(painting.document, layer.id, word == "locked")
    before = painting.document.surfaces[layer.id].read(painting.document.base.bounds)
    done = steps(painting)
    hands.stroke((100, 200), (200, 200))
    assert word in message(painting) and layer.name in message(painting)
    assert (painting.document.surfaces[layer.id].read(painting.document.base.bounds) == before).all()
    assert steps(painting) == done
    hands.key(Qt.Key.Key_B)
    hands.stroke((100, 200), (200, 200))
    assert mask_of(painting).max() == 255, "the mask may be painted all the same"


def wide_gamut() -> tuple[np.ndarray, bytes, np.ndarray]:
    """Adobe RGB pixels that sRGB can show, the profile, and the pixels as sRGB by Qt's own conversion."""
    space = QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb)
    blocks = np.random.default_rng(2).integers(90, 160, (6, 8, 3)).astype(np.uint8)
    transform = space.transformationToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    mapped = [[transform.map(QRgba64.fromRgba(*map(int, pixel), 255)) for pixel in row] for row in blocks]
    srgb = np.array([[(c.red8(), c.green8(), c.blue8()) for c in row] for row in mapped])
    large = np.kron(blocks, np.ones((50, 50, 1), np.uint8))
    large.flags.writeable = False
    return large, space.iccProfile().data(), np.kron(srgb, np.ones((50, 50, 1), int))


@pytest.mark.parametrize("how", ["eyedropper", "Alt"])
def test_the_colour_that_is_seen_is_picked(window, hands, how):
    pixels, profile, srgb = wide_gamut()
    show(window, Photo(pixels, profile))
    assert np.abs(seen_photo(window) - srgb).max() <= 2, "the screen shows sRGB"
    assert np.abs(srgb - pixels).max() > 5, "which is not what the file says"
    for x, y in ((75, 75), (225, 125), (375, 275)):
        if how == "Alt":
            hands.key(Qt.Key.Key_N)
            hands.stroke((x, y), modifiers=ALT)
        else:
            hands.key(Qt.Key.Key_I)
            hands.stroke((x, y))
        assert np.abs(np.subtract(window.tools.palette.colour, srgb[y, x])).max() <= 2
    assert not steps(window)


def test_a_picked_colour_painted_again_is_the_same(window, hands):
    pixels, profile, _ = wide_gamut()
    show(window, Photo(pixels, profile))
    hands.key(Qt.Key.Key_N)
    set_brush(window, size=20, hardness=1.0)
    hands.stroke((75, 75), modifiers=ALT)
    hands.stroke((225, 125))
    assert np.abs(composite(window)[125, 225].astype(int) - pixels[75, 75]).max() <= 2


def test_the_eyedropper_picks_what_lies_on_top(painting, hands):
    hands.key(Qt.Key.Key_N)
    painting.tools.palette.choose((12, 200, 99))
    set_brush(painting, size=40, hardness=1.0)
    hands.stroke((100, 100))
    painting.tools.palette.choose((0, 0, 0))
    hands.key(Qt.Key.Key_I)
    hands.stroke((100, 100))
    assert painting.tools.palette.colour == (12, 200, 99)
    hands.stroke((-30, 100))
    assert painting.tools.palette.colour == (12, 200, 99), "outside the photograph there is none"
