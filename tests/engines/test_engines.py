"""What each engine makes of a request."""

import cv2
import numpy as np
import pytest
from skimage.restoration import inpaint_biharmonic

from editor.engines import plate
from editor.engines.auto import Auto
from editor.engines.biharmonic import cells, mended
from editor.engines.classical import inpaint
from editor.engines.contract import FillRequest, HoleShape, no_progress
from editor.engines.holes import separate
from editor.engines.membrane import harmonic
from editor.engines.registry import engines, find
from editor.raster.surface import Box
from tests.engines.conftest import specks


def request(image, hole, **more) -> FillRequest:
    return FillRequest(image, hole.astype(np.float32), **more)


@pytest.mark.parametrize("engine", engines(), ids=lambda engine: engine.name)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_result_keeps_size_and_depth_and_the_known_pixels(coffee, engine, dtype):
    image = coffee[:200, :300].astype(dtype) * (257 if dtype is np.uint16 else 1)
    hole = np.zeros(image.shape[:2], bool)
    hole[90:110, 100:160] = True
    hole[5:8, 5:290] = True
    image.flags.writeable = False
    result = next(engine.fill(request(image, hole, seed=7), no_progress))
    assert result.pixels.shape == image.shape and result.pixels.dtype == dtype
    assert np.array_equal(result.pixels[~hole], image[~hole])
    assert (result.alpha[~hole] == 0).all()
    assert result.seed == 7


@pytest.mark.parametrize("method", [cv2.INPAINT_TELEA, cv2.INPAINT_NS])
def test_opencv_does_the_work_and_knows_nothing_of_what_stood_in_the_hole(coffee, method):
    hole = cv2.circle(np.zeros(coffee.shape[:2], np.uint8), (200, 200), 20, 255, -1)
    other = coffee.copy()
    other[hole > 0] = 255
    ours = inpaint(coffee, hole > 0, 5, method)
    assert np.array_equal(ours, inpaint(other, hole > 0, 5, method))
    theirs = cv2.inpaint(coffee, hole, 5, method)
    assert np.abs(ours.astype(int) - theirs)[hole > 0].mean() < 6


def test_telea_does_not_drift_on_an_even_ground():
    even = np.full((300, 300, 3), 120, np.uint8)
    even[..., 2] = 255
    hole = cv2.circle(np.zeros((300, 300), np.uint8), (150, 150), 100, 255, -1)
    assert np.abs(inpaint(even, hole > 0, 5, cv2.INPAINT_TELEA).astype(int) - even).max() <= 1


def test_biharmonic_mends_a_scratch_better_than_the_others(coffee):
    hole = np.zeros(coffee.shape[:2], np.uint8)
    for offset in range(0, 600, 60):
        cv2.line(hole, (offset, 0), (offset + 40, 399), 255, 3)
    error = {}
    for name in ("biharmonic", "telea", "ns"):
        result = next(find(name).fill(request(coffee, hole > 0), no_progress))
        error[name] = np.square(result.pixels[hole > 0].astype(float) - coffee[hole > 0]).mean()
    assert error["biharmonic"] < min(error["telea"], error["ns"])


