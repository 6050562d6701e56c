"""The networks' layers against their definitions, written out with loops."""

import numpy as np
import pytest
import torch
from torch.nn.utils import spectral_norm

from editor.engines.networks.layers import GatedConv2d, PartialConv2d, channel_norm, continued

RANDOM = np.random.default_rng(3)


def random_tensor(*shape: int) -> torch.Tensor:
    return torch.from_numpy(RANDOM.normal(size=shape).astype(np.float32))


def convolved(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int, dilation: int) -> np.ndarray:
    """(c, h, w) by (o, c, k, k), padded with nought so that stride 1 keeps the size."""
    channels, height, width = x.shape
    outputs, _, kernel, _ = weight.shape
    reach = dilation * (kernel // 2)
    out = np.zeros((outputs, -(-height // stride), -(-width // stride)))
    for o, y, x0 in np.ndindex(*out.shape):
        total = float(bias[o])
        for c, i, j in np.ndindex(channels, kernel, kernel):
            row, column = y * stride + i * dilation - reach, x0 * stride + j * dilation - reach
            if 0 <= row < height and 0 <= column < width:
                total += weight[o, c, i, j] * x[c, row, column]
        out[o, y, x0] = total
    return out


@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(3, 1, 1), (5, 2, 1), (3, 1, 2)])
def test_a_gated_convolution_lets_through_what_its_gate_opens_for(kernel, stride, dilation):
    layer = GatedConv2d(2, 3, kernel, stride, dilation, normalise=False)
    x = random_tensor(1, 2, 7, 6)
    weight, bias = layer.conv.weight.detach().numpy(), layer.conv.bias.detach().numpy()

    feature = convolved(x[0].numpy(), weight[:3], bias[:3], stride, dilation)
    gate = convolved(x[0].numpy(), weight[3:], bias[3:], stride, dilation)
    expected = np.where(feature > 0, feature, 0.2 * feature) / (1 + np.exp(-gate))

    np.testing.assert_allclose(layer(x)[0].detach().numpy(), expected, atol=1e-5)


def test_a_gated_convolution_normalises_each_place_over_its_channels():
    layer, plain = GatedConv2d(2, 3), GatedConv2d(2, 3, normalise=False)
    plain.load_state_dict(layer.state_dict())
    x = random_tensor(2, 2, 5, 5)
    out = plain(x).detach().numpy()

    expected = out / np.sqrt((out**2).mean(axis=1, keepdims=True) + 1e-4)

    np.testing.assert_allclose(layer(x).detach().numpy(), expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(channel_norm(torch.full((1, 4, 1, 1), 3.0)).numpy(), 1, rtol=1e-4)


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (5, 2)])
def test_a_partial_convolution_counts_only_what_is_known(kernel, stride):
    layer = PartialConv2d(2, 3, kernel, stride)
    torch.nn.init.normal_(layer.bias)
    x = random_tensor(1, 2, 9, 8)
    mask = np.zeros((9, 8), np.float32)
    mask[:3, :4] = 1
    mask[6, 7] = 1
    weight, bias = layer.conv.weight.detach().numpy(), layer.bias.detach().numpy().ravel()
    reach = kernel // 2
    expected = np.zeros((3, -(-9 // stride), -(-8 // stride)))
    known = np.zeros(expected.shape[1:])
    for y, x0 in np.ndindex(*known.shape):
        total, count = np.zeros(3), 0.0
        for i, j in np.ndindex(kernel, kernel):
            row, column = y * stride + i - reach, x0 * stride + j - reach
            if 0 <= row < 9 and 0 <= column < 8 and mask[row, column]:
                total += weight[:, :, i, j] @ x[0, :, row, column].numpy()
                count += 1
        if count:
            expected[:, y, x0] = total * kernel**2 / count + bias
            known[y, x0] = 1

    out, left = layer(x, torch.from_numpy(mask)[None, None])

    assert 0 < known.sum() < known.size
    np.testing.assert_array_equal(left[0, 0].numpy(), known)
    np.testing.assert_allclose(out[0].detach().numpy(), expected, atol=1e-5)


def test_a_partial_convolution_does_not_see_what_the_hole_holds():
    layer = PartialConv2d(1, 2)
    mask = torch.ones(1, 1, 8, 8)
    mask[..., 2:6, 2:6] = 0
    x = random_tensor(1, 1, 8, 8)

    out, _ = layer(x, mask)
    other, _ = layer(torch.where(mask > 0, x, 1e6), mask)

    torch.testing.assert_close(out, other)


@pytest.mark.parametrize("kind", [torch.nn.Conv2d, torch.nn.ConvTranspose2d])
def test_spectral_norm_divides_by_the_largest_singular_value(kind):
    layer = spectral_norm(kind(3, 5, 4))
    for _ in range(200):  # of power iteration, one a pass
        layer(torch.zeros(1, 3, 8, 8))
    layer.eval()(torch.zeros(1, 3, 8, 8))
    raw = layer.weight_orig.detach().numpy()
    rows = raw.reshape(5, -1) if kind is torch.nn.Conv2d else raw.transpose(1, 0, 2, 3).reshape(5, -1)

    largest = np.linalg.svd(rows, compute_uv=False)[0]

    np.testing.assert_allclose(layer.weight.detach().numpy(), raw / largest, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (40, 24)])
def test_a_picture_is_continued_smoothly_into_its_hole(height, width):
    hole = torch.zeros(1, 1, height, width)
    hole[..., 10:30, 5:20] = 1
    ramp = torch.linspace(-1, 1, height)[:, None].expand(1, 3, height, width)
    secret = torch.where(hole > 0, 0.7, ramp)

    out = continued(secret, hole)

    assert torch.equal(out[(hole == 0).expand_as(out)], ramp[(hole == 0).expand_as(out)])
    inside = (hole > 0).expand_as(out)
    assert torch.equal(out, continued(ramp, hole)), "what was in the hole must not tell"
    assert (out - ramp)[inside].abs().max() < 0.5 * (ramp.max() - ramp.min()) * 20 / height
    assert (out[..., 1:, :] - out[..., :-1, :])[..., 10:29, 5:20].abs().max() < 12 * 2 / height


def test_nothing_known_is_grey_and_one_pixel_is_everywhere():
    nothing = torch.ones(1, 1, 8, 8)
    assert not continued(torch.ones(1, 3, 8, 8), nothing).any()
    nothing[..., 3, 5] = 0
    assert torch.allclose(continued(torch.full((1, 3, 8, 8), 0.4), nothing), torch.tensor(0.4))
