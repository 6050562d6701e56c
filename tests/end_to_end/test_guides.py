"""Sketch and colour strokes: drawn on their planes, seen over the picture, taken up by fills, kept with them."""

import time
from typing import ClassVar

import cv2
import numpy as np
import pytest
from doing import (
    CTRL,
    NO_KEYS,
    SHIFT,
    a_picture,
    action,
    composite,
    distance,
    fill_and_wait,
    mask_of,
    seen_photo,
    set_brush,
    show,
    steps,
)
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from editor.app.panels import engine_options
from editor.document.document import COLOUR, SKETCH, Document
from editor.document.photo import Photo
from editor.engines import registry
from editor.engines.contract import FillResult, Finish
from editor.storage.openraster import load_project, save_project
from editor.storage.photos import read_photo

KEY = Qt.Key
BLUE = (30, 60, 220)


class Tracer:
    """Fills with grey, and with what it was told: lines in white, colours as they are."""

    name, title, card = "tracer", "Tracer", None
    uses: ClassVar = frozenset({"sketch", "colour", "variants"})
    Settings = Finish
    max_working_side, context = 1024, 0.5

    def fill(self, request, progress):
        started = time.perf_counter()
        pixels = np.full_like(request.image, 100)
        if request.colour is not None:
            there = request.colour[..., 3] > 127
            pixels[there] = request.colour[there][:, :3]
        if request.sketch is not None:
            pixels[request.sketch > 127] = 255
        progress(1.0, self.title)
        yield FillResult(pixels, request.hole, request.origin, self.name, request.seed, time.perf_counter() - started)


@pytest.fixture
def tracer(monkeypatch):
    engines, find, engine = registry.engines, registry.find, Tracer()
    monkeypatch.setattr(engine_options, "engines", lambda: (*engines(), engine))
    monkeypatch.setattr(registry, "find", lambda name: engine if name == engine.name else find(name))


@pytest.fixture
def guided(tracer, window):
    """A photograph of 300 x 440 at 100 %, and an engine that does as it is told, without adding grain."""
    show(window, Photo(a_picture()))
    window.engine_options.set_choice("tracer", {"tracer": {"grain": 0.0}}, 1)
    return window


def plane(window, name: str) -> np.ndarray:
    surface = window.document.surfaces[name]
    return surface.read(surface.bounds)


def sketch_of(window) -> np.ndarray:
    return plane(window, SKETCH)[..., 0]


def draw(window, hands, tool: str, *points, size: float, **more) -> None:
    window.tools.choose(tool)
    set_brush(window, size=size, hardness=1.0)
    hands.stroke(*points, **more)


def mask_sketch_and_colour(window, hands) -> None:
    """A hole of 100 x 60 about (200, 150), a line through it and a dab of blue."""
    draw(window, hands, "mask-brush", (180, 150), (220, 150), size=60)
    draw(window, hands, "sketch-pen", (160, 140), (240, 140), size=3)
    window.tools.palette.choose(BLUE)
    draw(window, hands, "colour-stroke", (190, 160), (210, 160), size=12)


def test_keys_choose_the_tools_and_their_buttons_go_down(painting, hands):
    for key, modifiers, name in ((KEY.Key_P, NO_KEYS, "sketch-pen"), (KEY.Key_X, NO_KEYS, "sketch-eraser"),
                                 (KEY.Key_C, NO_KEYS, "colour-stroke"), (KEY.Key_C, SHIFT, "colour-eraser")):
        hands.key(key, modifiers)
        assert painting.tools.current.name == name
        assert hands.find(f"tool-{name}").isChecked()


def test_the_pen_draws_a_thin_line_without_gaps(painting, hands):
    hands.key(KEY.Key_P)
    assert 2 <= painting.tools.brush_tool.brush.size <= 3
    around = [(220 + 100 * np.cos(turn), 150 + 100 * np.sin(turn)) for turn in np.linspace(0, 6, 12)]
    hands.stroke(*around)
    lines = sketch_of(painting)
    assert cv2.connectedComponents((lines > 127).astype(np.uint8))[0] == 2, "one line"
    across = lines[150, 310:330].astype(int)
    assert 2 <= across.sum() / 255 <= 4 and across.max() == 255
    assert len(np.unique(lines)) > 20, "anti-aliased"
    assert steps(painting) == ["Draw sketch"] and not painting.document.mask.keys()


