"""How long finding the damage of a scan of 24 megapixels and 16 bits takes, with the network and with filters.

Each has a process of its own."""

import json
import resource
import sys
import time

import numpy as np

from tests.benchmarks.pictures import photograph
from tests.benchmarks.rows import of_processes, row

_BUDGETS = {"network": 6.0, "classical": 6.0}  # seconds


def measure() -> list[dict]:
    """Rows: see rows.py."""
    return of_processes("tests.benchmarks.finding", _BUDGETS)


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
        row(f"find damage, 24 MP of 16 bits: {method}", searches, _BUDGETS[method], "s"),
        row(f"find damage: {method}: a mask of what was found, 24 MP", masks, "", "ms"),
        row(f"find damage: {method}: memory besides the scan", [memory], "", "MiB")]))


if __name__ == "__main__":
    main()
