"""A selection joins the mask."""

import numpy as np
import pytest

from editor.raster import masks
from editor.raster.selection.combining import ADD, INTERSECT, MODES, REPLACE, SUBTRACT, combine

SHAPE = (300, 600)
NOISE = np.random.default_rng(3)


def some(left: int, right: int) -> np.ndarray:
    """Coverage between two columns: soft, but for a full tile."""
    out = np.zeros(SHAPE, np.uint8)
    out[:, left:right] = NOISE.integers(1, 256, (SHAPE[0], right - left))
    out[:256, 256:512] = 255 if left < 256 < right else 0
    return out


@pytest.mark.parametrize(("mode", "expected"), [
    (ADD, np.maximum), (SUBTRACT, lambda a, b: np.minimum(a, 255 - b)), (INTERSECT, np.minimum), 
    (REPLACE, lambda a, b: b)])
@pytest.mark.parametrize("left", [0, 200, 520])
def test_it_does_what_its_mode_says(mode, expected, left):
    a, b = some(0, 400), some(left, 600)
    mask, selection = masks.from_array(a), masks.from_array(b)
    out = combine(mask, selection, mode)
    np.testing.assert_array_equal(out.read(out.bounds)[..., 0], expected(a, b))
    np.testing.assert_array_equal(mask.read(mask.bounds)[..., 0], a)
    assert all(out.tile(key).any() for key in out.keys())


@pytest.mark.parametrize("mode", MODES)
def test_a_selection_of_nothing(mode):
    a = some(0, 400)
    out = combine(masks.from_array(a), masks.from_array(np.zeros(SHAPE, np.uint8)), mode)
    expected = a if mode in (ADD, SUBTRACT) else 0 * a
    np.testing.assert_array_equal(out.read(out.bounds)[..., 0], expected)
