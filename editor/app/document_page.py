"""The middle of the window: the documents' tabs, and beneath them the canvas, with what was beside what is."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.comparing import BeforeView, SplitLine
from editor.app.document_tabs import DocumentTabs
from editor.app.open_files import OpenFiles
from editor.document.document import Document


class DocumentPage(QWidget):
    """One canvas for all documents: only the one in sight costs a screen's worth of pixels."""

    def __init__(self, canvas: Canvas, files: OpenFiles, parent: QWidget | None = None):
        super().__init__(parent)
        self.tabs = DocumentTabs(files, self)
        self.before, self.split = BeforeView(canvas, self), SplitLine(canvas)
        halves = QHBoxLayout()
        halves.setSpacing(0)
        halves.addWidget(self.before, 1)
        halves.addWidget(canvas, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addLayout(halves, 1)

    def set_document(self, document: Document | None) -> None:
        self.before.set_document(document)
        self.split.set_document(document)

    def toggle_split(self, shown: bool) -> None:
        self.split.set_shown(shown)

    def toggle_side_by_side(self, shown: bool) -> None:
        self.before.setVisible(shown)
