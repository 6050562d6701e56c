"""What a batch is to do with each photograph: a box to tick for each step, and the settings of those ticked."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QVBoxLayout, QWidget

from editor.app.panels.setting_controls import Control, control_for, title_of
from editor.app.slider import Slider
from editor.engines.registry import value_of
from editor.errors import UserError
from editor.restoration.registry import find, settings_fields
from editor.restoration.restoring import CROP, SPLIT, Mending, Steps, Unfading

_BEDS = (("Leave the scan as it is", ""), ("Straighten and crop to the photo in it", CROP),
         ("Split it into the photos on it", SPLIT))
_INDENT = 24  # logical pixels


class BatchSteps(QWidget):
    """``changed`` whenever something else is wanted."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._boxes: dict[str, QCheckBox] = {}
        self._controls: dict[str, dict[str, Control]] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.bed = QComboBox(objectName="batch-bed", toolTip="What lies on the scanner's bed")
        for title, name in _BEDS:
            self.bed.addItem(title, name)
        self.bed.currentIndexChanged.connect(self.changed)
        self._column.addWidget(self.bed)
        self._filter("descreen", "Take out the screen of a printed picture")
        self._sensitivity = Slider(Qt.Orientation.Horizontal, minimum=0, maximum=100, value=50, minimumWidth=120,
                                   objectName="batch-sensitivity",
                                   toolTip="Low: only what is all but certain. High: whatever might be damage")
        self._sensitivity.setAccessibleName("Sensitivity")
        self._sensitivity.valueChanged.connect(self.changed)
        self._step("mend", "Mend damage", "Find scratches, dust and tears, and fill them",
                   (("Sensitivity", self._sensitivity),))
        self._tone = QComboBox(objectName="batch-tone", toolTip="What becomes of a toned photo")
        self._tone.addItem("Kept as it is", True)
        self._tone.addItem("Made neutral", False)
        self._tone.currentIndexChanged.connect(self.changed)
        self._step("unfade", "Unfade", "Bring back contrast and colours", (("Sepia", self._tone),))
        self._filter("denoise", "Take out grain and noise")
        self._filter("deblur", "Sharpen what is out of focus or shaken")
        self._filter("local-contrast", "Raise contrast part by part")

    def steps(self) -> Steps:
        """As the controls say."""
        on = {name for name, box in self._boxes.items() if box.isChecked()}
        filters = {name.replace("-", "_"): find(name).Settings(**{
            key: control.read() for key, control in controls.items()})
            for name, controls in self._controls.items() if name in on}
        return Steps(geometry=self.bed.currentData(),
                     mend=Mending(self._sensitivity.value() / 100) if "mend" in on else None,
                     unfade=Unfading(self._tone.currentData()) if "unfade" in on else None, **filters)

    def remembered(self) -> dict[str, Any]:
        """What the next dialog should start with, as plain values."""
        return {"bed": self.bed.currentData(), "sensitivity": self._sensitivity.value(),
                "keep_sepia": self._tone.currentData(), "on": [name for name, box in self._boxes.items()
                                                               if box.isChecked()],
                "filters": {name: {key: control.read() for key, control in controls.items()}
                            for name, controls in self._controls.items()}}

    def recall(self, said: Mapping[str, Any]) -> None:
        """What ``remembered`` gave; anything that is not as it should be stays as it is."""
        self.bed.setCurrentIndex(max(0, self.bed.findData(said.get("bed", ""))))
        if isinstance(sensitivity := said.get("sensitivity"), int):
            self._sensitivity.setValue(sensitivity)
        self._tone.setCurrentIndex(max(0, self._tone.findData(said.get("keep_sepia", True))))
        filters = said.get("filters", {})
        for name, controls in self._controls.items():
            given = filters.get(name, {}) if isinstance(filters, dict) else {}
            for field in settings_fields(find(name)):
                if field.name in controls and isinstance(given, dict) and field.name in given:
                    try:
                        controls[field.name].write(value_of(field, given[field.name], field.name))
                    except UserError:
                        continue
        on = said.get("on", ())
        for name, box in self._boxes.items():
            box.setChecked(isinstance(on, list) and name in on)

    def _filter(self, name: str, tip: str) -> None:
        own = find(name)
        controls = self._controls[name] = {}
        rows = []
        for field in settings_fields(own):
            if not field.metadata.get("hidden"):
                control = controls[field.name] = control_for(field, field.default, self.changed)
                control.widget.setObjectName(f"batch-{name}-{field.name}")
                control.widget.setAccessibleName(title_of(field))
                rows.append((title_of(field), control.widget))
        self._step(name, own.title, tip, rows)

    def _step(self, name: str, title: str, tip: str, rows) -> None:
        """A box; below it its settings, while it is ticked."""
        box = self._boxes[name] = QCheckBox(title, objectName=f"batch-{name}", toolTip=tip)
        below = QWidget()
        form = QFormLayout(below, horizontalSpacing=12, verticalSpacing=4)
        form.setContentsMargins(_INDENT, 0, 0, 4)
        for words, widget in rows:
            form.addRow(words, widget)
        below.hide()
        box.toggled.connect(below.setVisible)
        box.toggled.connect(self.changed)
        self._column.addWidget(box)
        self._column.addWidget(below)
