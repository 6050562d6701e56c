"""“What did I change”: the map of changes over the picture, how much it is, and the map as a file."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QLabel

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.change_overlay import ChangeOverlay
from editor.app.change_watch import ChangeWatch
from editor.app.dialogs.files import file_dialog
from editor.document.document import Document
from editor.jobs.worker import Job, Worker

WITH_LEGEND, MASK = "Map with a legend (*.png)", "Mask: white where something has changed (*.png)"
_SUFFIX = ".png"


class ChangeCommands(QObject):
    """Methods are named as the commands of editor.app.commands. ``label`` is for the window's status bar."""

    started = Signal(object)  # Job
    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, canvas: Canvas):
        super().__init__(canvas)
        self._canvas = canvas
        self._overlay = ChangeOverlay(canvas)
        self._watch = ChangeWatch(self)
        self._worker = Worker(self)
        self._document: Document | None = None
        self._shown = False
        self.label = QLabel(objectName="changes", visible=False,
                            toolTip="Pixels that differ from the original, and their share")
        self._watch.found.connect(self._show)

    def set_document(self, document: Document | None) -> None:
        self._document = document
        self._watch.set_document(document if self._shown else None)
        self._show()

    def toggle_changes(self, shown: bool) -> None:
        """Show the map, or no longer."""
        self._shown = shown
        self._watch.set_document(self._document if shown else None)
        self.label.setVisible(shown)
        self._show()

    def export_changes(self) -> None:
        """Ask for a name, and whether it is to be a map or a mask."""
        document = self._document
        source = document.photo.source
        dialog = file_dialog(self._canvas.window(), "Export map of changes", "changes-dialog",
                             source.parent if source else Path.home())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([WITH_LEGEND, MASK])
        dialog.setOption(QFileDialog.Option.HideNameFilterDetails, False)
        dialog.setDefaultSuffix(_SUFFIX)
        dialog.selectFile(f"{source.stem if source else 'Untitled'}-changes{_SUFFIX}")
        dialog.fileSelected.connect(
            lambda name: self._export(document, Path(name), dialog.selectedNameFilter() == WITH_LEGEND))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def cancel(self) -> None:
        self._worker.cancel_all()

    def close(self) -> None:
        self._watch.close()
        self._worker.close()

    def _show(self) -> None:
        found = self._watch.map if self._shown else None
        self._overlay.show(found)
        if found is None:
            self.label.clear()
            return
        count, size = sum(found.counts), found.shape[0] * found.shape[1]
        self.label.setText(f"Changed: {count:,} px, {share(count, size)}" + ("" if self._watch.whole else " …"))

    def _export(self, document: Document, path: Path, legend: bool) -> None:
        source = document.photo.source
        if path.suffix.lower() != _SUFFIX:
            self.failed.emit(f"{path.name}: not exported: a map's name ends in {_SUFFIX}.")
            return
        if source is not None and path.exists() and source.exists() and path.samefile(source):
            self.failed.emit(f"{path.name}: not exported: that is the photograph itself.")
            return
        from editor.app.change_export import write_map, write_mask  # the writers load when they are needed

        document.end_change()
        snapshot = document.snapshot()
        write = write_map if legend else write_mask
        job = Job(f"Exporting {path.name}", lambda progress: iter([write(snapshot, path, progress)]))
        job.failed.connect(self.failed)
        job.finished.connect(lambda: self.noted.emit(f"Exported {path}"))
        self.started.emit(job)
        self._worker.submit(job)


def share(count: int, size: int) -> str:
    """As a percentage that is 0 or 100 only where it is."""
    if count in (0, size):
        return f"{100 * count // size} %"
    percent = 100 * count / size
    return "< 0.01 %" if percent < 0.01 else "> 99.99 %" if percent > 99.99 else f"{percent:.2f} %"
