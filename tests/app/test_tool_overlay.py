"""What tools draw over the canvas."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QRegion
from PySide6.QtWidgets import QWidget

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.tool_overlay import Drawing, Line, ToolOverlay
from editor.app.pixels import array_of


@pytest.fixture
def overlay(qtbot, document):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, 400)
    canvas.show()
    canvas.set_document(document)
    return ToolOverlay(canvas)


def drawn(overlay) -> np.ndarray:
    """(h, w, 4) of what it draws, over nothing."""
    image = QImage(overlay.size(), QImage.Format.Format_RGBA8888)
    image.fill(Qt.GlobalColor.transparent)
    overlay.render(image, QPoint(), QRegion(), QWidget.RenderFlag(0))
    return array_of(image)


def test_it_is_hidden_while_there_is_nothing(overlay):
    assert not overlay.isVisible()
    overlay.show_drawing(Drawing())
    assert overlay.isVisible()
    overlay.show_drawing(None)
    assert not overlay.isVisible()


@pytest.mark.parametrize("scale", [0.5, 1.0, 4.0])
def test_lines_lie_where_the_photograph_has_them_at_any_scale(overlay, scale):
    canvas = overlay._canvas
    canvas.zoom(scale / canvas.view.scale)
    overlay.show_drawing(Drawing((Line(np.array([[105.0, 80.0], [135.0, 80.0]]), colour=(0, 255, 0)),)))
    pixels = drawn(overlay)
    left, top = canvas.view.to_device(105, 80)
    right, _ = canvas.view.to_device(135, 80)
    left, right = int(left), int(right)
    row = pixels[round(top) - 1:round(top) + 1, left + 3:right - 3].max(axis=0)
    assert (row[:, 1] > 150).all() and (row[:, 0] < 120).all(), "green, thin, all along"
    assert not pixels[:round(top) - 4].any() and not pixels[round(top) + 4:].any()


def test_a_closed_line_comes_back_and_a_dashed_one_has_gaps(overlay):
    square = np.array([[40.0, 40.0], [200.0, 40.0], [200.0, 140.0], [40.0, 140.0]])
    overlay._canvas.actual_size()
    left, _ = (round(value) for value in overlay._canvas.view.to_device(40, 90))

    def side() -> np.ndarray:
        top, bottom = (round(overlay._canvas.view.to_device(0, y)[1]) for y in (50, 130))
        return drawn(overlay)[top:bottom, left - 1:left + 1, 0].max(axis=1)

    overlay.show_drawing(Drawing((Line(square),)))
    assert not side().any()
    overlay.show_drawing(Drawing((Line(square, closed=True),)))
    assert (side() > 150).all()
    overlay.show_drawing(Drawing((Line(square, closed=True, dashed=True),)))
    assert (side() > 150).any() and (side() < 100).any()


def test_thousands_of_points_and_points_far_away_do_no_harm(overlay):
    turn = np.linspace(0, 60, 50_000)
    spiral = np.stack([90 + turn * np.cos(turn), 120 + turn * np.sin(turn)], axis=1)
    overlay.show_drawing(Drawing((Line(spiral), Line(np.array([[-1e6, -1e6], [1e6, 1e6]]))), ((90.0, 120.0),)))
    assert drawn(overlay).any()
    overlay.show_drawing(Drawing((Line(np.zeros((0, 2))), Line(np.ones((1, 2)))), words="nothing"))
    drawn(overlay)