def test_a_pens_pressure_makes_the_line_thicker(painting, hands):
    hands.key(KEY.Key_P)
    set_brush(painting, size=8)
    hands.pen(*((100 + 10 * i, 100, 0.2 + 0.08 * i) for i in range(11)))
    widths = sketch_of(painting).sum(axis=0)[105:195] / 255
    assert widths[0] < 3 < 6 < widths[-1]


def test_the_pens_other_end_and_the_eraser_take_lines_away(painting, hands):
    draw(painting, hands, "sketch-pen", (100, 100), (300, 100), size=3)
    hands.pen((150, 90, 1.0), (150, 110, 1.0), eraser=True)
    assert (sketch_of(painting)[95:105, 146:154] == 0).all(), "wider than the line: it has to be hit"
    draw(painting, hands, "sketch-eraser", (250, 80), (250, 120), size=20)
    lines = sketch_of(painting)
    assert (lines[:, 242:258] == 0).all() and lines[100, 200] == 255
    assert steps(painting) == ["Draw sketch", "Erase sketch", "Erase sketch"]


def test_colour_strokes_are_opaque_in_the_chosen_colour(painting, hands):
    painting.tools.palette.choose(BLUE)
    draw(painting, hands, "colour-stroke", (100, 100), (200, 100), size=20)
    painting.tools.palette.choose((250, 200, 0))
    draw(painting, hands, "colour-stroke", (150, 80), (150, 120), size=20)
    dabs = plane(painting, COLOUR)
    assert (dabs[100, 110] == (*BLUE, 255)).all() and (dabs[100, 150] == (250, 200, 0, 255)).all()
    assert (dabs[distance((300, 440), (100, 100), (200, 100)) > 30] == 0).all()
    assert hands.find("paint-colour").isVisible()
    hands.pen((110, 90, 1.0), (110, 110, 1.0), eraser=True)
    assert (plane(painting, COLOUR)[100, 110] == 0).all()
    draw(painting, hands, "colour-eraser", (190, 100), size=20)
    assert (plane(painting, COLOUR)[100, 190] == 0).all()
    assert steps(painting) == ["Colour stroke"] * 2 + ["Erase colour strokes"] * 2


def test_strokes_are_undone_one_by_one_and_esc_takes_one_back(painting, hands):
    states = [(sketch_of(painting), plane(painting, COLOUR))]
    for tool in ("sketch-pen", "colour-stroke", "sketch-eraser", "colour-eraser"):
        draw(painting, hands, tool, (100, 100), (200, 120), size=6)
        states.append((sketch_of(painting), plane(painting, COLOUR)))
        hands.stroke((120, 60), (180, 160), release=False)
        hands.key(KEY.Key_Escape)
        hands.stroke((600, 600))  # lets the button go, and paints nothing
        assert all((now == then).all() for now, then in zip(
            (sketch_of(painting), plane(painting, COLOUR)), states[-1], strict=True))
    for state in reversed(states[:-1]):
        hands.key(KEY.Key_Z, CTRL)
        assert (sketch_of(painting) == state[0]).all() and (plane(painting, COLOUR) == state[1]).all()


def test_sketch_and_colour_strokes_are_cleared_each_by_itself(painting, hands):
    mask_sketch_and_colour(painting, hands)
    hands.key(KEY.Key_X, CTRL | SHIFT)
    assert not sketch_of(painting).any() and plane(painting, COLOUR).any() and mask_of(painting).any()
    assert not action(painting, "clear_sketch").isEnabled() and action(painting, "clear_colour").isEnabled()
    hands.key(KEY.Key_C, CTRL | SHIFT)
    assert not plane(painting, COLOUR).any() and mask_of(painting).any()
    hands.key(KEY.Key_Z, CTRL)
    hands.key(KEY.Key_Z, CTRL)
    assert sketch_of(painting).any() and plane(painting, COLOUR).any()


