"""``python -m tests.benchmarks [--json FILE]``: every budget of the design that can be measured now.

Prints a table. Values of one row come from one run; machines are noisy, so compare rows of the same run.
"""

import argparse
import json
import platform
import tempfile
from pathlib import Path

from tests.benchmarks import filling, finding, mending, raster, restoring, window


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as photos:
        rows = [*window.measure(Path(photos)), *raster.measure(), *filling.measure(), *finding.measure(),
                *mending.measure(), *restoring.measure()]
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    print(f"| {'what':62} | {'budget':>9} | {'p50':>8} | {'p99':>8} | {'worst':>8} | unit |")
    print(f"|{'-' * 64}|{'-' * 10}:|{'-' * 9}:|{'-' * 9}:|{'-' * 9}:|------|")
    for row in rows:
        print(f"| {row['name']:62} | {row['budget']!s:>9} | {row['p50']:8.2f} | {row['p99']:8.2f} "
              f"| {row['worst']:8.2f} | {row['unit']:4} |")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
