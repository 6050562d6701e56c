"""File > Batch…: many photographs are restored in the background, while the window is used as always."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QToolButton, QWidget

from editor.app.dialogs.batch_ending import BatchEndingDialog
from editor.app.dialogs.errors import show_error
from editor.app.file_commands import FileCommands
from editor.engines.contract import Progress
from editor.errors import UserError
from editor.jobs.worker import Job, Worker
from editor.storage.photos import Decoder

REPORT = "pentimento-report.html"
"""The report's name, in the folder of results."""

_LOOK_AFTER = 250  # milliseconds after the last change, before it is looked what is done already


@dataclass(eq=False)
class _Run:
    """A batch at work."""

    tasks: Sequence[Any]  # batch.order.Task
    order: Any  # batch.order.Order
    folder: Path
    pause: Any  # batch.running.Pause
    decoder: Decoder
    job: Job | None = None
    entries: list[Any] = field(default_factory=list)  # batch.manifest.Entry
    state: Any = None  # batch.running.State
    words: str = ""  # why it ended before its end
    paused: bool = False


class Batching(QObject):
    """Methods are named as the commands of editor.app.commands. ``button`` is for the window's status bar."""

    noted = Signal(str)

    def __init__(self, window: QWidget, files: FileCommands):
        super().__init__(window)
        self._window, self._files = window, files
        self._worker, self._looking = Worker(self), Worker(self)
        self._dialog: Any = None  # BatchDialog while it is open
        self._run: _Run | None = None
        self._last: _Run | None = None
        self._closing = False
        self._look_soon = QTimer(self, singleShot=True, interval=_LOOK_AFTER)
        self._look_soon.timeout.connect(self._look)
        self.button = QToolButton(objectName="batching", visible=False, autoRaise=True,
                                  toolTip="A batch is at work: show how far it is")
        self.button.clicked.connect(self.batch)

    # Commands

    def batch(self) -> None:
        """Show the dialog."""
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        from editor.app.dialogs.batch import BatchDialog

        recent = self._files.settings.recent
        folder = next((path.parent for path in recent if path.parent.is_dir()), Path.home())
        dialog = self._dialog = BatchDialog(folder, self._window)
        dialog.recall(self._files.settings.batch)
        dialog.places_added.connect(self._add)
        dialog.changed.connect(self._on_changed)
        dialog.start_wanted.connect(self._start)
        dialog.pause_wanted.connect(self._pause)
        dialog.cancel_wanted.connect(self._cancel)
        dialog.report_wanted.connect(self._open_report)
        dialog.finished.connect(self._on_closed)
        if self._run is not None:
            self._show_run(self._run)
        else:
            self._on_changed()
        dialog.show()

    def may_close(self) -> bool:
        """Whether the window may close now; if not, the user has been asked and it closes again by itself."""
        if self._run is None:
            return True
        if not self._closing:
            question = BatchEndingDialog(len(self._run.entries), len(self._run.tasks), self._window)
            question.end_wanted.connect(self._end_and_close)
            question.open()
        return False

    def close(self) -> None:
        """The window closes for good."""
        self._look_soon.stop()
        if self._dialog is not None:
            self._dialog.close()
        if self._run is not None:
            self._cancel()
        for worker in (self._worker, self._looking):
            worker.close()

    # Choosing

    def _add(self, places: list[Path]) -> None:
        from editor.batch.order import photos_in

        try:
            photos = photos_in([*self._dialog.photos, *places])
        except UserError as error:
            show_error(self._dialog, str(error))
            return
        if len(photos) == len(self._dialog.photos):
            self._dialog.note.setText("There is no photograph among them that is not on the list.")
            return
        if self._dialog.output is None and photos:
            self._dialog.folder.setText(str(photos[0].absolute().parent / "restored"))
        self._dialog.show_photos(photos)

    def _on_changed(self) -> None:
        if self._run is not None:
            return
        dialog, words = self._dialog, ""
        if not dialog.photos:
            words = "Add photographs, or drop them on the list."
        elif dialog.output is None:
            words = "Choose a folder to write to."
        elif not dialog.steps.steps().chosen:
            words = "Choose what is to be done with them."
        dialog.allow(not words, words, 0)
        if not words:
            self._look_soon.start()

    def _look(self) -> None:
        """For what an earlier batch has done, and for files that would be replaced."""
        dialog = self._dialog
        if dialog is None or self._run is not None or dialog.output is None:
            return
        photos, folder, order = list(dialog.photos), dialog.output, dialog.order(self._files.settings.device)
        job = Job("Looking at the folder", _look_at(photos, folder, order))
        job.produced.connect(lambda found: self._show_found(photos, found))
        self._looking.cancel_all()
        self._looking.submit(job)

    def _show_found(self, photos: list[Path], found: tuple[int, int]) -> None:
        dialog = self._dialog
        if dialog is not None and self._run is None and dialog.photos == photos and dialog.start_button.isEnabled():
            done, replaced = found
            words = {0: "", 1: "One file there will be replaced."}.get(replaced, f"{replaced} files there will be "
                                                                       "replaced.")
            dialog.allow(True, words, done)

    # Running

    def _start(self) -> None:
        from editor.batch.order import planned
        from editor.batch.running import Pause

        dialog = self._dialog
        folder, order = dialog.output, dialog.order(self._files.settings.device)
        self._files.change_settings(replace(self._files.settings, batch=dialog.remembered()))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(13, "there is no permission to write there")
        except OSError as error:
            show_error(dialog, f"{folder}: cannot be written to: {error.strerror or error}")
            return
        tasks = planned(dialog.photos, folder, order.suffix)
        run = self._run = _Run(tasks, order, folder, Pause(), Decoder())
        run.job = Job("Batch", _running(run, dialog.resume))
        run.job.shown.connect(self._on_state)
        run.job.produced.connect(self._on_entry)
        run.job.failed.connect(self._on_failed)
        run.job.ended.connect(self._on_ended)
        self._worker.submit(run.job)
        self._show_run(run)

    def _on_state(self, state: Any) -> None:
        self._run.state = state
        self._show_progress()

    def _on_entry(self, entry: Any) -> None:
        self._run.entries.append(entry)
        self._show_entry(len(self._run.entries) - 1, entry)
        self._show_progress()

    def _on_failed(self, words: str) -> None:
        self._run.words = words

    def _on_ended(self) -> None:
        run, self._run, self._last = self._run, None, self._run
        run.decoder.close()
        self.button.hide()
        words = _summary(run)
        self.noted.emit(f"Batch: {words}")
        if self._dialog is not None:
            self._dialog.show_idle(words, report=bool(run.entries))
            if run.words:
                show_error(self._dialog, run.words)
            elif run.job.was_cancelled:
                self._look_soon.start()
        elif run.words:
            show_error(self._window, run.words)
        if self._closing:
            self._closing = False
            self._window.close()

    def _pause(self, paused: bool) -> None:
        if self._run is not None:
            self._run.paused = paused
            self._run.pause.hold(paused)
            self._show_progress()

    def _cancel(self) -> None:
        run = self._run
        if run is not None:
            run.pause.hold(False)
            run.decoder.cancel()
            run.job.cancel()

    def _end_and_close(self) -> None:
        if self._run is None:  # it has ended meanwhile
            self._window.close()
            return
        self._closing = True
        self._cancel()

    def _open_report(self) -> None:
        if self._last is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._last.folder / REPORT)))

    # Showing

    def _show_run(self, run: _Run) -> None:
        self.button.show()
        dialog = self._dialog
        if dialog.photos != [task.photo for task in run.tasks]:
            dialog.show_photos([task.photo for task in run.tasks])
        dialog.folder.setText(str(run.folder))
        dialog.show_running(run.paused)
        for row in range(len(run.tasks)):
            dialog.show_state(row, "Waiting")
        for row, entry in enumerate(run.entries):
            self._show_entry(row, entry)
        self._show_progress()

    def _show_entry(self, row: int, entry: Any) -> None:
        if self._dialog is None:
            return
        from editor.batch.report import duration

        if entry.error:
            self._dialog.show_state(row, "Failed", tip=entry.error)
            return
        count = len(entry.outs)
        words = "Done before" if entry.again else "Done" if count == 1 else f"Done: {count} photos"
        said = "\n".join((*entry.words, *entry.notes))
        self._dialog.show_state(row, words, "" if entry.again else duration(entry.seconds), said)

    def _show_progress(self) -> None:
        from editor.batch.report import duration

        run = self._run
        done, count, state = len(run.entries), len(run.tasks), run.state
        share = 0.0 if state is None else state.whole
        self.button.setText(f"Batch {share:.0%}")
        if self._dialog is None:
            return
        words = f"{done} of {count} done"
        if run.paused:
            words = f"Paused. {words}"
        elif state is not None and state.left is not None:
            words += f", {duration(state.left)} left"
        if state is not None and state.number == done:
            self._dialog.show_state(done, f"{state.words} {state.share:.0%}".strip())
        self._dialog.show_progress(share, words)

    def _on_closed(self) -> None:
        self._files.change_settings(replace(self._files.settings, batch=self._dialog.remembered()))
        self._look_soon.stop()
        self._looking.cancel_all()
        self._dialog = None


