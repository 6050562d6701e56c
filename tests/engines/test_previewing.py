"""A rough look at what a fill would be."""

import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from editor.engines.contract import Cancelled, FillResult, Finish
from editor.engines.previewing import HOLE, MOST, Guides, previews
from editor.raster.frame import Frame
from editor.raster.surface import Box, Surface

SHAPE = (1500, 2200)


@dataclass(frozen=True)
class Care(Finish):
    detail: float = 1.0


class Painter:
    """Paints what it is told: its hole 50, strokes in their colour, lines white."""

    name, title, card = "painter", "Painter", None
    uses: ClassVar = frozenset({"sketch", "colour", "variants"})
    Settings = Care
    max_working_side, context = 1024, 0.5

    def __init__(self) -> None:
        self.asked = []

    def hasty(self, settings):
        return Care(detail=0.0, grain=settings.grain, spread=settings.spread)

    def fill(self, request, progress):
        self.asked.append(request)
        pixels = np.where(request.hole[..., None] > 0, np.uint8(50), request.image)
        if request.colour is not None:
            given = request.colour[..., 3] > 127
            pixels[given] = request.colour[given][:, :3]
        if request.sketch is not None:
            pixels[request.sketch > 127] = 255
        progress(1.0, self.title)
        yield FillResult(pixels, request.hole, request.origin, self.name, request.seed, time.perf_counter())


@pytest.fixture
def photo() -> Surface:
    pixels = np.full((*SHAPE, 3), 50, np.uint8)
    pixels.flags.writeable = False
    return Surface.from_array(pixels)


def plane(*boxes: Box, value: tuple[int, ...] = (255,)) -> Surface:
    surface = Surface(SHAPE, len(value), np.uint8)
    for box in boxes:
        surface.write(np.full((box.height, box.width, len(value)), value, np.uint8), (box.top, box.left))
    return surface


def coverage(surface: Surface):
    return lambda box, level: surface.read(box, level)[..., 0]


def seen(engine, photo: Surface, mask: Surface, **more):
    guides = {name: more.pop(name) for name in ("sketch", "colour", "frame") if name in more}
    return list(previews(photo.read, SHAPE, Guides(coverage(mask), **guides), mask.content_box(), engine, **more))


def test_a_large_hole_is_filled_small_and_lies_where_the_hole_is(photo):
    engine, hole = Painter(), Box(300, 400, 1100, 1300)
    found, = seen(engine, photo, plane(hole))
    assert max(engine.asked[0].image.shape) < 4 * HOLE and max(found.pixels.shape) <= HOLE + 1
    assert abs(np.subtract(found.box, hole)).max() <= 16, "a pixel or two of the level that it is looked at in"
    assert (found.pixels[5:-5, 5:-5, 3] == 255).all()
    assert np.abs(found.pixels[..., :3].astype(int) - 50).max() <= 1


def test_a_small_hole_is_filled_at_the_photos_own_size(photo):
    found, = seen(Painter(), photo, plane(Box(300, 400, 340, 470)))
    assert found.box == Box(300, 400, 340, 470) and found.pixels.shape == (40, 70, 4)


def test_thin_lines_and_colours_are_seen_however_far_they_are_reduced(photo):
    hole = Box(300, 400, 1100, 1300)
    lines, blue = plane(Box(500, 600, 503, 1100)), plane(Box(800, 600, 1000, 1100), value=(20, 60, 200, 255))
    found, = seen(Painter(), photo, plane(hole), sketch=coverage(lines), colour=blue.read)
    scale = found.box.height / found.pixels.shape[0]
    row = int((501 - found.box.top) / scale)
    assert found.pixels[row - 1:row + 2, found.pixels.shape[1] // 2, 0].max() > 200
    middle = found.pixels[int((900 - found.box.top) / scale), found.pixels.shape[1] // 2]
    assert np.abs(middle[:3].astype(int) - (20, 60, 200)).max() < 20


def test_the_engine_is_hasty_and_adds_no_grain(photo):
    engine = Painter()
    seen(engine, photo, plane(Box(300, 400, 340, 470)), settings=Care(grain=2.0, spread=3))
    assert engine.asked[0].settings == Care(detail=0.0, grain=0.0, spread=3)
    seen(engine, photo, plane(Box(300, 400, 340, 470)))
    assert engine.asked[1].settings.spread == 1, "which is not chosen"


def test_of_many_holes_those_next_to_the_hand_are_seen(photo):
    holes = [Box(y, x, y + 24, x + 24) for y in (96, 1296) for x in (96, 696, 1296, 2096)]
    found = seen(Painter(), photo, plane(*holes), near=(1310, 1250))
    assert len(found) == MOST and {one.box for one in found} == {holes[4], holes[5], holes[6], holes[7]}


def test_the_face_frame_is_where_it_was_set(photo):
    engine = Painter()
    engine.wants_frame = True
    hole = Box(300, 400, 1100, 1300)
    seen(engine, photo, plane(hole), frame=Frame((700.0, 850.0), 1400.0, 10.0))
    request, = engine.asked
    scale = 1400 / request.frame.side
    assert scale in (2, 4, 8, 16) and request.frame.angle == 10
    rows, columns = np.nonzero(request.hole)
    assert np.abs(np.subtract(request.frame.centre, (rows.mean(), columns.mean()))).max() < 2


def test_a_face_is_looked_for_once_while_a_hole_grows(photo, monkeypatch):
    from editor.engines.networks import framing

    looks = []
    monkeypatch.setattr(framing, "propose_frame", lambda *given, **more: looks.append(given))
    engine, memory = Painter(), {}
    engine.wants_frame = True
    for right in (600, 620, 640):
        seen(engine, photo, plane(Box(300, 400, 500, right)), memory=memory)
    assert len(looks) == 1
    seen(engine, photo, plane(Box(900, 1400, 1100, 1600)), memory=memory)
    assert len(looks) == 2, "elsewhere"


def test_it_can_be_cancelled(photo):
    def cancel(fraction: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        seen(Painter(), photo, plane(Box(300, 400, 340, 470)), progress=cancel)
