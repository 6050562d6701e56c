"""Losses of the networks' training. Pictures are (n, 3, h, w) float32 in -1..1, holes (n, 1, h, w) 0..1."""

import torch
import torch.nn.functional as F

from editor.training.features import Features, unit


def hole_l1(output: torch.Tensor, picture: torch.Tensor, hole: torch.Tensor, outside: float = 0.2) -> torch.Tensor:
    """Mean absolute error in the hole, plus ``outside`` times that of the rest."""
    error = (output - picture).abs().mean(1, keepdim=True)
    inside = (error * hole).sum() / hole.sum().clamp(min=1.0)
    return inside + outside * (error * (1 - hole)).sum() / (1 - hole).sum().clamp(min=1.0)


def perceptual_and_style(features: Features, output: torch.Tensor,
                         picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Perceptual loss (Johnson et al. 2016) on unit feature vectors, and style loss (Gatys et al. 2016) on their
    correlations, over the maps of strides 2 to 16."""
    with torch.no_grad():
        wanted = [unit(found.float()) for found in features(picture)[:-1]]
    perceptual = style = output.new_zeros(())
    for found, target in zip(features(output), wanted, strict=False):
        found = unit(found.float())
        perceptual = perceptual + (found - target).square().sum(1).mean()
        style = style + (_correlations(found) - _correlations(target)).abs().sum((1, 2)).mean()
    return perceptual, style


def _correlations(features: torch.Tensor) -> torch.Tensor:
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[-1]


def variation(output: torch.Tensor, hole: torch.Tensor) -> torch.Tensor:
    """Total variation in the hole."""
    down = ((output[..., 1:, :] - output[..., :-1, :]).abs() * hole[..., 1:, :]).sum()
    right = ((output[..., 1:] - output[..., :-1]).abs() * hole[..., 1:]).sum()
    return (down + right) / (3 * hole.sum().clamp(min=1.0))


def feature_matching(fake: list[torch.Tensor], real: list[torch.Tensor]) -> torch.Tensor:
    """Mean absolute difference of a critic's maps (Salimans et al. 2016; Wang et al. 2018)."""
    return sum(F.l1_loss(one.float(), two.detach().float()) for one, two in zip(fake, real, strict=True))


def hinge_critic(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """The critic's hinge loss (Lim and Ye 2017) on scores of any shape."""
    return F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()


def hinge_generator(fake: torch.Tensor) -> torch.Tensor:
    return -fake.float().mean()


def hole_psnr(output: torch.Tensor, picture: torch.Tensor, hole: torch.Tensor) -> float:
    """Mean over the pictures of the peak signal-to-noise ratio in their holes, decibels."""
    error = ((output - picture).square().mean(1, keepdim=True) * hole).sum((1, 2, 3)) / hole.sum((1, 2, 3)).clamp(min=1)
    return float((10 * torch.log10(4 / error.clamp(min=1e-8))).mean())
