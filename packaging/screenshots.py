"""Takes the README's pictures from the real window: ``.venv/bin/python packaging/screenshots.py``, under Xvfb say.

They show the rocket of scikit-image's package data, enlarged by code so that it fills the window.
"""

import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from editor.app import theme
from editor.app.settings import Settings
from editor.app.window import Window

FOLDER = Path(__file__).parents[1] / "resources" / "screenshots"
_SCALE = 4
_MASTS = (  # strokes over the lightning masts against the sky, in pixels of the original
    ((201, 118), (201, 150), (200, 186)),
    ((446, 118), (448, 150), (450, 188)),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PENTIMENTO_CONFIG"] = os.environ["PENTIMENTO_STATE"] = folder
        app = QApplication(sys.argv)
        theme.apply(app)
        window = Window(Settings())
        window.show()
        QTest.qWaitForWindowExposed(window)
        window.files.start(None)
        QTest.qWait(1500)
        _take(window, "start")
        window.files.open_path(_rocket(Path(folder)))
        _until(lambda: window.document is not None)
        QTest.qWait(400)
        window.tools.brush_tool.set_brush(size=14 * _SCALE, hardness=0.7)
        for stroke in _MASTS:
            _paint(window, stroke)
        QTest.qWait(100)
        _take(window, "painting")
        window.engine_options.set_choice("auto", {}, 3)
        window.fill_button.click()
        _until(lambda: not window.filling.busy)
        QTest.mouseMove(window.canvas, QPoint(60, 60))
        QTest.qWait(1000)
        _take(window, "filled")
        window.files.forget_unsaved()
        window.close()


def _rocket(folder: Path) -> Path:
    small = cv2.imread(str(Path(importlib.util.find_spec("skimage").origin).parent / "data" / "rocket.jpg"))
    path = folder / "rocket.jpg"
    cv2.imwrite(str(path), cv2.resize(small, None, fx=_SCALE, fy=_SCALE, interpolation=cv2.INTER_CUBIC))
    return path


def _paint(window: Window, stroke: tuple[tuple[int, int], ...]) -> None:
    ratio = window.canvas.devicePixelRatioF()
    places = []
    for x, y in stroke:
        left, top = window.canvas.view.to_device(x * _SCALE, y * _SCALE)
        places.append(QPoint(round(left / ratio), round(top / ratio)))
    QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    for place in places[1:]:
        QTest.mouseMove(window.canvas, place)
    QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1])


def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not there():
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there in a minute")
        QTest.qWait(10)


def _take(window: Window, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    window.grab().save(str(FOLDER / f"{name}.png"))


if __name__ == "__main__":
    main()