def _summary(run: _Run) -> str:
    failed = sum(bool(entry.error) for entry in run.entries)
    left = len(run.tasks) - len(run.entries)
    words = f"{len(run.entries) - failed} of {len(run.tasks)} photos are done"
    words += f", {failed} failed" if failed else ""
    return f"{words}, {left} not begun." if left else f"{words}."


# The background thread's part: everything it touches is a value.

def _look_at(photos: list[Path], folder: Path, order: Any) -> Callable[[Progress], Iterator[tuple[int, int]]]:
    """Yields how many of the photos are done already, and how many files of others' would be replaced."""

    def work(progress: Progress) -> Iterator[tuple[int, int]]:
        from editor.batch.manifest import Manifest
        from editor.batch.order import planned

        manifest, done, replaced = Manifest(folder), 0, 0
        for task in planned(photos, folder, order.suffix):
            progress(0.0, "")
            if manifest.finished(task, order) is not None:
                done += 1
            else:
                replaced += task.out.exists()
        yield done, replaced

    return work


def _running(run: _Run, resume: bool) -> Callable[[Progress], Iterator[Any]]:
    """Yields what came of each photograph; leaves the report, also where it is cancelled."""

    def work(progress: Progress) -> Iterator[Any]:
        from editor.batch import running
        from editor.batch.manifest import Manifest
        from editor.batch.report import write_report
        from editor.restoration.restoring import TITLES

        entries, room = [], True
        try:
            for entry in running.run(run.tasks, run.order, decoder=run.decoder, manifest=Manifest(run.folder),
                                     resume=resume, pictured=True, pause=run.pause, tell=run.job.show,
                                     progress=progress):
                entries.append(entry)
                yield entry
        except running.DiskFull:
            room = False  # for a report neither
            raise
        finally:
            if entries and room:
                write_report(run.folder / REPORT, entries, [TITLES[name] for name in run.order.steps.chosen],
                             len(run.tasks) - len(entries))

    return work
