"""How long the engines take that have a budget: the networks and the patch search; each in a process of its own.

First fills are left out (they load weights and compile, which has rows of its own), and the rest are timed one by one.
"""

import json
import resource
import sys
import time

import cv2
import numpy as np

from tests.benchmarks.pictures import photograph
from tests.benchmarks.rows import of_processes, row

NETWORKS = {"sc-fegan": 0.8, "scene": 0.8, "edge-connect": 1.5}  # name: seconds a variant at 512 px
_TIMES = 7


def measure() -> list[dict]:
    """One row a figure: name, unit, budget ("" where there is none), p50, p99, worst. Networks without weights have
    none."""
    from editor.engines.registry import engines

    there = {engine.name for engine in engines()}
    networks = (name for name in NETWORKS if name in there)
    return of_processes("tests.benchmarks.filling", (*networks, "patches 512", "patches 12", "patches 48"))


def main() -> None:
    what, *size = sys.argv[1].split()
    print(json.dumps(_patches(int(size[0])) if size else _network(what)))


def _network(name: str) -> list[dict]:
    from editor.engines.networks.store import find_model, load
    from editor.engines.registry import find

    engine = find(name)
    import torch  # its own import is not the weights' loading

    torch.set_num_threads(2)
    loading = [_timed(lambda: [load(find_model(network)) for network in engine.networks]) for _ in range(3)]
    rows = [row(f"{name}: cold load of its weights", loading, 1.0)]
    for side, budget in ((512, NETWORKS[name]), (256, 0.2)):
        settings = engine.Settings(working=str(side), detail=0.0)
        times = _fills(engine, photograph(12)[:side, :side], settings)
        rows.append(row(f"{name}: a variant of {side} px", times, budget))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, row(f"{name}: memory of the process", [memory], 1536, "MiB")]


def _patches(megapixels: int) -> list[dict]:
    from editor.engines.registry import find

    engine = find("patches")
    if megapixels == 512:
        times = _fills(engine, photograph(12)[:512, :512], None)
        return [row("patches: a variant of 512 px", times, 0.4)]
    _fills(engine, photograph(12)[:256, :256], None, 1)
    times = _fills(engine, photograph(megapixels), None, 3, area=0.08 * 12e6)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    name = f"patches: a hole of 0.96 MP, {megapixels} MP"
    return [row(name, times, 3.0 if megapixels == 12 else ""),
            row(f"{name}: memory with the photo", [memory], "", "MiB")]


def _fills(engine, image: np.ndarray, settings, times: int = _TIMES, area: float | None = None) -> list[float]:
    """Seconds of fills of an upright oval: a fifth of the picture, or ``area`` pixels. The first fill is left out."""
    from editor.engines.filling import fill

    height, width = image.shape[:2]
    tall = (2 * (area or 0.2 * height * width) / np.pi) ** 0.5
    mask = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, (width // 2, height // 2), (round(tall / 2), round(tall)), 0, 0, 360, 255, -1)

    def once() -> None:
        for _ in fill(lambda box: image[box.slices], image.shape[:2], mask, engine, settings=settings):
            pass

    return [_timed(once) for _ in range(times + 1)][1:]


def _timed(call) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
