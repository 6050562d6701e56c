"""What the Models menu does: listing, checking, adding and removing weights, all in the background."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from editor.app.dialogs.errors import show_error
from editor.app.dialogs.files import ask, file_dialog
from editor.app.file_commands import FileCommands
from editor.engines.contract import Progress
from editor.engines.networks import store
from editor.engines.networks.cards import NETWORKS
from editor.engines.networks.devices import Device, devices
from editor.engines.networks.store import Model
from editor.errors import UserError
from editor.jobs.worker import Job, Worker

if TYPE_CHECKING:
    from editor.app.dialogs.models import ModelsDialog


class ModelCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    started = Signal(object)  # Job
    noted = Signal(str)
    changed = Signal()  # what models there are, or which of them is in use

    def __init__(self, window: QWidget, files: FileCommands):
        super().__init__(window)
        self._window = window
        self._files = files
        self._adding, self._looking = Worker(self), Worker(self)
        self._dialog: ModelsDialog | None = None  # while it is open
        self._faults: dict[Path, str] = {}  # what looking at the weights found; "" where they are well
        self._models: tuple[Model, ...] = ()

    # Commands

    def show_models(self, choose: str = "") -> None:
        from editor.app.dialogs.models import ModelsDialog

        self._faults = {}
        self._dialog = ModelsDialog(self._files.settings.device, self._window)
        self._dialog.add_wanted.connect(self.add_model)
        self._dialog.remove_wanted.connect(self._remove)
        self._dialog.use_wanted.connect(self._use)
        self._dialog.device_chosen.connect(
            lambda device: self._files.change_settings(replace(self._files.settings, device=device)))
        self._dialog.finished.connect(self._on_closed)
        self._dialog.open()
        self._list(choose)

    def add_model(self) -> None:
        dialog = file_dialog(self._dialog or self._window, "Add a model", "add-model-dialog", Path.home())
        dialog.setFileMode(dialog.FileMode.ExistingFile)
        dialog.setNameFilters(["Weights (*.safetensors *.pth *.pt *.ckpt *.bin)", "All files (*)"])
        ask(dialog, self.add_path)

    def add_path(self, path: Path) -> Job:
        """Add the weights of a file."""
        job = self._run(self._adding, f"Adding {path.name}", lambda progress: _add(path, progress), self._on_added)
        job.progressed.connect(lambda fraction, words: self._say(words))
        self.started.emit(job)
        return job

    def refresh(self) -> None:
        """There is another model, or another is used: show it."""
        if self._dialog is not None:
            self._list()

    def find_devices(self, use: Callable[[Sequence[Device]], object]) -> None:
        """What devices there are: found out in the background, since it loads the networks' library."""
        self._run(self._looking, "Looking for devices", _devices, use)

    def cancel(self) -> None:
        self._adding.cancel_all()

    def close(self) -> None:
        """The window closes for good."""
        for worker in (self._adding, self._looking):
            worker.close()

    # How

    def _on_added(self, model: Model) -> None:
        self._faults[model.path] = ""
        self.noted.emit(f"Added “{model.title}” for {NETWORKS[model.card.network].title}.")
        if self._dialog is None:
            self.show_models(model.name)
        else:
            self._list(model.name)

    def _remove(self, model: Model) -> None:
        self._try(lambda: store.remove(model))
        self._list()

    def _use(self, model: Model) -> None:
        self._try(lambda: store.use(model))
        self._list()

    def _list(self, choose: str = "") -> None:
        """Show what there is, then what devices there are, then whether the weights are well."""
        self._looking.cancel_all()
        self._run(self._looking, "Listing models", _listed, lambda found: self._on_listed(found, choose))

    def _on_listed(self, found: tuple[Model, ...], choose: str) -> None:
        self._models = found
        self._show(choose)
        self.changed.emit()
        self._run(self._looking, "Looking for devices", _devices, self._on_devices)
        unknown = [model for model in found if not model.fault and model.path not in self._faults]
        if unknown:
            self._say("Looking at the weights…")
            job = self._run(self._looking, "Checking models", lambda progress: _checked(unknown, progress),
                            self._on_checked)
            job.finished.connect(lambda: self._say(""))

    def _on_devices(self, there: tuple[Device, ...]) -> None:
        if self._dialog is not None:
            self._dialog.show_devices(there)

    def _on_checked(self, model: Model) -> None:
        self._faults[model.path] = model.fault
        if model.fault:
            self._show()

    def _show(self, choose: str = "") -> None:
        if self._dialog is not None:
            known = tuple(replace(model, fault=model.fault or self._faults.get(model.path, ""))
                          for model in self._models)
            self._dialog.show_models(known, store.in_use(known), choose)

    def _say(self, words: str) -> None:
        if self._dialog is not None:
            self._dialog.show_note(words)

    def _on_closed(self) -> None:
        self._dialog = None
        self._looking.cancel_all()

    def _run(self, worker: Worker, name: str, work: Callable[[Progress], Iterator[Any]],
             use: Callable[[Any], object]) -> Job:
        job = Job(name, work)
        job.produced.connect(use)
        job.failed.connect(self._fail)
        return worker.submit(job)

    def _try(self, operation: Callable[[], object]) -> None:
        try:
            operation()
        except UserError as error:
            self._fail(str(error))

    def _fail(self, message: str) -> None:
        self._say("")
        show_error(self._dialog or self._window, message)


# The background thread's part

def _listed(progress: Progress) -> Iterator[tuple[Model, ...]]:
    yield store.models()


def _devices(progress: Progress) -> Iterator[tuple[Device, ...]]:
    yield devices()


def _checked(models: list[Model], progress: Progress) -> Iterator[Model]:
    """Each of the models, with what is wrong with its weights."""
    for number, model in enumerate(models):
        progress(number / len(models), f"Looking at {model.title}")
        try:
            store.load(model)
        except UserError as error:
            model = replace(model, fault=str(error))
        yield model


def _add(path: Path, progress: Progress) -> Iterator[Model]:
    from editor.engines.networks.adding import add

    progress(0.0, f"Looking at {path.name}")
    yield add(path)
