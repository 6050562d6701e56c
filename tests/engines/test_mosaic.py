"""Specks side by side on a sheet."""

import cv2
import numpy as np
import pytest

from editor.engines import plate
from editor.engines.classical import inpaint
from editor.engines.filling import fill
from editor.engines.holes import separate, squares
from editor.engines.mosaic import sheets, tiles
from editor.engines.registry import find
from editor.raster.surface import Box
from tests.engines.conftest import specks


@pytest.mark.parametrize("lay", [sheets, tiles])
@pytest.mark.parametrize("number", [1, 30, 400])
def test_every_pixel_of_the_hole_lies_on_one_sheet_and_comes_back_to_its_place(coffee, lay, number):
    hole = specks(coffee.shape[:2], number) > 0
    out = np.zeros_like(coffee)
    times = np.zeros(hole.shape, int)
    for sheet in lay(hole, 9):
        times[sheet.inside] += 1
        sheet.deliver(sheet.collect(lambda box: coffee[box.slices]), out)
    assert np.array_equal(times, hole)
    assert np.array_equal(out, coffee * hole[..., None])


@pytest.mark.parametrize("lay", [sheets, tiles])
def test_every_pixel_has_its_surroundings_on_the_sheet(coffee, lay):
    reach = 9
    hole = specks(coffee.shape[:2], 40) > 0
    every = lay(hole, reach)
    assert sum(sheet.shape[0] * sheet.shape[1] for sheet in every) < hole.size / 2
    for sheet in every:
        page = sheet.collect(lambda box: coffee[box.slices])
        for y, x, top, left in np.stack(sheet.inside + sheet.there, axis=1)[::7].tolist():
            near = Box(y - reach, x - reach, y + reach + 1, x + reach + 1).intersect(Box(0, 0, *hole.shape))
            there = near.shift(top - y, left - x)
            assert np.array_equal(page[there.slices], coffee[near.slices])


@pytest.mark.parametrize("method", [cv2.INPAINT_TELEA, cv2.INPAINT_NS])
@pytest.mark.parametrize("radius", [1, 5, 12])
@pytest.mark.parametrize("seed", range(3))
def test_specks_on_a_sheet_are_filled_to_the_bit_as_in_the_picture(coffee, method, radius, seed):
    image = coffee.astype(np.uint16) * 257
    hole = specks(coffee.shape[:2], 40, seed)
    direct = np.dstack([cv2.inpaint(image[..., channel], hole, radius, method) for channel in range(3)])
    assert np.array_equal(inpaint(image, hole > 0, radius, method)[hole > 0], direct[hole > 0])


def test_pixels_up_to_the_distance_are_of_one_part():
    random = np.random.default_rng(4)
    hole = random.random((300, 400)) < 0.002
    for distance in (2, 9, 24):
        parts = separate(hole, distance)
        places = np.stack([parts.rows, parts.columns], axis=1)
        apart = np.abs(places[:, None] - places).max(axis=2)
        assert (apart[parts.which[:, None] != parts.which] > distance).all()
        assert len(parts.areas) > 1 and parts.areas.sum() == hole.sum()


@pytest.mark.parametrize("split", [lambda hole: separate(hole, 10), lambda hole: squares(hole, 64)])
def test_boxes_fit_their_parts(coffee, split):
    parts = split(specks(coffee.shape[:2], 60) > 0)
    for part, box in enumerate(parts.boxes.tolist()):
        rows, columns = parts.rows[parts.which == part], parts.columns[parts.which == part]
        assert box == [rows.min(), columns.min(), rows.max() + 1, columns.max() + 1]
        assert parts.areas[part] == len(rows)


@pytest.mark.parametrize("name, library", [("telea", "cv2.inpaint"), ("biharmonic", "editor.engines.plate.bent")])
def test_a_thousand_specks_are_few_calls(coffee, monkeypatch, name, library):
    photo = np.tile(coffee, (4, 4, 1))
    calls = []
    real = cv2.inpaint if name == "telea" else plate.bent

    def counted(image, *rest):
        calls.append(image.shape[0] * image.shape[1])
        return real(image, *rest)

    monkeypatch.setattr(library, counted)
    one, = fill(lambda box: photo[box.slices], photo.shape[:2], specks(photo.shape[:2], 1000), find(name))
    assert len(one.results) < 60
    assert len(calls) < 500  # three channels, and each window at the photo's border alone
    if name == "telea":
        assert sum(calls) / 3 < photo.size / 3 / 2  # nor do they go over the whole photo
