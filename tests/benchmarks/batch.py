"""``python -m tests.benchmarks.batch [COUNT]``: a batch of scans of 12 megapixels and 16 bits: time and memory.

Fifty by default, which takes its time: it is no part of ``python -m tests.benchmarks``. The scans are one file under
many names: a white-bordered photograph that leans on a scanner's bed, scratched and faded, which is straightened,
mended and unfaded, its local contrast raised. What counts is that the fiftieth needs no more memory than the first few
did.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from tests.benchmarks.pictures import photograph

_BED = (3000, 4000)
_FEW = 3  # photographs after which memory should grow no more


def main() -> None:
    from editor.batch.manifest import Manifest
    from editor.batch.order import Order, photos_in, planned
    from editor.batch.report import write_report
    from editor.batch.running import run
    from editor.evaluation.memory import peak_memory
    from editor.restoration.registry import find
    from editor.restoration.restoring import CROP, Mending, Steps, Unfading
    from editor.storage.photos import Decoder

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    steps = Steps(geometry=CROP, mend=Mending(), unfade=Unfading(), local_contrast=find("local-contrast").Settings())
    with tempfile.TemporaryDirectory() as room, Decoder() as decoder:
        scans, out = Path(room) / "scans", Path(room) / "out"
        scans.mkdir()
        out.mkdir()
        cv2.imwrite(str(scans / "00.tif"), _scan()[..., ::-1])
        for number in range(1, count):
            os.link(scans / "00.tif", scans / f"{number:02}.tif")
        begun, entries, few = time.perf_counter(), [], 0.0
        for entry in run(planned(photos_in([scans]), out), Order(steps), decoder=decoder, manifest=Manifest(out),
                         pictured=True):
            assert not entry.error, entry.error
            entries.append(entry)
            few = peak_memory() if len(entries) <= _FEW else few
            for written in entry.outs:
                os.unlink(written)  # a disk may not have room for fifty
        seconds = time.perf_counter() - begun
        write_report(out / "report.html", entries, steps.chosen)
        size = (out / "report.html").stat().st_size
    print("\n".join(entries[0].words))
    print(f"{count} scans of 12 MP and 16 bits: {seconds / count:.1f} s each, {seconds / 60:.1f} min in all")
    print(f"peak memory after {min(_FEW, count)}: {few:.0f} MiB, after {count}: {peak_memory():.0f} MiB; "
          f"report: {size / 2**20:.1f} MiB")


def _scan() -> np.ndarray:
    """(h, w, 3) uint16."""
    picture = photograph(12)[300:2700, 300:3500].astype(np.float32) * 0.5 + 70  # faded
    random = np.random.default_rng(0)
    for _ in range(400):
        x, y = random.integers(0, 3200), random.integers(0, 2400)
        cv2.circle(picture, (int(x), int(y)), int(random.integers(1, 4)), (235, 232, 225), -1)
    for _ in range(12):
        start, end = random.integers(0, (3200, 2400), (2, 2))
        cv2.line(picture, tuple(map(int, start)), tuple(map(int, end)), (235, 232, 225), 2)
    paper = cv2.copyMakeBorder(picture, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(232, 230, 222))
    turn = cv2.getRotationMatrix2D((1660, 1260), 1.5, 1.0)
    turn[:, 2] += (340, 240)
    bed = np.full((*_BED, 3), 249, np.float32)
    cv2.warpAffine(paper, turn, _BED[::-1], dst=bed, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_TRANSPARENT)
    bed += random.standard_normal(bed.shape, np.float32) * 1.2
    return np.rint(np.clip(bed, 0, 255) * 257).astype(np.uint16)


if __name__ == "__main__":
    main()
