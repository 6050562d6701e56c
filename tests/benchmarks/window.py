"""What a user feels in the window. Each measurement runs in a process of its own, on Qt's offscreen platform."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.pictures import jpeg

_TOP = Path(__file__).parents[2]

Row = dict[str, object]


def measure(photos: Path) -> list[Row]:
    """All measurements, as rows of name, budget, unit and values."""
    rows = start(photos)
    for name, megapixels in (("opening", 12), ("opening", 48), ("dabs", 12), ("dabs", 48), ("undo", 48),
                             ("memory", 12), ("stall_while_filling", 12), ("cancel", 12), ("saving", 48),
                             ("previews", 12), ("previews", 48), ("filters", 48), ("adjusting", 48),
                             ("comparing", 48), ("selecting", 12), ("selecting", 48)):
        with tempfile.TemporaryDirectory() as state:
            done = subprocess.run([sys.executable, "-m", "tests.benchmarks.window", name,
                                   str(jpeg(megapixels, photos))], cwd=_TOP, env=_environment(state),
                                  capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"{name} at {megapixels} MP failed:\n{done.stderr[-2000:]}")
        rows += [{**row, "name": f"{row['name']}, {megapixels} MP"} for row in json.loads(done.stdout.splitlines()[-1])]
    return rows


def _environment(state: str) -> dict[str, str]:
    return os.environ | {"QT_QPA_PLATFORM": "offscreen", "PENTIMENTO_CONFIG": state, "PENTIMENTO_STATE": state}


_UP = """
import os, sys, threading, time
photo = sys.argv[1:]
def patch():  # as soon as there is a window class, and not sooner: nothing may be loaded out of turn
    while not hasattr(sys.modules.get("editor.app.window"), "Window"):
        time.sleep(0.001)
    from editor.app.window import Window
    show = Window.show
    def shown(window):
        show(window)
        if photo:
            window.files.start(Path(photo[0]))
        QApplication.processEvents()
        while photo and window.document is None:
            QApplication.processEvents()
        QApplication.processEvents()
        print(time.time(), flush=True)
        os._exit(0)
    from pathlib import Path
    from PySide6.QtWidgets import QApplication
    Window.show = shown
