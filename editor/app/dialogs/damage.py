"""How much of what was found in a scan is damage; the canvas shows it as the mask meanwhile."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from editor.app.slider import Slider

_KINDS = (  # of damage_map.KINDS, which is not needed to show this
    ("line", "Scratches, hairs and creases"),
    ("spot", "Dust and specks"),
    ("area", "Stains, tears and what is missing"),
)
_WIDEST = 20  # pixels


class DamageDialog(QDialog):
    """``searched``: a part of the photo is to be looked at; ``changed``: what was found there is to be marked anew."""

    searched = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="find-damage-dialog")
        self.setWindowTitle("Find damage")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.place = QComboBox(objectName="damage-place", toolTip="What is searched")
        self.place.addItem("The whole photo", False)
        self.place.addItem("What is in view", True)
        self.place.currentIndexChanged.connect(self.search)
        self._sensitivity = Slider(Qt.Orientation.Horizontal, minimum=0, maximum=100, value=50, minimumWidth=220,
                                   objectName="damage-sensitivity",
                                   toolTip="Low: only what is all but certain. High: whatever might be damage")
        self._sensitivity.setAccessibleName("Sensitivity")
        self._sensitivity.valueChanged.connect(self.changed)
        self._grow = QSpinBox(minimum=0, maximum=_WIDEST, value=2, suffix=" px", objectName="damage-grow",
                              toolTip="How far the mask reaches beyond what was found: edges of scratches are soft")
        self._grow.valueChanged.connect(self.changed)
        self._boxes = {name: QCheckBox(title, checked=True, objectName=f"damage-{name}") for name, title in _KINDS}
        self._note = QLabel(wordWrap=True, objectName="damage-note")
        self._note.setProperty("muted", True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._take = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._take.setText("Take as mask")
        self._take.setObjectName("take-damage")
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()

    @property
    def in_view(self) -> bool:
        return self.place.currentData()

    @property
    def wanted(self) -> tuple[float, tuple[str, ...], int]:
        """Sensitivity 0..1, kinds, and by how many pixels the mask is widened."""
        return self._sensitivity.value() / 100, tuple(name for name, box in self._boxes.items() if box.isChecked()), \
            self._grow.value()

    def search(self) -> None:
        """Ask for a search; the first time to be called once ``searched`` is connected."""
        self.wait("Looking for damage …")
        self.searched.emit()

    def wait(self, words: str) -> None:
        self._take.setEnabled(False)
        self._note.setText(words)

    def shown(self, words: str) -> None:
        """The canvas shows what was asked for last."""
        self._take.setEnabled(True)
        self._note.setText(words)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("Search", self.place)
        form.addRow("Sensitivity", self._sensitivity)
        for box in self._boxes.values():
            box.toggled.connect(self.changed)
            form.addRow("", box)
        form.addRow("Widen by", self._grow)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self._note)
        column.addWidget(self._buttons)
