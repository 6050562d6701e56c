"""What the File menu does: asking for names, for what is unsaved, remembering recent files, sessions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from editor.app import settings as settings_file
from editor.app import thumbnail_cache
from editor.app.dialogs.files import ask, file_dialog
from editor.app.dialogs.unsaved import UnsavedDialog
from editor.app.file_controller import PROJECT_SUFFIX, FileController, OpenFile
from editor.app.open_files import OpenFiles
from editor.app.pixels import array_of, layer_of
from editor.app.settings import Settings
from editor.app.thumbnails import photo_image
from editor.document.layer_ops import add_picture_layer
from editor.document.photo import Photo
from editor.errors import UserError
from editor.storage.photos import Decoder

_THUMBNAIL_AFTER = 500  # milliseconds after opening, when the photograph has long been seen


class FileCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    recent_changed = Signal(object)  # tuple of Path

    def __init__(self, window: QWidget, settings: Settings, decoder: Decoder):
        super().__init__(window)
        self._window = window
        self.settings = settings
        self.controller = FileController(decoder, self)
        self.open_files = OpenFiles(self)
        self._leaving = False  # the user has said that what is unsaved may go
        self._closes_later = False  # when what is being written is on disk
        self._recent_menu = QMenu("Open &recent", window)
        self._recent_menu.aboutToShow.connect(self._list_recent)
        self.controller.opened.connect(self._on_opened)
        self.controller.saved.connect(self._on_saved)
        self.controller.exported.connect(lambda path: self.controller.noted.emit(f"Exported {path}"))

    @property
    def file(self) -> OpenFile | None:
        """The one in sight."""
        return self.open_files.current

    def start(self, path: Path | None) -> None:
        """The window is up: open what the command line named, and start the decoder ahead of the next photograph."""
        self.recent_changed.emit(self.settings.recent)
        if path is not None:
            self.open_path(path)
        else:
            self.controller.warm_up()
        self.controller.look_for_lost_work(self._offer_lost_work)

    # Commands

    def open(self) -> None:
        dialog = self._file_dialog("Open", "open-dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(_open_filters())
        dialog.filesSelected.connect(lambda names: self.open_paths([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open_path(self, path: Path) -> None:
        self.open_paths([path])

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files in tabs of their own, and show the first; one that is open already is only shown."""
        for number, path in enumerate(paths):
            there = next((file for file in self.open_files.files if _is_of(file, path)), None)
            if there is None:
                self.controller.open(path, behind=number > 0)
            elif number == 0:
                self.open_files.show(there)
                self._remember(path)

    def read_picture(self, title: str, name: str, use: Callable[[Photo], None]) -> None:
        """Ask for a picture that something else is to be done with; the dialog's objectName is ``name``."""
        dialog = self._file_dialog(title, name)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(_open_filters())
        ask(dialog, lambda path: self.controller.read(path, use))

    def paste_new(self) -> None:
        image = QGuiApplication.clipboard().image()
        if image.isNull():
            self.controller.failed.emit("There is no picture on the clipboard.")
        else:
            self._open_picture(image)

    def paste(self) -> None:
        """A picture on the clipboard becomes a layer; without a document, the photograph."""
        data = QGuiApplication.clipboard().mimeData()
        if data is None or not self.take(data):
            self.controller.failed.emit("There is no picture on the clipboard.")

    def take(self, data: QMimeData) -> bool:
        """Something dropped or pasted: a file is opened, a picture becomes a layer. Whether it was either."""
        files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if files:
            self.open_paths(files)
        elif data.hasImage() and self.file is None:
            self._open_picture(data.imageData())
        elif data.hasImage():
            self._add_layer(array_of(data.imageData()))
        return bool(files) or data.hasImage()

    def save(self) -> None:
        self._save(self.file, lambda: None)

    def save_as(self) -> None:
        self._ask_where_to_save(self.file, lambda: None)

    def export(self) -> None:
        from editor.app.dialogs.export import ExportDialog  # the writers load when they are needed

        dialog = ExportDialog(self.file.document.photo, self.settings.export, self._window)
        file = self.file
        dialog.chosen.connect(lambda path, options: self._export(file, path, options, dialog.remembered()))
        dialog.open()

    def close_document(self) -> None:
        self.close_file(self.file)

    def close_file(self, file: OpenFile) -> None:
        """After asking for what is unsaved in it."""
        self._leave(file, lambda: self._close(file))

    def next_document(self) -> None:
        self.open_files.step(1)

    def previous_document(self) -> None:
        self.open_files.step(-1)

    # Closing the window

    def may_close(self) -> bool:
        """Whether the window may close now; if not, the user has been asked and it closes again by itself."""
        if writing := self.controller.writing:
            if not self._closes_later:
                self._closes_later = True
                self.controller.noted.emit(f"{writing.name}: the window closes when it is done.")
                writing.ended.connect(self._no_longer_writing)
                writing.finished.connect(self._window.close)
            return False
        if self._leaving or not any(map(_unsaved, self.open_files.files)):
            return True
        self._ask_for_all({})
        return False

    def _ask_for_all(self, given_up: dict[OpenFile, object]) -> None:
        """Ask for one unsaved document after another, then close; ``given_up`` may go in the states it tells."""
        left = next((file for file in self.open_files.files if _unsaved(file) and not (
            file in given_up and given_up[file] is file.document.state())), None)
        if left is None:
            self._leaving = True
            self._leaving = self._window.close()
        else:
            self._leave(left, lambda: self._ask_for_all({**given_up, left: left.document.state()}))

    def _no_longer_writing(self) -> None:
        self._closes_later = False

    def forget_unsaved(self) -> None:
        """Let the window close without asking."""
        self._leaving = True

    def cancel(self) -> None:
        self.controller.cancel()

    def end(self, **remembered: object) -> None:
        """The window closes for good; ``remembered`` are settings to keep."""
        for file in self.open_files.files:
            self.controller.end_session(file)
        self.change_settings(replace(self.settings, **remembered))
        self.controller.close()

    def forget_recent(self, path: Path) -> None:
        """Take a file off the recent ones."""
        self.change_settings(replace(self.settings, recent=tuple(one for one in self.settings.recent if one != path)))
        self.recent_changed.emit(self.settings.recent)

    def change_settings(self, settings: Settings) -> None:
        """Take over and keep the user's choices."""
        self.settings = settings
        try:
            settings_file.save(settings)
        except UserError as error:
            self.controller.noted.emit(str(error))

    def recent_menu(self) -> QMenu:
        return self._recent_menu

    # How

    def _on_opened(self, file: OpenFile, behind: bool) -> None:
        self.controller.begin_session(file)
        self._remember(file.project or file.document.photo.source)
        # What is under the pen, or asked about in a dialog, stays in sight.
        at_work = QApplication.activeModalWidget() is not None or (
            self.file is not None and self.file.document.changing)
        self.open_files.add(file, behind or at_work)
        for notice in file.document.photo.notices:
            self.controller.noted.emit(notice)
        QTimer.singleShot(_THUMBNAIL_AFTER, self, lambda: self._keep_thumbnail(file))

    def _close(self, file: OpenFile) -> None:
        self.controller.end_session(file)
        self.open_files.close(file)

    def _offer_lost_work(self, lost: list) -> None:
        if lost:
            from editor.app.dialogs.recovery import RecoveryDialog

            dialog = RecoveryDialog(lost, self._window)
            dialog.recover.connect(self._recover)
            dialog.discard.connect(self.controller.discard)
            dialog.open()

    def _recover(self, folders: Sequence[Path]) -> None:
        for number, folder in enumerate(folders):
            self.controller.recover(folder, behind=number > 0)

    def _keep_thumbnail(self, file: OpenFile) -> None:
        """For the start page, which does not decode photographs."""
        path = file.project or file.document.photo.source
        if path is not None and file in self.open_files.files:
            thumbnail_cache.store(path, photo_image(file.document, thumbnail_cache.SIDE))

    def _remember(self, path: Path | None) -> None:
        if path is not None:
            self.change_settings(settings_file.with_recent(self.settings, path))
            self.recent_changed.emit(self.settings.recent)

    def _leave(self, file: OpenFile, then: Callable[[], object]) -> None:
        """Go on with ``then`` once this document may go."""
        if not _unsaved(file):
            then()
            return
        self.open_files.show(file)  # what is asked for should be seen
        dialog = UnsavedDialog(file.name, self._window)
        # Asked again after saving: work goes on meanwhile.
        dialog.save.connect(lambda: self._save(file, lambda: self._leave(file, then)))
        dialog.discard.connect(then)
        dialog.open()

    def _save(self, file: OpenFile, then: Callable[[], object]) -> None:
        if file.project is None:
            self._ask_where_to_save(file, then)
        else:
            self.controller.save(file, file.project).finished.connect(then)

    def _ask_where_to_save(self, file: OpenFile, then: Callable[[], object]) -> None:
        dialog = self._file_dialog("Save project", "save-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"OpenRaster project (*{PROJECT_SUFFIX})")
        dialog.setDefaultSuffix(PROJECT_SUFFIX)
        place = file.project or file.document.photo.source or self._folder() / file.name
        dialog.selectFile(str(place.with_suffix(PROJECT_SUFFIX)))
        ask(dialog, lambda path: self._save_to(file, path, then))

    def _save_to(self, file: OpenFile, path: Path, then: Callable[[], object]) -> None:
        # Another ending may be the photograph's own file, or one that nobody has agreed to replace.
        if path.suffix.lower() != PROJECT_SUFFIX:
            self.controller.failed.emit(f"{path.name}: not saved: a project's name ends in {PROJECT_SUFFIX}.")
        elif any(_is_of(other, path) for other in self.open_files.files if other is not file):
            self.controller.failed.emit(f"{path.name}: not saved: it is open in another tab.")
        else:
            self.controller.save(file, path).finished.connect(then)

    def _file_dialog(self, title: str, name: str) -> QFileDialog:
        """A dialog that begins where the user worked last."""
        return file_dialog(self._window, title, name, self._folder())

    def _folder(self) -> Path:
        """Of the latest file whose folder is still there."""
        folders = (path.parent for path in self.settings.recent if path.parent.is_dir())
        return next(folders, Path.home())

    def _export(self, file: OpenFile, path: Path, options: object, remembered: dict) -> None:
        self.change_settings(replace(self.settings, export=remembered))
        self.controller.export(file, path, options)

    def _on_saved(self, path: Path) -> None:
        self._remember(path)
        self.open_files.changed.emit()  # it may have another name
        self.controller.noted.emit(f"Saved {path}")

    def _open_picture(self, image: QImage) -> None:
        self.controller.open_pixels(array_of(image), "Pasted picture")

    def _add_layer(self, pixels) -> None:
        add_picture_layer(self.file.document, layer_of(pixels, self.file.document), "Pasted")

    def _list_recent(self) -> None:
        self._recent_menu.clear()
        for path in self.settings.recent:
            action: QAction = self._recent_menu.addAction(str(path))
            action.setEnabled(path.exists())
            action.triggered.connect(lambda checked=False, path=path: self.open_path(path))


def _unsaved(file: OpenFile) -> bool:
    """Also where the only change is the stroke under the pen, which is ended."""
    file.document.end_change()
    return file.document.modified


def _is_of(file: OpenFile, path: Path) -> bool:
    """Whether it is what opening ``path`` would open once more."""
    place = file.project or file.document.photo.source
    return place is not None and place.absolute() == path.absolute()


def _open_filters() -> list[str]:
    from editor.storage.export import formats

    every = " ".join(f"*{suffix}" for kind in formats() for suffix in kind.extensions)
    return [f"Photographs and projects ({every} *{PROJECT_SUFFIX})", "All files (*)"]
