"""What the window shows before there is a photograph."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImageReader, QShowEvent, QStandardItem
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from editor.app import thumbnail_cache
from editor.app.cards import IMAGE, VALUE, CardView
from editor.app.icons import application_icon, icon

SAMPLES = {
    "astronaut.png": "Astronaut",
    "chelsea.png": "Chelsea the cat",
    "coffee.png": "Coffee",
    "rocket.jpg": "Rocket",
    "motorcycle_left.png": "Motorcycle",
    "camera.png": "Cameraman",
}
"""Photographs among scikit-image's own package data."""

_PICTURE = QSize(146, 104)
_COLUMNS = 6
_WIDTH = _COLUMNS * (_PICTURE.width() + 13) + 34


class StartPage(QWidget):
    """Open a file, one of the recent ones, or a sample. Pictures come one by one once the page is seen."""

    open_requested = Signal()
    chosen = Signal(object)  # Path
    forgotten = Signal(object)  # Path to take off the recent files

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="start-page")
        self._waiting: list[QStandardItem] = []  # cards whose file has not been looked at yet
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._look_at_next)
        self.open_button = QPushButton(icon("open"), " Open…", objectName="start-open",
                                       toolTip="Open a photograph or a project (Ctrl+O)")
        self.open_button.setProperty("primary", True)
        self.open_button.clicked.connect(lambda: self.open_requested.emit())
        self._recent_title = _section("Recent")
        self.recent = self._gallery("recent-files", "Recent files")
        self.recent.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.recent.customContextMenuRequested.connect(self._show_menu)
        self._samples_title = _section("Sample photographs")
        self.samples = self._gallery("sample-photographs", "Sample photographs")
        self._lay_out()
        self._add_samples()
        self.set_recent(())

    def set_recent(self, paths: Iterable[Path]) -> None:
        """The recent files, latest first. Those that are gone are shown grey, once that has been found out."""
        self._waiting = [card for card in self._waiting if card.model() is self.samples.cards]
        self.recent.cards.clear()
        for path in paths:
            name = "project" if path.suffix.lower() == ".ora" else "photo"
            self._waiting.append(self.recent.add_card(path.name, str(path), path, name))
        shown = self.recent.cards.rowCount() > 0
        self.recent.setVisible(shown)
        self._recent_title.setVisible(shown)
        self.recent.fit_height()
        if self.isVisible():
            self._next.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._next.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._next.stop()

    def _gallery(self, name: str, accessible: str) -> CardView:
        gallery = CardView(_PICTURE, name, self, whole=True)
        gallery.setAccessibleName(accessible)
        gallery.setFrameShape(QFrame.Shape.NoFrame)
        gallery.clicked.connect(self._choose)
        gallery.activated.connect(self._choose)
        return gallery

    def _lay_out(self) -> None:
        picture = QLabel()
        picture.setPixmap(application_icon().pixmap(QSize(72, 72), self.devicePixelRatioF()))
        title = QLabel("Pentimento", objectName="start-title")
        words = QLabel("Paint over what should go, press Enter, pick the best of what comes.", objectName="start-words")
        words.setProperty("muted", True)
        hint = QLabel("or drop a photograph anywhere here, or paste one with Ctrl+Shift+V")
        hint.setProperty("muted", True)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        names.addWidget(title)
        names.addWidget(words)
        names.addStretch(1)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)  # in line with the cards' pictures
        head.setSpacing(18)
        head.addWidget(picture)
        head.addLayout(names, 1)
        opening = QHBoxLayout()
        opening.setContentsMargins(8, 0, 0, 0)
        opening.setSpacing(14)
        opening.addWidget(self.open_button)
        opening.addWidget(hint, 1)
        column = QWidget()
        column.setMaximumWidth(_WIDTH)
        rows = QVBoxLayout(column)
        rows.setContentsMargins(14, 28, 14, 20)
        rows.setSpacing(6)
        rows.addStretch(1)
        rows.addLayout(head)
        rows.addSpacing(12)
        rows.addLayout(opening)
        for part in (self._recent_title, self.recent, self._samples_title, self.samples):
            rows.addWidget(part)
        rows.addStretch(2)
        middle = QWidget()
        centred = QHBoxLayout(middle)
        centred.setContentsMargins(0, 0, 0, 0)
        centred.addStretch(1)
        centred.addWidget(column, 1000)
        centred.addStretch(1)
        scroll = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame, objectName="start-scroll",
                             horizontalScrollBarPolicy=Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has the focus, and is scrolled to
        scroll.setWidget(middle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)

    def _add_samples(self) -> None:
        package = importlib.util.find_spec("skimage")  # not imported: that would take a second
        folder = Path(package.origin).parent / "data" if package and package.origin else Path()
        for name, title in SAMPLES.items():
            if (folder / name).is_file():
                self._waiting.append(self.samples.add_card(title, f"{title}\nfrom scikit-image", folder / name))
        self._samples_title.setVisible(self.samples.cards.rowCount() > 0)
        self.samples.fit_height()

    def _look_at_next(self) -> None:
        """One card's file, then the event loop again."""
        if not self._waiting:
            return
        card = self._waiting.pop(0)
        path = card.data(VALUE)
        if card.model() is self.samples.cards:
            # The program's own files: nothing in them can do harm.
            card.setData(QImageReader(str(path)).read(), IMAGE)
        elif path.is_file():
            card.setData(thumbnail_cache.load(path), IMAGE)
        else:
            card.setEnabled(False)
            card.setToolTip(f"{path}\nis no longer there")
        self._next.start()

    def _choose(self, index: QModelIndex) -> None:
        if index.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.chosen.emit(index.data(VALUE))

    def _show_menu(self, place: QPoint) -> None:
        index = self.recent.indexAt(place)
        if index.isValid():
            path = index.data(VALUE)
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Remove from this list", lambda: self.forgotten.emit(path))
            menu.popup(self.recent.viewport().mapToGlobal(place))


def _section(words: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("section", True)
    return label
