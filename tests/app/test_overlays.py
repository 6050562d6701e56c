"""How the guidance planes look over the picture."""

import numpy as np
import pytest
from app_documents import gradient, paint
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from editor.app.canvas.overlays import Overlays
from editor.app.canvas.view import View
from editor.document.document import COLOUR, MASK, SKETCH, Document
from editor.document.photo import Photo
from editor.raster.surface import Box

SIZE = (400, 500)  # of the canvas
LINE = Box(0, 100, 180, 103)
DABS = Box(40, 20, 80, 200)


@pytest.fixture
def overlays(document):
    overlays = Overlays()
    overlays.set_document(document)
    return overlays


def seen(overlays: Overlays, ground: int = 128) -> np.ndarray:
    """(h, w, 3) uint8 over a plain grey."""
    image = QImage(SIZE[1], SIZE[0], QImage.Format.Format_RGB32)
    image.fill(ground * 0x010101)
    painter = QPainter(image)
    overlays.paint(painter, QRectF(0, 0, *SIZE[::-1]), QRectF(0, 0, *SIZE[::-1]))
    painter.end()
    return np.array(image.constBits()).reshape(*SIZE, 4)[..., 2::-1].astype(int)


def view_at(scale: float, shape: tuple[int, int] = (180, 240)) -> View:
    return View(shape, SIZE).zoomed(scale, 0, 0).panned(20, 30)


def mask_all_of(document: Document, overlays: Overlays) -> None:
    """So that nothing lies outside the mask, which is not to be seen itself."""
    paint(document, MASK, (255,), Box(0, 0, *document.shape))
    overlays.show(MASK, False)


@pytest.mark.parametrize("ground", [0, 128, 255])
@pytest.mark.parametrize("scale", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_line_is_seen_on_any_ground(document, overlays, ground, scale, ratio):
    paint(document, SKETCH, (255,), LINE)
    mask_all_of(document, overlays)
    view = view_at(scale)
    overlays.redraw(view, ratio)
    row = seen(overlays, ground)[int(view.to_device(0, 90)[1])].mean(axis=1)
    assert np.abs(row - ground).max() > 90
    assert row.max() > 200 or ground == 255
    assert row.min() < 80 or ground == 0


def test_a_thin_line_is_seen_on_the_whole_of_a_large_photograph(qapp):
    pixels = np.zeros((6000, 8000, 1), np.uint8)
    pixels.flags.writeable = False
    document = Document(Photo(pixels))
    paint(document, SKETCH, (255,), Box(1000, 4000, 5000, 4003))
    overlays = Overlays()
    overlays.set_document(document)
    mask_all_of(document, overlays)
    view = View(document.shape, SIZE).fitted()
    overlays.redraw(view, 1.0)
    x, y = view.to_device(4001, 3000)
    around = seen(overlays)[int(y) - 20:int(y) + 20, int(x) - 4:int(x) + 5]
    assert (around.max(axis=(1, 2)) > 230).all()


@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_colour_strokes_show_their_own_colour_to_the_edge(document, overlays, scale):
    paint(document, MASK, (255,), DABS)
    paint(document, COLOUR, (20, 90, 200, 255), DABS)
    view = view_at(scale)
    overlays.redraw(view, 1.0)
    shown = seen(overlays, 255)
    device = view.device_box(DABS)
    inside = shown[device.grow(-3).slices]
    assert np.abs(inside - (20, 90, 200)).max() < 40 and (inside.std(axis=(0, 1)) < 1).all()
    edge = shown[device.grow(1).intersect(Box(0, 0, *SIZE)).slices]
    assert (edge[..., 2] >= edge[..., 0]).all(), "no dark fringe, nor one of another hue"


@pytest.mark.parametrize("plane, value", [(MASK, (200,)), (SKETCH, (255,)), (COLOUR, (9, 90, 200, 255))])
@pytest.mark.parametrize("scale", [0.21, 0.5, 1.0, 2.5])
def test_a_change_drawn_again_is_what_drawing_all_gives(document, overlays, plane, value, scale):
    view = view_at(scale)
    overlays.redraw(view, 1.0)
    for box, colour in ((LINE, value), (DABS, value), (Box(50, 50, 70, 170), (0,) * len(value))):
        paint(document, plane, colour, box)
        overlays.change(plane, view, box, 1.0)
    partly = seen(overlays)
    overlays.redraw(view, 1.0)
    assert (partly == seen(overlays)).all() and (partly != 128).any()


@pytest.mark.parametrize("plane, value", [(SKETCH, (255,)), (COLOUR, (9, 90, 200, 255))])
def test_what_the_mask_comes_to_cover_is_drawn_again(document, overlays, plane, value):
    view = view_at(0.5)
    paint(document, plane, value, DABS)
    overlays.redraw(view, 1.0)
    overlays.show(MASK, False)
    faint = seen(overlays)
    paint(document, MASK, (255,), Box(50, 50, 70, 100))
    overlays.change(MASK, view, Box(50, 50, 70, 100), 1.0)
    partly = seen(overlays)
    overlays.redraw(view, 1.0)
    assert (partly == seen(overlays)).all() and np.abs(partly - 128).sum() > 1.1 * np.abs(faint - 128).sum()


def test_only_what_has_changed_is_drawn_again(document, overlays):
    view = view_at(1.0)
    overlays.redraw(view, 1.0)
    paint(document, SKETCH, (255,), LINE)
    drawn = overlays.change(SKETCH, view, LINE, 1.0)
    assert drawn.height < 190 and drawn.width < 12


def test_planes_are_hidden_and_shown_and_an_empty_one_shows_nothing(document, overlays):
    view = view_at(1.0)
    for plane, value in ((MASK, (255,)), (SKETCH, (255,)), (COLOUR, (9, 90, 200, 255))):
        paint(document, plane, value, DABS)
        overlays.redraw(view, 1.0)
        with_it = seen(overlays)
        overlays.show(plane, False)
        assert (seen(overlays) == 128).all()
        overlays.show(plane, True)
        assert (seen(overlays) == with_it).all() and (with_it != 128).any()
        document.undo()
        overlays.change(plane, view, DABS, 1.0)
        assert (seen(overlays) == 128).all()


def test_nothing_is_drawn_beside_the_photograph(document, overlays):
    for plane, value in ((MASK, (255,)), (COLOUR, (9, 90, 200, 255))):
        paint(document, plane, value, Box(0, 0, *gradient().shape[:2]))
    view = view_at(1.0)
    overlays.redraw(view, 1.0)
    shown = seen(overlays)
    photo = Box(30, 20, 210, 260)
    assert (shown[photo.slices] != 128).any(axis=2).all()
    shown[photo.slices] = 128
    assert (shown == 128).all()
