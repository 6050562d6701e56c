"""Film grain laid over a photograph by code, so that the picture without it is known."""

import cv2
import numpy as np


def with_grain(picture: np.ndarray, strength: float = 0.06, size: float = 1.2, colour: float = 0.4,
               seed: int = 0) -> np.ndarray:
    """``picture`` (h, w, 1 or 3) float32 0..1 with grain as film scanned finely has it.

    strength: its standard deviation in the mid-tones; less in shadows and lights, where film is clear or full. size:
    of the clumps, sigma in pixels; half the power is twice as coarse, and a tenth is the scanner's own white noise.
    colour: 0 is the same in all channels, 1 as strong apart as together.
    """
    random = np.random.default_rng(seed)
    height, width, channels = picture.shape

    def clumps() -> np.ndarray:
        layers = []
        for sigma in (size, 2 * size):
            noise = cv2.GaussianBlur(random.standard_normal((height, width), np.float32), (0, 0), sigma)
            layers.append(noise / noise.std())
        return np.sqrt(0.45) * (layers[0] + layers[1]) + np.sqrt(0.1) * random.standard_normal(
            (height, width), np.float32)

    grain = np.repeat(clumps()[..., None], channels, axis=2)
    if channels > 1:
        grain = (grain + colour * np.stack([clumps() for _ in range(channels)], axis=2)) / np.hypot(1, colour)
    light = picture.mean(axis=2, keepdims=True)
    return np.clip(picture + strength * grain * (0.35 + 0.65 * 4 * light * (1 - light)), 0, 1).astype(np.float32)