def test_they_are_seen_while_they_are_drawn_and_can_be_hidden(painting, hands):
    draw(painting, hands, "mask-brush", (50, 150), (250, 150), size=150)
    action(painting, "toggle_mask").trigger()
    painting.tools.palette.choose(BLUE)
    draw(painting, hands, "colour-stroke", (100, 100), (200, 100), size=20)
    assert np.abs(seen_photo(painting)[100, 150].astype(int) - BLUE).max() < 30
    draw(painting, hands, "sketch-pen", (100, 200), (200, 200), size=3)
    assert (seen_photo(painting)[200, 150] > 200).all() and (seen_photo(painting)[202, 150] < 100).all()
    hands.key(KEY.Key_Q, SHIFT)
    assert (seen_photo(painting)[190:] == a_picture()[190:]).all()
    action(painting, "toggle_colour").trigger()
    assert (seen_photo(painting) == a_picture()).all()
    hands.key(KEY.Key_Q, SHIFT)
    assert (seen_photo(painting)[200, 150] > 200).all()


def test_outside_the_mask_they_are_faint(painting, hands):
    painting.tools.palette.choose(BLUE)
    draw(painting, hands, "sketch-pen", (100, 100), (300, 100), size=9)
    draw(painting, hands, "colour-stroke", (100, 200), (300, 200), size=9)
    action(painting, "toggle_mask").trigger()  # hidden: its colour is not what is looked at
    picture = a_picture().astype(int)

    def strength(x: int) -> list[float]:
        """How far line and colour cover the photograph, 0 to 1."""
        seen = seen_photo(painting).astype(int)
        return [np.abs(seen[y, x] - picture[y, x]).sum() / np.abs(np.subtract(wanted, picture[y, x])).sum()
                for y, wanted in ((100, (255, 246, 214)), (200, BLUE))]

    assert all(0.2 < share < 0.5 for x in (150, 250) for share in strength(x))
    draw(painting, hands, "mask-brush", (150, 150), size=120)
    assert all(share > 0.8 for share in strength(150)) and all(0.2 < share < 0.5 for share in strength(250))
    hands.key(KEY.Key_Z, CTRL)
    assert all(0.2 < share < 0.5 for share in strength(150))


def test_a_fill_leaves_lines_and_colours_outside_its_mask(qtbot, guided, hands):
    draw(guided, hands, "mask-brush", (150, 150), size=80)
    mask = mask_of(guided) > 0
    draw(guided, hands, "sketch-pen", (60, 140), (240, 140), size=5)
    draw(guided, hands, "colour-stroke", (60, 160), (240, 160), size=9)
    drawn = sketch_of(guided), plane(guided, COLOUR)
    fill_and_wait(qtbot, guided, hands)
    left = sketch_of(guided), plane(guided, COLOUR)
    assert all((now[~mask] == then[~mask]).all() and not now[mask].any() for now, then in zip(left, drawn, strict=True))
    recipe = guided.document.layers[0].recipe
    kept = recipe.sketch.read(recipe.sketch.bounds)[..., 0], recipe.colour.read(recipe.colour.bounds)
    assert all((now[mask] == then[mask]).all() and not now[~mask].any() for now, then in zip(kept, drawn, strict=True))
    hands.key(KEY.Key_R, CTRL)
    assert (sketch_of(guided) == drawn[0]).all() and (plane(guided, COLOUR) == drawn[1]).all(), "reopened: both"
    action(guided, "leave_fill").trigger()
    assert (sketch_of(guided) == left[0]).all() and (plane(guided, COLOUR) == left[1]).all(), "left again: the rest"


def test_a_fill_follows_line_and_colour_and_uses_them_up_in_one_step(qtbot, guided, hands):
    before = composite(guided)
    mask_sketch_and_colour(guided, hands)
    drawn = mask_of(guided), sketch_of(guided), plane(guided, COLOUR)
    fill_and_wait(qtbot, guided, hands)
    filled = composite(guided)
    assert (filled[140, 200] == 255).all() and np.abs(filled[160, 200].astype(int) - BLUE).max() < 30
    assert (filled[drawn[0] == 0] == before[drawn[0] == 0]).all(), "also where the line goes on outside"
    assert not any(part.any() for part in (mask_of(guided), sketch_of(guided), plane(guided, COLOUR)))
    hands.key(KEY.Key_Z, CTRL)
    for now, then in zip((mask_of(guided), sketch_of(guided), plane(guided, COLOUR)), drawn, strict=True):
        assert (now == then).all()
    assert (composite(guided) == before).all()


