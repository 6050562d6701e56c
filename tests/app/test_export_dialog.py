"""The export dialog: format by extension, options by format, what cannot be written is said before."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from app_documents import gradient
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from editor.app.dialogs.export import ExportDialog
from editor.document.photo import Metadata, Photo
from editor.storage.export import ExportOptions, export_photo

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def photo(tmp_path) -> Photo:
    """A JPEG with tables of its own."""
    source = tmp_path / "holiday.jpeg"
    source.write_bytes(b"the file itself")
    return Photo(gradient(), source=source, format="jpeg",
                 metadata=Metadata(jpeg_quantisation={0: (3,) * 64, 1: (4,) * 64}))


@pytest.fixture
def open_dialog(qtbot):
    def open_dialog(photo: Photo, last: dict | None = None) -> ExportDialog:
        dialog = ExportDialog(photo, last or {})
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.open()
        return dialog

    return open_dialog


def write_name(qtbot, dialog: ExportDialog, name: str) -> None:
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, name)


def choose(dialog: ExportDialog, title: str) -> None:
    dialog.format.setCurrentText(title)
    dialog.format.activated.emit(dialog.format.currentIndex())  # as when the user picks it


def accept(qtbot, dialog: ExportDialog) -> tuple[Path, ExportOptions]:
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.mouseClick(dialog.export_button, LEFT)
    return tuple(chosen.args)


def test_it_proposes_a_name_beside_the_photograph_in_its_own_format_and_quality(qtbot, open_dialog, photo):
    path, options = accept(qtbot, open_dialog(photo))
    assert path == photo.source.with_name("holiday-edited.jpeg")
    assert options == ExportOptions(quality=None, keep_metadata=True)


def test_another_quality_is_taken(qtbot, open_dialog, photo):
    dialog = open_dialog(photo)
    assert not dialog.quality.isEnabled()
    dialog.own_quality.click()
    dialog.slider.setValue(72)
    assert accept(qtbot, dialog)[1].quality == 72


def test_the_extension_chooses_the_format(qtbot, open_dialog, photo, tmp_path):
    dialog = open_dialog(photo)
    write_name(qtbot, dialog, str(tmp_path / "out.TIF"))
    assert dialog.kind().name == "tiff"
    assert dialog.tiff_compression.isVisible() and not dialog.own_quality.isVisible()
    path, options = accept(qtbot, dialog)
    assert path == tmp_path / "out.TIF" and options.tiff_compression == "deflate"


def test_the_format_changes_the_extension(open_dialog, photo):
    dialog = open_dialog(photo)
    choose(dialog, "PNG")
    assert dialog.path().name == "holiday-edited.png"
    assert dialog.png_compression.isVisible() and not dialog.quality.isVisible()


@pytest.mark.parametrize(("title", "quality", "webp_lossless"), [("WebP", 95, True), ("JPEG XL", None, False)])
def test_lossless_is_what_each_format_calls_so(open_dialog, photo, title, quality, webp_lossless):
    dialog = open_dialog(photo)
    choose(dialog, title)
    dialog.lossless.click()
    assert not dialog.quality.isEnabled()
    options = dialog.options()
    assert (options.quality, options.webp_lossless) == (quality, webp_lossless)


def test_the_photograph_itself_is_refused(qtbot, open_dialog, photo):
    dialog = open_dialog(photo)
    write_name(qtbot, dialog, str(photo.source))
    assert not dialog.export_button.isEnabled()
    assert "photograph itself" in dialog.note.text()
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert dialog.isVisible(), "Enter does not get round it"


@pytest.mark.parametrize(("name", "words"), [
    ("missing/out.png", "no folder"), ("out.doc", "end in"), ("out", "end in"), ("", "name"), ("folder.jpg", "folder")])
def test_what_cannot_be_written_is_said_at_once(qtbot, open_dialog, photo, tmp_path, name, words):
    (tmp_path / "folder.jpg").mkdir()
    dialog = open_dialog(photo)
    write_name(qtbot, dialog, str(tmp_path / name) if name else " ")
    assert not dialog.export_button.isEnabled()
    assert words in dialog.note.text()


def test_replacing_a_file_is_said(qtbot, open_dialog, photo, tmp_path):
    (tmp_path / "there.jpg").touch()
    dialog = open_dialog(photo)
    write_name(qtbot, dialog, str(tmp_path / "there.jpg"))
    assert dialog.export_button.text() == "Replace" and "replaced" in dialog.note.text()
    assert accept(qtbot, dialog)[0] == tmp_path / "there.jpg"


def test_what_a_format_cannot_hold_is_said(open_dialog, photo):
    deep = replace(photo, pixels=np.zeros((20, 30, 4), np.uint16), format="tiff", metadata=Metadata())
    dialog = open_dialog(deep)
    assert dialog.note.text() == ""
    dialog.depth.setCurrentIndex(dialog.depth.findData(8))
    assert "rounded to 8" in dialog.note.text()
    choose(dialog, "JPEG")
    assert "rounded to 8" in dialog.note.text() and "white" in dialog.note.text()
    assert not dialog.own_quality.isVisible(), "it has no JPEG tables"


def test_it_starts_as_the_last_one_ended(qtbot, open_dialog, photo):
    first = open_dialog(photo)
    first.own_quality.click()
    first.quality.setValue(61)
    first.keep_metadata.click()
    options = open_dialog(photo, first.remembered()).options()
    assert (options.quality, options.keep_metadata) == (61, False)


def test_what_was_remembered_wrongly_does_no_harm(open_dialog, photo):
    wrong = {"quality": "high", "own_quality": 3, "png_compression": 99, "tiff_compression": [], "other": None}
    dialog = open_dialog(photo, wrong)
    assert 0 <= dialog.options().png_compression <= 9
    assert dialog.options().tiff_compression == "deflate"


def test_cancel_chooses_nothing(qtbot, open_dialog, photo):
    dialog = open_dialog(photo)
    told = []
    dialog.chosen.connect(lambda *args: told.append(args))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible() and not told


@pytest.mark.parametrize("title", ["JPEG", "PNG", "TIFF", "WebP", "JPEG XL"])
def test_every_format_writes_with_what_the_dialog_says(qtbot, open_dialog, photo, title):
    dialog = open_dialog(replace(photo, metadata=Metadata()))
    choose(dialog, title)
    path, options = accept(qtbot, dialog)
    export_photo(photo, photo.pixels, path, options)
    assert path.stat().st_size > 100


def test_every_control_has_a_tooltip(open_dialog, photo):
    dialog = open_dialog(photo)
    assert all(button.toolTip() for button in dialog.findChildren(QPushButton) if button.objectName())
    assert dialog.export_button.toolTip()
