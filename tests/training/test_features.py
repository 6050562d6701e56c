"""Features are read from a file that holds them, and nothing else."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from editor.engines.networks import scene, store
from editor.engines.networks.cards import Card
from editor.errors import UserError
from editor.training import runs
from editor.training.features import HALVING, MobileNetFeatures, OwnFeatures
from editor.training.loop import Schedule
from editor.training.losses import perceptual_and_style


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    """Weights like MobileNet's, an eighth as wide."""
    torch.manual_seed(0)
    widths = [4, 8, 16, 16, 32, 32, 64, 64, 64, 64, 64, 64, 128]
    found = {"conv1.weight": torch.randn(4, 3, 3, 3) * 0.3, "conv1.bias": torch.zeros(4)}
    for index in range(1, 13):
        before, after = widths[index - 1], widths[index]
        found |= {f"dw{index}.weight": torch.randn(before, 1, 3, 3) * 0.4, f"dw{index}.bias": torch.zeros(before),
                  f"pw{index}.weight": torch.randn(after, before, 1, 1) * 0.3, f"pw{index}.bias": torch.zeros(after)}
    return found


@pytest.fixture
def file(tmp_path, tensors):
    path = tmp_path / "features.safetensors"
    save_file(tensors, path)
    return path


def test_maps_have_strides_2_to_32(file):
    features = MobileNetFeatures.load(file)
    picture = torch.rand(1, 3, 64, 96) * 2 - 1
    maps = features(picture)
    assert [tuple(each.shape[2:]) for each in maps] == [(64 // s, 96 // s) for s in (2, 4, 8, 16, 32)]
    assert len(HALVING) == 4 and all(each.min() >= 0 and each.max() <= 6 for each in maps)
    assert features.pooled(picture).shape == (1, 128)


def test_distances_are_nothing_to_itself_and_teach(file):
    features = MobileNetFeatures.load(file)
    picture = (torch.rand(2, 3, 64, 64) * 2 - 1).requires_grad_()
    assert features.distance(picture, picture).tolist() == [0, 0]
    distance = features.distance(picture, picture.detach().flip(3))
    assert (distance > 0).all()
    distance.sum().backward()
    assert picture.grad.abs().sum() > 0 and not list(features.parameters()), "its own weights are fixed"


def test_other_files_are_refused(file, tmp_path, tensors):
    save_file({name: tensor for name, tensor in tensors.items() if name != "pw7.bias"}, tmp_path / "less.safetensors")
    (tmp_path / "text.safetensors").write_text("no weights")
    for name, why in (("less", "pw7 is missing"), ("text", "cannot be read"), ("nowhere", "cannot be read")):
        with pytest.raises(UserError, match=f"{name}.safetensors.*{why}"):
            MobileNetFeatures.load(tmp_path / f"{name}.safetensors")


def test_a_networks_own_first_layers_are_features_too():
    torch.manual_seed(0)
    generator = scene.Generator(4, 1)
    features = OwnFeatures(generator)
    picture = torch.rand(1, 3, 32, 64) * 2 - 1
    assert [tuple(each.shape[2:]) for each in features(picture)] == [(16, 32), (8, 16), (4, 8)]
    blurred = torch.nn.functional.avg_pool2d(picture, 3, 1, 1).requires_grad_()
    loss = sum(perceptual_and_style(features, blurred, picture))
    loss.backward()
    assert loss > 0 and blurred.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in generator.parameters())


def test_a_model_that_is_trained_further_is_looked_at_with_its_parents_eyes(tmp_path, file):
    torch.manual_seed(0)
    parent = store.save_model(store.user_folder(), Card("small", "Small", "scene", {"width": 4, "blocks": 1}),
                              scene.Generator(4, 1).state_dict())
    order = runs.Order("scene", (tmp_path,), tmp_path / "x.safetensors", Schedule(), {"width": 4, "blocks": 1})
    picture = torch.rand(1, 3, 32, 32)
    assert runs._features(order, runs._prepared(order)) is None, "a beginner's say nothing"
    order = replace(order, resume=parent.path)
    training = runs._prepared(order)
    own = runs._features(order, training)(picture)
    with torch.no_grad():
        next(training.task.generator.parameters()).add_(1)  # it has learned something
    training.save(tmp_path / "x.pt")
    later = replace(order, resume=tmp_path / "x.pt")
    again = runs._features(later, runs._prepared(later))(picture)
    assert all(torch.equal(one, two) for one, two in zip(own, again, strict=True))
    assert isinstance(runs._features(replace(order, features=file), training), MobileNetFeatures)
    store.remove(parent)
    assert runs._features(later, runs._prepared(later)) is None
