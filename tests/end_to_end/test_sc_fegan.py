"""A face changed after sketch and colour with SC-FEGAN: masked, drawn, filled, a line redrawn, filled again, undone."""

import numpy as np
import pytest
import torch
from doing import CTRL, SHIFT, composite, fill_and_wait, mask_of, open_and_wait, set_brush
from PySide6.QtCore import Qt

from editor.document.document import COLOUR, SKETCH
from editor.engines.networks import sc_fegan
from editor.engines.networks.cards import Card
from editor.engines.networks.store import save_model, user_folder


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """Some at least: those that come with the program are used where there are any."""
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "data"))
    torch.manual_seed(4)
    save_model(user_folder(), Card("tiny", "Tiny", "sc-fegan", {"width": 4}), sc_fegan.Generator(width=4).state_dict())


@pytest.fixture
def astronaut(qtbot, weights, window, tmp_path):
    """Her face lies between (170, 60) and (270, 190)."""
    from skimage import data, io

    io.imsave(tmp_path / "astronaut.png", data.astronaut())
    open_and_wait(qtbot, window, tmp_path / "astronaut.png")
    window.engine_options.set_choice("sc-fegan", {}, 1)
    assert window.engine_options.choice()[0] == "sc-fegan"
    return window


def plane(window, name: str) -> np.ndarray:
    return window.document.surfaces[name].read(window.document.base.bounds)


def test_mask_sketch_colour_fill_redraw_fill_again_undo_both(qtbot, astronaut, hands):
    window = astronaut
    start = composite(window)
    hands.key(Qt.Key.Key_B)
    set_brush(window, size=36)
    hands.stroke((190, 108), (215, 106))
    hands.key(Qt.Key.Key_P)
    hands.stroke((180, 108), (195, 100), (215, 100), (225, 108))
    window.tools.palette.choose((60, 110, 190))
    hands.key(Qt.Key.Key_C)
    set_brush(window, size=8)
    hands.stroke((202, 107), (205, 107))
    mask, sketch, colour = mask_of(window), plane(window, SKETCH), plane(window, COLOUR)
    assert mask.any() and sketch.any() and colour.any()

    fill_and_wait(qtbot, window, hands)
    first = composite(window)
    assert (first[mask == 0] == start[mask == 0]).all(), "bit for bit outside"
    assert (first[mask == 255] != start[mask == 255]).any(axis=1).mean() > 0.9
    layer, = window.document.layers
    assert layer.recipe.variants[0].engine == "sc-fegan"
    assert layer.recipe.sketch is not None and layer.recipe.colour is not None
    assert not any(part.any() for part in (mask_of(window), plane(window, SKETCH), plane(window, COLOUR)))

    hands.key(Qt.Key.Key_R, CTRL)
    assert (mask_of(window) == mask).all() and (plane(window, SKETCH) == sketch).all()
    assert (plane(window, COLOUR) == colour).all()
    hands.key(Qt.Key.Key_X)
    hands.stroke((180, 108), (195, 100), (215, 100), (225, 108))
    assert not plane(window, SKETCH).any()
    hands.key(Qt.Key.Key_P)
    hands.stroke((180, 110), (195, 114), (215, 114), (225, 110))
    fill_and_wait(qtbot, window, hands)
    second = composite(window)
    assert (second[mask == 0] == start[mask == 0]).all()
    assert (second[mask == 255] != first[mask == 255]).any(), "the face follows the line"
    layer, = window.document.layers
    assert len(layer.recipe.variants) == 2 and layer.recipe.chosen == 1

    position = window.document.history.position
    for _ in range(4):  # the fill, the new line, the old one's erasing, reopening
        hands.key(Qt.Key.Key_Z, CTRL)
    assert (composite(window) == first).all()
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (composite(window) == start).all()
    for now, then in ((mask_of(window), mask), (plane(window, SKETCH), sketch), (plane(window, COLOUR), colour)):
        assert (now == then).all()
    while window.document.history.position < position:
        hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert (composite(window) == second).all()
