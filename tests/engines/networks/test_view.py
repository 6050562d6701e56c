"""What a network sees of a crop or of a face's frame, and the way back."""

import cv2
import numpy as np
import pytest

from editor.engines.networks.view import view_of, working_sizes
from editor.raster.frame import Frame


def soft(shape: tuple[int, int], seed: int = 1) -> np.ndarray:
    """Smooth random colours, (h, w, 3) float32 0..1."""
    noise = np.random.default_rng(seed).random((*shape, 3), np.float32)
    return np.clip(0.5 + 6 * (cv2.GaussianBlur(noise, (0, 0), 12) - 0.5), 0, 1)


def test_a_small_crop_is_seen_as_it_is_with_its_mirror_round_it():
    crop = soft((300, 260))
    view = view_of((300, 260), None, 320)
    assert view.size == (320, 288) and view.scale == 1
    seen = view.seen(crop)
    assert np.array_equal(seen[:300, :260], crop) and np.array_equal(seen[300:], seen[298:278:-1])
    assert np.array_equal(view.returned(seen)[0], crop)


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (90, 256)])
def test_crops_smaller_than_the_smallest_working_size_are_mirrored_as_often_as_it_takes(shape):
    view = view_of(shape, None, 256)
    seen = view.seen(np.ones((*shape, 3), np.float32))
    assert seen.shape == (256, 256, 3) and (seen == 1).all()


@pytest.mark.parametrize("frame", [None, Frame((350, 400), 450, 0), Frame((325, 410), 320, 33),
                                   Frame((320, 400), 150, -8), Frame((350, 400), 650, 180)])
def test_what_is_seen_comes_back_to_its_place(frame):
    crop = soft((700, 750))
    view = view_of((700, 750), frame, 256)
    small, (back, there) = view.small(crop), view.returned(view.seen(crop))
    assert small.shape == back.shape and there.any()
    inside = cv2.erode(there.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1) > 0
    assert np.abs(back - small)[inside].max() < 0.02
    if frame is not None:
        y, x = (np.argwhere(there) + 0.5).T * np.divide((700, 750), there.shape)[:, None]
        assert np.mean([frame.contains(*place) for place in zip(y, x, strict=True)]) > 0.98
        assert there.mean() == pytest.approx(frame.side ** 2 / (700 * 750), rel=0.05)


def test_a_turned_face_is_seen_upright():
    """A mark above the centre, in the face's own sense, is in the upper half."""
    frame = Frame((500, 500), 400, 90)  # its upright points to the right
    crop = np.zeros((1000, 1000), np.float32)
    cv2.circle(crop, (620, 500), 30, 1.0, -1)
    y, x = np.argwhere(view_of((1000, 1000), frame, 256).seen(crop, 0) > 0.5).mean(axis=0)
    assert abs(x - 127.5) < 2 and y == pytest.approx(127.5 - 120 * 256 / 400, abs=2)


def test_beyond_the_photo_a_frame_sees_nothing():
    view = view_of((600, 600), Frame((0, 300), 512, 0), 256)
    seen = view.seen(np.ones((600, 600), np.float32), 0)
    assert (seen[:126] == 0).all() and (seen[130:] == 1).all()


@pytest.mark.parametrize("shape, frame, wanted, sizes", [
    ((200, 300), None, 512, (320, 256)), ((2000, 3000), None, 512, (512, 384, 320, 256)),
    ((100, 90), None, 512, (256,)),
    ((3000, 3000), Frame((0, 0), 300), 512, (320, 256)), ((3000, 3000), None, 256, (256,)),
])
def test_no_more_is_worked_at_than_there_is_to_see(shape, frame, wanted, sizes):
    assert working_sizes(shape, frame, wanted) == sizes


def test_reducing_averages_all_that_a_pixel_stands_for():
    checks = (np.indices((1200, 1200)).sum(axis=0) % 2).astype(np.float32)
    for frame in (None, Frame((600, 600), 1000, 10)):
        seen = view_of((1200, 1200), frame, 256).seen(checks, 0)
        assert np.abs(seen - 0.5).max() < 0.1
