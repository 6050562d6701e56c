"""How long each filter takes on a scan of 24 megapixels and 16 bits, and what it takes besides; and what the window
feels while one is tried out and applied.

Each filter has a process of its own."""

import json
import sys
import time
from typing import Any

import numpy as np
import psutil

from tests.benchmarks.pictures import photograph
from tests.benchmarks.rows import of_processes, row

_SCREEN = (1100, 1440)  # pixels of the canvas at 100 %
_REPEATS = 3


def measure() -> list[dict]:
    """Rows: see rows.py."""
    from editor.restoration.registry import filters

    return of_processes("tests.benchmarks.restoring", (filter.name for filter in filters()))


def main() -> None:
    from editor.engines.contract import no_progress
    from editor.raster.surface import Box
    from editor.restoration.contract import Scan
    from editor.restoration.filtering import filtered
    from editor.restoration.registry import find

    filter = find(sys.argv[1])
    settings, scan = filter.Settings(), Scan.of(photograph(24).astype(np.uint16) * 257)
    top, left = ((side - part) // 2 for side, part in zip(scan.shape, _SCREEN, strict=True))
    screen = Box(top, left, top + _SCREEN[0], left + _SCREEN[1])
    process = psutil.Process()
    held = process.memory_info().rss
    preparing, previews, wholes, memory = [], [], [], []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        prepared = filter.prepare(scan, settings, no_progress)
        preparing.append(time.perf_counter() - begun)
        for box, spent in ((screen, previews), (None, wholes)):
            begun = time.perf_counter()
            for _ in filtered(scan, filter, settings, box, prepared=prepared):
                memory.append((process.memory_info().rss - held) / 2**20)
            spent.append(time.perf_counter() - begun)
    print(json.dumps([
        row(f"{filter.name}: what is known of all of it, 24 MP of 16 bits", preparing),
        row(f"{filter.name}: a screen at 100 %", previews),
        row(f"{filter.name}: all of it, 24 MP of 16 bits", wholes),
        row(f"{filter.name}: memory besides the scan", memory, unit="MiB")]))


def in_window(bench: Any) -> list[dict]:
    """Rows as in tests.benchmarks.window, whose ``_Bench`` this takes: local contrast on a fitted photograph."""
    from PySide6.QtWidgets import QDialog, QLabel, QPushButton

    from tests.benchmarks.window import _spread

    bench.window.controllers.filters.filter_local_contrast()
    dialog = bench.window.findChild(QDialog, "filter-dialog")
    note = dialog.findChild(QLabel, "filter-note")
    begun = time.perf_counter()
    tried = bench.gaps(lambda: "shows the result" not in note.text(), 120)
    first = time.perf_counter() - begun
    dialog.findChild(QPushButton, "apply-filter").click()
    begun = time.perf_counter()
    applied = bench.gaps(lambda: not bench.document.layers, 120)
    whole = time.perf_counter() - begun
    landed = bench.gaps(lambda: time.perf_counter() < begun + whole + 3, 10)
    return [{"name": f"event loop while a filter is tried out ({first:.1f} s)", "unit": "ms", "budget": "33 / 100",
             **_spread(tried)},
            {"name": f"event loop while it is applied and lands ({whole:.1f} s)", "unit": "ms", "budget": "33 / 100",
             **_spread(applied + landed)}]


if __name__ == "__main__":
    main()
