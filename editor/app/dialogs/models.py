"""What networks there are weights for, which of them are used, and on what device."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QBrush, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QSplitter,
    QTableView,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from editor.app.device_box import DeviceBox
from editor.app.dialogs.model_card import model_html, size_text
from editor.app.theme import WARNING
from editor.engines.networks.cards import NETWORKS
from editor.engines.networks.devices import Device
from editor.engines.networks.store import Model

_COLUMNS = ("Model", "Network", "From", "Size", "State")


class ModelsDialog(QDialog):
    """Shows what it is given, and tells what the user wants; whoever opens it sees to both."""

    add_wanted = Signal()
    remove_wanted = Signal(object)  # Model; the user has been asked
    use_wanted = Signal(object)  # Model
    device_chosen = Signal(str)

    def __init__(self, device: str, parent: QWidget | None = None):
        super().__init__(parent, objectName="models")
        self.setWindowTitle("Models")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 540)
        self._models: tuple[Model, ...] = ()
        self._used: Mapping[str, Model] = {}
        self._make_list()
        self.card = QTextBrowser(objectName="model-card", openLinks=False)
        self.card.setAccessibleName("The chosen model's card")
        self.add_button = self._button("Add from file…", "model-add", "Copy weights into your own models: "
                                       "a safetensors file with its card, or a published EdgeConnect checkpoint (.pth)")
        self.remove_button = self._button("Remove…", "model-remove", "")
        self.use_button = self._button("Use", "model-use", "")
        self.add_button.clicked.connect(self.add_wanted)
        self.remove_button.clicked.connect(self._ask_to_remove)
        self.use_button.clicked.connect(lambda: self.use_wanted.emit(self.chosen()))
        self.note = QLabel(objectName="models-note", wordWrap=True)
        self.note.setProperty("muted", True)
        self.device = DeviceBox(device)
        self.device.chosen.connect(self.device_chosen)
        close = self._button("Close", "models-close", "Close this dialog (Esc)")
        close.clicked.connect(self.reject)
        self._lay_out(close)
        self._show_chosen()

    def show_models(self, models: Sequence[Model], used: Mapping[str, Model], choose: str = "") -> None:
        """List these; ``used`` are those that fills use, by network. ``choose`` is the name of one to show."""
        choose = choose or (self.chosen().name if self.chosen() else "")
        self._models, self._used = tuple(models), used
        self._rows.setRowCount(0)
        for model in self._models:
            self._rows.appendRow([_item(text) for text in self._texts(model)])
        self._mark()
        for column in range(1, len(_COLUMNS)):  # the first takes the rest
            self.list.resizeColumnToContents(column)
        row = next((row for row, model in enumerate(self._models) if model.name == choose), 0)
        self.list.selectionModel().setCurrentIndex(
            self._rows.index(row, 0),
            QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows)
        self._show_chosen()

    def show_devices(self, devices: Sequence[Device]) -> None:
        """Offer these devices besides the automatic choice."""
        self.device.show_devices(devices)

    def show_note(self, words: str) -> None:
        """What is being done, or that it is done."""
        self.note.setText(words)

    def chosen(self) -> Model | None:
        row = self.list.currentIndex().row()
        return self._models[row] if 0 <= row < len(self._models) else None

    # How

    def _make_list(self) -> None:
        self._rows = QStandardItemModel(0, len(_COLUMNS), self)
        self._rows.setHorizontalHeaderLabels(_COLUMNS)
        self.list = QTableView(objectName="models-list", showGrid=False, alternatingRowColors=True, wordWrap=False,
                               selectionBehavior=QAbstractItemView.SelectionBehavior.SelectRows,
                               selectionMode=QAbstractItemView.SelectionMode.SingleSelection,
                               editTriggers=QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setModel(self._rows)
        self.list.setAccessibleName("Models")
        self.list.setTabKeyNavigation(False)
        self.list.verticalHeader().hide()
        header = self.list.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.list.selectionModel().currentRowChanged.connect(self._show_chosen)

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        return QPushButton(text, objectName=name, toolTip=tip, autoDefault=False)

    def _lay_out(self, close: QPushButton) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        buttons.addWidget(self.use_button)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        column.addLayout(buttons)
        both = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        both.addWidget(left)
        both.addWidget(self.card)
        both.setSizes([540, 360])
        devices = QFormLayout(horizontalSpacing=14)
        devices.addRow("Device", self.device)
        bottom = QHBoxLayout()
        bottom.addLayout(devices)
        bottom.addWidget(self.note, 1)
        bottom.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(both, 1)
        layout.addSpacing(4)
        layout.addLayout(bottom)

    def _texts(self, model: Model) -> tuple[str, ...]:
        card = model.card
        return (model.title, NETWORKS[card.network].title if card else "",
                "Pentimento" if model.bundled else "You", size_text(card.bytes) if card else "", self._state(model))

    def _state(self, model: Model) -> str:
        if model.fault:
            return "Damaged"
        return "In use" if self._in_use(model) else ""

    def _in_use(self, model: Model) -> bool:
        return any(used.path == model.path for used in self._used.values())

    def _mark(self) -> None:
        """The damaged in the colour of warnings."""
        for row, model in enumerate(self._models):
            if model.fault:
                self._rows.item(row, len(_COLUMNS) - 1).setForeground(QBrush(WARNING))

    def _show_chosen(self) -> None:
        model = self.chosen()
        self.card.setHtml(model_html(model) if model else "")
        own = model is not None and not model.bundled
        self.remove_button.setEnabled(own)
        self.remove_button.setToolTip("Delete this model's files" if own else "What comes with the program stays")
        usable = model is not None and model.card is not None and not model.fault
        title = NETWORKS[model.card.network].title if usable else ""
        self.use_button.setText(f"Use for {title}" if usable else "Use")
        self.use_button.setToolTip(f"Let fills with {title} use this model from now on" if usable
                                   else "A model that cannot be read is not used")
        self.use_button.setEnabled(usable and not self._in_use(model))

    def _ask_to_remove(self) -> None:
        model = self.chosen()
        box = QMessageBox(QMessageBox.Icon.Question, "Remove a model",
                          f"Remove “{model.title}”? Its files are deleted; this cannot be undone.",
                          QMessageBox.StandardButton.Cancel, self)
        box.setObjectName("model-remove-asked")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        yes.setObjectName("model-remove-yes")
        yes.clicked.connect(lambda: self.remove_wanted.emit(model))
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.open()


def _item(text: str) -> QStandardItem:
    item = QStandardItem(text)
    item.setToolTip(text)
    return item
