"""The user guide, with the keys as they are now."""

import re
from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QTextBrowser, QVBoxLayout, QWidget

from editor.app.icons import RESOURCES

_KEYS = re.compile(r"\[\[([\w-]+)\]\]")  # stands for the keys of the action with that name


class GuideDialog(QDialog):
    """Stays open beside the window, so that one can try what one reads."""

    def __init__(self, keys: Mapping[str, str], parent: QWidget | None = None):
        """``keys`` of each action, as they are to be read; "" where it has none."""
        super().__init__(parent, objectName="guide")
        self.setWindowTitle("Guide")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 720)
        self.text = QTextBrowser(objectName="guide-text", frameShape=QFrame.Shape.NoFrame)
        self.text.setAccessibleName("Guide")
        self.text.setMarkdown(with_keys((RESOURCES / "guide.md").read_text(encoding="utf-8"), keys))
        self.text.document().setDocumentMargin(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)


def with_keys(markdown: str, keys: Mapping[str, str]) -> str:
    """Each ``[[action]]`` as its keys, in bold; raises KeyError for an action that is not there."""
    return _KEYS.sub(lambda found: f"**{_escaped(keys[found[1]] or 'the menu')}**", markdown)


def _escaped(keys: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>])", r"\\\1", keys)
