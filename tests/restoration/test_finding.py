"""Finding damage with filters and with a network: any size, any depth, part by part."""

import numpy as np
import pytest
import torch

from editor.engines.contract import Cancelled
from editor.engines.networks import store
from editor.engines.networks.cards import Card
from editor.engines.networks.damage_finder import PLANES, Finder
from editor.errors import UserError
from editor.raster.surface import Box
from editor.restoration import finding
from editor.restoration.finding import find


def reader(picture: np.ndarray):
    return lambda box: picture[box.slices]


@pytest.fixture
def network(monkeypatch, tmp_path):
    """One that has learned nothing; the only one there is."""
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    torch.manual_seed(1)
    store.save_model(tmp_path / "bundled", Card("one", "One", "damage-finder", {"width": 8}), Finder(8).state_dict())


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "none")


def overlap(mask: np.ndarray, truth: np.ndarray) -> float:
    return ((mask > 0) & truth).sum() / ((mask > 0) | truth).sum()


def test_filters_find_scratches_and_specks(scratched):
    picture, truth = scratched
    found = find(reader(picture), picture.shape[:2], method="classical")
    assert found.method == "classical" and found.probability.shape == found.kind.shape == truth.shape
    assert overlap(found.mask(0.5), truth) > 0.6
    negative = find(reader(255 - picture), picture.shape[:2], method="classical")
    assert overlap(negative.mask(0.5), truth) > 0.6


def test_filters_leave_grain_and_plain_pictures_alone():
    random = np.random.default_rng(1)
    grain = np.clip(128 + 12 * random.standard_normal((200, 200, 1)), 0, 255).astype(np.uint8).repeat(3, 2)
    assert (find(reader(grain), (200, 200), method="classical").mask(0.5) > 0).mean() < 0.002
    for shade in (0, 128, 255):
        plain = np.full((100, 140, 3), shade, np.uint8)
        assert not find(reader(plain), (100, 140), method="classical").mask(0.9).any()


def test_sixteen_bits_are_looked_at_like_eight(scratched):
    picture, _ = scratched
    deep = find(reader(picture.astype(np.uint16) * 257), picture.shape[:2], method="classical")
    assert np.array_equal(deep.probability, find(reader(picture), picture.shape[:2], method="classical").probability)


@pytest.mark.parametrize("method", ["network", "classical"])
@pytest.mark.parametrize("shape", [(1, 1), (20, 20), (17, 333)])
def test_pictures_of_any_size_are_searched(network, method, shape):
    picture = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    found = find(reader(picture), shape, method=method)
    assert found.probability.shape == shape and found.method == method and found.mask(0.7).shape == shape


def test_only_what_is_asked_for_is_read(scratched):
    picture, truth = scratched
    box = Box(40, 200, 240, 400)
    asked = []

    def read(part):
        asked.append(part)
        return picture[part.slices]

    found = find(read, picture.shape[:2], box=box, method="classical")
    assert found.origin == (40, 200) and found.probability.shape == (200, 200)
    assert all(part.top >= 40 - 64 and part.left >= 200 - 64 and part.bottom <= 240 + 64 for part in asked)
    whole = find(reader(picture), picture.shape[:2], method="classical")
    assert np.array_equal(found.mask(0.5), whole.mask(0.5)[box.slices])
    with pytest.raises(UserError, match="nothing"):
        find(reader(picture), picture.shape[:2], box=Box(500, 0, 600, 10))


def test_tiles_do_not_show(network, scratched, monkeypatch):
    picture, _ = scratched
    whole = find(reader(picture), picture.shape[:2], method="network")
    monkeypatch.setattr(finding, "_TILE", 128)
    tiled = find(reader(picture), picture.shape[:2], method="network")
    assert np.abs(whole.probability.astype(int) - tiled.probability).max() <= 3


def test_large_pictures_are_looked_at_reduced_too(scratched, monkeypatch):
    """Filters that look for lines of some pixels do not see those of a dozen but from farther away."""
    picture, truth = (np.repeat(np.repeat(plane, 4, 0), 4, 1) for plane in scratched)
    monkeypatch.setattr(finding, "_SHORT", 300)
    near_and_far = find(reader(picture), picture.shape[:2], method="classical")
    assert near_and_far.probability.shape == truth.shape and overlap(near_and_far.mask(0.5), truth) > 0.6
    monkeypatch.setattr(finding, "_SHORT", 10 ** 6)
    assert overlap(find(reader(picture), picture.shape[:2], method="classical").mask(0.5), truth) < 0.3


def test_it_stops_when_told(network, scratched):
    def stop(fraction, words):
        raise Cancelled

    for method in ("network", "classical"):
        with pytest.raises(Cancelled):
            find(reader(scratched[0]), (300, 420), method=method, progress=stop)


def test_without_a_network_filters_do_it_and_say_so(no_network, scratched):
    picture, truth = scratched
    found = find(reader(picture), picture.shape[:2])
    assert found.method == "classical" and "filters" in found.notes[0] and "no weights" in found.notes[0]
    assert overlap(found.mask(0.5), truth) > 0.6
    with pytest.raises(UserError, match="no weights"):
        find(reader(picture), picture.shape[:2], method="network")
    with pytest.raises(UserError, match="magic"):
        find(reader(picture), picture.shape[:2], method="magic")


def test_folded_normalisations_give_the_same_answers():
    torch.manual_seed(0)
    network, picture = Finder(8), torch.randn(2, PLANES, 48, 64)
    network.train()(picture)  # which gives the normalisations something to fold
    network.eval()
    with torch.inference_mode():
        before = network(picture)
        network.fuse()
        after = network(picture)
    assert before.shape == (2, 4, 48, 64) and torch.allclose(before, after, atol=1e-4)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in network.modules())
