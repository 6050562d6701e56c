"""EdgeConnect's networks: the published names and shapes, the same output however they are run."""

import pytest
import torch

from editor.engines.networks.edge_connect import (
    CompletionGenerator,
    Discriminator,
    EdgeGenerator,
    completion_input,
    edge_input,
    recognise,
)

# knazeri/edge-connect, src/networks.py: names and shapes of the layers with weights, channels out and in, kernel.
EDGE_LAYERS = {
    "encoder.1": (64, 3, 7), "encoder.4": (128, 64, 4), "encoder.7": (256, 128, 4),
    **{f"middle.{block}.conv_block.{layer}": (256, 256, 3) for block in range(8) for layer in (1, 5)},
    "decoder.0": (256, 128, 4), "decoder.3": (128, 64, 4), "decoder.7": (1, 64, 7),
}
COMPLETION_LAYERS = {**EDGE_LAYERS, "encoder.1": (64, 4, 7), "decoder.7": (3, 64, 7)}
DISCRIMINATOR_LAYERS = {"conv1.0": (64, 3, 4), "conv2.0": (128, 64, 4), "conv3.0": (256, 128, 4),
                        "conv4.0": (512, 256, 4), "conv5.0": (1, 512, 4)}


def normalised(name: str, shape: tuple[int, int, int]) -> dict[str, torch.Tensor]:
    """What torch.nn.utils.spectral_norm leaves of a weight: itself, and where its power iteration stands."""
    first, second, kernel = shape
    weight = 0.02 * torch.randn(first, second, kernel, kernel)
    transposed = name.startswith("decoder")
    rows = (weight.transpose(0, 1) if transposed else weight).flatten(1)
    right = torch.nn.functional.normalize(torch.randn(rows.shape[1]), dim=0)
    left = torch.nn.functional.normalize(rows @ right, dim=0)
    return {f"{name}.weight_orig": weight, f"{name}.weight_u": left, f"{name}.weight_v": right}


def published_edge_state() -> dict[str, torch.Tensor]:
    state = {}
    for name, shape in EDGE_LAYERS.items():
        if name == "decoder.7":
            state[f"{name}.weight"] = 0.02 * torch.randn(1, 64, 7, 7)
        else:
            state |= normalised(name, shape)
        if not name.startswith("middle"):
            state[f"{name}.bias"] = torch.randn(shape[1] if name in ("decoder.0", "decoder.3") else shape[0])
    return state


def published_completion_state() -> dict[str, torch.Tensor]:
    state = {}
    for name, (first, second, kernel) in COMPLETION_LAYERS.items():
        state[f"{name}.weight"] = 0.02 * torch.randn(first, second, kernel, kernel)
        state[f"{name}.bias"] = torch.randn(second if name in ("decoder.0", "decoder.3") else first)
    return state


def published_discriminator_state() -> dict[str, torch.Tensor]:
    state = {}
    for name, shape in DISCRIMINATOR_LAYERS.items():
        state |= normalised(name, shape)
    return state | {name.replace("conv1", "features"): tensor for name, tensor in state.items() if "conv1" in name}


def test_the_published_edge_generator_loads_strictly():
    network = EdgeGenerator()
    state = published_edge_state()
    assert len(state) == 21 * 3 + 1 + 6

    network.load_state_dict(state, strict=True)

    out = network.eval()(torch.rand(1, 3, 32, 32))
    assert out.shape == (1, 1, 32, 32)
    assert 0 <= out.min() < out.max() <= 1


def test_the_published_completion_generator_loads_strictly():
    network = CompletionGenerator()

    network.load_state_dict(published_completion_state(), strict=True)

    out = network.eval()(torch.rand(1, 5, 32, 32).round())
    assert out.shape == (1, 3, 32, 32)
    assert 0 <= out.min() < out.max() <= 1


def test_the_published_discriminator_loads_strictly():
    critic = Discriminator(3)

    critic.load_state_dict(published_discriminator_state(), strict=True)

    scores, features = critic(torch.rand(1, 3, 64, 64))
    assert scores.shape == (1, 1, 6, 6)
    assert [maps.shape[1] for maps in features] == [64, 128, 256, 512, 1]


@pytest.mark.parametrize("change", [{"middle.8.conv_block.1.weight_orig": torch.zeros(256, 256, 3, 3)},
                                    {"encoder.4.bias": torch.zeros(64)}])
def test_another_state_is_refused(change):
    with pytest.raises(RuntimeError):
        EdgeGenerator().load_state_dict(published_edge_state() | change)


def test_a_published_checkpoint_is_recognised_by_what_it_holds():
    edge, completion = published_edge_state(), published_completion_state()

    network, config, tensors = recognise({"iteration": 2000000, "generator": edge})
    assert (network, config) == ("edge-connect-edge", {"width": 64})
    EdgeGenerator(**config).load_state_dict(tensors, strict=True)

    network, config, tensors = recognise({"iteration": 1, "generator": completion})
    assert (network, config) == ("edge-connect-completion", {"width": 64})
    CompletionGenerator(**config).load_state_dict(tensors, strict=True)


def test_a_checkpoint_of_several_gpus_and_a_bare_narrow_one_are_recognised():
    several = {f"module.{name}": tensor for name, tensor in published_completion_state().items()}
    network, _, tensors = recognise({"iteration": 1, "generator": several})
    assert network == "edge-connect-completion"
    CompletionGenerator().load_state_dict(tensors, strict=True)

    assert recognise(EdgeGenerator(width=8).state_dict())[:2] == ("edge-connect-edge", {"width": 8})


