import cv2
import numpy as np
import pytest

from editor.raster.frame import Frame
from editor.raster.surface import Box


def test_upright_frame_covers_its_square():
    frame = Frame((50.0, 80.0), 20.0)
    assert frame.box() == Box(40, 70, 60, 90)
    assert np.allclose(frame.corners(), [[40, 70], [40, 90], [60, 90], [60, 70]])


def test_turned_clockwise_its_top_points_right():
    frame = Frame((50.0, 80.0), 20.0, 90.0)
    top = frame.matrix(20) @ [10, 0, 1]
    assert np.allclose(top, [90, 50])  # x, y


@pytest.mark.parametrize(("point", "inside"), [
    ((50, 80), True), ((50, 93), True), ((50, 95), False), ((59, 89), False)])
def test_contains_looks_at_the_turned_square(point, inside):
    assert Frame((50.0, 80.0), 20.0, 45.0).contains(*point) is inside


def test_sampling_at_its_own_size_gives_the_photos_pixels():
    photo = np.arange(100 * 120, dtype=np.float32).reshape(100, 120)
    frame = Frame((50.0, 80.0), 20.0)
    seen = cv2.warpAffine(photo, frame.sampling(20), (20, 20), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    assert np.array_equal(seen, photo[40:60, 70:90])
