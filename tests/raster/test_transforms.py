"""Turns, flips, crops and rotations against numpy and plain trigonometry."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.raster.frame import Frame
from editor.raster.rectangle import Rectangle
from editor.raster.surface import Box, Surface
from editor.raster.transforms import (
    Crop,
    Cut,
    Flip,
    Rotate,
    Turn,
    box_after,
    cut_of,
    frame_after,
    rotated,
    surface_after,
)

EXACT = {
    Turn(1): lambda a: np.rot90(a, -1), Turn(2): lambda a: np.rot90(a, 2), Turn(3): np.rot90,
    Flip(): lambda a: a[:, ::-1], Flip(upright=True): lambda a: a[::-1],
    Crop(Box(20, 300, 290, 301)): lambda a: a[20:290, 300:301],
    Crop(Box(0, 256, 256, 512)): lambda a: a[:256, 256:512],
}


def noise(shape: tuple[int, int], channels: int, dtype: type = np.uint8) -> np.ndarray:
    return np.random.default_rng(3).integers(0, np.iinfo(dtype).max, (*shape, channels), dtype, endpoint=True)


@pytest.mark.parametrize("step", EXACT)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_exact_steps_move_pixels_and_change_none(step, channels, dtype):
    pixels = noise((300, 520), channels, dtype)
    out = surface_after(step, Surface.from_array(pixels))
    expected = EXACT[step](pixels)
    assert out.shape == step.shape((300, 520)) == expected.shape[:2] and out.dtype == dtype
    assert np.array_equal(out.read(out.bounds), expected)


@pytest.mark.parametrize("step", [Turn(1), Turn(2), Turn(3), Flip(), Flip(upright=True)])
def test_an_inverse_takes_a_step_back(step):
    pixels = noise((300, 520), 3)
    there = surface_after(step, Surface.from_array(pixels))
    assert np.array_equal(surface_after(step.inverse, there).read(Box(0, 0, 300, 520)), pixels)


@pytest.mark.parametrize("step", [*EXACT, Rotate(33.0), Rotate(-120.0, keep_all=True),
                                  Cut(Rectangle((1000.0, 1500.0), 500.0, 700.0, 9.0))])
def test_a_sparse_surface_stays_sparse_and_an_empty_one_empty(step):
    surface = Surface((2000, 3000), 1, np.uint8)
    assert not surface_after(step, surface).keys()
    surface.write(noise((20, 20), 1), (1000, 1500))
    assert 0 < len(surface_after(step, surface).keys()) <= 4 or isinstance(step, Crop)


@pytest.mark.parametrize("step", [*EXACT, Rotate(12.5), Rotate(100.0, keep_all=True),
                                  Cut(Rectangle((120.0, 290.0), 150.5, 210.25, -7.0))])
def test_points_boxes_and_frames_go_where_the_pixels_go(step):
    """A dot of light, found again where the matrix says."""
    shape = (300, 520)
    y, x = 100.5, 300.5
    dot = np.zeros((*shape, 1), np.uint8)
    dot[100, 300] = 255
    if isinstance(step, Crop) and step.box.left == 256:
        y, x = 100.5, 400.5
        dot = np.roll(dot, 100, axis=1)
    out = surface_after(step, Surface.from_array(dot))
    seen = out.read(out.bounds)[..., 0].astype(float)
    rows, columns = np.indices(seen.shape)
    at = ((columns + 0.5) * seen).sum() / seen.sum(), ((rows + 0.5) * seen).sum() / seen.sum()
    assert step.matrix(shape) @ (x, y, 1) == pytest.approx(at, abs=0.2)
    frame = frame_after(step, Frame((y, x), 40.0, 10.0), shape)
    assert frame.centre == pytest.approx(at[::-1], abs=0.2) and frame.side == 40
    box = box_after(step, Box(99, int(x) - 1, 102, int(x) + 2), shape)
    assert box.top <= at[1] <= box.bottom and box.left <= at[0] <= box.right


def test_a_frame_is_turned_with_the_face():
    frame = Frame((100.0, 200.0), 50.0, 10.0)
    assert frame_after(Turn(1), frame, (300, 520)).angle == 100
    assert frame_after(Turn(3), frame, (300, 520)).angle == -80
    assert frame_after(Flip(), frame, (300, 520)).angle == -10
    assert frame_after(Flip(upright=True), frame, (300, 520)).angle == 170
    assert frame_after(Rotate(-30.0), frame, (300, 520)).angle == pytest.approx(-20)
    assert frame_after(Crop(Box(0, 300, 300, 520)), frame, (300, 520)) is None, "it is no longer on the picture"


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 900), st.integers(1, 900), st.floats(-179, 180))
def test_the_largest_rectangle_lies_within_the_picture_and_is_not_small(height, width, angle):
    step = Rotate(angle)
    after = step.shape((height, width))
    inverse = np.linalg.inv(np.vstack([step.matrix((height, width)), [0, 0, 1]]))[:2]
    corners = np.array([[x, y, 1] for y in (0, after[0]) for x in (0, after[1])]) @ inverse.T
    if min(after) > 1:
        assert corners.min() > -0.01
        assert (corners[:, 0] < width + 0.01).all() and (corners[:, 1] < height + 0.01).all()
    if min(height, width) > 60:
        best = largest_area(height, width, math.radians(angle))
        assert after[0] * after[1] > 0.93 * best, "it could have been larger"


def largest_area(height: float, width: float, turn: float) -> float:
    """By trying proportions."""
    tall = np.tan(np.linspace(0.001, math.pi / 2 - 0.001, 2001))  # height of a rectangle one wide
    sine, cosine = abs(math.sin(turn)), abs(math.cos(turn))
    wide = np.minimum(width / (cosine + tall * sine), height / (sine + tall * cosine))
    return float((wide * wide * tall).max())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_smooth_picture_is_rotated_to_what_lies_there(dtype, channels):
    top, shape, step = np.iinfo(dtype).max, (420, 700), Rotate(7.3)
    rows, columns = np.indices(shape)

    def wave(x, y):
        return 0.5 + 0.3 * np.sin((x - 0.5) / 9) * np.cos((y - 0.5) / 11)

    pixels = np.repeat(np.rint(wave(columns + 0.5, rows + 0.5) * top).astype(dtype)[..., None], channels, axis=2)
    height, width = step.shape(shape)
    surface = Surface.from_array(pixels)
    out = np.concatenate([rotated(step, shape, surface.read, Box(top_, 0, min(top_ + 200, height), width), opaque=True)
                          for top_ in range(0, height, 200)])
    inverse = np.linalg.inv(np.vstack([step.matrix(shape), [0, 0, 1]]))
    rows, columns = np.indices((height, width))
    x, y, _ = np.einsum("ij,jhw->ihw", inverse, np.stack([columns + 0.5, rows + 0.5, np.ones((height, width))]))
    assert out.shape == (height, width, channels) and out.dtype == dtype
    assert np.abs(out[..., 0] / top - wave(x, y)).max() < 0.012


def test_colours_do_not_bleed_from_what_is_transparent():
    pixels = np.zeros((200, 300, 4), np.uint8)
    pixels[..., 1] = 255  # a green that nobody sees
    pixels[60:140, 80:220] = (200, 10, 30, 255)
    out = surface_after(Rotate(20.0, keep_all=True), Surface.from_array(pixels))
    seen = out.read(out.bounds)
    shown = seen[seen[..., 3] > 8]
    assert np.abs(shown[:, :3].astype(int) - (200, 10, 30)).max() <= 3
    assert not seen[seen[..., 3] == 0].any()
    assert abs(int((seen[..., 3] / 255.0).sum()) - 80 * 140) < 80


def test_a_rotation_by_nothing_changes_nothing():
    pixels = noise((300, 520), 4)
    pixels[..., 3] = 255
    assert np.array_equal(surface_after(Rotate(0.0), Surface.from_array(pixels)).read(Box(0, 0, 300, 520)), pixels)


def test_one_pixel_can_be_turned_and_rotated():
    pixels = np.full((1, 1, 4), 255, np.uint8)
    for step in (Turn(1), Flip(), Rotate(45.0), Rotate(45.0, keep_all=True), Crop(Box(0, 0, 1, 1))):
        out = surface_after(step, Surface.from_array(pixels))
        assert min(out.shape) >= 1 and out.read(out.bounds).any()


def test_a_cut_along_a_leaning_rectangle_sets_it_upright():
    """Of a picture whose colours are its own coordinates, so that every pixel of the cut says where it came from."""
    rows, columns = np.indices((400, 500), np.float32)
    picture = np.stack([100 * rows, 100 * columns, 0 * rows], axis=2).astype(np.uint16)
    rectangle = Rectangle((210.0, 240.0), 160.0, 220.0, 12.0)
    step = cut_of(rectangle, (400, 500))
    out = surface_after(step, Surface.from_array(picture))
    assert out.shape == (160, 220)
    turn = math.radians(12)
    right, down = np.meshgrid(np.arange(220) + 0.5 - 110, np.arange(160) + 0.5 - 80)
    x = 240 + right * math.cos(turn) - down * math.sin(turn)
    y = 210 + right * math.sin(turn) + down * math.cos(turn)
    seen = out.read(out.bounds).astype(float) / 100 + 0.5
    assert np.abs(seen[..., 0] - y).max() < 0.07 and np.abs(seen[..., 1] - x).max() < 0.07


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_cut_by_whole_quarters_changes_no_pixel(quarters):
    pixels = noise((301, 420), 3, np.uint16)
    sides = (100.0, 151.0) if quarters % 2 == 0 else (151.0, 100.0)
    step = cut_of(Rectangle((150.0, 200.5), *sides, 90.0 * quarters + 0.1), (301, 420))
    out = surface_after(step, Surface.from_array(pixels))
    assert np.array_equal(out.read(out.bounds), np.rot90(pixels[100:200, 125:276], quarters))


def test_a_cut_never_reaches_beyond_the_picture():
    for angle in (0.0, 3.0, -20.0, 44.0, 95.0, 179.0):
        step = cut_of(Rectangle((20.0, 480.0), 300.0, 300.0, angle), (400, 500))
        corners = step.rectangle.corners() if isinstance(step, Cut) else np.array([step.box[1::-1], step.box[:1:-1]])
        assert corners.min() > -1e-6 and (corners.max(axis=0) <= (500 + 1e-6, 400 + 1e-6)).all(), angle
        assert min(step.shape((400, 500))) > 30, "what is on it stays"
