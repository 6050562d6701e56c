"""Adjustment layers: a handle of the levels dragged, and strokes under levels and on their mask."""

import time

from tests.benchmarks.window import Row, _Bench, _spread


def measure(bench: _Bench) -> list[Row]:
    from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
    from PySide6.QtGui import QMouseEvent

    from editor.app.dialogs.levels import LevelsDialog
    from editor.document import layer_ops

    def dragged(dialog: LevelsDialog) -> list[float]:
        """Milliseconds from each move of the black handle to what is painted."""
        handles, spent = dialog.input, []
        start = handles.place_of(0)
        for step, kind in enumerate((QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * 60)):
            place = QPointF(start) + QPoint(step, 0)
            before = time.perf_counter()
            bench.app.sendEvent(handles, QMouseEvent(
                kind, place, handles.mapToGlobal(place), Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier))
            bench.app.processEvents()  # the timer that gathers moves
            bench.app.processEvents()
            spent.append(1000 * (time.perf_counter() - before))
        bench.app.sendEvent(handles, QMouseEvent(
            QEvent.Type.MouseButtonRelease, place, handles.mapToGlobal(place), Qt.MouseButton.LeftButton,
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier))
        return spent[1:]

    rows, commands = [], bench.window.controllers.adjusting
    painted = layer_ops.add_paint_layer(bench.document)
    for view, change in (("fitted", bench.canvas.fit), ("100 %", bench.canvas.actual_size)):
        change()
        commands.new_levels()
        dialog = bench.window.findChild(LevelsDialog)
        bench.until(lambda: False, 0.5)
        rows.append({"name": f"a step of a levels handle, {view}", "unit": "ms", "budget": 33,
                     **_spread(dragged(dialog))})
        dialog.accept()
        bench.until(lambda: False, 0.3)
        layer_id = bench.document.active
        for tool, on, name in (("paint-brush", painted.id, "under levels"), ("eraser", layer_id, "on a levels' mask")):
            bench.document.activate(on)
            bench.window.tools.choose(tool)
            spent = bench.stroke(200, 150, 0.3) + bench.stroke(200, 150, 0.6)
            rows.append({"name": f"{tool} 200 px {name}, {view}", "unit": "ms", "budget": "4 / 16", **_spread(spent)})
        layer_ops.delete(bench.document, layer_id)
        bench.document.activate(painted.id)
    return rows
