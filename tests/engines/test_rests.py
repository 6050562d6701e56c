"""Rests of an object beyond the edge of the mask."""

import cv2
import numpy as np
import pytest
import skimage.data

from editor.engines.rests import MOST, rests


def pasted(ground: np.ndarray, softness: float) -> tuple[np.ndarray, np.ndarray]:
    """A red oval with a soft rim before the ground, and where it stands (h, w) bool."""
    height, width = ground.shape[:2]
    oval = cv2.ellipse(np.zeros((height, width), np.float32), (width // 2, height // 2), (60, 90), 20, 0, 360, 1, -1)
    alpha = (cv2.GaussianBlur(oval, (0, 0), softness) if softness else oval)[..., None]
    return np.rint(ground * (1 - alpha) + np.array([180, 40, 60]) * alpha).astype(np.uint8), oval > 0


def ring(hole: np.ndarray, pixels: int) -> np.ndarray:
    away = cv2.distanceTransform((~hole).view(np.uint8), cv2.DIST_L2, 5)
    return (away > pixels - 1) & (away <= pixels)


@pytest.fixture(params=["even", "rough"])
def ground(request) -> np.ndarray:
    if request.param == "rough":
        return skimage.data.chelsea()
    return np.full((300, 400, 3), (120, 150, 90), np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_soft_rim_is_found_along_the_whole_edge_and_no_further_than_it_goes(ground, dtype):
    photo, hole = pasted(ground, 1.5)
    photo = photo if dtype == np.uint8 else photo.astype(np.uint16) * 257
    found = rests(photo, hole)
    even = np.ptp(ground) < 100
    assert found[ring(hole, 1)].mean() > (0.95 if even else 0.5)  # where it is rough nobody sees a rim
    assert found[ring(hole, 6)].mean() < 0.1
    assert not (found & hole).any()


def test_a_mask_drawn_along_a_sharp_edge_or_with_room_to_spare_leaves_every_known_pixel(ground):
    photo, oval = pasted(ground, 0)
    roomy = cv2.dilate(oval.view(np.uint8), np.ones((13, 13), np.uint8)) > 0
    for hole in (oval, roomy):
        assert rests(photo, hole)[ring(hole, 1)].mean() < 0.45
    photo, oval = pasted(np.full_like(ground, 128), 0)
    assert not rests(photo, oval).any()


def test_light_that_changes_from_side_to_side_is_no_rim():
    slope = np.repeat(np.linspace(40, 220, 400)[None, :, None], 300, axis=0)
    photo = np.repeat(slope, 3, axis=2).astype(np.uint8)
    hole = cv2.circle(np.zeros((300, 400), np.uint8), (200, 150), 60, 1, -1) > 0
    assert not rests(photo, hole).any()


@pytest.mark.parametrize("hole", [np.ones((1, 1), bool), np.ones((40, 40), bool), np.eye(30, dtype=bool)])
def test_holes_with_little_or_nothing_round_them(hole):
    photo = np.random.default_rng(0).integers(0, 255, (*hole.shape, 3), dtype=np.uint8)
    found = rests(photo, hole, MOST)
    assert found.shape == hole.shape and not (found & hole).any()
