"""Scribbles become outlines."""

import cv2
import numpy as np
import pytest

from editor.raster.selection.cutting import Found, Scribble, smart_select
from editor.raster.surface import Surface

SHAPE = (700, 900)


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A red blob and a blue one that touch, on green; all of them uneven and noisy. The picture, and the blobs 0..1."""
    rows, columns = np.indices(SHAPE)
    blobs = []
    for x, y, radius in ((380, 340, 150), (640, 360, 110)):
        turn = np.arctan2(rows - y, columns - x)
        away = np.hypot(rows - y, columns - x) - radius * (1 + 0.12 * np.sin(7 * turn))
        blobs.append(np.clip(0.5 - away, 0, 1))
    pixels = np.full((*SHAPE, 3), (70.0, 120.0, 60.0)) + 20 * np.sin(columns / 40)[..., None]
    for blob, colour in zip(blobs, ((190, 60, 50), (60, 70, 180)), strict=True):
        pixels += blob[..., None] * (np.array(colour) + 15 * np.sin(rows / 25)[..., None] - pixels)
    pixels += np.random.default_rng(5).normal(0, 7, pixels.shape)
    red, blue = blobs
    return np.clip(pixels, 0, 255).astype(np.uint8), red * (1 - blue), blue


PICTURE, RED, BLUE = scene()
ON_RED = Scribble(((340, 300), (400, 380)), 6)
ON_BLUE = Scribble(((620, 330), (660, 390)), 6)


def run(*scribbles: Scribble, picture: np.ndarray = PICTURE, before: Found | None = None) -> list[Found]:
    return list(smart_select(Surface.from_array(picture).read, picture.shape[:2], scribbles, before))


def plane(found: Found, shape=SHAPE) -> np.ndarray:
    out = np.zeros(shape, np.uint8)
    out[found.box.slices] = found.coverage
    return out


def overlap(found: Found, truth: np.ndarray) -> float:
    """Intersection over union."""
    covered = plane(found, truth.shape) / 255
    return np.minimum(covered, truth).sum() / np.maximum(covered, truth).sum()


def test_a_scribble_finds_the_object_under_it_first_roughly_then_finely():
    rough, fine = run(ON_RED)
    assert rough.rough and not fine.rough
    assert overlap(rough, RED) > 0.96 and overlap(fine, RED) > 0.985
    assert plane(fine)[360, 640] == 0, "the other blob is another colour"


def test_the_edge_is_within_a_pixel_of_the_true_one():
    fine = plane(run(ON_RED)[-1]) > 127
    truth = (RED > 0.5).view(np.uint8)
    near = np.ones((5, 5), np.uint8)
    assert fine[cv2.erode(truth, near) > 0].mean() > 0.999 and fine[cv2.dilate(truth, near) == 0].mean() < 0.001


def test_the_object_may_reach_far_beyond_what_is_scribbled():
    """The surroundings that are looked at grow with it."""
    small = Scribble(((375, 335), (390, 345)), 4)
    assert overlap(run(small)[-1], RED) > 0.98


def test_another_scribble_adds_and_an_unwanted_one_takes_away():
    both = run(ON_RED, ON_BLUE)[-1]
    assert overlap(both, np.maximum(RED, BLUE)) > 0.97
    off = Scribble(ON_BLUE.points, 6, wanted=False)
    assert overlap(run(ON_RED, ON_BLUE, off, before=both)[-1], RED) > 0.97


def test_what_was_found_before_is_only_corrected():
    rough, fine = run(ON_RED)
    again = run(ON_RED, Scribble(((60, 60), (90, 90)), 6, wanted=False), before=fine)[-1]
    assert overlap(again, plane(fine) / 255) > 0.99


def test_the_same_scribbles_give_the_same_outline():
    one, other = run(ON_RED)[-1], run(ON_RED)[-1]
    assert one.box == other.box and (one.coverage == other.coverage).all()


def test_scribbles_over_the_border_of_the_photo():
    corner = Scribble(((-30, -40), (40, 30)), 8)
    found = run(corner)[-1]
    assert found.box.top == found.box.left == 0 and plane(found)[5, 5] == 255


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (9, 9)])
def test_tiny_photographs(shape):
    picture = np.ascontiguousarray(PICTURE[:shape[0], :shape[1]])
    found = run(Scribble(((0.5, 0.5),), 1), picture=picture)[-1]
    assert plane(found, shape)[0, 0] > 127


def test_cancelling_stops_it():
    class Stop(Exception):
        pass

    def progress(fraction, words):
        raise Stop

    with pytest.raises(Stop):
        next(smart_select(Surface.from_array(PICTURE).read, SHAPE, [ON_RED], progress=progress))
