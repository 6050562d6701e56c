"""File > Batch…: which photographs, what is to be done with them, and how far it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from editor.app.dialogs.batch_steps import BatchSteps
from editor.app.dialogs.files import ask, file_dialog
from editor.batch.order import Order
from editor.storage.export import formats


class BatchDialog(QDialog):
    """Shows what it is told, and tells what the user wants; whoever opens it sees to both. Closing it ends nothing."""

    places_added = Signal(object)  # list of Path: files and folders
    start_wanted = Signal()
    pause_wanted = Signal(bool)
    cancel_wanted = Signal()
    report_wanted = Signal()
    changed = Signal()  # photos, folder, format or steps

    def __init__(self, folder: Path, parent: QWidget | None = None):
        """folder: where choosing photos begins."""
        super().__init__(parent, objectName="batch")
        self.setWindowTitle("Batch")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self.resize(920, 600)
        self._folder = folder
        self.photos: list[Path] = []
        sides = QHBoxLayout()
        sides.addWidget(self._listing(), 3)
        sides.addWidget(self._wishes(), 2)
        column = QVBoxLayout(self)
        column.addLayout(sides, 1)
        column.addWidget(self._foot())
        self.show_idle("")

    # What is wanted

    @property
    def output(self) -> Path | None:
        words = self.folder.text().strip()
        return Path(words).expanduser() if words else None

    @property
    def resume(self) -> bool:
        return self.go_on.isChecked()

    def order(self, device: str) -> Order:
        return Order(self.steps.steps(), self.format.currentData(), device=device)

    def remembered(self) -> dict[str, Any]:
        """What the next dialog should start with, as plain values."""
        return {"format": self.format.currentData(), "output": self.folder.text(), "steps": self.steps.remembered()}

    def recall(self, said: Mapping[str, Any]) -> None:
        """What ``remembered`` gave."""
        self.format.setCurrentIndex(max(0, self.format.findData(said.get("format", ""))))
        self.folder.setText(str(said.get("output", "")))
        if isinstance(said.get("steps"), dict):
            self.steps.recall(said["steps"])

    # What is shown

    def show_photos(self, photos: Sequence[Path]) -> None:
        self.photos = list(photos)
        self.table.setRowCount(len(self.photos))
        for row, photo in enumerate(self.photos):
            for column, words in enumerate((photo.name, "", "")):
                item = QTableWidgetItem(words)
                item.setToolTip(str(photo))
                self.table.setItem(row, column, item)
        self.changed.emit()

    def show_state(self, row: int, words: str, time: str = "", tip: str = "") -> None:
        """How one photograph is."""
        if row < self.table.rowCount():
            for column, text in ((1, words), (2, time)):
                self.table.item(row, column).setText(text)
                self.table.item(row, column).setToolTip(tip or str(self.photos[row]))
            self.table.scrollToItem(self.table.item(row, 0))

    def show_running(self, paused: bool) -> None:
        """A batch is at work: nothing of it can be changed."""
        self._set_running(True)
        self.pause_button.setChecked(paused)

    def show_progress(self, share: float, words: str) -> None:
        self.progress.setValue(round(1000 * share))
        self.words.setText(words)

    def show_idle(self, words: str, report: bool = False) -> None:
        """Nothing is under way; ``words`` say what has come of the last one, ``report`` whether it can be read."""
        self._set_running(False)
        self.words.setText(words)
        self.report_button.setVisible(report)

    def allow(self, startable: bool, words: str, done: int) -> None:
        """Whether it can be started; if not, or if something is to be known before, ``words`` say why. done: photos
        that an earlier batch into that folder has done."""
        self.start_button.setEnabled(startable)
        self.note.setText(words)
        self.go_on.setVisible(done > 0)
        self.go_on.setText(f"Pass over what is done already ({done})")

    # Dropped on it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and not self._running:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        places = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if places:
            self.places_added.emit(places)
        event.acceptProposedAction()

    # How

    def _listing(self) -> QWidget:
        self.table = QTableWidget(0, 3, objectName="batch-photos",
                                  toolTip="The photographs; more can be dropped here, folders too")
        self.table.setHorizontalHeaderLabels(["Photo", "State", "Time"])
        self.table.setAccessibleName("Photographs")
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self._add_files = self._button("Add photos…", "batch-add-photos", "Choose photographs")
        self._add_folder = self._button("Add folder…", "batch-add-folder", "All photographs of a folder")
        self._remove = self._button("Remove", "batch-remove", "Take the selected ones off the list; all without any")
        self._add_files.clicked.connect(self._ask_for_photos)
        self._add_folder.clicked.connect(self._ask_for_folder)
        self._remove.clicked.connect(self._remove_selected)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addLayout(_row(self._add_files, self._add_folder, self._remove, None))
        return page

    def _wishes(self) -> QWidget:
        self.folder = QLineEdit(objectName="batch-folder", toolTip="Where the restored photographs are written to",
                                placeholderText="A folder of their own")
        self._choose = self._button("Choose…", "batch-choose-folder", "Choose the folder")
        self._choose.clicked.connect(self._ask_for_output)
        self.folder.textChanged.connect(self.changed)
        self.format = QComboBox(objectName="batch-format", toolTip="Kind of file to write")
        self.format.addItem("As each photo’s own", "")
        for kind in formats():
            if kind.writable:
                self.format.addItem(kind.title, kind.extensions[0])
        self.format.currentIndexChanged.connect(self.changed)
        self.steps = BatchSteps()
        self.steps.changed.connect(self.changed)
        self.go_on = QCheckBox("", objectName="batch-resume", checked=True, toolTip=(
            "With the same steps and unchanged photos, what was written before is right"))
        self.note = QLabel(objectName="batch-note", wordWrap=True)
        self.note.setProperty("muted", True)
        inner = QWidget()
        column = QVBoxLayout(inner)
        form = QFormLayout(horizontalSpacing=12)
        form.addRow("Write to", _row(self.folder, self._choose))
        form.addRow("Format", self.format)
        column.addLayout(form)
        column.addSpacing(8)
        column.addWidget(self.steps)
        column.addStretch(1)
        self._inner = inner
        area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame,
                           horizontalScrollBarPolicy=Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        area.setMinimumWidth(inner.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width() + 40)
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area, 1)
        whole.addWidget(self.go_on)
        whole.addWidget(self.note)
        return page

    def _foot(self) -> QWidget:
        self.progress = QProgressBar(objectName="batch-progress", maximum=1000, textVisible=False)
        self.progress.setAccessibleName("Progress of the batch")
        self.words = QLabel(objectName="batch-words", textFormat=Qt.TextFormat.PlainText)
        self.report_button = self._button("Open report", "batch-report", "Each photograph before and after")
        self.pause_button = self._button("Pause", "batch-pause", "Let the machine rest for a while")
        self.pause_button.setCheckable(True)
        self.cancel_button = self._button("Cancel", "batch-cancel", "End it; what is written stays, and it can be "
                                          "taken up again")
        self.start_button = self._button("Start", "batch-start", "Begin, in the background")
        self.start_button.setProperty("primary", True)
        close = self._button("Close", "batch-close", "Close this dialog; a batch goes on, and the line at the bottom "
                             "of the window leads back here (Esc)")
        self.report_button.clicked.connect(self.report_wanted)
        self.pause_button.toggled.connect(lambda paused: self.pause_button.setText("Go on" if paused else "Pause"))
        self.pause_button.clicked.connect(self.pause_wanted)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.start_button.clicked.connect(self.start_wanted)
        close.clicked.connect(self.reject)
        foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.progress)
        column.addLayout(_row(self.words, self.report_button, self.pause_button, self.cancel_button, close,
                              self.start_button))
        return foot

    def _set_running(self, running: bool) -> None:
        self._running = running
        for widget in (self._inner, self.go_on, self._add_files, self._add_folder, self._remove):
            widget.setEnabled(not running)
        for widget in (self.progress, self.pause_button, self.cancel_button):
            widget.setVisible(running)
        self.start_button.setVisible(not running)
        self.report_button.hide()

    def _ask_for_photos(self) -> None:
        dialog = file_dialog(self, "Photos to restore", "batch-photos-dialog", self._folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        every = " ".join(f"*{suffix}" for kind in formats() for suffix in kind.extensions)
        dialog.setNameFilters([f"Photographs ({every})", "All files (*)"])
        dialog.filesSelected.connect(lambda names: self.places_added.emit([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_for_folder(self) -> None:
        ask(self._folder_dialog("Folder of photos", "batch-folder-dialog"), lambda path: self.places_added.emit([path]))

    def _ask_for_output(self) -> None:
        ask(self._folder_dialog("Folder to write to", "batch-output-dialog"),
            lambda path: self.folder.setText(str(path)))

    def _folder_dialog(self, title: str, name: str) -> QFileDialog:
        dialog = file_dialog(self, title, name, self._folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        return dialog

    def _remove_selected(self) -> None:
        rows = {index.row() for index in self.table.selectionModel().selectedRows()} or set(range(len(self.photos)))
        self.show_photos([photo for row, photo in enumerate(self.photos) if row not in rows])

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        return QPushButton(text, objectName=name, toolTip=tip, autoDefault=False)


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets side by side, the first as wide as may be; None is empty space."""
    row = QHBoxLayout()
    for index, widget in enumerate(widgets):
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget, 0 if index else 1)
    return row
