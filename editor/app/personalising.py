"""Personalise: a network learns from the user's photos in the background, while the window is used as always."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from editor.app.dialogs.ending import EndingDialog
from editor.app.dialogs.errors import show_error
from editor.app.file_commands import FileCommands
from editor.engines.contract import Progress
from editor.engines.networks import store
from editor.engines.networks.devices import devices
from editor.engines.networks.store import Model
from editor.errors import UserError
from editor.jobs.worker import Job, Worker
from editor.training import personal
from editor.training.personal import Run, Wish

_WITH_CARD, _WITHOUT = 5, 60  # minutes


class Personalising(QObject):
    """Methods are named as the commands of editor.app.commands. ``button`` is for the window's status bar."""

    noted = Signal(str)
    models_changed = Signal()

    def __init__(self, window: QWidget, files: FileCommands):
        super().__init__(window)
        self._window, self._files = window, files
        self._worker, self._looking = Worker(self), Worker(self)
        self._dialog: Any = None  # PersonaliseDialog while it is open
        self._run: Run | None = None
        self._progress = (0.0, "")
        self._notes: list[str] = []
        self._made: Model | None = None
        self._paused = self._thrown_away = self._ending = self._closing = False
        self._sheet_shown = 0.0
        self.button = QToolButton(objectName="personalising", visible=False, autoRaise=True,
                                  toolTip="A network is learning from your photos: show how far it is")
        self.button.clicked.connect(self.personalise)

    # Commands

    def personalise(self) -> None:
        """Show the dialog."""
        if self._dialog is not None:
            self._dialog.raise_()
            self._dialog.activateWindow()
            return
        from editor.app.dialogs.personalise import PersonaliseDialog

        dialog = self._dialog = PersonaliseDialog(self._window)
        dialog.start_wanted.connect(self._begin)
        dialog.go_on_wanted.connect(self._start)
        dialog.discard_wanted.connect(self._discard)
        dialog.pause_wanted.connect(self._pause)
        dialog.end_wanted.connect(lambda: self._ask(closing=False))
        dialog.use_wanted.connect(self._use)
        dialog.finished.connect(self._on_closed)
        if self._run is None:
            self._list()
            self._look("Looking for devices", _devices, dialog.suggest_minutes)
        else:
            self._show_run()
        dialog.show()

    def may_close(self) -> bool:
        """Whether the window may close now; if not, the user has been asked and it closes again by itself."""
        if self._run is None:
            return True
        if self._closing:
            self.noted.emit("The window closes when what has been learned is on disk.")
        else:
            self._ask(closing=True)
        return False

    def close(self) -> None:
        """The window closes for good; what is under way leaves its last checkpoint."""
        if self._dialog is not None:
            self._dialog.close()
        if self._run is not None:
            self._run.end()
        for worker in (self._worker, self._looking):
            worker.close()

    # How

    def _begin(self, model: Model, photos: Path, title: str, minutes: float) -> None:
        try:
            wish = personal.begin(model.card.network, model.name, photos, title, minutes, self._files.settings.device)
        except UserError as error:
            self._fail(str(error))
        else:
            self._start(wish)

    def _start(self, wish: Wish) -> None:
        try:
            run = self._run = Run(wish)
        except UserError as error:
            self._fail(str(error))
            return
        self._progress, self._notes, self._made = (0.0, "Starting"), [], None
        self._paused = self._thrown_away = self._ending = False
        job = Job(f"Personalising {wish.title}", run.follow)
        job.progressed.connect(self._on_progress)
        job.produced.connect(self._on_result)
        job.failed.connect(self._on_failed)
        job.ended.connect(self._on_ended)
        self._worker.submit(job)
        self._show_run()

    def _on_progress(self, share: float, words: str) -> None:
        self._progress = (share, words)
        self._show_progress()

    def _on_result(self, result: str | Model) -> None:
        if isinstance(result, Model):
            self._made = result
            return
        self._notes.append(result)
        if self._dialog is not None:
            self._dialog.add_note(result)

    def _on_failed(self, message: str) -> None:
        if not personal.begun(self._run.wish):
            self._thrown_away = True
        self._fail(message[:1].upper() + message[1:])

    def _on_ended(self) -> None:
        wish, self._run = self._run.wish, None
        self.button.hide()
        if self._thrown_away:
            personal.discard(wish)
        words = ""
        if self._made is not None:
            words = f"“{self._made.title}” has learned from your photos: it is in Models."
            self.noted.emit(words)
            self.models_changed.emit()
        if self._dialog is not None:
            self._dialog.show_choosing(words, self._made)
            self._list()
        if self._closing:
            self._closing = False
            self._window.close()

    def _show_run(self) -> None:
        self.button.show()
        if self._dialog is not None:
            self._sheet_shown = 0.0
            self._dialog.show_training(self._run.wish)
            self._dialog.show_paused(self._paused)
            self._dialog.set_ending(self._ending)
            for note in self._notes:
                self._dialog.add_note(note)
        self._show_progress()

    def _show_progress(self) -> None:
        share, words = self._progress
        if self._paused:
            words = f"Paused. {words}"
        self.button.setText(f"Personalising {share:.0%}")
        if self._dialog is not None:
            self._dialog.show_progress(share, words)
            sheet = self._run.wish.folder / personal.SHEET
            made = sheet.stat().st_mtime if sheet.exists() else 0.0
            if made > self._sheet_shown:
                self._sheet_shown = made
                self._dialog.show_sheet(sheet)

    def _pause(self, paused: bool) -> None:
        if self._run is None:  # it has just ended
            return
        self._paused = paused
        self._run.pause(paused)
        self._show_progress()

    def _ask(self, closing: bool) -> None:
        if self._run is None:
            return
        parent = self._window if closing or self._dialog is None else self._dialog
        question = EndingDialog(self._run.wish.title, closing, self._run.learning, parent)
        question.make_wanted.connect(lambda: self._end(closing, "make"))
        question.keep_wanted.connect(lambda: self._end(closing, "keep"))
        question.discard_wanted.connect(lambda: self._end(closing, "discard"))
        question.open()

    def _end(self, closing: bool, how: str) -> None:
        if self._run is None:  # it has ended meanwhile
            if closing:
                self._window.close()
            return
        self._ending, self._closing, self._thrown_away = True, closing, how == "discard"
        if how == "make":
            self._run.keep()
        else:
            self._run.stop()
        if self._dialog is not None:
            self._dialog.set_ending(True)
        self._on_progress(self._progress[0], "Ending…")

    def _discard(self, wish: Wish) -> None:
        personal.discard(wish)
        self._list()

    def _use(self, model: Model) -> None:
        try:
            store.use(model)
        except UserError as error:
            self._fail(str(error))
            return
        self.models_changed.emit()
        self._dialog.show_choosing(f"Fills use “{model.title}” from now on.")

    def _list(self) -> None:
        self._look("Listing models", _choices, self._on_listed)

    def _on_listed(self, found: tuple[list[Model], tuple[Wish, ...]]) -> None:
        if self._dialog is not None:
            self._dialog.show_choices(*found)

    def _look(self, name: str, work: Any, use: Any) -> None:
        job = Job(name, work)
        job.produced.connect(use)
        job.failed.connect(self._fail)
        self._looking.submit(job)

    def _on_closed(self) -> None:
        self._dialog = None
        self._looking.cancel_all()

    def _fail(self, message: str) -> None:
        show_error(self._dialog or self._window, message)


# The background thread's part

def _choices(progress: Progress) -> Iterator[tuple[list[Model], tuple[Wish, ...]]]:
    """The models in use that can learn, and what is unfinished."""
    used = store.in_use(store.models())
    yield [used[network] for network in personal.NETWORKS if network in used], personal.unfinished()


def _devices(progress: Progress) -> Iterator[int]:
    """How many minutes are worth while on the best device."""
    yield _WITHOUT if devices()[0].name == "cpu" else _WITH_CARD
