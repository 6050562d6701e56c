"""Takes the README's pictures from the real window: ``.venv/bin/python packaging/screenshots.py``, under Xvfb say.

They show the rocket, the astronaut and the coffee of scikit-image's package data, enlarged by code so that they fill
the window.
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
from PySide6.QtGui import QAction, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
)

from editor.app import theme
from editor.app.settings import Settings
from editor.app.window import Window
from editor.evaluation.damage import damaged
from editor.raster.surface import Box

FOLDER = Path(__file__).parents[1] / "resources" / "screenshots"
_SCALE = 4
_MASTS = (  # strokes over the lightning masts against the sky, in pixels of the original
    ((201, 118), (201, 150), (200, 186)),
    ((446, 118), (448, 150), (450, 188)),
)
_MOUTH = ((203, 148), (214, 153), (224, 155), (234, 153), (244, 148), (224, 148))
_LIPS = (  # a closed mouth: between the lips, and their edges
    ((206, 148), (215, 151), (224, 152), (233, 151), (242, 148)),
    ((208, 147), (217, 146), (224, 147), (231, 146), (240, 147)),
    ((211, 152), (224, 158), (237, 152)),
)
_ASTRONAUT = (  # scribbles on her, and on what is behind her
    ((180, 70), (225, 60), (255, 110), (222, 150), (215, 230), (130, 270), (100, 400), (190, 470)),
    ((250, 230), (315, 300), (285, 390)),
)
_BEHIND_HER = (((30, 100), (52, 170), (12, 300), (8, 480)), ((350, 40), (330, 150), (480, 200), (490, 400)))
_SPOON = ((362, 262), (340, 280), (360, 305), (385, 290), (385, 265), (362, 282))
_SPOON_ROUND = ((330, 270), (350, 245), (400, 255), (410, 290), (385, 320), (345, 310), (325, 290))
_SAUCER = ((90, 230), (200, 345), (330, 372))
_SPOILT = ((20, "cracks"), (21, "scratches"), (22, "specks"))
_BESIDE = (165, -90)  # from there to where it is cloned
_RED = ((216, 149), (224, 155), (232, 149))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PENTIMENTO_CONFIG"] = os.environ["PENTIMENTO_STATE"] = folder
        app = QApplication(sys.argv)
        theme.apply(app)
        window = _window()
        _take(window, "start")
        _open(window, _enlarged(Path(folder), "rocket.jpg"))
        window.tools.brush_tool.set_brush(size=14 * _SCALE, hardness=0.7)
        for stroke in _MASTS:
            _paint(window, stroke)
        QTest.qWait(100)
        _take(window, "painting")
        _fill(window, "auto", 3)
        _take(window, "filled")
        _compare(window)
        window.files.forget_unsaved()
        window.close()
        window = _window()
        _open(window, _enlarged(Path(folder), "astronaut.png"))
        _select(window)
        _look_at(window, _MOUTH)
        window.tools.choose("mask-brush")
        window.tools.brush_tool.set_brush(size=24 * _SCALE, hardness=0.7)
        _paint(window, _MOUTH)
        _trace(window)
        _lay(window, _mirrored(Path(folder)))
        window.tools.choose("sketch-pen")
        for line in _LIPS:
            _paint(window, line)
        window.tools.choose("colour-stroke")
        window.tools.palette.choose((150, 40, 60))
        window.tools.brush_tool.set_brush(size=3 * _SCALE)
        _paint(window, _RED)
        _take(window, "sketching")
        _preview(window)
        _fill(window, "sc-fegan", 2)
        _take(window, "redrawn")
        window.tools.choose("paint-brush")
        for name, button in (("brush", "brush-more"), ("colours", "paint-colour")):
            _take_open(window, name, button)
        window.files.forget_unsaved()
        window.close()
        window = _window()
        _open(window, _enlarged(Path(folder), "coffee.png"))
        _outline(window)
        _retouch(window)
        window.files.forget_unsaved()
        window.close()
        window = _window()
        _open(window, _spoilt(Path(folder)))
        _find_damage(window)
        _filter(window)
        window.files.forget_unsaved()
        window.close()
        window = _window()
        _open(window, _faded(Path(folder)))
        _unfade(window)
        window.files.forget_unsaved()
        window.close()


def _select(window: Window) -> None:
    """The astronaut by scribbles, which are then given up."""
    window.tools.choose("smart-select")
    for lines, keys in ((_ASTRONAUT, Qt.KeyboardModifier.NoModifier), (_BEHIND_HER, Qt.KeyboardModifier.AltModifier)):
        for line in lines:
            _paint(window, line, keys)
            _until(lambda: not window.tools.mask_work.busy)
    QTest.mouseMove(window.canvas, QPoint(60, 60))
    _take(window, "selecting")
    window.cancel()


def _outline(window: Window) -> None:
    """Six tools in use, side by side in one picture."""
    seen = []

    def see(held: tuple[tuple[int, int], ...] = ()) -> None:
        if held:
            places = _places(window, held)
            QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
            for place in places[1:]:
                QTest.mouseMove(window.canvas, place)
        QTest.qWait(100)
        seen.append(window.grab().scaledToWidth(720, Qt.TransformationMode.SmoothTransformation))
        window.cancel()
        if held:
            QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1])

    window.tools.choose("lasso")
    see(_SPOON_ROUND)
    window.tools.choose("marquee")
    window.tools.current.set_options(shape="Ellipse")
    see(((80, 20), (500, 370)))
    window.tools.choose("wand")
    window.tools.current.set_options(tolerance=60)
    _paint(window, ((150, 250),))
    _until(lambda: not window.tools.mask_work.busy)
    see()
    window.undo()
    window.tools.choose("scissors")
    for point in _SAUCER:
        _paint(window, (point,))
        _until(lambda: not window.tools.mask_work.busy)
        QTest.qWait(300)
    see()
    window.tools.choose("source-brush")
    window.tools.brush_tool.set_brush(size=60 * _SCALE, hardness=0.8)
    _paint(window, ((30, 60), (120, 30), (560, 40)))
    see()
    window.undo()
    window.tools.choose("straighten")
    see(((60, 330), (540, 370)))
    sheet = QPixmap(3 * seen[0].width(), 2 * seen[0].height())
    painter = QPainter(sheet)
    for number, picture in enumerate(seen):
        painter.drawPixmap(number % 3 * picture.width(), number // 3 * picture.height(), picture)
    painter.end()
    _save(sheet, "tools")


def _retouch(window: Window) -> None:
    """The clone stamp with its source, and a crop."""
    window.tools.choose("clone-stamp")
    window.tools.brush_tool.set_brush(size=45 * _SCALE, hardness=0.7)
    _paint(window, _SPOON[:1], Qt.KeyboardModifier.AltModifier)
    another = tuple((x + _BESIDE[0], y + _BESIDE[1]) for x, y in _SPOON)
    _paint(window, another)
    QTest.mouseMove(window.canvas, _places(window, another)[-1])
    QTest.qWait(600)
    _take(window, "cloning")
    window.undo()
    window.tools.choose("crop")
    window.tools.current.set_options(ratio="4 : 3")
    _paint(window, ((90, 15), (300, 200), (560, 392)))
    QTest.mouseMove(window.canvas, QPoint(60, 60))
    _take(window, "cropping")
    window.cancel()


def _find_damage(window: Window) -> None:
    """In an old print, marked and given up again."""
    window.findChild(QAction, "find_damage").trigger()
    tool = window.tools.tools["damage-finder"]
    _until(lambda: tool.busy and not tool.searching and not window.tools.mask_work.busy)
    QTest.mouseMove(window.canvas, QPoint(60, 60))
    QTest.qWait(300)
    _take(window, "damage")
    window.cancel()


def _filter(window: Window) -> None:
    """Local contrast tried out, right of the line, and given up again."""
    window.findChild(QAction, "filter_local_contrast").trigger()
    dialog = window.findChild(QDialog, "filter-dialog")
    _until(lambda: "shows the result" in dialog.findChild(QLabel, "filter-note").text())
    split = window.findChild(QAction, "toggle_split")
    split.trigger()
    _take_with(window, dialog, "filtering")
    dialog.reject()
    split.trigger()


def _unfade(window: Window) -> None:
    """A faded print, its tone brought back right of the line, and the levels that did it."""
    window.findChild(QAction, "unfade").trigger()
    _until(lambda: bool(window.document.layers))
    split = window.findChild(QAction, "toggle_split")
    split.trigger()
    window.findChild(QAction, "edit_adjustment").trigger()
    dialog = window.findChild(QDialog, "levels")
    _until(lambda: dialog.histogram.counts is not None)
    _take_with(window, dialog, "tone")
    dialog.reject()
    split.trigger()


def _take_open(window: Window, name: str, button: str) -> None:
    """With what a button opens, which a picture of the window alone would not have; as much of it as matters."""
    window.findChild(QToolButton, button).click()
    popup = QApplication.activePopupWidget()
    QTest.qWait(200)
    picture = window.grab()
    painter = QPainter(picture)
    painter.drawPixmap(window.mapFromGlobal(popup.pos()), popup.grab())
    painter.end()
    popup.close()
    _save(picture.copy(0, 0, 960, 600), name)


def _trace(window: Window) -> None:
    """The photograph's own edges in the mask, which are then given up."""
    window.findChild(QAction, "trace_edges").trigger()
    dialog = window.findChild(QDialog, "trace-edges-dialog")
    _until(dialog.findChild(QPushButton, "take-lines").isEnabled)
    _take_with(window, dialog, "tracing")
    dialog.reject()


