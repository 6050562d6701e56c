"""How long finding the damage of a scan of 24 megapixels and 16 bits takes, with the network and with filters.

Each has a process of its own."""

import json
import resource
import subprocess
import sys
import time

import numpy as np

from tests.benchmarks.pictures import photograph

_BUDGETS = {"network": 6.0, "classical": 6.0}  # seconds


def measure() -> list[dict]:
    """Rows as those of filling."""
    rows = []
    for method in _BUDGETS:
        command = [sys.executable, "-m", "tests.benchmarks.finding", method]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows += json.loads(done.stdout)
    return rows


def main() -> None:
    import torch

    from editor.restoration.finding import find

    method = sys.argv[1]
    torch.set_num_threads(2)
    scan = photograph(24).astype(np.uint16) * 257
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    searches, masks = [], []
    for _ in range(3):
        begun = time.perf_counter()
        found = find(lambda box: scan[box.slices], scan.shape[:2], method=method)
        searched = time.perf_counter()
        found.mask(0.5, grow=2)
        searches.append(searched - begun)
        masks.append(1000 * (time.perf_counter() - searched))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - held
    print(json.dumps([
        _row(f"find damage, 24 MP of 16 bits: {method}", searches, _BUDGETS[method], "s"),
        _row(f"find damage: {method}: a mask of what was found, 24 MP", masks, "", "ms"),
        _row(f"find damage: {method}: memory besides the scan", [memory], "", "MiB")]))


def _row(name: str, values: list[float], budget: float | str, unit: str) -> dict:
    return {"name": name, "unit": unit, "budget": budget, "p50": float(np.median(values)),
            "p99": float(np.percentile(values, 99)), "worst": max(values)}


if __name__ == "__main__":
    main()
