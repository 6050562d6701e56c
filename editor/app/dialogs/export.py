"""Where to export to, in which format, how well."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from editor.app.slider import Slider
from editor.document.photo import Photo
from editor.storage.export import ExportOptions, Format, formats

_SUBSAMPLING = {None: "As the photograph’s", "4:4:4": "4:4:4 (best)", "4:2:2": "4:2:2", "4:2:0": "4:2:0 (smallest)"}
_TIFF = {"deflate": "Deflate", "lzw": "LZW", "none": "None"}


class ExportDialog(QDialog):
    """Name, format and options of an export. ``chosen(Path, ExportOptions)`` follows when it is accepted.

    ``last`` are the options of the export before, as ``remembered`` gave them.
    """

    chosen = Signal(object, object)

    def __init__(self, photo: Photo, last: Mapping[str, Any], parent: QWidget | None = None):
        super().__init__(parent, objectName="export-dialog")
        self.setWindowTitle("Export")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._photo = photo
        self._formats = {kind.name: kind for kind in formats() if kind.writable}
        self._build()
        self._recall(last)
        self._propose(photo)

    def options(self) -> ExportOptions:
        """As the controls say."""
        kind = self.kind()
        lossless = self.lossless.isChecked() and kind.name in ("webp", "jpegxl")
        own = self.own_quality.isChecked() and kind.name == "jpeg"
        return ExportOptions(
            quality=None if own or (lossless and kind.name == "jpegxl") else self.quality.value(),
            subsampling=self.subsampling.currentData(),
            png_compression=self.png_compression.value(),
            tiff_compression=self.tiff_compression.currentData(),
            webp_lossless=lossless and kind.name == "webp",
            depth=self.depth.currentData() if kind.deep else None,
            keep_metadata=self.keep_metadata.isChecked())

    def remembered(self) -> dict[str, Any]:
        """What the next dialog should start with, as plain values."""
        return {"quality": self.quality.value(), "own_quality": self.own_quality.isChecked(),
                "lossless": self.lossless.isChecked(), "png_compression": self.png_compression.value(),
                "tiff_compression": self.tiff_compression.currentData(),
                "keep_metadata": self.keep_metadata.isChecked()}

    def path(self) -> Path:
        return Path(self.name.text().strip()).expanduser()

    def kind(self) -> Format:
        return self._formats[self.format.currentData()]

    def _build(self) -> None:
        self.name = QLineEdit(objectName="export-path", minimumWidth=360, toolTip="Where to write the picture")
        self.name.textEdited.connect(self._name_edited)
        browse = QPushButton("Browse…", objectName="export-browse", autoDefault=False,
                             toolTip="Choose folder and name")
        browse.clicked.connect(self._browse)
        place = QHBoxLayout()
        place.addWidget(self.name, 1)
        place.addWidget(browse)
        self.format = QComboBox(objectName="export-format", toolTip="Kind of file")
        for kind in self._formats.values():
            self.format.addItem(kind.title, kind.name)
        self.format.activated.connect(self._format_chosen)
        self.own_quality = QCheckBox("The photograph’s own", objectName="export-own-quality", toolTip=(
            "Compress as the photograph’s own file does, with the same tables"))
        self.quality = QSpinBox(objectName="export-quality", minimum=1, maximum=100, value=95,
                                toolTip="1 is smallest, 100 is best")
        self.slider = Slider(Qt.Orientation.Horizontal, objectName="export-quality-slider", minimum=1, maximum=100,
                             value=95, toolTip="1 is smallest, 100 is best")
        self.slider.setAccessibleName("Quality")
        self.slider.valueChanged.connect(self.quality.setValue)
        self.quality.valueChanged.connect(self.slider.setValue)
        qualities = QHBoxLayout()
        qualities.addWidget(self.slider, 1)
        qualities.addWidget(self.quality)
        self.lossless = QCheckBox("Every pixel exactly", objectName="export-lossless", toolTip="Larger, nothing lost")
        self.subsampling = _choices("export-subsampling", _SUBSAMPLING, "How coarsely colour is kept")
        self.png_compression = QSpinBox(objectName="export-png-compression", minimum=0, maximum=9,
                                        toolTip="0 is fastest, 9 is smallest; nothing is lost either way")
        self.tiff_compression = _choices("export-tiff-compression", _TIFF, "Nothing is lost with any of them")
        self.depth = _choices("export-depth", {None: f"As the photograph: {self._photo.depth} bits", 8: "8 bits",
                                               16: "16 bits"}, "Bits for each channel")
        self.keep_metadata = QCheckBox("Camera data, captions, location", objectName="export-keep-metadata", toolTip=(
            "Keep EXIF, XMP, IPTC and comment; colour profile and resolution are always kept"))
        self.note = QLabel(objectName="export-note", wordWrap=True)
        self.note.setProperty("warning", True)
        self.note.setMinimumHeight(self.note.fontMetrics().lineSpacing() * 2)
        self._form = QFormLayout(horizontalSpacing=14, verticalSpacing=9)
        for title, row in (("File", place), ("Format", self.format), ("Lossless", self.lossless),
                           ("Quality", self.own_quality), ("", qualities), ("Colour", self.subsampling),
                           ("Compression", self.png_compression), ("Compression", self.tiff_compression),
                           ("Depth", self.depth), ("Keep", self.keep_metadata)):
            self._form.addRow(title, row)
        self._rows = {"own": self.own_quality, "quality": qualities, "lossless": self.lossless,
                      "subsampling": self.subsampling, "png_compression": self.png_compression,
                      "tiff_compression": self.tiff_compression, "depth": self.depth}
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        # Enter must not fall to it where nothing can be exported.
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)
        self.export_button = QPushButton("Export", objectName="export-accept", default=True)
        self.export_button.setProperty("primary", True)
        buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: self.chosen.emit(self.path(), self.options()))
        for toggle in (self.own_quality, self.lossless):
            toggle.toggled.connect(self._show_options)
        self.depth.currentIndexChanged.connect(self._show_note)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addWidget(self.note)
        layout.addStretch(1)
        layout.addWidget(buttons)

    def _recall(self, last: Mapping[str, Any]) -> None:
        """Start as the last export ended; what does not fit is left as it is."""
        defaults = {item.name: item.default for item in fields(ExportOptions)}
        self.png_compression.setValue(defaults["png_compression"])
        for box, name, default in ((self.own_quality, "own_quality", True), (self.lossless, "lossless", False),
                                   (self.keep_metadata, "keep_metadata", True)):
            box.setChecked(last.get(name, default) is True)
        for number, name in ((self.quality, "quality"), (self.png_compression, "png_compression")):
            if isinstance(last.get(name), int):
                number.setValue(last[name])
        self.tiff_compression.setCurrentIndex(max(0, self.tiff_compression.findData(last.get("tiff_compression"))))
        if not self._photo.metadata.jpeg_quantisation:
            self.own_quality.setChecked(False)

    def _propose(self, photo: Photo) -> None:
        """A name beside the photograph, in its own format where that can be written."""
        kind = photo.format if photo.format in self._formats else "png"
        self.format.setCurrentIndex(self.format.findData(kind))
        suffix = self._formats[kind].extensions[0]
        source = photo.source or Path.home() / "picture"
        if source.suffix.lower() in self._formats[kind].extensions:
            suffix = source.suffix
        self.name.setText(str(source.with_name(f"{source.stem}-edited{suffix}")))
        self._show_options()

    def _name_edited(self) -> None:
        suffix = self.path().suffix.lower()
        for kind in self._formats.values():
            if suffix in kind.extensions:
                self.format.setCurrentIndex(self.format.findData(kind.name))
        self._show_options()

    def _format_chosen(self) -> None:
        known = {suffix for kind in self._formats.values() for suffix in kind.extensions}
        path, suffix = self.path(), self.kind().extensions[0]
        if path.suffix.lower() not in self.kind().extensions:
            stem = path.with_suffix("") if path.suffix.lower() in known else path
            self.name.setText(f"{stem}{suffix}")
        self._show_options()

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Export", str(self.path()), objectName="export-browse-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # this dialog says it
        dialog.setNameFilter("Pictures (" + " ".join(
            f"*{suffix}" for kind in self._formats.values() for suffix in kind.extensions) + ")")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take_name)
        dialog.open()

    def _take_name(self, name: str) -> None:
        self.name.setText(name)
        self._name_edited()

    def _show_options(self) -> None:
        """Only what means something to the format."""
        kind = self.kind()
        lossless = kind.name in ("webp", "jpegxl")
        own = kind.name == "jpeg" and bool(self._photo.metadata.jpeg_quantisation)
        shown = {*kind.options, *(("lossless",) if lossless else ()), *(("own",) if own else ())}
        for name, row in self._rows.items():
            self._form.setRowVisible(row, name in shown)
        fixed = (lossless and self.lossless.isChecked()) or (own and self.own_quality.isChecked())
        self.slider.setEnabled(not fixed)
        self.quality.setEnabled(not fixed)
        self._show_note()

    def _show_note(self) -> None:
        kind, photo = self.kind(), self._photo
        path = self.path()
        notes = []
        refusal = self._refusal(path)
        if refusal:
            notes.append(refusal)
        elif path.exists():
            notes.append("A file of this name is there; it will be replaced.")
        if photo.depth == 16 and (not kind.deep or self.depth.currentData() == 8):
            notes.append("16 bits will be rounded to 8.")
        if photo.has_alpha and not kind.alpha:
            notes.append("Transparency will be laid on white.")
        self.note.setText(" ".join(notes))
        self.export_button.setEnabled(not refusal)
        self.export_button.setText("Replace" if not refusal and path.exists() else "Export")
        self.export_button.setToolTip(refusal or "Write the picture (Enter)")

    def _refusal(self, path: Path) -> str:
        """Why this cannot be written, if so."""
        source = self._photo.source
        if not path.name:
            return "Give the file a name."
        if path.suffix.lower() not in self.kind().extensions:
            return f"Let the name end in {' or '.join(self.kind().extensions)}."
        if not path.parent.is_dir():
            return f"There is no folder {path.parent}."
        if path.is_dir():
            return "A folder has this name."
        if source is not None and path.exists() and source.exists() and path.samefile(source):
            return "This is the photograph itself, which is never written over."
        return ""


def _choices(name: str, titles: Mapping[Any, str], tip: str) -> QComboBox:
    box = QComboBox(objectName=name, toolTip=tip)
    for value, title in titles.items():
        box.addItem(title, value)
    return box
