"""What is drawn once is not made again while it is in sight."""

import numpy as np
import pytest

from editor.app.canvas.renderer import Renderer
from editor.app.canvas.view import View
from editor.document.document import Document
from editor.document.photo import Photo
from editor.raster.surface import Box


@pytest.mark.parametrize("canvas, scale", [((800, 1200), 1.0), ((2060, 3500), 0.55), ((2060, 3500), 0.26)])
def test_panning_to_and_fro_composites_only_what_comes_into_sight(monkeypatch, canvas, scale):
    pixels = np.zeros((5000, 7000, 1), np.uint8)
    pixels.flags.writeable = False
    renderer = Renderer(Document(Photo(pixels)))
    made, for_screen = [], renderer._for_screen
    monkeypatch.setattr(renderer, "_for_screen", lambda *wanted: made.append(wanted) or for_screen(*wanted))
    view = View((5000, 7000), canvas).zoomed(scale, 0, 0).panned(-300, -300)
    whole = Box(0, 0, *canvas)
    first = renderer.draw(view, whole, 0)
    assert made
    made.clear()
    moved = view.panned(-20, -10)
    for again in (view, moved, view, moved):
        renderer.draw(again, whole, 0)
    assert len(made) < 60, "a row and a column of tiles at most"
    made.clear()
    assert (renderer.draw(view, whole, 0) == first).all() and not made