def test_a_line_is_redrawn_and_both_fills_are_undone_bit_by_bit(qtbot, guided, hands):
    start = composite(guided)
    mask_sketch_and_colour(guided, hands)
    fill_and_wait(qtbot, guided, hands)
    first = composite(guided)
    hands.key(KEY.Key_R, CTRL)
    assert sketch_of(guided).any() and plane(guided, COLOUR).any() and mask_of(guided).any(), "all are back"
    draw(guided, hands, "sketch-eraser", (170, 140), (240, 140), size=20)
    draw(guided, hands, "sketch-pen", (170, 130), (230, 130), size=3)
    fill_and_wait(qtbot, guided, hands)
    second = composite(guided)
    assert (second[130, 200] == 255).all() and not (second[140, 200] == 255).all(), "the fill follows the new line"
    layer, = guided.document.layers
    assert len(layer.recipe.variants) == 2 and layer.recipe.sketch.content_box().top in range(127, 131)
    position = guided.document.history.position
    while guided.document.history.position > position - 4:
        hands.key(KEY.Key_Z, CTRL)
    assert (composite(guided) == first).all()
    while guided.document.history.position:
        hands.key(KEY.Key_Z, CTRL)
    assert (composite(guided) == start).all() and not sketch_of(guided).any()
    while guided.document.history.position < position:
        hands.key(KEY.Key_Z, CTRL | SHIFT)
    assert (composite(guided) == second).all()


def test_another_seed_goes_by_the_fills_own_sketch_and_leaves_the_planes_alone(qtbot, guided, hands):
    mask_sketch_and_colour(guided, hands)
    fill_and_wait(qtbot, guided, hands)
    first = composite(guided)
    draw(guided, hands, "sketch-pen", (20, 20), (60, 20), size=3)
    drawn = sketch_of(guided)
    position = guided.document.history.position
    hands.key(KEY.Key_Return, CTRL)
    qtbot.waitUntil(lambda: guided.document.history.position == position + 1, timeout=20000)
    assert (composite(guided) == first).all() and (sketch_of(guided) == drawn).all()


def test_an_engine_that_cannot_use_them_says_so_and_they_are_kept(qtbot, guided, hands):
    guided.engine_options.set_choice("telea", {}, 1)
    mask_sketch_and_colour(guided, hands)
    fill_and_wait(qtbot, guided, hands)
    notes = guided.document.layers[0].recipe.variants[0].notes
    assert len([note for note in notes if "does not use the" in note]) == 2
    hands.key(KEY.Key_R, CTRL)
    assert sketch_of(guided).any() and plane(guided, COLOUR).any()


def test_they_are_in_the_project_with_the_recipe_that_used_them(qtbot, guided, hands, tmp_path):
    mask_sketch_and_colour(guided, hands)
    fill_and_wait(qtbot, guided, hands)
    draw(guided, hands, "sketch-pen", (20, 20), (60, 20), size=3)
    draw(guided, hands, "colour-stroke", (20, 40), (60, 40), size=8)
    save_project(guided.document.snapshot(), tmp_path / "guides.ora")
    again = Document.from_snapshot(load_project(tmp_path / "guides.ora", read_photo))
    for name in (SKETCH, COLOUR):
        kept, now = again.surfaces[name], guided.document.surfaces[name]
        assert kept.same_pixels(now, now.bounds) and kept.keys()
    recipe, own = again.layers[0].recipe, guided.document.layers[0].recipe
    assert recipe.sketch.same_pixels(own.sketch, own.sketch.bounds)
    assert recipe.colour.same_pixels(own.colour, own.colour.bounds)


def test_all_tools_are_in_sight(painting):
    painting.resize(1440, 900)
    bar = painting.findChild(QToolButton, "tool-hand").parentWidget()
    buttons = [button for button in bar.findChildren(QToolButton) if button.objectName().startswith("tool-")]
    assert len(buttons) == len(painting.tools.tools) and all(button.isVisible() for button in buttons)
