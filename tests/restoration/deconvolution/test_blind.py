"""The blur of a region, guessed from its spectrum: right within a tenth, or said not to be known."""

import numpy as np
import pytest
from blurred_photos import blurred, photograph

from editor.engines.contract import Cancelled
from editor.errors import UserError
from editor.raster.surface import Box
from editor.restoration.contract import Scan
from editor.restoration.deconvolution.blind import Estimate, of_region


def guess(name: str, *blur, noise: float) -> Estimate:
    scan = Scan.of(blurred(photograph(name), *blur, noise=noise)[1])
    return of_region(scan, scan.bounds)


@pytest.mark.parametrize("name, size, noise", [("astronaut", 6.0, 1), ("camera", 11.5, 3)])
def test_out_of_focus(name, size, noise):
    found = guess(name, "focus", size, 0, noise=noise)
    assert found.blur.kind == "focus" and found.blur.size == pytest.approx(size, rel=0.08)
    assert found.telling > 0.1 and not found.note


@pytest.mark.parametrize("name, size, angle, noise", [("camera", 12.0, 25.0, 1), ("coffee", 20.0, 110.0, 3)])
def test_moved(name, size, angle, noise):
    found = guess(name, "motion", size, angle, noise=noise)
    assert found.blur.kind == "motion" and found.blur.size == pytest.approx(size, rel=0.1)
    assert found.blur.angle == pytest.approx(angle, abs=3)


def test_soft():
    found = guess("astronaut", "gaussian", 5.0, 0, noise=1)
    assert found.blur.kind in ("gaussian", "focus") and found.blur.size == pytest.approx(5.0, rel=0.25)


def test_where_there_is_nothing_to_tell_it_by_it_says_so():
    even = Scan.of(np.full((200, 200, 3), 120, np.uint8))
    assert of_region(even, even.bounds).blur is None and "too even" in of_region(even, even.bounds).note
    random = np.random.default_rng(0).integers(60, 200, (200, 200, 1)).astype(np.uint8)
    assert of_region(Scan.of(random), Box(0, 0, 200, 200)).blur is None
    with pytest.raises(UserError, match="too small"):
        of_region(even, Box(0, 0, 30, 200))


def test_it_can_be_cancelled():
    def stop(fraction: float, words: str) -> None:
        if fraction > 0.01:
            raise Cancelled

    scan = Scan.of(photograph("camera")[:200, :200])
    with pytest.raises(Cancelled):
        of_region(scan, scan.bounds, stop)
