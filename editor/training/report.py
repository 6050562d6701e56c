"""Pictures of a training: sheets of samples and curves of the losses, as PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from editor.atomic import write_bytes

COLUMNS = 10


def write_sheet(path: Path, rows: list[torch.Tensor]) -> None:
    """Rows of pictures, each (n, 3, h, w) in -1..1, one below the other; at most ten columns."""
    strips = [((row[:COLUMNS].float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
              for row in rows]
    _write(path, np.concatenate([np.concatenate(list(strip), axis=1) for strip in strips], axis=0))


def write_curves(path: Path, curves: Mapping[str, Sequence[tuple[int, float]]], height: int = 140,
                 width: int = 900) -> None:
    """A plot for each named curve of (step, value), one below the other, each from its least to its greatest value."""
    plots = []
    for name, points in curves.items():
        plot = np.full((height, width, 3), 30, np.uint8)
        steps, values = np.array(points, float).T
        if len(values) > 4:  # batches differ: what is wanted is the trend
            kernel = np.ones(max(1, len(values) // 50))
            values = np.convolve(values, kernel, "same") / np.convolve(np.ones_like(values), kernel, "same")
        low, high = values.min(), values.max()
        x = 10 + (steps - steps[0]) / max(1.0, steps[-1] - steps[0]) * (width - 20)
        y = height - 10 - (values - low) / max(1e-9, high - low) * (height - 40)
        cv2.polylines(plot, [np.stack([x, y], 1).round().astype(np.int32)], False, (120, 200, 250), 1, cv2.LINE_AA)
        text = f"{name}: {values[-1]:.4g} at step {int(steps[-1])} ({low:.4g} to {high:.4g})"
        cv2.putText(plot, text, (10, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (220, 220, 220), 1, cv2.LINE_AA)
        plots.append(plot)
    if plots:
        _write(path, np.concatenate(plots))


def _write(path: Path, picture: np.ndarray) -> None:
    done, data = cv2.imencode(".png", picture[..., ::-1])
    if not done:
        raise OSError(f"{path}: the picture cannot be encoded")
    write_bytes(path, data.data)
