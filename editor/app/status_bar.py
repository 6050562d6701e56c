"""The line at the bottom: zoom, what is under the pointer, the photograph, progress, device and memory."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from editor.app.canvas.canvas import Canvas
from editor.app.key_bindings import COMMAND
from editor.app.theme import icon
from editor.app.tools.pickers import colour_at
from editor.document.document import Document
from editor.jobs.worker import Job

_MEMORY_EVERY = 2000  # milliseconds
_WIDEST = "88888, 88888    R 888  G 888  B 888  "  # what is said of the pointer


class StatusBar(QStatusBar):
    """objectNames ``progress`` and ``cancel`` are in here."""

    cancel_wanted = Signal()

    def __init__(self, canvas: Canvas, parent: QWidget | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._zoom = QLabel(self)
        self._zoom.setObjectName("zoom-label")
        self._pointer = QLabel(self)
        self._pointer.setObjectName("pointer-label")
        self._photo = _Shortened(self)
        self._photo.setObjectName("photo-label")
        self._words = _Shortened(self)
        self._progress = QProgressBar(self)
        self._progress.setObjectName("progress")
        self._progress.setAccessibleName("Progress")
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(160)
        self._cancel = QToolButton(self)
        self._cancel.setObjectName("cancel")
        self._cancel.setIcon(icon("cancel"))
        self._cancel.setToolTip("Cancel")
        self._cancel.setProperty(COMMAND, "cancel")
        self._cancel.setAccessibleName("Cancel")
        self._cancel.clicked.connect(self.cancel_wanted)
        self._machine = QLabel(self)
        self._machine.setToolTip("What computes, and the memory the program uses")
        for widget, stretch in ((self._zoom, 0), (self._pointer, 0), (self._photo, 1)):
            self.addWidget(widget, stretch)
        for widget in (self._words, self._progress, self._cancel, self._machine):
            self.addPermanentWidget(widget)
        self._zoom.setMinimumWidth(56)
        # Of one size: the whole window would be laid out again with every step of the pointer.
        self._pointer.setText(_WIDEST)
        self._pointer.setFixedSize(self._pointer.sizeHint())
        self._pointer.clear()
        self._document: Document | None = None
        self._jobs: list[Job] = []
        self._job: Job | None = None  # whose progress is shown
        self._show_job()
        canvas.view_changed.connect(self._show_zoom)
        canvas.hovered.connect(self._show_pointer)
        timer = QTimer(self)
        timer.timeout.connect(self._show_memory)
        timer.start(_MEMORY_EVERY)
        self._show_memory()

    def set_document(self, document: Document | None) -> None:
        self._pointer.clear()
        if self._document is not None:
            self._document.reshaped.disconnect(self._describe)
        self._document = document
        if document is not None:
            document.reshaped.connect(self._describe)
        self._describe()
        self._show_zoom()

    def _describe(self) -> None:
        self._photo.setText(_described(self._document) if self._document else "")

    def follow(self, job: Job) -> None:
        """Show this job's progress until it is over, after those that have begun before it."""
        self._jobs.append(job)
        job.ended.connect(self._show_job)
        self._show_job()

    def _on_progress(self, fraction: float, words: str) -> None:
        self._progress.setValue(round(fraction * 1000))
        self._words.setText(words)

    def _show_job(self) -> None:
        self._jobs = [job for job in self._jobs if not job.over]
        before, self._job = self._job, self._jobs[0] if self._jobs else None
        if before is not self._job:
            if before is not None:
                before.progressed.disconnect(self._on_progress)
            if self._job is not None:
                self._job.progressed.connect(self._on_progress)
                self._on_progress(0.0, f"{self._job.name}…")
        for widget in (self._words, self._progress, self._cancel):
            widget.setVisible(self._job is not None)

    def _show_zoom(self) -> None:
        scale = self._canvas.view.scale
        self._zoom.setText(f"{scale * 100:.3g} %" if self._canvas.document else "")

    def _show_pointer(self, x: float, y: float) -> None:
        colour = colour_at(self._canvas.document, x, y)
        place = f"{int(x)}, {int(y)}"
        self._pointer.setText(f"{place}    R {colour[0]}  G {colour[1]}  B {colour[2]}" if colour else "")

    def _show_memory(self) -> None:
        self._machine.setText(f"CPU · {_resident_mib():.0f} MiB")


class _Shortened(QLabel):
    """Words that end in dots where there is no room; the tooltip has all of them."""

    def setText(self, words: str) -> None:
        super().setText(words)
        self.setToolTip(" · ".join(words.split("    ")))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 8, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        QPainter(self).drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, words)


def _described(document: Document) -> str:
    photo = document.photo
    height, width = photo.shape
    kind = ("Grey" if photo.is_grey else "RGB") + (" + alpha" if photo.has_alpha else "")
    name = photo.source.name if photo.source else "Untitled"
    profile = _profile_name(photo.profile)
    return f"{name}    {width} × {height}  ({width * height / 1e6:.1f} MP)    {kind}, {photo.depth} bit    {profile}"


def _profile_name(profile: bytes | None) -> str:
    if profile is None:
        return "sRGB"
    import io

    from PIL import ImageCms

    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()
    except (OSError, ImageCms.PyCMSError):
        return "unreadable profile, shown as sRGB"


def _resident_mib() -> float:
    statm = Path("/proc/self/statm")
    if statm.exists():
        import resource

        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
