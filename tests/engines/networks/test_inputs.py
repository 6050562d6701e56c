"""A fill request as networks see it."""

import cv2
import numpy as np
import pytest
import torch

from editor.engines.contract import FillRequest
from editor.engines.networks.encoding import from_srgb, to_srgb
from editor.engines.networks.inputs import guided_input, lines, see
from editor.engines.networks.view import view_of
from editor.raster.frame import Frame
from editor.training.guided import guided_input as guided_input_of_training
from tests.raster.test_colour import ADOBE_RGB, GREY_LINEAR, SRGB


def request(shape=(600, 600), **more) -> FillRequest:
    hole = np.zeros(shape, np.float32)
    hole[200:400, 200:400] = 1
    image = np.random.default_rng(4).integers(0, 256, (*shape, 3), np.uint8)
    return FillRequest(image, hole, **more)


def seen_by(asked: FillRequest, size: int = 256, frame: Frame | None = None):
    return see(asked, asked.image, asked.hole > 0, view_of(asked.hole.shape, frame, size))


@pytest.mark.parametrize("frame", [None, Frame((300, 300), 500, 20), Frame((300, 300), 200, 0)])
def test_nothing_of_what_stands_in_the_hole_is_seen(frame):
    asked = request()
    other = asked.image.copy()
    other[asked.hole > 0] = 255 - other[asked.hole > 0]
    one, two = seen_by(asked, frame=frame), seen_by(FillRequest(other, asked.hole), frame=frame)
    assert np.array_equal(one.image, two.image) and np.array_equal(one.known, two.known)
    assert (one.image[one.hole] == 0).all() and one.hole.any()


