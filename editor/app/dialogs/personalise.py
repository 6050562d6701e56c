"""Models > Personalise…: what a network is to learn from the user's photos, and how far it is."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from editor.app.dialogs.files import ask, file_dialog
from editor.app.slider import Slider
from editor.engines.networks.cards import NETWORKS
from editor.engines.networks.store import Model
from editor.training.personal import Wish

MINUTES = (2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480)
_SHEET = (560, 300)  # pixels: the largest that samples are shown at


class PersonaliseDialog(QDialog):
    """Shows what it is given, and tells what the user wants; whoever opens it sees to both. Closing it ends nothing."""

    start_wanted = Signal(object, object, str, float)  # Model to start from, Path of the photos, title, minutes
    go_on_wanted = Signal(object)  # Wish
    discard_wanted = Signal(object)  # Wish
    pause_wanted = Signal(bool)
    end_wanted = Signal()  # the user is still to be asked how
    use_wanted = Signal(object)  # Model

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="personalise")
        self.setWindowTitle("Personalise")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(600, 420)
        self._made: Model | None = None
        self._pages = QStackedWidget()
        self._pages.addWidget(self._choosing())
        self._pages.addWidget(self._training())
        layout = QVBoxLayout(self)
        layout.addWidget(self._pages)
        self._check()

    # What is shown

    def show_choices(self, models: Sequence[Model], unfinished: Sequence[Wish]) -> None:
        """Offer to start from these models, or to go on with what is unfinished."""
        before = self.network.currentData()
        self.network.clear()
        for model in models:
            self.network.addItem(f"{NETWORKS[model.card.network].title}: {model.title}", model)
            if before is not None and model.card.network == before.card.network:
                self.network.setCurrentIndex(self.network.count() - 1)
        self.unfinished.clear()
        for wish in unfinished:
            self.unfinished.addItem(f"{wish.title} ({NETWORKS[wish.network].title}, {Path(wish.photos).name})", wish)
        self._unfinished_row.setVisible(bool(unfinished))
        if not models:
            self.show_note("There are no weights of a network that could learn.")
        self._check()

    def suggest_minutes(self, minutes: int) -> None:
        """How long a training is worth while on this machine; what the user has chosen stays."""
        if not self._chosen_minutes:
            self._set_minutes(minutes)

    def show_choosing(self, note: str = "", made: Model | None = None) -> None:
        """Nothing is under way; ``note`` says what has come of the last one, ``made`` is its model."""
        self._made = made
        self.use_button.setVisible(made is not None)
        self.show_note(note)
        self._pages.setCurrentIndex(0)

    def show_note(self, words: str) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def show_training(self, wish: Wish) -> None:
        """One is under way."""
        self.what.setText(f"“{wish.title}”: {NETWORKS[wish.network].title} learns from {wish.photos}")
        self.notes.clear()
        self.sheet.clear()
        self.show_progress(0.0, "Starting")
        self.pause_button.setChecked(False)
        self.set_ending(False)
        self._pages.setCurrentIndex(1)

    def show_progress(self, share: float, words: str) -> None:
        self.progress.setValue(round(1000 * share))
        self.words.setText(words)

    def add_note(self, words: str) -> None:
        """Photos that were left out, say."""
        self.notes.setText("\n".join(filter(None, (self.notes.text(), words))))

    def show_sheet(self, path: Path) -> None:
        """Samples of what has been learned."""
        picture = QPixmap(str(path))
        if not picture.isNull():
            self.sheet.setPixmap(picture.scaled(*_SHEET, Qt.AspectRatioMode.KeepAspectRatio,
                                                Qt.TransformationMode.SmoothTransformation))

    def show_paused(self, paused: bool) -> None:
        self.pause_button.setChecked(paused)

    def set_ending(self, ending: bool) -> None:
        """It has been told to end, and is about to."""
        for button in (self.pause_button, self.end_button):
            button.setEnabled(not ending)

    # How

    def _choosing(self) -> QWidget:
        page = QWidget()
        about = QLabel("A network learns from your own photos: the faces of your family, say, or the places you "
                       "photograph. It begins as the model that you choose, which stays as it is; what it learns "
                       "becomes a model of its own. The photos stay on this machine.", wordWrap=True)
        about.setProperty("muted", True)
        self.network = QComboBox(objectName="personalise-network", toolTip="The network, and the model it begins as")
        self.network.setAccessibleName("Network")
        self.folder = QLineEdit(objectName="personalise-folder", placeholderText="A folder of photos",
                                toolTip="The photos to learn from, those in folders within it too; "
                                        "for SC-FEGAN, the faces are found in them")
        choose = self._button("Choose…", "personalise-choose", "Choose the folder of photos")
        self.title = QLineEdit(objectName="personalise-title", placeholderText="The folder’s name", maxLength=60,
                               toolTip="What the new model is called in Models")
        self.minutes = Slider(Qt.Orientation.Horizontal, objectName="personalise-minutes", minimum=0,
                              maximum=len(MINUTES) - 1, pageStep=1, minimumWidth=220,
                              toolTip="How long it learns: some minutes on a graphics card, an hour without")
        self.minutes.setAccessibleName("How long it learns")
        self._minutes_words = QLabel(minimumWidth=80)
        self._chosen_minutes = False
        self._set_minutes(60)
        self.unfinished = QComboBox(objectName="personalise-unfinished",
                                    toolTip="Trainings that were stopped before their time")
        self.unfinished.setAccessibleName("Unfinished")
        self.go_on_button = self._button("Go on", "personalise-go-on", "Train on from where it was stopped")
        self.discard_button = self._button("Throw away", "personalise-discard", "Delete what it had learned")
        self.note = QLabel(objectName="personalise-note", wordWrap=True, visible=False)
        self.use_button = self._button("Use it", "personalise-use", "Let fills use the new model from now on")
        self.use_button.hide()
        self.start_button = self._button("Start", "personalise-start", "Begin to learn, in the background")
        self.start_button.setDefault(True)
        self.start_button.setProperty("primary", True)
        close = self._button("Close", "personalise-close", "Close this dialog (Esc)")
        self.minutes.valueChanged.connect(self._on_minutes)
        self.folder.textChanged.connect(self._check)
        choose.clicked.connect(self._ask_for_folder)
        self.go_on_button.clicked.connect(lambda: self.go_on_wanted.emit(self.unfinished.currentData()))
        self.discard_button.clicked.connect(lambda: self.discard_wanted.emit(self.unfinished.currentData()))
        self.use_button.clicked.connect(self._use)
        self.start_button.clicked.connect(self._start)
        close.clicked.connect(self.reject)
        form = QFormLayout(horizontalSpacing=14, verticalSpacing=10,
                           fieldGrowthPolicy=QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Network", self.network)
        form.addRow("Photos", _row(self.folder, choose))
        form.addRow("Title", self.title)
        form.addRow("Time", _row(self.minutes, self._minutes_words))
        self._unfinished_row = _row(self.unfinished, self.go_on_button, self.discard_button)
        self._unfinished_row.hide()
        column = QVBoxLayout(page)
        column.addWidget(about)
        column.addSpacing(6)
        column.addLayout(form)
        column.addSpacing(6)
        column.addWidget(self._unfinished_row)
        column.addWidget(_row(self.note, self.use_button))
        column.addStretch(1)
        column.addWidget(_row(None, close, self.start_button))
        return page

    def _training(self) -> QWidget:
        page = QWidget()
        self.what = QLabel(objectName="personalise-what", wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.progress = QProgressBar(objectName="personalise-progress", maximum=1000, textVisible=False)
        self.progress.setAccessibleName("Progress")
        self.words = QLabel(objectName="personalise-words", textFormat=Qt.TextFormat.PlainText)
        self.notes = QLabel(objectName="personalise-notes", wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.notes.setProperty("muted", True)
        self.sheet = QLabel(objectName="personalise-sheet", alignment=Qt.AlignmentFlag.AlignCenter,
                            toolTip="Photos that it does not learn from: the hole with its hints, how it is filled, "
                                    "how it is filled without hints, the photo")
        self.pause_button = self._button("Pause", "personalise-pause", "Let the machine rest for a while")
        self.pause_button.setCheckable(True)
        self.end_button = self._button("Cancel…", "personalise-cancel", "End it before its time")
        close = self._button("Close", "personalise-hide", "Close this dialog; the training goes on, and the line at "
                             "the bottom of the window leads back here (Esc)")
        self.pause_button.toggled.connect(lambda paused: self.pause_button.setText("Go on" if paused else "Pause"))
        self.pause_button.clicked.connect(self.pause_wanted)
        self.end_button.clicked.connect(self.end_wanted)
        close.clicked.connect(self.reject)
        column = QVBoxLayout(page)
        for widget in (self.what, self.progress, self.words, self.notes):
            column.addWidget(widget)
        column.addWidget(self.sheet, 1)
        column.addWidget(_row(None, self.pause_button, self.end_button, close))
        return page

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        return QPushButton(text, objectName=name, toolTip=tip, autoDefault=False)

    def _set_minutes(self, minutes: int) -> None:
        nearest = min(range(len(MINUTES)), key=lambda index: abs(MINUTES[index] - minutes))
        self.minutes.blockSignals(True)
        self.minutes.setValue(nearest)
        self.minutes.blockSignals(False)
        self._show_minutes()

    def _on_minutes(self) -> None:
        self._chosen_minutes = True
        self._show_minutes()

    def _show_minutes(self) -> None:
        hours, minutes = divmod(MINUTES[self.minutes.value()], 60)
        parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "")
        self._minutes_words.setText(" ".join(filter(None, parts)))

    def _ask_for_folder(self) -> None:
        dialog = file_dialog(self, "Photos to learn from", "personalise-folder-dialog",
                             Path(self.folder.text() or Path.home()))
        dialog.setFileMode(dialog.FileMode.Directory)
        dialog.setOption(dialog.Option.ShowDirsOnly)
        ask(dialog, lambda path: self.folder.setText(str(path)))

    def _check(self) -> None:
        self.start_button.setEnabled(self.network.currentIndex() >= 0 and bool(self.folder.text().strip()))

    def _start(self) -> None:
        folder = Path(self.folder.text().strip()).expanduser()
        title = self.title.text().strip() or folder.name
        self.start_wanted.emit(self.network.currentData(), folder, title, MINUTES[self.minutes.value()])

    def _use(self) -> None:
        self.use_wanted.emit(self._made)


def _row(*widgets: QWidget | None) -> QWidget:
    """Widgets side by side, the first as wide as may be; None is empty space."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    for index, widget in enumerate(widgets):
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget, 0 if index else 1)
    return both
