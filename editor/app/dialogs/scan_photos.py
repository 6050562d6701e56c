"""The photographs found in a scan: what is to become of them, while their rectangles are corrected on the canvas."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

_HOW = ("Drag a rectangle's sides, corners or knob to correct it, beside them to draw another; Delete takes the chosen "
        "one away.")


class ScanPhotosDialog(QDialog):
    """Stays beside the canvas, whose keys go on being the canvas's. Accepting it does what ``split`` says."""

    removed = Signal()  # the chosen rectangle

    def __init__(self, split: bool, parent: QWidget | None = None):
        super().__init__(parent, objectName="scan-photos")
        self.setWindowTitle("Split scan into photos" if split else "Find photo in scan")
        self.setWindowFlag(Qt.WindowType.Tool)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._split = split
        self.found = QLabel("Looking for photographs …", objectName="scan-found", wordWrap=True)
        how = QLabel(_HOW, wordWrap=True)
        how.setProperty("muted", True)
        how.setMinimumWidth(300)
        self.remove_button = self._button("Remove", "scan-remove", "Take the chosen rectangle away (Del)")
        self.remove_button.clicked.connect(self.removed)
        cancel = self._button("Cancel", "scan-cancel", "Leave the scan as it is (Esc)")
        cancel.clicked.connect(self.reject)
        self.take_button = self._button("", "scan-take", "")
        self.take_button.setDefault(True)
        self.take_button.setProperty("primary", True)
        self.take_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(self.remove_button)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.take_button)
        column = QVBoxLayout(self)
        column.addWidget(self.found)
        column.addWidget(how)
        column.addLayout(row)
        self.show_count(0, None)

    def show_none(self) -> None:
        """Nothing was found."""
        self.found.setText("No photograph stands out from a scanner's lid. Draw a rectangle round it.")

    def show_count(self, count: int, angle: float | None) -> None:
        """How many rectangles there are, and by how many degrees the chosen one leans; None: it is being looked."""
        if angle is not None:
            words = "One photograph" if count == 1 else f"{count} photographs"
            self.found.setText(f"{words}; the chosen one leans by {angle:+.2f}°.".replace("-", "−"))
        self.remove_button.setEnabled(count > 0)
        self.take_button.setEnabled(count > 0)
        if self._split:
            self.take_button.setText(f"Open {count} documents" if count > 1 else "Open as document")
            self.take_button.setToolTip("Each photograph, straightened, in a tab of its own (Enter)")
        else:
            self.take_button.setText("Straighten and crop")
            self.take_button.setToolTip("To the chosen rectangle (Enter)")

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        return QPushButton(text, objectName=name, toolTip=tip, autoDefault=False)