@pytest.mark.parametrize("turn", [0, 30])
@pytest.mark.parametrize("reduction", [1, 1.5, 3, 6])
@pytest.mark.parametrize("width", [1, 3])
def test_a_pens_line_is_one_to_two_pixels_wide_at_any_reduction(width, reduction, turn):
    side = int(256 * reduction)
    frame = Frame((side / 2, side / 2), side, turn) if turn else None
    sketch = np.zeros((side, side), np.uint8)
    cv2.line(sketch, (side // 10, side // 2), (side - side // 10, side // 2 + side // 12), 255, width, cv2.LINE_AA)
    drawn = lines(sketch, view_of(sketch.shape, frame, 256))
    along = np.count_nonzero(drawn.max(axis=0) > 0.3)
    assert np.median(drawn.max(axis=0)[100:150]) >= 0.7  # full contrast
    assert 0.9 < np.median(drawn.sum(axis=0)[100:150]) * np.cos(np.radians(turn - 5)) < 2.9
    assert along > 0.6 * 256


@pytest.mark.parametrize("width", [12, 20, 34])
def test_a_thick_line_is_drawn_anew_along_its_middle(width):
    sketch = np.zeros((1024, 1024), np.uint8)
    cv2.line(sketch, (100, 500), (900, 500), 255, width)
    drawn = lines(sketch, view_of(sketch.shape, None, 256))
    across = drawn[:, 60:190]
    assert (np.abs(np.argmax(across, axis=0) - 124.5) <= 1.5).all()
    assert 1 < np.median(across.sum(axis=0)) < 2.5 and across.max(axis=0).min() > 0.8


def test_a_blob_is_drawn_round_its_edge():
    sketch = cv2.circle(np.zeros((1024, 1024), np.uint8), (512, 512), 120, 255, -1)
    drawn = lines(sketch, view_of(sketch.shape, None, 256))
    assert drawn[104:152, 120:136].max() < 0.05  # its inside
    assert drawn[128, 90:105].max() > 0.8 and drawn[128, :92].max() < 0.05


def test_hints_outside_the_hole_are_dropped():
    sketch = np.full((600, 600), 255, np.uint8)
    sketch[::2] = 0
    colour = np.full((600, 600, 4), 255, np.uint8)
    seen = seen_by(request(sketch=sketch, colour=colour), 512)
    assert (seen.sketch[~seen.hole] == 0).all() and (seen.colour[~seen.hole] == 0).all()
    assert not seen.given[~seen.hole].any() and seen.given[seen.hole].all()


def test_black_is_a_colour_and_none_is_not():
    colour = np.zeros((600, 600, 4), np.uint8)
    colour[250:350, 250:350, 3] = 255
    planes = guided_input(seen_by(request(colour=colour), 512), np.zeros((512, 512), np.float32))
    place, beside = np.array([256, 256]), np.array([190, 190])
    assert (planes[5:8, place[0], place[1]] == -1).all() and planes[8, place[0], place[1]] == 1
    assert (planes[5:9, beside[0], beside[1]] == 0).all() and planes[3, beside[0], beside[1]] == 1


def test_half_transparent_strokes_keep_their_colour():
    colour = np.zeros((600, 600, 4), np.uint8)
    colour[200:400, 200:400] = (200, 100, 50, 160)
    seen = seen_by(request(colour=colour), 256)
    assert np.allclose(seen.colour[seen.given] * 255, (200, 100, 50), atol=1)


def test_the_planes_are_those_of_the_training():
    colour = np.zeros((600, 600, 4), np.uint8)
    colour[220:300, 220:300] = (200, 100, 50, 255)
    sketch = cv2.line(np.zeros((600, 600), np.uint8), (210, 210), (390, 380), 255, 2)
    seen = seen_by(request(sketch=sketch, colour=colour), 512)
    noise = np.random.default_rng(2).standard_normal(seen.hole.shape, np.float32)
    image = np.where(seen.hole[..., None], 0.7, seen.image)  # the training knows what stands in the hole

    def batch(plane: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.atleast_3d(plane).astype(np.float32).transpose(2, 0, 1)[None])

    there = guided_input_of_training(batch(2 * image - 1), batch(seen.hole), batch(seen.sketch),
                                     batch(2 * seen.colour - 1), batch(seen.given), batch(noise))
    assert np.allclose(guided_input(seen, noise), there[0].numpy(), atol=1e-6)


def test_grey_photos_are_told_from_coloured_ones_and_from_those_to_be_coloured():
    image = np.repeat(np.random.default_rng(1).integers(0, 256, (600, 600, 1), np.uint8), 3, axis=2)
    hole, colour = request().hole, np.zeros((600, 600, 4), np.uint8)
    colour[300:320, 300:320] = (200, 30, 30, 255)
    assert seen_by(FillRequest(image, hole)).grey
    assert not seen_by(FillRequest(image, hole, colour=colour)).grey and not seen_by(request()).grey


@pytest.mark.parametrize("profile", [None, SRGB, ADOBE_RGB, GREY_LINEAR, b"rubbish"], ids=str)
def test_pixels_come_back_from_srgb_as_they_were(profile):
    random = np.random.default_rng(5)
    there = 0.15 + 0.7 * random.random((20, 20, 3), np.float32)
    mean = there.mean(axis=2, keepdims=True)
    if profile == GREY_LINEAR:
        there = mean.repeat(3, axis=2)
    if profile == ADOBE_RGB:  # sRGB holds less: greys and what is near them come back
        there = mean + 0.2 * (there - mean)
    back = from_srgb(to_srgb(there, profile), profile)
    assert back.shape == there.shape and np.abs(back - there).max() < 2.5 / 255
    if profile in (ADOBE_RGB, GREY_LINEAR):
        assert np.abs(to_srgb(there, profile) - there).max() > 3 / 255


def test_a_gradient_has_no_steps_on_the_way_back():
    ramp = np.linspace(0.2, 0.3, 4000, dtype=np.float32).reshape(1, -1, 1).repeat(3, axis=2)
    back = from_srgb(ramp, ADOBE_RGB)
    assert np.abs(np.diff(back[0], axis=0)).max() < 3 * 0.1 / 4000
