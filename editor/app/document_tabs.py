"""A tab for each open document."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QTabBar, QToolButton, QWidget

from editor.app.file_controller import OpenFile
from editor.app.icons import icon
from editor.app.open_files import OpenFiles

_UNSAVED = "*"


class DocumentTabs(QTabBar):
    """objectName ``documents``. Names with a star where something is unsaved; tabs are dragged into another order."""

    close_wanted = Signal(object)  # OpenFile

    def __init__(self, files: OpenFiles, parent: QWidget | None = None):
        super().__init__(parent, objectName="documents", movable=True, expanding=False, documentMode=True,
                         drawBase=False, elideMode=Qt.TextElideMode.ElideMiddle, focusPolicy=Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Open documents")
        self._files = files
        files.changed.connect(self._show)
        self.currentChanged.connect(lambda at: at >= 0 and files.show(files.files[at]))
        self.tabMoved.connect(files.move)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.MiddleButton and (at := self.tabAt(event.position().toPoint())) >= 0:
            self.close_wanted.emit(self._files.files[at])
        super().mouseReleaseEvent(event)

    def _show(self) -> None:
        """Only what differs is touched: a tab that is being dragged must stay under the pointer."""
        with QSignalBlocker(self):
            while self.count() > len(self._files.files):
                self.removeTab(self.count() - 1)
            while self.count() < len(self._files.files):
                self._add()
            for at, file in enumerate(self._files.files):
                self._describe(at, file)
            if self._files.current is not None:
                self.setCurrentIndex(self._files.files.index(self._files.current))

    def _add(self) -> None:
        at = self.addTab("")
        button = QToolButton(self, objectName="close-document", autoRaise=True, toolTip="Close",
                             focusPolicy=Qt.FocusPolicy.NoFocus)
        button.setIcon(icon("dismiss"))
        button.setIconSize(button.iconSize() * 0.6)
        button.setAccessibleName("Close document")
        button.clicked.connect(lambda: self._close(button))
        self.setTabButton(at, QTabBar.ButtonPosition.RightSide, button)

    def _close(self, button: QToolButton) -> None:
        at = next(at for at in range(self.count()) if self.tabButton(at, QTabBar.ButtonPosition.RightSide) is button)
        self.close_wanted.emit(self._files.files[at])

    def _describe(self, at: int, file: OpenFile) -> None:
        words = file.name.replace("&", "&&") + (_UNSAVED if file.document.modified else "")
        if self.tabText(at) != words:
            self.setTabText(at, words)
        place = file.project or file.document.photo.source
        self.setTabToolTip(at, str(place) if place else file.name)
