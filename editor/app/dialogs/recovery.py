"""Work that a killed session left behind."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from editor.app.icons import icon
from editor.storage.recovery import RecoverableSession


class RecoveryDialog(QDialog):
    """Recover all or one, throw one away, or decide later (Esc). Closes when nothing is left to decide."""

    recover = Signal(object)  # tuple of Path: the sessions' folders
    discard = Signal(object)  # Path

    def __init__(self, sessions: Sequence[RecoverableSession], parent: QWidget | None = None):
        super().__init__(parent, objectName="recovery")
        self.setWindowTitle("Recover work")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(480, 320)
        words = QLabel("Pentimento did not end as it should the last time. This work was kept:", wordWrap=True)
        self.list = QListWidget(objectName="recovery-list")
        self.list.setAccessibleName("Work to recover")
        for session in sorted(sessions, key=lambda one: one.when, reverse=True):
            item = QListWidgetItem(icon("photo"), f"{session.name}\n{session.when:%d %B %Y, %H:%M} · "
                                   f"{session.steps} {'step' if session.steps == 1 else 'steps'}")
            item.setData(Qt.ItemDataRole.UserRole, session.folder)
            item.setToolTip("Double-click or Enter recovers it")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        several = len(sessions) > 1
        self.recover_button = self._button("Recover", "recovery-recover", "Open this work" + " (Enter)" * (not several))
        self.all_button = self._button("Recover all", "recovery-all", "Open all of it, each in a tab (Enter)")
        self.all_button.setVisible(several)
        self.discard_button = self._button("Discard", "recovery-discard", "Throw this work away")
        later = self._button("Later", "recovery-later", "Keep it and ask again at the next start (Esc)")
        first = self.all_button if several else self.recover_button
        first.setDefault(True)
        first.setProperty("primary", True)
        self.all_button.clicked.connect(self._recover_all)
        self.recover_button.clicked.connect(self._recover)
        self.discard_button.clicked.connect(self._discard)
        self.list.itemActivated.connect(self._recover)
        later.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(self.discard_button)
        buttons.addStretch(1)
        buttons.addWidget(later)
        buttons.addWidget(self.recover_button)
        buttons.addWidget(self.all_button)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self.list)
        layout.addLayout(buttons)

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        return QPushButton(text, objectName=name, toolTip=tip, autoDefault=False)

    def _folder(self) -> Path:
        return self.list.currentItem().data(Qt.ItemDataRole.UserRole)

    def _recover(self) -> None:
        self.recover.emit((self._folder(),))
        self._done()

    def _recover_all(self) -> None:
        self.recover.emit(tuple(self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count())))
        self.accept()

    def _discard(self) -> None:
        self.discard.emit(self._folder())
        self._done()

    def _done(self) -> None:
        """The present one has been decided on."""
        self.list.takeItem(self.list.currentRow())
        if not self.list.count():
            self.accept()
