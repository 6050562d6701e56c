"""Asking a network: numpy in, numpy out."""

import numpy as np

from editor.engines.networks.devices import Place, autocast


def answer(module, planes: np.ndarray, place: Place) -> np.ndarray:
    """What the torch module ``module`` on the place's device makes of ``planes`` (c, h, w) float32: (c', h, w) float32.

    Raises FloatingPointError for an answer that is not finite, and what torch raises where there is no room.
    """
    import torch

    with torch.inference_mode(), autocast(place):
        out = module(torch.from_numpy(np.ascontiguousarray(planes))[None].to(place.device)).float()
        if not torch.isfinite(out).all():
            raise FloatingPointError("the network's answer has values that are no numbers")
        return out[0].cpu().numpy()