def _lay(window: Window, path: Path) -> None:
    """Another picture face on face, and given up."""
    window.findChild(QAction, "edges_from_picture").trigger()
    line = window.findChild(QDialog, "edges-dialog").findChild(QLineEdit, "fileNameEdit")
    line.setText(str(path))
    QTest.keyClick(line, Qt.Key.Key_Return)
    _until(lambda: window.findChild(QDialog, "picture-edges") is not None)
    dialog = window.findChild(QDialog, "picture-edges")
    _until(lambda: dialog.findChild(QComboBox, "edge-place").currentText() == "The face"
           and dialog.findChild(QPushButton, "take-lines").isEnabled())
    view = window.canvas.view
    window.canvas.fit()
    _take_with(window, dialog, "laying")
    dialog.reject()
    window.canvas.set_view(view)


def _preview(window: Window) -> None:
    """What may come of lines and colours."""
    engine = window.engine_options.choice()[0]
    window.engine_options.choose("sc-fegan")
    switch = window.findChild(QAction, "toggle_live_preview")
    switch.trigger()
    _until(lambda: not window.controllers.previewing.busy)
    _take(window, "previewing")
    switch.trigger()
    window.engine_options.choose(engine)


def _take_with(window: Window, dialog: QDialog, name: str) -> None:
    """With a dialog that lies over the canvas, where it is."""
    QTest.qWait(200)
    picture = window.grab()
    painter = QPainter(picture)
    painter.drawPixmap(window.mapFromGlobal(dialog.pos()), dialog.grab())
    painter.end()
    _save(picture, name)


