"""How soon a preview follows a line, and what the pointer waits meanwhile."""

import time
from typing import Any

_ENGINES = {"membrane": "", "scene": 0.2, "sc-fegan": 0.2}  # name: seconds, where there is a budget
_LINES = 8


def measure(bench: Any) -> list[dict]:
    """Rows as in tests.benchmarks.window, whose ``_Bench`` this takes: lines drawn in a hole of 2 %.

    From the end of a line to its preview, painted. The first previews, which load weights, are left out.
    """
    from tests.benchmarks.window import _spread

    bench.mask_an_object(0.02)
    shown: list[bool] = []
    show = bench.canvas.show_preview
    bench.canvas.show_preview = lambda *given: (show(*given), shown.append(True))
    bench.window.tools.choose("sketch-pen")
    previewing = bench.window.controllers.previewing
    previewing.toggle_live_preview(True)
    rows = []
    for engine, budget in _ENGINES.items():
        bench.window.engine_options.set_choice(engine, {}, 1)
        bench.until(lambda: not previewing.busy, 30)
        bench.until(lambda: False, 1.0)
        spent, waited = [], []
        for number in range(_LINES):
            waited += _line(bench, number)
            bench.until(lambda: not previewing.busy, 30)
            shown.clear()
            before = time.perf_counter()
            bench.mouse("Release", *_place(bench, 13, number))
            bench.until(lambda: bool(shown), 30)
            bench.app.processEvents()
            spent.append(time.perf_counter() - before)
        rows += [{"name": f"preview of {engine} after a line", "unit": "s", "budget": budget, **_spread(spent)},
                 {"name": f"pointer event while {engine} previews", "unit": "ms", "budget": "4 / 16",
                  **_spread(waited)}]
    return rows


def _line(bench: Any, number: int) -> list[float]:
    """Draw a line but for its end; milliseconds of each step."""
    bench.mouse("Press", *_place(bench, 0, number))
    waited = []
    for step in range(1, 13):
        before = time.perf_counter()
        bench.mouse("Move", *_place(bench, step, number))
        waited.append(1000 * (time.perf_counter() - before))
    return waited


def _place(bench: Any, step: int, number: int) -> tuple[float, float]:
    height, width = bench.document.shape
    return width / 2 + 10 * step - 60, height / 2 + 20 * number - 80