@pytest.mark.parametrize("state", [
    {}, {"generator": {}}, {"generator": "x"}, {"generator": {"encoder.1.weight": "x"}}, {"iteration": 3},
    {"discriminator": published_discriminator_state()}, published_discriminator_state(),
    {"encoder.1.weight": torch.zeros(()), "decoder.7.weight": torch.zeros(())},
    {3: torch.zeros(1)},
])
def test_other_files_are_not_taken_for_one(state):
    assert recognise(state) is None


def test_fusing_the_spectral_norm_changes_no_output():
    network = EdgeGenerator(width=8)
    x = torch.rand(2, 3, 32, 32)
    for _ in range(3):
        network(x)
    network.eval()
    with torch.no_grad():
        before = network(x)
        after = network.fuse()(x)

    torch.testing.assert_close(after, before)
    assert not any(name.endswith(("_orig", "_u", "_v")) for name in network.state_dict())
    assert not any(module._forward_pre_hooks for module in network.modules())


@pytest.mark.parametrize(("kind", "inputs"), [(EdgeGenerator, 3), (CompletionGenerator, 5)])
def test_half_precision_and_channels_last_stay_near(kind, inputs):
    torch.manual_seed(0)
    network = kind(width=16).fuse().eval()
    x = torch.rand(1, inputs, 64, 48)
    with torch.inference_mode():
        exact = network(x)
        with torch.autocast("cpu", torch.bfloat16):
            near = network.to(memory_format=torch.channels_last)(x.to(memory_format=torch.channels_last)).float()

    assert exact.std() > 0.002
    assert (near - exact).abs().mean() < 0.1 * exact.std()


def test_the_edge_generator_is_not_shown_the_hole_but_the_lines_drawn_in_it():
    grey, edges, mask, lines = torch.rand(1, 1, 8, 8), torch.ones(1, 1, 8, 8), torch.zeros(1, 1, 8, 8), \
        torch.zeros(1, 1, 8, 8)
    mask[..., 2:5, 2:5] = 1
    lines[..., 3, :] = 1

    x = edge_input(grey, edges, mask, lines)

    hole = mask[0, 0] > 0
    assert x.shape == (1, 3, 8, 8)
    assert (x[0, 0][hole] == 0).all() and torch.equal(x[0, 0][~hole], grey[0, 0][~hole])
    assert torch.equal(x[0, 1][hole], lines[0, 0][hole]) and (x[0, 1][~hole] == 1).all()
    assert torch.equal(x[0, 2], mask[0, 0])


def seen_by(network: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    """What a generator's first layer is shown."""
    seen = []
    network.encoder[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(x)
    return seen[0]


def test_the_completion_generator_is_not_shown_the_hole():
    image, edges, mask = torch.rand(1, 3, 8, 8), torch.rand(1, 1, 8, 8).round(), torch.zeros(1, 1, 8, 8)
    mask[..., 2:5, 2:5] = 1

    x = completion_input(image, edges, mask)

    assert (x[0, :3, 2:5, 2:5] == 0).all()
    assert torch.equal(x[0, :3, :2], image[0, :, :2])
    assert torch.equal(x[0, 3:], torch.cat([edges, mask], dim=1)[0])


def test_to_the_authors_generators_a_hole_is_white():
    image, edges, mask = torch.rand(1, 3, 16, 16), torch.rand(1, 1, 16, 16).round(), torch.zeros(1, 1, 16, 16)
    mask[..., 4:9, 4:9] = 1
    hole = mask[0, 0] > 0

    first = seen_by(EdgeGenerator(width=4), edge_input(image[:, :1], edges, mask, torch.zeros_like(mask)))
    second = seen_by(CompletionGenerator(width=4), completion_input(image, edges, mask))

    assert first.shape[1] == 3 and (first[0, 0][hole] == 1).all()
    assert torch.equal(first[0, 0][~hole], image[0, 0][~hole])
    assert second.shape[1] == 4 and (second[0, :3, hole] == 1).all()
    assert torch.equal(second[0, :3, ~hole], image[0, :, ~hole]) and torch.equal(second[0, 3], edges[0, 0])


def test_generators_with_shortcuts_begin_with_what_is_round_the_hole():
    image, edges, mask = torch.full((1, 3, 16, 16), 0.7), torch.rand(1, 1, 16, 16).round(), torch.zeros(1, 1, 16, 16)
    mask[..., 4:9, 4:9] = 1
    image[:, :, 4:9, 4:9] = 0
    hole = mask[0, 0] > 0

    first = seen_by(EdgeGenerator(width=4, shortcuts=True),
                    edge_input(image[:, :1], edges, mask, torch.zeros_like(mask)))
    network = CompletionGenerator(width=4, shortcuts=True)
    second = seen_by(network, completion_input(image, edges, mask))

    torch.testing.assert_close(first[0, 0], torch.full((16, 16), 0.7))
    torch.testing.assert_close(second[0, :3], torch.full((3, 16, 16), 0.7))
    assert torch.equal(second[0, 3][~hole], edges[0, 0][~hole])
    assert torch.equal(second[0, 3][hole], 2 * edges[0, 0][hole] - 1), "no edge is told from what is not known"
    # Untrained, it changes nothing.
    torch.testing.assert_close(network(completion_input(image, edges, mask)), torch.full((1, 3, 16, 16), 0.7))


def test_weights_start_as_the_authors_do():
    torch.manual_seed(1)
    state = EdgeGenerator(width=32).state_dict()

    for name, tensor in state.items():
        if name.endswith((".weight", ".weight_orig")):
            assert abs(tensor.std() - 0.02) < 0.002 and abs(tensor.mean()) < 0.002, name
        elif name.endswith(".bias"):
            assert not tensor.any(), name
