"""The options that the chosen tool declares, as controls in a row."""

from dataclasses import fields

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from editor.app.panels.setting_controls import Control, control_for, title_of
from editor.app.tools.options import Action
from editor.app.tools.tool import Tool


class OptionRow(QWidget):
    """Empty for a tool without ``Options``. A control's objectName is ``option-`` and the field's name, a button's
    ``action-`` and the action's."""

    used = Signal()  # a choice has been made: the keyboard is wanted elsewhere again

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="option-row")
        self._tool: Tool | None = None
        self._controls: dict[str, Control] = {}
        self._buttons: dict[Action, QPushButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)

    def follow(self, tool: Tool) -> None:
        """Show another tool's options."""
        if tool is self._tool:
            return
        if self._controls:
            self._tool.options_changed.disconnect(self._show)
        if self._buttons:
            self._tool.actions_changed.disconnect(self._show_buttons)
        # Its own children only: a number's field without the line that it types into takes the program down.
        for widget in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            widget.setParent(None)
            widget.deleteLater()
        self._tool, self._controls, self._buttons = tool, {}, {}
        if hasattr(tool, "options"):
            for field in fields(tool.Options):
                self._add(field)
            tool.options_changed.connect(self._show)
        if hasattr(tool, "actions"):
            for action in tool.actions:
                self._add_button(action)
            tool.actions_changed.connect(self._show_buttons)
            self._show_buttons()
        self.setVisible(bool(self._controls))

    def _add(self, field) -> None:
        title = title_of(field)
        control = control_for(field, getattr(self._tool.options, field.name),
                              lambda value, name=field.name: self._take(name))
        widget = control.widget
        widget.setObjectName(f"option-{field.name}")
        widget.setAccessibleName(title)
        if isinstance(widget, QCheckBox):
            widget.setText(title)
        else:
            label = QLabel(title, self)
            label.setBuddy(widget)
            self._row.addWidget(label)
        if isinstance(widget, QComboBox):
            widget.activated.connect(lambda: self.used.emit())
        elif hasattr(widget, "setKeyboardTracking"):
            widget.setKeyboardTracking(False)
        self._row.addWidget(widget)
        self._controls[field.name] = control

    def _add_button(self, action: Action) -> None:
        button = QPushButton(action.title, self, objectName=f"action-{action.name}", toolTip=action.help)
        button.clicked.connect(lambda: self._press(action))
        self._row.addWidget(button)
        self._buttons[action] = button

    def _press(self, action: Action) -> None:
        getattr(self._tool, action.name)()
        self.used.emit()

    def _show_buttons(self) -> None:
        for action, button in self._buttons.items():
            button.setEnabled(self._tool.busy or not action.while_busy)

    def _take(self, name: str) -> None:
        self._tool.set_options(**{name: self._controls[name].read()})

    def _show(self) -> None:
        for name, control in self._controls.items():
            with QSignalBlocker(control.widget):
                control.write(getattr(self._tool.options, name))