@pytest.mark.parametrize("shape, middle, size", [
    ((60, 80), (30, 40), (7, 5)), ((60, 80), (0, 0), (6, 6)), ((60, 80), (59, 30), (3, 9)), ((9, 9), (4, 4), (9, 3)),
    ((5, 70), (2, 30), (3, 40)), ((1, 30), (0, 14), (1, 6)),
])
def test_plates_are_bent_as_scikit_image_bends_them(coffee, shape, middle, size):
    """At borders and corners of the picture too; it writes the same equations, one hole at a time."""
    image = coffee[100:100 + shape[0], 200:200 + shape[1]] / 255
    hole = np.zeros(shape, bool)
    top, left = max(0, middle[0] - size[0] // 2), max(0, middle[1] - size[1] // 2)
    hole[top:top + size[0], left:left + size[1]] = True
    known = image[~hole]
    values = np.clip(plate.bent(image, hole), known.min(axis=0), known.max(axis=0))
    assert np.abs(values - inpaint_biharmonic(image, hole, channel_axis=-1)[hole]).max() < 1e-9


def test_many_plates_at_once_are_those_of_one_at_a_time(coffee):
    hole = specks(coffee.shape[:2], 120)
    cv2.line(hole, (20, 380), (580, 300), 255, 3)
    picture, thick = mended(coffee, hole > 0, 48)
    parts = separate(hole > 0, plate.REACH)
    assert not thick and len(parts.areas) > 40
    for part, box in enumerate(parts.boxes):
        around = Box(*map(int, box)).grow(plate.REACH).intersect(Box(0, 0, *hole.shape)).slices
        alone = inpaint_biharmonic(coffee[around] / 255, hole[around] > 0, channel_axis=-1)
        mine = parts.which == part
        y, x = parts.rows[mine], parts.columns[mine]
        there = alone[y - around[0].start, x - around[1].start] * 255
        assert np.abs(picture[y, x] - there).max() <= 0.5 + 1e-6


def test_biharmonic_leaves_thick_holes_to_another_and_says_so(coffee):
    hole = cv2.circle(np.zeros(coffee.shape[:2], np.uint8), (300, 200), 120, 255, -1) > 0
    result = next(find("biharmonic").fill(request(coffee, hole), no_progress))
    assert "too thick" in result.notes[0]
    assert result.seconds < 5


def test_a_part_too_large_for_one_system_is_cut_into_cells_that_stay_small():
    hole = np.zeros((1000, 1000), np.uint8)
    cv2.line(hole, (0, 0), (999, 999), 255, 20)
    covered = np.zeros(hole.shape, int)
    for cell in cells(hole > 0):
        covered[cell.box.slices] += cell.keep
        assert cell.solve.sum() < 8000
    assert np.array_equal(covered, hole > 0)


def test_cells_meet_without_a_step(coffee, monkeypatch):
    hole = cv2.line(np.zeros(coffee.shape[:2], np.uint8), (10, 30), (590, 370), 255, 9) > 0
    whole, _ = mended(coffee, hole, 48)
    monkeypatch.setattr("editor.engines.biharmonic._LARGEST", 1000)
    cut, _ = mended(coffee, hole, 48)
    assert not np.array_equal(cut, whole)
    assert np.abs(cut.astype(int) - whole).max() <= 3


def test_a_membrane_carries_a_gradient_through():
    y, x = np.mgrid[:200, :300].astype(np.float32)
    plane = np.stack([x, y, x + y], axis=2)
    hole = cv2.circle(np.zeros((200, 300), np.uint8), (150, 100), 70, 1, -1) > 0
    assert np.abs(harmonic(np.where(hole[..., None], 0, plane).astype(np.float32), hole) - plane)[hole].max() < 4


def test_a_membrane_over_few_pixels_is_that_over_many(coffee, monkeypatch):
    """Thin holes are gone through pixel by pixel, which must come to the same as filtering the whole picture."""
    image, hole = coffee.astype(np.float32), specks(coffee.shape[:2], 60) > 0
    one_by_one = harmonic(image, hole)
    monkeypatch.setattr("editor.engines.membrane._SPARSE", 0)
    assert np.abs(one_by_one - harmonic(image, hole)).max() < 0.01


@pytest.mark.parametrize("thickness, name", [(3, "kriging"), (12, "kriging"), (300, "patches")])
def test_auto_picks_by_the_thickness_of_the_hole(thickness, name):
    assert Auto().delegates(HoleShape(5000, thickness))[0].name == name


def test_auto_prefers_an_engine_that_can_use_the_guidance(monkeypatch):
    class Sketcher:
        name = "sketcher"
        uses = frozenset({"sketch"})

        def suits(self, hole):
            return 0.01

    monkeypatch.setattr("editor.engines.auto._candidates", lambda: (find("telea"), Sketcher()))
    assert Auto().delegates(HoleShape(5000, 100, frozenset({"sketch"})))[0].name == "sketcher"
    assert Auto().delegates(HoleShape(5000, 100))[0].name == "telea"


def test_auto_says_which_engine_it_was(coffee):
    hole = np.zeros(coffee.shape[:2], bool)
    hole[100:103, 50:300] = True
    results = list(Auto().fill(request(coffee, hole, variants=3), no_progress))
    assert results[0].engine == "kriging" and len({result.engine for result in results}) == 3
