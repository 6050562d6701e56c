"""How long selecting takes, and how long the window stands still meanwhile."""

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

_CUP = (0.21, 0.28)  # a place on the coffee cup, as shares of the photograph's width and height
_OPERATIONS = ("grow_mask", "shrink_mask", "feather_mask", "smooth_mask", "remove_specks")
_PIXELS = 40


def measure(bench: Any) -> list[dict]:
    """Rows as in tests.benchmarks.window, whose ``_Bench`` this takes."""
    rows, stalls = [], []
    masking = bench.window.controllers.masking

    def row(name: str, seconds: list[float], budget: float | str = "") -> None:
        rows.append({"name": name, "unit": "s", "budget": budget, **_spread(seconds)})

    def timed(do: Callable[[], object], there: Callable[[], bool] | None = None) -> float:
        """Seconds until the mask has it and everything is painted."""
        before = time.perf_counter()
        do()
        stalls.append(1000 * (time.perf_counter() - before))
        stalls.extend(bench.gaps(lambda: not (there or idle)(), 60))
        bench.app.processEvents()
        return time.perf_counter() - before

    def idle() -> bool:
        return not bench.window.tools.mask_work.busy

    for contiguous in (True, False):
        _choose(bench, "wand", tolerance=40, contiguous=contiguous)
        spent = [timed(lambda: _click(bench, *_CUP)) for _ in range(3)]
        row(f"wand, {'contiguous' if contiguous else 'everywhere'}", spent, 1.0)
        masking.clear_mask()
    _choose(bench, "smart-select")
    rough, fine = [], []
    for _ in range(3):
        rough.append(timed(lambda: _scribble(bench), lambda: bool(bench.document.mask.keys())))
        fine.append(rough[-1] + timed(lambda: None))
        bench.window.cancel()
        bench.app.processEvents()
    row("smart select: first answer", rough, 0.5)
    row("smart select: edge refined", fine)
    _choose(bench, "scissors")
    scissors = bench.window.tools.current
    row("edge-following lasso: contours of a point", [
        timed(lambda: _click(bench, *_CUP), lambda: scissors._job is None) for _ in range(5)])
    bench.window.cancel()
    _choose(bench, "lasso")
    row("lasso round most of the photograph", [timed(_outline(bench)) for _ in range(3)])
    for name in _OPERATIONS:
        row(f"{name.replace('_', ' ')}, {_PIXELS} px", [timed(lambda name=name: _ask(bench, name))])
        bench.window.undo()
    row("invert mask", [timed(masking.invert_mask)])
    return [*rows, {"name": "event loop while selecting", "unit": "ms", "budget": "33 / 100", **_spread(stalls)}]


def _spread(values: list[float]) -> dict[str, float]:
    return {"p50": round(float(np.percentile(values, 50)), 2), "p99": round(float(np.percentile(values, 99)), 2),
            "worst": round(max(values), 2)}


def _choose(bench: Any, name: str, **options: object) -> None:
    bench.window.tools.choose(name)
    bench.window.tools.current.set_options(**options)


def _ask(bench: Any, name: str) -> None:
    """The command, its dialog, a number, OK."""
    from editor.app.dialogs.mask_amount import MaskAmountDialog

    getattr(bench.window.controllers.masking, name)()
    dialog = bench.window.findChild(MaskAmountDialog)
    dialog.number.setValue(_PIXELS)
    dialog.accept()


def _at(bench: Any, across: float, down: float) -> tuple[float, float]:
    height, width = bench.document.shape
    return across * width, down * height


def _click(bench: Any, across: float, down: float) -> None:
    bench.mouse("Press", *_at(bench, across, down))
    bench.mouse("Release", *_at(bench, across, down))


def _scribble(bench: Any) -> None:
    x, y = _at(bench, *_CUP)
    size = bench.document.shape[1] / 40
    bench.mouse("Press", x - size, y)
    bench.mouse("Move", x, y + size)
    bench.mouse("Move", x + size, y)
    bench.mouse("Release", x + size, y)


def _outline(bench: Any) -> Callable[[], None]:
    """Draw a wavy outline that crosses most tiles; what lets it go."""
    around = [(0.5 + 0.4 * (1 + 0.15 * math.sin(9 * turn)) * math.cos(turn),
               0.5 + 0.4 * (1 + 0.15 * math.sin(9 * turn)) * math.sin(turn)) for turn in np.linspace(0, 6.28, 200)]
    bench.mouse("Press", *_at(bench, *around[0]))
    for place in around[1:]:
        bench.mouse("Move", *_at(bench, *place))
    return lambda: bench.mouse("Release", *_at(bench, *around[-1]))
