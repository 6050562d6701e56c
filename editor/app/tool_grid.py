"""The buttons of the tools at the left: in groups, in as many columns as the window's height asks for."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from editor.app.theme import SUNKEN

GROUPS = (
    ("hand", "zoom"),
    ("mask-brush", "mask-eraser", "lasso", "marquee", "scissors", "wand", "smart-select",
     "damage-finder"),
    ("sketch-pen", "sketch-eraser", "colour-stroke", "colour-eraser", "source-brush"),
    ("paint-brush", "eraser", "clone-stamp", "healing-brush", "eyedropper"),
)
"""Tools by name; those that are in none of these make the last group."""

_ICON = 20  # logical pixels
_GAP = 9  # between groups
_APART = 2


class ToolGrid(QWidget):
    """A tool and its eraser stand side by side where there are two columns."""

    def __init__(self, actions: Sequence[tuple[str, QAction]], parent: QWidget | None = None):
        """``actions`` by the tools' names, in their order."""
        super().__init__(parent, objectName="tool-grid")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        buttons = {name: self._button(name, action) for name, action in actions}
        grouped = {name for group in GROUPS for name in group}
        groups = [[buttons[name] for name in group if name in buttons] for group in GROUPS]
        groups.append([button for name, button in buttons.items() if name not in grouped])
        self._groups = [group for group in groups if group]
        self._side = max(max(button.sizeHint().width(), button.sizeHint().height()) for button in buttons.values())
        self._lines: list[QRect] = []
        self._columns = 0
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(self._width(self._columns), self._height(self._columns))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width(self._columns), self._side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for line in self._lines:
            painter.fillRect(line, SUNKEN)

    def _button(self, name: str, action: QAction) -> QToolButton:
        button = QToolButton(self, objectName=f"tool-{name}", autoRaise=True, focusPolicy=Qt.FocusPolicy.TabFocus)
        button.setDefaultAction(action)
        button.setIconSize(QSize(_ICON, _ICON))
        return button

    def _width(self, columns: int) -> int:
        return columns * (self._side + _APART) - _APART

    def _height(self, columns: int) -> int:
        rows = sum(-(-len(group) // columns) for group in self._groups)
        return rows * (self._side + _APART) + (len(self._groups) - 1) * _GAP

    def _arrange(self) -> None:
        """As few columns as find room; beyond that of the largest group more would be of no use."""
        most = max(len(group) for group in self._groups)
        columns = next((count for count in range(1, most) if self._height(count) <= self.height()), most)
        if columns != self._columns:
            self._columns = columns
            self.setFixedWidth(self._width(columns))
            self.updateGeometry()
        step, top = self._side + _APART, 0
        self._lines = []
        for group in self._groups:
            if top:
                self._lines.append(QRect(2, top + _GAP // 2 - 1, self._width(columns) - 4, 2))
                top += _GAP
            for number, button in enumerate(group):
                button.setGeometry(number % columns * step, top + number // columns * step, self._side, self._side)
            top += -(-len(group) // columns) * step
        self.update()