def _compare(window: Window) -> None:
    """A split line through a mended place, close by, and the map of what has been changed in the whole."""
    _look_at(window, _MASTS[0])
    navigator = next(dock for dock in window.workspace.docks if dock.widget().objectName() == "navigator")
    navigator.raise_()
    split, changes = (window.findChild(QAction, name) for name in ("toggle_split", "toggle_changes"))
    split.trigger()
    QTest.qWait(1000)
    _take(window, "comparing")
    split.trigger()
    window.canvas.fit()
    changes.trigger()
    _until(lambda: not window.findChild(QLabel, "changes").text().endswith("…"))
    QTest.qWait(200)
    _take(window, "changes")


def _window() -> Window:
    window = Window(Settings())
    window.show()
    QTest.qWaitForWindowExposed(window)
    window.files.start(None)
    QTest.qWait(1500)
    return window


def _open(window: Window, path: Path) -> None:
    window.files.open_path(path)
    _until(lambda: window.document is not None)
    QTest.qWait(400)


def _fill(window: Window, engine: str, variants: int) -> None:
    window.engine_options.set_choice(engine, {}, variants)
    window.fill_button.click()
    _until(lambda: not window.filling.busy)
    QTest.mouseMove(window.canvas, QPoint(60, 60))
    QTest.qWait(1000)


def _look_at(window: Window, stroke: tuple[tuple[int, int], ...]) -> None:
    """Zoom in on a stroke."""
    x, y = (_SCALE * (min(values) + max(values)) / 2 for values in zip(*stroke, strict=True))
    view = window.canvas.view
    closer = view.zoomed(3.0, *view.to_device(x, y))
    window.canvas.set_view(closer.centred_on(Box(int(y), int(x), int(y) + 1, int(x) + 1)))


def _enlarged(folder: Path, name: str) -> Path:
    small = cv2.imread(str(Path(importlib.util.find_spec("skimage").origin).parent / "data" / name))
    path = folder / name
    cv2.imwrite(str(path), cv2.resize(small, None, fx=_SCALE, fy=_SCALE, interpolation=cv2.INTER_CUBIC))
    return path


def _spoilt(folder: Path) -> Path:
    """The astronaut as a print that much has happened to."""
    large = cv2.imread(str(_enlarged(folder, "astronaut.png")))[:1500, :1900, ::-1]
    picture = cv2.resize(large, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    for seed, kind in _SPOILT:
        picture = damaged(seed, picture, kind).picture
    path = folder / "print.png"
    cv2.imwrite(str(path), picture[..., ::-1])
    return path


def _faded(folder: Path) -> Path:
    """The cup of coffee as a print that has lain in the sun."""
    large = cv2.imread(str(_enlarged(folder, "coffee.png")))
    path = folder / "faded.png"
    cv2.imwrite(str(path), (large * (0.42, 0.5, 0.62) + (52, 58, 78)).astype("uint8"))
    return path


def _mirrored(folder: Path) -> Path:
    """The astronaut as another picture of a face."""
    path = folder / "mirrored.png"
    cv2.imwrite(str(path), cv2.imread(str(folder / "astronaut.png"))[:1400, 1600:200:-1])
    return path


def _paint(window: Window, stroke: tuple[tuple[int, int], ...],
           keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    places = _places(window, stroke)
    QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, keys, places[0])
    for place in places[1:]:
        QTest.mouseMove(window.canvas, place)
    QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1])


def _places(window: Window, stroke: tuple[tuple[int, int], ...]) -> list[QPoint]:
    """Pixels of the original on the canvas."""
    ratio = window.canvas.devicePixelRatioF()
    places = [window.canvas.view.to_device(x * _SCALE, y * _SCALE) for x, y in stroke]
    return [QPoint(round(left / ratio), round(top / ratio)) for left, top in places]


def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not there():
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there in a minute")
        QApplication.processEvents()
        time.sleep(0.01)  # not QTest.qWait, which keeps other threads from running Python


def _take(window: Window, name: str) -> None:
    _save(window.grab(), name)


def _save(picture: QPixmap, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture.save(str(FOLDER / f"{name}.png"))


if __name__ == "__main__":
    main()
