"""Dialogs that ask for a file."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QSplitter, QWidget


def file_dialog(parent: QWidget, title: str, name: str, folder: Path) -> QFileDialog:
    """One with the objectName ``name`` that begins in ``folder``."""
    dialog = QFileDialog(parent, title, str(folder))
    dialog.setObjectName(name)
    dialog.setOption(QFileDialog.Option.HideNameFilterDetails)
    for splitter in dialog.findChildren(QSplitter):  # where it is Qt's own: names of places must not be cut
        dialog.resize(820, 520)
        splitter.setSizes([130, 690])
    return dialog


def ask(dialog: QFileDialog, use: Callable[[Path], object]) -> None:
    """Open it; ``use`` what is chosen. It is gone afterwards."""
    dialog.fileSelected.connect(lambda name: use(Path(name)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
