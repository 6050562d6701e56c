"""File > Batch…: many photographs in the background; paused, cancelled, resumed, reported; originals never touched."""

import threading
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from doing import CTRL, LEFT, action, dialog, message, press, read_error
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLabel, QLineEdit, QPushButton, QTableWidget, QWidget

from editor.app.settings import Settings
from editor.app.window import Window
from editor.batch import running

KEY = Qt.Key


@pytest.fixture
def photos(tmp_path) -> Path:
    """Three faded photographs and a file that is none."""
    folder = tmp_path / "photos"
    folder.mkdir()
    y, x = np.mgrid[:120, :160].astype(np.float32)
    for number in range(3):
        faded = 90 + 60 * np.sin(x / (20 + number)) * np.cos(y / 30)
        cv2.imwrite(str(folder / f"scan{number}.tif"), np.repeat((faded * 257).astype(np.uint16)[..., None], 3, 2))
    (folder / "text.jpg").write_text("no picture")
    return folder


def opened(qtbot, window, *places: Path) -> QDialog:
    """The dialog with these dropped on it."""
    action(window, "batch").trigger()
    box = dialog(qtbot, window, "batch")
    if places:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(place)) for place in places])
        for kind, take in ((QDragEnterEvent, box.dragEnterEvent), (QDropEvent, box.dropEvent)):
            place = QPoint(50, 50) if kind is QDragEnterEvent else QPoint(50, 50).toPointF()
            event = kind(place, Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
            event.ignore()
            take(event)
            assert event.isAccepted()
    return box


def find(box: QDialog, kind: type[QWidget], name: str):
    widget = box.findChild(kind, name)
    assert widget is not None, f"there is no {name}"
    return widget


def tick(box: QDialog, name: str) -> None:
    find(box, QCheckBox, name).setChecked(True)


def states(box: QDialog) -> list[str]:
    table = find(box, QTableWidget, "batch-photos")
    return [table.item(row, 1).text() for row in range(table.rowCount())]


def words(box: QDialog) -> str:
    return find(box, QLabel, "batch-words").text()


def run_through(qtbot, box: QDialog) -> None:
    qtbot.waitUntil(find(box, QPushButton, "batch-start").isEnabled)
    press(box, "batch-start")
    qtbot.waitUntil(lambda: find(box, QPushButton, "batch-start").isVisible(), timeout=30000)


@contextmanager
def held_at(monkeypatch, name: str):
    """The batch stops before the photograph of that name, until told to go on."""
    gate, there, restore = threading.Event(), threading.Event(), running.restore_file

    def wait(task, order, **more):
        if task.photo.name == name:
            there.set()
            while not gate.wait(0.01):
                more["progress"](0.5, "Waiting")
        return restore(task, order, **more)

    monkeypatch.setattr(running, "restore_file", wait)
    yield there, gate
    gate.set()


def test_a_folder_is_restored_and_one_bad_file_stops_nothing(qtbot, window, photos, monkeypatch):
    before = {path: path.read_bytes() for path in photos.iterdir()}
    box = opened(qtbot, window, photos)
    assert find(box, QLineEdit, "batch-folder").text() == str(photos / "restored")
    assert not find(box, QPushButton, "batch-start").isEnabled() and "Choose what" in find(box, QLabel,
                                                                                            "batch-note").text()
    tick(box, "batch-unfade")
    run_through(qtbot, box)
    assert states(box) == ["Done", "Done", "Done", "Failed"] and words(box) == "3 of 4 photos are done, 1 failed."
    assert "text" in find(box, QTableWidget, "batch-photos").item(3, 1).toolTip()
    assert message(window) == "Batch: 3 of 4 photos are done, 1 failed."
    for number in range(3):
        out = cv2.imread(str(photos / "restored" / f"scan{number}.tif"), cv2.IMREAD_UNCHANGED)
        was = cv2.imread(str(photos / f"scan{number}.tif"), cv2.IMREAD_UNCHANGED)
        assert out.dtype == np.uint16 and np.ptp(out.astype(int)) > 1.3 * np.ptp(was.astype(int)), "contrast is back"
    assert {path: path.read_bytes() for path in photos.iterdir() if path.is_file()} == before
    report = (photos / "restored" / "pentimento-report.html").read_text()
    assert "scan2.tif" in report and "this is a text file" in report
    shown = []
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    press(box, "batch-report")
    assert [url.toLocalFile() for url in shown] == [str(photos / "restored" / "pentimento-report.html")]


def test_it_goes_on_where_it_was_left(qtbot, window, photos, monkeypatch):
    box = opened(qtbot, window, photos)
    tick(box, "batch-unfade")
    with held_at(monkeypatch, "scan2.tif") as (there, _):
        qtbot.waitUntil(find(box, QPushButton, "batch-start").isEnabled)
        press(box, "batch-start")
        qtbot.waitUntil(there.is_set, timeout=30000)
        qtbot.waitUntil(lambda: states(box)[:2] == ["Done", "Done"])
        press(box, "batch-cancel")
        assert words(box) == "2 of 4 photos are done, 2 not begun."
        assert not (photos / "restored" / "scan2.tif").exists()
    stamps = {path: path.stat().st_mtime_ns for path in (photos / "restored").glob("*.tif")}
    goes_on = find(box, QCheckBox, "batch-resume")
    qtbot.waitUntil(goes_on.isVisible)
    assert "(2)" in goes_on.text() and goes_on.isChecked()
    run_through(qtbot, box)
    assert states(box) == ["Done before", "Done before", "Done", "Failed"]
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    find(box, QComboBox, "batch-tone").setCurrentIndex(1)  # other steps: all of it is to be done anew
    qtbot.waitUntil(lambda: not goes_on.isVisible())
    run_through(qtbot, box)
    assert states(box)[0] == "Done"


def test_it_pauses_and_the_window_is_used_meanwhile(qtbot, window, photos, monkeypatch):
    box = opened(qtbot, window, photos)
    tick(box, "batch-unfade")
    with held_at(monkeypatch, "scan1.tif") as (there, gate):
        qtbot.waitUntil(find(box, QPushButton, "batch-start").isEnabled)
        press(box, "batch-start")
        qtbot.waitUntil(there.is_set, timeout=30000)
        assert not find(box, QCheckBox, "batch-unfade").isEnabled(), "what is at work cannot be changed"
        press(box, "batch-pause")
        assert words(box).startswith("Paused.")
        gate.set()
        qtbot.wait(200)
        assert states(box)[1] != "Done", "nothing goes on"
        press(box, "batch-close")
        button = window.findChild(QWidget, "batching")
        qtbot.waitUntil(button.isVisible)
        window.files.open_path(photos / "scan0.tif")
        qtbot.waitUntil(lambda: window.document is not None, timeout=20000)
        QTest.mouseClick(button, LEFT)
        box = dialog(qtbot, window, "batch")
        press(box, "batch-pause")
        qtbot.waitUntil(lambda: find(box, QPushButton, "batch-start").isVisible(), timeout=30000)
    assert states(box) == ["Done", "Done", "Done", "Failed"] and not button.isVisible()


def test_closing_the_window_asks_and_ends_it(qtbot, window, photos, monkeypatch):
    box = opened(qtbot, window, photos)
    tick(box, "batch-unfade")
    with held_at(monkeypatch, "scan1.tif") as (there, _):
        qtbot.waitUntil(find(box, QPushButton, "batch-start").isEnabled)
        press(box, "batch-start")
        qtbot.waitUntil(there.is_set, timeout=30000)
        qtbot.waitUntil(lambda: states(box)[0] == "Done")
        window.close()
        question = dialog(qtbot, window, "batch-ending")
        assert "1 of 4" in question.text()
        press(question, "batch-ending-stay")
        assert window.isVisible()
        window.close()
        press(dialog(qtbot, window, "batch-ending"), "batch-ending-end")
        qtbot.waitUntil(lambda: not window.isVisible())
    assert [path.name for path in (photos / "restored").glob("*.tif")] == ["scan0.tif"]


def test_steps_and_folder_are_remembered(qtbot, new_window, photos):
    first = new_window()
    box = opened(qtbot, first, photos)
    tick(box, "batch-mend")
    tick(box, "batch-local-contrast")
    find(box, QComboBox, "batch-bed").setCurrentIndex(2)
    find(box, QComboBox, "batch-format").setCurrentIndex(2)
    press(box, "batch-close")
    first.close()
    from editor.app import settings

    assert isinstance(settings.load(), Settings)
    second = Window(settings.load())
    second.show()
    box = opened(qtbot, second)
    assert find(box, QCheckBox, "batch-mend").isChecked() and not find(box, QCheckBox, "batch-unfade").isChecked()
    steps = box.steps.steps()
    assert steps.geometry == "split" and steps.local_contrast is not None
    assert find(box, QComboBox, "batch-format").currentIndex() == 2
    assert find(box, QLineEdit, "batch-folder").text() == str(photos / "restored")
    second.close()
    second.deleteLater()


def test_a_folder_that_cannot_be_written_to_is_said(qtbot, window, photos, hands):
    (photos / "taken").write_text("a file")
    hands.key(KEY.Key_B, CTRL)
    box = dialog(qtbot, window, "batch")
    box.places_added.emit([photos])
    find(box, QLineEdit, "batch-folder").setText(str(photos / "taken"))
    tick(box, "batch-unfade")
    qtbot.waitUntil(find(box, QPushButton, "batch-start").isEnabled)
    press(box, "batch-start")
    assert "taken" in read_error(qtbot, window)
    assert find(box, QPushButton, "batch-start").isVisible()
