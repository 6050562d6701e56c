"""What several of these tests do or ask: photographs shown at once, keys held, dialogs answered, pixels seen."""

import threading
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
from hands import Hands
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QWidget

from editor.app.file_controller import OpenFile
from editor.app.pixels import array_of
from editor.app.window import Window
from editor.document.document import Document
from editor.document.photo import Photo

ALT, CTRL, SHIFT = (Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier,
                    Qt.KeyboardModifier.ShiftModifier)
NO_KEYS = Qt.KeyboardModifier.NoModifier
LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton


@lru_cache
def a_picture(dtype: type = np.uint8, channels: int = 3, shape: tuple[int, int] = (300, 440)) -> np.ndarray:
    """Random pixels over a gradient: another colour everywhere, none of them at either end of the range."""
    top = np.iinfo(dtype).max
    rows, columns = np.indices(shape)
    slope = np.stack([rows / shape[0], columns / shape[1], (rows + columns) / sum(shape)], 2)[..., :channels]
    noise = np.random.default_rng(1).random((*shape, channels))
    pixels = ((0.15 + 0.5 * slope + 0.2 * noise) * top).astype(dtype)
    pixels.flags.writeable = False
    return pixels


def show(window: Window, photo: Photo, name: str = "photo.png") -> Document:
    """As if it had been opened, without the decoder, in the place of what was shown."""
    document, before = Document(photo), window.file
    window.files.controller.opened.emit(OpenFile(document, name), False)
    if before is not None:
        before.document.mark_saved(before.document.state())  # else it is asked for
        window.files.close_file(before)
    assert window.document is document
    QApplication.processEvents()  # keys act once the page with the canvas is up
    return document


def steps(window: Window) -> list[str]:
    """Names of the steps done."""
    history = window.document.history
    return [command.name for command in history.commands[:history.position]]


def seen(window: Window) -> np.ndarray:
    """What the canvas shows: (height, width, 3) uint8, without a brush's outline."""
    tool = window.tools.current.name
    window.tools.choose("hand")
    pixels = array_of(window.canvas.grab().toImage())
    window.tools.choose(tool)
    return pixels[..., :3]


def seen_photo(window: Window) -> np.ndarray:
    """The part of ``seen`` that the photograph covers, at 100 % and wholly in sight: (height, width, 3)."""
    view = window.canvas.view
    assert view.scale == 1
    left, top = int(view.left), int(view.top)
    return seen(window)[top:top + view.photo[0], left:left + view.photo[1]]


def message(window: Window) -> str:
    return window.statusBar().currentMessage()


def action(window: Window, name: str) -> QAction:
    found = window.findChild(QAction, name)
    assert found is not None, f"no action is called {name}"
    return found


@contextmanager
def held(window: Window, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEYS):
    QTest.keyPress(window.focusWidget() or window, key, modifiers)
    yield
    QTest.keyRelease(window.focusWidget() or window, key, modifiers)


def dialog(qtbot, window: Window, name: str, timeout: int = 20000) -> QDialog:
    """The dialog of that name, once it is open."""
    def there() -> QDialog | None:
        return next((one for one in window.findChildren(QDialog, name) if one.isVisible()), None)

    qtbot.waitUntil(lambda: there() is not None, timeout=timeout)
    return there()


def press(parent, name: str) -> None:
    """Click a button of a dialog."""
    button = parent.findChild(QAbstractButton, name)
    assert button is not None, f"no button is called {name}"
    QTest.mouseClick(button, LEFT)


def read_error(qtbot, window: Window) -> str:
    """The one line of the error dialog, which is then closed."""
    box = dialog(qtbot, window, "error")
    words = box.text()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(QDialog, "error"))
    assert "\n" not in words and words.strip()
    return words


def choose_file(qtbot, window: Window, name: str, path) -> None:
    """Answer an open or save dialog by typing a path and pressing Enter."""
    box = dialog(qtbot, window, name)
    line = box.findChild(QLineEdit, "fileNameEdit")
    line.setText(str(path))
    QTest.keyClick(line, Qt.Key.Key_Return)


def drop(window, urls=(), text: str = "") -> bool:
    """Drop files, or text, on the window; whether it takes them."""
    data = QMimeData()
    if urls:
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in urls])
    if text:
        data.setText(text)
    enter = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, data, LEFT, NO_KEYS)
    enter.ignore()
    window.dragEnterEvent(enter)
    if enter.isAccepted():
        window.dropEvent(QDropEvent(QPoint(300, 300), Qt.DropAction.CopyAction, data, LEFT, NO_KEYS))
    return enter.isAccepted()


def open_and_wait(qtbot, window: Window, path: Path) -> None:
    """Open a file from disk; a tab that has it already is closed."""
    for file in list(window.files.open_files.files):
        if (file.project or file.document.photo.source) == path:
            file.document.mark_saved(file.document.state())
            window.files.close_file(file)
    before = window.document
    window.files.open_path(path)
    qtbot.waitUntil(lambda: window.document is not None and window.document is not before, timeout=15000)


def fill_and_wait(qtbot, window: Window, hands: Hands, steps: int = 1) -> None:
    """Press Fill and wait for the layer."""
    position = window.document.history.position
    hands.click("fill")
    qtbot.waitUntil(lambda: not window.filling.busy and window.document.history.position == position + steps,
                    timeout=30000)


def composite(window: Window) -> np.ndarray:
    return window.document.picture().read(window.document.base.bounds)


def mask_of(window: Window) -> np.ndarray:
    return window.document.mask.read(window.document.base.bounds)[..., 0]


def set_brush(window, **properties) -> None:
    window.tools.brush_tool.set_brush(**properties)


def distance(shape: tuple[int, int], *points: tuple[float, float]) -> np.ndarray:
    """From every pixel's centre to the nearest point of a broken line."""
    rows, columns = np.indices(shape)
    places = np.stack([columns + 0.5, rows + 0.5], 2)
    out = np.full(shape, np.inf)
    for start, end in zip(points, points[1:] or points, strict=False):
        start, along = np.array(start, float), np.subtract(end, start)
        share = np.clip(((places - start) @ along) / max(along @ along, 1e-9), 0, 1)
        out = np.minimum(out, np.linalg.norm(places - start - share[..., None] * along, axis=2))
    return out


@contextmanager
def another_window(qtbot):
    """It has the focus for a while."""
    other = QWidget()
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    yield
    other.close()
    other.deleteLater()


def modified(window) -> bool:
    return window.isWindowModified()


@contextmanager
def slow_saving(monkeypatch):
    """Saving waits for the gate, after it has begun."""
    from editor.storage import openraster

    gate, at_work, save = threading.Event(), threading.Event(), openraster.save_project

    def wait_and_save(snapshot, path, progress, *more):
        at_work.set()
        while not gate.wait(0.01):
            progress(0.0, "waiting")
        return save(snapshot, path, progress, *more)

    monkeypatch.setattr(openraster, "save_project", wait_and_save)
    yield gate, at_work
    gate.set()
