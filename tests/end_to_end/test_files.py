"""Opening, pasting, saving, exporting, and what happens to unsaved work."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doing import (
    CTRL,
    SHIFT,
    a_picture,
    choose_file,
    composite,
    dialog,
    drop,
    fill_and_wait,
    mask_of,
    message,
    modified,
    open_and_wait,
    press,
    read_error,
    show,
    slow_saving,
    steps,
)
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLineEdit

from editor.document import layer_ops
from editor.document.photo import Photo

CAT = (300, 451, 3)


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def wait_saved(qtbot, window) -> None:
    qtbot.waitUntil(lambda: not modified(window) and window.files.controller.writing is None, timeout=20000)


def save_as(qtbot, window, hands, path: Path) -> None:
    hands.key(Qt.Key.Key_S, CTRL | SHIFT)
    choose_file(qtbot, window, "save-dialog", path)
    wait_saved(qtbot, window)


# Opening

def test_a_photograph_named_on_the_command_line(qtbot, window, photo):
    window.files.start(photo)
    qtbot.waitUntil(lambda: window.document is not None, timeout=15000)
    assert (composite(window) == pixels_of(photo)).all()
    assert window.windowTitle() == "cat.png[*] – Pentimento" and not modified(window)
    assert window.canvas.isVisible() and window.canvas.hasFocus()


def test_file_open_asks_for_a_photograph(qtbot, window, photo):
    QTest.keyClick(window, Qt.Key.Key_O, CTRL)
    box: QFileDialog = dialog(qtbot, window, "open-dialog")
    first, every = box.nameFilters()
    assert all(f"*{suffix}" in first for suffix in (".jpg", ".jpeg", ".png", ".tif", ".webp", ".jxl", ".psd", ".ora"))
    assert "*" in every
    choose_file(qtbot, window, "open-dialog", photo)
    qtbot.waitUntil(lambda: window.document is not None, timeout=15000)
    assert window.document.shape == CAT[:2]


def test_a_dropped_file_is_opened(qtbot, window, photo):
    drop(window, urls=[photo])
    qtbot.waitUntil(lambda: window.document is not None, timeout=15000)
    assert window.document.photo.source == photo


def test_what_is_no_picture_is_not_taken(window):
    assert not drop(window, text="hello")


@pytest.fixture
def clipboard(qapp):
    """With a picture of 60 x 40 pixels, half of it transparent."""
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[:, :30] = (200, 100, 50, 255)
    QGuiApplication.clipboard().setImage(
        QImage(pixels.tobytes(), 60, 40, 240, QImage.Format.Format_RGBA8888).copy())
    yield pixels
    QGuiApplication.clipboard().clear()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_pasted_picture_is_a_layer_in_the_middle(window, hands, clipboard, dtype):
    picture = a_picture(dtype)
    show(window, Photo(picture))
    hands.key(Qt.Key.Key_V, CTRL)
    expected = picture.copy()
    expected[130:170, 190:220] = np.array((200, 100, 50)) * (257 if dtype == np.uint16 else 1)
    assert (composite(window) == expected).all()
    assert [layer.name for layer in window.document.layers] == ["Pasted 1"]
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (composite(window) == picture).all() and not window.document.layers


def test_a_picture_larger_than_the_photograph_is_cut(window, hands):
    show(window, Photo(a_picture(shape=(50, 60))))
    wide = QImage(100, 10, QImage.Format.Format_RGB32)
    wide.fill(0xFFC86432)
    QGuiApplication.clipboard().setImage(wide)
    hands.key(Qt.Key.Key_V, CTRL)
    assert (composite(window)[20:30] == (200, 100, 50)).all()
    assert (composite(window)[:20] == a_picture(shape=(50, 60))[:20]).all()
    QGuiApplication.clipboard().clear()


@pytest.mark.parametrize("key", [(Qt.Key.Key_V, CTRL), (Qt.Key.Key_V, CTRL | SHIFT)], ids=["paste", "paste new"])
def test_a_picture_pasted_where_nothing_is_open(window, clipboard, key):
    QTest.keyClick(window, *key)
    assert (composite(window) == clipboard).all()
    assert modified(window), "it is in no file"


def test_pasting_as_new_leaves_what_is_open_in_its_tab(window, hands, clipboard):
    document = show(window, Photo(a_picture()))
    hands.stroke((100, 100))
    hands.key(Qt.Key.Key_V, CTRL | SHIFT)
    assert window.document.shape == (40, 60) and len(window.files.open_files.files) == 2
    hands.key(Qt.Key.Key_Tab, CTRL)
    assert window.document is document and steps(window) == ["Paint mask"]


@pytest.mark.parametrize("key", [(Qt.Key.Key_V, CTRL), (Qt.Key.Key_V, CTRL | SHIFT)], ids=["paste", "paste new"])
def test_nothing_to_paste_is_said(qtbot, window, hands, key):
    show(window, Photo(a_picture()))
    QGuiApplication.clipboard().clear()
    hands.key(*key)
    assert read_error(qtbot, window) == "There is no picture on the clipboard."
    assert not steps(window)


def test_recent_files(qtbot, opened, photo, tmp_path):
    other = tmp_path / "other.png"
    Image.fromarray(a_picture()).save(other)
    open_and_wait(qtbot, opened, other)
    other.unlink()
    menu = opened.files.recent_menu()
    menu.aboutToShow.emit()
    assert [(one.text(), one.isEnabled()) for one in menu.actions()] == [(str(other), False), (str(photo), True)]
    menu.actions()[1].trigger()
    qtbot.waitUntil(lambda: opened.document.photo.source == photo, timeout=15000)
    from editor.app import settings

    assert settings.load().recent == (photo, other), "kept for the next start, latest first"
    opened.start_page.forgotten.emit(other)
    assert settings.load().recent == (photo,)


# Projects

def test_a_project_comes_back_as_it_was(qtbot, opened, hands, tmp_path):
    window, path = opened, tmp_path / "work.ora"
    window.engine_options.set_choice("telea", {}, 2)
    hands.stroke((200, 120), (240, 150))
    fill_and_wait(qtbot, window, hands)
    qtbot.waitUntil(lambda: len(window.document.layers[0].recipe.variants) == 2)
    hands.key(Qt.Key.Key_Right, CTRL)
    window.document.activate(None)
    hands.key(Qt.Key.Key_N)
    hands.stroke((60, 60), (120, 80))
    layer_ops.set_mode(window.document, window.document.active, "svg:multiply")
    layer_ops.set_opacity(window.document, window.document.active, 0.7)
    layer_ops.rename(window.document, window.document.active, "Shade <ü>")
    hands.key(Qt.Key.Key_B)
    hands.stroke((300, 200), (330, 230))
    assert modified(window)
    hands.key(Qt.Key.Key_S, CTRL)
    assert Path(dialog(qtbot, window, "save-dialog").selectedFiles()[0]).name == "cat.ora"
    choose_file(qtbot, window, "save-dialog", path)
    wait_saved(qtbot, window)
    assert window.windowTitle() == "work.ora[*] – Pentimento" and message(window) == f"Saved {path}"
    before = window.document.snapshot()
    picture, mask = composite(window), mask_of(window)
    open_and_wait(qtbot, window, path)
    after = window.document.snapshot()
    assert (composite(window) == picture).all() and (mask_of(window) == mask).all()
    assert not modified(window) and window.document.history.position == 0
    assert [replace(one, recipe=None) for one in after.layers] == [replace(one, recipe=None) for one in before.layers]
    assert after.active == before.active
    for name, surface in before.surfaces.items():
        assert (after.surfaces[name].read(surface.bounds) == surface.read(surface.bounds)).all(), name
    mine, theirs = (next(one.recipe for one in snapshot.layers if one.is_fill) for snapshot in (after, before))
    assert (mine.engine, mine.seed, mine.chosen, mine.settings) == (theirs.engine, theirs.seed, 1, theirs.settings)
    assert (mine.mask.read(mine.mask.bounds) == theirs.mask.read(mine.mask.bounds)).all()
    for one, other in zip(mine.variants, theirs.variants, strict=True):
        assert (one.engine, one.seed, one.notes) == (other.engine, other.seed, other.notes)
        for patch, wanted in zip(one.patches, other.patches, strict=True):
            assert patch.origin == wanted.origin
            assert (patch.pixels == wanted.pixels).all() and (patch.alpha == wanted.alpha).all()
    hands.stroke((20, 20))
    hands.key(Qt.Key.Key_S, CTRL)
    wait_saved(qtbot, window)
    assert not window.findChildren(QFileDialog), "a project is saved where it belongs without asking"


def test_the_mark_in_the_title_follows_undo_and_redo(qtbot, opened, hands, tmp_path):
    assert not modified(opened)
    hands.stroke((100, 100))
    assert modified(opened)
    hands.key(Qt.Key.Key_Z, CTRL)
    assert not modified(opened), "back where it was"
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    save_as(qtbot, opened, hands, tmp_path / "a.ora")
    hands.key(Qt.Key.Key_Z, CTRL)
    assert modified(opened), "before what was saved"
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert not modified(opened)


def test_work_goes_on_while_a_project_is_saved(qtbot, monkeypatch, opened, hands, tmp_path):
    path = tmp_path / "a.ora"
    hands.stroke((100, 100), (150, 100))
    saved = mask_of(opened)
    with slow_saving(monkeypatch) as (gate, at_work):
        hands.key(Qt.Key.Key_S, CTRL)
        choose_file(qtbot, opened, "save-dialog", path)
        qtbot.waitUntil(at_work.is_set)
        qtbot.waitUntil(lambda: hands.find("progress").isVisible())
        hands.stroke((300, 200), (350, 200))
        hands.key(Qt.Key.Key_Z, CTRL)
        hands.stroke((300, 100), (350, 100))
        gate.set()
        qtbot.waitUntil(lambda: opened.files.controller.writing is None, timeout=20000)
    assert modified(opened), "what was done meanwhile is not in the file"
    now = mask_of(opened)
    hands.key(Qt.Key.Key_W, CTRL)
    press(dialog(qtbot, opened, "unsaved"), "unsaved-discard")
    open_and_wait(qtbot, opened, path)
    assert (mask_of(opened) == saved).all() and (now != saved).any()


def test_closing_waits_for_what_is_being_written(qtbot, monkeypatch, opened, hands, tmp_path):
    path = tmp_path / "a.ora"
    hands.stroke((100, 100))
    with slow_saving(monkeypatch) as (gate, at_work):
        hands.key(Qt.Key.Key_S, CTRL)
        choose_file(qtbot, opened, "save-dialog", path)
        qtbot.waitUntil(at_work.is_set)
        opened.close()
        opened.close()
        assert opened.isVisible() and "closes when it is done" in message(opened)
        gate.set()
        qtbot.waitUntil(lambda: not opened.isVisible(), timeout=20000)
    assert path.stat().st_size > 10000 and not list(tmp_path.glob("*.part"))


def test_saving_is_cancelled_and_nothing_is_left(qtbot, monkeypatch, opened, hands, tmp_path):
    hands.stroke((100, 100))
    with slow_saving(monkeypatch) as (_, at_work):
        hands.key(Qt.Key.Key_S, CTRL)
        choose_file(qtbot, opened, "save-dialog", tmp_path / "a.ora")
        qtbot.waitUntil(at_work.is_set)
        hands.key(Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: opened.files.controller.writing is None)
    qtbot.wait(50)
    assert modified(opened) and not (tmp_path / "a.ora").exists() and opened.file.project is None


def test_a_project_never_takes_a_photographs_name(qtbot, opened, hands, photo):
    before = photo.read_bytes()
    hands.stroke((100, 100))
    hands.key(Qt.Key.Key_S, CTRL)
    opened.findChild(QFileDialog, "save-dialog").fileSelected.emit(str(photo))  # "replace it": yes
    assert ".ora" in read_error(qtbot, opened)
    assert photo.read_bytes() == before and modified(opened)
    opened.findChild(QFileDialog, "save-dialog").reject()


def full_disk(monkeypatch, folder: Path) -> None:
    """Flushing any file of ``folder`` fails as on a full disk."""
    flush = os.fsync

    def fsync(descriptor: int) -> None:
        if Path(os.readlink(f"/proc/self/fd/{descriptor}")).parent == folder:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("trouble", ["full disk", "folder gone", "read-only"])
def test_a_project_that_cannot_be_saved(qtbot, monkeypatch, opened, hands, tmp_path, trouble):
    folder = tmp_path / "target"
    folder.mkdir()
    path = folder / "a.ora"
    hands.stroke((100, 100))
    save_as(qtbot, opened, hands, path)
    saved = path.read_bytes()
    hands.stroke((200, 200))
    mask, done = mask_of(opened), steps(opened)
    if trouble == "full disk":
        full_disk(monkeypatch, folder)
    elif trouble == "folder gone":
        folder.rename(tmp_path / "moved")
        folder.write_text("a file now")
    else:
        opened.file.project = path = Path("/proc/a.ora")
    hands.key(Qt.Key.Key_S, CTRL)
    words = read_error(qtbot, opened)
    assert str(path) in words and "cannot be written" in words
    assert modified(opened) and (mask_of(opened) == mask).all() and steps(opened) == done
    if trouble == "full disk":
        assert path.read_bytes() == saved and os.listdir(folder) == ["a.ora"], "what was there is still there, whole"


# Exporting

@pytest.fixture
def mended(qtbot, opened, hands):
    """A fill and a soft, half-transparent paint stroke on the cat."""
    opened.engine_options.set_choice("telea", {}, 1)
    hands.stroke((200, 120), (240, 150))
    fill_and_wait(qtbot, opened, hands)
    hands.key(Qt.Key.Key_N)
    opened.tools.brush_tool.set_brush(opacity=0.5)
    hands.stroke((60, 60), (120, 80))
    return opened


def export(qtbot, window, hands, path: Path, prepare=lambda box: None) -> None:
    hands.key(Qt.Key.Key_E, CTRL | SHIFT)
    box = dialog(qtbot, window, "export-dialog")
    name = box.findChild(QLineEdit, "export-path")
    name.selectAll()
    QTest.keyClicks(name, str(path))
    prepare(box)
    press(box, "export-accept")


def test_export_without_loss(qtbot, mended, hands, tmp_path, photo):
    picture, original = composite(mended), pixels_of(photo)
    touched = np.zeros(CAT[:2], bool)
    for layer in mended.document.layers:
        touched |= mended.document.surfaces[layer.id].read(mended.document.base.bounds)[..., -1] > 0

    def lossless(box) -> None:
        box.findChild(QCheckBox, "export-lossless").setChecked(True)

    for name, prepare in (("out.png", lambda box: None), ("out.tif", lambda box: None), ("out.webp", lossless)):
        export(qtbot, mended, hands, tmp_path / name, prepare)
        qtbot.waitUntil(lambda name=name: message(mended) == f"Exported {tmp_path / name}", timeout=20000)
        written = pixels_of(tmp_path / name)
        assert (written == picture).all(), name
        assert (written[~touched] == original[~touched]).all() and (written[touched] != original[touched]).any()
    assert modified(mended), "an export saves no layers"
    assert sorted(one.name for one in tmp_path.glob("*.*")) == ["cat.png", "out.png", "out.tif", "out.webp"]


def test_export_as_jpeg_and_its_options_are_remembered(qtbot, mended, hands, tmp_path):
    sizes = []
    for quality in (95, 30):
        export(qtbot, mended, hands, tmp_path / f"{quality}.jpg",
               lambda box, quality=quality: box.findChild(QComboBox, "export-format") and box.quality.setValue(quality))
        qtbot.waitUntil(lambda quality=quality: message(mended) == f"Exported {tmp_path / f'{quality}.jpg'}",
                        timeout=20000)
        sizes.append((tmp_path / f"{quality}.jpg").stat().st_size)
    off = np.abs(pixels_of(tmp_path / "95.jpg").astype(int) - composite(mended))
    assert off.mean() < 3 and sizes[1] < sizes[0] / 2
    hands.key(Qt.Key.Key_E, CTRL | SHIFT)
    box = dialog(qtbot, mended, "export-dialog")
    assert box.quality.value() == 30
    box.reject()


def test_export_never_writes_over_the_photograph(qtbot, mended, hands, photo):
    before = photo.read_bytes()
    export(qtbot, mended, hands, photo)
    box = dialog(qtbot, mended, "export-dialog")
    assert not box.export_button.isEnabled() and "never written over" in box.note.text()
    box.reject()
    qtbot.wait(20)
    assert photo.read_bytes() == before


def test_an_export_that_fails_is_one_line(qtbot, monkeypatch, mended, hands, tmp_path):
    folder = tmp_path / "full"
    folder.mkdir()
    full_disk(monkeypatch, folder)
    picture = composite(mended)
    export(qtbot, mended, hands, folder / "out.png")
    assert read_error(qtbot, mended) == f"{folder / 'out.png'}: cannot be written: the disk is full"
    assert not os.listdir(folder) and (composite(mended) == picture).all()
