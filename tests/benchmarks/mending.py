"""How long mending the specks, hairs and scratches of a scan of 24 megapixels and 16 bits takes, alone and together
with blotches and a torn corner.

Each has a process of its own."""

import json
import resource
import sys
import time

import cv2
import numpy as np

from tests.benchmarks.pictures import SIZES, photograph
from tests.benchmarks.rows import of_processes, row

CASES = {"2,000 specks": (2000, 0, 5.0), "20,000 specks": (20_000, 0, ""), "2,000 specks, 20 losses": (2000, 20, "")}
"""How many specks, how many losses besides, and the budget in seconds."""


def damage(specks: int, losses: int, shape: tuple[int, int] = SIZES[24]) -> np.ndarray:
    """(h, w) uint8: a mask of dust, hairs, and two scratches across all of it; and of blotches and a torn corner."""
    random, mask = np.random.default_rng(1), np.zeros(shape, np.uint8)
    for _ in range(specks):
        y, x = random.integers(0, shape)
        if random.random() < 0.75:
            axes = random.integers(1, 8, 2).tolist()
            cv2.ellipse(mask, (int(x), int(y)), axes, random.uniform(0, 180), 0, 360, 255, -1)
        else:
            turns = random.uniform(0, 2 * np.pi) + np.cumsum(random.normal(0, 0.3, 10))
            path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1) * random.uniform(4, 12), axis=0) + (x, y)
            cv2.polylines(mask, [path.astype(np.int32)], False, 255, int(random.integers(1, 5)))
    cv2.line(mask, (shape[1] // 3, 0), (shape[1] // 3 + 40, shape[0]), 255, 4)
    cv2.line(mask, (0, shape[0] // 2), (shape[1], shape[0] // 2 + 300), 255, 9)
    for _ in range(losses):
        y, x = random.integers(0, shape)
        axes = random.integers(15, 50, 2).tolist()
        cv2.ellipse(mask, (int(x), int(y)), axes, random.uniform(0, 180), 0, 360, 255, -1)
    if losses:
        cv2.fillPoly(mask, [np.array([(0, 0), (300, 0), (180, 90), (120, 200), (0, 260)])], 255)
    return mask


def measure() -> list[dict]:
    """Rows: see rows.py."""
    return of_processes("tests.benchmarks.mending", CASES)


def main() -> None:
    from editor.restoration.mending import mend

    specks, losses, budget = CASES[sys.argv[1]]
    scan, mask = photograph(24).astype(np.uint16) * 257, damage(specks, losses)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        mend(lambda box: scan[box.slices], scan.shape[:2], mask)
        seconds.append(time.perf_counter() - begun)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - held
    print(json.dumps([row(f"mend {sys.argv[1]}, 24 MP of 16 bits", seconds, budget, "s"),
                      row(f"mend {sys.argv[1]}: memory besides the scan", [memory], "", "MiB")]))


if __name__ == "__main__":
    main()