threading.Thread(target=patch, daemon=True).start()
from editor.main import main
main(photo)
"""


def start(photos: Path) -> list[Row]:
    """From the command to a window that can be painted on."""
    rows = []
    for name, arguments in (("start to window", []), ("start to painted photograph, 12 MP", [str(jpeg(12, photos))])):
        seconds = []
        for _ in range(6):
            with tempfile.TemporaryDirectory() as state:
                before = time.time()
                done = subprocess.run([sys.executable, "-c", _UP, *arguments], cwd=_TOP, env=_environment(state),
                                      capture_output=True, text=True, timeout=60, check=True)
                seconds.append(float(done.stdout.splitlines()[-1]) - before)
        rows.append({"name": name, "unit": "s", "budget": 1.0, **_spread(seconds[1:])})  # the first one warms the disk
    return rows


def _spread(values: list[float]) -> dict[str, float]:
    import numpy as np

    return {"p50": round(float(np.percentile(values, 50)), 2), "p99": round(float(np.percentile(values, 99)), 2),
            "worst": round(max(values), 2)}


class _Bench:
    """A window with a photograph."""

    def __init__(self, path: Path):
        from PySide6.QtWidgets import QApplication

        from editor.app import theme
        from editor.app.settings import Settings
        from editor.app.window import Window

        self.app = QApplication([])
        theme.apply(self.app)
        sys.setswitchinterval(0.001)
        self.window = Window(Settings())
        self.window.show()
        self.window.files.controller.warm_up()
        self.until(lambda: False, 1.0)  # the decoder is ready, as it is when a user has chosen a file
        before = time.perf_counter()
        self.window.files.open_path(path)
        self.until(lambda: self.window.document is not None, 60)
        self.app.processEvents()
        self.opening = time.perf_counter() - before
        self.canvas, self.document = self.window.canvas, self.window.document
        self.until(lambda: False, 0.5)

    def until(self, there: Callable[[], bool], seconds: float) -> None:
        end = time.perf_counter() + seconds
        while not there() and time.perf_counter() < end:
            self.app.processEvents()
            time.sleep(0.0005)

    def mouse(self, kind: str, x: float, y: float) -> None:
        """Send one event at a photo point, and let everything it causes be painted."""
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent

        place = QPointF(*self.canvas.view.to_device(x, y))
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        button, held = {"Press": (left, left), "Move": (none, left), "Release": (left, none)}[kind]
        event = QMouseEvent(getattr(QEvent.Type, f"MouseButton{kind}" if kind != "Move" else "MouseMove"), place,
                            self.canvas.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier)
        self.app.sendEvent(self.canvas, event)
        self.app.processEvents()

    def stroke(self, size: float, steps: int, row: float) -> list[float]:
        """Milliseconds from each pointer event to painted pixels, of a stroke across the view."""
        self.window.tools.brush_tool.set_brush(size=size)
        box = self.canvas.view.photo_box()
        y = box.top + row * box.height
        xs = [box.left + box.width * (0.1 + 0.8 * step / steps) for step in range(steps + 1)]
        self.mouse("Press", xs[0], y)
        spent = []
        for x in xs[1:]:
            before = time.perf_counter()
            self.mouse("Move", x, y)
            spent.append(1000 * (time.perf_counter() - before))
        self.mouse("Release", xs[-1], y)
        return spent

    def gaps(self, while_: Callable[[], bool], seconds: float) -> list[float]:
        """Milliseconds between visits to the event loop."""
        spent, last = [], time.perf_counter()
        end = last + seconds
        while while_() and last < end:
            self.app.processEvents()
            now = time.perf_counter()
            spent.append(1000 * (now - last))
            last = now
            time.sleep(0.002)
            last = time.perf_counter()
        return spent

    def mask_an_object(self, share: float) -> None:
        """A round hole of this share of the photograph."""
        height, width = self.document.shape
        self.window.tools.brush_tool.set_brush(size=min(2000, 2 * (share * height * width / 3.1416) ** 0.5))
        self.mouse("Press", width * 0.5, height * 0.5)
        self.mouse("Release", width * 0.5, height * 0.5)


def opening(bench: _Bench) -> list[Row]:
    budget = 0.4 if bench.document.shape[0] < 4000 else ""
    return [{"name": "open JPEG to painted pixels", "unit": "s", "budget": budget, **_spread([bench.opening])}]


def dabs(bench: _Bench) -> list[Row]:
    rows = []
    for view, change in (("fitted", bench.canvas.fit), ("100 %", bench.canvas.actual_size)):
        change()
        for tool in ("mask-brush", "paint-brush"):
            bench.window.tools.choose(tool)
            for size, flow in ((20, 1.0), (200, 1.0), (1000, 1.0), (200, 0.2), (1000, 0.2)):
                bench.window.tools.brush_tool.set_brush(flow=flow)
                spent = bench.stroke(size, 150, 0.3) + bench.stroke(size, 150, 0.6)
                flowing = "" if flow == 1 else f", flow {flow:.0%}"
                rows.append({"name": f"{tool} {size} px{flowing}, {view}", "unit": "ms",
                             "budget": "4 / 16" if size == 200 else "", **_spread(spent)})
            bench.window.tools.brush_tool.set_brush(flow=1.0)
    return rows


def undo(bench: _Bench) -> list[Row]:
    rows = []
    for tool in ("mask-brush", "paint-brush"):
        bench.window.tools.choose(tool)
        bench.stroke(200, 60, 0.4)
        spent = []
        for _ in range(20):
            for step in (bench.document.undo, bench.document.redo):
                before = time.perf_counter()
                step()
                bench.app.processEvents()
                spent.append(1000 * (time.perf_counter() - before))
        rows.append({"name": f"undo or redo of a {tool} stroke", "unit": "ms", "budget": 16, **_spread(spent)})
    return rows


def memory(bench: _Bench) -> list[Row]:
    for number in range(50):
        bench.stroke(200, 20, 0.05 + number * 0.018)
    bench.until(lambda: False, 1.0)
    status = Path("/proc/self/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
    return [{"name": "memory with a mask and fifty strokes", "unit": "MiB", "budget": 400, **_spread([resident])}]


def stall_while_filling(bench: _Bench) -> list[Row]:
    rows = []
    for engine in ("telea", "auto"):
        bench.window.engine_options.set_choice(engine, {}, 2)
        bench.mask_an_object(0.08)
        bench.until(lambda: False, 0.5)
        before = time.perf_counter()
        bench.window.fill_button.click()
        spent = bench.gaps(lambda: bench.window.filling.busy, 120)
        seconds = time.perf_counter() - before
        rows.append({"name": f"event loop while {engine} fills 8 % ({seconds:.1f} s)", "unit": "ms",
                     "budget": "33 / 100", **_spread(spent)})
    return rows


def cancel(bench: _Bench) -> list[Row]:
    spent = []
    bench.window.engine_options.set_choice("auto", {}, 1)
    bench.mask_an_object(0.08)
    for wait in (0.05, 0.2, 0.4, 0.8):
        bench.window.fill_button.click()
        bench.until(lambda: False, wait)
        before = time.perf_counter()
        bench.window.cancel()
        bench.app.processEvents()
        assert not bench.window.filling.busy
        spent.append(1000 * (time.perf_counter() - before))
        bench.until(lambda: False, 0.5)
    return [{"name": "cancel to idle", "unit": "ms", "budget": 200, **_spread(spent)}]


def previews(bench: _Bench) -> list[Row]:
    from tests.benchmarks import previewing

    return previewing.measure(bench)


def saving(bench: _Bench) -> list[Row]:
    bench.stroke(200, 50, 0.5)
    with tempfile.TemporaryDirectory() as folder:
        before = time.perf_counter()
        job = bench.window.files.controller.save(bench.window.file, Path(folder) / "project.ora")
        over: list[bool] = []
        job.ended.connect(lambda: over.append(True))
        spent = bench.gaps(lambda: not over, 240)
        seconds = time.perf_counter() - before
    return [{"name": f"event loop while saving a project ({seconds:.1f} s)", "unit": "ms", "budget": "33 / 100",
             **_spread(spent)}]


def comparing(bench: _Bench) -> list[Row]:
    """Before and after, tabs, and the map of changes, on a photograph with strokes all over it."""
    from PySide6.QtGui import QAction

    def timed(act: Callable[[], object]) -> float:
        before = time.perf_counter()
        act()
        bench.app.processEvents()
        return 1000 * (time.perf_counter() - before)

    bench.window.tools.choose("paint-brush")
    for row in range(6):
        bench.stroke(1000, 20, 0.1 + 0.15 * row)
    canvas, files, page = bench.canvas, bench.window.files, bench.window.page
    split, halves, changes = (bench.window.findChild(QAction, name)
                              for name in ("toggle_split", "toggle_side_by_side", "toggle_changes"))
    split.trigger()
    line = [timed(lambda share=share: page.split.move_to(share * canvas.width() / 60)) for share in range(60)]
    halves.trigger()
    both = [timed(lambda: canvas.set_view(canvas.view.panned(7, 3))) for _ in range(40)]
    halves.trigger()
    files.controller.open(files.file.document.photo.source)
    bench.until(lambda: len(files.open_files.files) == 2, 60)
    bench.until(lambda: False, 1.0)
    tabs = [timed(lambda: files.open_files.step(1)) for _ in range(8)]
    files.open_files.show(files.open_files.files[0])
    before = time.perf_counter()
    changes.trigger()
    watch = bench.window.controllers.changes._watch
    stalls = bench.gaps(lambda: not watch.whole, 60)
    seconds = time.perf_counter() - before
    return [{"name": "a step of the split line", "unit": "ms", "budget": 16, **_spread(line)},
            {"name": "a step of panning side by side", "unit": "ms", "budget": 33, **_spread(both)},
            {"name": "another tab", "unit": "ms", "budget": 100, **_spread(tabs)},
            {"name": f"event loop while the map of changes is made ({seconds:.1f} s)", "unit": "ms",
             "budget": "33 / 100", **_spread(stalls)}]


def filters(bench: _Bench) -> list[Row]:
    from tests.benchmarks import restoring

    return restoring.in_window(bench)


def adjusting(bench: _Bench) -> list[Row]:
    from tests.benchmarks import adjusting as cases

    return cases.measure(bench)


def selecting(bench: _Bench) -> list[Row]:
    from tests.benchmarks import selecting as cases

    return cases.measure(bench)


if __name__ == "__main__":
    bench = _Bench(Path(sys.argv[2]))
    print(json.dumps(globals()[sys.argv[1]](bench)), flush=True)
    bench.window.files.forget_unsaved()
    bench.window.close()
