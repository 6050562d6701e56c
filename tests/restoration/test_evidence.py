"""What stands out of its surroundings, as the damage finder is shown it."""

import numpy as np
import pytest

from editor.engines.networks import damage_finder
from editor.restoration import evidence


def test_there_are_as_many_planes_as_the_network_takes():
    assert evidence.PLANES == damage_finder.PLANES
    picture = np.random.default_rng(0).integers(0, 256, (31, 47, 3), np.uint8)
    planes = evidence.planes(picture)
    assert planes.shape == (evidence.PLANES, 31, 47) and planes.dtype == np.float32 and np.isfinite(planes).all()
    assert np.allclose(planes[:3].transpose(1, 2, 0), picture / 127.5 - 1, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (64, 3)])
def test_the_smallest_pictures_have_planes_too(size):
    for shade in (0, 255):
        planes = evidence.planes(np.full((*size, 3), shade, np.uint8))
        assert planes.shape == (evidence.PLANES, *size) and not planes[3:5].any()


def test_a_faint_speck_and_a_broad_scratch_stand_out_of_the_even_and_not_of_the_rough():
    even = np.full((120, 160, 3), 128, np.uint8)
    even[30:32, 40:42] += 12
    even[80:86, 20:140] -= 12
    random = np.random.default_rng(1)
    rough = np.clip(even + 30 * random.standard_normal((120, 160, 1)), 0, 255).astype(np.uint8)
    small, broad = evidence.planes(even)[3:5]
    assert small[30:32, 40:42].min() > 1.0 and np.abs(small[50:70]).max() == 0
    assert broad[80:86, 30:130].max() < -0.8
    assert np.abs(evidence.planes(rough)[3, 30:32, 40:42]).max() < 1.5
    assert evidence.planes(rough)[5].mean() > evidence.planes(even)[5].mean() + 0.3


def test_a_negative_has_the_same_evidence_of_the_other_sign():
    picture = np.random.default_rng(3).integers(0, 256, (90, 90, 1), np.uint8).repeat(3, 2)
    one, other = evidence.planes(picture), evidence.planes(255 - picture)
    assert np.corrcoef(one[3].ravel(), -other[3].ravel())[0, 1] > 0.999
    assert np.corrcoef(one[4].ravel(), -other[4].ravel())[0, 1] > 0.99
