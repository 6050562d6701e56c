"""What the benchmarks of engines and restoration share: rows of the table, and a process of its own for each case."""

import json
import subprocess
import sys
from collections.abc import Iterable

import numpy as np


def row(name: str, values: list[float], budget: object = "", unit: str = "s") -> dict:
    """One row of the table; ``budget`` is "" where there is none."""
    return {"name": name, "unit": unit, "budget": budget, "p50": float(np.median(values)),
            "p99": float(np.quantile(values, 0.99)), "worst": max(values)}


def of_processes(module: str, cases: Iterable[str]) -> list[dict]:
    """The rows that ``python -m module CASE`` prints as JSON, for each case."""
    rows = []
    for case in cases:
        done = subprocess.run([sys.executable, "-m", module, case], capture_output=True, text=True, check=True)
        rows += json.loads(done.stdout)
    return rows
